import CKernels
import SiamTensor

/// Declares an operator of one tensor and no attributes.
func function(
    _ name: String, _ kind: Kernel.Unary, family: String = "function", _ help: String,
    _ examples: [(code: String, result: String)], seeAlso: [String] = [], _ backward: Operator.Backward?
) -> Operator {
    Operator(
        name, family: family, [OperatorParameter("x", .tensor)], help: help, examples: examples, seeAlso: seeAlso,
        shape: { s, _ in [s[0]] }, unary: { x in try Kernel.unary(kind, x) },
        forward: { x, _ in .init([try Kernel.unary(kind, x[0])]) }, backward: backward)
}

/// Declares an operator of one tensor and numbers (at most two).
func parametric(
    _ name: String, _ kind: Kernel.Unary, _ numbers: [OperatorParameter], _ help: String,
    _ examples: [(code: String, result: String)], seeAlso: [String] = [], _ backward: @escaping Operator.Backward
) -> Operator {
    Operator(
        name, family: "function", [OperatorParameter("x", .tensor)] + numbers, help: help, examples: examples,
        seeAlso: seeAlso,
        shape: { s, _ in [s[0]] },
        forward: { x, a in
            let p = numbers.count > 0 ? try a.number(0, name) : 0
            let q = numbers.count > 1 ? try a.number(1, name) : 0
            return .init([try Kernel.unary(kind, x[0], p, q)])
        }, backward: backward)
}

extension Operators {
    static let functions: [Operator] = [
        negate, abs, sign, sqrt, exp, log, log1p, expm1, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, sigmoid,
        relu,
        leakyRelu, elu, gelu, softplus, erf, square, reciprocal, floor, ceil, round, clamp, detach,
    ]
    private static func flat(_ f: inout Flow) throws {
        let g = f.gradient
        try f.send(0, try Tensor.zeros(g.shape, g.precision))
    }

    public static let negate: Operator = function(
        "negate", SIAM_NEG, family: "arithmetic", "-x.", [("negate([1, -2])", "[-1, 2]")]
    ) { f in
        let g = f.gradient
        try f.send(0, try negate(g))
    }
    public static let abs: Operator = function("abs", SIAM_ABS, "|x|.", [("abs([-1, 2])", "[1, 2]")], seeAlso: ["sign"])
    { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try sign(x)))
    }
    public static let sign: Operator = function(
        "sign", SIAM_SIGN, "-1, 0 or 1: the sign of x.", [("sign([-2, 0, 3])", "[-1, 0, 1]")]
    ) { try flat(&$0) }
    public static let sqrt: Operator = function(
        "sqrt", SIAM_SQRT, "The square root of x. Its gradient at 0 is infinite: use `euclidean` for distances.",
        [("sqrt([4, 9])", "[2, 3]")],
        seeAlso: ["euclidean", "power"]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        try f.send(0, try divide(g, try add(y, y)))
    }
    public static let exp: Operator = function("exp", SIAM_EXP, "e ^ x.", [("exp(0)", "1")], seeAlso: ["log", "expm1"])
    { f in
        let (g, y) = (f.gradient, f.output)
        try f.send(0, try multiply(g, y))
    }
    public static let log: Operator = function(
        "log", SIAM_LOG, "The natural logarithm of x.", [("log(1)", "0")], seeAlso: ["exp", "log1p"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try divide(g, x))
    }
    public static let log1p: Operator = function(
        "log1p", SIAM_LOG1P, "log(1 + x), exact near 0.", [("log1p(0)", "0")], seeAlso: ["log"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try divide(g, try add(x, try x.number(1))))
    }
    public static let expm1: Operator = function(
        "expm1", SIAM_EXPM1, "e ^ x - 1, exact near 0.", [("expm1(0)", "0")], seeAlso: ["exp"]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        try f.send(0, try multiply(g, try add(y, try y.number(1))))
    }
    public static let sin: Operator = function("sin", SIAM_SIN, "The sine of x radians.", [("sin(0)", "0")]) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try cos(x)))
    }
    public static let cos: Operator = function("cos", SIAM_COS, "The cosine of x radians.", [("cos(0)", "1")]) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try negate(try multiply(g, try sin(x))))
    }
    public static let tan: Operator = function("tan", SIAM_TAN, "The tangent of x radians.", [("tan(0)", "0")]) { f in
        let (g, y) = (f.gradient, f.output)
        try f.send(0, try multiply(g, try add(try square(y), try y.number(1))))
    }
    public static let asin: Operator = function("asin", SIAM_ASIN, "The angle whose sine is x.", [("asin(0)", "0")]) {
        f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try divide(g, try sqrt(try subtract(try x.number(1), try square(x)))))
    }
    public static let acos: Operator = function("acos", SIAM_ACOS, "The angle whose cosine is x.", [("acos(1)", "0")]) {
        f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try negate(try divide(g, try sqrt(try subtract(try x.number(1), try square(x))))))
    }
    public static let atan: Operator = function(
        "atan", SIAM_ATAN, "The angle whose tangent is x.", [("atan(0)", "0")], seeAlso: ["atan2"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try divide(g, try add(try square(x), try x.number(1))))
    }
    public static let sinh: Operator = function("sinh", SIAM_SINH, "(e ^ x - e ^ -x) / 2.", [("sinh(0)", "0")]) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try cosh(x)))
    }
    public static let cosh: Operator = function("cosh", SIAM_COSH, "(e ^ x + e ^ -x) / 2.", [("cosh(0)", "1")]) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try sinh(x)))
    }
    public static let tanh: Operator = function(
        "tanh", SIAM_TANH, "tanh x = sinh x / cosh x, from -1 to 1.", [("tanh(0)", "0")], seeAlso: ["sigmoid"]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        if !Recording.isOn { return try f.send(0, try Kernel.binary(SIAM_TANH_GRADIENT, g, y, "tanh")) }
        try f.send(0, try multiply(g, try subtract(try y.number(1), try square(y))))
    }
    public static let sigmoid: Operator = function(
        "sigmoid", SIAM_SIGMOID, "1 / (1 + e ^ -x), from 0 to 1.", [("sigmoid(0)", "0.5")],
        seeAlso: ["tanh", "softplus"]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        if !Recording.isOn { return try f.send(0, try Kernel.binary(SIAM_SIGMOID_GRADIENT, g, y, "sigmoid")) }
        try f.send(0, try multiply(g, try multiply(y, try subtract(try y.number(1), y))))
    }
    public static let relu: Operator = function(
        "relu", SIAM_RELU, "max(x, 0).", [("relu([-1, 2])", "[0, 2]")],
        seeAlso: ["leaky_relu", "elu", "gelu", "softplus"]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        if !Recording.isOn { return try f.send(0, try Kernel.binary(SIAM_RELU_GRADIENT, g, y, "relu")) }
        try f.send(0, try multiply(g, try greater(y, try y.number(0))))
    }
    public static let leakyRelu: Operator = parametric(
        "leaky_relu", SIAM_LEAKY, [OperatorParameter("slope", .number, "0.01")], "x where x > 0, slope x elsewhere.",
        [("leaky_relu([-1, 2], slope = 0.1)", "[-0.1, 2]")], seeAlso: ["relu"]
    ) { f in
        let (g, x, p) = (f.gradient, try f.input(0), try f.attributes.number(0, "leaky_relu"))
        try f.send(0, try whereSelect(try greater(x, try x.number(0)), g, try multiply(g, try g.number(p))))
    }
    public static let elu: Operator = parametric(
        "elu", SIAM_ELU, [OperatorParameter("alpha", .number, "1")], "x where x > 0, alpha (e ^ x - 1) elsewhere.",
        [("elu([0, 2])", "[0, 2]")], seeAlso: ["relu"]
    ) { f in
        let (g, x, y, p) = (f.gradient, try f.input(0), f.output, try f.attributes.number(0, "elu"))
        try f.send(0, try whereSelect(try greater(x, try x.number(0)), g, try multiply(g, try add(y, try y.number(p)))))
    }
    public static let gelu: Operator = function(
        "gelu", SIAM_GELU, "x Phi(x) = x (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, 2016).", [("gelu(0)", "0")],
        seeAlso: ["relu"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        let half = try x.number(0.5)
        let cdf = try multiply(
            half, try add(try erf(try multiply(x, try x.number(0.7071067811865476))), try x.number(1)))
        let density = try multiply(
            try exp(try negate(try multiply(half, try square(x)))), try x.number(0.3989422804014327))
        try f.send(0, try multiply(g, try add(cdf, try multiply(x, density))))
    }
    public static let softplus: Operator = function(
        "softplus", SIAM_SOFTPLUS, "log(1 + e ^ x) = max(x, 0) + log1p(e ^ -|x|).", [("softplus([0])", "[0.6931472]")],
        seeAlso: ["relu", "sigmoid"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try sigmoid(x)))
    }
    public static let erf: Operator = function(
        "erf", SIAM_ERF, "2 / sqrt pi times the integral of e ^ -t^2 from 0 to x.", [("erf(0)", "0")]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(
            0, try multiply(g, try multiply(try exp(try negate(try square(x))), try x.number(1.1283791670955126))))
    }
    public static let square: Operator = function(
        "square", SIAM_SQUARE, "x ^ 2.", [("square([2, -3])", "[4, 9]")], seeAlso: ["sqrt", "power"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        try f.send(0, try multiply(g, try add(x, x)))
    }
    public static let reciprocal: Operator = function(
        "reciprocal", SIAM_RECIPROCAL, "1 / x.", [("reciprocal([2, 4])", "[0.5, 0.25]")]
    ) { f in
        let (g, y) = (f.gradient, f.output)
        try f.send(0, try negate(try multiply(g, try square(y))))
    }
    public static let floor: Operator = function(
        "floor", SIAM_FLOOR, "The largest whole number <= x.", [("floor([1.7, -1.2])", "[1, -2]")]
    ) { try flat(&$0) }
    public static let ceil: Operator = function(
        "ceil", SIAM_CEIL, "The smallest whole number >= x.", [("ceil([1.2, -1.7])", "[2, -1]")]
    ) { try flat(&$0) }
    public static let round: Operator = function(
        "round", SIAM_ROUND, "The nearest whole number; halves go to the even one.",
        [("round([1.4, 2.5, 3.5])", "[1, 2, 4]")]
    ) { try flat(&$0) }
    public static let clamp: Operator = parametric(
        "clamp", SIAM_CLAMP,
        [OperatorParameter("low", .number), OperatorParameter("high", .number, takes: "number >= low")],
        "min(max(x, low), high).", [("clamp([-1, 0.5, 2], 0, 1)", "[0, 0.5, 1]")], seeAlso: ["maximum", "minimum"]
    ) { f in
        let (g, x) = (f.gradient, try f.input(0))
        let low = try x.number(try f.attributes.number(0, "clamp"))
        let high = try x.number(try f.attributes.number(1, "clamp"))
        try f.send(0, try multiply(g, try multiply(try greaterEqual(x, low), try lessEqual(x, high))))
    }
    public static let detach: Operator = Operator(
        "detach", family: "function", [OperatorParameter("x", .tensor)],
        help: "x without its gradient: no gradient flows back through the result.",
        examples: [("detach([1, 2])", "[1, 2]")], shape: { s, _ in [s[0]] },
        forward: { x, _ in .init([x[0].detached()]) },
        backward: nil)
}
