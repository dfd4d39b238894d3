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
    package func become(_ other: OptimizerThing) { (optimizer, schedule) = (other.optimizer, other.schedule) }
    public override var form: Given.Form { .optimizer }
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
}

/// A rate as a function of the step, made by `cosine(...)` and its kind.
public final class ScheduleThing: Thing, @unchecked Sendable {
    package let text: String
    package let rate: (Int) -> Double
    package init(_ text: String, _ rate: @escaping (Int) -> Double) {
        self.text = text
        self.rate = rate
    }
    public override var form: Given.Form { .schedule }
    public override var kindName: String { "a schedule" }
    public override var summary: String { text }
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard let first = arguments.first else { return nil }
        return .number(rate(try interpreter.wholeNumber(first, "a step")))
    }
}

/// `constant(0.1)`, `normal(0.02)`: an initialiser with its arguments, called with a shape.
public final class InitialiserThing: Thing, @unchecked Sendable {
    package let initialiser: Initialiser
    package init(_ initialiser: Initialiser) { self.initialiser = initialiser }
    public override var form: Given.Form { .initialiser }
    public override func adviceForField(_ name: String) -> String? {
        "call it with a shape:  \(summary)([2, 3])"
    }
    public override var kindName: String { "an initialiser" }
    public override var summary: String {
        "\(initialiser.name)(\(initialiser.numbers.map { formatNumber($0) }.joined(separator: ", ")))"
    }
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        .tensor(try initialiser.draw(try interpreter.shape(arguments), &interpreter.session.stream))
    }
}
