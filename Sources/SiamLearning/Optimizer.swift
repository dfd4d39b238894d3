import CKernels
import Glibc
import SiamGradient
import SiamTensor

/// What an optimizer remembers, as a value: putting it back continues to the last bit.
public struct OptimizerState: @unchecked Sendable {
    public var step: Int
    public var settings: [String: Double]
    /// By the parameter's identity: its two moments (nil where the kind has none).
    var moments: [ObjectIdentifier: (parameter: Parameter, first: Tensor?, second: Tensor?)]
    /// Gradients that wait for their update, and of how many steps they are the sum.
    var waiting: [ObjectIdentifier: Tensor] = [:]
    public var waited = 0

    /// The sum of gradients of a parameter that waits for its update.
    public func waiting(of parameter: Parameter) -> Tensor? { waiting[ObjectIdentifier(parameter)] }
    public mutating func set(waiting kept: Tensor?, of parameter: Parameter) {
        waiting[ObjectIdentifier(parameter)] = kept
    }
    /// Whether gradients wait for their update.
    public var isWaiting: Bool { waited > 0 }

    /// The moments of a parameter, for looking at.
    public func moments(of parameter: Parameter) -> (first: Tensor?, second: Tensor?) {
        moments[ObjectIdentifier(parameter)].map { ($0.first, $0.second) } ?? (nil, nil)
    }
    /// Puts moments that were kept elsewhere; none where both are nil.
    public mutating func set(moments kept: (first: Tensor?, second: Tensor?), of parameter: Parameter) {
        let isNone = kept.first == nil && kept.second == nil
        moments[ObjectIdentifier(parameter)] = isNone ? nil : (parameter, kept.first, kept.second)
    }
}

/// Updates parameters by their gradients. One fused pass for each parameter; in place if the memory is not shared.
public final class Optimizer: @unchecked Sendable {
    public struct Declaration: Sendable {
        public let name: String
        public let parameters: [(name: String, defaultValue: Double?)]
        public let help: String
        public let formula: String
        public let source: String
        /// What a setting takes, in the language's words for the kinds of parameters.
        public static func takes(_ setting: String) -> String {
            switch setting {
            case "lr": "number >= 0 usually > 0 or schedule"
            case "momentum", "beta1", "beta2", "rho": "number >= 0 < 1"
            case "eps": "number > 0"
            case "decay": "number >= 0 usually <= 1"
            case "nesterov": "bool or number >= 0 <= 1"
            case "clip", "clip_value": "number >= 0 or none"
            case "accumulate": "whole >= 1"
            default: "number >= 0"
            }
        }
        /// Whether a setting of this value does nothing, and is written as `none`.
        public static func isOff(_ setting: String, _ value: Double) -> Bool {
            (setting == "clip" || setting == "clip_value") && value == 0
        }
        /// Settings that are not printed while they have no effect.
        public static func isUnsaid(_ setting: String, _ value: Double) -> Bool {
            setting == "clip_value" && value == 0 || setting == "accumulate" && value == 1
        }
        /// What all optimizers have besides their own settings.
        public static let common =
            "clip limits the norm of the gradient over all parameters; clip_value clamps each of its elements to -clip_value .. clip_value; accumulate = n makes one update from the mean gradient of n steps, as with a batch n times as large."

        /// Whether each weight's step is divided by the size of its own gradients: small gradients make no small steps.
        public var scalesSteps: Bool { parameters.contains { $0.name == "eps" } }
    }
    public struct Report: Sendable {
        /// The length of all gradients together, before clipping.
        public let gradientNorm: Double
        /// What the gradients were multiplied by: 1 unless clipped.
        public let scale: Double
    }
    private final class Moments {
        let parameter: Parameter
        var first: Tensor?
        var second: Tensor?
        init(_ parameter: Parameter) { self.parameter = parameter }
    }

    public static let all: [Declaration] = [
        Declaration(
            name: "sgd",
            parameters: [
                ("lr", 0.01), ("momentum", 0), ("nesterov", 0), ("decay", 0), ("clip", 0), ("clip_value", 0),
                ("accumulate", 1),
            ],
            help: "Stochastic gradient descent, optionally with momentum.",
            formula: "m = momentum m + g + decay w; w -= lr m",
            source: "Robbins and Monro, 1951; Sutskever and others, 2013"),
        Declaration(
            name: "adam",
            parameters: [
                ("lr", 0.001), ("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8), ("decay", 0), ("clip", 0),
                ("clip_value", 0), ("accumulate", 1),
            ],
            help:
                "Adam: steps along the running mean of the gradient, divided by the root of the running mean of its square.",
            formula: "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= lr m^ / (sqrt(v^) + eps)",
            source: "Kingma and Ba, 2015"),
        Declaration(
            name: "adamw",
            parameters: [
                ("lr", 0.001), ("beta1", 0.9), ("beta2", 0.999), ("eps", 1e-8), ("decay", 0.01), ("clip", 0),
                ("clip_value", 0), ("accumulate", 1),
            ],
            help: "Adam with weight decay decoupled from the gradient.", formula: "w -= lr decay w, then as adam",
            source: "Loshchilov and Hutter, 2019"),
        Declaration(
            name: "rmsprop",
            parameters: [
                ("lr", 0.01), ("rho", 0.99), ("eps", 1e-8), ("momentum", 0), ("decay", 0), ("clip", 0),
                ("clip_value", 0), ("accumulate", 1),
            ],
            help: "RMSprop: steps along the gradient, divided by the root of the running mean of its square.",
            formula: "v = rho v + (1 - rho) g^2; w -= lr g / (sqrt(v) + eps)",
            source: "Tieleman and Hinton, 2012"),
        Declaration(
            name: "adagrad",
            parameters: [
                ("lr", 0.01), ("eps", 1e-10), ("decay", 0), ("clip", 0), ("clip_value", 0), ("accumulate", 1),
            ],
            help: "Adagrad: steps along the gradient, divided by the root of the sum of its squares so far.",
            formula: "v += g^2; w -= lr g / (sqrt(v) + eps)",
            source: "Duchi, Hazan and Singer, 2011"),
    ]

    public let declaration: Declaration
    public private(set) var step = 0
    /// The rate as a function of the step; `lr` where there is none.
    public var schedule: Schedule?
    private var values: [Double] {
        didSet { worked = nil }
    }
    /// The settings as the kernel takes them, worked out once after a change.
    private var worked: Worked?
    private struct Worked {
        var settings = Kernel.UpdateSettings()
        var clip = 0.0
        var clipValue = 0.0
        var accumulate = 1
        var kind = SIAM_SGD
        var hasFirst = false
        var hasSecond = false
    }
    private var moments: [ObjectIdentifier: Moments] = [:]
    private var waiting: [ObjectIdentifier: Tensor] = [:]
    private var waited = 0
    public var name: String { declaration.name }

    /// Of the table's `name`; settings not given take their defaults.
    public init(_ name: String, _ settings: [String: Double] = [:], schedule: Schedule? = nil) throws {
        guard let row = Optimizer.all.first(where: { $0.name == name }) else {
            throw EngineError(
                code: "optimizer.name", message: "no optimizer is called \(name)",
                notes: ["there are \(Optimizer.all.map(\.name).joined(separator: ", "))"])
        }
        declaration = row
        values = row.parameters.map { settings[$0.name] ?? $0.defaultValue ?? 0 }
        self.schedule = schedule
        for (key, value) in settings { try set(key, value) }
    }

    /// A setting by name; nil where there is none of that name.
    public subscript(_ name: String) -> Double? {
        declaration.parameters.firstIndex { $0.name == name }.map { values[$0] }
    }
    public func set(_ name: String, _ value: Double) throws {
        guard let i = declaration.parameters.firstIndex(where: { $0.name == name }) else {
            let names = declaration.parameters.map(\.name).joined(separator: ", ")
            throw EngineError(
                code: "optimizer.setting", message: "\(self.name) has no setting \(name)", notes: ["it has \(names)"])
        }
        guard !value.isNaN, value >= 0 else {
            throw EngineError(code: "optimizer.value", message: "\(name) must be a number >= 0, and got \(value)")
        }
        values[i] = value
    }
    private func setting(_ name: String) -> Double { self[name] ?? 0 }
    /// The rate of the next update.
    public var rate: Double { schedule?.value(at: step) ?? setting("lr") }

    /// One step. A nil gradient leaves its parameter and what is remembered of it as they are; so does freezing. With
    /// `onlyFinite`, gradients that are not finite change nothing at all: the report's norm tells.
    @discardableResult
    public func update(parameters: [Parameter], gradients: [Tensor?], onlyFinite: Bool = false) throws -> Report {
        guard parameters.count == gradients.count else {
            throw EngineError(
                code: "optimizer.count",
                message:
                    "an update needs a gradient for each of \(parameters.count) parameters, and got \(gradients.count)")
        }
        var total = 0.0
        for (p, g) in zip(parameters, gradients) {
            guard let g else { continue }
            guard g.shape == p.value.shape else {
                throw EngineError(
                    code: "optimizer.shape", message: "\(p.name) is \(p.value.shape), and its gradient \(g.shape)",
                    dims: [p.value.shape.dims, g.shape.dims])
            }
            if !p.isFrozen { total += Kernel.sumOfSquares(g) }
        }
        var norm = total.squareRoot()
        if onlyFinite, !norm.isFinite { return Report(gradientNorm: norm, scale: 0) }
        let ready = worked ?? work()
        worked = ready
        let told = norm
        var gradients = gradients
        if ready.accumulate > 1 || ready.clipValue > 0 {
            guard let due = try due(parameters, gradients, ready) else { return Report(gradientNorm: told, scale: 1) }
            gradients = due
            total = 0
            for (p, g) in zip(parameters, gradients) where !p.isFrozen { if let g { total += Kernel.sumOfSquares(g) } }
            norm = total.squareRoot()
        }
        let scale = ready.clip > 0 && norm > ready.clip ? ready.clip / norm : 1
        let (kind, first, second) = (ready.kind, ready.hasFirst, ready.hasSecond)
        var s = ready.settings
        s.rate = rate
        s.scale = scale
        if first, second {
            s.correction1 = 1 / (1 - pow(s.first, Double(step + 1)))
            s.correction2 = 1 / (1 - pow(s.second, Double(step + 1)))
        }
        for (p, g) in zip(parameters, gradients) where !p.isFrozen {
            guard let g else { continue }
            let precision = p.value.precision
            let gradient = try g.converted(to: precision)
            if !first, !second {
                let out = try p.destination()
                Kernel.update(kind, s, weight: p.value, gradient: gradient, into: out, nil, nil)
                p.settle(out)
                continue
            }
            let memory: Moments
            if let held = moments[ObjectIdentifier(p)] {
                memory = held
            } else {
                memory = Moments(p)
                moments[ObjectIdentifier(p)] = memory
            }
            // A moment that a snapshot holds is copied before it is written.
            if first { memory.first = try own(&memory.first, p.value.shape, precision) }
            if second { memory.second = try own(&memory.second, p.value.shape, precision) }
            let out = try p.destination()
            Kernel.update(kind, s, weight: p.value, gradient: gradient, into: out, memory.first, memory.second)
            p.settle(out)
        }
        step += 1
        return Report(gradientNorm: told, scale: scale)
    }

    /// The gradients that an update is made of: the mean of so many steps, each number within bounds; nil where more steps
    /// are waited for.
    private func due(_ parameters: [Parameter], _ gradients: [Tensor?], _ ready: Worked) throws -> [Tensor?]? {
        var gradients = gradients
        if ready.accumulate > 1 {
            waited += 1
            for (p, g) in zip(parameters, gradients) {
                guard let g else { continue }
                let id = ObjectIdentifier(p)
                waiting[id] = try waiting[id].map { try Operators.add($0, g.detached()) } ?? g.detached()
            }
            guard waited >= ready.accumulate else { return nil }
            let share = 1 / Double(waited)
            gradients = try parameters.map { p in
                try waiting[ObjectIdentifier(p)].map {
                    try Operators.multiply($0, try Tensor(scalar: share, $0.precision))
                }
            }
            (waiting, waited) = ([:], 0)
        }
        guard ready.clipValue > 0 else { return gradients }
        return try gradients.map { g in
            try g.map {
                try Operators.minimum(
                    try Operators.maximum($0.detached(), try Tensor(scalar: -ready.clipValue, $0.precision)),
                    try Tensor(scalar: ready.clipValue, $0.precision))
            }
        }
    }

    private func own(_ moment: inout Tensor?, _ shape: Shape, _ precision: Precision) throws -> Tensor {
        guard let held = moment, held.shape == shape, held.precision == precision else {
            return try Tensor.zeros(shape, precision)
        }
        moment = nil
        var alone = held
        if isOnlyHolder(&alone) { return alone }
        return try alone.copied()
    }
    private func isOnlyHolder(_ t: inout Tensor) -> Bool { t.ownsStorageAlone() }

    private func work() -> Worked {
        var w = Worked()
        w.clip = setting("clip")
        w.clipValue = setting("clip_value")
        w.accumulate = Int(min(1e6, max(1, setting("accumulate"))))
        w.settings.first = setting(name == "sgd" || name == "rmsprop" ? "momentum" : "beta1")
        w.settings.second = setting(name == "rmsprop" ? "rho" : "beta2")
        w.settings.eps = setting("eps")
        w.settings.decay = setting("decay")
        (w.kind, w.hasFirst, w.hasSecond) = plan()
        return w
    }

    private func plan() -> (Kernel.UpdateKind, first: Bool, second: Bool) {
        switch name {
        case "adam": return (SIAM_ADAM, true, true)
        case "adamw": return (SIAM_ADAMW, true, true)
        case "rmsprop": return (SIAM_RMSPROP, true, true)
        case "adagrad": return (SIAM_ADAGRAD, false, true)
        default:
            if setting("momentum") == 0 { return (SIAM_SGD, false, false) }
            return (setting("nesterov") != 0 ? SIAM_NESTEROV : SIAM_MOMENTUM, true, false)
        }
    }

    /// Tensors that it remembers of each parameter.
    public var momentCount: Int {
        let (_, first, second) = plan()
        return (first ? 1 : 0) + (second ? 1 : 0)
    }

    /// The settings alone, in the order of their declaration.
    public var settingValues: [Double] {
        get { values }
        set { if newValue.count == values.count { values = newValue } }
    }

    public func snapshot() -> OptimizerState {
        var settings: [String: Double] = [:]
        for (p, v) in zip(declaration.parameters, values) { settings[p.name] = v }
        return OptimizerState(
            step: step, settings: settings,
            moments: moments.mapValues { ($0.parameter, $0.first?.detached(), $0.second?.detached()) },
            waiting: waiting, waited: waited)
    }

    public func restore(_ state: OptimizerState) {
        step = state.step
        (waiting, waited) = (state.waiting, state.waited)
        values = declaration.parameters.map { state.settings[$0.name] ?? $0.defaultValue ?? 0 }
        moments = state.moments.mapValues { kept in
            let m = Moments(kept.parameter)
            m.first = kept.first?.detached()
            m.second = kept.second?.detached()
            return m
        }
    }
}
