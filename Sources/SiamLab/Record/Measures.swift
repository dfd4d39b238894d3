import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Which expressions of a program measure its net, read from its text.
extension Replay {
    /// Whether an expression that is no measure of the language's compares something with a number and takes labels in, as
    /// a hand-written error rate or F1 does.
    static func isHandWrittenMeasure(
        _ e: Expression, _ values: [String: Expression], _ functions: [String: FunctionDefinition],
        _ isLabel: (String) -> Bool
    ) -> Bool {
        var (comparesWithNumber, takesLabels) = (false, false)
        var open: [String] = []
        var seen = Set<String>()
        func look(_ x: Expression) {
            switch x.kind {
            case .comparison(let operands, _, _):
                if operands.contains(where: { if case .number = $0.kind { true } else { false } }) {
                    comparesWithNumber = true
                }
            case .field(_, let f): if f.text == "y" { takesLabels = true }
            case .name(let n): open.append(n)
            default: break
            }
        }
        e.walk(look)
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            if isLabel(name) { takesLabels = true }
            values[name]?.walk(look)
            functions[name]?.body.walk(look)
        }
        return comparesWithNumber && takesLabels
    }

    /// Measures of errors that are in the targets' own unit, or without an upper end.
    static let unbounded: Set<String> = ["rmse", "mae", "mean_absolute_error", "log_loss", "residuals"]

    /// Whether a measure may be below 0: r2, or a hand-written 1 - errors / variance.
    static func mayBeNegative(_ e: Expression, _ values: [String: Expression]) -> Bool {
        var found = names(e, values).contains("r2")
        func look(_ x: Expression) {
            if case .binary(.subtract, let one, let rest, _) = x.kind, case .number(1, _) = one.kind,
                case .binary(.divide, _, _, _) = rest.kind
            {
                found = true
            }
        }
        e.walk(look)
        for n in names(e, values) { values[n]?.walk(look) }
        return found
    }

    /// Names of the fields that an expression reads: `c.recall` of a confusion is the recall of each class.
    static func fields(_ e: Expression) -> Set<String> {
        var found = Set<String>()
        e.walk { if case .field(_, let name) = $0.kind { found.insert(name.text) } }
        return found
    }

    /// Measures between 0 and 1 that are not to be compared with an accuracy on the same rows.
    static let otherShares: Set<String> = [
        "f1", "precision", "recall", "auc", "roc", "pr", "eer", "calibration", "map_at_r", "recall_at",
        "effective_rank",
    ]

    /// Whether an expression measures something between 0 and 1, and if so whether less of it is better. A name of the
    /// program's `own`, as a net that is called `f1`, is no measure of the language's.
    static func measures(
        _ e: Expression, _ values: [String: Expression], _ functions: [String: FunctionDefinition],
        own: Set<String>, _ seen: inout Set<String>
    ) -> Bool? {
        // What is picked from a list is of the list's kind, whatever it is picked by: a threshold is no measure.
        if case .index(let list, _) = e.kind { return measures(list, values, functions, own: own, &seen) }
        // `number(...)` of it likewise.
        if case .call(let f, let arguments, _) = e.kind, case .name("number") = f.kind, arguments.count == 1 {
            return measures(arguments[0].value, values, functions, own: own, &seen)
        }
        var found: Bool?
        var open: [String] = []
        func look(_ x: Expression) {
            switch x.kind {
            // A hand-written coefficient of determination.
            case .binary(.subtract, let one, let rest, _):
                if case .number(1, _) = one.kind, case .binary(.divide, _, _, _) = rest.kind, found == nil {
                    found = false
                }
            case .comparison(let operands, let signs, _):
                // Outputs against labels; against a number it is a share of the outputs.
                let isWithNumber = operands.contains { if case .number = $0.kind { true } else { false } }
                if found == nil, !isWithNumber, signs.contains(.equal) || signs.contains(.unequal) {
                    found = signs.contains(.unequal)
                }
            case .call(let f, _, _):
                if case .name(let n) = f.kind {
                    if TrainingModel.measures.contains(n), !own.contains(n), n != "inspect", !unbounded.contains(n) {
                        found = n == "eer"
                    }
                    open.append(n)
                }
            case .name(let n): open.append(n)
            default: break
            }
        }
        e.walk(look)
        for name in open where found == nil && seen.insert(name).inserted {
            if let value = values[name] { found = measures(value, values, functions, own: own, &seen) }
            if found == nil, let d = functions[name] { d.body.walk(look) }
        }
        return found
    }
}
