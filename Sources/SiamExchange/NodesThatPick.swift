import SiamData
import SiamTensor

/// Nodes that pick and join elements, and those that reduce axes.
extension Translator {
    // MARK: Picking and joining

    func concat(_ node: OnnxNode) throws {
        guard !node.inputs.isEmpty else { throw refused(node, "it has no inputs to join") }
        let parts = try node.inputs.indices.map { try item(node, $0) }
        if parts.contains(where: { if case .lengths = $0 { true } else { false } }) {
            var all: [Length] = []
            for k in parts.indices {
                guard let (l, _) = try lengths(node, k) else { throw refused(node, "it joins shapes with values") }
                all += l
            }
            guard all.count < 1 << 16 else { throw refused(node, "it joins more lengths than a shape can have") }
            return set(node, .lengths(all, isScalar: false))
        }
        var held = try node.inputs.indices.map { try value(node, $0) }
        let isImage = held.allSatisfy { $0.rank == 4 } && held.contains { $0.layout == .channelsLast }
        held = held.map { isImage ? channelsLast($0) : plain($0) }
        let k = try axis(node, node.integer("axis", 0), held[0].rank)
        guard held.allSatisfy({ $0.rank == held[0].rank }) else {
            throw refused(node, "its inputs differ in their number of axes")
        }
        var dims = held[0].dims
        let along = held.map { $0.dims[k] }
        if let known = sum(along) { dims[k] = .n(known) } else { dims[k] = held.count == 1 ? along[0] : .unknown }
        let list = held.indices.map { "$\($0)" }.joined(separator: ", ")
        set(
            node,
            emit("concatenate(\(list), axis = \(axis(k, of: held[0])))", held, dims, isImage ? .channelsLast : .plain))
    }
    private func sum(_ l: [Length]) -> Int? {
        let known = l.compactMap(\.known)
        return known.count == l.count ? known.reduce(0, &+) : nil
    }

    func slice(_ node: OnnxNode) throws {
        let isOld = node.integers("starts") != nil
        func list(_ i: Int, _ name: String) throws -> [Int]? { try wholes(node, isOld ? 99 : i, or: name) }
        guard let starts = try list(1, "starts"), let ends = try list(2, "ends"), starts.count == ends.count else {
            throw refused(node, "its starts or ends are missing")
        }
        let axes = try list(3, "axes") ?? Array(starts.indices)
        let steps = try list(4, "steps") ?? [Int](repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
            throw refused(node, "the number of its axes or steps differs from the number of its starts")
        }
        if let (l, _) = try lengths(node, 0), case .lengths = try item(node, 0) {
            guard axes == [0] else { throw refused(node, "it slices a shape along another axis") }
            let places = Translator.places(starts[0], ends[0], steps[0], l.count)
            return set(node, .lengths(places.map { l[$0] }, isScalar: false))
        }
        if case .table(let l, let columns) = try item(node, 0), columns > 0 {
            guard axes == [0] else { throw refused(node, "it slices a table of lengths along another axis") }
            let rows = Translator.places(starts[0], ends[0], steps[0], l.count / columns)
            return set(node, .table(rows.flatMap { l[($0 * columns)..<(($0 + 1) * columns)] }, columns: columns))
        }
        var v = try value(node, 0)
        if v.layout != .channelsLast { v = plain(v) }
        for (j, given) in axes.enumerated() {
            let k = try axis(node, given, v.rank)
            let place = axis(k, of: v)
            var dims = v.dims
            if steps[j] == 1, v.dims[k].known == nil {
                guard k > 0 || starts[j] != 0 || ends[j] < Int(Int32.max) else { continue }
                let end = ends[j] >= Int(Int32.max) ? "" : "\(ends[j])"
                dims[k] = .unknown
                v = emit(cut("\(starts[j])..\(end)", place), [v], dims, v.layout, isWhole: v.isWhole)
                continue
            }
            guard let n = v.dims[k].known, n < 1 << 20 else {
                throw refused(node, "it has a step along an axis of unknown length")
            }
            let places = Translator.places(starts[j], ends[j], steps[j], n)
            if places == Array(0..<n) { continue }
            dims[k] = .n(places.count)
            if steps[j] == 1, let first = places.first {
                v = emit(cut("\(first)..\(first + places.count)", place), [v], dims, v.layout, isWhole: v.isWhole)
            } else {
                guard !places.isEmpty, places.count <= 4096 else {
                    throw refused(node, "it selects \(places.count) elements")
                }
                let text = "gather($0, [\(places.map(String.init).joined(separator: ", "))], axis = \(place))"
                v = emit(text, [v], dims, v.layout, isWhole: v.isWhole)
            }
        }
        set(node, v)
    }
    private func cut(_ range: String, _ axis: Int) -> String {
        "$0[\(String(repeating: ".., ", count: axis))\(range)]"
    }
    /// The places that a slice takes along an axis of the given length.
    static func places(_ start: Int, _ end: Int, _ step: Int, _ n: Int) -> [Int] {
        func clamped(_ x: Int, _ low: Int, _ high: Int) -> Int {
            let y = x < 0 ? x &+ n : x
            return min(max(y, low), high)
        }
        if step > 0 { return Array(stride(from: clamped(start, 0, n), to: clamped(end, 0, n), by: step)) }
        guard step > Int.min / 2 else { return [] }
        return Array(stride(from: clamped(start, 0, n - 1), to: clamped(end, -1, n - 1), by: step))
    }

    func split(_ node: OnnxNode) throws {
        var v = try value(node, 0)
        if v.layout != .channelsLast { v = plain(v) }
        let k = try axis(node, node.integer("axis", 0), v.rank)
        guard let n = v.dims[k].known else { throw refused(node, "it splits an axis of unknown length") }
        let many = max(node.outputs.count, 1)
        let each = (n + many - 1) / many
        let sizes =
            try wholes(node, 1, or: "split") ?? (0..<many).map { min(each, max(n - $0 * each, 0)) }
        guard sizes.count == node.outputs.count, sizes.allSatisfy({ $0 >= 0 && $0 <= n }), sizes.reduce(0, +) == n
        else {
            throw refused(node, "its parts \(sizes) do not add up to \(n)")
        }
        var at = 0
        for (j, size) in sizes.enumerated() {
            var dims = v.dims
            dims[k] = .n(size)
            if readers[node.outputs[j]] != nil {
                set(node, emit(cut("\(at)..\(at + size)", axis(k, of: v)), [v], dims, v.layout), j)
            }
            at += size
        }
    }

    func gather(_ node: OnnxNode) throws {
        guard node.op == "Gather" else { throw refused(node, "only Gather of whole rows is read") }
        if let (l, _) = try lengths(node, 0), case .lengths = try item(node, 0) {
            guard let (places, isScalar) = try lengths(node, 1) else {
                throw refused(node, "its index is computed")
            }
            let picked = try places.map { p -> Length in
                guard let given = p.known, case let k = given < 0 ? given + l.count : given, l.indices.contains(k)
                else {
                    throw refused(node, "its index is outside a shape of \(l.count)")
                }
                return l[k]
            }
            return set(node, .lengths(picked, isScalar: isScalar))
        }
        // Rows of a table by whole numbers that come in: an embedding.
        if let table = try constant(node, 0), case .value(let places) = try item(node, 1), table.dims.count == 2,
            node.integer("axis", 0) == 0
        {
            let w = try table.tensor()
            let held = plain(places)
            return set(
                node,
                stage(
                    node, "embedding", "embedding(\(w.shape[0]), \(w.shape[1]))", held, held.dims + [.n(w.shape[1])],
                    .plain, weights: [("w", w)], named: [table.source.name]))
        }
        let v = plain(try value(node, 0))
        let k = try axis(node, node.integer("axis", 0), v.rank)
        if let (places, isScalar) = try lengths(node, 1) {
            let known = places.compactMap(\.known)
            guard known.count == places.count else { throw refused(node, "its index is computed") }
            var dims = v.dims
            if isScalar, let one = known.first {
                dims.remove(at: k)
                let text = "$0[\(String(repeating: ".., ", count: k))\(one)]"
                return set(node, emit(text, [v], dims, name: names.stage(node, kind: "gather"), isWhole: v.isWhole))
            }
            guard !known.isEmpty, known.count <= 4096 else { throw refused(node, "it selects \(known.count) elements") }
            let n = v.dims[k].known
            let shown = try known.map { p -> Int in
                guard p < 0 else { return p }
                guard let n else { throw refused(node, "it counts from the end of an axis of unknown length") }
                return p + n
            }
            dims[k] = .n(known.count)
            let text = "gather($0, [\(shown.map(String.init).joined(separator: ", "))], axis = \(k))"
            return set(node, emit(text, [v], dims, name: names.stage(node, kind: "gather"), isWhole: v.isWhole))
        }
        let places = plain(try value(node, 1))
        guard places.rank + v.rank - 1 <= Shape.maximumRank else {
            throw refused(node, "the result has more than 8 axes")
        }
        let dims = Array(v.dims[..<k]) + places.dims + Array(v.dims[(k + 1)...])
        set(node, emit("gather($0, $1, axis = \(k))", [v, places], dims, isWhole: v.isWhole))
    }

    func pad(_ node: OnnxNode) throws {
        guard node.text("mode", "constant") == "constant" else {
            throw refused(node, "its padding mode is \(node.text("mode", "")); only constant padding can be read")
        }
        var v = try value(node, 0)
        guard let widths = try wholes(node, 1, or: "pads") else { throw refused(node, "its widths are missing") }
        let fill = try number(node, 2, or: "value") ?? 0
        let axes = try wholes(node, 3, or: "axes")?.map { try axis(node, $0, v.rank) } ?? Array(0..<v.rank)
        guard widths.count == 2 * axes.count, widths.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }) else {
            throw refused(node, "its widths are \(widths)")
        }
        if widths.allSatisfy({ $0 == 0 }) { return set(node, v) }
        if v.layout != .channelsLast { v = plain(v) }
        var sides = [(Int, Int)](repeating: (0, 0), count: v.rank)
        var dims = v.dims
        for (j, k) in axes.enumerated() {
            let pair = (widths[j], widths[j + axes.count])
            sides[axis(k, of: v)] = pair
            dims[k] = dims[k].known.map { .n($0 + pair.0 + pair.1) } ?? .unknown
        }
        let list = sides.map { "\($0.0), \($0.1)" }.joined(separator: ", ")
        set(
            node,
            emit(
                "pad($0, [\(list)]\(fill == 0 ? "" : ", \(written(fill))"))", [v], dims, v.layout,
                name: names.stage(node, kind: "pad")))
    }

    // MARK: Reductions

    func reduce(_ node: OnnxNode) throws {
        var v = try value(node, 0)
        let keeps = node.integer("keepdims", 1) != 0
        let given = try wholes(node, 1, or: "axes") ?? []
        if given.isEmpty, node.integer("noop_with_empty_axes", 0) != 0 { return set(node, v) }
        let axes = given.isEmpty ? Array(0..<v.rank) : try given.map { try axis(node, $0, v.rank) }.sorted()
        // The mean over height and width has a stage of its own.
        if v.layout == .channelsLast, axes == [2, 3], node.op == "ReduceMean" || node.op == "ReduceMax" {
            let word = node.op == "ReduceMax" ? "global_maxpool" : "globalpool"
            let dims = keeps ? [v.dims[0], v.dims[1], .n(1), .n(1)] : [v.dims[0], v.dims[1]]
            return set(node, stage(node, word, word, v, dims, keeps ? .squeezed : .plain))
        }
        if node.op == "ReduceL2", keeps, axes.count == 1, let end = unitLength(node) {
            let held = v.layout == .squeezed && axes[0] > 1 ? plain(v) : v
            let place = axis(axes[0], of: held)
            let isLast = place == held.rank - 1 || held.layout == .squeezed
            let text = isLast ? "l2norm" : "(x -> l2norm(x, axis = \(place)))"
            return set(end, stage(node, "l2norm", text, held, held.dims, held.layout))
        }
        let isKept = v.layout == .channelsLast && keeps
        if !isKept { v = plain(v) }
        let list = axes.map { "\(axis($0, of: v))" }.joined(separator: ", ")
        let end = "axis = [\(list)]" + (keeps ? ", keep = true" : "")
        let text: String
        switch node.op {
        case "ReduceMean": text = "mean($0, \(end))"
        case "ReduceSum": text = "sum($0, \(end))"
        case "ReduceMax": text = "max($0, \(end))"
        case "ReduceMin": text = "min($0, \(end))"
        case "ReduceProd": text = "prod($0, \(end))"
        case "ReduceL1": text = "sum(abs($0), \(end))"
        case "ReduceL2": text = "norm($0, \(end))"
        case "ReduceSumSquare": text = "sum($0^2, \(end))"
        default: text = "logsumexp($0, \(end))"
        }
        let dims =
            keeps
            ? v.dims.indices.map { axes.contains($0) ? .n(1) : v.dims[$0] }
            : v.dims.indices.filter { !axes.contains($0) }.map { v.dims[$0] }
        set(
            node,
            emit(text, [v], dims, isKept ? .channelsLast : .plain, name: names.stage(node, kind: node.op.lowercased())))
    }

    /// The division of a value by its own length, kept from 0: how exporters write vectors of length one. What lies between
    /// is taken with it; nil where it is anything else.
    private func unitLength(_ node: OnnxNode) -> OnnxNode? {
        var last = node
        var passed: [Int] = []
        while let k = onlyReader(last), passed.count < 4 {
            let next = model.graph.nodes[k]
            guard next.domain.isEmpty, let made = last.outputs.first else { return nil }
            switch next.op {
            case "Clip", "Max", "Expand", "Identity":
                guard next.inputs.first == made, next.op != "Clip" || next.inputs.count < 3 || next.inputs[2].isEmpty,
                    next.op != "Max" || next.inputs.count == 2
                else { return nil }
                if next.op == "Clip" || next.op == "Max" {
                    guard let least = try? number(next, 1, or: "min"), least > 0, least < 1e-4 else { return nil }
                }
            case "Div":
                guard next.inputs == [node.inputs[0], made] else { return nil }
                absorbed.formUnion(passed + [k])
                return next
            default: return nil
            }
            passed.append(k)
            last = next
        }
        return nil
    }

    func argument(_ node: OnnxNode) throws {
        let v = plain(try value(node, 0))
        guard node.integer("select_last_index", 0) == 0 else {
            throw refused(node, "it selects the last of equal elements")
        }
        let k = try axis(node, node.integer("axis", 0), v.rank)
        let keeps = node.integer("keepdims", 1) != 0
        var dims = v.dims
        if keeps { dims[k] = .n(1) } else { dims.remove(at: k) }
        let text = "\(node.op == "ArgMax" ? "argmax" : "argmin")($0, axis = \(k)\(keeps ? ", keep = true" : ""))"
        set(node, emit(text, [v], dims, name: names.stage(node, kind: "argmax"), isWhole: true))
    }
}
