import SiamLanguage

/// Prose folded to a width between words.
enum Folding {
    static func fold(_ text: String, columns: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard displayWidth(String(line)) > columns - 1, !line.hasPrefix("  ") else { return String(line) }
            var rows: [String] = []
            var row = ""
            for word in line.split(separator: " ", omittingEmptySubsequences: false) {
                if !row.isEmpty, displayWidth(row) + 1 + displayWidth(String(word)) > columns - 1 {
                    rows.append(row)
                    row = String(word)
                } else {
                    row += (row.isEmpty ? "" : " ") + word
                }
            }
            return (rows + [row]).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
