import CEditline
import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The user's own editor, on a text of the prompt.
enum OutsideEditor {
    /// What the environment names, or else the first that the machine has of those that nearly all have one of.
    static var command: String? {
        Environment.value("VISUAL") ?? Environment.value("EDITOR")
            ?? ["sensible-editor", "nano", "vi", "vim", "emacs"].first(where: isInstalled)
    }

    private static func isInstalled(_ name: String) -> Bool {
        (Environment.value("PATH") ?? "/usr/bin:/bin").split(separator: ":").contains { folder in
            access("\(folder)/\(name)", X_OK) == 0
        }
    }

    /// The text as the editor leaves it. Throws where no editor is named or it fails.
    static func edit(_ text: String) throws -> String {
        let folder = Environment.value("TMPDIR") ?? "/tmp"
        // In a folder that others can write to, the name must not be guessable, and the file must be new.
        let chance = UInt64.random(in: .min ... .max)
        let path = "\(folder)/siam-\(getpid())-\(String(chance, radix: 36)).siam"
        try Files.write(Array((text + (text.isEmpty ? "" : "\n")).utf8), to: path, isPrivate: true)
        defer { unlink(path) }
        try open(path)
        var changed = try Files.text(path)
        while changed.hasSuffix("\n") { changed.removeLast() }
        return changed
    }

    /// Opens a file in the editor and waits until it is left.
    static func open(_ path: String) throws {
        guard let command else {
            throw Diagnostic(
                code: "editor.none", "no editor is known",
                notes: ["the environment variable VISUAL or EDITOR names it"],
                repair: "start siam with an editor:  EDITOR=nano siam")
        }
        try run("\(command) \(quoted(path))", what: command)
    }

    static func quoted(_ path: String) -> String { "'" + path.replacing("'", with: "'\\''") + "'" }

    /// Runs a command of the shell with the terminal for itself.
    static func run(_ line: String, what: String) throws {
        fflush(siam_stdout())
        var modes = termios()
        let hasModes = tcgetattr(STDIN_FILENO, &modes) == 0
        siam_terminal_restore()
        defer { if hasModes { tcsetattr(STDIN_FILENO, TCSADRAIN, &modes) } }
        let status = siam_run_command(line)
        guard status == 0 else {
            throw Diagnostic(code: "editor.failed", "\(what) ended with code \(status >> 8 & 0xFF)")
        }
    }
}
