import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Programs that the learner works on in an editor.
extension LessonPlayer {
    /// The file that the learner works on now; it is also checked while waiting for keys.
    public var watchedFile: String? { isPlaying ? nil : task?.file.flatMap { path($0.name) } }

    /// Whether that file is not as it was last shown or run: each save is as good as Enter. An empty file is one that an
    /// editor is about to write.
    public var hasNewProgram: Bool {
        guard let file = watchedFile, let text = try? Files.text(file), !text.isEmpty else { return false }
        return text != programText
    }

    func showFile(_ file: Lesson.ProgramFile) {
        guard let at = path(file.name) else {
            say("The program cannot be written to a file; type your changes here.")
            return
        }
        if (try? Files.bytes(at)) == nil { resetFile() }
        programText = try? Files.text(at)
        say("The program is \(at)")
        say(LessonText.faint(":edit opens it in your editor; each save runs it, and so does Enter", voice.page))
    }

    /// Puts the program back as the lesson has it.
    func resetFile() {
        guard let file = step?.task?.file, let at = path(file.name) else { return }
        do { try Files.write(Array(file.text.utf8), to: at) } catch { complain(error) }
    }

    /// Runs the learner's file in a world of its own, and judges what it made.
    func runFile() {
        guard let file = task?.file, let at = path(file.name) else { return }
        do {
            let text = try Files.text(at)
            programText = text
            runProgram(text)
        } catch { complain(error) }
    }

    func runProgram(_ text: String) {
        guard let task else { return }
        let verdict = weighProgram(text, task)
        inputs = [text]
        keepInputs()
        switch verdict {
        case .right: succeed(stateWhenRight)
        case .wrong(let sentences): refuse(sentences)
        case .failed, .notJudged: self.verdict = verdict
        }
    }

    /// Runs a program in a new world and weighs what it made.
    func weighProgram(_ text: String, _ task: Lesson.Task) -> Verdict {
        renew()
        let (program, errors) = Parser.parse(Source(name: task.file?.name ?? lesson.file, kind: .file, text: text))
        do {
            if let first = errors.first(where: { $0.severity == .error }) { throw first }
            try session.run(program)
        } catch {
            complain(error)
            return .failed
        }
        voice.progress("checking ...")
        defer { voice.progress(nil) }
        return weigh(task, typed: text, touched: task.asked, last: nil)
    }
}
