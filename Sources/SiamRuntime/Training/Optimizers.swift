import SiamLanguage
import SiamLearning
import SiamTensor

/// An optimizer as the language sees it: its settings are fields, `opt.lr = 0.01`, and `lr` may be a function of the step.
public final class OptimizerThing: Thing, @unchecked Sendable {
    public private(set) var optimizer: Optimizer
    /// The learning rate as a function of the step, where one was given.
    public var schedule: Value?

    public init(_ optimizer: Optimizer, schedule: Value? = nil) {
        self.optimizer = optimizer
        self.schedule = schedule
    }
    /// From now on the same optimizer under another name.
    func become(_ other: OptimizerThing) { (optimizer, schedule) = (other.optimizer, other.schedule) }
    public override var kindName: String { "an optimizer" }
    public override var summary: String {
        let settings = names.compactMap { name -> String? in
            if name == "lr", case .thing(let plan)? = schedule { return "lr = \(plan.summary)" }
            let value = optimizer[name] ?? 0
            return Optimizer.Declaration.isUnsaid(name, value)
                ? nil : "\(name) = \(Optimizer.Declaration.isOff(name, value) ? "none" : formatNumber(value))"
        }
        return "\(optimizer.name)(\(settings.joined(separator: ", ")))"
    }
    private var names: [String] { optimizer.declaration.parameters.map(\.name) }
    public override var fieldNames: [String] { names + ["name", "step"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        if name == "name" { return Value(optimizer.name) }
        if name == "step" { return .number(Double(optimizer.step)) }
        if name == "lr", let schedule { return schedule }
        return optimizer[name].map { .number($0) }
    }
    public override func setField(_ name: String, _ value: Value, _ interpreter: Interpreter) throws -> Bool {
        guard names.contains(name) else { return false }
        switch value {
        case .function, .builtin:
            guard name == "lr" else {
                throw Diagnostic(
                    code: "optimizer.setting", "\(name) is a number, and only lr may be a function of the step")
            }
            schedule = value
        case .thing where name == "lr": schedule = value
        case .number(let x):
            if name == "lr" { schedule = nil }
            try optimizer.set(name, x)
        case .tensor(let t) where t.count == 1:
            if name == "lr" { schedule = nil }
            try optimizer.set(name, t.item)
        case .none where name == "clip" || name == "clip_value": try optimizer.set(name, 0)
        default: throw Diagnostic(code: "optimizer.setting", "\(name) is a number, and got \(value.kindName)")
        }
        return true
    }
    public override func keepState() -> (() -> Void)? {
        let kept = optimizer.snapshot()
        let plan = schedule
        return { [self] in
            optimizer.restore(kept)
            schedule = plan
        }
    }

    /// Sets the rate of the coming step where it follows a schedule.
    func prepare(_ interpreter: Interpreter) throws {
        guard let schedule else { return }
        if case .thing(let t) = schedule, let plan = t as? PlateauThing, let run = interpreter.trainer?.run {
            return try optimizer.set("lr", plan.rate(in: run))
        }
        let value = try interpreter.call(schedule, [.number(Double(optimizer.step))])
        guard let t = Interpreter.tensor(value), t.count == 1 else {
            throw Diagnostic(
                code: "optimizer.schedule", "lr as a function of the step gives a number, and gave \(value.kindName)")
        }
        try optimizer.set("lr", t.item)
    }
}

/// A rate that falls where a series of the run no longer gets better. It follows from the series alone, so that a run
/// that is taken back or made again has the rates that it had.
final class PlateauThing: Thing, @unchecked Sendable {
    let lr: Double
    let patience: Int
    let factor: Double
    let floor: Double
    /// The series it looks at: the loss, or something that is reported.
    let name: String

    init(lr: Double, patience: Int, factor: Double, floor: Double, name: String) {
        (self.lr, self.patience, self.factor, self.floor, self.name) = (lr, patience, factor, floor, name)
    }
    override var kindName: String { "a schedule" }
    override var summary: String {
        "plateau(\(formatNumber(lr)), patience = \(patience), factor = \(formatNumber(factor)), of = \"\(name)\")"
    }
    override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? { .number(lr) }

    func rate(in run: Run) throws -> Double {
        let series = run.watched(name)
        let low = run.isLow(name)
        var (rate, wait, best) = (lr, 0, low ? Double.infinity : -Double.infinity)
        for x in series {
            if low ? x < best - 1e-4 * abs(best.isFinite ? best : 0) : x > best + 1e-4 * abs(best.isFinite ? best : 0) {
                (best, wait) = (x, 0)
            } else {
                wait += 1
                if wait > patience {
                    rate = max(floor, rate * factor)
                    wait = 0
                }
            }
        }
        return rate
    }
}

extension Run {
    /// The values by which a run is judged while it goes on: those of a report, or the loss's mean over each epoch.
    func watched(_ name: String) -> [Double] {
        if let known = reports.first(where: { $0.name == name }) { return known.series.values.map(Double.init) }
        guard name == "loss" else { return [] }
        let each = max(1, stepsPerEpoch)
        let whole = loss.values.count / each
        // Those of epochs that are over never change.
        while epochLosses.count < whole {
            let from = epochLosses.count * each
            epochLosses.append(loss.values[from..<from + each].reduce(0.0) { $0 + Double($1) } / Double(each))
        }
        return Array(epochLosses.prefix(whole))
    }
}

/// A rate as a function of the step, made by `cosine(...)` and its kind.
public final class ScheduleThing: Thing, @unchecked Sendable {
    let text: String
    let rate: (Int) -> Double
    init(_ text: String, _ rate: @escaping (Int) -> Double) {
        self.text = text
        self.rate = rate
    }
    public override var kindName: String { "a schedule" }
    public override var summary: String { text }
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard let first = arguments.first else { return nil }
        return .number(rate(try interpreter.wholeNumber(first, "a step")))
    }
}

/// `constant(0.1)`, `normal(0.02)`: an initialiser with its arguments, called with a shape.
public final class InitialiserThing: Thing, @unchecked Sendable {
    let initialiser: Initialiser
    init(_ initialiser: Initialiser) { self.initialiser = initialiser }
    public override var kindName: String { "an initialiser" }
    public override var summary: String {
        "\(initialiser.name)(\(initialiser.numbers.map { formatNumber($0) }.joined(separator: ", ")))"
    }
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        .tensor(try initialiser.draw(try interpreter.shape(arguments), &interpreter.session.stream))
    }
}

extension Interpreter {
    /// A shape out of lengths given one by one or as one list.
    func shape(_ arguments: [Value]) throws -> Shape {
        var lengths: [Int] = []
        for a in arguments {
            switch a {
            case .list, .tensor:
                if case .tensor(let t) = a, t.rank == 0 {
                    lengths.append(try wholeNumber(a, "an axis's length"))
                } else {
                    lengths += try items(a).map { try wholeNumber($0, "an axis's length") }
                }
            default: lengths.append(try wholeNumber(a, "an axis's length"))
            }
        }
        return try Shape(lengths)
    }
}
