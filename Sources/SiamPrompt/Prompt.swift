import CEditline
import Glibc
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamTensor

/// The interactive prompt: reads inputs, runs them, and keeps what a session must not lose.
public final class Prompt: @unchecked Sendable {
    /// The session that inputs run in: the user's own, or the open lesson's.
    var session: Session {
        didSet { completer = makeCompleter() }
    }
    /// The open lesson, and the session that waits behind it.
    var lesson: (player: LessonPlayer, outside: Session?)?
    let output: any PromptOutput
    let history: History
    var reader: any LineReader
    let record: SessionRecord
    let isAtTerminal: Bool
    /// Whether a user can answer: at a terminal, or through a front end.
    let isAttended: Bool
    private let quiet: Bool
    private let runsInit: Bool
    lazy var completer = makeCompleter()
    /// What can be typed with a colon here.
    var commands: [PromptCommand] { (lesson == nil ? [] : table.lesson) + table.all }
    private let table: CommandTable
    /// What `:load` ran last, with its text then.
    var loaded: (path: String, text: String)?
    /// The input before this one, and what ^C dropped: what `:edit` opens.
    var lastInput = ""
    var lastError: Diagnostic? { didSet { endedIn = lastError } }
    /// The error that the present input has met; who runs inputs forgets it before each.
    var endedIn: Diagnostic?
    /// Whether the last input was broken off.
    public internal(set) var wasInterrupted = false
    var suggests = true
    /// Whether the prompt was opened for a lesson and ends with it.
    private(set) var isForLesson = false
    /// Names that nothing but a training body has made, the batch and what the body works out: no list shows them.
    private(set) var leftByRuns = Set<String>()
    /// Set while a run is paused, with when that began.
    var pausedSince: Double?
    /// Whether inputs are read here, and no program's end is waited for.
    private(set) var isReading = false
    /// The code to leave with, once somebody at a pause has said so.
    var leaving: Int32?

    init(
        session: Session, output: TerminalOutput, quiet: Bool, plain: Bool, runsInit: Bool, table: CommandTable
    ) {
        self.session = session
        self.table = table
        self.output = output
        self.quiet = quiet
        self.runsInit = runsInit
        isAtTerminal = isatty(STDIN_FILENO) == 1
        isAttended = isAtTerminal
        history = History(path: isatty(STDIN_FILENO) == 1 ? StateFolder.file("history") : nil)
        record = SessionRecord(seed: session.firstSeed)
        let dumb = ["dumb", nil].contains(Environment.value("TERM"))
        if isAtTerminal { siam_terminal_keep() }
        let edits = isAtTerminal && isatty(STDOUT_FILENO) == 1 && !plain && !dumb
        let editor = edits ? LineEditor(isColored: output.colorOnOut) : nil
        reader = editor ?? PlainReader(showsPrompt: isAtTerminal)
        if let editor { serve(editor) }
        session.pauseHandler = self
        session.isExamined = true
        if isAtTerminal {
            session.ask = { [weak self] prompt in
                guard let self else { return nil }
                if case .input(let line) = self.reader.read(prompt) { return line }
                return nil
            }
        }
    }

    /// A prompt without a terminal: the front end hands inputs on as a reader does, at pauses too, and shows what comes of
    /// them.
    init(
        session: Session, output: any PromptOutput, reader: any LineReader, table: CommandTable,
        ask: @escaping (String) -> String?
    ) {
        self.session = session
        self.table = table
        self.output = output
        self.reader = reader
        (quiet, runsInit, isAtTerminal, isAttended) = (true, false, false, true)
        history = History(path: nil)
        record = SessionRecord(seed: session.firstSeed)
        session.pauseHandler = self
        session.ask = ask
    }

    private func makeCompleter() -> Completer { Completer(session: session, commands: commands.map(\.entry)) }

    private func serve(_ editor: LineEditor) {
        editor.services.history = { [weak self] in self?.history.entries ?? [] }
        editor.services.complete = { [weak self] in self?.completer.complete($0) ?? .none }
        editor.services.suggest = { [weak self] in self?.suggestion($0) }
        editor.services.editOutside = { [weak self] text in
            do { return try OutsideEditor.edit(text) } catch {
                self?.session.complain(error)
                return nil
            }
        }
    }

    /// What the typed text may become: the newest entry that begins with it, else the only completion.
    private func suggestion(_ buffer: EditBuffer) -> String? {
        guard suggests, buffer.scalars.count < 2000 else { return nil }
        let text = buffer.text
        if let entry = HistoryWalk.suggestion(for: text, in: history.entries) { return entry }
        guard let last = buffer.scalars.last, EditBuffer.isWord(last) else { return nil }
        let completion = completer.complete(buffer)
        guard completion.candidates.count == 1, let only = completion.candidates.first,
            completion.end - completion.start >= 2
        else { return nil }
        let typed = EditBuffer.string(buffer.scalars[completion.start..<completion.end])
        guard only.text.hasPrefix(typed), only.text != typed else { return nil }
        return text + only.text.dropFirst(typed.count)
    }

    /// Gives the terminal back as it was found.
    public func close() { siam_terminal_restore() }

    // MARK: The loop

    /// Reads and runs inputs until the end; the exit code.
    /// - Parameter first: a lesson to open at once; its end is the prompt's end.
    public func run(lesson first: String? = nil) -> Int32 {
        isForLesson = first != nil
        isReading = true
        defer { siam_terminal_restore() }
        keepForRecovery()
        if isAtTerminal, !quiet {
            output.message("\(Version.name)  :help shows what can be typed, ^D leaves")
        }
        if isAtTerminal, let folder = StateFolder.state, !StateFolder.takesFiles {
            output.message("history and inputs are not saved: cannot write to \(folder)")
        }
        if runsInit, isAtTerminal { runInitFile() }
        if let first { handle(":learn \(first)", isTyped: false) }
        while true {
            _ = InterruptFlag.take()
            switch reader.read(lesson?.player.prompt ?? "siam> ") {
            case .input(let text):
                if handle(text) == .leave { return leaving ?? 0 }
            case .interrupted(let text):
                let bare = text.trimmedOfWhitespace
                if !bare.isEmpty {
                    lastInput = text
                    history.add(text)
                }
                if reader is PlainReader { output.print("") }
            case .end:
                if isAtTerminal { output.print("") }
                guard lesson != nil else { return 0 }
                leaveLesson()
                if isForLesson { return 0 }
            case .hangup: return 129
            }
        }
    }

    enum Next { case goOn, leave }

    /// Runs an input, whatever it is made of: code, `:` commands, help.
    @discardableResult
    func handle(_ text: String, isTyped: Bool = true) -> Next {
        let bare = text.trimmedOfWhitespace
        guard !bare.isEmpty else {
            lesson?.player.enter("")
            return .goOn
        }
        if isTyped { history.add(text.hasPrefix(" ") ? text : bare) }
        for piece in Prompt.pieces(text) {
            switch piece {
            case .command(let line): if command(line) == .leave { return .leave }
            case .code(let code):
                lastInput = code
                if lesson != nil, tellWord(code.trimmedOfWhitespace) { continue }
                if let player = lesson?.player { player.enter(code) } else { runCode(code) }
            }
            if leaving != nil { return .leave }
        }
        return .goOn
    }

    enum Piece: Equatable { case code(String), command(String) }

    /// An input divided into code and the lines that the prompt reads itself, as a paste may mix them.
    static func pieces(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var code: [Substring] = []
        func flush() {
            let joined = code.joined(separator: "\n")
            if !joined.trimmedOfWhitespace.isEmpty { pieces.append(.code(joined)) }
            code = []
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines {
            if Blocks.isCommand(String(line)), code.isEmpty || !Parser.isUnfinished(code.joined(separator: "\n")) {
                flush()
                pieces.append(.command(line.trimmedOfWhitespace))
            } else {
                code.append(line)
            }
        }
        flush()
        return pieces
    }

    /// Where inputs are typed just now.
    private var place: CommandSynonyms.Place { pausedSince != nil ? .pause : lesson != nil ? .lesson : .prompt }

    /// Whether the input is one word that nothing has the name of, and that means something here; then it is said.
    func tellWord(_ text: String) -> Bool {
        guard !text.isEmpty, text.allSatisfy(\.isLetter), !session.globals.isUserName(text),
            !session.globals.baseNames.contains(text), let says = CommandSynonyms.says(text, at: place)
        else { return false }
        show(Diagnostic(code: "name.unknown", "there is nothing named \(text)", repair: says))
        return true
    }

    private func command(_ line: String) -> Next {
        if ["exit", "quit"].contains(line) { return .leave }
        do {
            if line.hasPrefix("!") {
                let rest = line.dropFirst().trimmedOfWhitespace
                guard !rest.isEmpty else {
                    throw Diagnostic(
                        code: "shell.none", "! runs a shell command, and no command follows it", repair: "!ls")
                }
                try OutsideEditor.run(rest, what: "the command")
                return .goOn
            }
            if HelpQuestions.isCallForHelp(line), !session.globals.isUserName("help") {
                try table.answer(HelpQuestions.question(line), self)
                return .goOn
            }
            if line.hasPrefix("?") || HelpQuestions.isQuestion(line) {
                try table.answer(line, self)
                return .goOn
            }
            let body = line.dropFirst()
            // `:save! FILE` is the command save with a mark of its own.
            let word = String(body.prefix { $0 != " " && $0 != "!" })
            let rest = body.dropFirst(word.count).trimmedOfWhitespace
            guard let command = PromptCommand.find(word, in: commands) else {
                throw PromptCommand.unknown(word, in: commands, at: place)
            }
            return try command.run(self, rest) == .leave ? .leave : .goOn
        } catch {
            show(error)
            return .goOn
        }
    }

    /// Runs code as one input, statement by statement; true where all of it ran.
    @discardableResult
    func runCode(_ text: String, isRecorded: Bool = true) -> Bool {
        let source = session.input(text)
        return runStatements(of: source, isRecorded: isRecorded)
    }

    func runStatements(of source: Source, isRecorded: Bool) -> Bool {
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) {
            show(first)
            return false
        }
        var done: [Statement] = []
        if isRecorded { record.begin() }
        defer {
            _ = InterruptFlag.take()
            if isRecorded, !done.isEmpty {
                record.add(done, of: source, all: done.count == program.statements.count, run: session.lastRun)
                keepForRecovery()
            }
        }
        session.doubt(program)
        for statement in program.statements {
            let stream = session.stream
            let before = SessionRecord.trains(statement) ? Set(session.globals.userNames) : []
            do {
                try session.run(statement, of: source)
                noteNames(statement, before)
                done.append(statement)
            } catch {
                // A statement that bound nothing has drawn no random numbers either, so that what was saved replays the same.
                if !SessionRecord.trains(statement) { session.stream = stream }
                show(error)
                return false
            }
        }
        return true
    }

    /// Tells names that a training body left from those that a statement made.
    private func noteNames(_ statement: Statement, _ before: Set<String>) {
        var made: [String] = []
        if case .assign(let targets, _) = statement.kind {
            made = targets.flatMap { target -> [String] in
                if case .name(let name) = target.kind { return [name] }
                return []
            }
        }
        if SessionRecord.trains(statement) {
            leftByRuns.formUnion(session.globals.userNames.filter { !before.contains($0) && !made.contains($0) })
        }
        leftByRuns.subtract(made)
    }

    func show(_ error: any Error) {
        if let stop = error as? Interrupted {
            wasInterrupted = true
            // Front ends without a terminal report it in their own way.
            let isTold = isAttended && !isAtTerminal
            if stop.leaving == nil, !isTold {
                output.message("interrupted; variables are as they were before this input")
            }
            return
        }
        let diagnostic = session.describe(error)
        lastError = diagnostic
        output.diagnostic(diagnostic)
    }

    private func runInitFile() {
        guard let path = StateFolder.initFile, FileState.exists(path) else { return }
        do {
            let source = Source(name: path, kind: .file, text: try Files.text(path))
            if !runStatements(of: source, isRecorded: true) {
                output.message("the rest of \(path) is skipped; --no-init skips the whole file")
            }
        } catch { show(error) }
    }

    /// From now on a fault of siam itself writes the inputs so far to a file of this session.
    func keepForRecovery() {
        let text = record.text
        let path = text.isEmpty ? nil : StateFolder.file("recover-\(getpid()).siam")
        Faults.prepare(
            send: "the last input, prompt \(session.inputCount + 1)", kept: path.map { ($0, text) })
    }
}
