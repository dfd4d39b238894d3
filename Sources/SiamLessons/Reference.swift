import SiamLanguage
import SiamRuntime

/// The users' reference as one Markdown page: hand-written prose about the language, then every declaration's own help.
public enum Reference {
    /// The whole page. `prose` stands first: what `tutorials/language.md` says.
    public static func page(_ session: Session, prose: String) -> String {
        var lines = [prose, ""]
        let entries = session.help().filter { !$0.name.hasPrefix("_") }
        lines.append("## Words of the grammar")
        lines.append("")
        lines.append("| word | what it does |")
        lines.append("|---|---|")
        for e in entries where e.kind == "word" {
            lines.append("| `\(cell(e.signature.isEmpty ? e.name : e.signature))` | \(cell(e.text)) |")
        }
        lines.append("")
        lines.append("## Grammar")
        lines.append("")
        lines.append("```")
        lines.append(Grammar.text)
        lines.append("```")
        lines.append("")
        var families: [String] = []
        for e in entries where e.kind != "word" && !families.contains(e.family) { families.append(e.family) }
        for family in families.sorted() {
            lines.append("## \(family.prefix(1).uppercased() + family.dropFirst())")
            lines.append("")
            for e in entries where e.kind != "word" && e.family == family { lines += entry(e) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cell(_ s: String) -> String { s.replacing("|", with: "\\|").replacing("\n", with: " ") }

    private static func entry(_ e: HelpEntry) -> [String] {
        var lines = ["### `\(e.signature)`", "", e.text, ""]
        if !e.examples.isEmpty {
            lines.append("```")
            for example in e.examples {
                lines.append(
                    example.result.isEmpty
                        ? example.code : "\(example.code)    # \(example.result.replacing("\n", with: " / "))")
            }
            lines.append("```")
            lines.append("")
        }
        if let source = e.source {
            let code = source.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("##") }
            lines.append("```siam")
            lines += code.map(String.init)
            lines.append("```")
            lines.append("")
        }
        if !e.seeAlso.isEmpty {
            lines.append("See also " + e.seeAlso.map { "`\($0)`" }.joined(separator: ", ") + ".")
            lines.append("")
        }
        return lines
    }
}
