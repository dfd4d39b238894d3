import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// The program that a run came out of: enough to make its nets, its source and its optimizer again, elsewhere.
package struct RunProgram {
    /// A statement, by its source and the position where it begins there.
    package struct Place {
        var source: Int
        var start: Int
    }
    var seed: UInt64
    var arguments: [String]
    var sources: [Source]
    /// What ran up to and with the statement whose `train` it was.
    var statements: [Place]
    /// Definitions made since: at a pause, or behind the run.
    var later: [Place]
    /// The texts of the files that were imported, by path.
    var imports: [String: String]
    /// Which of the program's runs it is, counted from 0.
    var ordinal: Int

    /// For a run of this session.
    init(_ run: Run, _ session: Session) {
        seed = session.firstSeed
        imports = session.importedTexts
        ordinal = run.ordinal
        arguments = []
        sources = []
        statements = []
        later = []
        if case .list(let l)? = session.globals.baseValueIfReady("args") {
            arguments = l.items.compactMap { if case .text(let t) = $0 { t.string } else { nil } }
        }
        let end = min(run.statement + 1, session.journal.count)
        statements = session.journal[..<end].map { place($0) }
        later = (session.journal[end...] + run.changes).filter { RunProgram.isDefinition($0.statement) }.map {
            place($0)
        }
    }

    package init(
        seed: UInt64, arguments: [String], sources: [Source], statements: [Place], later: [Place],
        imports: [String: String], ordinal: Int
    ) {
        (self.seed, self.arguments, self.sources, self.statements) = (seed, arguments, sources, statements)
        (self.later, self.imports, self.ordinal) = (later, imports, ordinal)
    }

    private mutating func place(_ entry: JournalEntry) -> Place {
        let known = sources.lastIndex { $0 === entry.source }
        if known == nil { sources.append(entry.source) }
        return Place(source: known ?? sources.count - 1, start: entry.statement.span.start)
    }

    /// Definitions may be made again without doing anything else.
    static func isDefinition(_ s: Statement) -> Bool {
        switch s.kind {
        case .function, .layer, .importFile: true
        case .assign(_, let value): if case .lambda = value.kind { true } else { false }
        default: false
        }
    }

    /// The statements that lead to the run, as they were written.
    var text: String {
        guard let all = try? entries(statements) else { return "" }
        return all.map { $0.source.text($0.statement.span) }.joined(separator: "\n")
    }

    /// The statements at the places, in order.
    func entries(_ places: [Place]) throws -> [JournalEntry] {
        var parsed: [Int: [Int: Statement]] = [:]
        return try places.map { p in
            guard sources.indices.contains(p.source) else { throw SavedBytes.Damage() }
            let source = sources[p.source]
            if parsed[p.source] == nil {
                // A text may have gone wrong behind what ran: only its statements are wanted.
                let all = Parser.parse(source).program.statements
                parsed[p.source] = Dictionary(all.map { ($0.span.start, $0) }, uniquingKeysWith: { a, _ in a })
            }
            guard let statement = parsed[p.source]?[p.start] else { throw SavedBytes.Damage() }
            return JournalEntry(statement: statement, source: source)
        }
    }
}

extension Session {
    /// Runs a saved program once more, silently, up to `steps` steps into its run. Names that this session does not have
    /// come along; of names that it has, the session's stay, and the run keeps its own.
    func rebuilt(_ program: RunProgram, steps: Int) throws -> Run {
        let statements = try program.entries(program.statements)
        let later = try program.entries(program.later)
        let kept = globals.keep()
        let arguments = globals.baseValueIfReady("args") ?? Value([])
        let world = beginAside(SilentOutput())
        globals.reset()
        globals.defineBase("args", Value(program.arguments.map { Value($0) }))
        var follow = Interventions(run: program.ordinal, steps: steps)
        follow.texts = program.imports
        interventions = follow
        stream = RandomStream(seed: program.seed)
        var found: Run?
        defer {
            endAside(world)
            globals.defineBase("args", arguments)
        }
        do {
            for entry in statements { try run(entry.statement, of: entry.source) }
        } catch let end as ReplayEnded {
            found = end.run
        } catch {
            globals.restore(kept)
            throw error
        }
        guard let found else {
            globals.restore(kept)
            throw Diagnostic(
                code: "run.lost", "the saved program does not reach the run any more",
                notes: ["a file that it reads may have changed"])
        }
        interventions = nil
        do {
            for entry in later { try run(entry.statement, of: entry.source) }
        } catch {
            globals.restore(kept)
            throw error
        }
        let made = globals.userNames.compactMap { name in globals.valueIfReady(name).map { (name, $0) } }
        globals.restore(kept)
        for (name, value) in made {
            if globals.isUserName(name) {
                found.ownNames.append((name, value))
            } else {
                try globals.assign(name, value)
            }
        }
        return found
    }
}
