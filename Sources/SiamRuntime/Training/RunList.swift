import SiamData
import SiamInterpreter
import SiamLanguage

/// An entry of the list of runs, which does not keep the run in memory.
public final class RunListEntry {
    package weak var run: Run?
    package let ordinal: Int
    init(_ run: Run) {
        self.run = run
        ordinal = run.ordinal
    }
}

extension Run {
    /// One row of a list of runs.
    package func row(_ name: String) -> Record {
        var fields: [(String, Value)] = [("run", Value(name)), ("steps", .number(Double(steps)))]
        if let last = loss.values.last { fields.append(("loss", .number(Double(last)))) }
        for (name, series) in reports {
            if let last = series.values.last { fields.append((name, .number(Double(last)))) }
        }
        // More digits than the clock is good for say nothing.
        let said = (try? formatNumber(seconds, spec: ".4g")).flatMap { Double($0) } ?? seconds
        fields.append(("seconds", .number(said)))
        fields.append(("optimizer", Value(optimizerText)))
        if let stopped { fields.append(("stopped", Value(stopped.text))) }
        return Record(fields)
    }
}
