import CKernels
import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// A hash of everything that the result of a computation depends on: syntax trees without comments and places, values by their
/// content, and everything that they refer to. Computations with equal keys have equal results.
final class ContentKey {
    private var digest = siam_digest()
    private let globals: Globals
    /// Objects that were hashed already, by their order, so that shared objects give another key than equal copies.
    private var met: [ObjectIdentifier: Int] = [:]
    private var parameters: [SiamLearning.Parameter] = []
    private var optimizers: [Optimizer] = []
    private var depth = 0

    init(_ globals: Globals) {
        self.globals = globals
        siam_digest_begin(&digest)
        put("siam meaning 1")
    }

    /// 32 hexadecimal digits. Nothing is added behind it.
    func name() -> String {
        // The moments of an optimizer belong to parameters, which may be met behind it.
        for optimizer in optimizers {
            let state = optimizer.snapshot()
            for (k, p) in parameters.enumerated() {
                let (first, second) = state.moments(of: p)
                for moment in [first, second] {
                    guard let moment else { continue }
                    put(k)
                    put(moment)
                }
            }
        }
        var out: (UInt64, UInt64) = (0, 0)
        withUnsafeMutablePointer(to: &out) {
            $0.withMemoryRebound(to: UInt64.self, capacity: 2) { siam_digest_end(&digest, $0) }
        }
        return [out.0, out.1].map { word in
            let bytes = withUnsafeBytes(of: word.littleEndian) { Array($0) }
            return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }.joined()
    }

    // MARK: Plain contents

    private func raw(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { siam_digest_add(&digest, base, Int64(bytes.count)) }
    }
    func put(_ x: UInt64) { withUnsafeBytes(of: x.littleEndian) { raw($0) } }
    func put(_ x: Int) { put(UInt64(bitPattern: Int64(x))) }
    func put(_ x: Double) { put(x.bitPattern) }
    func put(_ text: String) {
        var text = text
        text.withUTF8 {
            put($0.count)
            raw(UnsafeRawBufferPointer($0))
        }
    }
    func put(_ t: Tensor) {
        put(t.precision == .single ? 0 : 1)
        put(t.shape.rank)
        for d in t.shape.dims { put(d) }
        raw(UnsafeRawBufferPointer(start: t.address, count: t.count * t.precision.width))
    }
    func put(_ s: RandomStream) { for k in 0..<4 { put(s.state[k]) } }
    func put(_ d: Dataset) {
        put(d.x)
        put(d.y.count)
        for y in d.y { put(y) }
        put(d.name)
        for text in d.names + d.columns { put(text) }
        if let targets = d.targets { put(targets) }
        for column in d.texts {
            put(column.name)
            for text in column.texts { put(text) }
        }
    }

    /// Whether a thing is met for the first time; else the name says which it is.
    private func isNew(_ thing: AnyObject) -> Bool {
        let id = ObjectIdentifier(thing)
        if let k = met[id] {
            put("again")
            put(k)
            return false
        }
        met[id] = met.count
        return true
    }

    // MARK: Trees

    private static let unsaid: Set<String> = ["help", "memberSpans", "bodyEnd", "isCommand"]

    /// A piece of the syntax tree: what it says, not where or how it is laid out.
    func put(tree x: Any) {
        switch x {
        case is Span, is Source, is [Span]: return
        case let text as String: return put(text)
        case let number as Double: return put(number)
        case let number as Int: return put(number)
        case let name as Name: return put(name.text)
        case let e as Expression:
            if case .number(let value, _) = e.kind {
                put("number")
                return put(value)
            }
        default: break
        }
        let mirror = Mirror(reflecting: x)
        switch mirror.displayStyle {
        case .enum: put(mirror.children.first?.label ?? "\(x)")
        case .collection, .optional: put(mirror.children.count)
        default: if mirror.children.isEmpty { put("\(x)") }
        }
        for child in mirror.children where !ContentKey.unsaid.contains(child.label ?? "") { put(tree: child.value) }
    }

    // MARK: Values

    func put(_ v: Value) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { throw NotStorable(reason: "it uses values that are nested too deep") }
        switch v {
        case .none: put("none")
        case .unbound: put("unbound")
        case .number(let x):
            put("number")
            put(x)
        case .bool(let b): put(b ? "true" : "false")
        case .text(let t):
            put("text")
            put(t.string)
        case .tensor(let t):
            put("tensor")
            put(t)
        case .list(let l):
            put("list")
            put(l.items.count)
            for x in l.items { try put(x) }
        case .record(let r):
            put("record")
            put(r.names.count)
            for (name, x) in zip(r.names, r.values) {
                put(name)
                try put(x)
            }
        case .range(let r):
            put("range")
            put(r.low ?? .min)
            put(r.high ?? .min)
        case .cell(let c): if isNew(c) { try put(c.value) }
        case .builtin(let b):
            guard !["files", "elsewhere"].contains(b.family) else {
                throw NotStorable(reason: "it calls \(b.name), and the content of files is not known beforehand")
            }
            put("builtin")
            put(b.name)
        case .function(let f): try put(f)
        case .layer(let l): try put(l)
        case .thing(let t):
            put("thing")
            guard isNew(t) else { return }
            guard try t.meaning(self) else {
                throw NotStorable(reason: "it uses \(t.kindName), whose content cannot be compared")
            }
        }
    }

    private func put(_ f: Function) throws {
        put("function")
        guard isNew(f) else { return }
        try put(f.code)
        for cell in f.captures { try put(.cell(cell)) }
        if let layer = f.layer { try put(layer) }
    }

    /// A function's text and the values that its names have outside of it.
    private func put(_ code: Code) throws {
        guard isNew(code) else { return }
        put(code.name)
        if let tree = code.tree {
            put(tree: tree.parameters)
            put(tree: tree.body)
        }
        try putGlobals(of: code, except: [])
    }

    /// The global names that a code uses, with their values.
    func putGlobals(of code: Code, except own: Set<String>) throws {
        var seen = Set<Int>()
        var slots: [Int] = []
        func visit(_ code: Code) throws {
            for i in code.instructions {
                if i.op == .importFile { throw NotStorable(reason: "it imports a file") }
                for operand in [i.a, i.b, i.c] where Operand.isGlobal(operand) {
                    let slot = Int(operand & Operand.mask)
                    if slot < globals.names.count, seen.insert(slot).inserted { slots.append(slot) }
                }
            }
            for inner in code.codes { try visit(inner) }
        }
        try visit(code)
        for slot in slots where !own.contains(globals.names[slot]) {
            put(globals.names[slot])
            try put(try globals.resolve(slot) ?? .unbound)
        }
    }

    func put(_ layer: Layer) throws {
        put("layer")
        guard isNew(layer) else { return }
        put(layer.kind)
        put(layer.isFrozen ? 1 : 0)
        for (name, value) in layer.arguments {
            put(name)
            try put(value)
        }
        if let code = layer.constructor { try put(code) }
        switch layer.form {
        case .pipeline(let stages):
            put(stages.count)
            for s in stages {
                put(s.name)
                try put(s.layer)
            }
        case .training(let inner):
            put("training")
            try put(inner)
        case .function(let f): try put(f)
        case .custom(let c):
            put(c.inputWidth ?? -1)
            try put(c.forward)
            for slot in c.slots {
                put(slot.name)
                put("\(slot.kind)")
                if let p = slot.parameter {
                    if isNew(p) {
                        parameters.append(p)
                        put(p.isFrozen ? 1 : 0)
                        put(p.value)
                    }
                    continue
                }
                for f in [slot.shape, slot.initial] { if let f { try put(f) } }
                try put(slot.value)
            }
        }
    }

    func put(_ optimizer: Optimizer) throws {
        let state = optimizer.snapshot()
        guard !state.isWaiting else { throw NotStorable(reason: "it uses an optimizer in the middle of an update") }
        put(optimizer.name)
        put(state.step)
        for (name, value) in state.settings.sorted(by: { $0.key < $1.key }) {
            put(name)
            put(value)
        }
        optimizers.append(optimizer)
    }
}
