import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A lesson's tasks where the lesson itself is not played: on the pages of a notebook, which runs its cells in any session.
public enum LessonJudge {
    /// Says what a session's names amount to as an answer to a step's task.
    /// - Parameters:
    ///   - typed: the code that was meant as the answer.
    ///   - choice: the number of an option.
    @discardableResult
    public static func judge(
        _ lesson: Lesson, step index: Int, in session: Session, typed: String, choice: Int?, output: any Output
    ) throws -> Verdict {
        guard lesson.steps.indices.contains(index), let task = lesson.steps[index].task else {
            throw Diagnostic(code: "learn.unknown", "there is no task \(index + 1) in \(lesson.file)")
        }
        let player = LessonPlayer(lesson, output: output, session: { _ in session })
        player.stepIndex = index
        player.phase = .task
        if !task.options.isEmpty { return choose(task, choice, player) }
        let statements = Parser.parse(Source(name: lesson.file, kind: .file, text: typed)).program.statements
        guard !statements.isEmpty else {
            player.say("Write your answer above this line, and run the cell again.")
            return .notJudged
        }
        player.expectation = player.expect(task)
        let verdict = player.weigh(
            task, typed: typed, touched: ChangedNames.names(statements), last: statements.last)
        switch verdict {
        case .right:
            player.say(
                LessonText.render("Right. " + (task.answers.compactMap(\.sentence).first ?? ""), player.voice.page))
        case .wrong(let sentences): for one in sentences { player.say(LessonText.render(one, player.voice.page)) }
        case .notJudged, .failed: player.say("That ran, but it is not what the task asks for.")
        }
        return verdict
    }

    private static func choose(_ task: Lesson.Task, _ choice: Int?, _ player: LessonPlayer) -> Verdict {
        guard let choice, task.options.indices.contains(choice - 1) else {
            player.say("Write the number of your choice, 1 to \(task.options.count), after the command.")
            return .notJudged
        }
        let option = task.options[choice - 1]
        player.say(LessonText.render((option.isRight ? "Right. " : "") + option.sentence, player.voice.page))
        return option.isRight ? .right : .wrong([option.sentence])
    }
}
