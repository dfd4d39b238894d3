import SiamData
import SiamTensor

/// Products, convolutions, pooling and normalisation: the nodes that become stages with weights.
extension Translator {
    // MARK: Dense

    func gemm(_ node: OnnxNode) throws {
        guard node.integer("transA", 0) == 0 else { throw refused(node, "its left side is transposed") }
        let b = try weight(node, 1, "matrix")
        guard b.dims.count == 2 else { throw refused(node, "its matrix has \(b.dims.count) axes") }
        var w = try b.tensor()
        if node.integer("transB", 0) != 0 { w = try w.turned([1, 0]) }
        let alpha = node.float("alpha", 1)
        if alpha != 1 { w = try w.mapped { $0 * alpha } }
        var bias: Tensor?
        var named = [b.source.name]
        if node.has(2) {
            let c = try weight(node, 2, "bias")
            let beta = node.float("beta", 1)
            bias = try biasVector(node, c, w.shape[1])
            if beta != 1 { bias = try bias?.mapped { $0 * beta } }
            named.append(c.source.name)
        }
        try dense(node, try value(node, 0), w, bias, named)
    }

    private func biasVector(_ node: OnnxNode, _ c: Constant, _ units: Int) throws -> Tensor {
        let t = try c.tensor()
        if t.count == 1 { return try Tensor.full(.vector(units), t.item) }
        guard t.count == units, t.shape[-1] == units else {
            throw refused(node, "its bias is \(t.shape), and a vector of \(units) was expected")
        }
        return try t.reshaped(to: .vector(units))
    }

    func matmul(_ node: OnnxNode) throws {
        guard let c = try constant(node, 1), c.dims.count == 2, case .value(let v) = try item(node, 0) else {
            return try product(node)
        }
        let w = try c.tensor()
        var bias: Tensor?
        var named = [c.source.name]
        var last = node
        // A following addition of one number per unit is the bias, if no other node reads the value before it.
        if let k = onlyReader(node), model.graph.nodes[k].op == "Add", model.graph.nodes[k].inputs.count == 2 {
            let add = model.graph.nodes[k]
            let other = add.inputs[0] == node.outputs.first ? 1 : 0
            if let b = try? constant(add, other), b.source.dims.last == w.shape[1],
                try constants.count(b.source) == w.shape[1]
            {
                bias = try biasVector(add, b, w.shape[1])
                named.append(b.source.name)
                absorbed.insert(k)
                last = add
            }
        }
        try dense(node, v, w, bias, named, result: last)
    }

    private func dense(
        _ node: OnnxNode, _ v: ImportedValue, _ w: Tensor, _ bias: Tensor?, _ named: [String], result: OnnxNode? = nil
    ) throws {
        var (v, w) = (v, w)
        if case .rows(let c, let h, let width) = v.layout {
            w = try w.rowsTurned(c, h, width)
        } else if v.layout != .plain {
            v = plain(v)
        }
        guard let last = v.dims.last, last == .n(w.shape[0]) || last == .unknown else {
            throw refused(node, "its matrix is \(w.shape), and its input is \(described(v))")
        }
        let text = bias == nil ? "dense(\(w.shape[1]), bias = false)" : "dense(\(w.shape[1]))"
        var weights = [(slot: "w", tensor: w)]
        weights.append((slot: "b", tensor: try bias ?? Tensor.zeros(.vector(w.shape[1]))))
        let held = stage(
            node, "dense", text, v, v.dims.dropLast() + [.n(w.shape[1])], .plain, weights: weights, named: named)
        set(result ?? node, held)
    }

    /// A product of two values, or of a constant and a value.
    private func product(_ node: OnnxNode) throws {
        let (a, b) = (plain(try value(node, 0)), plain(try value(node, 1)))
        guard a.rank > 0, b.rank > 0 else { throw refused(node, "one side is a number") }
        guard a.rank > 1, b.rank > 1 else { throw refused(node, "one side has a single axis") }
        let outer = broadcast(Array(a.dims.dropLast(2)), Array(b.dims.dropLast(2)))
        set(node, emit("$0 @ $1", [a, b], outer + [a.dims[a.rank - 2], b.dims[b.rank - 1]]))
    }

    // MARK: Windows

    /// The parameters of a window along one axis of an image.
    struct WindowAxis {
        var kernel: Int
        var stride: Int
        var dilation: Int
        var before: Int
        var after: Int
        /// Lengths of the result.
        func out(_ n: Length, ceil: Bool = false) -> Length {
            guard let n = n.known else { return .unknown }
            let left = n + before + after - ((kernel - 1) * dilation + 1)
            guard left >= 0 else { return .n(0) }
            return .n((left + (ceil ? stride - 1 : 0)) / stride + 1)
        }
        var isSame: Bool {
            let total = (kernel - 1) * dilation
            return stride == 1 && before == total / 2 && after == total - total / 2
        }
        var isBare: Bool { before == 0 && after == 0 }
    }

    func reaches(_ node: OnnxNode, _ v: ImportedValue, kernel: [Int]) throws -> [WindowAxis] {
        let n = kernel.count
        let strides = node.integers("strides") ?? [Int](repeating: 1, count: n)
        let dilations = node.integers("dilations") ?? [Int](repeating: 1, count: n)
        var pads = node.integers("pads") ?? [Int](repeating: 0, count: 2 * n)
        guard strides.count == n, dilations.count == n, pads.count == 2 * n,
            (kernel + strides + dilations).allSatisfy({ $0 > 0 && $0 < 1 << 16 }),
            pads.allSatisfy({ $0 >= 0 && $0 < 1 << 16 })
        else { throw refused(node, "siam does not support its window, strides or padding") }
        let automatic = node.text("auto_pad", "NOTSET")
        if automatic == "VALID" { pads = [Int](repeating: 0, count: 2 * n) }
        if automatic.hasPrefix("SAME") {
            for k in 0..<n {
                guard let length = v.dims[k + 2].known else {
                    throw refused(node, "its padding depends on the size of the image, which the file does not give")
                }
                let out = (length + strides[k] - 1) / strides[k]
                let total = max(0, (out - 1) * strides[k] + (kernel[k] - 1) * dilations[k] + 1 - length)
                let small = total / 2
                pads[k] = automatic == "SAME_UPPER" ? small : total - small
                pads[k + n] = total - pads[k]
            }
        }
        return (0..<n).map {
            WindowAxis(
                kernel: kernel[$0], stride: strides[$0], dilation: dilations[$0], before: pads[$0], after: pads[$0 + n])
        }
    }

    /// An image with a margin; itself where there is none.
    private func margin(_ v: ImportedValue, _ r: [WindowAxis], _ value: String, _ name: String) -> ImportedValue {
        guard !r.allSatisfy(\.isBare) else { return v }
        let end = value == "0" ? "" : ", \(value)"
        let dims = [
            v.dims[0], v.dims[1], longer(v.dims[2], r[0].before + r[0].after),
            longer(v.dims[3], r[1].before + r[1].after),
        ]
        return emit(
            "pad($0, [0, 0, \(r[0].before), \(r[0].after), \(r[1].before), \(r[1].after), 0, 0]\(end))", [v], dims,
            .channelsLast, name: name)
    }
    private func longer(_ d: Length, _ by: Int) -> Length { d.known.map { .n($0 + by) } ?? d }

    func conv(_ node: OnnxNode) throws {
        let c = try weight(node, 1, "kernel")
        guard c.dims.count == 3 || c.dims.count == 4 else {
            throw refused(node, "its kernel has \(c.dims.count) axes; siam reads kernels for signals and images")
        }
        let isSignal = c.dims.count == 3
        var v = try value(node, 0)
        guard v.rank == c.dims.count else {
            throw refused(
                node, "its kernel is for \(c.dims.count - 2) spatial axes, and its input is \(described(v))")
        }
        let filters = c.dims[0]
        let groups = node.integer("group", 1)
        let isDepthwise = groups > 1 && c.dims[1] == 1 && filters % groups == 0
        guard groups == 1 || isDepthwise else {
            throw refused(node, "it has \(groups) groups; siam reads one group, or one per channel")
        }
        let channels = isDepthwise ? groups : c.dims[1]
        guard v.dims[1] == .n(channels) || v.dims[1] == .unknown else {
            throw refused(node, "its kernel is for \(channels) channels, and its input is \(described(v))")
        }
        var r = try reaches(node, v, kernel: Array(c.dims[2...]))
        let outs = r.indices.map { r[$0].out(v.dims[$0 + 2]) }
        guard !outs.contains(.n(0)) else { throw refused(node, "its window is larger than the image, \(described(v))") }
        if isSignal {
            r.insert(WindowAxis(kernel: 1, stride: 1, dilation: 1, before: 0, after: 0), at: 0)
            let lengths = [v.dims[0], v.dims[1], .n(1), v.dims[2]]
            v = emit("expand(transpose($0, [0, 2, 1]), 1)", [plain(v)], lengths, .channelsLast)
        }
        v = channelsLast(v)
        // out, in, height, width of the file are height, width, in, out of siam.
        let four = try c.tensor().reshaped(to: Shape([c.dims[0], c.dims[1], r[0].kernel, r[1].kernel]))
        var w = try four.turned([2, 3, 1, 0])
        if isDepthwise {
            w = try w.reshaped(to: Shape([r[0].kernel, r[1].kernel, groups, filters / groups]))
        }
        let isSame = r.allSatisfy(\.isSame)
        let plainWeights = [c.source.name] + (node.has(2) ? [node.inputs[2]] : [])
        let dims = [v.dims[0], .n(filters), isSignal ? .n(1) : outs[0], isSignal ? outs[0] : outs[1]]
        let b = node.has(2) ? try weight(node, 2, "bias").tensor() : try Tensor.zeros(.vector(filters))
        guard b.count == filters else { throw refused(node, "its bias is \(b.shape), and it has \(filters) filters") }
        let bias = try b.reshaped(to: .vector(filters))
        let isSquare =
            r[0].kernel == r[1].kernel && r[0].stride == r[1].stride && r[0].dilation == r[1].dilation
        var held: ImportedValue
        if isSquare {
            if !isSame { v = margin(v, r, "0", names.numbered("pad")) }
            var text =
                isDepthwise
                ? "depthwise(\(r[0].kernel)" + (filters == groups ? "" : ", multiplier = \(filters / groups)")
                : "conv(\(filters), \(r[0].kernel)"
            if r[0].stride != 1 { text += ", stride = \(r[0].stride)" }
            if !isSame { text += ", padding = \"valid\"" }
            if r[0].dilation != 1 { text += ", dilation = \(r[0].dilation)" }
            held = stage(
                node, isDepthwise ? "depthwise" : "conv", text + ")", v, dims, .channelsLast,
                weights: [("w", w), ("b", bias)], named: plainWeights)
        } else {
            if !isSame { v = margin(v, r, "0", names.numbered("pad")) }
            let named = names.stage(node, kind: "conv", weight: c.source.name)
            let kernel = own(node, c, w, "\(named)_w")
            var none = OnnxTensor()
            none.name = node.has(2) ? node.inputs[2] : ""
            let shift = own(node, Constant(none, isInitial: node.has(2), constants), bias, "\(named)_b")
            // One kernel a channel is a full one that is 0 between channels, as the layer depthwise has it.
            let full =
                isDepthwise
                ? "reshape(expand(%0, 2) * expand(eye(\(groups), \(groups)), 2), [\(r[0].kernel), \(r[1].kernel), \(groups), \(filters)])"
                : "%0"
            let text =
                "conv2d($0, \(full), %1, [\(r[0].stride), \(r[1].stride)], \"\(isSame ? "same" : "valid")\", [\(r[0].dilation), \(r[1].dilation)])"
            held = emit(text, [v], dims, .channelsLast, owns: [kernel, shift], name: named)
        }
        if isSignal {
            held = emit("transpose(squeeze($0, axis = 1), [0, 2, 1])", [held], [dims[0], dims[1], dims[3]])
        }
        set(node, held)
    }

    func pool(_ node: OnnxNode) throws {
        guard let kernel = node.integers("kernel_shape"), kernel.count == 2 else {
            throw refused(node, "it has no window over height and width")
        }
        guard node.outputs.count == 1 || node.outputs.dropFirst().allSatisfy({ readers[$0] == nil }) else {
            throw refused(node, "the indices of its maxima are used")
        }
        var v = channelsLast(try value(node, 0))
        guard v.rank == 4 else { throw refused(node, "its input is not an image: \(described(v))") }
        var r = try reaches(node, v, kernel: kernel)
        guard r.allSatisfy({ $0.dilation == 1 }) else { throw refused(node, "its window is dilated") }
        let isMax = node.op == "MaxPool"
        if node.integer("ceil_mode", 0) != 0 {
            for k in r.indices {
                guard let n = v.dims[k + 2].known else {
                    throw refused(node, "it rounds the output size up, and the size of the image is unknown")
                }
                let spare = n + r[k].before + r[k].after - r[k].kernel
                let missing = (r[k].stride - spare % r[k].stride) % r[k].stride
                guard missing > 0, spare >= 0 else { continue }
                // A window that would begin in the margin behind is left out.
                if spare + missing >= n + r[k].before { continue }
                guard isMax else { throw refused(node, "it averages over windows that reach outside the image") }
                r[k].after += missing
            }
        }
        let dims = [v.dims[0], v.dims[1], r[0].out(v.dims[2]), r[1].out(v.dims[3])]
        guard dims[2] != .n(0), dims[3] != .n(0) else {
            throw refused(node, "its window is larger than the image, \(described(v))")
        }
        let isSquare = r[0].kernel == r[1].kernel && r[0].stride == r[1].stride
        let word = isMax ? "maxpool" : "avgpool"
        func window(_ x: String) -> String {
            "\(word)2d(\(x), [\(r[0].kernel), \(r[1].kernel)], [\(r[0].stride), \(r[1].stride)])"
        }
        if !isMax, node.integer("count_include_pad", 0) == 0, !r.allSatisfy(\.isBare) {
            let widths = "[0, 0, \(r[0].before), \(r[0].after), \(r[1].before), \(r[1].after), 0, 0]"
            let text = "\(window("pad($0, \(widths))")) / \(window("pad(0 * $0 + 1, \(widths))"))"
            return set(node, emit(text, [v], dims, .channelsLast, name: names.stage(node, kind: word)))
        }
        v = margin(v, r, isMax ? "-3.4e38" : "0", names.numbered("pad"))
        guard isSquare else {
            return set(node, emit(window("$0"), [v], dims, .channelsLast, name: names.stage(node, kind: word)))
        }
        let text =
            r[0].stride == r[0].kernel ? "\(word)(\(r[0].kernel))" : "\(word)(\(r[0].kernel), stride = \(r[0].stride))"
        set(node, stage(node, word, text, v, dims, .channelsLast))
    }

    func globalPool(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let word = node.op == "GlobalMaxPool" ? "global_maxpool" : "globalpool"
        if v.rank == 3 {
            let f = node.op == "GlobalMaxPool" ? "max" : "mean"
            return set(node, emit("\(f)($0, axis = 2, keep = true)", [plain(v)], [v.dims[0], v.dims[1], .n(1)]))
        }
        guard v.rank == 4 else { throw refused(node, "its input is not an image: \(described(v))") }
        let held = stage(
            node, word, word, channelsLast(v), [v.dims[0], v.dims[1], .n(1), .n(1)], .squeezed)
        set(node, held)
    }

    // MARK: Normalisation

    func batchNorm(_ node: OnnxNode) throws {
        guard node.integer("training_mode", 0) == 0 else { throw refused(node, "it was exported in training mode") }
        var v = try value(node, 0)
        guard v.rank >= 2 else { throw refused(node, "its input has \(v.rank) axes") }
        let slots = ["scale", "shift", "running_mean", "running_var"]
        let weights = try slots.enumerated().map { k, slot in
            (slot: slot, tensor: try weight(node, k + 1, slot).tensor())
        }
        let width = weights[0].tensor.count
        guard weights.allSatisfy({ $0.tensor.rank == 1 && $0.tensor.count == width }),
            v.dims[1] == .n(width) || v.dims[1] == .unknown
        else { throw refused(node, "its parameters are for \(width) channels, and its input is \(described(v))") }
        if case .rows = v.layout { v = plain(v) }
        var text = "batchnorm("
        let momentum = node.float("momentum", 0.9)
        let eps = node.float("epsilon", 1e-5)
        if momentum != 0.9 { text += "momentum = \(written(momentum))" }
        if eps != 1e-5 { text += (momentum != 0.9 ? ", " : "") + "eps = \(written(eps))" }
        text += ")"
        let isSignal = v.rank == 3
        if v.rank == 4, v.layout == .plain { v = channelsLast(v) }
        if isSignal { v = emit("transpose($0, [0, 2, 1])", [v], [v.dims[0], v.dims[2], v.dims[1]]) }
        guard v.rank <= 4 else { throw refused(node, "its input has \(v.rank) axes") }
        var held = stage(
            node, "batchnorm", text, v, v.dims, v.layout, weights: weights, named: (1...4).map { node.inputs[$0] })
        if isSignal { held = emit("transpose($0, [0, 2, 1])", [held], [v.dims[0], v.dims[2], v.dims[1]]) }
        set(node, held)
    }

    func layerNorm(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let k = try axis(node, node.integer("axis", -1), v.rank)
        guard k == v.rank - 1 else {
            throw refused(node, "it normalises over \(v.rank - k) axes; siam reads it for the last one only")
        }
        let scale = try weight(node, 1, "scale")
        let shift =
            node.has(2) ? try weight(node, 2, "shift").tensor() : try Tensor.zeros(.vector(scale.dims.last ?? 1))
        guard scale.dims.count == 1, shift.count == scale.dims[0], shift.rank == 1 else {
            throw refused(node, "its scale and shift are not vectors of the same length")
        }
        let eps = node.float("epsilon", 1e-5)
        let held = plain(v)
        set(
            node,
            stage(
                node, "layernorm", eps == 1e-5 ? "layernorm()" : "layernorm(\(written(eps)))", held, held.dims, .plain,
                weights: [("scale", try scale.tensor()), ("shift", shift)],
                named: [scale.source.name, node.has(2) ? node.inputs[2] : ""]))
    }

    func instanceNorm(_ node: OnnxNode) throws {
        var v = try value(node, 0)
        guard v.rank == 3 || v.rank == 4 else { throw refused(node, "its input has \(v.rank) axes") }
        let (scale, shift) = (try weight(node, 1, "scale"), try weight(node, 2, "shift"))
        guard scale.dims.count == 1, shift.dims == scale.dims else {
            throw refused(node, "its scale and shift are not vectors of the same length")
        }
        let eps = node.float("epsilon", 1e-5)
        let isSignal = v.rank == 3
        if isSignal {
            v = emit("transpose($0, [0, 2, 1])", [plain(v)], [v.dims[0], v.dims[2], v.dims[1]])
        } else {
            v = channelsLast(v)
        }
        var held = stage(
            node, "instancenorm", eps == 1e-5 ? "instancenorm()" : "instancenorm(\(written(eps)))", v, v.dims, v.layout,
            weights: [("scale", try scale.tensor()), ("shift", try shift.tensor())],
            named: [scale.source.name, shift.source.name])
        if isSignal { held = emit("transpose($0, [0, 2, 1])", [held], [v.dims[0], v.dims[2], v.dims[1]]) }
        set(node, held)
    }
}
