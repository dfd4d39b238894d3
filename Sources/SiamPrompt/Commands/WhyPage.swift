import SiamLanguage

/// The long form of an error: the idea behind its rule, an example that fails, the same one mended.
enum WhyPage {
    static func text(_ error: Diagnostic, columns: Int) -> String {
        func folded(_ text: String, _ indent: String = "") -> [String] {
            // The lines of a paragraph are one text; those of a program or a table are kept.
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let joined = lines.contains { $0.hasPrefix(" ") || $0.isEmpty } ? text : lines.joined(separator: " ")
            return Folding.fold(joined, columns: columns - indent.count).split(
                separator: "\n", omittingEmptySubsequences: false
            ).map { indent + $0 }
        }
        var lines = folded(error.message)
        for note in error.notes + [error.kept, error.repair].compactMap({ $0 }) { lines += folded(note, "  ") }
        guard let why = Why.of(error.code) else { return lines.joined(separator: "\n") }
        lines += [""] + folded(why.idea)
        if let told = why.told { lines += [""] + folded(told) }
        for (word, program) in [("fails:   ", why.fails), ("correct: ", why.mended)] {
            guard let program else { continue }
            lines.append("")
            for (k, line) in program.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append((k == 0 ? word : "         ") + line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
