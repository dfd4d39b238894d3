import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor
import SiamReports

/// Words kept instead of shown: what tests and lessons run programs with.
public final class CapturedOutput: Output {
    public private(set) var lines: [String] = []
    public private(set) var messages: [String] = []
    public private(set) var diagnostics: [Diagnostic] = []
    public var page = Page(columns: 80, rows: 24, unicode: true)
    public var isInteractive: Bool
    public init(isInteractive: Bool = false) { self.isInteractive = isInteractive }
    public func print(_ text: String) {
        lines.append(contentsOf: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
    public func message(_ text: String) { messages.append(text) }
    public func diagnostic(_ d: Diagnostic) { diagnostics.append(d) }
    public func progress(_ text: String?) {}
    /// What was printed since the last call.
    public func take() -> [String] {
        defer { lines = [] }
        return lines
    }
    public func takeMessages() -> [String] {
        defer { messages = [] }
        return messages
    }
    public func takeDiagnostics() -> [Diagnostic] {
        defer { diagnostics = [] }
        return diagnostics
    }
}

/// A test that is a program: `# expect: text` behind a statement (or on the lines below it) is what it prints, one line
/// each; `# expect error: part` is a part of the message it fails with. A program without expectations has to run.
public struct ProgramTest {
    public struct Difference: Sendable {
        public var line: Int
        public var wanted: [String]
        public var got: [String]
    }
    public struct Result: Sendable {
        public var differences: [Difference] = []
        /// The program with the outputs it has now.
        public var recorded = ""
        public var passed: Bool { differences.isEmpty }
    }

    static let outputMark = "# expect:"
    static let errorMark = "# expect error:"

    public static func session(_ output: any Output) -> Session {
        Figures.attach(to: Session(output: output, builtins: Builtin.all))
    }

    /// Runs a program and compares.
    public static func run(_ source: Source) -> Result {
        let output = CapturedOutput()
        let session = session(output)
        return run(source, session, output)
    }

    static func run(_ source: Source, _ session: Session, _ output: CapturedOutput) -> Result {
        var result = Result()
        var lines = source.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let (program, errors) = Parser.parse(source)
        if let first = errors.first(where: { $0.severity == .error }) {
            let at = first.labels.first.map { source.position($0.place.span.start).line } ?? 1
            let wanted = expectations(source, from: at, to: at + 1)
            if wanted.error.map({ text(first).contains($0) }) != true {
                result.differences.append(
                    .init(
                        line: at, wanted: wanted.error.map { ["error: \($0)"] } ?? [], got: ["error: \(first.message)"])
                )
            }
            result.recorded = source.text
            return result
        }
        var edits: [(line: Int, until: Int, wanted: [String])] = []
        for (k, statement) in program.statements.enumerated() {
            let first = source.position(statement.span.start).line
            let last = source.position(max(statement.span.start, statement.span.end - 1)).line
            let next =
                k + 1 < program.statements.count
                ? source.position(program.statements[k + 1].span.start).line : lines.count + 1
            let wanted = expectations(source, from: last, to: max(next, last + 1))
            if let text = withoutColon(source.line(last)) {
                result.differences.append(
                    .init(
                        line: last, wanted: ["\(outputMark) \(text)"],
                        got: ["# expect \(text), which has no colon and is a comment"]))
            }
            var failure: Diagnostic?
            do { try session.run(statement, of: source) } catch { failure = session.describe(error) }
            let printed = output.take()
            let reported = output.takeDiagnostics().filter { $0.severity == .error }
            failure = failure ?? (wanted.error == nil ? nil : reported.first)
            if let failure {
                guard let part = wanted.error else {
                    result.differences.append(
                        .init(
                            line: first, wanted: wanted.lines,
                            got: printed + ["error: \(failure.message)"] + failure.notes))
                    break
                }
                if !text(failure).contains(part) {
                    result.differences.append(
                        .init(line: first, wanted: ["error: \(part)"], got: ["error: \(text(failure))"]))
                }
                continue
            }
            if let part = wanted.error {
                result.differences.append(.init(line: first, wanted: ["error: \(part)"], got: printed))
            } else if wanted.hasLines, printed != wanted.lines {
                result.differences.append(.init(line: first, wanted: wanted.lines, got: printed))
            }
            if wanted.hasLines { edits.append((last, max(next, last + 1), printed)) }
        }
        for edit in edits.reversed() { rewrite(&lines, edit.line, edit.until, edit.wanted) }
        result.recorded = lines.joined(separator: "\n")
        return result
    }

    /// `2 * 3  # expect 6`: meant as an expectation, but a comment without the colon; nil for a sentence.
    private static func withoutColon(_ line: String) -> String? {
        guard let at = line.firstRange(of: "# expect "), at.lowerBound > line.startIndex,
            line[..<at.lowerBound].contains(where: { $0 != " " && $0 != "#" })
        else { return nil }
        let text = line[at.upperBound...].trimmed
        guard let first = text.first, !text.hasPrefix("error:"),
            first.isNumber || "-[{\"".contains(first) || ["true", "false", "none"].contains(text)
        else { return nil }
        return text
    }

    private static func text(_ d: Diagnostic) -> String {
        ([d.message] + d.notes + [d.repair ?? ""]).joined(separator: "\n")
    }

    /// The expectations after a statement's last line and on separate lines up to the next statement.
    private static func expectations(_ source: Source, from: Int, to: Int) -> (
        lines: [String], hasLines: Bool, error: String?
    ) {
        var lines: [String] = []
        var error: String?
        var has = false
        for n in from..<max(to, from + 1) {
            let line = source.line(n)
            if n > from, !line.drop(while: { $0 == " " }).hasPrefix("#") { continue }
            if let at = line.firstRange(of: errorMark) {
                error = line[at.upperBound...].trimmed
            } else if let at = line.firstRange(of: outputMark) {
                has = true
                lines.append(String(line[at.upperBound...].dropFirst(line[at.upperBound...].first == " " ? 1 : 0)))
            }
        }
        return (lines, has, error)
    }

    private static func rewrite(_ lines: inout [String], _ line: Int, _ until: Int, _ printed: [String]) {
        guard line - 1 < lines.count else { return }
        if let at = lines[line - 1].firstRange(of: outputMark) {
            var head = String(lines[line - 1][..<at.lowerBound])
            while head.last == " " { head.removeLast() }
            lines[line - 1] = head + (printed.first.map { "  \(outputMark) \($0)" } ?? "")
            replaceBelow(&lines, line, until, Array(printed.dropFirst()))
        } else {
            replaceBelow(&lines, line, until, printed)
        }
    }

    private static func replaceBelow(_ lines: inout [String], _ line: Int, _ until: Int, _ printed: [String]) {
        let end = min(until - 1, lines.count)
        guard line < end else {
            lines.insert(contentsOf: printed.map { "\(outputMark) \($0)" }, at: min(line, lines.count))
            return
        }
        let old = lines[line..<end]
        let kept = old.filter { !$0.drop(while: { $0 == " " }).hasPrefix(outputMark) }
        lines.replaceSubrange(line..<end, with: printed.map { "\(outputMark) \($0)" } + kept)
    }
}
