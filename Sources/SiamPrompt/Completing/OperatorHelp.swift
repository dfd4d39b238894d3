/// The help of the operators and other signs of the language, such as `?>>` shows; the loosest binding first.
public enum OperatorHelp {
    public struct Entry: Sendable {
        public var sign: String
        public var form: String
        public var help: String
        public var example: (code: String, result: String)
    }

    public static let all: [Entry] = [
        Entry(
            sign: "->", form: "x -> e, (a, b) -> e", help: "a function without a name", example: ("(x -> x^2)(3)", "9")),
        Entry(sign: "|>", form: "x |> f", help: "applies f to x: f(x)", example: ("[1, 2] |> sum", "3")),
        Entry(
            sign: ">>", form: "f >> g",
            help: "composes layers or functions of one argument: first f, then g; the result is a layer",
            example: ("net = dense(8) >> relu >> dense(2); count(net.layers)", "3")),
        Entry(
            sign: "or", form: "a or b", help: "true if a or b is true; b is not evaluated when a is true",
            example: ("true or false", "true")),
        Entry(
            sign: "and", form: "a and b", help: "true if both are true; b is not evaluated when a is false",
            example: ("true and false", "false")),
        Entry(sign: "not", form: "not a", help: "the opposite", example: ("not true", "false")),
        Entry(
            sign: "==", form: "a == b", help: "equal; with a tensor on either side, a tensor of 0 and 1",
            example: ("1 + 1 == 2", "true")),
        Entry(sign: "!=", form: "a != b", help: "not equal", example: ("1 != 2", "true")),
        Entry(
            sign: "<", form: "a < b, 0 < x < 1", help: "less than; comparisons may be chained",
            example: ("0 < 0.5 < 1", "true")),
        Entry(sign: "<=", form: "a <= b", help: "at most", example: ("2 <= 2", "true")),
        Entry(sign: ">", form: "a > b", help: "greater than", example: ("3 > 2", "true")),
        Entry(sign: ">=", form: "a >= b", help: "at least", example: ("2 >= 3", "false")),
        Entry(sign: "in", form: "x in xs", help: "whether a list contains a value", example: ("2 in [1, 2]", "true")),
        Entry(
            sign: "..", form: "a..b, a.., ..b, ..",
            help: "a range that excludes its end; as an index, .. is a whole axis",
            example: ("count([10, 11, 12, 13][1..3])", "2")),
        Entry(
            sign: "+", form: "a + b", help: "adds, element by element, broadcasting from the right",
            example: ("1 + 2", "3")),
        Entry(
            sign: "-", form: "a - b, -x", help: "subtracts; before a value: its negative",
            example: ("-2^2", "-4")),
        Entry(sign: "*", form: "a * b", help: "multiplies element by element", example: ("2 * 3", "6")),
        Entry(sign: "/", form: "a / b", help: "divides element by element", example: ("7 / 2", "3.5")),
        Entry(
            sign: "%", form: "a % b", help: "the remainder of a division, with the sign of the divisor",
            example: ("7 % 3", "1")),
        Entry(
            sign: "@", form: "a @ b",
            help: "the matrix product: [n, k] @ [k, m] is [n, m]; batched for rank 3 and more",
            example: ("([[1, 2]] @ [[3], [4]])[0, 0]", "11")),
        Entry(sign: "^", form: "a ^ b", help: "power, grouped from the right: 2^3^2 is 2^9", example: ("2^10", "1024")),
        Entry(
            sign: "[]", form: "x[i, 1..3, ..]", help: "picks elements; counts from 0, negative indices from the end",
            example: ("[5, 6, 7][-1]", "7")),
        Entry(
            sign: "()", form: "f(x, k = 1)", help: "calls a function; arguments by position, then by name",
            example: ("round(2.6)", "3")),
        Entry(
            sign: ".", form: "x.name, x.f(a)", help: "a field of x; the call f(x, a) if x has no such field",
            example: ("{a: 1}.a", "1")),
        Entry(
            sign: "=", form: "a = e, a, b = e, x.f = e, x[i] = e",
            help: "gives a value to a name, or changes a field or element",
            example: ("a, b = [1, 2]; b", "2")),
        Entry(
            sign: ";", form: "a; b", help: "separates statements; at the end of an input the value is not printed",
            example: ("x = 2; x", "2")),
        Entry(
            sign: "#", form: "# text", help: "a comment; ## above a definition is its help", example: ("1 # one", "1")),
    ]
}
