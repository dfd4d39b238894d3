import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What a prompt offers front ends without a terminal beside running inputs: the functions behind its own keys.
extension Prompt {
    /// The completions at a position, which counts scalars.
    public func completion(_ text: String, at cursor: Int) -> Completion {
        completer.complete(EditBuffer(text, cursor: cursor))
    }

    /// The help of the word at a place, or the value of the user's name there; nil where nothing is known of it.
    public func explanation(_ text: String, at cursor: Int, withSource: Bool) -> String? {
        guard let word = EditBuffer(text, cursor: cursor).wordAtCursor else { return nil }
        if let entry = session.help(word) {
            guard withSource, let source = entry.source else { return entry.rendered() }
            return entry.rendered() + "\n\n" + source
        }
        guard session.globals.isUserName(word), let value = session.globals.valueIfReady(word) else { return nil }
        return "\(word) is your own name for \(value.kindName)\n\(session.display(value, output.page))"
    }

    public enum Completeness: Equatable, Sendable {
        case complete, invalid
        /// More lines are needed; the next is indented by this many blanks.
        case incomplete(Int)
    }

    /// Whether an input is complete.
    public static func completeness(_ text: String) -> Completeness {
        let inputs = pieces(text)
        guard case .code(let code)? = inputs.last else { return .complete }
        if Parser.isUnfinished(code) {
            let broken = Blocks.broken(EditBuffer(code))
            return .incomplete(broken.currentLine.prefix { $0 == " " }.count)
        }
        let source = Source(name: "", kind: .prompt(0), text: code)
        return Parser.parse(source).diagnostics.contains { $0.severity == .error } ? .invalid : .complete
    }

    /// The error that the last input ended in.
    public var error: Diagnostic? { endedIn }
    /// Forgets it; before an input.
    public func beginInput() { (endedIn, wasInterrupted) = (nil, false) }
    /// The session that inputs run in now: the user's own, or a lesson's.
    public var present: Session { session }
}

extension EditBuffer {
    /// The name around the cursor, or the one that a bracket before the cursor belongs to.
    public var wordAtCursor: String? {
        var end = cursor
        while end < scalars.count, EditBuffer.isWord(scalars[end]) { end += 1 }
        var start = cursor
        while start > 0, EditBuffer.isWord(scalars[start - 1]) { start -= 1 }
        if start == end {
            // Inside the brackets of a call, or right behind them, the function is meant.
            var depth = 0
            var i = cursor - 1
            while i >= 0 {
                if scalars[i] == ")" { depth += 1 }
                if scalars[i] == "(" {
                    if depth == 0 { break }
                    depth -= 1
                }
                i -= 1
            }
            guard i > 0 else { return nil }
            end = i
            start = i
            while start > 0, EditBuffer.isWord(scalars[start - 1]) { start -= 1 }
        }
        return start < end ? EditBuffer.string(scalars[start..<end]) : nil
    }
}
