import SiamCompiler
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// The record of one `train`: series, nets, and what it takes to go back and go on.
public final class Run: Thing, @unchecked Sendable {
    public internal(set) var loss = Series()
    /// One value for each step; in runs beyond 40,000 steps one for several steps.
    public internal(set) var gradientNorm = Series()
    /// Follows from the steps that were made, not from how many were planned: a run that is stopped and one that was
    /// planned to end there have the same series.
    var gradientNormEvery: Int {
        var every = 1
        while steps / every >= 40_000 { every *= 2 }
        return every
    }
    public internal(set) var reports: [(name: String, series: Series)] = []
    public internal(set) var nets: [Layer]
    public internal(set) var netNames: [String]
    /// Steps finished.
    public internal(set) var steps = 0
    /// Steps the statement asked for.
    public internal(set) var planned: Int
    public internal(set) var stepsPerEpoch: Int
    public internal(set) var seconds = 0.0
    /// Why the run ended before its time, if it did.
    public internal(set) var stopped: StopReason?
    public internal(set) var optimizer: OptimizerThing
    public internal(set) var source: Thing
    /// The statement and its place: what replays are made from.
    public internal(set) var code: Code
    private(set) var plan: TrainPlan
    /// Its place among the session's runs, and that of its statement in the session's journal.
    public internal(set) var ordinal = 0
    public internal(set) var statement = 0
    /// The `train` as it was written.
    public var syntax: Train { plan.syntax }
    public var isInEpochs: Bool { plan.inEpochs }
    /// The frame's variables, for taking the run up again.
    var registers: [Value] = []
    var function: Function?
    var layer: Layer?
    /// The nets where the first thing that is reported now and then was best.
    var best: BestState?
    /// The mean loss of each epoch so far, worked out where something asks for it.
    var epochLosses: [Double] = []
    /// Ways back.
    var snapshots = Snapshots()
    /// Statements that ran while it was paused.
    var changes: [JournalEntry] = []
    /// The program that it came out of, where it came from a file.
    var program: RunProgram?
    /// What a file holds of it, until something needs more than that: its data, or its program.
    private var unopened: (saved: SavedRun, path: String)?
    /// Whether it is the session's first run, so that its program is the whole history of the session.
    private var comesFirst = false
    /// For a run from a file: the values of names that have another value in this session.
    var ownNames: [(name: String, value: Value)] = []
    /// What it said of itself while it ran, and why it stopped where that was a fault.
    public internal(set) var warnings: [Diagnostic] = []
    /// Where its figures are written while it runs.
    public internal(set) var log: RunLog?
    /// Reported series of which a small value is a good one, by what is reported.
    private(set) var lowReports: Set<String> = []
    /// Whether a small value of a series is a good one: by its name, or by what is reported under it.
    public func isLow(_ name: String) -> Bool { lowReports.contains(name) || Interpreter.isLowBest(name) }
    /// What was measured at sampled steps.
    public internal(set) var record = RunRecord()

    init(
        nets: [Layer], names: [String], optimizer: OptimizerThing, source: Thing, planned: Int, stepsPerEpoch: Int,
        code: Code,
        plan: TrainPlan
    ) {
        self.nets = nets
        netNames = names
        self.optimizer = optimizer
        self.source = source
        self.planned = planned
        self.stepsPerEpoch = stepsPerEpoch
        self.code = code
        self.plan = plan
        lowReports = LowerIsBetter.names(in: plan.syntax.body)
    }

    /// A run out of a file, of which nothing has run here.
    package init(_ saved: SavedRun, _ path: String, _ interpreter: Interpreter) throws {
        let (code, plan) = try Run.stand()
        nets = []
        netNames = saved.netNames
        optimizer = OptimizerThing(try Optimizer("sgd"))
        source = NotStored("the source of the run's batches", saved.sourceText, path)
        planned = saved.planned
        stepsPerEpoch = max(1, saved.stepsPerEpoch)
        self.code = code
        self.plan = plan
        super.init()
        unopened = (saved, path)
        program = saved.program
        comesFirst = interpreter.session.journal.count <= 1
        (steps, seconds, stopped) = (saved.steps, saved.seconds, saved.stopped)
        (loss, gradientNorm, reports, record) = (saved.loss, saved.gradientNorm, saved.reports, saved.record)
        lowReports = Set(saved.lowReports)
    }

    /// Stands for the statement of a run whose program has not been made again.
    private static func stand() throws -> (Code, TrainPlan) {
        let source = Source(
            name: "run", kind: .file, text: "train net on data as x for 1 steps using optimizer { minimize x }")
        let parsed = Parser.parse(source).program
        guard let statement = parsed.statements.first else { throw SavedBytes.Damage() }
        let code = try Compiler.top(statement, source: source, globals: Globals())
        guard let plan = code.trainPlans.first else { throw SavedBytes.Damage() }
        return (code, plan)
    }

    /// Whether its program and its data are here, so that it can be taken up again.
    public var isWhole: Bool { unopened == nil }

    /// What a file is to hold of it.
    func saved(_ interpreter: Interpreter) throws -> SavedRun {
        guard let (saved, _) = unopened else { return try SavedRun(self, interpreter) }
        return nets.isEmpty ? saved : saved.changed(in: self)
    }

    /// Makes nets and optimizer of a run that came out of a file, of what the file holds: no statement is run. Files that were
    /// written before nets stood in them need the program.
    public func openNets(_ interpreter: Interpreter) throws {
        guard let (saved, path) = unopened, nets.isEmpty else { return }
        guard let graph = saved.graph else { return try open(interpreter) }
        func refused(_ why: String) -> Diagnostic {
            Diagnostic(code: "run.file", "\(path) is not a saved run that can be continued: \(why)")
        }
        do {
            let made = try NetReader(graph, saved, path, interpreter).nets()
            nets = made.nets
            optimizer = OptimizerThing(try Optimizer(saved.optimizerName))
            if case .none = made.schedule {} else { optimizer.schedule = made.schedule }
            try saved.fit(self)
        } catch is NetReader.Lost {
            // The library has changed since: the program knows how the nets are made.
            nets = []
            try open(interpreter)
        } catch is SavedBytes.Damage {
            nets = []
            throw refused("its content is not what siam writes")
        } catch let misfit as SavedRun.Mismatch {
            nets = []
            throw refused(misfit.what)
        } catch {
            nets = []
            throw error
        }
    }

    /// Makes the source too, and all that it takes to go on: the program runs again, silently, up to the run.
    public func open(_ interpreter: Interpreter) throws {
        guard let (saved, path) = unopened else { return }
        guard !saved.program.sources.isEmpty else {
            throw Diagnostic(
                code: "record.net", "the run was recorded by \(saved.optimizerText), and its net is not in \(path)",
                repair: "export the net as ONNX there:  onnx(\"net.onnx\") reads it")
        }
        let made: Run
        do {
            let since = nets.isEmpty ? saved : saved.changed(in: self)
            made = try since.opened(interpreter, path, comesFirst: comesFirst)
        } catch var d as Diagnostic {
            d.notes.append("the program stored in \(path) is run again for this; r.program shows it")
            throw d
        }
        unopened = nil
        // The nets and the optimizer are those that continue to be trained.
        for (old, new) in zip(nets, made.nets) { old.become(new) }
        if !nets.isEmpty { optimizer.become(made.optimizer) }
        (nets, netNames, optimizer, source) = (made.nets, made.netNames, made.optimizer, made.source)
        (stepsPerEpoch, code, plan, ordinal, statement) =
            (made.stepsPerEpoch, made.code, made.plan, made.ordinal, made.statement)
        (registers, function, layer, ownNames) = (made.registers, made.function, made.layer, made.ownNames)
        (snapshots, changes, program, best) = (made.snapshots, made.changes, made.program, made.best)
    }

    /// The optimizer and the source in words.
    public var optimizerText: String {
        nets.isEmpty ? unopened?.saved.optimizerText ?? optimizer.summary : optimizer.summary
    }
    public var sourceText: String { unopened?.saved.sourceText ?? source.summary }

    /// The statement, or of a run out of a file the program.
    public var programText: String { program?.text ?? code.sourceText }

    public override var form: Given.Form { .run }
    public override func adviceForField(_ name: String) -> String? {
        if let reported = unreported(name) { return reported }
        switch name {
        case "accuracy" where comparison != nil:
            return
                "\(comparison ?? "") trains embeddings:  pair_accuracy(run.net, unseen),  recall_at(1, run.net, unseen)"
        case "history", "losses", "loss_history", "train_loss": return "the losses of a run are  run.loss"
        case "best_net", "best_model", "best_weights": return "the net of its best step is  run.best.net"
        case "best_loss": return "the loss of its best step is  run.best.loss"
        case "accuracy" where reportedAccuracy != nil: return "it was reported as  run.\(reportedAccuracy ?? "")"
        case "accuracy", "auc", "pair_accuracy", "r2", "eer", "map_at_r":
            return
                "for the trained net:  \(name)(run.net, unseen);  in the body  every epoch { report \(name) = \(name)(net, unseen) }  keeps a series"
        case "model": return "its net is  run.net"
        case "lr", "learning_rate": return "the rate is one of its optimizer's settings:  run.optimizer.lr"
        case "val_loss", "val_acc", "val_accuracy", "valid_loss", "test_loss", "val":
            return
                "what is to be followed is reported in the body:  every epoch { report held = pair_accuracy(net, unseen) }"
        default: return nil
        }
    }
    /// The one reported series that is an accuracy by its name.
    private var reportedAccuracy: String? {
        let names = reports.map(\.name).filter { $0.contains("acc") }
        return names.count == 1 ? names.first : nil
    }

    /// Why a report that the body makes has no series: no step came to it.
    private func unreported(_ name: String) -> String? {
        for case .every(let count, let unit, let block) in syntax.body.statements.map(\.kind) {
            let holds = block.statements.contains {
                if case .report(let n, _) = $0.kind { n.text == name } else { false }
            }
            guard holds else { continue }
            if unit == .epochs, count == nil, steps < stepsPerEpoch {
                return
                    "no epoch ended: the run has \(steps) steps, an epoch \(stepsPerEpoch):  every \(max(1, (steps + 1) / 2)) steps { report \(name) = ... }"
            }
            return "the block that reports \(name) never ran in \(steps) steps"
        }
        return nil
    }
    public override var kindName: String { "a run" }
    public override var summary: String {
        var parts = ["run: \(steps == 1 ? "1 step" : "\(steps) steps")"]
        if let first = loss.values.first, let last = loss.values.last {
            parts.append("loss \(short(first)) -> \(short(last))")
        }
        for (name, series) in reports { if let last = series.values.last { parts.append("\(name) \(short(last))") } }
        if let stopped { parts.append(stopped == .atPause ? "stopped at a pause" : "stopped: \(stopped.text)") }
        return parts.joined(separator: ", ")
    }
    private func short(_ x: Float) -> String { (try? formatNumber(Double(x), spec: ".4g")) ?? "\(x)" }

    public override func display(_ page: Page) -> String {
        // Folded between its parts where the window is narrow.
        var lines = Folding.fold(summary, columns: page.columns + 1).split(separator: "\n").map(String.init)
        let curves = ([("loss", loss)] + reports).filter { $0.1.values.count > 1 }
        let width = curves.map { displayWidth($0.0) }.max() ?? 0
        for (name, series) in curves {
            lines.append(
                name + String(repeating: " ", count: width - displayWidth(name) + 2)
                    + Sparkline.draw(series.values, width: min(60, page.columns - width - 4), unicode: page.unicode))
        }
        return lines.joined(separator: "\n")
    }

    public override var fieldNames: [String] {
        ["loss"] + reports.map(\.name) + [
            "best", "grad_norm", "steps", "epochs", "net", "nets", "optimizer", "source", "seconds", "stopped",
            "program",
        ] + RunRecord.fieldNames
    }

    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        if let found = reports.first(where: { $0.name == name }) {
            return try found.series.tensor(name, isLow: isLow(name))
        }
        if ["net", "nets", "optimizer", "best"].contains(name) { try openNets(interpreter) }
        switch name {
        case "program":
            return Value(program?.text ?? RunProgram(self, interpreter.session).text)
        case "loss": return try loss.tensor("loss")
        case "best": return .thing(try Best(self))
        case "grad_norm": return try gradientNorm.tensor("grad_norm")
        case "steps": return .number(Double(steps))
        case "epochs": return .number(Double(steps) / Double(max(stepsPerEpoch, 1)))
        case "net": return nets.first.map { .layer($0) }
        case "nets": return Value(nets.map { .layer($0) })
        case "optimizer": return .thing(optimizer)
        case "source": return .thing(source)
        case "seconds": return .number(seconds)
        case "stopped": return stopped.map { Value($0.text) } ?? Value.none
        default: return try record.field(name)
        }
    }

    /// A series by any name, `run["net.dense1.w[0, 0]"]`.
    public override func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard selectors.count == 1, case .text(let name) = selectors[0] else { return nil }
        if let found = try field(name.string, interpreter) { return found }
        throw Diagnostic(
            code: "field.unknown", "the run has no series \(name.string)",
            notes: ["it has \(fieldNames.joined(separator: ", "))"])
    }

    public override func save(to path: String, _ interpreter: Interpreter) throws -> Bool {
        if path.hasSuffix(".csv") {
            try WholeFile.write(Array(csvText.utf8), path)
            return true
        }
        if path.hasSuffix(".jsonl") {
            try WholeFile.write(Array(jsonLines.utf8), path)
            return true
        }
        try RunFile.write(self, path, interpreter)
        return true
    }

    // MARK: State

    /// Parameters of all nets, each once.
    public var parameters: [SiamLearning.Parameter] {
        var seen = Set<ObjectIdentifier>()
        return nets.flatMap { $0.parameters.map(\.parameter) }.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }

    /// The same with their paths, the net's name before them where there are several.
    public var parameterPaths: [(path: String, parameter: SiamLearning.Parameter)] {
        var seen = Set<ObjectIdentifier>()
        return zip(nets, netNames).flatMap { net, name in
            net.parameters.map { (nets.count > 1 ? "\(name).\($0.path)" : $0.path, $0.parameter) }
        }.filter { seen.insert(ObjectIdentifier($0.1)).inserted }
    }
}

/// A curve in one row of characters.
public enum Sparkline {
    public static func draw(_ values: [Float], width: Int, unicode: Bool) -> String {
        let finite = values.filter(\.isFinite)
        // In 64 bits: a run that blows up has losses near the largest 32-bit number, and their difference is none.
        guard let low = finite.min().map(Double.init), let high = finite.max().map(Double.init), width > 0 else {
            return ""
        }
        let marks = Array(unicode ? "▁▂▃▄▅▆▇█" : "_.-=+*#@")
        var line = ""
        let columns = min(width, values.count)
        for c in 0..<columns {
            let a = c * values.count / columns
            let b = max(a + 1, (c + 1) * values.count / columns)
            let part = values[a..<b].filter(\.isFinite)
            guard !part.isEmpty else {
                line.append("!")
                continue
            }
            let mean = part.reduce(0.0) { $0 + Double($1) } / Double(part.count)
            let share = high > low ? (mean - low) / (high - low) : 0
            line.append(marks[min(marks.count - 1, max(0, Int(share * Double(marks.count))))])
        }
        return line
    }
}
