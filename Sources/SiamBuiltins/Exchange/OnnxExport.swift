import SiamExchange
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A net as an ONNX file: it is applied twice, to random inputs of two and of three examples, and what was recorded for
/// the gradients is the graph. What differs between the two is the number of examples; what differs otherwise cannot be
/// written, and is said.
final class OnnxExport {
    /// A value of the graph: its names, of the form that siam has and of the one with the channels first, as far as there are.
    struct Form {
        var plain: String?
        var first: String?
        /// The lengths with two and with three examples.
        var shapes: (Shape, Shape)
        var rank: Int { shapes.0.rank }
    }

    var writer = OnnxWriter()
    private var forms: [ObjectIdentifier: Form] = [:]
    /// What a stage is called whose result this is.
    private var stages: [ObjectIdentifier: String] = [:]
    private var parameters: [ObjectIdentifier: String] = [:]
    private var states: [ObjectIdentifier: String] = [:]
    private var constants: [String: Form] = [:]
    /// The stage that is being written.
    var stage = ""

    static func bytes(of net: Layer, _ path: String, _ interpreter: Interpreter) throws -> [UInt8] {
        let export = OnnxExport()
        let shapes = try export.inputShapes(net)
        let (first, second) = (
            try export.applied(net, shapes, 2, interpreter), try export.applied(net, shapes, 3, interpreter)
        )
        let bytes = try export.written(net, first, second)
        try export.check(bytes, net, shapes, path, interpreter)
        return bytes
    }

    static func refused(_ what: String) -> Diagnostic {
        Diagnostic(
            code: "onnx.write", "the net cannot be written as ONNX: \(what)",
            notes: ["its weights can be saved:  save(net, \"net.safetensors\")"])
    }

    // MARK: Applying

    private struct Pass {
        let inputs: [Tensor]
        let outputs: [(name: String, tensor: Tensor)]
        /// What was recorded on the way, in order.
        let nodes: [(node: Node, tensor: Tensor)]
    }

    private func inputShapes(_ net: Layer) throws -> [Shape] {
        guard let given = net.given ?? net.stages.first?.layer.given, !given.isEmpty, given.count == net.inputCount,
            given.allSatisfy({ $0.rank > 0 })
        else {
            throw Diagnostic(
                code: "onnx.shapes", "the net has not been applied yet, so the shape of its inputs is unknown",
                repair: "apply the net once:  net(x)")
        }
        return given
    }

    private func inputs(_ shapes: [Shape], _ n: Int, whole: Bool) throws -> [Tensor] {
        var stream = RandomStream(seed: UInt64(n))
        return try shapes.map { s in
            let shape = try Shape([n] + s.dims.dropFirst())
            let values = (0..<shape.count).map { _ in
                whole ? Float(stream.next() & 1) : Float(stream.next() >> 40) / Float(1 << 23) - 1
            }
            return try Tensor(shape, values)
        }
    }

    /// The net's results for a number of random examples. Nets that look up rows get whole numbers.
    private func results(_ net: Layer, _ inputs: [Tensor], _ i: Interpreter) throws -> [(name: String, tensor: Tensor)]
    {
        let value = try i.apply(net, inputs.map { .tensor($0) })
        switch value {
        case .tensor(let t): return [("y", t)]
        case .record(let r):
            return try zip(r.names, r.values).map { name, v in
                guard case .tensor(let t) = v else { throw OnnxExport.refused("its result \(name) is \(v.kindName)") }
                return (name, t)
            }
        case .list(let l):
            return try l.items.enumerated().map { k, v in
                guard case .tensor(let t) = v else { throw OnnxExport.refused("its result \(k) is \(v.kindName)") }
                return ("y\(k + 1)", t)
            }
        default: throw OnnxExport.refused("its result is \(value.kindName)")
        }
    }

    private func applied(_ net: Layer, _ shapes: [Shape], _ n: Int, _ i: Interpreter) throws -> Pass {
        let outer = (i.observer, Recording.isOn, i.isTraining)
        defer { (i.observer, Recording.isOn, i.isTraining) = outer }
        (Recording.isOn, i.isTraining) = (true, false)
        i.observer = StageObserver { [self] path, _, _, output in
            guard case .tensor(let t) = output, let origin = t.origin else { return }
            stages[ObjectIdentifier(origin)] = path.joined(separator: "/")
        }
        func run(whole: Bool) throws -> Pass {
            let inputs = try inputs(shapes, n, whole: whole).map { $0.tracked() }
            let outputs = try Recording.ofAll { try results(net, inputs, i) }
            return Pass(inputs: inputs, outputs: outputs, nodes: OnnxExport.recorded(outputs.map(\.tensor)))
        }
        do { return try run(whole: false) } catch let error as EngineError
            where error.code.hasPrefix("index") || error.code.hasPrefix("gather")
        {
            return try run(whole: true)
        } catch let error as Diagnostic where error.code.hasPrefix("index") || error.code.hasPrefix("gather") {
            return try run(whole: true)
        }
    }

    /// All recorded operators behind the results, in the order they were applied in.
    private static func recorded(_ outputs: [Tensor]) -> [(node: Node, tensor: Tensor)] {
        var seen: Set<ObjectIdentifier> = []
        var found: [(node: Node, tensor: Tensor)] = []
        var waiting = outputs
        while let t = waiting.popLast() {
            guard let node = t.origin as? Node, seen.insert(ObjectIdentifier(node)).inserted else { continue }
            guard node.op != nil else { continue }
            found.append((node, t))
            waiting += node.inputs
        }
        return found.sorted { $0.node.number < $1.node.number }
    }

    // MARK: Writing

    private func written(_ net: Layer, _ one: Pass, _ two: Pass) throws -> [UInt8] {
        guard one.nodes.count == two.nodes.count, one.outputs.count == two.outputs.count,
            zip(one.nodes, two.nodes).allSatisfy({ $0.node.op === $1.node.op || $0.node.op?.name == $1.node.op?.name })
        else { throw OnnxExport.refused("its computation depends on the values of its inputs") }
        for (path, p) in net.parameters { if let o = p.value.origin { parameters[ObjectIdentifier(o)] = path } }
        for (path, t) in OnnxExport.states(net) { states[ObjectIdentifier(t.storage)] = path }
        // What depends on an input is a node, all else a constant.
        var depends = Set(one.inputs.compactMap { $0.origin.map(ObjectIdentifier.init) })
        for (node, _) in one.nodes
        where node.inputs.contains(where: { t in t.origin.map { depends.contains(ObjectIdentifier($0)) } ?? false }) {
            depends.insert(ObjectIdentifier(node))
        }
        var ports: [OnnxWriter.Port] = []
        let names = OnnxExport.inputNames(net)
        for (k, (s, t)) in zip(one.inputs, two.inputs).enumerated() {
            let name = writer.name(k < names.count ? names[k] : "x\(k + 1)")
            guard let origin = s.origin else { continue }
            let isImage = s.rank == 4
            forms[ObjectIdentifier(origin)] = Form(
                plain: isImage ? nil : name, first: isImage ? name : nil, shapes: (s.shape, t.shape))
            let d = s.shape.dims
            ports.append((name, isImage ? [nil, d[3], d[1], d[2]] : [nil] + d.dropFirst().map { $0 }))
        }
        for (k, ((node, s), (other, t))) in zip(one.nodes, two.nodes).enumerated() {
            guard depends.contains(ObjectIdentifier(node)), let op = node.op else { continue }
            stage = stages[ObjectIdentifier(node)] ?? nextStage(one.nodes, k)
            var given: [Form] = []
            for (a, b) in zip(node.inputs, other.inputs) { given.append(try form(a, b, depends)) }
            guard node.inputs.count == other.inputs.count else {
                throw OnnxExport.refused("its computation depends on the values of its inputs")
            }
            let pair = Pair(
                op: op.name, one: node.attributes, two: other.attributes, shapes: (s.shape, t.shape),
                inputs: node.inputs)
            forms[ObjectIdentifier(node)] = try write(pair, given)
        }
        var results: [OnnxWriter.Port] = []
        for (k, (a, b)) in zip(one.outputs, two.outputs).enumerated() {
            let form = try form(a.tensor, b.tensor, depends)
            let name = writer.name(k == 0 && one.outputs.count == 1 ? "y" : a.name)
            let isImage = form.rank == 4
            let source = isImage ? try first(form) : try plain(form)
            writer.node("Identity", [source], [name], name: "output/\(name)")
            let (p, q) = (form.shapes.0.dims, form.shapes.1.dims)
            let dims = zip(p, q).map { $0 == $1 ? $0 : nil as Int? }
            results.append((name, isImage ? [dims[0], dims[3], dims[1], dims[2]] : dims))
        }
        return writer.bytes(graph: net.kind, inputs: ports, outputs: results)
    }

    /// The following nodes are named after the stage whose result they compute.
    private func nextStage(_ nodes: [(node: Node, tensor: Tensor)], _ k: Int) -> String {
        for later in nodes[k...].prefix(12) { if let name = stages[ObjectIdentifier(later.node)] { return name } }
        return "net"
    }

    private static func inputNames(_ net: Layer) -> [String] {
        switch net.form {
        case .custom(let c): c.forward.code.parameters.map(\.name)
        case .training(let l): inputNames(l)
        default: ["x"]
        }
    }

    private static func states(_ net: Layer) -> [(String, Tensor)] {
        var found: [(String, Tensor)] = []
        var seen: Set<ObjectIdentifier> = []
        func visit(_ l: Layer, _ prefix: String) {
            guard seen.insert(ObjectIdentifier(l)).inserted else { return }
            if case .custom(let c) = l.form {
                for s in c.slots where s.kind == .state {
                    if case .tensor(let t) = s.value { found.append((prefix + s.name, t)) }
                }
            }
            for (name, child) in l.children { visit(child, prefix + name + ".") }
        }
        visit(net, "")
        return found
    }

    /// What a tensor is in the graph: a value that is there, or a constant that is written now.
    private func form(_ s: Tensor, _ t: Tensor, _ depends: Set<ObjectIdentifier>) throws -> Form {
        if let origin = s.origin, depends.contains(ObjectIdentifier(origin)) {
            guard let known = forms[ObjectIdentifier(origin)] else {
                throw OnnxExport.refused("its graph has no order")
            }
            return known
        }
        let named = s.origin.flatMap { parameters[ObjectIdentifier($0)] } ?? states[ObjectIdentifier(s.storage)]
        var value = s.detached()
        if s.shape != t.shape || s.floats != t.floats {
            // A value that is the same everywhere fits any number of examples.
            let x = s.floats.first ?? 0
            guard s.floats.allSatisfy({ $0 == x }), t.floats.allSatisfy({ $0 == x }) else {
                throw OnnxExport.refused(
                    "a value in \(stage) is computed from the inputs, but not with operators")
            }
            value = try Tensor(scalar: Double(x))
        }
        let key = named ?? "\(ObjectIdentifier(s.storage)) \(s.offset) \(s.shape)"
        if let known = constants[key] { return known }
        let name = writer.name(named ?? "constant_\(constants.count + 1)")
        let form = Form(plain: name, first: nil, shapes: (value.shape, value.shape))
        constants[key] = form
        pending[name] = value
        return form
    }
    /// Constants that no node has asked for in their plain form yet.
    var pending: [String: Tensor] = [:]
    var done: Set<String> = []
    /// Kernels that are written, by their names here.
    var kernels: [String: String] = [:]

    /// The constant's numbers, where the value is one.
    func constant(_ f: Form) -> Tensor? { f.plain.flatMap { pending[$0] } }

    /// The name of the value as siam has it.
    func plain(_ f: Form) throws -> String {
        if let name = f.plain {
            if let t = pending[name], done.insert(name).inserted { writer.constant(name, t) }
            return name
        }
        guard let first = f.first else { throw OnnxExport.refused("its graph has no order") }
        let key = first + " plain"
        if let known = turned[key] { return known }
        let name = writer.name("\(first)_last")
        writer.node("Transpose", [first], [name], name: "\(name)/Transpose", [("perm", .integers([0, 2, 3, 1]))])
        turned[key] = name
        return name
    }
    private var turned: [String: String] = [:]

    /// The name of the image with its channels first.
    func first(_ f: Form) throws -> String {
        if let first = f.first { return first }
        let plain = try plain(f)
        let key = plain + " first"
        if let known = turned[key] { return known }
        let name = writer.name("\(plain)_first")
        writer.node("Transpose", [plain], [name], name: "\(name)/Transpose", [("perm", .integers([0, 3, 1, 2]))])
        turned[key] = name
        return name
    }

    /// Reads what was written as any other file, and compares it with the net.
    private func check(
        _ bytes: [UInt8], _ net: Layer, _ shapes: [Shape], _ path: String, _ i: Interpreter
    ) throws {
        let outer = (i.observer, Recording.isOn, i.isTraining)
        defer { (i.observer, Recording.isOn, i.isTraining) = outer }
        (i.observer, Recording.isOn, i.isTraining) = (nil, false, false)
        let back = try i.layer(of: try importedNet(bytes, path), path)
        for whole in [false, true] {
            let inputs = try inputs(shapes, 4, whole: whole)
            guard let wanted = try? results(net, inputs, i) else { continue }
            let got = try results(back, inputs, i)
            let isAlike =
                wanted.count == got.count
                && zip(wanted, got).allSatisfy { p, q in
                    guard p.tensor.count == q.tensor.count else { return false }
                    let scale = p.tensor.floats.reduce(Float(1e-6)) { max($0, abs($1)) }
                    return zip(p.tensor.floats, q.tensor.floats).allSatisfy {
                        abs($0 - $1) <= 1e-4 * scale || ($0.isNaN && $1.isNaN)
                    }
                }
            guard isAlike else {
                throw OnnxExport.refused("the file gives other results when it is read again")
            }
        }
    }
}

/// One operator as both passes recorded it.
struct Pair {
    let op: String
    let one: [Attribute]
    let two: [Attribute]
    let shapes: (Shape, Shape)
    let inputs: [Tensor]
    var rank: Int { shapes.0.rank }

    func number(_ k: Int, _ defaultValue: Double) -> Double {
        guard k < one.count else { return defaultValue }
        switch one[k] {
        case .number(let x): return x
        case .integer(let i): return Double(i)
        default: return defaultValue
        }
    }
    func integer(_ k: Int, _ defaultValue: Int) -> Int {
        Int(exactly: number(k, Double(defaultValue)).rounded()) ?? defaultValue
    }
    func flag(_ k: Int) -> Bool { k < one.count && one[k] == .flag(true) }
    func text(_ k: Int, _ defaultValue: String) -> String {
        if k < one.count, case .text(let t) = one[k] { return t }
        return defaultValue
    }
    func integers(_ k: Int) -> [Int]? {
        guard k < one.count else { return nil }
        switch one[k] {
        case .integers(let l): return l
        case .integer(let i): return [i]
        case .number(let x): return Int(exactly: x).map { [$0] }
        default: return nil
        }
    }
    /// Two numbers, down and across.
    func pair(_ k: Int, _ defaultValue: Int) -> [Int] {
        guard let l = integers(k), let a = l.first else { return [defaultValue, defaultValue] }
        return [a, l.count > 1 ? l[1] : a]
    }
}
