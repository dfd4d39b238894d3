import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A session written down in Markdown: in fenced blocks that begin with `siam> `, inputs and what they printed. All blocks
/// of one page are one session, in order.
public struct Transcript {
    public static let prompt = "siam> "
    public static let more = "  ... "

    /// Runs a page's blocks and compares; the recorded text has the outputs of now.
    public static func run(_ source: Source) -> ProgramTest.Result {
        var result = ProgramTest.Result()
        let output = CapturedOutput(isInteractive: true)
        let session = ProgramTest.session(output)
        var recorded: [String] = []
        let lines = source.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var at = 0
        while at < lines.count {
            guard lines[at].hasPrefix("```"), at + 1 < lines.count, lines[at + 1].hasPrefix(prompt) else {
                recorded.append(lines[at])
                at += 1
                continue
            }
            recorded.append(lines[at])
            at += 1
            while at < lines.count, !lines[at].hasPrefix("```") {
                let start = at
                var input = String(lines[at].dropFirst(prompt.count))
                recorded.append(lines[at])
                at += 1
                while at < lines.count, lines[at].hasPrefix(more) {
                    input += "\n" + lines[at].dropFirst(more.count)
                    recorded.append(lines[at])
                    at += 1
                }
                var wanted: [String] = []
                while at < lines.count, !lines[at].hasPrefix("```"), !lines[at].hasPrefix(prompt) {
                    wanted.append(lines[at])
                    at += 1
                }
                let got = run(input, session, output)
                if got != wanted { result.differences.append(.init(line: start + 1, wanted: wanted, got: got)) }
                recorded += got
            }
        }
        result.recorded = recorded.joined(separator: "\n")
        return result
    }

    /// What the prompt prints for one input.
    static func run(_ input: String, _ session: Session, _ output: CapturedOutput) -> [String] {
        if input.hasPrefix("?") {
            let name = String(input.drop { $0 == "?" })
            return session.help(name)?.rendered().split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init)
                ?? ["there is no help for \(name)"]
        }
        var lines: [String] = []
        do {
            try session.run(session.input(input))
            lines = output.take()
        } catch {
            lines = output.take()
            lines += DiagnosticRenderer().render(session.describe(error)).split(
                separator: "\n", omittingEmptySubsequences: false
            ).map(String.init)
        }
        for d in output.takeDiagnostics() {
            lines += DiagnosticRenderer().render(d).split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init)
        }
        return output.takeMessages() + lines
    }
}
