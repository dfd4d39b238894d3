import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Operators that the language lets do a little more than the engine's: the larger of two numbers, a shape given length by
/// length, a reshaping as a stage of a net.
extension Builtins {
    static let widened: [Builtin] = [
        extreme(Operators.max, of: Operators.maximum, "larger"),
        extreme(Operators.min, of: Operators.minimum, "smaller"),
        Builtin(
            "reshape", "x, shape...", family: Operators.reshape.family,
            Operators.reshape.help
                + " Without a tensor it is a stage of a net, and the lengths are for each example: `flatten >> dense(12) >> reshape(3, 4)`.",
            examples: Operators.reshape.examples + [("reshape([1, 2, 3, 4], 2, -1)", "[[1, 2], [3, 4]]")],
            seeAlso: Operators.reshape.seeAlso
        ) { i, a in
            let rest = try a.list(1)
            if let first = Interpreter.tensor(a[0]), !rest.isEmpty, !isShape(a[0], rest) {
                return .tensor(try Operators.reshape.apply([first], [.integers(try lengths(i, rest))]))
            }
            guard Interpreter.tensor(a[0]) != nil || rest.isEmpty else { throw a.wrong(0, "a tensor") }
            let each = try lengths(i, [a[0]] + rest)
            let stage = Builtin("reshape", "x", family: "shape", "Each example in another shape.") { i, a in
                let x = try a.tensor(0)
                return .tensor(try Operators.reshape.apply([x], [.integers([x.shape[0]] + each)]))
            }
            return .layer(
                Layer(
                    kind: "reshape", form: .function(.builtin(stage)),
                    arguments: each.map { ("shape", .number(Double($0))) }))
        },
    ]

    /// A number followed only by numbers is read as a size and not as the value to reshape, unless it can be reshaped.
    private static func isShape(_ x: Value, _ rest: [Value]) -> Bool {
        guard case .number = x else { return false }
        return !rest.allSatisfy { if case .number(let n) = $0 { abs(n) == 1 } else { true } }
    }

    private static func lengths(_ i: Interpreter, _ values: [Value]) throws -> [Int] {
        var items = values
        if items.count == 1 {
            switch items[0] {
            case .number, .bool: break
            default: items = try i.items(items[0])
            }
        }
        return try items.map { try i.wholeNumber($0, "a length of reshape") }
    }

    /// `max(x)` over axes; of a number and another value the larger of both, as in `max(0, margin - d)`.
    private static func extreme(_ op: Operator, of two: Operator, _ word: String) -> Builtin {
        let whole = Builtin(op)
        return Builtin(
            op.name, "x, axis = none, keep = false", family: op.family,
            op.help + " With two values, the \(word) of both, elementwise.",
            examples: op.examples + [("\(op.name)(3, 5)", op.name == "max" ? "5" : "3")], seeAlso: op.seeAlso, op: op
        ) { i, a in
            if !a.isNone(1), isNumber(a[0]), case .number = a[2] {
                let texts = i.argumentTexts
                throw Diagnostic(
                    code: "argument.kind", "\(op.name) takes the \(word) of two values, and got 3",
                    repair: "of a list:  \(op.name)([\(texts.isEmpty ? "1, 2, 3" : texts.joined(separator: ", "))])")
            }
            if !a.isNone(1), isNumber(a[0]) { return try i.call(.builtin(Builtin.of(two)), [a[0], a[1]]) }
            return try whole.body(i, a)
        }
    }

    private static func isNumber(_ v: Value) -> Bool {
        switch v {
        case .number, .bool: true
        case .tensor(let t): t.rank == 0
        default: false
        }
    }
}
