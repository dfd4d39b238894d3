import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The lesson's names and how they are recomputed.
extension LessonPlayer {
    func renew() {
        session = makeSession(voice)
        onSession?(session)
    }

    private func seedStatement(_ index: Int) -> String { lesson.seedStatement(index) }

    func seed(_ index: Int) {
        guard lesson.steps.indices.contains(index) else { return }
        _ = try? session.run(Source(name: "lesson", kind: .file, text: seedStatement(index)))
    }

    /// The lesson so far as a program that leads to the same values: code that was shown, and what was entered.
    public var program: String {
        var lines: [String] = []
        for (k, step) in lesson.steps.enumerated() where k <= stepIndex {
            // A program in a file has its own session; the text after it starts with a new one.
            if step.task?.file != nil { lines = [] }
            lines += ["# \(lesson.stepName(k))  \(step.heading)", seedStatement(k)]
            if step.task?.file == nil { lines += LessonPlayer.code(step.before) }
            lines += k == stepIndex ? inputs : standing.record(step.heading)?.inputs ?? []
            if k < stepIndex { lines += LessonPlayer.code(step.after) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func code(_ parts: [Lesson.Part]) -> [String] {
        parts.compactMap { part in
            if case .code(let code) = part, code.kind == .run { return code.text }
            return nil
        }
    }

    /// Makes the names anew as they are at the start of a step, by replaying what was accepted before it; with inputs, those
    /// of the step as well.
    func rebuild(to index: Int, with inputs: [String]? = nil) {
        session = makeSession(voice)
        voice.progress("rebuilding the variables of the lesson ...")
        defer { voice.progress(nil) }
        voice.quietly {
            for k in 0..<min(index, lesson.steps.count) {
                let step = lesson.steps[k]
                seed(k)
                replay(step.before)
                if let record = standing.record(step.heading), record.state != .open {
                    record.inputs.forEach { replay($0, inFile: step.task?.file != nil) }
                } else if let answer = step.task?.answers.first {
                    replay(answer.code.text, inFile: step.task?.file != nil)
                }
                replay(step.after)
            }
            if let inputs, lesson.steps.indices.contains(index) {
                seed(index)
                replay(lesson.steps[index].before)
                inputs.forEach { replay($0, inFile: lesson.steps[index].task?.file != nil) }
            }
        }
        onSession?(session)
    }

    private func replay(_ parts: [Lesson.Part]) {
        for case .code(let code) in parts where code.kind == .run {
            for statement in code.program.statements { _ = try? session.run(statement, of: code.program.source) }
        }
    }

    private func replay(_ input: String, inFile: Bool) {
        if inFile { session = makeSession(voice) }
        let source = inFile ? Source(name: lesson.file, kind: .file, text: input) : session.input(input)
        for statement in Parser.parse(source).program.statements {
            let stream = session.stream
            do { try session.run(statement, of: source) } catch {
                session.stream = stream
                return
            }
        }
    }
}

extension Lesson {
    /// What starts a step's random stream: made of its name, so that a new place changes nothing.
    public func seedStatement(_ index: Int) -> String {
        guard steps.indices.contains(index) else { return "seed 0" }
        var hash: UInt32 = 2_166_136_261
        for byte in (key + "/" + steps[index].heading).utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return "seed \(hash % 1_000_000)"
    }
}
