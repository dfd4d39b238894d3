import SiamLanguage
import SiamTensor

/// The values of the language. Layers and things are shared by all names that refer to them; all others are copied.
public enum Value: @unchecked Sendable {
    case number(Double)
    case bool(Bool)
    case tensor(Tensor)
    case text(Text)
    case list(List)
    case record(Record)
    case range(RangeValue)
    case function(Function)
    case builtin(Builtin)
    case layer(Layer)
    case thing(Thing)
    /// A captured variable's box; never seen by a program.
    case cell(Cell)
    case none
    /// A name that has no value yet.
    case unbound

    public init(_ text: String) { self = .text(Text(text)) }
    public init(_ items: [Value]) { self = .list(List(items)) }

    /// What the kind is called in messages, with its article.
    public var kindName: String {
        switch self {
        case .number: "a number"
        case .bool: "a bool"
        case .tensor(let t): t.count == 1 && t.rank == 0 ? "a number" : "a tensor of \(t.shape)"
        case .text: "a text"
        case .list(let l): "a list of \(l.items.count)"
        case .record: "a record"
        case .range: "a range"
        case .function(let f): f.code.role == .layer ? "a layer's constructor" : "a function"
        case .builtin: "a function"
        case .layer: "a layer"
        case .thing(let t): t.kindName
        case .cell, .none: "none"
        case .unbound: "nothing"
        }
    }
}

/// A text. Boxed, so that a value stays two words.
public final class Text: @unchecked Sendable {
    public private(set) var string: String
    public init(_ string: String) { self.string = string }
    /// Its letters, found once: a text has no places of its own.
    var letters: [Character] {
        if let found { return found }
        let all = Array(string)
        found = all
        return all
    }
    private var found: [Character]?
    /// Appends in place; the caller has to know that the storage is not shared.
    func grow(by more: String) {
        string += more
        found = nil
    }
}

/// A list; a value: a change copies it unless no one else holds it.
public final class List: @unchecked Sendable {
    public package(set) var items: [Value]
    public init(_ items: [Value]) { self.items = items }
    deinit { DeepRelease.of(items) { items = [] } }
}

/// Names to values, in order. A name may be a path, `dense1.w`; then `r.dense1` is the part below it. Few values stand in the
/// record itself.
public final class Record: @unchecked Sendable {
    public let names: [String]
    private var first = Value.none
    private var second = Value.none
    private var third = Value.none
    /// All values, where they are more than three.
    private var many: [Value]?
    public init(_ names: [String], _ values: [Value]) {
        self.names = names
        if values.count > 3 || values.count != names.count {
            many = values
        } else {
            for (k, value) in values.enumerated() { setFew(k, value) }
        }
    }
    /// As many values as names, read from memory.
    init(_ names: [String], from window: UnsafeMutablePointer<Value>) {
        self.names = names
        let count = names.count
        if count > 3 {
            many = Array(UnsafeBufferPointer(start: window, count: count))
        } else {
            if count > 0 { first = window[0] }
            if count > 1 { second = window[1] }
            if count > 2 { third = window[2] }
        }
    }
    deinit {
        guard many != nil || first.isHeld || second.isHeld || third.isHeld else { return }
        DeepRelease.of(values) {
            many = nil
            first = .none
            second = .none
            third = .none
        }
    }
    public convenience init(_ fields: [(String, Value)]) {
        self.init(fields.map(\.0), fields.map(\.1))
    }
    private func setFew(_ k: Int, _ value: Value) {
        switch k {
        case 0: first = value
        case 1: second = value
        default: third = value
        }
    }
    @inline(__always)
    private func few(_ k: Int) -> Value {
        switch k {
        case 0: first
        case 1: second
        default: third
        }
    }
    public var values: [Value] {
        many ?? names.indices.map(few)
    }
    /// The place of the field of exactly that name.
    @inline(__always)
    private func place(_ name: String) -> Int? {
        // Equal bits are equal texts, which is nearly always enough.
        let bits = unsafeBitCast(name, to: (UInt64, UInt64).self)
        for k in 0..<names.count where unsafeBitCast(names[k], to: (UInt64, UInt64).self) == bits { return k }
        return names.firstIndex(of: name)
    }
    /// Puts the value of the field of exactly that name into a slot, where there is one.
    @inline(__always)
    func give(_ name: String, to slot: UnsafeMutablePointer<Value>) -> Bool {
        guard let k = place(name) else { return false }
        if let many {
            slot.put(many[k])
        } else {
            slot.put(few(k))
        }
        return true
    }
    /// The field's value, or the record of all fields below the path.
    public func field(_ name: String) -> Value? {
        let values = values
        if let k = place(name) { return values[k] }
        let prefix = name + "."
        var below: [(String, Value)] = []
        for (i, n) in names.enumerated() where n.hasPrefix(prefix) {
            below.append((String(n.dropFirst(prefix.count)), values[i]))
        }
        return below.isEmpty ? nil : .record(Record(below))
    }
    public func setting(_ name: String, _ value: Value) -> Record {
        var names = names
        var values = values
        if let i = names.firstIndex(of: name) {
            values[i] = value
        } else {
            names.append(name)
            values.append(value)
        }
        return Record(names, values)
    }
}

/// `low..high`, half open; either end may be missing.
public final class RangeValue: Sendable {
    public let low: Int?
    public let high: Int?
    public init(_ low: Int?, _ high: Int?) {
        self.low = low
        self.high = high
    }
}

/// A variable shared by a function and the functions made inside it.
public final class Cell: @unchecked Sendable {
    package var value: Value
    package init(_ value: Value) { self.value = value }
    deinit { DeepRelease.of([value]) { value = .none } }
}

/// A function of the language: its code and the variables it closes over.
public final class Function: @unchecked Sendable {
    public let code: Code
    package private(set) var captures: [Cell]
    /// The layer in whose body the function was written.
    package private(set) var layer: Layer?
    /// The same two without reference counting, for the interpreter's calls.
    let codeReference: Unmanaged<Code>
    let layerReference: Unmanaged<Layer>?
    let parameterCount: Int
    package init(code: Code, captures: [Cell], layer: Layer?) {
        self.code = code
        self.captures = captures
        self.layer = layer
        codeReference = Unmanaged.passUnretained(code)
        layerReference = layer.map { Unmanaged.passUnretained($0) }
        parameterCount = code.parameters.count
    }
    deinit {
        guard !captures.isEmpty || layer != nil else { return }
        DeepRelease.of(captures.map { .cell($0) } + (layer.map { [.layer($0)] } ?? [])) {
            captures = []
            layer = nil
        }
    }
    public var name: String { code.name }
}

/// Things that are not values: optimizers, data sets, sources, runs, tables, figures. Shared by all their names.
open class Thing: @unchecked Sendable {
    public init() {}
    /// With its article: `an optimizer`.
    open var kindName: String { "a thing" }
    /// A description of one line.
    open var summary: String { kindName }
    /// What the prompt prints, lines; the summary unless there is more to see.
    open func display(_ page: Page) -> String { summary }
    /// A drawing that is shown under what `display` says.
    open var illustration: Figure? { nil }
    open func field(_ name: String, _ interpreter: Interpreter) throws -> Value? { nil }
    open var fieldNames: [String] { [] }
    /// Its kind, as parameters declare it.
    open var form: Given.Form { .other }
    /// What is said where it has no field of that name.
    open func adviceForField(_ name: String) -> String? { nil }
    /// Returns false if there is no such settable field.
    open func setField(_ name: String, _ value: Value, _ interpreter: Interpreter) throws -> Bool { false }
    open func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? { nil }
    open var length: Int? { nil }
    /// What a call of the thing gives; nil where it cannot be called.
    open func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? { nil }
    /// A `for` loop's values; nil where it cannot be walked.
    open func iterator(_ interpreter: Interpreter) throws -> (() throws -> Value?)? { nil }
    /// Writes the thing to a file, for `save`; false where its kind is not saved.
    open func save(to path: String, _ interpreter: Interpreter) throws -> Bool { false }
    /// State that a rewind or a sweep must put back, as a closure that does; nil where there is none.
    open func keepState() -> (() -> Void)? { nil }
}

/// The width and height of the space to print in.
public struct Page: Sendable {
    public var columns: Int
    public var rows: Int
    /// Everything, not only the corners.
    public var all: Bool
    public var unicode: Bool
    public var color: Bool
    public init(columns: Int = 80, rows: Int = 24, all: Bool = false, unicode: Bool = true, color: Bool = false) {
        self.columns = columns
        self.rows = rows
        self.all = all
        self.unicode = unicode
        self.color = color
    }
}
