/// What `?>>` says: the signs of the language, loosest first.
public enum Signs {
    public struct Sign: Sendable {
        public var sign: String
        public var form: String
        public var help: String
        public var example: (code: String, result: String)
    }

    public static let all: [Sign] = [
        Sign(
            sign: "->", form: "x -> e, (a, b) -> e", help: "a function without a name", example: ("(x -> x^2)(3)", "9")),
        Sign(sign: "|>", form: "x |> f", help: "applies: f(x)", example: ("[1, 2] |> sum", "3")),
        Sign(
            sign: ">>", form: "f >> g",
            help: "composes: first f, then g; of layers and functions of one argument, and the result is a layer",
            example: ("net = dense(8) >> relu >> dense(2); count(net.layers)", "3")),
        Sign(
            sign: "or", form: "a or b", help: "either; b is not looked at when a holds",
            example: ("true or false", "true")),
        Sign(
            sign: "and", form: "a and b", help: "both; b is not looked at when a does not hold",
            example: ("true and false", "false")),
        Sign(sign: "not", form: "not a", help: "the opposite", example: ("not true", "false")),
        Sign(
            sign: "==", form: "a == b", help: "equal; a tensor on either side gives a tensor of 0 and 1",
            example: ("1 + 1 == 2", "true")),
        Sign(sign: "!=", form: "a != b", help: "not equal", example: ("1 != 2", "true")),
        Sign(
            sign: "<", form: "a < b, 0 < x < 1", help: "less than; comparisons may be chained",
            example: ("0 < 0.5 < 1", "true")),
        Sign(sign: "<=", form: "a <= b", help: "at most", example: ("2 <= 2", "true")),
        Sign(sign: ">", form: "a > b", help: "greater than", example: ("3 > 2", "true")),
        Sign(sign: ">=", form: "a >= b", help: "at least", example: ("2 >= 3", "false")),
        Sign(sign: "in", form: "x in xs", help: "whether a list holds a value", example: ("2 in [1, 2]", "true")),
        Sign(
            sign: "..", form: "a..b, a.., ..b, ..", help: "a range without its end; in an index .. is all of an axis",
            example: ("count([10, 11, 12, 13][1..3])", "2")),
        Sign(
            sign: "+", form: "a + b", help: "adds, element by element, broadcasting from the right",
            example: ("1 + 2", "3")),
        Sign(
            sign: "-", form: "a - b, -x", help: "subtracts; in front of a value the opposite sign",
            example: ("-2^2", "-4")),
        Sign(sign: "*", form: "a * b", help: "multiplies element by element", example: ("2 * 3", "6")),
        Sign(sign: "/", form: "a / b", help: "divides element by element", example: ("7 / 2", "3.5")),
        Sign(
            sign: "%", form: "a % b", help: "what is left of a division, with the divisor's sign",
            example: ("7 % 3", "1")),
        Sign(
            sign: "@", form: "a @ b",
            help: "the matrix product: [n, k] @ [k, m] is [n, m]; batched for rank 3 and more",
            example: ("([[1, 2]] @ [[3], [4]])[0, 0]", "11")),
        Sign(sign: "^", form: "a ^ b", help: "power, to the right: 2^3^2 is 2^9", example: ("2^10", "1024")),
        Sign(
            sign: "[]", form: "x[i, 1..3, ..]", help: "picks; counts from 0, negative from the end",
            example: ("[5, 6, 7][-1]", "7")),
        Sign(
            sign: "()", form: "f(x, k = 1)", help: "calls; arguments by place, then by name",
            example: ("round(2.6)", "3")),
        Sign(
            sign: ".", form: "x.name, x.f(a)", help: "a field; or the call f(x, a) where x has no such field",
            example: ("{a: 1}.a", "1")),
        Sign(
            sign: "=", form: "a = e, a, b = e, x.f = e, x[i] = e", help: "binds a name, or changes a part",
            example: ("a, b = [1, 2]; b", "2")),
        Sign(
            sign: ";", form: "a; b", help: "separates statements; at the end of an input it silences the value",
            example: ("x = 2; x", "2")),
        Sign(
            sign: "#", form: "# words", help: "a comment; ## above a definition is its help", example: ("1 # one", "1")),
    ]
}
