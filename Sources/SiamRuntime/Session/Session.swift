import SiamData
import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// A program's world: names, random stream, output. The prompt, a script and a lesson each have one.
public final class Session: @unchecked Sendable {
    public let globals: Globals
    public private(set) var interpreter: Interpreter!
    public var stream: RandomStream
    /// What the random stream began with.
    public private(set) var firstSeed: UInt64
    public private(set) var output: any Output
    /// The functions written in Swift that it was made with, beside the operators: for sessions made like it.
    public let builtins: [Builtin]
    /// The statements that ran, in order, those of imported files left out.
    public private(set) var journal: [JournalEntry] = []
    /// Runs begun so far.
    public internal(set) var runCount = 0
    /// Set in a session that replays a program.
    public var interventions: Interventions?
    /// Whether the program that runs has run before, and is not to do again what others could see.
    public var isRepeating: Bool { interventions != nil }
    /// Whether the program is run for its runs alone: it writes nothing, and what it would have written is noted.
    public var keepsBack = false
    /// What it would have written.
    public private(set) var keptBack: [String] = []
    /// Notes a statement that is not run at all, where it would have written something.
    public func noteKeptBack(_ statement: Statement, _ source: Source) {
        guard case .expression(let e) = statement.kind, case .call(let callee, _, _) = e.kind,
            case .name(let name) = callee.kind, ["save", "report"].contains(name)
        else { return }
        _ = isKeptBack(source.text(statement.span).split(separator: "\n").joined(separator: " "))
    }
    /// Whether something that others could see is left undone, `what` saying what.
    public func isKeptBack(_ what: @autoclosure () -> String) -> Bool {
        guard isRepeating || keepsBack else { return false }
        if keepsBack, keptBack.count < 20 {
            let what = what()
            if !keptBack.contains(what) { keptBack.append(what) }
        }
        return true
    }
    /// Whether a run ended by an error that left the program going: its process ends with 1 all the same.
    public private(set) var hasEndedARun = false
    public weak var pauseHandler: (any PauseHandler)?
    public var lastRun: Run?
    /// The share of active terms that a loss noted last.
    public package(set) var activeShare: Double?
    /// The last value shown.
    public private(set) var lastValue: Value = .none
    public private(set) var warnings: [Diagnostic] = []
    private var warnedPlaces = Set<String>()
    /// Keeps the outcomes of sweeps from one run to the next; nil where they are only run.
    public var keeper: (any Keeper)?
    /// The processes that train together with this one; nil of one that trains by itself.
    public var team: (any Team)?
    /// What is to be done with a run that is broken off, before the program ends: kept in a file, say.
    public var brokenOff: ((Run, Interpreter) -> Void)?
    /// Whether a piece that is kept is being worked out: what is inside it is part of it.
    var isKeeping = false
    /// The name of the data that the program has made, and after how many statements.
    var dataMeaning: (at: Int, name: String)?
    /// Sweeps begun so far that could be kept.
    var sweepCount = 0
    private var imported = Set<String>()
    /// The texts of all files that were imported, by path.
    private(set) var importedTexts: [String: String] = [:]
    public private(set) var inputCount = 0
    /// Errors inside the prelude are shown there and not at its caller.
    public var isPreludeUnderTest = false
    /// Asks the person at the terminal for a line; nil without a terminal. The answer nil is the end of input.
    public var ask: ((String) -> String?)?
    /// Draws a figure as text; set by the figures' target.
    public var renderFigure: ((Thing, Page) -> String)?
    /// A batch of pairs as a figure, with a net their distances; nil of anything else. Set by the figures' target.
    public var pictureOf: ((_ value: Value, _ net: Value, Interpreter) throws -> Thing?)?

    /// The figure that `show` has drawn in this statement: as the statement's value it is not drawn again.
    package var shown: Thing?

    public static let standardSeed: UInt64 = 20060617

    /// - Parameter builtins: all functions written in Swift that it knows, beside the operators: `Builtin.all`.
    public init(output: any Output, seed: UInt64 = Session.standardSeed, builtins: [Builtin]) {
        globals = Globals()
        stream = RandomStream(seed: seed)
        firstSeed = seed
        self.output = output
        self.builtins = builtins
        interpreter = Interpreter(globals: globals, session: self)
        for op in Operators.all { globals.defineBase(op.name, .builtin(Builtin.of(op))) }
        for b in builtins { globals.defineBase(b.name, .builtin(b)) }
        for (name, x) in [("pi", Double.pi), ("e", 2.718281828459045), ("inf", Double.infinity), ("nan", Double.nan)] {
            globals.defineBase(name, .number(x))
        }
        globals.defineBase("args", Value([]))
        Prelude.define(in: globals)
    }

    /// Lets go of all that the program made, where nobody keeps a value of it. Functions and layers address the names of
    /// their session, so that a session without this stays for good.
    public func end() {
        lastRun = nil
        lastValue = .none
        shown = nil
        interventions = nil
        globals.clear()
    }

    deinit { globals.clear() }

    // MARK: Running

    /// Runs a whole text: a file, or one input of the prompt. Throws the first error, located; what earlier statements did stays.
    public func run(_ source: Source) throws {
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        try run(program)
    }

    public func run(_ program: Program) throws {
        for statement in program.statements { try run(statement, of: program.source) }
    }

    /// Runs one statement; where it fails, every variable is as it was before it.
    public func run(_ statement: Statement, of source: Source) throws {
        if interpreter.interrupt.pointee != 0 { try interpreter.interrupted() }
        let code = try Compiler.top(statement, source: source, globals: globals)
        shown = nil
        let kept = globals.keep()
        let depth = interpreter.frameCount
        if depth == 0 { isUnwinding = false }
        if depth == 0 { journal.append(JournalEntry(statement: statement, source: source)) }
        do {
            try interpreter.run(code)
            if depth > 0 { globals.retire(kept) }
            // What is defined at a pause belongs to the run that is paused.
            if let trainer = interpreter.trainer, trainer.isPaused {
                trainer.run.changes.append(JournalEntry(statement: statement, source: source))
            }
        } catch {
            if depth == 0 { journal.removeLast() }
            interpreter.settle(depth)
            globals.restore(kept)
            throw error
        }
    }

    /// Does something and puts names, random stream, journal and last value back as they were. What it does to things stays.
    public func aside<T>(_ body: () throws -> T) rethrows -> T {
        let kept = globals.keep()
        let (stream, entries, last) = (stream, journal.count, lastValue)
        defer {
            globals.restore(kept)
            (self.stream, lastValue) = (stream, last)
            journal.removeLast(journal.count - entries)
        }
        return try body()
    }

    /// Does something that binds all its names or, where it fails, none. Files imported before may be read again.
    public func wholly(_ body: () throws -> Void) throws {
        let kept = globals.keep()
        let known = imported
        imported = []
        do {
            try body()
            imported.formUnion(known)
        } catch {
            globals.restore(kept)
            imported = known
            throw error
        }
    }

    /// Runs a program's texts from the session's own beginning, silently, up to the run of the given number, and puts all back:
    /// names, random stream, imports. The run that comes out belongs to this session. Throws what the program throws.
    public func repeated(_ sources: [Source], texts: [String: String], run number: Int, to quiet: any Output) throws
        -> Run?
    {
        let kept = globals.keep()
        let world = beginAside(quiet)
        defer {
            globals.restore(kept)
            endAside(world)
        }
        var follow = Interventions(run: number, steps: Int.max)
        follow.texts = texts
        interventions = follow
        stream = RandomStream(seed: firstSeed)
        do {
            for source in sources { try run(source) }
        } catch let end as ReplayEnded {
            return end.run
        }
        return nil
    }

    /// All but the names, as it stood before a program was run aside.
    struct Aside {
        let stream: RandomStream
        let imported: Set<String>
        let runCount: Int
        let lastRun: Run?
        let output: any Output
        let interventions: Interventions?
        let handler: (any PauseHandler)?
        let state: (trainer: Trainer?, isTraining: Bool, isRecording: Bool, observer: StageObserver?)
        let sampler: StepSampler?
    }

    /// Prepares to run another program in this session, from a beginning of its own.
    func beginAside(_ quiet: any Output) -> Aside {
        let world = Aside(
            stream: stream, imported: imported, runCount: runCount, lastRun: lastRun, output: output,
            interventions: interventions, handler: pauseHandler,
            state: (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer),
            sampler: interpreter.sampler)
        imported = []
        runCount = 0
        output = quiet
        pauseHandler = nil
        (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer) = (nil, false, true, nil)
        interpreter.sampler = nil
        return world
    }

    func endAside(_ world: Aside) {
        (stream, imported, runCount, lastRun) = (world.stream, world.imported, world.runCount, world.lastRun)
        (output, interventions, pauseHandler) = (world.output, world.interventions, world.handler)
        (interpreter.trainer, interpreter.isTraining, Recording.isOn, interpreter.observer) = world.state
        interpreter.sampler = world.sampler
    }

    /// Takes a program that was run aside for this session's own past, where it has none but the statement that is running.
    func adopt(_ entries: [JournalEntry], seed: UInt64, imports: [String: String]) -> Bool {
        guard journal.count <= 2, interpreter.frameCount > 0 else { return false }
        journal.insert(contentsOf: entries, at: 0)
        firstSeed = seed
        importedTexts.merge(imports) { $1 }
        return true
    }

    /// The next input of the prompt as a source.
    public func input(_ text: String) -> Source {
        inputCount += 1
        return Source(name: "prompt \(inputCount)", kind: .prompt(inputCount), text: text)
    }

    /// Evaluates one expression without showing anything.
    public func evaluate(_ text: String, name: String = "expression") throws -> Value {
        let source = Source(name: name, kind: .file, text: text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        var last = Value.none
        let outer = capture
        capture = { last = $0 }
        defer { capture = outer }
        try run(program)
        return last
    }
    private var capture: ((Value) -> Void)?

    /// Runs the file at a path, relative to the importing file, once.
    func importFile(_ path: String, from source: Source) throws {
        var full = path
        if !path.hasPrefix("/"), case .file = source.kind, let slash = source.name.lastIndex(of: "/") {
            full = String(source.name[...slash]) + path
        }
        guard imported.insert(full).inserted else { return }
        do {
            let text = try interventions?.texts[full] ?? Files.text(full)
            importedTexts[full] = text
            try run(Source(name: full, kind: .file, text: text))
        } catch {
            imported.remove(full)
            throw error
        }
    }

    // MARK: Output

    /// Whether someone sits before it: results are numbered by their inputs, and what a failed function knew is kept.
    public var isExamined = false
    /// The functions that were under way when the last error came, the innermost first, with what they knew.
    public internal(set) var failed: [FailedFrame] = []
    /// Whether an error is on its way out.
    var isUnwinding = false

    /// The runs that were made here, in order; those that nothing holds any more as their last words.
    public package(set) var ran: [RanRun] = []

    /// While steps of a run are made again nothing is said.
    var isMuted = false

    /// Does something and takes down what it says, with its warnings as if none had been given before.
    func dictated<T>(_ body: () throws -> T) rethrows -> (T, [SaidLine]) {
        let (before, warned) = (output, warnedPlaces)
        let dictation = Dictation(before)
        output = dictation
        warnedPlaces = []
        defer { (output, warnedPlaces) = (before, warned) }
        let value = try body()
        return (value, dictation.said)
    }

    /// Says what was taken down; a warning once, as ever.
    func say(again line: SaidLine) {
        switch line.kind {
        case .printed: print(line.text)
        case .message: message(line.text)
        case .warning: if warnedPlaces.insert(line.once).inserted { message(line.text) }
        }
    }

    /// What was said by a step that may be broken off and made again.
    var sayings = Sayings()

    public func print(_ text: String) { if !isMuted, !sayings.isAgain(text) { output.print(text) } }
    public func message(_ text: String) { if !isMuted, !sayings.isAgain(text) { output.message(text) } }
    /// Shows a value, of which the text is at hand.
    public func show(_ v: Value, as text: String) {
        if !isMuted, !sayings.isAgain(text) { output.show(v, as: text) }
    }
    public func progress(_ text: String?) { if !isMuted { output.progress(text) } }

    /// A warning, once a place.
    public func warn(_ d: Diagnostic) {
        if isMuted { return }
        warnings.append(d)
        // A combination of a sweep that breaks is a row of its table.
        if d.severity == .error, interpreter.sweepRow == nil { hasEndedARun = true }
        if d.severity == .warning {
            let key = d.code + (d.labels.first.map { $0.place.long } ?? d.message)
            guard warnedPlaces.insert(key).inserted else { return }
        }
        output.diagnostic(d)
    }

    /// A top statement's value: expressions are shown, assignments of nets, runs and data sets get a note at the prompt.
    func show(_ v: Value, isAssignment: Bool, isSilenced: Bool) throws {
        if isAssignment {
            guard !isSilenced, output.isInteractive else { return }
            switch v {
            case .layer, .thing:
                output.message(Show.cut(Show.inline(v, quoted: true), output.page.columns, output.page))
            default: break
            }
            return
        }
        if case .none = v { return }
        if case .thing(let t) = v, t === shown {
            lastValue = v
            try? globals.assign("_", v)
            return
        }
        if let capture {
            capture(v)
            return
        }
        lastValue = v
        try? globals.assign("_", v)
        if isExamined { number(v) }
        if isSilenced { return }
        let text = display(v, output.page)
        if interpreter.interrupt.pointee != 0 { try interpreter.interrupted() }
        show(v, as: text)
        if case .tensor = v, text.contains("...") {
            output.hint("these are its corners; show _, all = true shows every number")
        }
    }

    /// The value of input 3 is `_3`; those of the last twenty inputs are kept.
    private func number(_ v: Value) {
        try? globals.assign("_\(inputCount)", v)
        if inputCount > 20, globals.isUserName("_\(inputCount - 20)") {
            try? globals.assign("_\(inputCount - 20)", .unbound)
        }
    }

    public func display(_ v: Value, _ page: Page) -> String {
        if case .thing(let t) = v, let drawn = renderFigure?(t, page), !drawn.isEmpty { return drawn }
        return visibleText(Show.display(v, page))
    }

}

extension Interpreter {
    /// Back to a quiet state after an error: no frames above `depth`, evaluation mode.
    func settle(_ depth: Int) {
        while frameCount > depth {
            frameCount -= 1
            let f = frames[frameCount]
            clear(f.base, f.code.takeUnretainedValue().registerCount)
        }
        if depth == 0 {
            trainer = nil
            sweepRow = nil
            isTraining = false
            Recording.isOn = true
            observer = nil
            layerPath = []
            nativeDepth = 0
        }
    }
}
