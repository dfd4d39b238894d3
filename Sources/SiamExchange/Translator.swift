import SiamData
import SiamTensor

/// A file's graph as a sheet. Nodes are taken in the file's order; what each makes is a value, a constant, or lengths.
final class Translator {
    let model: OnnxModel
    let path: String
    let constants: OnnxConstants
    var items: [String: Item] = [:]
    var sheet = ImportedNet()
    var names: Names
    private var nextValue = 0
    /// How often a name of the graph is read, outputs among them.
    private(set) var readers: [String: [Int]] = [:]
    /// Nodes that another one took with it.
    var absorbed: Set<Int> = []
    /// Stages by what makes them and the constants they hold: one of these used twice is one stage.
    private var shared: [String: Int] = [:]
    private var needed: Set<Int> = []
    /// The number of examples that the file was made for, where it is fixed.
    private(set) var fixedBatch: Int?

    init(_ model: OnnxModel, _ bytes: [UInt8], path: String) {
        self.model = model
        self.path = path
        constants = OnnxConstants(bytes, path: path)
        names = Names(model.graph.nodes)
    }

    // MARK: The whole

    func run(output wanted: String?) throws -> ImportedNet {
        let graph = model.graph
        let outputs = try chosen(wanted)
        mark(outputs)
        for c in graph.constants { items[c.name] = .constant(Constant(c, isInitial: true, constants)) }
        let ports = graph.inputs.filter { items[$0.name] == nil && readers[$0.name] != nil }
        guard !ports.isEmpty else { throw wrong(code: "onnx.inputs", "no output of the graph depends on an input") }
        let isAlone = ports.count == 1
        for (k, port) in ports.enumerated() {
            guard let lengths = port.dims, port.isNumeric else {
                throw wrong(
                    code: "onnx.inputs", "the input \(port.name) is not a tensor of numbers with a known number of axes"
                )
            }
            guard lengths.count <= Shape.maximumRank else {
                throw wrong(code: "onnx.inputs", "the input \(port.name) has more than 8 axes")
            }
            let dims = lengths.enumerated().map { k, length -> Length in
                switch length {
                case .known(let n): .n(n)
                case .symbol, .unknown: k == 0 ? .batch(1) : .unknown
                }
            }
            let isTurned = dims.count == 4 && !hasChannelsLast(port.name, dims)
            let held = ImportedValue(
                id: fresh(), dims: batched(dims, ports), layout: isTurned ? .channelsLast : .plain,
                isWhole: !port.isFloat)
            items[port.name] = .value(held)
            let name = isAlone ? "x" : names.free(port.name, or: ports.count == 2 ? ["a", "b"][k] : "input")
            sheet.inputs.append(
                .init(value: held.id, name: name, shape: described(held), isTurned: isTurned))
        }
        for (k, node) in graph.nodes.enumerated() where needed.contains(k) && node.op == "Constant" {
            try constantNode(node)
        }
        for (k, node) in graph.nodes.enumerated() where needed.contains(k) && !absorbed.contains(k) {
            do { try translate(node) } catch var e as DataError {
                if e.path == nil { e.path = path }
                if e.notes.isEmpty { e.notes = soFar(k) }
                throw e
            }
        }
        for name in outputs {
            guard case .value(var held)? = items[name] else {
                throw wrong(code: "onnx.outputs", "the output \(name) is a constant, or no node makes it")
            }
            if case .rows = held.layout { held = plain(held) }
            if held.layout == .squeezed { held = plain(held) }
            sheet.outputs.append(
                .init(
                    value: held.id, name: Names.plain(name).isEmpty ? "y" : Names.plain(name), shape: described(held),
                    isTurned: held.layout == .channelsLast))
        }
        sheet.origin =
            "\(graph.nodes.count) nodes, opset \(model.opset)"
            + (model.producer.isEmpty ? "" : ", written by \(model.producer) \(model.producerVersion)")
        return sheet
    }

    /// A first axis of fixed length 1 is read as any number of examples if every input has it: exporters fix the size
    /// they traced with.
    private func batched(_ dims: [Length], _ ports: [OnnxPort]) -> [Length] {
        guard dims.count > 1, case .n(let n) = dims[0] else { return dims }
        let isCommon = ports.allSatisfy { port in
            guard let first = port.dims?.first, case .known(let m) = first else { return false }
            return m == n
        }
        guard isCommon else { return dims }
        fixedBatch = n
        return [.batch(1)] + dims.dropFirst()
    }

    /// The names of the outputs: the one asked for, a node's or a value's, or those that hold floats.
    private func chosen(_ wanted: String?) throws -> [String] {
        let graph = model.graph
        if let wanted {
            if graph.outputs.contains(where: { $0.name == wanted }) { return [wanted] }
            if graph.nodes.contains(where: { $0.outputs.contains(wanted) }) { return [wanted] }
            if let node = graph.nodes.first(where: { $0.name == wanted }), let made = node.outputs.first {
                return [made]
            }
            throw DataError(
                code: "onnx.output", message: "the graph has no output and no node \(wanted)",
                notes: ["its outputs are \(graph.outputs.map(\.name).joined(separator: ", "))"], path: path,
                candidates: graph.nodes.map(\.name) + graph.outputs.map(\.name))
        }
        guard !graph.outputs.isEmpty else { throw wrong(code: "onnx.outputs", "the graph has no output") }
        let kept = graph.outputs.filter(\.isFloat)
        let left = graph.outputs.filter { !$0.isFloat }
        if !kept.isEmpty, !left.isEmpty {
            sheet.notes.append(
                "left out: \(left.map(\.name).joined(separator: ", ")), of whole numbers or texts; output = \"NAME\" selects one"
            )
        }
        return (kept.isEmpty ? graph.outputs : kept).map(\.name)
    }

    /// Which nodes the outputs need, and who reads what.
    private func mark(_ outputs: [String]) {
        let nodes = model.graph.nodes
        var makers: [String: Int] = [:]
        for (k, node) in nodes.enumerated() { for o in node.outputs where !o.isEmpty { makers[o] = k } }
        var waiting = outputs
        while let name = waiting.popLast() {
            guard let k = makers[name], needed.insert(k).inserted else { continue }
            waiting += nodes[k].inputs
        }
        for (k, node) in nodes.enumerated() where needed.contains(k) {
            for i in node.inputs where !i.isEmpty { readers[i, default: []].append(k) }
        }
        for o in outputs { readers[o, default: []].append(-1) }
    }

    /// Whether an input of four axes has its channels last in the file: the graph turns it itself, or its shape says so.
    private func hasChannelsLast(_ name: String, _ dims: [Length]) -> Bool {
        for k in readers[name] ?? [] where k >= 0 {
            let node = model.graph.nodes[k]
            if node.op == "Transpose", case .integers([0, 3, 1, 2])? = node.attributes["perm"] { return true }
            if ["Conv", "MaxPool", "AveragePool", "BatchNormalization", "GlobalAveragePool"].contains(node.op) {
                return false
            }
        }
        let few: Set<Int> = [1, 3, 4]
        return few.contains(dims[3].known ?? 0) && !few.contains(dims[1].known ?? 0)
    }

    // MARK: Building

    func fresh() -> Int {
        nextValue += 1
        return nextValue
    }

    /// A step that is written inline.
    func emit(
        _ text: String, _ inputs: [ImportedValue], _ dims: [Length], _ layout: Layout = .plain, owns: [Int] = [],
        name: String = "", isWhole: Bool = false
    ) -> ImportedValue {
        let held = ImportedValue(id: fresh(), dims: dims, layout: layout, isWhole: isWhole)
        sheet.steps.append(
            .init(output: held.id, inputs: inputs.map(\.id), kind: .text(text), owns: owns, name: name))
        return held
    }

    /// A step that is a stage.
    func stage(
        _ node: OnnxNode, _ kind: String, _ text: String, _ input: ImportedValue, _ dims: [Length], _ layout: Layout,
        weights: [(slot: String, tensor: Tensor)] = [], named: [String] = []
    ) -> ImportedValue {
        // Exporters fold equal constants into one: what only ever was 0 or 1 says nothing of sharing.
        let isTelling = weights.contains { $0.tensor.rank > 1 || Set($0.tensor.floats).count > 1 }
        let key = named.isEmpty || !isTelling ? nil : text + "|" + named.joined(separator: "|") + "|\(input.layout)"
        let part: Int
        if let key, let known = shared[key] {
            part = known
        } else {
            part = sheet.parts.count
            sheet.parts.append(
                .init(
                    name: names.stage(node, kind: kind, weight: named.first), text: text, weights: weights,
                    origin: node.title))
            if let key { shared[key] = part }
        }
        let held = ImportedValue(id: fresh(), dims: dims, layout: layout)
        sheet.steps.append(
            .init(output: held.id, inputs: [input.id], kind: .part(part), name: sheet.parts[part].name))
        return held
    }

    private var ownKeys: [String: Int] = [:]
    /// A tensor that the net holds beside its stages.
    func own(_ node: OnnxNode, _ constant: Constant, _ tensor: Tensor, _ word: String = "w") -> Int {
        let key = constant.source.name + "|\(tensor.shape)"
        if !constant.source.name.isEmpty, let known = ownKeys[key] { return known }
        let named = Names.plain(constant.source.name)
        let isReadable = named.contains { $0.isLetter } && !constant.source.name.contains("::") && named.count < 40
        let name = isReadable && !(named.first?.isNumber ?? true) ? names.unique(named) : names.numbered(word)
        sheet.owns.append(.init(name: name, tensor: tensor, isParameter: constant.isInitial && tensor.count > 1))
        ownKeys[key] = sheet.owns.count - 1
        return sheet.owns.count - 1
    }

    // MARK: Layouts

    /// The value as the file has it.
    func plain(_ v: ImportedValue) -> ImportedValue {
        switch v.layout {
        case .plain: return v
        case .channelsLast: return emit("transpose($0, [0, 3, 1, 2])", [v], v.dims)
        case .squeezed: return emit("expand(expand($0, -1), -1)", [v], v.dims)
        case .rows(let c, let h, let w):
            return emit(
                "reshape(transpose(reshape($0, [shape($0)[0], \(h), \(w), \(c)]), [0, 3, 1, 2]), [shape($0)[0], \(c * h * w)])",
                [v], v.dims)
        }
    }

    /// An image with its channels last.
    func channelsLast(_ v: ImportedValue) -> ImportedValue {
        switch v.layout {
        case .channelsLast: return v
        case .squeezed: return emit("expand(expand($0, 1), 1)", [v], v.dims, .channelsLast)
        case .plain, .rows:
            let v = plain(v)
            guard v.rank == 4 else { return v }
            return emit("transpose($0, [0, 2, 3, 1])", [v], v.dims, .channelsLast)
        }
    }

    /// The position of a file's axis in a value as it is stored here.
    func axis(_ axis: Int, of v: ImportedValue) -> Int {
        let k = axis < 0 ? axis + v.rank : axis
        return v.layout == .channelsLast && (0..<4).contains(k) ? [0, 3, 1, 2][k] : k
    }

    // MARK: Messages

    func wrong(code: String, _ message: String) -> DataError { DataError(code: code, message: message, path: path) }

    func refused(_ node: OnnxNode, _ why: String) -> DataError {
        DataError(code: "onnx.operator", message: "\(node.title) cannot be read: \(why)", path: path)
    }

    /// What was read before the break.
    private func soFar(_ k: Int) -> [String] {
        let parts = sheet.parts.suffix(8).map { "\($0.name) \($0.text)" }
        guard !parts.isEmpty else { return ["it is the first stage, node \(k + 1) of \(model.graph.nodes.count)"] }
        let dots = sheet.parts.count > 8 ? "..., " : ""
        return ["read up to there, \(k) of \(model.graph.nodes.count) nodes:  \(dots)\(parts.joined(separator: ", "))"]
    }

    func described(_ v: ImportedValue) -> String {
        var dims = v.dims
        if v.layout == .channelsLast, dims.count == 4 { dims = [dims[0], dims[2], dims[3], dims[1]] }
        return dims.map { d in
            switch d {
            case .n(let n): "\(n)"
            case .batch(1): "N"
            case .batch(let k): "\(k)N"
            case .unknown: "?"
            }
        }.joined(separator: "x")
    }
}
