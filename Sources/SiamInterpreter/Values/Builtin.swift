import SiamGradient
import SiamLanguage
import SiamTensor

/// A function of the language that is written in Swift: declared once, with all that help, completion, the reference and
/// the tests say of it.
public final class Builtin: Sendable {
    public struct Parameter: Sendable {
        public let name: String
        /// The default as it is written in the language; nil where the argument must be given.
        public let defaultText: String?
        /// Takes all further positional arguments, as a list.
        public let isRest: Bool
        public let defaultValue: Value
        /// What it takes, as the signature says behind a colon: `rate : number >= 0 < 1 = 0.5`.
        public let kind: Kind?
    }
    /// What those who read or change a program have to know of a call.
    public struct Traits: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// It takes numbers from the session's random stream: without the call, later draws are others.
        public static let draws = Traits(rawValue: 1)
        /// It draws a data set by numbers that say how hard the task is.
        public static let synthetic = Traits(rawValue: 2)
        /// It gives the parts of a cross-validation.
        public static let folds = Traits(rawValue: 4)
        /// Its first argument is handed on as a call rather than evaluated before.
        public static let lazy = Traits(rawValue: 8)
        /// Its call only shows, writes or checks something: a program computes the same without the statement.
        public static let shows = Traits(rawValue: 16)
    }
    public typealias Body = @Sendable (Interpreter, Arguments) throws -> Value

    public let name: String
    public let family: String
    /// The target and the file of the declaration, for those who look for it.
    public let file: StaticString
    public let parameters: [Parameter]
    public let help: String
    public let examples: [(code: String, result: String)]
    public let seeAlso: [String]
    public let traits: Traits
    /// Help on topics that are not names of the language: the faults that `diagnose` knows.
    public let topics: @Sendable () -> [HelpEntry]
    public let body: Body
    /// The operator behind it, for the short way of calls with tensors alone.
    package let op: Operator?
    let tensorCount: Int
    /// Whether a parameter declares its kind.
    package let hasKinds: Bool

    /// - Parameter signature: `net : net, x, batch : whole >= 1 = 32, rest...`
    public init(
        _ name: String, _ signature: String, family: String = "language", _ help: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [], traits: Traits = [],
        op: Operator? = nil, topics: @escaping @Sendable () -> [HelpEntry] = { [] }, file: StaticString = #fileID,
        body: @escaping Body
    ) {
        self.name = name
        self.file = file
        self.family = family
        self.help = help
        self.examples = examples
        self.seeAlso = seeAlso
        self.traits = traits
        self.topics = topics
        self.body = body
        self.op = op
        parameters = Builtin.parse(signature)
        hasKinds = parameters.contains { $0.kind != nil }
        tensorCount = hasKinds ? 0 : op.map(Builtin.shortCount) ?? 0
    }

    /// Whether a call does nothing but give a value: operators, and what makes lists, texts and tensors without calling a
    /// function that it is given.
    public var isPure: Bool {
        if op != nil { return true }
        return ["lists", "texts", "tensors"].contains(family) && !parameters.contains { ["f", "by"].contains($0.name) }
    }

    /// How many tensors an operator of tensors alone takes for its one result; 0 for one that gives several.
    private static func shortCount(_ op: Operator) -> Int {
        let count = op.parameters.count { $0.kind == .tensor }
        guard count == op.parameters.count else { return 0 }
        let square = [Shape](repeating: Shape.matrix(2, 2), count: count)
        return ((try? op.shape(square, []))?.count ?? 1) == 1 ? count : 0
    }

    public var signature: String {
        let inside = parameters.map { p in
            p.isRest ? "\(p.name)..." : p.defaultText.map { "\(p.name) = \($0)" } ?? p.name
        }
        return "\(name)(\(inside.joined(separator: ", ")))"
    }

    /// Read as bytes: there are some hundreds of them at every start.
    private static func parse(_ signature: String) -> [Parameter] {
        let bytes = Array(signature.utf8)
        var found: [Parameter] = []
        var depth = 0
        var isQuoted = false
        var start = 0
        for (k, c) in bytes.enumerated() {
            switch c {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: ",") where depth == 0 && !isQuoted:
                found.append(parameter(bytes[start..<k]))
                start = k + 1
            default: break
            }
        }
        let last = bytes[start...]
        if !last.allSatisfy({ $0 == UInt8(ascii: " ") }) { found.append(parameter(last)) }
        return found
    }

    private static func parameter(_ part: ArraySlice<UInt8>) -> Parameter {
        let (left, defaultValue) = halves(part, at: UInt8(ascii: "="))
        let (word, kindText) = halves(left, at: UInt8(ascii: ":"))
        let kind = kindText.flatMap { Kind.read(text($0)).kind }
        if word.count > 3, word.suffix(3).allSatisfy({ $0 == UInt8(ascii: ".") }) {
            return Parameter(
                name: text(word.dropLast(3)), defaultText: nil, isRest: true, defaultValue: .none, kind: kind)
        }
        guard let defaultValue else {
            return Parameter(name: text(word), defaultText: nil, isRest: false, defaultValue: .unbound, kind: kind)
        }
        let written = text(defaultValue)
        return Parameter(
            name: text(word), defaultText: written, isRest: false, defaultValue: literal(written), kind: kind)
    }

    /// The parts before and after the first separator with spaces around it, trimmed.
    private static func halves(_ part: ArraySlice<UInt8>, at sign: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
        let space = UInt8(ascii: " ")
        var k = part.startIndex + 1
        while k + 1 < part.endIndex {
            if part[k] == sign, part[k - 1] == space, part[k + 1] == space {
                return (trimmed(part[..<k]), trimmed(part[(k + 1)...]))
            }
            k += 1
        }
        return (trimmed(part), nil)
    }
    private static func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var part = part
        while part.first == UInt8(ascii: " ") { part.removeFirst() }
        while part.last == UInt8(ascii: " ") { part.removeLast() }
        return part
    }
    private static func text(_ part: ArraySlice<UInt8>) -> String { String(decoding: part, as: UTF8.self) }

    private static func literal(_ s: String) -> Value {
        switch s {
        case "none": return .none
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if let x = Double(s) { return .number(x) }
            if s.hasPrefix("\""), s.hasSuffix("\""), s.count >= 2 { return Value(String(s.dropFirst().dropLast())) }
            if s.hasPrefix("["), s.hasSuffix("]") {
                let items = s.dropFirst().dropLast().split(separator: ",").compactMap { Double($0.trimmed) }
                if let t = try? Tensor(Shape.vector(items.count), items.map { Float($0) }) { return .tensor(t) }
            }
            return Value(s)
        }
    }
}

/// The lists of built-ins: each target above adds those of its families, and `Builtin.all` has all of them.
public enum Builtins {}

/// The arguments of one call of a built-in, in the order of its parameters, defaults filled in.
public struct Arguments {
    public let builtin: Builtin
    public var values: [Value]
    public let interpreter: Interpreter

    public init(builtin: Builtin, values: [Value], interpreter: Interpreter) {
        self.builtin = builtin
        self.values = values
        self.interpreter = interpreter
    }

    public subscript(_ i: Int) -> Value { i < values.count ? values[i] : .none }
    public func isNone(_ i: Int) -> Bool { if case .none = self[i] { true } else { false } }

    public func wrong(_ i: Int, _ wanted: String) -> Diagnostic {
        let parameter = i < builtin.parameters.count ? builtin.parameters[i].name : "an argument"
        // What a layer of the library hands on to a primitive is its own input.
        if i == 0, wanted == "a tensor", let layer = interpreter.layerOfLibrary {
            return Diagnostic(code: "layer.input", "\(layer) expects a tensor, and got \(self[i].kindName)")
        }
        return Diagnostic(
            code: "argument.kind", "\(builtin.name) expects \(wanted) for \(parameter), and got \(self[i].kindName)",
            notes: (ragged(i).map { [$0] } ?? [])
                + (builtin.parameters.count > 1 ? ["it takes \(builtin.signature)"] : []),
            repair: (i == 0 && isNone(0) ? interpreter.printedWhole : nil)
                ?? (wanted.contains("a net") ? nil : Interpreter.scalerAdvice(self[i])) ?? unquoted(i, wanted)
                ?? uncalled(i, wanted) ?? joined(i) ?? exchanged(i, wanted) ?? handedOver(i, wanted)
                ?? (["function", "net", "layer", "schedule", "initialiser"].contains(where: wanted.contains)
                    ? titled(i) : nil))
    }
    /// `baseline = "true"`.
    private func unquoted(_ i: Int, _ wanted: String) -> String? {
        guard wanted == "true or false", case .text(let t) = self[i], ["true", "false"].contains(t.string.lowercased())
        else { return nil }
        return "without quotes:  \(t.string.lowercased())"
    }
    /// A list of rows that would be a tensor if they had one length.
    private func ragged(_ i: Int) -> String? {
        guard case .list(let l) = self[i], l.items.count > 1, l.items.count < 1 << 16 else { return nil }
        let shapes = l.items.compactMap { v -> Shape? in if case .tensor(let t) = v { t.shape } else { nil } }
        guard shapes.count == l.items.count, let first = shapes.first,
            let k = shapes.firstIndex(where: { $0 != first })
        else { return nil }
        return "its rows differ in length, so it is not a tensor: \(first) in row 0 and \(shapes[k]) in row \(k)"
    }
    /// `trace(net(x))` and `grad(net, l)`: a net applied where it belongs by itself, a net where its output belongs.
    private func handedOver(_ i: Int, _ wanted: String) -> String? {
        if i == 0, case .tensor = self[0], wanted == "a net" { return interpreter.apart() }
        if i == 0, builtin.name == "grad", case .layer = self[0], builtin.parameters.count > 1, case .tensor = self[1],
            let call = interpreter.call(turning: 0, 1)
        {
            return "in the other order:  \(call)"
        }
        return nil
    }
    /// `one_hot(10, y)`: a tensor where a number belongs, and the number where the tensor does.
    private func exchanged(_ i: Int, _ wanted: String) -> String? {
        guard wanted == "a number", case .tensor(let t) = self[i], t.count > 1 else { return nil }
        let places = (0..<min(i, interpreter.argumentTexts.count)).filter { k in
            if case .number = self[k] { true } else { false }
        }
        guard places.count == 1, let call = interpreter.call(turning: places[0], i) else { return nil }
        return "in the other order:  \(call)"
    }
    /// `len(digits)`: a function that is called without arguments, by its name alone.
    private func uncalled(_ i: Int, _ wanted: String) -> String? {
        guard !wanted.contains("function"), case .builtin(let b) = self[i], !b.parameters.isEmpty || b.family == "data",
            b.parameters.allSatisfy({ if case .unbound = $0.defaultValue { $0.isRest } else { true } })
        else { return nil }
        return "\(b.name) is a function, and what it gives is  \(b.name)()"
    }
    /// A function of the library by its name in quotes.
    private func titled(_ i: Int) -> String? {
        guard case .text(let t) = self[i], interpreter.isOfLibrary(t.string) else { return nil }
        return "write the function's name without quotes:  \(t.string)"
    }
    /// `relu(dense(3))`: an activation of a layer is a stage behind it.
    private func joined(_ i: Int) -> String? {
        if i == 0, case .thing(let t) = self[i], t.kindName == "a data set", let text = interpreter.argumentTexts.first,
            text.utf8.count <= 30, !text.contains("\n")
        {
            return "its examples as a tensor:  \(builtin.name)(\(text).x)"
        }
        guard i == 0, case .layer = self[i],
            [
                "relu", "sigmoid", "tanh", "softmax", "log_softmax", "elu", "gelu", "leaky_relu", "softplus", "l2norm",
                "abs",
            ]
            .contains(builtin.name),
            let text = interpreter.argumentTexts.first, text.utf8.count <= 40, !text.contains("\n")
        else { return nil }
        return "join stages with >>:  \(text) >> \(builtin.name)"
    }
    public func tensor(_ i: Int) throws -> Tensor {
        guard let t = Interpreter.tensor(self[i]) else { throw wrong(i, "a tensor") }
        return t
    }
    public func number(_ i: Int) throws -> Double {
        switch self[i] {
        case .number(let x): return x
        case .bool(let b): return b ? 1 : 0
        case .tensor(let t) where t.count == 1: return t.item
        default: throw wrong(i, "a number")
        }
    }
    public func integer(_ i: Int, atLeast least: Int = Int.min) throws -> Int {
        if case .bool(let b) = self[i], i < builtin.parameters.count, builtin.parameters[i].name == "axis" {
            var d = wrong(i, "a whole number")
            let flags = builtin.parameters.filter { $0.defaultText == "false" }
            if flags.count == 1 { d.repair = "name the argument:  \(flags[0].name) = \(b)" }
            throw d
        }
        let x = try number(i)
        guard x == x.rounded(), abs(x) < 1e15 else {
            throw Diagnostic(
                code: "argument.whole",
                "\(builtin.name) expects a whole number for \(builtin.parameters[i].name), and got \(formatNumber(x))")
        }
        guard Int(x) >= least else {
            throw Diagnostic(
                code: "argument.small",
                "\(builtin.name) expects \(builtin.parameters[i].name) to be at least \(least), and got \(Int(x))")
        }
        return Int(x)
    }
    public func flag(_ i: Int) throws -> Bool {
        switch self[i] {
        case .bool(let b): return b
        case .number(let x) where x == 0 || x == 1: return x != 0
        case .tensor(let t) where t.count == 1 && (t.item == 0 || t.item == 1): return t.item != 0
        default: throw wrong(i, "true or false")
        }
    }
    public func text(_ i: Int) throws -> String {
        guard case .text(let t) = self[i] else { throw wrong(i, "a text") }
        return t.string
    }
    public func list(_ i: Int) throws -> [Value] {
        switch self[i] {
        case .list(let l): return l.items
        case .tensor, .range, .record:
            return try interpreter.items(self[i])
        default: throw wrong(i, "a list")
        }
    }
    public func layer(_ i: Int) throws -> Layer {
        guard let l = try interpreter.asLayer(self[i]) else { throw wrong(i, "a net") }
        return l
    }
    /// A thing of the given class.
    public func thing<T: Thing>(_ i: Int, _ type: T.Type, _ wanted: String) throws -> T {
        guard case .thing(let t) = self[i], let found = t as? T else { throw wrong(i, wanted) }
        return found
    }
    /// Whole numbers out of a list, a tensor or one number.
    public func integers(_ i: Int) throws -> [Int] {
        switch self[i] {
        case .number, .bool: return [try integer(i)]
        default:
            switch self[i] {
            case .list, .tensor, .range: break
            default: throw wrong(i, "a whole number, or a list of them,")
            }
            return try list(i).map {
                try interpreter.wholeNumber($0, "\(builtin.name)'s \(builtin.parameters[i].name)")
            }
        }
    }
}

extension Builtin {
    private static let ofOperators: [String: Builtin] = Dictionary(
        Operators.all.map { ($0.name, Builtin($0)) }, uniquingKeysWith: { a, _ in a })
    /// The one built-in of an operator.
    public static func of(_ op: Operator) -> Builtin { ofOperators[op.name] ?? Builtin(op) }

    /// The built-in of an operator: signature, help and examples are the operator's own.
    public convenience init(_ op: Operator) {
        let signature = op.parameters.map { p in
            let name = p.takes.map { "\(p.name) : \($0)" } ?? p.name
            return p.kind == .tensors ? "\(p.name)..." : p.defaultValue.map { "\(name) = \($0)" } ?? name
        }
        self.init(
            op.name, signature.joined(separator: ", "), family: op.family, op.help, examples: op.examples,
            seeAlso: op.seeAlso, op: op, file: op.file
        ) { interpreter, arguments in
            try interpreter.apply(op, arguments)
        }
    }
}

extension Interpreter {
    /// Applies an operator to values: numbers become scalars; if all arguments are numbers, so is the result.
    package func apply(_ op: Operator, _ arguments: Arguments) throws -> Value {
        var inputs: [Tensor] = []
        var attributes: [Attribute] = []
        var allNumbers = true
        for (i, p) in op.parameters.enumerated() {
            switch p.kind {
            case .tensor:
                if case .tensor = arguments[i] { allNumbers = false }
            case .tensors, .optionalTensor: allNumbers = false
            default: break
            }
        }
        if op === Operators.gather, case .list(let l) = arguments[1], l.items.count == 2,
            l.items.allSatisfy({ if case .tensor(let t) = $0 { t.rank > 0 } else { false } })
        {
            throw Diagnostic(
                code: "argument.kind", "gather expects indices, and got a list of two tensors",
                repair: "nearest returns indices and distances:  places, distances = nearest(x, z)")
        }
        for (i, p) in op.parameters.enumerated() {
            let v = arguments[i]
            switch p.kind {
            case .tensor:
                if allNumbers, case .number(let x) = v {
                    inputs.append(try Tensor(scalar: x, .double))
                } else {
                    inputs.append(try tensorLike(arguments, i))
                }
            case .optionalTensor: if !arguments.isNone(i) { inputs.append(try arguments.tensor(i)) }
            case .tensors:
                var items = try arguments.list(i)
                if items.count == 1, case .list(let l) = items[0] { items = l.items }
                for item in items {
                    guard let t = Interpreter.tensor(item) else {
                        throw Diagnostic(
                            code: "argument.kind", "\(op.name) joins tensors, and one of these is \(item.kindName)",
                            repair: item.kindName == "a data set"
                                ? "join data sets with  join(a, b)"
                                : nil)
                    }
                    inputs.append(t)
                }
                // `concatenate([a, b])`: a list of equal shapes is one tensor by now, and its rows are the parts.
                if inputs.count == 1, op.joinsParts, inputs[0].rank > 1 {
                    let whole = inputs[0]
                    inputs = try (0..<whole.shape[0]).map { k in
                        if case .tensor(let part) = try row(whole, k) { return part }
                        return whole
                    }
                }
            case .integer: attributes.append(arguments.isNone(i) ? .none : .integer(try arguments.integer(i)))
            case .number: attributes.append(arguments.isNone(i) ? .none : .number(try arguments.number(i)))
            case .flag: attributes.append(.flag(try arguments.flag(i)))
            case .text: attributes.append(arguments.isNone(i) ? .none : .text(try arguments.text(i)))
            case .axes: attributes.append(arguments.isNone(i) ? .none : .integers(try arguments.integers(i)))
            case .lengths: attributes.append(arguments.isNone(i) ? .none : .integers(try arguments.integers(i)))
            }
        }
        let results = try op.applyAll(inputs, attributes)
        if op === Operators.gather { warnOfGather(inputs, attributes) }
        if op === Operators.argmax || op === Operators.argmin { warnOfPlace(op.name, inputs, attributes) }
        // How often each occurs is for the engine alone: the value is the same by whatever way it is called.
        if op === Operators.unique, let values = results.first { return .tensor(values) }
        guard results.count == 1 else { return Value(results.map { .tensor($0) }) }
        if allNumbers, results[0].count == 1 { return .number(results[0].item) }
        return .tensor(results[0])
    }

    /// A tensor out of what people give for one: numbers, bools, data sets' images, lists of numbers.
    private func tensorLike(_ arguments: Arguments, _ i: Int) throws -> Tensor {
        switch arguments[i] {
        case .list(let l) where !l.items.isEmpty:
            if case .tensor(let t) = try bracket(l.items) { return t }
            return try arguments.tensor(i)
        case .list: return try Tensor(Shape.vector(0), [])
        default: return try arguments.tensor(i)
        }
    }
}
