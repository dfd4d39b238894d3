import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// A rate that falls where a series of the run no longer gets better. It follows from the series alone, so that a run
/// that is taken back or made again has the rates that it had.
package final class PlateauThing: Thing, @unchecked Sendable {
    let lr: Double
    let patience: Int
    let factor: Double
    let floor: Double
    /// The series it looks at: the loss, or something that is reported.
    let name: String

    package init(lr: Double, patience: Int, factor: Double, floor: Double, name: String) {
        (self.lr, self.patience, self.factor, self.floor, self.name) = (lr, patience, factor, floor, name)
    }
    public override var form: Given.Form { .schedule }
    package override var kindName: String { "a schedule" }
    package override var summary: String {
        "plateau(\(formatNumber(lr)), patience = \(patience), factor = \(formatNumber(factor)), of = \"\(name)\")"
    }
    package override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? { .number(lr) }

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
    /// The values by which a running training is judged: those of a report, or the mean loss of each epoch.
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

extension OptimizerThing {
    /// Sets the rate of the coming step where it follows a schedule.
    package func prepare(_ interpreter: Interpreter) throws {
        guard let schedule else { return }
        if case .thing(let t) = schedule, let plan = t as? PlateauThing, let run = interpreter.trainer?.run {
            return try optimizer.set("lr", plan.rate(in: run))
        }
        let value = try interpreter.call(schedule, [.number(Double(optimizer.step))])
        guard let t = Interpreter.tensor(value), t.count == 1 else {
            throw Diagnostic(
                code: "optimizer.schedule",
                "lr as a function of the step must return a number, and returned \(value.kindName)")
        }
        try optimizer.set("lr", t.item)
    }
}
