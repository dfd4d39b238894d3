import Foundation
import Glibc
import Testing

let testsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

/// The binary that was built beside the tests, or the one that SIAM_LATENCY names to be measured.
let siamBinary: String = {
    if let named = ProcessInfo.processInfo.environment["SIAM_LATENCY"], named.hasPrefix("/") { return named }
    let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
    for folder in [bundle, bundle.deletingLastPathComponent()] {
        let candidate = folder.appendingPathComponent("siam").path
        if access(candidate, X_OK) == 0 { return candidate }
    }
    return testsFolder.deletingLastPathComponent().appendingPathComponent(".build/debug/siam").path
}()

/// A folder of a test's own that goes with it.
final class Home {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("siam-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
    func read(_ name: String) -> String {
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
    func mode(_ name: String) -> mode_t {
        var status = stat()
        return stat(path + "/" + name, &status) == 0 ? status.st_mode & 0o777 : 0
    }
    static let history = ".local/state/siam/history"
}

struct Timeout: Error, CustomStringConvertible {
    var description: String
}

/// A program in a terminal of its own, driven by keys and looked at as a screen. Waits for states, never for times.
final class PseudoTerminal {
    let home: Home
    private(set) var screen: Screen
    private let main: Int32
    let process: pid_t
    private var exitStatus: Int32?
    private(set) var output: [UInt8] = []
    /// How long a state may take to come, on a machine that does other things as well.
    static let patience = 90.0

    /// - Parameters:
    ///   - program: another program than siam, with its arguments.
    ///   - environment: on top of a bare one; an empty value removes a name.
    init(
        _ arguments: [String] = ["--no-init"], program: [String] = [], columns: Int = 80, rows: Int = 24,
        home: Home? = nil,
        environment extra: [String: String] = [:], waits: Bool = true
    ) throws {
        self.home = try home ?? Home()
        screen = Screen(columns: columns, rows: rows)
        main = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locked: Int32 = 0
        var number: UInt32 = 0
        // Linux's numbers of TIOCSPTLCK and TIOCGPTN, which no Swift module names.
        guard main >= 0, ioctl(main, 0x4004_5431, &locked) == 0, ioctl(main, 0x8004_5430, &number) == 0 else {
            throw Timeout(description: "no pseudo-terminal")
        }
        let name = "/dev/pts/\(number)"
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
        var environment = [
            "HOME": self.home.path, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin",
            // The screen model does not wrap anew, as xterm does not.
            "XTERM_VERSION": "model",
        ]
        environment.merge(extra) { $1 }
        let words = ["env", "-C", self.home.path] + (program.isEmpty ? [siamBinary] + arguments : program)
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            environment.filter { !$0.value.isEmpty }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        // The first terminal that a session's leader opens becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        for s in [SIGINT, SIGTSTP, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGCHLD] { sigaddset(&noSignals, s) }
        posix_spawnattr_setsigdefault(&attributes, &noSignals)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes,
            Int16(0x80 /* POSIX_SPAWN_SETSID */) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let status = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, &argv, &envp)
        for p in argv + envp { free(p) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        guard status == 0 else { throw Timeout(description: "cannot start \(siamBinary): \(status)") }
        process = child
        if waits { try wait("the prompt") { $0.current.hasPrefix("siam> ") || $0.current == "siam>" } }
    }

    deinit {
        if exitStatus == nil {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(main)
    }

    // MARK: Keys

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            // The program's output is read meanwhile, or both would wait for each other.
            let end = min(bytes.count, done + 2048)
            let n = bytes[done..<end].withUnsafeBytes { write(main, $0.baseAddress, $0.count) }
            if n > 0 { done += n } else if errno != EINTR, errno != EAGAIN { return }
            pump(0)
        }
    }

    /// Types an input and Enter, and waits for the next prompt.
    func enter(_ text: String, prompt: String = "siam>", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = prompts
        send(text)
        try wait("the text of \(text.prefix(30))", sourceLocation) { s in
            text.unicodeScalars.count > 60 || s.text.contains(text.suffix(20)) || s.columns < 60
        }
        send("\r")
        try wait("the prompt after \(text.prefix(40))", sourceLocation) { s in
            self.prompts > before && s.current.hasPrefix(prompt) && s.current.count <= prompt.count + 1
        }
    }

    /// How often the program has begun to read an input: it switches marked pastes on each time.
    var prompts: Int { count("\u{1B}[?2004h") }

    /// How often the typed text has been painted: the cursor is hidden meanwhile, and this counts where it came back.
    var paintings: Int { count("\u{1B}[?25h") }

    /// Counts of marks in the output, and how far it was searched: what was seen is not searched again.
    private var counts: [String: (count: Int, searched: Int)] = [:]

    private func count(_ mark: String) -> Int {
        let bytes = Array(mark.utf8)
        var (count, i) = counts[mark] ?? (0, 0)
        while i + bytes.count <= output.count {
            if output[i] == 0x1B, output[i..<i + bytes.count].elementsEqual(bytes) { count += 1 }
            i += 1
        }
        counts[mark] = (count, i)
        return count
    }

    func paste(_ text: String) { send("\u{1B}[200~" + text + "\u{1B}[201~") }

    func signal(_ number: Int32) { kill(process, number) }

    func resize(columns: Int, rows: Int) {
        screen.resize(columns: columns, rows: rows)
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
    }

    // MARK: Waiting

    /// Reads what has come; waits so many milliseconds for it. False at the end.
    @discardableResult
    private func pump(_ milliseconds: Int32) -> Bool {
        var ready = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) > 0 else { return true }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let n = read(main, &buffer, buffer.count)
        guard n > 0 else { return n < 0 && errno == EINTR }
        output += buffer[..<n]
        screen.feed(Array(buffer[..<n]))
        return true
    }

    /// Waits until the screen is as wanted.
    func wait(
        _ what: String, _ sourceLocation: SourceLocation = #_sourceLocation, until isSo: (Screen) -> Bool
    ) throws {
        let deadline = Date().addingTimeInterval(PseudoTerminal.patience)
        while !isSo(screen) {
            guard Date() < deadline, pump(100) else {
                Issue.record(
                    "waited in vain for \(what); the screen is\n\(screen.text)\n(cursor \(screen.row), \(screen.column))",
                    sourceLocation: sourceLocation)
                throw Timeout(description: what)
            }
        }
    }

    /// Waits for a text anywhere on the screen.
    func see(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try wait("\"\(text)\"", sourceLocation) { $0.text.contains(text) }
    }

    /// Waits until the cursor's line is this.
    func line(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try wait("the line \"\(text)\"", sourceLocation) { $0.current == text }
    }

    /// Waits for the program's end; its exit status, or 128 and the signal's number.
    func end(sourceLocation: SourceLocation = #_sourceLocation) throws -> Int32 {
        if let exitStatus { return exitStatus }
        let deadline = Date().addingTimeInterval(PseudoTerminal.patience)
        while Date() < deadline {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                while pump(0), Date() < deadline {
                    var ready = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
                    if poll(&ready, 1, 0) <= 0 { break }
                }
                let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
                exitStatus = code
                return code
            }
            pump(20)
        }
        Issue.record("the program does not end; the screen is\n\(screen.text)", sourceLocation: sourceLocation)
        throw Timeout(description: "the end")
    }
}

/// Keys by their names.
enum Key {
    static let up = "\u{1B}[A", down = "\u{1B}[B", right = "\u{1B}[C", left = "\u{1B}[D"
    static let altEnter = "\u{1B}\r", enter = "\r", tab = "\t", backspace = "\u{7F}"
    static let interrupt = "\u{3}", end = "\u{4}"
    static func control(_ letter: Character) -> String { String(UnicodeScalar((letter.asciiValue ?? 64) & 0x1F)) }
}
