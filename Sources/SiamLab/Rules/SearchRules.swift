import SiamLanguage

extension Rule {
    /// Faults that no sign leads to: one place of the program, changed, mends the run. Their changes are those that a search
    /// over all places found.
    static var searched: [Rule] { SingleEdit.Kind.allCases.map { searched($0, []) } }

    static func searched(_ kind: SingleEdit.Kind, _ changes: [Change]) -> Rule {
        let (number, name, seen, why, repair): (Int, String, String, String, String) =
            switch kind {
            case .number:
                (
                    61, "number out of range", "The net learns next to nothing, and no layer is broken.",
                    "One number of the program is far from where the training works. A weight of a term, a strength of noise, a limit or a threshold drowns the rest or switches it off.",
                    "the number that the replays found"
                )
            case .order:
                (
                    62, "sign or order reversed", "The net learns next to nothing, or the opposite of what is wanted.",
                    "A sign, a comparison or the order of two values is the reverse of what the training needs. Each part is valid by itself, so that no error is raised.",
                    "the order that the replays found"
                )
            case .axis:
                (
                    81, "wrong axis", "The net learns less than it could, and the shapes fit.",
                    "A sum, a mean, a softmax or a norm goes along another axis than it should. It runs over the rows of the batch where the numbers of one row are meant, or the other way round.",
                    "the axis that the replays found"
                )
            case .reduction:
                (
                    82, "sum and mean exchanged", "One term of the loss outweighs the others, or hardly counts.",
                    "A sum stands where a mean is meant, or a mean is taken too early. A sum grows with the size of the batch and the width of the layer, and so does the weight of its term.",
                    "the mean or the sum that the replays found"
                )
            case .sequence:
                (
                    83, "statements in the wrong order", "The net learns next to nothing, and no error is raised.",
                    "A statement uses a value before it is brought up to date, or changes one that was to be used first. The step then works with what the step before left behind.",
                    "the order of the statements that the replays found"
                )
            case .operation:
                (
                    63, "operation that does not belong", "The net learns next to nothing.",
                    "One operation of the program destroys what the training needs. It shuffles, cuts off, adds or rescales values that should stay as they are.",
                    "the program without it"
                )
            case .name:
                (
                    67, "another variable meant", "The net learns next to nothing, and no error is raised.",
                    "One variable stands where another of the same shape was meant. The two sides of a pair are one, or a positive takes the place of a negative.",
                    "the variable that the replays found"
                )
            }
        return Rule(
            number, name, seen: seen, why: why, repair: repair,
            picture: { .series("loss", $0.evidence.loss.map(Double.init)) }, sign: { _ in nil },
            changes: { _ in changes })
    }
}
