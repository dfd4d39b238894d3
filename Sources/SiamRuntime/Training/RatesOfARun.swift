import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

extension OptimizerThing {
    /// What of an optimizer does not go with the length of a run, in words: updates that never come, a schedule that is over long
    /// before the run, longer than it, or without end.
    func outOfStep(_ planned: Int, _ perEpoch: Int, _ interpreter: Interpreter) -> String? {
        guard planned > 0 else { return nil }
        if let every = optimizer["accumulate"], every > Double(planned) {
            return
                "accumulate = \(Int(every)) makes one update every \(Int(every)) steps, and the run has \(planned): no weight will change"
        }
        guard let (text, rate) = plan(interpreter), planned > 8 else { return nil }
        let steps = "\(planned) steps" + (perEpoch > 1 && planned > perEpoch ? ", \(perEpoch) per epoch" : "")
        let rates = (0..<16).map { rate($0 * planned / 16) }
        guard let highest = rates.max(), highest > 0, rates.allSatisfy(\.isFinite) else { return nil }
        let last = rate(planned - 1)
        if last > 100, last > 1e3 * rates[0] {
            return
                "the learning rate of \(text) grows at every step, and is \((try? formatNumber(last, spec: ".2g")) ?? "") at the end of this run of \(steps)"
        }
        if rates[8] < 1e-4 * highest {
            let first = (0..<planned).first { $0 * 16 > planned && rate($0) < 1e-4 * highest } ?? planned / 2
            let from = (0...first).first { rate($0) < 1e-4 * highest && rate($0 + 1) < 1e-4 * highest } ?? first
            return
                "\(text) counts steps, and from step \(from + 1) on the learning rate is practically 0; the run has \(steps)"
        }
        // What falls as fast as a rate does in epochs elsewhere.
        if perEpoch > 8, planned * 4 >= perEpoch * 5, rates[0] == highest, rate(perEpoch) < 0.02 * highest {
            return
                "\(text) counts steps, and after one epoch, \(perEpoch) steps, the learning rate has fallen to \(formatNumber((rate(perEpoch) / highest * 1000).rounded() / 10)) % of what it was"
        }
        let later = rate(planned > Int.max / 64 ? planned : planned * 50)
        if later.isFinite, highest < 0.2 * later, rate(0) < later, last <= 100 {
            return
                "\(text) counts steps, and in this run of \(steps) the learning rate reaches only \(formatNumber(highest))"
        }
        return nil
    }

    /// The learning rate as a function of the step, and its description: a schedule, or a pure function of the user.
    private func plan(_ interpreter: Interpreter) -> (String, (Int) -> Double)? {
        switch schedule {
        case .thing(let plan as ScheduleThing)?: return (plan.text, plan.rate)
        case .function(let f)? where f.code.role == .lambda || f.code.role == .fn:
            guard f.code.parameters.count == 1, RatesOfARun.onlyReckons(f.code, interpreter) else { return nil }
            let own = Value.function(f)
            return (
                f.code.name.isEmpty || f.code.role == .lambda ? "the rate" : f.code.name,
                { step in
                    let outer = (Recording.isOn, interpreter.isTraining)
                    defer { (Recording.isOn, interpreter.isTraining) = outer }
                    Recording.isOn = false
                    return (try? interpreter.call(own, [.number(Double(step))])).flatMap { Interpreter.tensor($0) }
                        .flatMap { $0.count == 1 ? $0.item : nil } ?? .nan
                }
            )
        default: return nil
        }
    }
}

enum RatesOfARun {
    private static let reckons: Set<String> = [
        "exp", "log", "sqrt", "cos", "sin", "tanh", "sigmoid", "min", "max", "minimum", "maximum", "abs", "floor",
        "ceil", "round",
        "clamp", "where", "pi",
    ]

    /// Whether a function works out numbers alone, so that calling it leaves no trace: it knows its parameter, numbers that are
    /// named outside, and functions of one number.
    static func onlyReckons(_ code: Code, _ interpreter: Interpreter) -> Bool {
        var isPlain = true
        let parameters = Set(code.parameters.map(\.name))
        for e in code.expressions {
            e.walk { inner in
                switch inner.kind {
                case .number, .bool, .unary, .binary, .comparison, .logical, .conditional: break
                case .call(let callee, _, _): if case .name = callee.kind { break } else { isPlain = false }
                case .name(let name):
                    if parameters.contains(name) || reckons.contains(name) { break }
                    if case .number? = interpreter.globals.valueIfReady(name) { break }
                    isPlain = false
                default: isPlain = false
                }
            }
        }
        return isPlain
    }
}
