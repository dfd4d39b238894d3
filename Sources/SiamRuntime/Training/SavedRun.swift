import SiamData
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Everything of a run that a file holds: the program that makes its nets, and all that has changed since.
package struct SavedRun {
    struct Weight {
        var path: String
        var isFrozen: Bool
        var value: Tensor
        var moments: (first: Tensor?, second: Tensor?)
        /// Gradients that wait for their update.
        var waiting: Tensor?
    }
    var program: RunProgram
    package var steps = 0
    package var planned = 0
    package var seconds = 0.0
    var stopped: StopReason?
    package var loss = Run.Series()
    package var gradientNorm = Run.Series()
    var reports: [(name: String, series: Run.Series)] = []
    package var record = RunRecord()
    var weights: [Weight] = []
    /// What the layers of each net remember, in the order of its layers.
    var states: [[[Value]]] = []
    var optimizerStep = 0
    /// Of how many steps the gradients that wait are the sum.
    var waited = 0
    /// Where a reported series was best.
    var best: BestState?
    /// Series of which a small value is a good one, by what is reported.
    var lowReports: [String] = []
    var optimizerSettings: [(String, Double)] = []
    var hasSchedule = false
    var stream: SIMD4<UInt64> = .zero
    var source: SourceState?
    /// Of the examples that the source draws from, so that others are noticed.
    var dataMark: UInt64?
    /// The variables that the body assigns, by their index in the plan; nil for values that are not plain data.
    var variables: [Value?] = []
    /// Plain numbers and texts that the body reads by name.
    var names: [(String, Value)] = []
    /// For those who look at it without making it again.
    var stepsPerEpoch = 1
    package var netNames: [String] = []
    package var optimizerText = ""
    package var sourceText = ""
    var optimizerName = "sgd"
    /// The nets as written by `NetWriter`; nil for files without them.
    var graph: [UInt8]?

    package init(program: RunProgram) { self.program = program }

    init(_ run: Run, _ interpreter: Interpreter) throws {
        let session = interpreter.session
        program = run.program ?? RunProgram(run, session)
        if run.program != nil {
            // A run that came from a file keeps its program; what was defined since comes behind it.
            let since = RunProgram(run, session)
            let offset = program.sources.count
            program.sources += since.sources
            program.later += since.later.map { .init(source: $0.source + offset, start: $0.start) }
        }
        steps = run.steps
        planned = run.planned
        seconds = run.seconds
        stopped = run.stopped
        (loss, gradientNorm, reports, record) = (run.loss, run.gradientNorm, run.reports, run.record)
        (stepsPerEpoch, netNames) = (run.stepsPerEpoch, run.netNames)
        (optimizerText, sourceText) = (run.optimizer.summary, run.source.summary)
        let optimizer = run.optimizer.optimizer.snapshot()
        weights = run.parameterPaths.map {
            Weight(
                path: $0.path, isFrozen: $0.parameter.isFrozen, value: $0.parameter.value.detached(),
                moments: optimizer.moments(of: $0.parameter), waiting: optimizer.waiting(of: $0.parameter)?.detached())
        }
        states = run.nets.map { $0.keepStates() }
        lowReports = run.lowReports.sorted()
        (optimizerStep, waited, best) = (optimizer.step, optimizer.waited, run.best)
        optimizerName = run.optimizer.optimizer.name
        let writer = NetWriter(
            session.globals, sources: program.sources, parameters: run.parameterPaths.map(\.parameter),
            own: run.ownNames)
        graph = writer.bytes(run.nets, schedule: run.optimizer.schedule)
        program.sources = writer.sources
        optimizerSettings = optimizer.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        hasSchedule = run.optimizer.schedule != nil
        stream = session.stream.state
        if let thing = run.source as? SourceThing {
            source = thing.source.state
            dataMark = thing.dataset.map { SavedRun.mark($0.dataset) }
        }
        variables = run.variables(interpreter).map { v in
            var trial = ByteWriter()
            return trial.put(plain: v) ? v : nil
        }
        var seen = Set<String>()
        run.syntax.body.statements.forEach { s in
            s.walk { e in
                guard case .name(let name) = e.kind, seen.insert(name).inserted, session.globals.isUserName(name),
                    let v = session.globals.valueIfReady(name)
                else { return }
                switch v {
                case .number, .bool, .text: names.append((name, v))
                case .tensor(let t) where t.count <= 4096: names.append((name, .tensor(t.detached())))
                default: break
                }
            }
        }
    }

    /// A number that follows from a data set's contents.
    static func mark(_ d: Dataset) -> UInt64 {
        var h: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(d.count)
        d.x.withFloats { for x in $0 { h = (h ^ UInt64(x.bitPattern)) &* 0x100_0000_01B3 } }
        for y in d.y { h = (h ^ UInt64(truncatingIfNeeded: y)) &* 0x100_0000_01B3 }
        return h
    }

    /// Makes the run again in this session.
    func opened(_ interpreter: Interpreter, _ path: String, comesFirst: Bool) throws -> Run {
        let session = interpreter.session
        let run = try session.rebuilt(program, steps: min(steps, 1))
        func other(_ what: String) -> Diagnostic {
            Diagnostic(
                code: "run.other", "\(path) does not fit the program stored in it: \(what)",
                notes: ["a file that the program reads may have changed since"])
        }
        if let dataMark {
            guard let d = (run.source as? SourceThing)?.dataset?.dataset, SavedRun.mark(d) == dataMark else {
                throw other("its examples are not those of the run")
            }
        }
        do { try fit(run) } catch let misfit as Mismatch { throw other(misfit.what) }
        if !hasSchedule { run.optimizer.schedule = nil }
        if let source, let thing = run.source as? SourceThing { thing.source.state = source }
        for (name, value) in names {
            if let k = run.ownNames.firstIndex(where: { $0.name == name }) {
                run.ownNames[k].value = value
            } else {
                try session.globals.assign(name, value)
            }
        }
        try run.put(variables: variables, interpreter)
        (run.steps, run.planned, run.seconds, run.stopped) = (steps, planned, seconds, stopped)
        (run.loss, run.gradientNorm, run.reports, run.record) = (loss, gradientNorm, reports, record)
        run.snapshots = Snapshots()
        run.program = program
        if comesFirst,
            session.adopt(try program.entries(program.statements), seed: program.seed, imports: program.imports)
        {
            run.statement = program.statements.count - 1
            session.runCount = max(session.runCount, program.ordinal + 1)
        }
        var stream = RandomStream(seed: 0)
        stream.state = self.stream
        session.stream = stream
        return run
    }

    /// What a file holds does not belong to the nets.
    struct Mismatch: Error { var what: String }

    /// Gives a run's nets and its optimizer the values that they had.
    func fit(_ run: Run) throws {
        let parameters = run.parameterPaths
        guard parameters.count == weights.count else {
            throw Mismatch(what: "the nets have \(parameters.count) parameters now, and had \(weights.count)")
        }
        for (p, w) in zip(parameters, weights) {
            guard p.path == w.path, p.parameter.value.shape == w.value.shape else {
                throw Mismatch(what: "\(p.path) is \(p.parameter.value.shape), and \(w.path) was \(w.value.shape)")
            }
        }
        let now = run.nets.map { $0.keepStates() }
        guard now.count == states.count, zip(now, states).allSatisfy({ $0.count == $1.count }) else {
            throw Mismatch(what: "its layers have other states")
        }
        let isBestOfThese =
            best.map {
                $0.parameters.map(\.shape) == run.parameters.map(\.value.shape)
                    && $0.states.map(\.count) == states.map(\.count)
            } ?? true
        guard isBestOfThese else { throw Mismatch(what: "its best nets had other parameters") }
        var memory = run.optimizer.optimizer.snapshot()
        memory.step = optimizerStep
        memory.waited = waited
        for (name, x) in optimizerSettings where memory.settings[name] != nil { memory.settings[name] = x }
        for (p, w) in zip(parameters, weights) {
            p.parameter.value = w.value
            p.parameter.isFrozen = w.isFrozen
            memory.set(moments: w.moments, of: p.parameter)
            memory.set(waiting: w.waiting, of: p.parameter)
        }
        run.optimizer.optimizer.restore(memory)
        for (net, s) in zip(run.nets, states) { net.restoreStates(s) }
        run.best = best
    }

    /// The same with what was changed since in the nets and the optimizer that were made of it.
    func changed(in run: Run) -> SavedRun {
        var new = self
        let optimizer = run.optimizer.optimizer.snapshot()
        for (k, p) in run.parameterPaths.enumerated() where new.weights.indices.contains(k) {
            new.weights[k].value = p.parameter.value.detached()
            new.weights[k].isFrozen = p.parameter.isFrozen
        }
        new.states = run.nets.map { $0.keepStates() }
        new.optimizerSettings = optimizer.settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        new.optimizerText = run.optimizer.summary
        return new
    }
}
