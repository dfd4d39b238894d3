import SiamCompiler
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Makes the nets that a `NetWriter` wrote. Functions are compiled from the texts that come along; nothing of them is run,
/// and their names are their own: they are not those of the session.
final class NetReader {
    /// A function is not where it was: the library has changed since.
    struct Lost: Error {}

    private var r: ByteReader
    private let interpreter: Interpreter
    private let sources: [Source]
    private let weights: [SavedRun.Weight]
    private let path: String
    private var objects: [AnyObject?] = []
    private var depth = 0
    private var spaces: [Int: NameSpace] = [:]
    private var parsed: [Int: [Statement]] = [:]
    private struct Written: Hashable {
        var source: Int
        var start: Int
    }
    private var compiled: [Written: [Code]] = [:]
    private var library: [String: [Code]] = [:]

    init(_ graph: [UInt8], _ saved: SavedRun, _ path: String, _ interpreter: Interpreter) {
        r = ByteReader(graph[...])
        sources = saved.program.sources
        weights = saved.weights
        self.path = path
        self.interpreter = interpreter
    }

    func nets() throws -> (nets: [Layer], schedule: Value) {
        let nets = try many { try layer() }
        let schedule = try value()
        while true {
            switch try r.byte() {
            case 0:
                guard r.left == 0 else { throw SavedBytes.Damage() }
                return (nets, schedule)
            case 1:
                guard let cell = objects[safe: try r.int()] as? Cell else { throw SavedBytes.Damage() }
                cell.value = try value()
            case 2:
                let source = try r.int()
                guard sources.indices.contains(source) else { throw SavedBytes.Damage() }
                let name = try r.text()
                let globals = interpreter.globals
                let slot = try globals.within(space(source)) { try globals.userSlot(name) }
                globals.values[slot] = try value()
            default: throw SavedBytes.Damage()
            }
        }
    }

    private func many<T>(_ one: () throws -> T) throws -> [T] {
        let n = try r.count(ofAtLeast: 1)
        return try (0..<n).map { _ in try one() }
    }
    private func optional<T>(_ one: () throws -> T) throws -> T? { try r.flag() ? try one() : nil }

    /// What was met before, or what `make` makes of what follows; its number is given before that.
    private func object<T: AnyObject>(_ make: (_ number: Int) throws -> T) throws -> T {
        let k = try r.int()
        if k >= 0 {
            guard let known = objects[safe: k] as? T else { throw SavedBytes.Damage() }
            return known
        }
        objects.append(nil)
        let number = objects.count - 1
        depth += 1
        defer { depth -= 1 }
        guard depth < 2 * NetFile.deepest else { throw SavedBytes.Damage() }
        let made = try make(number)
        objects[number] = made
        return made
    }

    // MARK: Values

    private func value() throws -> Value {
        guard let tag = r.next, tag >= NetFile.list else { return try r.value() }
        _ = try r.byte()
        depth += 1
        defer { depth -= 1 }
        guard depth < 2 * NetFile.deepest else { throw SavedBytes.Damage() }
        switch tag {
        case NetFile.list: return Value(try many { try value() })
        case NetFile.record: return .record(Record(try many { (try r.text(), try value()) }))
        case NetFile.layer: return .layer(try layer())
        case NetFile.function: return .function(try function())
        case NetFile.builtin:
            guard case .builtin(let b)? = try interpreter.globals.baseValue(try r.text()) else { throw Lost() }
            return .builtin(b)
        case NetFile.made:
            let name = try r.text()
            let numbers = try many { Value.number(try r.double()) }
            guard case .builtin(let b)? = try interpreter.globals.baseValue(name),
                b.family == "augmentations" || b.family == "initialisers"
            else { throw Lost() }
            return try interpreter.call(.builtin(b), numbers)
        case NetFile.words:
            let length = try r.int()
            guard length > 0, length <= 1 << 16 else { throw SavedBytes.Damage() }
            return .thing(TokensThing(Vocabulary(words: try many { try r.text() }, length: length)))
        case NetFile.absent: return .thing(NotStored(try r.text(), try r.text(), path))
        default: throw SavedBytes.Damage()
        }
    }

    // MARK: Layers

    private func layer() throws -> Layer {
        try object { (_: Int) -> Layer in
            let kind = try r.text()
            let isFrozen = try r.flag()
            let arguments = try many { (name: try r.text(), value: try value()) }
            let constructor = try optional { try code() }
            let given = try optional { try many { try Shape(try r.ints()) } }
            let from = try optional { try Shape(try r.ints()) }
            let form: Layer.Form
            switch try r.byte() {
            case 0: form = .pipeline(try many { Layer.Stage(name: try r.text(), layer: try layer()) })
            case 1: form = .custom(try custom())
            case 2: form = .function(try value())
            case 3: form = .training(try layer())
            default: throw SavedBytes.Damage()
            }
            let made = try interpreter.bounded(
                Layer(kind: kind, form: form, arguments: arguments, constructor: constructor))
            made.isFrozen = isFrozen
            made.given = given
            made.builtFrom = from.map { ($0, nil) }
            return made
        }
    }

    private func custom() throws -> Layer.Custom {
        let isBuilt = try r.flag()
        let usesWidth = try r.flag()
        let width = try optional { try r.int() }
        let forward = try function()
        let slots = try many { () -> Layer.Custom.Slot in
            let kinds: [Layer.Custom.Slot.Kind] = [.parameter, .state, .part]
            guard let kind = kinds[safe: Int(try r.byte())] else { throw SavedBytes.Damage() }
            return .init(
                kind: kind, name: try r.text(), shape: try optional { try function() },
                initial: try optional { try function() }, parameter: try optional { try parameter() },
                value: try value())
        }
        let made = Layer.Custom(slots: slots, forward: forward, usesWidth: usesWidth)
        made.isBuilt = isBuilt
        made.inputWidth = width
        return made
    }

    private func parameter() throws -> SiamLearning.Parameter {
        try object { (_: Int) -> SiamLearning.Parameter in
            let name = try r.text()
            let k = try r.int()
            if k < 0 {
                let isFrozen = try r.flag()
                return SiamLearning.Parameter(name: name, value: try r.tensor(), isFrozen: isFrozen)
            }
            guard let w = weights[safe: k] else { throw SavedBytes.Damage() }
            return SiamLearning.Parameter(name: name, value: w.value, isFrozen: w.isFrozen)
        }
    }

    // MARK: Functions

    private func function() throws -> Function {
        try object { (_: Int) -> Function in
            let code = try self.code()
            let captures = try many { try self.object { (_: Int) -> Cell in Cell(.unbound) } }
            let layer = try optional { try self.layer() }
            guard captures.count == code.captureNames.count, NetFile.role(code.role) < 5 else {
                throw SavedBytes.Damage()
            }
            return Function(code: code, captures: captures, layer: layer)
        }
    }

    private func space(_ source: Int) -> NameSpace {
        if let known = spaces[source] { return known }
        let made = NameSpace()
        spaces[source] = made
        return made
    }

    private func code() throws -> Code {
        if try r.byte() == 1 {
            let name = try r.text()
            let k = try r.int()
            if library[name] == nil { library[name] = NetFile.codes(of: name, interpreter.globals) }
            guard let code = library[name]?[safe: k] else { throw Lost() }
            return code
        }
        let k = try r.int()
        let span = Span(try r.int(), try r.int())
        let name = try r.text()
        let role = try r.byte()
        guard let source = sources[safe: k] else { throw SavedBytes.Damage() }
        if parsed[k] == nil { parsed[k] = Parser.parse(source).program.statements }
        guard let statement = parsed[k]?.first(where: { $0.span.start <= span.start && span.end <= $0.span.end }) else {
            throw SavedBytes.Damage()
        }
        let place = Written(source: k, start: statement.span.start)
        if compiled[place] == nil {
            compiled[place] = try interpreter.globals.within(space(k)) {
                NetFile.all(try Compiler.top(statement, source: source, globals: interpreter.globals))
            }
        }
        let found = compiled[place]?.first {
            $0.span.start == span.start && $0.span.end == span.end && $0.name == name && NetFile.role($0.role) == role
        }
        guard let found else { throw SavedBytes.Damage() }
        return found
    }
}

/// Stands for what a run out of a file does not have: its source, and what functions of its net use that is no number, text,
/// tensor, function or net.
final class NotStored: Thing, @unchecked Sendable {
    private let kind: String
    private let text: String
    private let path: String
    init(_ kind: String, _ text: String, _ path: String) {
        self.kind = kind
        self.text = text
        self.path = path
    }
    override var kindName: String { kind }
    override var summary: String { text }
    private var missing: Diagnostic {
        Diagnostic(
            code: "run.absent", "\(kind) is needed here, and \(path) does not contain it: \(text)",
            notes: ["a saved run contains its nets, with the numbers and functions that they use, but no data"],
            repair:
                "resume(run, for_steps = 1) creates it again by running the program of the run, which r.program shows")
    }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? { throw missing }
    override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? { throw missing }
    override func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? { throw missing }
    override func iterator(_ interpreter: Interpreter) throws -> (() throws -> Value?)? { throw missing }
}
