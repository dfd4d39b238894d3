import CKernels
import SiamTensor

/// Declares an operator of two tensors that broadcast.
func elementwise(
    _ name: String, _ symbol: String? = nil, _ kind: Kernel.Binary, family: String,
    names: (String, String) = ("a", "b"),
    _ help: String, _ examples: [(code: String, result: String)], seeAlso: [String] = [], _ backward: Operator.Backward?
) -> Operator {
    let shown = symbol ?? name
    return Operator(
        name, family: family, [OperatorParameter(names.0, .tensor), OperatorParameter(names.1, .tensor)], help: help,
        examples: examples, seeAlso: seeAlso,
        shape: { s, _ in [try Shape.broadcast(s[0], s[1], shown)] },
        binary: { a, b in try Kernel.binary(kind, a, b, shown) },
        forward: { x, _ in .init([try Kernel.binary(kind, x[0], x[1], shown)]) }, backward: backward)
}

extension Tensor {
    /// A number in this tensor's precision.
    func number(_ v: Double) throws -> Tensor { try Tensor(scalar: v, precision) }
}

extension Operators {
    static let arithmetic: [Operator] = [
        add, subtract, multiply, divide, remainder, power, maximum, minimum, atan2,
    ]
    public static let add: Operator = elementwise(
        "add", "+", SIAM_ADD, family: "arithmetic", "a + b, elementwise.", [("add([1, 2], 10)", "[11, 12]")],
        seeAlso: ["subtract"]
    ) { f in
        let g = f.gradient
        try f.sendSummed(0, g)
        try f.sendSummed(1, g)
    }
    public static let subtract: Operator = elementwise(
        "subtract", "-", SIAM_SUB, family: "arithmetic", "a - b, elementwise.", [("subtract([3, 4], 1)", "[2, 3]")],
        seeAlso: ["add"]
    ) { f in
        let g = f.gradient
        try f.sendSummed(0, g)
        try f.sendSummed(1, try negate(g))
    }
    public static let multiply: Operator = elementwise(
        "multiply", "*", SIAM_MUL, family: "arithmetic", "a * b, elementwise.",
        [("multiply([2, 3], [4, 5])", "[8, 15]")],
        seeAlso: ["divide", "matmul"]
    ) { f in
        let (g, a, b) = (f.gradient, try f.input(0), try f.input(1))
        try f.sendSummed(0, try multiply(g, b))
        try f.sendSummed(1, try multiply(g, a))
    }
    public static let divide: Operator = elementwise(
        "divide", "/", SIAM_DIV, family: "arithmetic", "a / b, elementwise.", [("divide([8, 6], 2)", "[4, 3]")],
        seeAlso: ["multiply", "remainder"]
    ) { f in
        let (g, b, y) = (f.gradient, try f.input(1), f.output)
        try f.sendSummed(0, try divide(g, b))
        try f.sendSummed(1, try negate(try divide(try multiply(g, y), b)))
    }
    public static let remainder: Operator = elementwise(
        "remainder", "%", SIAM_REM, family: "arithmetic",
        "a - b floor(a / b): the remainder of a divided by b, with the sign of b.",
        [("remainder([5, -5], 3)", "[2, 1]")], seeAlso: ["divide"]
    ) { f in
        let (g, a, b) = (f.gradient, try f.input(0), try f.input(1))
        try f.sendSummed(0, g)
        try f.sendSummed(1, try negate(try multiply(g, try floor(try divide(a, b)))))
    }
    public static let power: Operator = elementwise(
        "power", "^", SIAM_POW, family: "arithmetic", "a ^ b, elementwise.", [("power([1, 2, 3], 2)", "[1, 4, 9]")],
        seeAlso: ["sqrt", "exp", "square"]
    ) { f in
        let (g, a, b, y) = (f.gradient, try f.input(0), try f.input(1), f.output)
        if b.count == 1, b.item == 2 {
            try f.sendSummed(0, try multiply(g, try add(a, a)))
        } else {
            try f.sendSummed(
                0, try multiply(g, try multiply(b, try power(a, try subtract(b, try b.number(1))))))
        }
        if f.wants(1) {
            // 0 ^ b is 0 for every b above 0: its slope in b is 0, though log 0 is not finite.
            let positive = try greater(a, try a.number(0))
            let safe = try whereSelect(positive, a, try a.number(1))
            try f.sendSummed(1, try multiply(g, try multiply(y, try log(safe))))
        }
    }
    public static let maximum: Operator = elementwise(
        "maximum", nil, SIAM_MAX, family: "arithmetic", "The larger of a and b, elementwise; NaN where either is.",
        [("maximum([1, 5], [3, 2])", "[3, 5]")], seeAlso: ["minimum", "clamp", "max"]
    ) { f in try sendByChoice(&f, greater) }
    public static let minimum: Operator = elementwise(
        "minimum", nil, SIAM_MIN, family: "arithmetic", "The smaller of a and b, elementwise; NaN where either is.",
        [("minimum([1, 5], [3, 2])", "[1, 2]")], seeAlso: ["maximum", "clamp", "min"]
    ) { f in try sendByChoice(&f, less) }
    public static let atan2: Operator = elementwise(
        "atan2", nil, SIAM_ATAN2, family: "arithmetic", names: ("y", "x"),
        "The angle of the point (x, y), in radians from -pi to pi.", [("atan2(0, 1)", "0")], seeAlso: ["atan"]
    ) { f in
        let (g, y, x) = (f.gradient, try f.input(0), try f.input(1))
        let q = try add(try square(x), try square(y))
        try f.sendSummed(0, try divide(try multiply(g, x), q))
        try f.sendSummed(1, try negate(try divide(try multiply(g, y), q)))
    }

    /// To the chosen side; half to each where they are equal.
    private static func sendByChoice(_ f: inout Flow, _ better: Operator) throws {
        let (g, a, b) = (f.gradient, try f.input(0), try f.input(1))
        let half = try multiply(try equal(a, b), try a.number(0.5))
        let share = try add(try better(a, b), half)
        try f.sendSummed(0, try multiply(g, share))
        try f.sendSummed(1, try multiply(g, try subtract(try g.number(1), share)))
    }

    static let comparisons: [Operator] = [
        equal, unequal, less, lessEqual, greater, greaterEqual, logicalAnd, logicalOr, logicalNot, whereSelect,
        isNaN, isFinite,
    ]
    private static func comparison(_ name: String, _ symbol: String, _ kind: Kernel.Binary, _ result: String)
        -> Operator
    {
        elementwise(
            name, symbol, kind, family: "comparison", "a \(symbol) b, elementwise: 1 where it holds and 0 elsewhere.",
            [("\(name)([1, 2, 3], 2)", result)], seeAlso: ["where"], nil)
    }
    public static let equal: Operator = comparison("equal", "==", SIAM_EQ, "[0, 1, 0]")
    public static let unequal: Operator = comparison("unequal", "!=", SIAM_NE, "[1, 0, 1]")
    public static let less: Operator = comparison("less", "<", SIAM_LT, "[1, 0, 0]")
    public static let lessEqual: Operator = comparison("less_equal", "<=", SIAM_LE, "[1, 1, 0]")
    public static let greater: Operator = comparison("greater", ">", SIAM_GT, "[0, 0, 1]")
    public static let greaterEqual: Operator = comparison("greater_equal", ">=", SIAM_GE, "[0, 1, 1]")
    public static let logicalAnd: Operator = elementwise(
        "logical_and", nil, SIAM_AND, family: "comparison", "1 where a and b are both not 0.",
        [("logical_and([1, 0, 2], [1, 1, 1])", "[1, 0, 1]")], seeAlso: ["logical_or", "logical_not"], nil)
    public static let logicalOr: Operator = elementwise(
        "logical_or", nil, SIAM_OR, family: "comparison", "1 where a or b is not 0.",
        [("logical_or([1, 0, 0], [0, 0, 1])", "[1, 0, 1]")], seeAlso: ["logical_and", "logical_not"], nil)
    public static let logicalNot: Operator = function(
        "logical_not", SIAM_NOT, family: "comparison", "1 where x is 0, and 0 elsewhere.",
        [("logical_not([1, 0])", "[0, 1]")], nil)
    public static let isNaN: Operator = function(
        "is_nan", SIAM_ISNAN, family: "comparison", "1 where x is not a number.", [("is_nan([1, 2])", "[0, 0]")], nil)
    public static let isFinite: Operator = function(
        "is_finite", SIAM_ISFINITE, family: "comparison", "1 where x is neither infinite nor NaN.",
        [("is_finite([1, 2])", "[1, 1]")], nil)

    private static let whereOperator: Operator = Operator(
        "where", family: "comparison",
        [OperatorParameter("condition", .tensor), OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)],
        help:
            "a where the condition is not 0, b elsewhere. Prefer it to multiplying by a mask: 0 times infinity is NaN.",
        examples: [("where([1, 0, 1], [1, 2, 3], 0)", "[1, 0, 3]")], seeAlso: ["maximum", "clamp"],
        shape: { s, _ in [try Shape.broadcast(s[0], try Shape.broadcast(s[1], s[2], "where"), "where")] },
        forward: { x, _ in
            let shape = try Shape.broadcast(x[0].shape, try Shape.broadcast(x[1].shape, x[2].shape, "where"), "where")
            let p = Precision.wider(x[1].precision, x[2].precision)
            func part(_ i: Int) throws -> Tensor {
                let t = try x[i].converted(to: p)
                return t.count == 1 && i > 0 ? t : try Movement.broadcast(t, to: shape)
            }
            return .init([try Kernel.select(try part(0), try part(1), try part(2))])
        },
        backward: { f in
            let (g, c) = (f.gradient, try f.input(0))
            let zero = try g.number(0)
            try f.sendSummed(1, try whereSelect(c, g, zero))
            try f.sendSummed(2, try whereSelect(c, zero, g))
        })
    public static var whereSelect: Operator { whereOperator }
}

extension Operator {
    @inline(__always)
    func callAsFunction(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws -> Tensor { try apply([a, b, c]) }
}
