import CEditline
import CKernels
import Glibc
import SiamLanguage

/// What came of reading one input.
public enum Reading: Sendable, Equatable {
    case input(String)
    /// ^C; the text that was dropped.
    case interrupted(String)
    /// ^D on an empty line, or the end of the input.
    case end
    /// The terminal is gone, or the process has been asked to end.
    case hangup
}

/// What reads inputs: a line editor at a terminal, plain lines elsewhere.
public protocol LineReader: AnyObject {
    /// - Parameter prompt: without colour: `siam> `.
    func read(_ prompt: String) -> Reading
    /// Puts a text on the next line that is read, to be looked at and changed.
    func prepare(_ text: String)
}

/// The count of ^C since it was last taken.
enum InterruptFlag {
    static var isRaised: Bool { (siam_interrupt_flag()?.pointee ?? 0) != 0 }
    static func take() -> Bool { siam_interrupt_take() != 0 }
}

/// Reads lines without touching the terminal: on a pipe, with TERM=dumb, with --plain.
public final class PlainReader: LineReader {
    private let showsPrompt: Bool
    private var bytes: [UInt8] = []
    private var hasEnded = false
    private var prepared: String?

    public init(showsPrompt: Bool) { self.showsPrompt = showsPrompt }

    public func prepare(_ text: String) { prepared = text }

    public func read(_ prompt: String) -> Reading {
        var text = ""
        if let prepared {
            // There is no line to put it on: it is shown, and an empty line runs it.
            self.prepared = nil
            if showsPrompt { fputs(prepared + "\n", siam_stdout()) }
            show(prompt)
            switch line() {
            case .input(""): return .input(prepared)
            case let other: return other
            }
        }
        var shown = prompt
        while true {
            show(shown)
            switch line() {
            case .input(let line):
                text += text.isEmpty ? line : "\n" + line
                if Blocks.isCommand(text) || !Parser.isUnfinished(text) { return .input(Pasting.inputs(text)) }
                shown = PlainReader.more(prompt)
            case .end:
                return text.isEmpty ? .end : .input(text)
            case .interrupted: return .interrupted(text)
            case .hangup: return .hangup
            }
        }
    }

    static func more(_ prompt: String) -> String {
        String(repeating: " ", count: max(0, displayWidth(prompt) - 4)) + "... "
    }

    private func show(_ prompt: String) {
        guard showsPrompt else { return }
        fputs(prompt, siam_stdout())
        fflush(siam_stdout())
    }

    private func line() -> Reading {
        while true {
            if let end = bytes.firstIndex(of: 10) {
                var line = bytes[..<end]
                if line.last == 13 { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                bytes.removeSubrange(...end)
                return .input(text)
            }
            if hasEnded {
                guard !bytes.isEmpty else { return .end }
                defer { bytes = [] }
                return .input(String(decoding: bytes, as: UTF8.self))
            }
            if Int(siam_wait_for_input(-1)) == SIAM_INPUT_SIGNAL {
                guard InterruptFlag.take() else { continue }
                bytes = []
                return .interrupted("")
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let n = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if n > 0 {
                bytes.append(contentsOf: buffer[..<n])
            } else if n == 0 || errno != EINTR {
                hasEnded = true
            }
        }
    }
}
