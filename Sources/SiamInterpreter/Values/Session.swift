import Glibc
import SiamData
import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// A program's world: names, random stream, output. The prompt, a script and a lesson each have one.
///
/// A session belongs to one thread at a time, with everything that its program makes: values, nets, runs, the interpreter. It may
/// be handed to another thread between two statements. This is all that `@unchecked Sendable` means on these types; debug builds
/// check it at every statement.
public final class Session: @unchecked Sendable {
    public let globals: Globals
    public private(set) var interpreter: Interpreter!
    public var stream: RandomStream
    /// What the random stream began with.
    public package(set) var firstSeed: UInt64
    public package(set) var output: any Output
    /// The functions written in Swift that it was made with, beside the operators: for sessions made like it.
    public let builtins: [Builtin]
    /// The statements that ran, in order, those of imported files left out.
    public package(set) var journal: [JournalEntry] = []
    /// Runs begun so far.
    public package(set) var runCount = 0
    /// What compiles, trains and explains for it.
    package let host: any SessionHost
    /// Whether this is a replay of a program: its output and its writes to files are suppressed.
    public var isRepeating: Bool { host.isRepeating }
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
    /// The share of active terms that a loss noted last.
    public package(set) var activeShare: Double?
    #if DEBUG
        /// The thread that runs a statement, and how many statements run inside one another.
        private var running: (thread: pthread_t, depth: Int)?
    #endif
    /// Marks, in debug builds, that a statement begins, and that it ends: no other thread may run one in between.
    package func begins() {
        #if DEBUG
            let me = pthread_self()
            assert(running.map { pthread_equal($0.thread, me) != 0 } ?? true, "two threads use one session at once")
            running = (me, (running?.depth ?? 0) + 1)
        #endif
    }
    package func ends() {
        #if DEBUG
            running = running.flatMap { $0.depth > 1 ? ($0.thread, $0.depth - 1) : nil }
        #endif
    }
    /// The last value shown.
    public package(set) var lastValue: Value = .none
    public private(set) var warnings: [Diagnostic] = []
    package var warnedPlaces = Set<String>()
    /// Stores the outcomes of sweeps across runs; nil if they are not stored.
    public var keeper: (any OutcomeStore)?
    /// The processes that train together with this one; nil if it trains alone.
    public var team: (any Team)?
    /// Whether a piece that is kept is being worked out: what is inside it is part of it.
    package var isKeeping = false
    /// The name of the data that the program has made, and after how many statements.
    package var dataMeaning: (at: Int, name: String)?
    /// Sweeps begun so far that could be kept.
    package var sweepCount = 0
    package var imported = Set<String>()
    /// The texts of all files that were imported, by path.
    package var importedTexts: [String: String] = [:]
    public package(set) var inputCount = 0
    /// Errors inside the prelude are shown there and not at its caller.
    public var isPreludeUnderTest = false
    /// Asks the person at the terminal for a line; nil without a terminal. The answer nil is the end of input.
    public var ask: ((String) -> String?)?
    /// Draws a figure as text; set by the figures' target.
    public var renderFigure: ((Thing, Page) -> String)?
    /// A batch of pairs as a figure, with their distances if there is a net; nil for other values. Set by SiamFigures.
    public var pictureOf: ((_ value: Value, _ net: Value, Interpreter) throws -> Thing?)?

    /// Takes the value of a statement in place of showing it.
    package var capture: ((Value) -> Void)?
    /// The figure that `show` has drawn in this statement: as the statement's value it is not drawn again.
    package var shown: Thing?

    public static let standardSeed: UInt64 = 20060617

    /// Of names it has the operators, the built-ins and the constants: the library is defined above (`SiamRuntime/Session/NewSession.swift`).
    package init(output: any Output, seed: UInt64, builtins: [Builtin], host: any SessionHost) {
        globals = Globals()
        stream = RandomStream(seed: seed)
        firstSeed = seed
        self.output = output
        self.builtins = builtins
        self.host = host
        interpreter = Interpreter(globals: globals, session: self)
        for op in Operators.all { globals.defineBase(op.name, .builtin(Builtin.of(op))) }
        for b in builtins { globals.defineBase(b.name, .builtin(b)) }
        for (name, x) in [("pi", Double.pi), ("e", 2.718281828459045), ("inf", Double.infinity), ("nan", Double.nan)] {
            globals.defineBase(name, .number(x))
        }
        globals.defineBase("args", Value([]))
    }

    /// Lets go of all that the program made, where nobody keeps a value of it. Functions and layers address the names of
    /// their session, so that a session without this stays for good.
    public func end() {
        host.end()
        lastValue = .none
        shown = nil
        globals.clear()
    }

    deinit { globals.clear() }

    // MARK: Output

    /// Whether someone sits before it: results are numbered by their inputs, and what a failed function knew is kept.
    public var isExamined = false
    /// The functions that were under way when the last error came, the innermost first, with what they knew.
    public package(set) var failed: [FailedFrame] = []
    /// Whether an error is on its way out.
    package var isUnwinding = false

    /// While steps of a run are made again nothing is said.
    package var isMuted = false

    /// What was said by a step that may be broken off and made again.
    package var sayings = RepeatedOutput()

    public func print(_ text: String) { if !isMuted, !sayings.isAgain(text) { output.print(text) } }
    public func message(_ text: String) { if !isMuted, !sayings.isAgain(text) { output.message(text) } }
    /// Shows a value of which the text is already made.
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
        output.diagnostic(interpreter.inOwnNames(d.inParts()))
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
            output.hint("only its corners are shown; show _, all = true shows every number")
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

/// A statement that succeeded, and the text that it came from: what replays are made of.
public struct JournalEntry: Sendable {
    public let statement: Statement
    public let source: Source

    package init(statement: Statement, source: Source) {
        self.statement = statement
        self.source = source
    }
}

/// A function that was under way when an error came, and what its names meant then.
public struct FailedFrame {
    /// `contrastive`; empty of what was typed itself.
    public let name: String
    public let place: String
    public let values: [(name: String, value: Value)]
}
