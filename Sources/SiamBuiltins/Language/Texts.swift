import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Texts: made, cut, joined, searched.
extension Builtins {
    static let texts: [Builtin] = [
        Builtin(
            "text", "x", family: "texts", "The value as a text, as print shows it.",
            examples: [("text(1.5)", "\"1.5\"")]
        ) { i, a in
            Value(i.inline(a[0]))
        },
        Builtin(
            "format", "x, spec", family: "texts",
            "A number as a text: `.3` decimals, `.3e`, `.3g`, `8.3` width, `<8 >8 ^8` alignment, `%` percent.",
            examples: [("format(3.14159, \".2\")", "\"3.14\"")]
        ) { i, a in Value(try i.formatted(a[0], try a.text(1))) },
        Builtin(
            "join", "xs, between = \", \"", family: "texts",
            "Joins texts into one; joins data sets into one, with the rows of all: join(a, b), join([a, b, c]). Classes with the same name become one class.",
            examples: [
                ("join([\"a\", \"b\"], \"-\")", "\"a-b\""), ("len(join(digits()[0..10], digits()[50..60]))", "20"),
            ], seeAlso: ["split", "concatenate"]
        ) { i, a in
            if let sets = severalDataSets(a) { return .thing(DatasetThing(try joined(sets))) }
            if case .text = a[0], case .list = a[1] {
                throw Diagnostic(
                    code: "join.order", "join expects the list first, and got a text",
                    repair: i.call(turning: 0, 1).map { "the separator comes second:  \($0)" }
                        ?? "the separator comes second:  join(..., \", \")")
            }
            let texts = try i.items(a[0]).map {
                try i.checkInterrupt()
                return i.inline($0)
            }
            let between = try a.text(1)
            let bytes = texts.reduce(0) { $0 + $1.utf8.count + between.utf8.count }
            try Memory.ask(bytes, of: 1, for: "a text")
            return Value(texts.joined(separator: between))
        },
        Builtin(
            "upper", "t", family: "texts", "The text in capital letters.", examples: [("upper(\"abc\")", "\"ABC\"")]
        ) {
            i, a in Value(try a.text(0).uppercased())
        },
        Builtin(
            "lower", "t", family: "texts", "The text in lower-case letters.", examples: [("lower(\"ABC\")", "\"abc\"")]
        ) { i, a in
            Value(try a.text(0).lowercased())
        },
        Builtin(
            "trim", "t", family: "texts", "The text without white space at both ends.",
            examples: [("trim(\" a \")", "\"a\"")]
        ) { i, a in
            var s = Substring(try a.text(0))
            while s.first?.isWhitespace == true { s.removeFirst() }
            while s.last?.isWhitespace == true { s.removeLast() }
            return Value(String(s))
        },
        Builtin(
            "replace", "t, old, new", family: "texts", "Every `old` in the text replaced by `new`.",
            examples: [("replace(\"aba\", \"a\", \"c\")", "\"cbc\"")]
        ) { i, a in
            let old = try a.text(1)
            guard !old.isEmpty else { return a[0] }
            return Value(try a.text(0).replacing(old, with: try a.text(2)))
        },
        Builtin(
            "starts_with", "t, start", family: "texts", "Whether the text begins with `start`.",
            examples: [("starts_with(\"abc\", \"ab\")", "true")]
        ) { i, a in
            .bool(try a.text(0).hasPrefix(try a.text(1)))
        },
        Builtin(
            "ends_with", "t, end", family: "texts", "Whether the text ends with `end`.",
            examples: [("ends_with(\"net.siam\", \".siam\")", "true")], seeAlso: ["starts_with", "contains"]
        ) { i, a in
            .bool(try a.text(0).hasSuffix(try a.text(1)))
        },
        Builtin(
            "contains", "xs, x", family: "texts",
            "Whether a text contains a part, or a list an element; the same as `x in xs`.",
            examples: [("contains(\"abc\", \"b\")", "true"), ("contains([1, 2], 3)", "false")], seeAlso: ["find"]
        ) { i, a in
            .bool(try i.position(of: a[1], in: a[0]) != nil)
        },
        Builtin(
            "find", "xs, x", family: "texts",
            "The index of the first occurrence of a part in a text, or of an element in a list; none if there is none.",
            examples: [("find(\"abc\", \"c\")", "2"), ("find([\"a\", \"b\"], \"z\")", "none")], seeAlso: ["contains"]
        ) { i, a in
            try i.position(of: a[1], in: a[0]).map { .number(Double($0)) } ?? .none
        },
        Builtin(
            "lines", "t", family: "texts", "The lines of a text.", examples: [("lines(\"a\\nb\")", "[\"a\", \"b\"]")],
            seeAlso: ["split"]
        ) { i, a in
            var lines = try a.text(0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            if lines.last?.isEmpty == true { lines.removeLast() }
            return Value(lines.map { Value(String($0)) })
        },
    ]
}
