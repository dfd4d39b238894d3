import SiamCompiler
import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Running texts, statements and files in a session.
extension Session {
    /// Runs a whole text: a file, or one input of the prompt. Throws the first error, located; what earlier statements did stays.
    public func run(_ source: Source) throws {
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        try run(program)
    }

    public func run(_ program: Program) throws {
        doubt(program)
        for statement in program.statements { try run(statement, of: program.source) }
    }

    /// Says of a text that is about to be run what in it is allowed and hardly meant.
    public func doubt(_ program: Program) {
        for d in LintCheck.run(program, isDefined: globals.isUserName) { warn(d) }
        for d in TrainingCheck.early(program) { warn(d) }
    }

    /// Runs one statement; where it fails, every variable is as it was before it.
    public func run(_ statement: Statement, of source: Source) throws {
        begins()
        defer { ends() }
        if interpreter.interrupt.pointee != 0 { try interpreter.interrupted() }
        let code = try Compiler.top(statement, source: source, globals: globals)
        shown = nil
        let kept = globals.keep()
        let depth = interpreter.frameCount
        if depth == 0 { isUnwinding = false }
        if depth == 0 { journal.append(JournalEntry(statement: statement, source: source)) }
        do {
            try interpreter.run(code)
            if depth > 0 { globals.retire(kept) }
            // What is defined at a pause belongs to the run that is paused.
            if let trainer = interpreter.trainer, trainer.isPaused {
                trainer.run.changes.append(JournalEntry(statement: statement, source: source))
            }
        } catch {
            if depth == 0 { journal.removeLast() }
            interpreter.settle(depth)
            // What the statement gave names before a replay stopped it is what the run came to.
            if !(error is ReplayEnded) { globals.restore(kept) }
            throw error
        }
    }

    /// Does something and puts names, random stream, journal and last value back as they were. What it does to things stays.
    public func aside<T>(_ body: () throws -> T) rethrows -> T {
        let kept = globals.keep()
        let (stream, entries, last) = (stream, journal.count, lastValue)
        defer {
            globals.restore(kept)
            (self.stream, lastValue) = (stream, last)
            journal.removeLast(journal.count - entries)
        }
        return try body()
    }

    /// Does something that binds all its names or, where it fails, none. Files imported before may be read again.
    public func wholly(_ body: () throws -> Void) throws {
        let kept = globals.keep()
        let known = imported
        imported = []
        do {
            try body()
            imported.formUnion(known)
        } catch {
            globals.restore(kept)
            imported = known
            throw error
        }
    }

    /// The next input of the prompt as a source.
    public func input(_ text: String) -> Source {
        inputCount += 1
        return Source(name: "prompt \(inputCount)", kind: .prompt(inputCount), text: text)
    }

    /// Evaluates one expression without showing anything.
    public func evaluate(_ text: String, name: String = "expression") throws -> Value {
        let source = Source(name: name, kind: .file, text: text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        var last = Value.none
        let outer = capture
        capture = { last = $0 }
        defer { capture = outer }
        try run(program)
        return last
    }

    /// Runs the file at a path, relative to the importing file, once.
    func importFile(_ path: String, from source: Source) throws {
        var full = path
        if !path.hasPrefix("/"), case .file = source.kind, let slash = source.name.lastIndex(of: "/") {
            full = String(source.name[...slash]) + path
        }
        guard imported.insert(full).inserted else { return }
        do {
            let text = try interventions?.texts[full] ?? Files.program(full, named: path)
            importedTexts[full] = text
            try run(Source(name: full, kind: .file, text: text))
        } catch {
            imported.remove(full)
            throw error
        }
    }
}

extension Interpreter {
    /// Back to a quiet state after an error: no frames above `depth`, evaluation mode.
    func settle(_ depth: Int) {
        while frameCount > depth {
            frameCount -= 1
            let f = frames[frameCount]
            clear(f.base, f.code.takeUnretainedValue().registerCount)
        }
        if depth == 0 {
            trainer = nil
            sweepRow = nil
            isTraining = false
            Recording.isOn = true
            observer = nil
            layerPath = []
            nativeDepth = 0
        }
    }
}
