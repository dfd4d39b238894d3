import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The prompt inside a run: `go`, `step`, `rewind`, `stop`, `save`, and anything that can be typed elsewhere.
extension Prompt: PauseHandler {
    private static let words: [(word: String, form: String, help: String)] = [
        ("go", "go", "continues the run"),
        ("step", "step [N]", "runs 1 or N steps, then pauses again"),
        ("rewind", "rewind N", "goes back N steps: parameters, optimizer, random stream, data"),
        ("stop", "stop", "ends the run and continues after it; the finished steps are kept"),
        ("quit", "quit", "ends the whole program"),
        ("save", "save FILE", "writes the run to a file; resume(load(FILE)) continues it"),
    ]

    public func paused(_ trainer: Trainer, _ interpreter: Interpreter, because: Trainer.PauseReason) throws
        -> Trainer.Resumption
    {
        let run = trainer.run
        var line = "paused at step \(run.steps) of \(run.planned)"
        if let loss = run.loss.values.last { line += "   loss \(Prompt.short(loss))" }
        for (name, series) in run.reports {
            if let last = series.values.last { line += "   \(name) \(Prompt.short(last))" }
        }
        output.message(line)
        if because == .interrupt {
            output.message(
                "go continues, step N, rewind N, stop ends the run, quit ends siam; or an expression, as run.loss; \(run.steps == 1 ? "1 step is" : "\(run.steps) steps are") kept"
            )
        }
        guard isAttended else { return because == .interrupt ? .stop : .go }
        // The run has no name yet; at its own pause it is `run`.
        let globals = session.globals
        let former = globals.isUserName("run") ? globals.valueIfReady("run") : nil
        try globals.assign("run", .thing(run))
        defer {
            if case .thing(let t)? = globals.valueIfReady("run"), t === run {
                if let former { try? globals.assign("run", former) } else { globals.unbind("run") }
            }
        }
        record.arrived(at: run.steps)
        let since = Clock.now()
        pausedSince = since
        defer { pausedSince = nil }
        while true {
            switch reader.read("siam(\(run.steps))> ") {
            case .end:
                output.print("")
                if isReading { return .stop }
                throw leave(130)
            case .hangup: throw leave(129)
            case .interrupted(let text):
                // ^C again at once means that the run is to end.
                if text.isEmpty, Clock.now() - since < 1 { return .stop }
            case .input(let text):
                for piece in Prompt.untilWord(text) {
                    endedIn = nil
                    if let answer = try answer(piece.trimmedOfWhitespace, trainer) { return answer }
                    if endedIn != nil { break }
                }
            }
        }
    }

    /// An input of several lines whose last is a word of the pause, as a notebook's cell may be: what stands before, and the word.
    static func untilWord(_ text: String) -> [String] {
        let lines = text.trimmedOfWhitespace.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1, let word = lines.last?.split(separator: " ").first,
            words.contains(where: { $0.word == word }), lines.last?.contains("=") == false
        else { return [text] }
        return [lines.dropLast().joined(separator: "\n"), String(lines[lines.count - 1])]
    }

    /// What an input at the pause means for the run; nil where it was an expression, a command or a mistake.
    private func answer(_ text: String, _ trainer: Trainer) throws -> Trainer.Resumption? {
        // Text after a # is a comment.
        let said = text.firstRange(of: " #").map { text[..<$0.lowerBound] } ?? text[...]
        let parts = said.split(separator: " ").map(String.init)
        guard let word = parts.first else { return nil }
        history.add(text)
        let count = parts.count == 2 ? Int(parts[1]) : nil
        switch word {
        case "go" where parts.count == 1: return .go
        case "stop" where parts.count == 1: return .stop
        case "step" where parts.count == 1: return .steps(1)
        case "step" where (count ?? 0) > 0: return .steps(count ?? 1)
        case "rewind" where parts.count == 2:
            guard let count, count > 0 else {
                complain("rewind expects a number of steps of at least 1, and got \(parts[1])")
                return nil
            }
            guard count <= trainer.run.steps else {
                complain("rewind \(count) goes back before the start: \(trainer.run.steps) steps have been done")
                return nil
            }
            let undone = record.takenBack(to: trainer.run.steps - count)
            if !undone.isEmpty {
                output.message("this also undoes what was typed after those steps: \(undone.joined(separator: "; "))")
            }
            record.noteRewind(from: trainer.run.steps, to: trainer.run.steps - count)
            return .rewind(count)
        case "rewind" where parts.count == 1:
            complain("rewind expects a number of steps:  rewind 10")
            return nil
        case "save" where parts.count == 2:
            save(trainer.run, parts[1])
            return nil
        case "exit", "quit", ":q", ":quit": throw leave(isReading ? 0 : 130)
        case "break" where parts.count == 1:
            complain("the loop here is the run, and stop ends it:  stop")
            return nil
        case "continue" where parts.count == 1:
            complain("go continues the run:  go")
            return nil
        // `step net(x)` walks through a net; a number is a count of steps.
        case "step" where parts.count == 2 && (Double(parts[1]) != nil || parts[1].hasPrefix("\"")):
            complain("step expects a number of steps of at least 1, and got \(parts[1])")
            return nil
        case "go" where parts.count == 2 && count != nil:
            complain("go takes no number:  step \(max(1, count ?? 1))")
            return nil
        case "go" where !said.contains("="), "stop" where !said.contains("=") && parts.count > 1 && parts[1] != "when":
            complain("\(word) takes no argument:  \(word)")
            return nil
        default: break
        }
        // `c`, `next`, `opt.lr = 0.1`: what is said so elsewhere.
        let first = word.prefix { $0.isLetter }
        let isField = ["opt", "optimizer"].contains(first) && !session.globals.isUserName(String(first))
        if parts.count == 1 || (parts.count == 2 && count != nil) || isField,
            trainer.names.contains(String(first)) == false,
            tellWord(isField ? String(first) : word)
        {
            return nil
        }
        for piece in Prompt.pieces(text) {
            switch piece {
            case .command(let line): runAtPause(line)
            case .code(let code):
                if runCode(code, isRecorded: false) { record.note(code, atStep: trainer.run.steps) }
            }
        }
        return nil
    }

    /// Ends the program, or the prompt, with a code.
    private func leave(_ code: Int32) -> Interrupted {
        leaving = code
        return Interrupted(leaving: code)
    }

    private func runAtPause(_ line: String) {
        if line == ":help" || line == "?" {
            for w in Prompt.words {
                output.print(w.form + String(repeating: " ", count: max(2, 12 - w.form.count)) + w.help)
            }
            output.print(
                "any expression is evaluated, with the names of the body and run for the run; :commands and ?name work as usual"
            )
            return
        }
        _ = handle(line)
    }

    private func complain(_ message: String) { show(Diagnostic(code: "pause.word", message)) }

    private func save(_ run: Run, _ file: String) {
        let path =
            file.hasPrefix("\"") && file.hasSuffix("\"") && file.count > 1 ? String(file.dropFirst().dropLast()) : file
        guard session.help("save") != nil else {
            complain("runs cannot be written to files here")
            return
        }
        session.evaluateAside(
            "save(paused_run, paused_file)", [("paused_run", .thing(run)), ("paused_file", Value(path))])
    }

    static func short(_ x: Float) -> String { (try? formatNumber(Double(x), spec: ".4g")) ?? "\(x)" }
}
