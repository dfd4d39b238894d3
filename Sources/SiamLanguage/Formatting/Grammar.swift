/// The grammar as data, in EBNF: `[a]` may be left out, `{a}` may come any number of times, `a | b` is one of both. The reference
/// prints it; the tests make sentences from it, and every one parses.
public enum Grammar {
    public struct Rule: Sendable {
        public var name: String
        public var form: String
    }

    /// Rules in capitals are single tokens. A newline counts as `END` outside of ( ) and [ ].
    public static let rules: [Rule] = [
        Rule(name: "program", form: "{ statement END }"),
        Rule(
            name: "statement",
            form: """
                assignment | command | expression | function | layer | for | while | "break" | "continue"
                | "return" [ expression ] | import | expect | "expect_error" TEXT block | train | sweep
                """),
        Rule(name: "assignment", form: "target { \",\" target } \"=\" expression"),
        Rule(name: "target", form: "NAME | NAME \".\" NAME | NAME \"[\" indices \"]\""),
        Rule(name: "command", form: "NAME first { \",\" argument }"),
        Rule(name: "first", form: "NAME | NUMBER | TEXT | NAME \".\" NAME | NAME \"(\" [ arguments ] \")\""),
        Rule(name: "function", form: "( \"fn\" | \"loss\" ) NAME \"(\" [ declared ] \")\" body"),
        Rule(name: "body", form: "\"=\" expression | block"),
        Rule(
            name: "declared",
            form: """
                "p1" [ ":" kind ] [ "," "p2" [ ":" kind ] ] [ "," "p3" [ ":" kind ] "=" expression ]
                """),
        Rule(name: "kind", form: "taken { \"or\" taken }"),
        Rule(
            name: "taken",
            form: """
                ( "number" | "whole" | "tensor" ) { limit } [ "usually" limit ] | "bool" | "text" | "function" | "net"
                | "rows" | "row" | "batch" | ( "like" | "matching" ) "p1" | ( "flags" | "classes" ) "of" "p1" | PLAINTEXT
                """),
        Rule(name: "limit", form: "( \">\" | \">=\" | \"<\" | \"<=\" ) NUMBER"),
        Rule(name: "parameters", form: "\"p1\" [ \",\" \"p2\" ] [ \",\" \"p3\" \"=\" expression ]"),
        Rule(
            name: "layer",
            form: "\"layer\" NAME [ \"(\" [ declared ] \")\" ] ( \"=\" pipeline | \"{\" { member END } \"}\" )"),
        Rule(
            name: "member",
            form: """
                "param" NAME ":" "[" shape "]" "=" expression | "state" NAME ":" "[" shape "]" "=" expression
                | NAME "=" pipeline | "forward" NAME { "," NAME } body
                """),
        Rule(name: "shape", form: "( \"in\" | NAME | NUMBER ) { \",\" ( \"in\" | NAME | NUMBER ) }"),
        Rule(name: "for", form: "\"for\" NAME { \",\" NAME } \"in\" expression block"),
        Rule(name: "while", form: "\"while\" expression block"),
        Rule(name: "import", form: "\"import\" PLAINTEXT"),
        Rule(name: "expect", form: "\"expect\" disjunction"),
        Rule(name: "train", form: "[ NAME \"=\" ] \"train\" NAME { \",\" NAME } clauses trainblock"),
        Rule(
            name: "clauses",
            form: """
                "on" pipeline [ "as" NAME { "," NAME } ] [ "for" sum unit ] "using" pipeline [ "log" "=" PLAINTEXT ]
                | "using" pipeline "on" pipeline [ "for" sum unit ]
                """),
        Rule(name: "unit", form: "\"epochs\" | \"steps\""),
        Rule(name: "trainblock", form: "\"{\" { trainstatement END } \"}\""),
        Rule(
            name: "trainstatement",
            form: """
                "minimize" disjunction | "report" NAME "=" expression | "every" [ NUMBER ] unit trainblock | "pause" | "stop" "when" expression | statement
                """),
        Rule(
            name: "sweep",
            form: "[ NAME \"=\" ] \"sweep\" \"k1\" \"in\" pipeline [ \",\" \"k2\" \"in\" pipeline ] trainblock"),
        Rule(name: "block", form: "\"{\" statement END { statement END } \"}\""),
        Rule(name: "expression", form: "application | function_value"),
        Rule(name: "function_value", form: "( NAME | \"(\" [ parameters ] \")\" ) \"->\" expression"),
        Rule(name: "application", form: "pipeline { \"|>\" pipeline }"),
        Rule(name: "pipeline", form: "disjunction { \">>\" disjunction }"),
        Rule(name: "disjunction", form: "conjunction { \"or\" conjunction }"),
        Rule(name: "conjunction", form: "negation { \"and\" negation }"),
        Rule(name: "negation", form: "[ \"not\" ] comparison"),
        Rule(name: "comparison", form: "span { ( \"==\" | \"!=\" | \"<\" | \"<=\" | \">\" | \">=\" | \"in\" ) span }"),
        Rule(name: "span", form: "sum [ \"..\" sum ]"),
        Rule(name: "sum", form: "product { ( \"+\" | \"-\" ) product }"),
        Rule(name: "product", form: "signed { ( \"*\" | \"/\" | \"%\" | \"@\" ) signed }"),
        Rule(name: "signed", form: "[ \"-\" ] power"),
        Rule(name: "power", form: "postfix [ \"^\" signed ]"),
        Rule(name: "postfix", form: "value { \"(\" [ arguments ] \")\" | \"[\" indices \"]\" | \".\" NAME }"),
        Rule(name: "arguments", form: "expression { \",\" expression } { \",\" argument_named } | argument_named"),
        Rule(name: "argument", form: "expression"),
        Rule(name: "argument_named", form: "FRESH \"=\" expression"),
        Rule(name: "indices", form: "index { \",\" index }"),
        Rule(name: "index", form: "expression | \"..\" | sum \"..\" | \"..\" sum"),
        Rule(
            name: "value",
            form: """
                NAME | NUMBER | TEXT | "true" | "false" | "none" | "(" expression ")" | list | record | conditional
                | comprehension
                """),
        Rule(name: "list", form: "\"[\" [ expression { \",\" expression } ] \"]\""),
        Rule(
            name: "comprehension",
            form: "\"[\" expression \"for\" NAME { \",\" NAME } \"in\" disjunction [ \"if\" disjunction ] \"]\""),
        Rule(name: "record", form: "\"{\" [ FRESH \":\" expression { \",\" FRESH \":\" expression } ] \"}\""),
        Rule(name: "conditional", form: "\"if\" expression block [ \"else\" ( block | conditional ) ]"),
    ]

    /// As the reference prints it.
    public static var text: String {
        let width = rules.map(\.name.utf8.count).max() ?? 0
        return rules.map { rule in
            let lines = rule.form.split(separator: "\n")
            let indent = String(repeating: " ", count: width + 3)
            let name = rule.name + String(repeating: " ", count: width - rule.name.utf8.count)
            return name + " = " + lines.joined(separator: "\n" + indent) + " ;"
        }.joined(separator: "\n")
    }
}
