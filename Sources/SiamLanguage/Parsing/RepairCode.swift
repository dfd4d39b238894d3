/// A repair's line, divided into what it says and the code that it shows: two blanks stand around each piece of code.
public enum RepairCode {
    /// The pieces between two blanks, each with whether it is code: what stands behind words is, and behind code that ends in
    /// a comma what looks like a call or a field.
    static func pieces(_ repair: String) -> [(text: String, isCode: Bool)] {
        var texts: [String] = [""]
        var blanks = 0
        for c in repair {
            if c == " " {
                blanks += 1
                continue
            }
            if blanks >= 2 { texts.append("") } else if blanks == 1 { texts[texts.count - 1] += " " }
            blanks = 0
            texts[texts.count - 1].append(c)
        }
        var pieces: [(String, Bool)] = []
        for text in texts {
            let isCode =
                switch pieces.last {
                case nil: texts.count > 1 && isCallOrField(text) && !text.hasSuffix(":")
                case (let words, false)?: words.hasSuffix(";") || words.hasSuffix(".") ? isCallOrField(text) : true
                case (let code, true)?: code.hasSuffix(",") && isCallOrField(text)
                }
            pieces.append((text, isCode))
        }
        return pieces
    }

    private static func isCallOrField(_ text: String) -> Bool {
        let rest = text.drop { $0.isLetter || $0.isNumber || $0 == "_" }
        return rest.count < text.count && ["(", ".", "["].contains(rest.first)
    }

    /// The names of things that examples speak of, in the repair's code.
    /// - Parameter own: the name to write for an example's; nil for one that stays.
    public static func renamed(_ repair: String, own: (String) -> String?) -> String {
        pieces(repair).map { $0.isCode ? names(in: $0.text, own: own) : $0.text }.joined(separator: "  ")
    }

    /// The same without a line that is about a data set, for a program that has none: the words before it say enough.
    public static func withoutData(_ repair: String) -> String {
        let all = pieces(repair)
        guard all.contains(where: { $0.isCode && needsData($0.text) }), let words = all.first, !words.isCode else {
            return repair
        }
        return words.text.hasSuffix(":") ? String(words.text.dropLast()) : repair
    }

    private static func needsData(_ code: String) -> Bool {
        ["(d.names)", "standardize(seen)", "normalize(seen)"].contains(where: code.contains)
    }

    private static func names(in code: String, own: (String) -> String?) -> String {
        var text = ""
        var isQuoted = false
        var last: Character = " "
        var rest = Substring(code)
        // What the code itself gives a name keeps it.
        func isBound(_ word: Substring) -> Bool {
            [" \(word) -> ", "for \(word) in ", " \(word) = ", " \(word), held = ", " \(word), unseen = "].contains {
                " \(code)".replacing("(", with: " ").contains($0)
            }
        }
        while let c = rest.first {
            if !isQuoted, c.isLetter || c == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                rest = rest.dropFirst(word.count)
                // `data("mnist")` is a function of the library.
                let isCalled = word == "data" && rest.first == "("
                text += last != "." && !isBound(word) && !isCalled ? own(String(word)) ?? String(word) : String(word)
                last = word.last ?? " "
                continue
            }
            if c == "\"" { isQuoted.toggle() }
            text.append(c)
            last = c
            rest = rest.dropFirst()
        }
        return text
    }

    /// Whether all code of a repair can be read, as a statement, an argument or a clause of `train`. `...` stands for anything.
    public static func reads(_ repair: String) -> Bool {
        pieces(repair).allSatisfy { !$0.isCode || isCode($0.text) }
    }

    /// Words may follow the code behind a comma: the longest beginning that reads is enough.
    private static func isCode(_ piece: String) -> Bool {
        // What is typed elsewhere than in a program.
        if [":", "siam ", "?", "curl ", "--", "\\"].contains(where: piece.hasPrefix) { return true }
        var rest = piece[...]
        while true {
            if parses(String(rest)) { return true }
            guard let comma = rest.lastIndex(of: ",") else { return false }
            rest = rest[..<comma]
        }
    }

    private static func parses(_ piece: String) -> Bool {
        var code = piece
        while let last = code.last, ",;.:".contains(last), !code.hasSuffix("..") { code.removeLast() }
        guard !code.isEmpty else { return false }
        code = code.replacing("on ... {", with: "on s for 1 steps using o {").replacing(
            "{ ... }", with: code.hasPrefix("layer ") ? "{ forward x = x }" : "{ 0 }"
        ).replacing("...", with: "0")
        let forms = [
            code, "f(\(code))", "(x\(code))", "train net \(code) for 1 steps using o { minimize l }",
            "train net on s as \(code) for 1 steps using o { minimize l }",
            "train net on s \(code) using o { minimize l }", "train net on s for 1 steps \(code) { minimize l }",
            "layer l(n) { \(code)\nforward x = x }", "layer l(n) { \(code) }", "\(code) { }", "net = flatten \(code)",
            "x = \"{y\(code)}\"", "for k in s \(code)",
        ]
        return forms.contains { form in
            let source = Source(name: "repair", kind: .file, text: form)
            return Parser.parse(source, isVetted: true).diagnostics.isEmpty
        }
    }
}
