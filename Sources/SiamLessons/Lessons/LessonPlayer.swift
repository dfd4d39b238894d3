import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Plays a lesson: text in, text out. It does not know the terminal; the caller reads the lines and passes them on.
public final class LessonPlayer {
    /// What is to happen after an input.
    public enum Reply: Sendable, Equatable { case goOn, stop, open(String) }

    enum Phase { case reading, task, explaining, finished }

    public let lesson: Lesson
    /// The lesson's own names.
    public internal(set) var session: Session
    /// Called with each new session: after going back, the values are recomputed in another one.
    public var onSession: ((Session) -> Void)?
    /// Told of code that the lesson shows, to be recalled and changed.
    public var onCode: ((String) -> Void)?
    /// Told of errors that were shown.
    public var onError: ((Diagnostic) -> Void)?
    /// Told of each piece of the page that was passed, with the error that its code ended in.
    var onPart: ((Lesson.Part, Diagnostic?) -> Void)?
    /// Nothing is judged or kept until the task is asked for again.
    public internal(set) var isPlaying = false
    /// What became of the last input.
    public internal(set) var verdict = Verdict.notJudged
    public internal(set) var stepIndex = 0

    let voice: LessonOutput
    let makeSession: (any Output) -> Session
    private let progress: LessonProgress
    let path: (String) -> String?
    var standing: LessonProgress.Standing
    var phase = Phase.reading
    var queue: ArraySlice<Lesson.Part> = []
    var isGuessing = false
    /// The inputs that ran in this visit of the step.
    var inputs: [String] = []
    var hasPlayed = false
    var wrongCount = 0
    var hintCount = 0
    var expectation = Expectation()
    var programText: String?
    /// How a step is marked when its task holds: by the learner's answer, or by the one that was shown.
    var stateWhenRight = StepRecord.State.done

    /// - Parameters:
    ///   - session: makes a new world that speaks through the given output.
    ///   - path: where a program that the learner works on is kept; nil where that cannot be.
    public init(
        _ lesson: Lesson, output: any Output, progress: LessonProgress = LessonProgress(path: nil),
        path: @escaping (String) -> String? = { _ in nil }, session: @escaping (any Output) -> Session
    ) {
        self.lesson = lesson
        self.progress = progress
        self.path = path
        makeSession = session
        voice = LessonOutput(output)
        standing = progress.standing(lesson.key)
        self.session = session(voice)
    }

    var step: Lesson.Step? { lesson.steps.indices.contains(stepIndex) ? lesson.steps[stepIndex] : nil }
    var task: Lesson.Task? { phase == .task ? step?.task : nil }

    /// The prompt before the cursor.
    public var prompt: String {
        let name = step == nil ? lesson.number.map { "\($0)" } ?? lesson.key : lesson.stepName(stepIndex)
        return isPlaying ? "siam \(name) play> " : "siam \(name)> "
    }

    // MARK: Beginning and going on

    /// Shows the learner's position: the beginning, or the step where they left.
    public func open() {
        say(LessonText.bold(lesson.number.map { "Lesson \($0)  \(lesson.title)" } ?? lesson.title, voice.page))
        let at = standing.at.flatMap { heading in lesson.steps.firstIndex { $0.heading == heading } }
        let hasBegun = lesson.steps.first.flatMap { standing.record($0.heading) }?.inputs.isEmpty == false
        guard let at, at > 0 || hasBegun else {
            for part in lesson.opening { if case .prose(let text, _) = part { paragraph(text) } }
            return begin(0)
        }
        let record = standing.record(lesson.steps[at].heading)
        let isOpen = record?.state == .open && record?.inputs.isEmpty == false
        rebuild(to: at, with: isOpen ? record?.inputs : nil)
        stepIndex = at
        say("You come back to step \(lesson.stepName(at)); your variables are as you left them.")
        guard isOpen, let record, lesson.steps[at].task != nil else { return begin(at) }
        reset(at)
        inputs = record.inputs
        heading()
        presentTask()
    }

    private func reset(_ index: Int) {
        stepIndex = index
        (inputs, queue, isGuessing, isPlaying, hasPlayed) = ([], [], false, false, false)
        (wrongCount, hintCount, expectation) = (0, 0, Expectation())
        phase = .reading
    }

    /// Starts a step; the session holds what the steps before have made.
    func begin(_ index: Int) {
        reset(index)
        guard let step else { return finish() }
        standing.at = step.heading
        keep()
        seed(index)
        heading()
        queue = step.before[...]
        advance()
    }

    private func heading() {
        guard let step else { return }
        say("")
        say(LessonText.bold("\(lesson.stepName(stepIndex))  \(step.heading)", voice.page))
    }

    /// The next paragraph with the code that belongs to it, then the task, then what is said after it, then the next step.
    func advance() {
        var hasShown = false
        while let part = queue.first {
            switch part {
            case .prose(let text, _):
                if hasShown { return more() }
                paragraph(text)
                hasShown = true
            case .code(let code):
                let error = show(code)
                onPart?(part, error)
                hasShown = true
            case .guess(let question):
                queue.removeFirst()
                paragraph(question)
                say(LessonText.faint("A guess, not scored: type anything, or Enter.", voice.page))
                isGuessing = true
                return
            case .claim: onPart?(part, nil)
            }
            queue.removeFirst()
        }
        if phase == .reading, step?.task != nil { return presentTask() }
        if hasShown { return more() }
        leaveStep()
    }

    private func more() { say(LessonText.faint("[Enter]", voice.page)) }

    private func leaveStep() {
        if phase == .reading, let step {
            standing.set(StepRecord(step.heading, .done, inputs: inputs))
            keep()
        }
        begin(stepIndex + 1)
    }

    private func finish() {
        phase = .finished
        stepIndex = lesson.steps.count
        standing.at = nil
        keep()
        say("")
        say(LessonText.bold("That was lesson \(lesson.number.map { "\($0)" } ?? lesson.key).", voice.page))
        say(
            "`:next` opens the next lesson, `:back` goes back, `:stop` leaves. Your variables are still here to experiment with."
        )
    }

    /// Shows the step's task; one that is already done is taken as done.
    func presentTask() {
        phase = .task
        guard let step, let task = step.task else { return }
        expectation = expect(task)
        showTask()
        if task.options.isEmpty, task.file == nil, holds(task, typed: "").holds {
            say("That value is already there.")
            succeed(.done)
        }
    }

    func showTask() {
        guard let task else {
            say(phase == .finished ? "This lesson is done." : "No task yet: Enter goes on.")
            return
        }
        say("")
        let mark = voice.page.unicode ? "▸ " : "> "
        say(mark + LessonText.render(task.text, voice.page))
        for (k, option) in task.options.enumerated() { say("  \(k + 1)  \(option.text)") }
        if !task.options.isEmpty { say(LessonText.faint("Type the number.", voice.page)) }
        if let file = task.file { showFile(file) }
    }

    // MARK: Inputs

    /// An input: code, an option's number, a guess, or nothing but Enter.
    @discardableResult
    public func enter(_ text: String) -> Reply {
        verdict = .notJudged
        let bare = text.trimmedOfWhitespace
        if isPlaying {
            if !bare.isEmpty {
                hasPlayed = true
                _ = run(text)
            }
            return .goOn
        }
        if isGuessing {
            isGuessing = false
            if !bare.isEmpty { say("You say: \(bare)") }
            advance()
            return .goOn
        }
        if bare.isEmpty {
            switch phase {
            case .reading, .explaining: advance()
            case .task where task?.file != nil: runFile()
            case .task: say(LessonText.faint(":task shows the task, :hint helps, :skip shows the answer", voice.page))
            case .finished: break
            }
            return .goOn
        }
        if let task, let choice = Int(bare), task.options.indices.contains(choice - 1) {
            choose(task, choice - 1)
            return .goOn
        }
        // Text after a number counts as the number does.
        if let task, let k = task.options.firstIndex(where: { $0.text.lowercased() == bare.lowercased() }) {
            choose(task, k)
            return .goOn
        }
        attempt(text)
        return .goOn
    }

    private func choose(_ task: Lesson.Task, _ index: Int) {
        let option = task.options[index]
        if option.isRight {
            verdict = .right
            say(LessonText.render(option.sentence, voice.page))
            succeed(.done, said: true)
        } else {
            refuse([option.sentence])
        }
    }

    /// Runs code at the task and judges what it made.
    func attempt(_ text: String) {
        let (done, source, failed) = run(text)
        if !done.isEmpty {
            let all = done.count == source.count
            inputs.append(all ? text : done.map { $0.text }.joined(separator: "\n"))
            keepInputs()
        }
        guard !failed else {
            verdict = .failed
            return
        }
        guard let task, task.options.isEmpty else { return }
        judge(task, typed: text, touched: ChangedNames.names(done.map(\.statement)), last: done.last?.statement)
    }

    struct Ran {
        var statement: Statement
        var text: String
    }

    /// Runs an input's statements up to the first error, which is shown.
    func run(_ text: String) -> (done: [Ran], source: [Statement], failed: Bool) {
        let source = session.input(text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) {
            complain(first)
            return ([], [], true)
        }
        var done: [Ran] = []
        for statement in program.statements {
            let stream = session.stream
            do {
                try session.run(statement, of: source)
                done.append(Ran(statement: statement, text: source.text(statement.span)))
            } catch {
                // What failed has bound nothing; so it shall have drawn nothing.
                session.stream = stream
                complain(error)
                return (done, program.statements, true)
            }
        }
        return (done, program.statements, false)
    }

    func complain(_ error: any Error) {
        guard !(error is Interrupted) else {
            voice.message("interrupted; variables are as they were before this input")
            return
        }
        let diagnostic = session.describe(error)
        onError?(diagnostic)
        voice.diagnostic(diagnostic)
    }

    // MARK: Right and wrong

    /// The step is done: shows the explanation and continues.
    func succeed(_ state: StepRecord.State, said: Bool = false) {
        guard let step, let task = step.task else { return }
        verdict = .right
        if !said, let sentence = task.answers.compactMap(\.sentence).first { paragraph(sentence) }
        standing.set(StepRecord(step.heading, state, inputs: inputs))
        standing.at = lesson.steps.indices.contains(stepIndex + 1) ? lesson.steps[stepIndex + 1].heading : nil
        keep()
        phase = .explaining
        queue = step.after[...]
        advance()
    }

    /// The answer is not right: says how it differs.
    func refuse(_ sentences: [String]) {
        verdict = .wrong(sentences)
        wrongCount += 1
        for sentence in sentences { say(LessonText.render(sentence, voice.page)) }
        if wrongCount == 3 { say(LessonText.faint(":hint gives a hint, one at a time", voice.page)) }
    }

    // MARK: What is kept

    func keep() { isKept = progress.keep(standing, of: lesson.key) }
    /// Whether the standing is in the file of progress.
    public private(set) var isKept = true

    /// An open step's inputs are kept as they come; a step that was done keeps those that did it.
    func keepInputs() {
        guard let step, standing.record(step.heading)?.state ?? .open == .open else { return }
        standing.set(StepRecord(step.heading, .open, inputs: inputs))
        keep()
    }

    // MARK: Words

    func say(_ text: String) { voice.print(text) }

    func paragraph(_ text: String) {
        say("")
        say(LessonText.render(text, voice.page))
    }

    /// Shows a piece of code as if it had been typed, and runs it; the error it ended in.
    @discardableResult
    func show(_ code: Lesson.Code) -> Diagnostic? {
        say("")
        guard code.kind != .shown else {
            for line in code.text.split(separator: "\n", omittingEmptySubsequences: false) { say("    " + line) }
            return nil
        }
        onCode?(code.text)
        let source = code.program.source
        var from = 0
        for statement in code.program.statements {
            let end = statement.span.end + (statement.isSilenced ? 1 : 0)
            let text = source.text(Span(from, end)).trimmedOfWhitespace
            from = end
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            for (k, line) in lines.enumerated() {
                say(LessonText.faint(k == 0 ? Transcript.prompt : Transcript.more, voice.page) + line)
            }
            do { try session.run(statement, of: source) } catch {
                complain(error)
                return session.describe(error)
            }
        }
        return nil
    }
}
