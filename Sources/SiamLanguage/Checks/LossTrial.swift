import Glibc

/// Works out what a loss of distances comes to for given distances, as far as its text is made of them: so it is seen without
/// running whether positive and negative pairs both count, and in which direction.
struct LossTrial {
    /// What an expression stands for.
    private enum Worth {
        case number(Double)
        /// What a net gives of a part of the batch.
        case embedding(String, isBounded: Bool)
        /// The difference of two embeddings, its squares, its absolute values.
        case difference(Set<String>, Power, isBounded: Bool)
    }

    private enum Power { case first, squares, absolutes }

    /// What is known of the program.
    struct Setting {
        /// The parts of the batch that are inputs.
        var parts: Set<String>
        /// What the names of the body were given, those with one value.
        var local: [String: [Expression?]]
        /// The one value that the file gives a name.
        var values: [String: Expression]
        var functions: [String: FunctionDefinition]
        /// Whether a name is a net, and whether what it gives is kept within bounds; nil for what is no net.
        var net: (String) -> Bool?
    }

    let setting: Setting
    /// Numbers of the batch: `same`.
    var numbers: [String: Double] = [:]
    /// The distance of two parts.
    var distances: [Set<String>: Double] = [:]
    /// The functions of distance that were met.
    private(set) var words: Set<String> = []
    /// Whether any distance is one that has no end.
    private(set) var isUnbounded = false
    private var depth = 0
    /// Whether cosine is taken for the similarity and 1 - cosine for the distance, as elsewhere.
    var takesSimilarity = false

    init(_ setting: Setting) { self.setting = setting }

    /// The value of a loss, nil where the text does not tell it.
    mutating func value(_ loss: Expression) -> Double? {
        guard case .number(let x)? = worth(loss, [:]), x.isFinite else { return nil }
        return x
    }

    private mutating func number(_ e: Expression, _ own: [String: Worth]) -> Double? {
        guard case .number(let x)? = worth(e, own) else { return nil }
        return x
    }

    private mutating func worth(_ e: Expression, _ own: [String: Worth]) -> Worth? {
        depth += 1
        defer { depth -= 1 }
        guard depth < 60 else { return nil }
        switch e.kind {
        case .number(let x, _): return .number(x)
        case .name(let name): return named(name, own)
        case .unary(.minus, let inner): return number(inner, own).map { .number(-$0) }
        case .unary(.not, let inner): return number(inner, own).map { .number($0 == 0 ? 1 : 0) }
        case .binary(let op, let left, let right, _): return binary(op, left, right, own)
        case .comparison(let sides, let signs, _):
            guard sides.count == 2, let a = number(sides[0], own), let b = number(sides[1], own) else { return nil }
            switch signs.first {
            case .equal: return .number(a == b ? 1 : 0)
            case .unequal: return .number(a != b ? 1 : 0)
            case .less: return .number(a < b ? 1 : 0)
            case .lessOrEqual: return .number(a <= b ? 1 : 0)
            case .greater: return .number(a > b ? 1 : 0)
            case .greaterOrEqual: return .number(a >= b ? 1 : 0)
            default: return nil
            }
        case .index(let owner, _): return number(owner, own).map { .number($0) }
        case .call(let callee, let given, _):
            switch callee.kind {
            case .name(let name): return call(name, given, own)
            case .field(let owner, let name): return call(name.text, [Argument(value: owner)] + given, own)
            default: return nil
            }
        default: return nil
        }
    }

    private mutating func named(_ name: String, _ own: [String: Worth]) -> Worth? {
        if let x = own[name] { return x }
        if let x = numbers[name] { return .number(x) }
        if let given = setting.local[name] {
            guard given.count == 1, let value = given[0] else { return nil }
            return worth(value, own)
        }
        guard let x = setting.values[name]?.plainNumber else { return nil }
        return .number(x)
    }

    private mutating func binary(
        _ op: BinaryOperator, _ left: Expression, _ right: Expression, _ own: [String: Worth]
    ) -> Worth? {
        guard let a = worth(left, own), let b = worth(right, own) else { return nil }
        switch (a, b) {
        case (.number(let x), .number(let y)):
            switch op {
            case .add: return .number(x + y)
            case .subtract: return .number(x - y)
            case .multiply: return .number(x * y)
            case .divide: return .number(x / y)
            case .power: return .number(pow(x, y))
            default: return nil
            }
        case (.embedding(let x, let one), .embedding(let y, let two)) where op == .subtract && x != y:
            return .difference([x, y], .first, isBounded: one && two)
        case (.difference(let of, .first, let isBounded), .number(2)) where op == .power:
            return .difference(of, .squares, isBounded: isBounded)
        case (.difference(let of, .first, let isBounded), .difference(let other, .first, _))
        where op == .multiply && of == other && left == right:
            return .difference(of, .squares, isBounded: isBounded)
        // What is added to keep a root from 0 changes nothing.
        case (.difference(let of, let power, let isBounded), .number(let x)) where op == .add && abs(x) < 1e-3:
            return .difference(of, power, isBounded: isBounded)
        default: return nil
        }
    }

    private mutating func call(_ name: String, _ given: [Argument], _ own: [String: Worth]) -> Worth? {
        if let function = setting.functions[name] { return applied(function, given, own) }
        if let isBounded = setting.net(name) {
            guard given.count == 1, given[0].name == nil, case .name(let part) = given[0].value.kind,
                setting.parts.contains(part)
            else { return nil }
            return .embedding(part, isBounded: isBounded)
        }
        let plain = given.filter { $0.name == nil }.map(\.value)
        guard let first = plain.first else { return nil }
        switch name {
        case "euclidean", "squared", "manhattan", "cosine":
            guard plain.count == 2, case .embedding(let a, let one)? = worth(first, own),
                case .embedding(let b, let two)? = worth(plain[1], own), a != b
            else { return nil }
            words.insert(name)
            return distance([a, b], isBounded: name == "cosine" || (one && two), power: name == "squared" ? 2 : 1)
        case "maximum", "minimum":
            guard plain.count == 2, let x = number(first, own), let y = number(plain[1], own) else { return nil }
            return .number(name == "maximum" ? max(x, y) : min(x, y))
        case "clamp":
            guard plain.count == 3, let x = number(first, own), let low = number(plain[1], own),
                let high = number(plain[2], own)
            else { return nil }
            return .number(min(max(x, low), high))
        case "where":
            guard plain.count == 3, let x = number(first, own), let a = number(plain[1], own),
                let b = number(plain[2], own)
            else { return nil }
            return .number(x != 0 ? a : b)
        default: break
        }
        guard let x = worth(first, own) else { return nil }
        switch x {
        case .number(let x): return LossTrial.function(name, x).map { .number($0) }
        case .embedding(let part, _):
            return name == "l2norm" || name == "tanh" || name == "sigmoid" ? .embedding(part, isBounded: true) : nil
        case .difference(let of, let power, let isBounded):
            switch (name, power) {
            case ("abs", .first): return .difference(of, .absolutes, isBounded: isBounded)
            case ("square", .first): return .difference(of, .squares, isBounded: isBounded)
            case ("norm", .first), ("sum", .absolutes), ("mean", .absolutes):
                return distance(of, isBounded: isBounded, power: 1)
            case ("sum", .squares), ("mean", .squares): return distance(of, isBounded: isBounded, power: 2)
            default: return nil
            }
        }
    }

    private mutating func distance(_ of: Set<String>, isBounded: Bool, power: Double) -> Worth? {
        guard let d = distances[of] else { return nil }
        if !isBounded { isUnbounded = true }
        let x = isBounded ? 2 * d / (1 + d) : d
        return .number(pow(takesSimilarity ? 1 - x : x, power))
    }

    /// A function of the program's own, by what it is given.
    private mutating func applied(
        _ function: FunctionDefinition, _ given: [Argument], _ own: [String: Worth]
    ) -> Worth? {
        var inner: [String: Worth] = [:]
        var place = 0
        for argument in given {
            guard let parameter = argument.name?.text ?? function.parameters[safe: place]?.name.text,
                let x = worth(argument.value, own)
            else { return nil }
            if argument.name == nil { place += 1 }
            inner[parameter] = x
        }
        for parameter in function.parameters where inner[parameter.name.text] == nil {
            guard let e = parameter.defaultValue, let x = worth(e, [:]) else { return nil }
            inner[parameter.name.text] = x
        }
        switch function.body {
        case .expression(let e): return worth(e, inner)
        case .block(let block):
            for (k, s) in block.statements.enumerated() {
                switch s.kind {
                case .assign(let targets, let e):
                    guard targets.count == 1, case .name(let name) = targets[0].kind else { return nil }
                    // A value that is unknown may be one that the result does not need.
                    inner[name] = worth(e, inner)
                case .returnValue(let e?): return worth(e, inner)
                case .expression(let e): if k == block.statements.count - 1 { return worth(e, inner) }
                default: return nil
                }
            }
            return nil
        }
    }

    /// Functions of one number that losses are made of.
    private static func function(_ name: String, _ x: Double) -> Double? {
        switch name {
        // Of a batch whose pairs are all alike.
        case "mean", "sum", "squeeze", "flatten", "reshape", "expand": x
        case "relu": max(x, 0)
        case "square": x * x
        case "abs": abs(x)
        case "sqrt": sqrt(x)
        case "exp": exp(x)
        case "log": log(x)
        case "sigmoid": 1 / (1 + exp(-x))
        case "tanh": Glibc.tanh(x)
        case "softplus": x > 30 ? x : log(1 + exp(x))
        default: nil
        }
    }
}
