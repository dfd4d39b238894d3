import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A command of a lesson: declared once, with all that help and completion say of it.
public struct LessonCommand: Sendable {
    public let name: String
    public let help: String
    public let run: @Sendable (LessonPlayer) -> LessonPlayer.Reply

    public static let all: [LessonCommand] = [
        LessonCommand(name: "hint", help: "a hint for this step, one at a time") { $0.hint() },
        LessonCommand(name: "skip", help: "shows the answer, runs it and goes on") { $0.skip() },
        LessonCommand(name: "back", help: "goes to the previous step") { $0.back() },
        LessonCommand(name: "next", help: "goes on, as Enter does; leaves a finished step") { $0.next() },
        LessonCommand(name: "again", help: "starts this step again") { $0.again() },
        LessonCommand(name: "play", help: "pauses the lesson until :task; nothing is judged meanwhile") { $0.play() },
        LessonCommand(name: "task", help: "shows the task again, and ends :play") { $0.again(showing: true) },
        LessonCommand(name: "list", help: "the steps of this lesson and what is done") { $0.list() },
        LessonCommand(name: "stop", help: "leaves the lesson; your place is saved") { $0.stop() },
    ]
}

extension LessonPlayer {
    /// Does a command by its name; for those who have no table of commands of their own.
    @discardableResult
    public func command(_ name: String) -> Reply {
        LessonCommand.all.first { $0.name == name }?.run(self) ?? .goOn
    }

    func hint() -> Reply {
        guard let task else {
            say("There is no task yet: Enter goes on.")
            return .goOn
        }
        guard hintCount < task.hints.count else {
            if task.hints.isEmpty, let wrong = nextWrongOption(task) {
                hintCount += 1
                say("It is not \(wrong).")
            } else {
                say("That was the last hint. `:skip` shows the answer.")
            }
            return .goOn
        }
        say(LessonText.render(task.hints[hintCount], voice.page))
        hintCount += 1
        return .goOn
    }

    /// The number of an option that is still to be struck out, so that two are left.
    private func nextWrongOption(_ task: Lesson.Task) -> Int? {
        let wrong = task.options.indices.filter { !task.options[$0].isRight }
        guard hintCount < wrong.count - 1 else { return nil }
        return wrong[hintCount] + 1
    }

    func skip() -> Reply {
        guard phase != .finished else {
            say("This lesson is done.")
            return .goOn
        }
        isPlaying = false
        isGuessing = false
        // The text before the task is shown without a stop.
        while phase == .reading, let part = queue.first {
            queue.removeFirst()
            if case .prose(let text, _) = part { paragraph(text) }
            if case .code(let code) = part {
                let error = show(code)
                onPart?(part, error)
            }
            if case .claim = part { onPart?(part, nil) }
        }
        if phase == .reading, step?.task != nil { presentTask() }
        guard phase == .task, let task else {
            if phase != .finished { advance() }
            return .goOn
        }
        if let right = task.options.firstIndex(where: \.isRight) {
            say("It is \(right + 1): \(task.options[right].text)")
            say(LessonText.render(task.options[right].sentence, voice.page))
            succeed(.skipped, said: true)
            return .goOn
        }
        guard let answer = task.answers.first else { return .goOn }
        if task.file != nil {
            for line in answer.code.text.split(separator: "\n", omittingEmptySubsequences: false) { say("    " + line) }
            skipFile(answer)
            return .goOn
        }
        // The answer is worked out from the step's own beginning, whatever was tried before.
        rebuild(to: stepIndex, with: [])
        inputs = [answer.code.text]
        show(answer.code)
        succeed(.skipped)
        return .goOn
    }

    private func skipFile(_ answer: Lesson.Answer) {
        stateWhenRight = .skipped
        defer { stateWhenRight = .done }
        runProgram(answer.code.text)
    }

    func back() -> Reply {
        guard stepIndex > 0 else {
            say("This is the first step.")
            return .goOn
        }
        let to = stepIndex - 1
        rebuild(to: to)
        begin(to)
        return .goOn
    }

    func next() -> Reply {
        guard let step else { return .open("next") }
        isPlaying = false
        if standing.record(step.heading)?.state ?? .open != .open, phase != .explaining {
            let to = stepIndex + 1
            rebuild(to: to)
            begin(to)
        } else if phase == .task {
            say("The task of this step is open: `:skip` shows its answer and goes on.")
        } else {
            isGuessing = false
            advance()
        }
        return .goOn
    }

    func again() -> Reply {
        guard let step else { return .goOn }
        standing.set(StepRecord(step.heading))
        resetFile()
        rebuild(to: stepIndex)
        begin(stepIndex)
        return .goOn
    }

    func play() -> Reply {
        isPlaying = true
        isGuessing = false
        say("Nothing is judged or saved now; `:task` comes back to the lesson.")
        return .goOn
    }

    func again(showing: Bool) -> Reply {
        if isPlaying {
            isPlaying = false
            if hasPlayed, phase == .task {
                hasPlayed = false
                rebuild(to: stepIndex, with: inputs)
                say("The lesson's names are as they were before `:play`.")
            }
        }
        showTask()
        return .goOn
    }

    func list() -> Reply {
        for (k, step) in lesson.steps.enumerated() {
            let state = standing.record(step.heading)?.state ?? .open
            let mark = state == .done ? "done" : state == .skipped ? "skipped" : k == stepIndex ? "here" : ""
            let name = lesson.stepName(k)
            let pad = String(repeating: " ", count: max(1, 6 - name.count))
            say("\(name)\(pad)\(mark)\(String(repeating: " ", count: 9 - mark.count))\(step.heading)")
        }
        return .goOn
    }

    func stop() -> Reply {
        keep()
        return .stop
    }
}
