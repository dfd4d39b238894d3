import Glibc
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamReports

/// Lessons at the prompt.
extension PromptCommands {
    /// Opening lessons; what is typed inside one is below.
    static let learning: [PromptCommand] = [
        PromptCommand(
            "learn", "[LESSON]", takes: .text, "lists the lessons, or opens one by number, name or file",
            details: """
                A lesson has its own variables; yours come back after :stop. Progress is saved.
                The lessons are part of siam; pages in a folder tutorials here, or in the folder that SIAM_TUTORIALS names, are used first.
                """
        ) { prompt, rest in
            if rest.isEmpty {
                for line in UserLessons.list(columns: prompt.output.page.columns) { prompt.output.print(line) }
            } else {
                prompt.open(try UserLessons.shelf().find(path(rest)))
            }
            return .goOn
        },
        PromptCommand(
            "judge", "STEP [CHOICE]", takes: .text, "checks whether the last input solves a step of a lesson",
            details: "In the notebook of a lesson the cell of an answer ends with it:  :judge 3.4", listing: .none
        ) { prompt, rest in
            let words = rest.split(separator: " ").map(String.init)
            guard let name = words.first, let point = name.lastIndex(of: "."),
                let step = Int(name[name.index(after: point)...]), words.count <= 2
            else {
                throw Diagnostic(code: "command.argument", ":judge expects a step of a lesson", repair: ":judge 1.2")
            }
            let lesson = try UserLessons.shelf().find(String(name[..<point]))
            try LessonJudge.judge(
                lesson, step: step - 1, in: prompt.session, typed: prompt.lastInput,
                choice: words.count == 2 ? Int(words[1]) : nil, output: prompt.output)
            prompt.lastInput = ""
            return .goOn
        },
    ]

    /// A lesson's commands, as commands of the prompt.
    static let lesson: [PromptCommand] = LessonCommand.all.map { command in
        PromptCommand(command.name, "", command.help) { prompt, _ in
            guard let player = prompt.lesson?.player else { return .goOn }
            switch command.run(player) {
            case .goOn: break
            case .stop: return prompt.stopLesson()
            case .open: try prompt.openNext(after: player.lesson)
            }
            return .goOn
        }
    }
}

/// Lessons as this machine's user has them: where they come from, where progress is kept.
public enum UserLessons {
    public static func shelf() -> LessonSource { LessonSource(named: Environment.value("SIAM_TUTORIALS")) }
    public static var progress: LessonProgress { LessonProgress(path: StateFolder.file("progress")) }

    /// A line a lesson: number, how far, title.
    public static func list(columns: Int) -> [String] {
        let progress = progress
        return shelf().lessons.map { lesson in
            let records = progress.standing(lesson.key).records
            let headings = Set(lesson.steps.map(\.heading))
            let done = records.count { $0.state != .open && headings.contains($0.heading) }
            let count = lesson.steps.count
            let far = done == 0 ? "" : done >= count ? "done" : "\(done) of \(count)"
            let number = lesson.number.map { "\($0)" } ?? "-"
            let head = String(repeating: " ", count: max(0, 2 - number.count)) + number
            let pad = String(repeating: " ", count: max(0, 10 - far.count))
            return CandidateList.cut("\(head)  \(far)\(pad)\(lesson.title)", columns - 1)
        }
    }

    /// A world as the prompt's own, for a lesson.
    public static func session(_ output: any Output, _ display: FigureDisplay) -> Session {
        let session = Session(output: output, builtins: Builtin.all)
        return Figures.attach(to: session, display)
    }
}

extension Prompt {
    /// Opens a lesson; the user's own names wait behind it.
    func open(_ lesson: Lesson) {
        guard lesson.problems.isEmpty else {
            for p in lesson.problems { output.message("\(lesson.file):\(p.line): \(p.text)") }
            return
        }
        let outside = self.lesson.map(\.outside) ?? session
        let player = LessonPlayer(
            lesson, output: output, progress: UserLessons.progress, path: { StateFolder.file($0) },
            session: { [display = output.display] in UserLessons.session($0, display) })
        player.onSession = { [weak self] in self?.enter($0) }
        player.onCode = { [weak self] in self?.history.offer($0) }
        player.onError = { [weak self] in self?.lastError = $0 }
        self.lesson = (player, outside)
        enter(player.session)
        watch()
        player.open()
    }

    private func enter(_ new: Session) {
        new.pauseHandler = self
        new.ask = self.lesson?.outside?.ask ?? session.ask
        session = new
    }

    func openNext(after lesson: Lesson) throws {
        guard let next = UserLessons.shelf().after(lesson) else {
            output.message("That was the last lesson. :learn lists them all.")
            return
        }
        open(next)
    }

    /// What `:stop` does: back to the user's own names, or out where siam was started for the lesson.
    func stopLesson() -> PromptCommand.After {
        let ends = isForLesson
        leaveLesson()
        return ends ? .leave : .goOn
    }

    func leaveLesson() {
        guard let (player, outside) = lesson else { return }
        lesson = nil
        if let outside { session = outside }
        watch()
        let again =
            "\(isForLesson ? "siam learn" : ":learn") \(player.lesson.number.map { "\($0)" } ?? player.lesson.file)"
        output.message(
            player.isKept
                ? "Your place in the lesson is saved: \(again) comes back to it."
                : "Your place in the lesson cannot be saved: \(again) starts it again.")
    }

    /// While a program in a file is the task, each save of it is as good as Enter.
    private func watch() {
        guard let editor = reader as? LineEditor else { return }
        editor.services.wakes = lesson == nil ? nil : { [weak self] in self?.lesson?.player.hasNewProgram ?? false }
    }
}
