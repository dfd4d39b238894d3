import SiamLanguage
import SiamRuntime

/// The long form of an error: the idea behind its rule, an example that fails, the same one mended.
enum WhyPage {
    static func text(_ error: Diagnostic, _ session: Session) -> String {
        var lines = ["\(error.message)"]
        for note in error.notes + [error.kept, error.repair].compactMap({ $0 }) { lines.append("  " + note) }
        guard let why = Why.of(error.code) else { return lines.joined(separator: "\n") }
        lines += ["", why.idea]
        if let told = why.told { lines += ["", told] }
        for (word, program) in [("fails:   ", why.fails), ("mended:  ", why.mended)] {
            guard let program else { continue }
            lines.append("")
            for (k, line) in program.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                lines.append((k == 0 ? word : "         ") + line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
