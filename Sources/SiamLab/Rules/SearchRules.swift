import SiamLanguage

extension Rule {
    /// Faults that no sign leads to: one place of the program, changed, mends the run. Their changes are those that a search
    /// over all places found.
    static var searched: [Rule] { SingleEdit.Kind.allCases.map { searched($0, []) } }

    /// A sum over the rows of a batch in place of a mean, where it makes the steps too large.
    static var summed: Rule {
        let kind = searched(.reduction, [])
        return Rule(
            kind.number, kind.name, seen: kind.seen, why: kind.why, repair: kind.repair, picture: kind.picture,
            sign: { e in
                guard e.evidence.earlyUpdate > 0.2 || !e.evidence.isFinite, !meanOfRows(e).isEmpty else { return nil }
                return
                    "the loss is a sum over all rows of the batch, and in the first 20 steps updates reach \(short(e.evidence.earlyUpdate)) times the size of the weights"
            }, changes: meanOfRows,
            eases: { $1.isFinite && !$1.isCollapsed && $1.earlyUpdate < 0.2 * $0.earlyUpdate })
    }
    /// `mean(...)` of a loss that is `sum(...)` altogether, the program's own function followed.
    private static func meanOfRows(_ e: Examination) -> [Change] {
        let w = e.wiring
        var spots = w.losses.map(w.lossValue)
        if let name = w.lossCall?.call?.name, let (d, k) = w.functions[name], let result = d.result {
            spots.append(ExpressionReference(document: k, expression: result))
        }
        for spot in spots {
            guard case .call(let f, let arguments, _) = spot.expression.kind, case .name("sum") = f.kind,
                arguments.count == 1
            else { continue }
            return [Change(label: "mean instead of sum", edits: [spot.with(f).replaced(by: "mean")])]
        }
        return []
    }

    static func searched(_ kind: SingleEdit.Kind, _ changes: [Change]) -> Rule {
        let (number, name, seen, why, repair): (Int, String, String, String, String) =
            switch kind {
            case .number:
                (
                    61, "number out of range", "The net learns almost nothing, and no layer is broken.",
                    "One number of the program is far outside the range in which training works. It may be the weight of a loss term, the strength of noise, a limit or a threshold, and it dominates the rest or switches it off.",
                    "the number that the replays found"
                )
            case .order:
                (
                    62, "sign or order reversed", "The net learns almost nothing, or the opposite of what it should.",
                    "A sign, a comparison or the order of two values is the reverse of what the training needs. Each part is valid by itself, so no error is raised.",
                    "the order that the replays found"
                )
            case .axis:
                (
                    81, "wrong axis", "The net learns less than it could, and all shapes are valid.",
                    "A sum, a mean, a softmax or a norm runs along the wrong axis. It runs over the rows of the batch instead of the features of one row, or the other way round.",
                    "the axis that the replays found"
                )
            case .reduction:
                (
                    82, "sum and mean exchanged",
                    "One term of the loss outweighs the others, or has hardly any effect.",
                    "The program takes a sum instead of a mean, or takes a mean too early. A sum grows with the batch size and the width of the layer, and so does the weight of its loss term.",
                    "the mean or the sum that the replays found"
                )
            case .sequence:
                (
                    83, "statements in the wrong order", "The net learns almost nothing, and no error is raised.",
                    "A statement uses a value before it is updated, or changes a value that should be used first. The step then works with values from the step before.",
                    "the order of the statements that the replays found"
                )
            case .operation:
                (
                    63, "operation that does not belong", "The net learns almost nothing.",
                    "One operation of the program destroys information that the training needs. It shuffles, cuts off, adds or rescales values that should stay unchanged.",
                    "the program without it"
                )
            case .difference:
                (
                    96, "signed difference", "Pairs cannot be told apart, although the loss is the right one.",
                    "The differences between two embeddings keep their signs. Positive and negative parts cancel in a sum, and exchanging the two sides of a pair changes the sign of its score, so this is no distance.",
                    "the absolute value or the square of each difference"
                )
            case .name:
                (
                    67, "wrong variable", "The net learns almost nothing, and no error is raised.",
                    "The program uses one variable instead of another of the same shape. For example, the two sides of a pair are the same variable, or a positive is used as the negative.",
                    "the variable that the replays found"
                )
            }
        return Rule(
            number, name, seen: seen, why: why, repair: repair,
            picture: { .series("loss", $0.evidence.loss.map(Double.init)) }, sign: { _ in nil },
            changes: { _ in changes })
    }
}
