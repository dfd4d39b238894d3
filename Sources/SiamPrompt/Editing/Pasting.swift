/// What a paste becomes before it is put on the line.
public enum Pasting {
    /// CR and CR LF become LF, tabs blanks, other control characters and a last line's end go. Of a transcript, whose first line
    /// begins with a prompt, only the inputs stay.
    public static func cleaned(_ bytes: [UInt8]) -> String {
        var text = ""
        var wasReturn = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            defer { wasReturn = scalar == "\r" }
            switch scalar {
            case "\r": text.unicodeScalars.append("\n")
            case "\n": if !wasReturn { text.unicodeScalars.append("\n") }
            case "\t": text += "    "
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": break
            default: text.unicodeScalars.append(scalar)
            }
        }
        while text.hasSuffix("\n") { text.unicodeScalars.removeLast() }
        return inputs(text)
    }

    static let more = "  ... "

    /// The inputs of a transcript; any other text as it is.
    public static func inputs(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first(where: { !$0.isEmpty }), prompted(first) != nil else { return text }
        var kept: [Substring] = []
        var isInput = false
        for line in lines {
            if let input = prompted(line) {
                kept.append(input)
                isInput = true
            } else if isInput, line.hasPrefix(more) || line == "  ..." {
                kept.append(line.dropFirst(more.count))
            } else {
                isInput = false
            }
        }
        return kept.joined(separator: "\n")
    }

    /// The text after a prompt: `siam> `, `siam 3.4> ` or `siam(132)> `.
    private static func prompted(_ line: Substring) -> Substring? {
        guard line.hasPrefix("siam"), let end = line.firstIndex(of: ">") else { return nil }
        let between = line[line.index(line.startIndex, offsetBy: 4)..<end]
        let isPrompt =
            between.isEmpty || between.hasPrefix(" ") && between.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
            || between.hasPrefix("(") && between.hasSuffix(")") && between.dropFirst().dropLast().allSatisfy(\.isNumber)
        guard isPrompt else { return nil }
        let rest = line[line.index(after: end)...]
        return rest.hasPrefix(" ") ? rest.dropFirst() : rest.isEmpty ? rest : nil
    }
}
