import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Plays a page as a learner would, and says what does not hold: a task that is done before anything is typed, an answer
/// that is refused, a wrong one that passes or earns another sentence, a number in the prose that no code gives.
public final class LessonCheck {
    private let lesson: Lesson
    private let output = CapturedOutput()
    private let player: LessonPlayer
    private let folder = ScratchFolder()
    private var problems: [Lesson.Problem] = []
    /// The decimal numbers in the page's code so far.
    private var known: Set<String> = []

    /// What is wrong with a page; nothing where it plays.
    public static func problems(_ lesson: Lesson) -> [Lesson.Problem] {
        guard lesson.problems.isEmpty, !lesson.steps.isEmpty else { return lesson.problems }
        let check = LessonCheck(lesson)
        check.play()
        return check.problems
    }

    private init(_ lesson: Lesson) {
        self.lesson = lesson
        let folder = folder
        player = LessonPlayer(lesson, output: output, path: { folder.path($0) }, session: ProgramTest.session)
        player.onPart = { [weak self] part, error in self?.passed(part, error) }
    }

    private func problem(_ line: Int, _ text: String) { problems.append(.init(line: line, text: text)) }

    private func play() {
        player.open()
        for (k, step) in lesson.steps.enumerated() {
            checkNumbers(step)
            while player.stepIndex == k, player.phase == .reading { player.enter("") }
            if let task = step.task {
                guard player.stepIndex == k, player.phase == .task else {
                    return problem(step.line, "the step is done before anything was typed, and the rest was not played")
                }
                if !task.options.isEmpty { choose(task) } else { answer(task) }
            }
            guard player.stepIndex == k ? player.phase == .explaining : true else {
                return problem(step.line, "the step does not come to its end, and the rest was not played")
            }
            while player.stepIndex == k, player.phase == .explaining { player.enter("") }
            _ = output.take()
        }
    }

    // MARK: What a page shows

    private func passed(_ part: Lesson.Part, _ error: Diagnostic?) {
        switch part {
        case .code(let code):
            switch code.kind {
            case .run:
                if let error { problem(code.line, "this code fails: \(error.message)") }
            case .fails:
                if error == nil { problem(code.line, "this code is to fail, and runs") }
            case .shown: aside { self.run(code) }
            }
        case .claim(let code): aside { self.claim(code) }
        case .prose, .guess: break
        }
    }

    private func aside(_ body: () -> Void) { player.voice.quietly { player.session.aside(body) } }

    private func run(_ code: Lesson.Code) {
        do { for s in code.program.statements { try player.session.run(s, of: code.program.source) } } catch {
            problem(code.line, "this code fails: \(player.session.describe(error).message)")
        }
    }

    private func claim(_ code: Lesson.Code) {
        let source = code.program.source
        for statement in code.program.statements {
            let line = source.position(statement.span.start).line
            let text = source.text(statement.span)
            do {
                // What is silenced is a preparation.
                guard case .expression = statement.kind, !statement.isSilenced else {
                    try player.session.run(statement, of: source)
                    continue
                }
                if !LessonPlayer.isTrue(try player.session.evaluate(text, name: lesson.file)) {
                    problem(line, "this is false: \(text)\(sides(statement, source))")
                }
            } catch {
                problem(line, "this claim fails: \(player.session.describe(error).message)")
            }
        }
    }

    /// The values that a claim compares, for the message.
    private func sides(_ statement: Statement, _ source: Source) -> String {
        guard case .expression(let whole) = statement.kind else { return "" }
        func compared(_ e: Expression) -> [Expression] {
            switch e.kind {
            case .comparison(let operands, _, _): operands
            case .call(_, let arguments, _): arguments.map(\.value)
            case .logical(_, let left, let right): compared(left) + compared(right)
            default: []
            }
        }
        let parts = compared(whole)
        let shown = parts.compactMap { part -> String? in
            if case .number = part.kind { return nil }
            let text = source.text(part.span)
            guard let value = try? player.session.evaluate(text, name: lesson.file) else { return nil }
            return "\(text) is \(player.session.display(value, Page(columns: 60, rows: 4)))"
        }
        return shown.isEmpty ? "" : "; " + shown.joined(separator: ", ")
    }

    // MARK: Tasks

    private func choose(_ task: Lesson.Task) {
        for (k, option) in task.options.enumerated() where !option.isRight {
            player.enter("\(k + 1)")
            if player.verdict != .wrong([option.sentence]) { problem(task.line, "option \(k + 1) is not refused") }
        }
        guard let right = task.options.firstIndex(where: \.isRight) else { return }
        player.enter("\(right + 1)")
        if player.verdict != .right { problem(task.line, "option \(right + 1) is not taken") }
    }

    private func answer(_ task: Lesson.Task) {
        if task.file != nil {
            player.enter("")
            if player.verdict == .right { problem(task.line, "the file passes as it is") }
        }
        for wrong in task.wrongs {
            let verdict = trial(wrong.code, task)
            if verdict == .wrong([wrong.sentence]) { continue }
            problem(wrong.code.line, "this wrong answer \(LessonCheck.words(verdict)) instead of earning its sentence")
        }
        for answer in task.answers.dropFirst() {
            let verdict = trial(answer.code, task)
            if verdict != .right { problem(answer.code.line, "this answer \(LessonCheck.words(verdict))") }
        }
        guard let first = task.answers.first else { return }
        if task.file == nil { player.enter(first.code.text) } else { player.runProgram(first.code.text) }
        if player.verdict != .right {
            problem(first.code.line, "this answer \(LessonCheck.words(player.verdict))")
        }
        for d in output.takeDiagnostics() where d.severity == .error && player.verdict == .failed {
            problem(first.code.line, d.message)
        }
    }

    /// What the player makes of code, and everything as it was.
    private func trial(_ code: Lesson.Code, _ task: Lesson.Task) -> Verdict {
        if task.file != nil { return player.weighProgram(code.text, task) }
        func weighed() -> Verdict {
            let (done, _, failed) = player.run(code.text)
            if failed { return .failed }
            return player.weigh(
                task, typed: code.text, touched: ChangedNames.names(done.map(\.statement)), last: done.last?.statement)
        }
        if code.isPlain { return player.session.aside(weighed) }
        let verdict = weighed()
        player.rebuild(to: player.stepIndex, with: [])
        return verdict
    }

    private static func words(_ verdict: Verdict) -> String {
        switch verdict {
        case .notJudged: "is not judged"
        case .failed: "ends in an error"
        case .right: "passes"
        case .wrong(let said): "is refused: \(said.joined(separator: " / "))"
        }
    }

    // MARK: Numbers in prose

    /// A decimal number in the prose has to stand in a piece of code too, of this step or one before, where it is computed,
    /// compared or set. What a guess asks is not claimed.
    private func checkNumbers(_ step: Lesson.Step) {
        var code = ""
        var prose: [(String, Int)] = []
        for part in step.before + step.after {
            switch part {
            case .prose(let text, let line): prose.append((text, line))
            case .code(let c), .claim(let c): code += c.text + "\n"
            case .guess: break
            }
        }
        if let task = step.task {
            prose.append((task.text, task.line))
            code += (task.checks.map(\.text) + task.answers.map(\.code.text) + [task.file?.text ?? ""])
                .joined(separator: "\n")
            prose += task.answers.compactMap(\.sentence).map { ($0, task.line) }
            prose += task.options.map { ($0.text + " " + $0.sentence, task.line) }
        }
        known.formUnion(LessonCheck.decimals(code))
        for (text, line) in prose {
            for number in LessonCheck.decimals(LessonCheck.withoutCode(text)) where !known.contains(number) {
                problem(line, "the prose says \(number), and no code up to here does")
            }
        }
    }

    /// Prose without code between backquotes.
    static func withoutCode(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 0 }
            .map { String($0.element) }.joined(separator: " ")
    }

    /// Numbers with a point in them.
    static func decimals(_ text: String) -> [String] {
        text.split { !($0.isASCII && $0.isNumber) && $0 != "." }.compactMap { word in
            var word = word
            while word.last == "." { word.removeLast() }
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty ? String(word) : nil
        }
    }
}

/// A folder for a check's own files that goes with it.
final class ScratchFolder: Sendable {
    private let folder: String?
    init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(base)/siam-lesson-XXXXXX".utf8CString)
        folder =
            mkdtemp(&name) != nil ? String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
    func path(_ name: String) -> String? { folder.map { $0 + "/" + name } }
    deinit {
        guard let folder else { return }
        for name in Files.names(in: folder) { unlink(folder + "/" + name) }
        rmdir(folder)
    }
}
