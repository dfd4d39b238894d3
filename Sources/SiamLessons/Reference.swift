import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The users' reference as one Markdown page: hand-written prose about the language, then every declaration's own help.
public enum Reference {
    /// The whole page. `prose` comes first: the text of `tutorials/language.md`.
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
            for e in entries where e.kind != "word" && e.family == family { lines += entry(session.help(e.name) ?? e) }
        }
        lines.append("## Faults")
        lines.append("")
        lines.append(
            "What `diagnose` looks for. At the prompt, `?` and the name of a fault show its page: `?dead units`.")
        lines.append("")
        for e in session.topics() { lines += ["### \(e.signature)", "", e.text.replacing("\n", with: "\n\n"), ""] }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cell(_ s: String) -> String { s.replacing("|", with: "\\|").replacing("\n", with: " ") }

    /// What the prompt prints for an example, each in a session of its own.
    static func result(of code: String) -> String {
        let output = CapturedOutput(isInteractive: true)
        return Transcript.run(code, ProgramTest.session(output), output).joined(separator: "\n")
    }

    private static func entry(_ e: HelpEntry) -> [String] {
        var lines = ["### `\(e.signature)`", "", e.text, ""]
        if let shapes = e.shapes { lines += ["Shapes: \(shapes).", ""] }
        if !e.examples.isEmpty {
            lines.append("```")
            for example in e.examples {
                lines.append("siam> \(example.code)")
                let shown = result(of: example.code)
                if !shown.isEmpty { lines.append(shown) }
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
