import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A page's prose on a terminal: folded, bold where the terminal can.
enum LessonText {
    /// Text in a terminal is read best in lines of this length.
    static let columns = 88

    static func render(_ paragraph: String, _ page: Page) -> String {
        let room = min(page.columns, columns)
        let lines = paragraph.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var out: [String] = []
        var flow: [String] = []
        var indent = 0
        func close() {
            guard !flow.isEmpty else { return }
            let folded = Folding.fold(flow.joined(separator: " "), columns: room - indent, width: width)
            for (k, row) in folded.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                out.append((k > 0 ? String(repeating: " ", count: indent) : "") + row)
            }
            flow = []
            indent = 0
        }
        for line in lines {
            if line.hasPrefix("|") || line.hasPrefix("    ") {
                close()
                out.append(line)
            } else if line.hasPrefix("- ") || isNumbered(line) {
                close()
                indent = line.hasPrefix("- ") ? 2 : 3
                flow = [line]
            } else {
                flow.append(line.trimmedOfWhitespace)
            }
        }
        close()
        return emphasised(out.joined(separator: "\n"), page.color)
    }

    private static func isNumbered(_ line: String) -> Bool {
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        // A sentence may begin with a large number.
        return (1...2).contains(digits.count) && line.dropFirst(digits.count).hasPrefix(". ")
    }

    /// What is seen of a word: its marks take no room.
    private static func width(_ word: String) -> Int { displayWidth(word.replacing("**", with: "")) }

    /// `**bold**` as bold, or plain where there is no colour.
    private static func emphasised(_ text: String, _ colored: Bool) -> String {
        var out = ""
        var isBold = false
        for (k, piece) in split(text).enumerated() {
            if k > 0 {
                isBold.toggle()
                if colored { out += isBold ? "\u{1B}[1m" : "\u{1B}[22m" }
            }
            // A line that is redrawn must not lose its weight.
            out += isBold && colored ? piece.replacing("\n", with: "\u{1B}[22m\n\u{1B}[1m") : piece
        }
        if isBold, colored { out += "\u{1B}[22m" }
        return out
    }

    private static func split(_ text: String) -> [String] {
        var pieces = [""]
        var rest = text[...]
        while let at = rest.firstRange(of: "**") {
            pieces[pieces.count - 1] += rest[..<at.lowerBound]
            pieces.append("")
            rest = rest[at.upperBound...]
        }
        pieces[pieces.count - 1] += rest
        return pieces
    }

    static func faint(_ text: String, _ page: Page) -> String { page.color ? "\u{1B}[2m\(text)\u{1B}[22m" : text }
    static func bold(_ text: String, _ page: Page) -> String { page.color ? "\u{1B}[1m\(text)\u{1B}[22m" : text }
}
