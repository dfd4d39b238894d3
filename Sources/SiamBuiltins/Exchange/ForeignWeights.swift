import SiamData
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// How a tool lays weights out: which axes come first, and what it calls the parts of a layer.
enum WeightLayout: String {
    /// PyTorch: dense out x in, kernels out, in, height, width, rows of flattened images with their channels first.
    case torch
    /// Keras and siam: dense in x out, kernels height, width, in, out, channels last.
    case keras
}

/// A stage with weights, as files of other tools see it.
struct WeightStage {
    let path: String
    let kind: String
    let custom: Layer.Custom
    /// What it needs: slot, and the names that other tools have for it.
    let slots: [(name: String, shape: Shape)]
    /// Height, width and channels of the image whose flattened rows come in.
    var image: (h: Int, w: Int, c: Int)?

    static let foreign: [String: [String]] = [
        "w": ["weight", "kernel", "embeddings", "depthwise_kernel", "embedding"], "b": ["bias"],
        "scale": ["weight", "gamma", "scale"], "shift": ["bias", "beta"],
        "running_mean": ["running_mean", "moving_mean", "mean"],
        "running_var": ["running_var", "moving_variance", "var"], "alpha": ["weight", "kernel"], "c": ["bias"],
    ]

    /// The stages of a net that hold weights, in order, each once.
    static func all(of net: Layer, _ i: Interpreter) throws -> [WeightStage] {
        var found: [WeightStage] = []
        var seen: Set<ObjectIdentifier> = []
        func visit(_ layer: Layer, _ path: [String]) throws {
            guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
            if case .training(let inner) = layer.form { return try visit(inner, path) }
            if case .custom(let c) = layer.form {
                var slots: [(name: String, shape: Shape)] = []
                for s in c.slots {
                    if let p = s.parameter {
                        // A dense layer without a bias has one that is not used.
                        let isUnused =
                            s.name == "b" && layer.kind == "dense"
                            && layer.arguments.contains { a in
                                if a.name == "bias", case .bool(false) = a.value { true } else { false }
                            }
                        if !isUnused { slots.append((s.name, p.value.shape)) }
                    } else if s.kind == .state, case .tensor(let t) = s.value {
                        slots.append((s.name, t.shape))
                    } else if s.kind == .parameter {
                        throw Diagnostic(
                            code: "layer.unbuilt", "\(layer.kind) has no shapes yet: a net gets them at its first use",
                            repair: "apply the net once:  net(x)")
                    }
                }
                if !slots.isEmpty {
                    found.append(
                        WeightStage(
                            path: path.isEmpty ? layer.kind : path.joined(separator: "."), kind: layer.kind, custom: c,
                            slots: slots))
                }
            }
            for (name, child) in layer.children { try visit(child, path + [name]) }
        }
        try visit(net, [])
        try findImages(net, &found, i)
        return found
    }

    /// Finds the stages whose input is a flattened image, by applying the net to zeros.
    private static func findImages(_ net: Layer, _ stages: inout [WeightStage], _ i: Interpreter) throws {
        guard let given = net.given ?? net.stages.first?.layer.given, given.count == net.inputCount,
            stages.contains(where: { $0.kind == "dense" })
        else { return }
        let inputs = try given.map { Value.tensor(try Tensor.zeros(Shape([1] + $0.dims.dropFirst()))) }
        let outer = (i.observer, i.isTraining)
        defer { (i.observer, i.isTraining) = outer }
        var images: [ObjectIdentifier: (h: Int, w: Int, c: Int)] = [:]
        var last: Shape? = given.first
        i.isTraining = false
        i.observer = StageObserver { _, layer, inputs, output in
            if case .custom(let c) = layer.form, case .tensor(let x)? = inputs.first, x.rank == 2, let s = last,
                s.rank == 4,
                s[1] * s[2] * s[3] == x.shape[1]
            {
                images[ObjectIdentifier(c)] = (s[1], s[2], s[3])
            }
            guard case .tensor(let y) = output else { return }
            // What does not mix the columns leaves them in the image's order.
            let isKeeping =
                y.rank == 2 && ["flatten", "relu", "dropout", "identity", "fn", "tanh", "sigmoid"].contains(layer.kind)
            if !isKeeping { last = y.shape }
        }
        _ = try? i.apply(net, inputs)
        for k in stages.indices { stages[k].image = images[ObjectIdentifier(stages[k].custom)] }
    }

    /// A file's tensor as this stage's slot wants it; nil where its shape does not fit.
    func value(_ t: Tensor, _ slot: String, _ shape: Shape, _ layout: WeightLayout) throws -> Tensor? {
        guard t.count == shape.count else { return nil }
        if slot == "w", layout == .torch {
            switch kind {
            case "dense":
                guard t.rank == 2, t.shape[0] == shape[1], t.shape[1] == shape[0] else { return nil }
                let turned = try OnnxExport.turned(t.floats, t.shape.dims, [1, 0])
                guard let image, image.c > 1, image.h * image.w > 1 else { return turned }
                let four = [image.c, image.h, image.w, shape[1]]
                return try OnnxExport.turned(turned.floats, four, [1, 2, 0, 3]).reshaped(to: shape)
            case "conv":
                guard t.shape.dims == [shape[3], shape[2], shape[0], shape[1]] else { return nil }
                return try OnnxExport.turned(t.floats, t.shape.dims, [2, 3, 1, 0])
            case "depthwise":
                guard t.shape.dims == [shape[2] * shape[3], 1, shape[0], shape[1]] else { return nil }
                return try OnnxExport.turned(t.floats, [shape[2], shape[3], shape[0], shape[1]], [2, 3, 0, 1])
            default: break
            }
        }
        if t.shape == shape { return t }
        // One number a channel may come with more axes of length 1.
        let isVector = shape.rank == 1 && t.shape.dims.filter({ $0 != 1 }).count <= 1
        return isVector ? try t.reshaped(to: shape) : nil
    }

    /// The slot's tensor as another tool has it.
    func foreignValue(_ t: Tensor, _ slot: String) throws -> Tensor {
        guard slot == "w" else { return t.detached() }
        let d = t.shape.dims
        switch kind {
        case "dense":
            guard let image, image.c > 1, image.h * image.w > 1 else {
                return try OnnxExport.turned(t.floats, d, [1, 0])
            }
            let four = try OnnxExport.turned(t.floats, [image.h, image.w, image.c, d[1]], [3, 2, 0, 1])
            return try four.reshaped(to: Shape([d[1], d[0]]))
        case "conv": return try OnnxExport.turned(t.floats, d, [3, 2, 0, 1])
        case "depthwise":
            return try OnnxExport.turned(t.floats, d, [2, 3, 0, 1]).reshaped(to: Shape([d[2] * d[3], 1, d[0], d[1]]))
        default: return t.detached()
        }
    }

    func set(_ slot: String, _ t: Tensor) throws {
        guard let k = custom.slots.firstIndex(where: { $0.name == slot }) else { return }
        if let p = custom.slots[k].parameter {
            p.value = try t.copied()
        } else {
            custom.slots[k].value = .tensor(try t.copied())
        }
    }
}

/// Puts weights of another tool into a net: which of the file's layers goes to which stage, and how it is laid out.
struct WeightMatch {
    /// A layer of the file: the part of the names before the last point, and its tensors by the part behind.
    struct Module {
        let name: String
        var tensors: [String: Tensor]
    }
    let stages: [WeightStage]
    let modules: [Module]
    let path: String

    init(_ named: NamedTensors, _ stages: [WeightStage], path: String) {
        self.stages = stages
        self.path = path
        var modules: [Module] = []
        for (name, tensor) in named.entries where !name.hasSuffix("num_batches_tracked") {
            let end = name.lastIndex { $0 == "." || $0 == "/" }
            let module = end.map { String(name[..<$0]) } ?? ""
            let part = end.map { String(name[name.index(after: $0)...]) } ?? name
            let last = part.hasSuffix(":0") ? String(part.dropLast(2)) : part
            if let k = modules.firstIndex(where: { $0.name == module }) {
                modules[k].tensors[last] = tensor
            } else {
                modules.append(Module(name: module, tensors: [last: tensor]))
            }
        }
        self.modules = modules
    }

    private func refused(_ what: String, _ notes: [String] = [], repair: String? = nil) -> Diagnostic {
        Diagnostic(code: "load.match", what, notes: notes, repair: repair)
    }

    /// The tensors of a module in the places of a stage; nil where they do not fit.
    private func fit(_ m: Module, _ s: WeightStage, _ layout: WeightLayout) throws -> [(slot: String, value: Tensor)]? {
        var values: [(slot: String, value: Tensor)] = []
        for (slot, shape) in s.slots {
            let names = (WeightStage.foreign[slot] ?? []) + [slot]
            guard let t = names.lazy.compactMap({ m.tensors[$0] }).first else {
                // A layer that another tool made without a bias has none.
                if slot == "b" || slot == "shift" {
                    values.append((slot, try Tensor.zeros(shape)))
                    continue
                }
                return nil
            }
            guard let value = try s.value(t, slot, shape, layout) else { return nil }
            values.append((slot, value))
        }
        guard
            m.tensors.keys.allSatisfy({ key in
                s.slots.contains { ((WeightStage.foreign[$0.name] ?? []) + [$0.name]).contains(key) }
            })
        else { return nil }
        return values
    }

    /// The layout that names and shapes leave open; both where both fit.
    private func layouts(_ asked: WeightLayout?) -> [WeightLayout] {
        if let asked { return [asked] }
        let keys = Set(modules.flatMap(\.tensors.keys))
        if !keys.isDisjoint(with: ["kernel", "gamma", "moving_mean", "embeddings"]) { return [.keras] }
        return [.torch, .keras]
    }

    /// Copies the weights into the net and returns what was assigned to which layer. `order` names the file's layers in
    /// the order of the net's stages.
    func load(layout asked: WeightLayout?, order: [String]?) throws -> [String] {
        var readings: [(layout: WeightLayout, pairs: [(WeightStage, Module)], how: String)] = []
        for layout in layouts(asked) {
            if let (pairs, how) = try paired(layout, order) { readings.append((layout, pairs, how)) }
        }
        guard let first = readings.first else { throw try unmatched(layouts(asked)[0]) }
        if readings.count == 2 {
            let squares = first.pairs.filter { $0.0.slots.contains { $0.name == "w" && $0.shape.rank > 1 } }
            let differs = try squares.contains { s, m in
                let (a, b) = (try fit(m, s, .torch), try fit(m, s, .keras))
                return zip(a ?? [], b ?? []).contains { $0.value.floats != $1.value.floats }
            }
            guard !differs else {
                throw refused(
                    "\(path) can be read in two ways, and its shapes fit both",
                    [
                        "layout = \"torch\" takes matrices as out x in, kernels as out x in x height x width",
                        "layout = \"keras\" takes matrices as in x out, kernels as height x width x in x out",
                    ], repair: "choose one:  load(\"\(path)\", net, layout = \"torch\")")
            }
        }
        var said: [String] = []
        for (s, m) in first.pairs {
            guard let values = try fit(m, s, first.layout) else { continue }
            for (slot, value) in values { try s.set(slot, value) }
            let image =
                s.image.map {
                    first.layout == .torch && $0.c > 1 && $0.h * $0.w > 1
                        ? ", rows of a \($0.h)x\($0.w)x\($0.c) image turned" : ""
                } ?? ""
            said.append("\(s.path) from \(m.name.isEmpty ? "the file's only layer" : m.name)\(image)")
        }
        return ["layout \(first.layout.rawValue), matched by \(first.how):"] + said
    }

    private static func plain(_ t: String) -> String { String(t.map { $0.isLetter || $0.isNumber ? $0 : "_" }) }

    private func paired(_ layout: WeightLayout, _ order: [String]?) throws -> ([(WeightStage, Module)], String)? {
        if let order {
            guard order.count == stages.count else {
                throw refused("order names \(order.count) layers, and the net has \(stages.count) with weights")
            }
            var pairs: [(WeightStage, Module)] = []
            for (name, s) in zip(order, stages) {
                guard let m = modules.first(where: { $0.name == name }) else {
                    throw refused(
                        "\(path) has no layer \(name)",
                        ["it has \(modules.prefix(8).map(\.name).joined(separator: ", "))"])
                }
                guard try fit(m, s, layout) != nil else { return nil }
                pairs.append((s, m))
            }
            return (pairs, "the order given")
        }
        // By name: each stage's name is a layer's, whole or as its end.
        let byName = stages.map { s in
            let own = WeightMatch.plain(s.path)
            let exact = modules.filter { WeightMatch.plain($0.name) == own }
            return exact.isEmpty ? modules.filter { WeightMatch.plain($0.name).hasSuffix("_" + own) } : exact
        }
        if byName.allSatisfy({ $0.count == 1 }) {
            let pairs = zip(stages, byName.map { $0[0] }).map { ($0, $1) }
            if try pairs.allSatisfy({ try fit($0.1, $0.0, layout) != nil }) { return (pairs, "name") }
        }
        // By order: the file's own, or that of the names with their numbers.
        guard modules.count == stages.count else { return nil }
        for (ordered, how) in [
            (modules, "order"), (modules.sorted { naturally($0.name, $1.name) }, "order of the names"),
        ] {
            let pairs = zip(stages, ordered).map { ($0, $1) }
            guard try pairs.allSatisfy({ try fit($0.1, $0.0, layout) != nil }) else { continue }
            if path.hasSuffix(".safetensors"), let (a, b, s) = try interchangeable(ordered, layout) {
                throw refused(
                    "\(path) can be read in two ways: \(s.path) could be \(a) or \(b), of one shape",
                    ["a safetensors file lists its layers in the order of their names, not in that of the net"],
                    repair:
                        "give the order:  load(\"\(path)\", net, order = [\(ordered.map { "\"\($0.name)\"" }.joined(separator: ", "))])"
                )
            }
            return (pairs, how)
        }
        // By shape alone, where only one way fits.
        var pairs: [(WeightStage, Module)] = []
        var used: Set<String> = []
        for s in stages {
            let fits = try modules.filter { try fit($0, s, layout) != nil }
            guard fits.count == 1, used.insert(fits[0].name).inserted else { return nil }
            pairs.append((s, fits[0]))
        }
        return (pairs, "shape")
    }

    private func naturally(_ a: String, _ b: String) -> Bool { naturallyBefore(a, b) }

    /// Two layers of one shape whose names do not tell their order.
    private func interchangeable(_ ordered: [Module], _ layout: WeightLayout) throws -> (String, String, WeightStage)? {
        func stem(_ t: String) -> String { String(t.map { $0.isNumber ? "0" : $0 }) }
        for i in ordered.indices {
            for j in ordered.indices where j > i && stem(ordered[i].name) != stem(ordered[j].name) {
                if try fit(ordered[j], stages[i], layout) != nil, try fit(ordered[i], stages[j], layout) != nil {
                    return (ordered[i].name, ordered[j].name, stages[i])
                }
            }
        }
        return nil
    }

    private func unmatched(_ layout: WeightLayout) throws -> Diagnostic {
        func shapes(_ m: Module) -> String {
            m.tensors.sorted { $0.key > $1.key }.map { "\($0.key) \($0.value.shape)" }.joined(separator: ", ")
        }
        let file = modules.prefix(6).map { "\($0.name.isEmpty ? "" : $0.name + ": ")\(shapes($0))" }
        let own = stages.prefix(6).map { s in
            "\(s.path): \(s.slots.map { "\($0.name) \($0.shape)" }.joined(separator: ", "))"
        }
        return refused(
            "the layers of \(path) do not fit the net's stages, by name, order or shape",
            [
                "the file has \(modules.count):  \(file.joined(separator: ";  "))",
                "the net has \(stages.count):  \(own.joined(separator: ";  "))",
            ])
    }
}

enum ForeignWeights {
    /// Endings of files that hold Python's pickles, which are programs.
    static func refused(_ path: String) -> Diagnostic? {
        if path.hasSuffix(".onnx") {
            return Diagnostic(
                code: "load.ending", "an ONNX file contains a whole net", repair: "onnx(\"\(path)\") reads it")
        }
        guard [".pt", ".pth", ".pkl", ".bin", ".ckpt"].contains(where: path.hasSuffix) else { return nil }
        let base = path.split(separator: "/").last.flatMap { $0.split(separator: ".").first }.map(String.init) ?? "net"
        return Diagnostic(
            code: "load.pickle", "\(path) is a Python pickle, and reading one would run the code in it",
            notes: [
                "in Python:  from safetensors.torch import save_file",
                "            save_file(torch.load(\"\(path)\", weights_only=True), \"\(base).safetensors\")",
            ], repair: "then:  load(\"\(base).safetensors\", net)")
    }

    static func load(_ named: NamedTensors, _ path: String, _ net: Layer, _ a: Arguments, _ i: Interpreter) throws {
        var layout: WeightLayout?
        if !a.isNone(2) {
            guard let known = WeightLayout(rawValue: try a.text(2)) else { throw a.wrong(2, "\"torch\" or \"keras\"") }
            layout = known
        }
        let order = try a.isNone(3) ? nil : a.list(3).map { i.inline($0) }
        let match = WeightMatch(named, try WeightStage.all(of: net, i), path: path)
        for line in try match.load(layout: layout, order: order) { i.session.message(line) }
    }

    /// A state dict as PyTorch has it.
    static func torch(_ net: Layer, _ layout: String, _ i: Interpreter) throws -> NamedTensors {
        guard layout == "torch" else {
            throw Diagnostic(
                code: "save.layout", "save knows the layout \"torch\", and got \"\(layout)\"",
                repair: "Keras uses the same layout as siam: leave layout out")
        }
        var named = NamedTensors()
        for s in try WeightStage.all(of: net, i) {
            for (slot, _) in s.slots {
                guard let k = s.custom.slots.firstIndex(where: { $0.name == slot }) else { continue }
                let t: Tensor
                if let p = s.custom.slots[k].parameter {
                    t = p.value.detached()
                } else if case .tensor(let v) = s.custom.slots[k].value {
                    t = v
                } else {
                    continue
                }
                named["\(s.path).\(WeightStage.foreign[slot]?.first ?? slot)"] = try s.foreignValue(t, slot)
            }
        }
        return named
    }
}
