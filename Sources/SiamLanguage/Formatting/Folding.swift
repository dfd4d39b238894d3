/// Prose folded to a width between words.
public enum Folding {
    /// - Parameter width: of a word on the screen, where it is not what its letters take.
    public static func fold(_ text: String, columns: Int, width: (String) -> Int = displayWidth) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard width(String(line)) > columns - 1, !line.hasPrefix("  ") else { return String(line) }
            var rows: [String] = []
            var row = ""
            for word in line.split(separator: " ", omittingEmptySubsequences: false) {
                if !row.isEmpty, width(row) + 1 + width(String(word)) > columns - 1 {
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
