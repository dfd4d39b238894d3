import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Puts nets down so that they can be made again without their program: layers, functions by the place where they are
/// written, what functions have captured, and the values of the names that they use. What is shared stays shared.
final class NetWriter {
    private var w = ByteWriter()
    /// What was put down, by its number.
    private var met: [ObjectIdentifier: Int] = [:]
    private var unfinished: Set<ObjectIdentifier> = []
    private var depth = 0
    /// The sources of functions.
    private(set) var sources: [Source]
    private let parameters: [ObjectIdentifier: Int]
    private let globals: Globals
    /// What names of the session mean to the run, where that is something else.
    private let own: [String: Value]
    private var library: [String: [Code]] = [:]

    /// Contents that follow behind the nets: what is captured, and what names stand for, may lead back to what holds them.
    private enum Pending {
        case cell(Cell)
        case name(source: Int, name: String, value: Value)
    }
    private var pending: [Pending] = []
    private struct Named: Hashable {
        var source: Int
        var slot: Int
    }
    private var named: Set<Named> = []

    /// - Parameter parameters: those whose values are elsewhere in the file, in their order.
    init(
        _ globals: Globals, sources: [Source], parameters: [SiamLearning.Parameter], own: [(name: String, value: Value)]
    ) {
        self.globals = globals
        self.sources = sources
        self.parameters = Dictionary(
            parameters.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { a, _ in a })
        self.own = Dictionary(own.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The bytes of some nets, and of the rate's schedule where there is one.
    func bytes(_ nets: [Layer], schedule: Value?) -> [UInt8] {
        many(nets) { put($0) }
        put(schedule ?? .none)
        while !pending.isEmpty {
            let all = pending
            pending = []
            for one in all {
                switch one {
                case .cell(let cell):
                    w.put(tag: 1)
                    w.put(met[ObjectIdentifier(cell)] ?? 0)
                    put(cell.value)
                case .name(let source, let name, let value):
                    w.put(tag: 2)
                    w.put(source)
                    w.put(name)
                    put(value)
                }
            }
        }
        w.put(tag: 0)
        return w.bytes
    }

    /// Whether something is put down for the first time; else its number is.
    private func isNew(_ x: AnyObject) -> Bool {
        let id = ObjectIdentifier(x)
        if let k = met[id] {
            w.put(k)
            return false
        }
        w.put(-1)
        met[id] = met.count
        return true
    }

    private func many<T>(_ items: [T], _ one: (T) -> Void) {
        w.put(items.count)
        for x in items { one(x) }
    }
    private func optional<T>(_ x: T?, _ one: (T) -> Void) {
        w.put(x != nil)
        if let x { one(x) }
    }

    // MARK: Values

    private func put(_ v: Value) {
        if w.put(plain: v) { return }
        depth += 1
        defer { depth -= 1 }
        switch v {
        case .list(let l) where depth < NetFile.deepest:
            w.put(tag: NetFile.list)
            many(l.items) { put($0) }
        case .record(let r) where depth < NetFile.deepest:
            w.put(tag: NetFile.record)
            many(Array(zip(r.names, r.values))) { name, value in
                w.put(name)
                put(value)
            }
        case .layer(let l) where depth < NetFile.deepest && !unfinished.contains(ObjectIdentifier(l)):
            w.put(tag: NetFile.layer)
            put(l)
        case .function(let f) where depth < NetFile.deepest:
            w.put(tag: NetFile.function)
            put(f)
        case .builtin(let b):
            w.put(tag: NetFile.builtin)
            w.put(b.name)
        case .thing(let t as AugmentationThing):
            let name = t.augmentation == .flip ? "mirror" : t.augmentation.word
            made(name, t.numbers)
        case .thing(let t as InitialiserThing): made(t.initialiser.name, t.initialiser.numbers)
        case .thing(let t as TokensThing):
            w.put(tag: NetFile.words)
            w.put(t.vocabulary.length)
            w.put(t.vocabulary.words) { $0.put($1) }
        case .thing(let t):
            w.put(tag: NetFile.absent)
            w.put(t.kindName)
            w.put(t.summary)
        default:
            w.put(tag: NetFile.absent)
            w.put(v.kindName)
            w.put(v.kindName)
        }
    }

    /// What a call of the library with numbers makes.
    private func made(_ name: String, _ numbers: [Double]) {
        w.put(tag: NetFile.made)
        w.put(name)
        w.put(numbers) { $0.put($1) }
    }

    // MARK: Layers

    private func put(_ layer: Layer) {
        guard isNew(layer) else { return }
        unfinished.insert(ObjectIdentifier(layer))
        defer { unfinished.remove(ObjectIdentifier(layer)) }
        w.put(layer.kind)
        w.put(layer.isFrozen)
        many(layer.arguments) { a in
            w.put(a.name)
            put(a.value)
        }
        optional(layer.constructor) { put($0) }
        w.put(optional: layer.given) { $0.put($1) { $0.put($1.dims) } }
        w.put(optional: layer.builtFrom?.shape) { $0.put($1.dims) }
        switch layer.form {
        case .pipeline(let stages):
            w.put(tag: 0)
            many(stages) { stage in
                w.put(stage.name)
                put(stage.layer)
            }
        case .custom(let c):
            w.put(tag: 1)
            w.put(c.isBuilt)
            w.put(c.usesWidth)
            w.put(optional: c.inputWidth) { $0.put($1) }
            put(c.forward)
            many(c.slots) { slot in
                w.put(tag: slot.kind == .parameter ? 0 : slot.kind == .state ? 1 : 2)
                w.put(slot.name)
                optional(slot.shape) { put($0) }
                optional(slot.initial) { put($0) }
                optional(slot.parameter) { put($0) }
                put(slot.value)
            }
        case .function(let f):
            w.put(tag: 2)
            put(f)
        case .training(let inner):
            w.put(tag: 3)
            put(inner)
        }
    }

    private func put(_ p: SiamLearning.Parameter) {
        guard isNew(p) else { return }
        w.put(p.name)
        if let k = parameters[ObjectIdentifier(p)] {
            w.put(k)
        } else {
            w.put(-1)
            w.put(p.isFrozen)
            w.put(p.value.detached())
        }
    }

    // MARK: Functions

    private func put(_ f: Function) {
        guard isNew(f) else { return }
        put(f.code)
        many(f.captures) { cell in
            if isNew(cell) { pending.append(.cell(cell)) }
        }
        let layer = f.layer.flatMap { unfinished.contains(ObjectIdentifier($0)) ? nil : $0 }
        optional(layer) { put($0) }
    }

    /// Where a code is written: of the library by its definition, else by its text.
    private func put(_ code: Code) {
        guard code.source.kind != .prelude else {
            let name = Prelude.definitions.first { $0.text == code.source.text }?.name ?? ""
            if library[name] == nil { library[name] = NetFile.codes(of: name, globals) }
            w.put(tag: 1)
            w.put(name)
            w.put(library[name]?.firstIndex { $0 === code } ?? -1)
            return
        }
        let k: Int
        if let known = sources.lastIndex(where: { $0 === code.source }) {
            k = known
        } else {
            sources.append(code.source)
            k = sources.count - 1
        }
        w.put(tag: 0)
        w.put(k)
        w.put(code.span.start)
        w.put(code.span.end)
        w.put(code.name)
        w.put(tag: NetFile.role(code.role))
        note(namesOf: code, source: k)
    }

    /// The user's names that a function uses are written with their values.
    private func note(namesOf code: Code, source: Int) {
        for i in code.instructions {
            for operand in [i.a, i.b, i.c] where Operand.isGlobal(operand) {
                let slot = Int(operand & Operand.mask)
                guard slot < globals.names.count, !globals.inherited.contains(slot),
                    named.insert(Named(source: source, slot: slot)).inserted
                else { continue }
                let name = globals.names[slot]
                let value = globals.isUserSlot(slot) ? own[name] ?? globals.values[slot] : globals.values[slot]
                if case .unbound = value { continue }
                pending.append(.name(source: source, name: name, value: value))
            }
        }
        for inner in code.codes { note(namesOf: inner, source: source) }
    }
}

/// What writing and reading of nets have in common.
enum NetFile {
    /// The greatest depth of nested values and layers.
    static let deepest = 500
    // Behind those of plain values.
    static let list: UInt8 = 20
    static let record: UInt8 = 21
    static let layer: UInt8 = 22
    static let function: UInt8 = 23
    static let builtin: UInt8 = 24
    static let made: UInt8 = 25
    static let words: UInt8 = 26
    static let absent: UInt8 = 27

    /// A definition of the library and the functions in it.
    static func codes(of name: String, _ globals: Globals) -> [Code] {
        guard case .function(let f)? = try? globals.baseValue(name) else { return [] }
        return all(f.code)
    }
    static func all(_ code: Code) -> [Code] { [code] + code.codes.flatMap(all) }

    static func role(_ role: Code.Role) -> UInt8 {
        switch role {
        case .fn: 0
        case .loss: 1
        case .layer: 2
        case .forward: 3
        case .lambda: 4
        case .top, .chunk: 5
        }
    }
}
