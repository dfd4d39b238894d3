import CEditline
import CKernels
import Glibc
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// When colour is used.
public enum ColorChoice: String, Sendable, CaseIterable { case auto, always, never }

/// The output of a prompt: a terminal, or a front end that shows values in its own way.
public protocol PromptOutput: Output {
    var colorOnOut: Bool { get set }
    var colorOnError: Bool { get set }
    /// What figures are drawn with.
    var display: FigureDisplay { get }
    /// What drawings are made of now.
    var graphics: Graphics { get set }
    /// Whether curves are drawn while a net is trained.
    var isLive: Bool { get set }
}

/// A session's words on a terminal or a pipe: the program's on stdout, siam's own on stderr.
public final class TerminalOutput: PromptOutput {
    public var colorOnOut: Bool
    public var colorOnError: Bool
    /// What figures are drawn with: the environment's choice, or the user's.
    public let display = FigureDisplay(environment: Environment.value)
    /// Whether the user has chosen what drawings are made of.
    private var hasChosenGraphics = false
    /// What a program prints is left out while only its run is wanted.
    public var isMuted = false
    /// Whether errors are all that is said, since another process says the rest.
    public var isQuiet = false
    public let isInteractive: Bool
    private let errorIsTerminal: Bool
    private let outIsTerminal: Bool
    private var progressLength = 0
    private var progressLines = 0
    /// Whether a run draws its curves live.
    public var isLive = false
    /// What was hinted at already.
    private var hints = Set<String>()

    public init(color: ColorChoice) {
        outIsTerminal = isatty(STDOUT_FILENO) == 1
        errorIsTerminal = isatty(STDERR_FILENO) == 1
        let dumb = Environment.value("TERM") == "dumb"
        let refused = Environment.value("NO_COLOR") != nil
        func allowed(_ isTerminal: Bool) -> Bool {
            switch color {
            case .always: true
            case .never: false
            case .auto: isTerminal && !dumb && !refused
            }
        }
        colorOnOut = allowed(outIsTerminal)
        colorOnError = allowed(errorIsTerminal)
        isInteractive = outIsTerminal && isatty(STDIN_FILENO) == 1
        // A file that figures are redirected to keeps characters.
        if !outIsTerminal { display.graphics = .braille }
    }

    private var isUnicode: Bool {
        hasChosenGraphics ? display.graphics != .ascii : Environment.isUnicode
    }

    /// What drawings are made of now.
    public var graphics: Graphics {
        get { isUnicode ? display.graphics : .ascii }
        set {
            hasChosenGraphics = true
            display.graphics = newValue
        }
    }

    public var page: Page {
        var size = winsize()
        var columns = 80
        var rows = 24
        if outIsTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
            columns = Int(size.ws_col)
            rows = max(8, Int(size.ws_row))
            if size.ws_xpixel > 0, size.ws_ypixel > 0, size.ws_row > 0 {
                display.cellWidth = Int(size.ws_xpixel) / Int(size.ws_col)
                display.cellHeight = Int(size.ws_ypixel) / Int(size.ws_row)
            }
        }
        return Page(
            columns: columns, rows: rows, unicode: isUnicode,
            color: colorOnOut)
    }

    public func print(_ text: String) {
        guard !isMuted, !isQuiet else { return }
        progress(nil)
        write(outIsTerminal ? terminalText(text, pictures: display.graphics.isPicture) : text)
        if outIsTerminal { fflush(siam_stdout()) }
    }

    /// Writes in pieces, so that ^C ends what would scroll for long.
    private func write(_ text: String) {
        let bytes = text.utf8.count
        if bytes < 1 << 15 {
            fputs(text, siam_stdout())
        } else {
            var text = text
            text.withUTF8 { all in
                var done = 0
                while done < all.count, !Interrupt.isDue {
                    let n = min(1 << 14, all.count - done)
                    guard let start = all.baseAddress, fwrite(start + done, 1, n, siam_stdout()) == n else { return }
                    done += n
                }
            }
        }
        fputs("\n", siam_stdout())
    }

    public func message(_ text: String) {
        if isQuiet { return }
        progress(nil)
        fflush(siam_stdout())
        fputs(terminalText(text) + "\n", siam_stderr())
    }

    public func diagnostic(_ d: Diagnostic) {
        if isQuiet, d.severity != .error { return }
        progress(nil)
        fflush(siam_stdout())
        let columns = errorIsTerminal ? page.columns : .max
        fputs(DiagnosticRenderer(isColored: colorOnError, columns: columns).render(d) + "\n", siam_stderr())
    }

    public var showsProgress: Bool { errorIsTerminal && !isQuiet }
    public func progress(_ text: String?) {
        guard showsProgress else { return }
        // Back to where the last one began.
        let back = progressLines > 1 ? "\r\u{1B}[\(progressLines - 1)A\u{1B}[J" : "\r"
        if let text {
            let width = max(20, page.columns - 1)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let last = terminalText(String((lines.last ?? "").prefix(width)))
            let above = lines.dropLast().map { terminalText($0) + "\u{1B}[K\r\n" }.joined()
            fputs(back + above + last + "\u{1B}[K", siam_stderr())
            (progressLength, progressLines) = (text.count, lines.count)
        } else if progressLength > 0 {
            fputs(back + "\u{1B}[K", siam_stderr())
            (progressLength, progressLines) = (0, 0)
        }
    }

    public func epoch(_ text: String) { if !errorIsTerminal { message(text) } }

    public func hint(_ text: String) {
        if isInteractive, hints.insert(text).inserted { message(text) }
    }

    public func finish() {
        progress(nil)
        fflush(siam_stdout())
    }

    /// Ends the process: with `code`, or with 1 where what was printed could not be written.
    public func leave(_ code: Int32) -> Never {
        progress(nil)
        TerminalOutput.leave(code)
    }

    /// The same where there is no output of a session.
    public static func leave(_ code: Int32) -> Never {
        errno = 0
        let why = fflush(siam_stdout()) != 0 ? errno : 0
        guard why != 0 || ferror(siam_stdout()) != 0 else { _exit(code) }
        if why != EPIPE {
            fputs("error: the output could not be written: \(reason(why))\n", siam_stderr())
        }
        _exit(code == 0 || code == 3 ? 1 : code)
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "the disk is full"
        case EBADF: "standard output is closed"
        case 0: "the output refused it"
        default: String(cString: strerror(code)).lowercased()
        }
    }

    /// Sees to it that no file that is opened takes the place of a standard stream that is closed.
    public static func holdStandardStreams() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
            // Reading from it ends at once, and writing to it fails.
            let file = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)
            if file >= 0, file != stream {
                dup2(file, stream)
                close(file)
            }
        }
        signal(SIGPIPE, SIG_DFL)
    }

    /// Runs a source and shows its error, if one comes; the exit code.
    public func run(_ source: Source, in session: Session) -> Int32 {
        do {
            try session.run(source)
            return 0
        } catch let stop as Interrupted {
            if stop.leaving == nil { message("interrupted") }
            return stop.leaving ?? 130
        } catch {
            show(error, in: session)
            return 1
        }
    }

    public func show(_ error: any Error, in session: Session) {
        if let stop = error as? Interrupted {
            if stop.leaving == nil { message("interrupted; variables are as they were before this input") }
            return
        }
        diagnostic(session.describe(error))
    }

    public static func standardInput() -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if Int(siam_wait_for_input(-1)) == SIAM_INPUT_SIGNAL {
                if InterruptFlag.take() { TerminalOutput.leave(130) }
                continue
            }
            let n = read(STDIN_FILENO, &buffer, buffer.count)
            if n < 0, errno == EINTR { continue }
            if n <= 0 { break }
            all.append(contentsOf: buffer[..<n])
        }
        return String(decoding: all, as: UTF8.self)
    }
}
