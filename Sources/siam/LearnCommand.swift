import ArgumentParser
import CEditline
import Glibc
import SiamServers
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamPrompt
import SiamRuntime
import SiamTensor
import SiamReports

/// `siam learn [LESSON]`: the lessons, and one of them at the prompt.
struct Learn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the lessons, open one at the prompt, or check lesson pages.")
    @ArgumentParser.Argument(help: "A lesson's number, its name, or a page; with --check several.")
    var lessons: [String] = []
    @Flag(help: "List the lessons and how far you are.")
    var list = false
    @Flag(help: "Write the lesson as a Jupyter notebook with the siam kernel.")
    var notebook = false
    @Flag(help: "With --notebook: include the answers.")
    var answers = false
    @Flag(help: "Play pages as a learner would, with right and wrong answers, and report what fails.")
    var check = false
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var color: ColorOption
    @Flag(help: "Read plain lines, without line editing.")
    var plain = false

    func validate() throws {
        if notebook, lessons.count != 1 {
            throw ValidationError("--notebook expects one lesson:  siam learn --notebook 5")
        }
        if answers, !notebook { throw ValidationError("--answers goes with --notebook") }
        if lessons.count > 1, !check { throw ValidationError("one lesson at a time") }
    }

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: lessons.first.map { "lesson \($0)" } ?? "what you ran")
        threads.apply()
        let output = color.output
        var status: Int32 = 0
        if notebook {
            status = written(output)
        } else if check {
            status = checked(output)
        } else if list || lessons.isEmpty {
            for line in UserLessons.list(columns: output.page.columns) { output.print(line) }
            output.print("siam learn 1 opens the first lesson; at the prompt, :learn 1")
        } else {
            status = opened(output)
        }
        output.leave(status)
    }

    private func opened(_ output: TerminalOutput) -> Int32 {
        let session = Session(output: output, builtins: Builtin.all)
        Figures.attach(to: session, output.display)
        do { _ = try UserLessons.shelf().find(lessons[0]) } catch {
            output.show(error, in: session)
            return 1
        }
        let prompt = Prompt(session: session, output: output, quiet: true, plain: plain, runsInit: false)
        return prompt.run(lesson: lessons[0])
    }

    private func written(_ output: TerminalOutput) -> Int32 {
        do {
            let lesson = try UserLessons.shelf().find(lessons[0])
            let name = LessonNotebook.name(lesson)
            guard Files.size(name) == nil else {
                throw Diagnostic(code: "save.exists", "the file \(name) already exists, and was not changed")
            }
            try Files.write(Array((LessonNotebook(lesson, withAnswers: answers).json.line + "\n").utf8), to: name)
            output.print("wrote \(name); run siam kernel --install once to make siam known to Jupyter")
            return 0
        } catch {
            if let d = error as? Diagnostic { output.diagnostic(d) }
            return 1
        }
    }

    private func checked(_ output: TerminalOutput) -> Int32 {
        var failed = false
        do {
            let shelf = UserLessons.shelf()
            let pages = try lessons.isEmpty ? shelf.lessons : lessons.map { try shelf.find($0) }
            for page in pages {
                let start = Clock.now()
                let found = LessonCheck.problems(page)
                for p in found { output.print("\(page.file):\(p.line): \(p.text)") }
                if !found.isEmpty { failed = true }
                let steps = page.steps.count
                output.print(
                    "\(page.file): \(steps) steps, \(found.isEmpty ? "plays" : "does not play"), \(Clock.text(Clock.now() - start))"
                )
            }
        } catch {
            if let d = error as? Diagnostic { output.diagnostic(d) }
            return 1
        }
        return failed ? 1 : 0
    }
}
