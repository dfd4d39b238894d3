/// What the words before a printed number say of it.
enum FigureWords {
    /// Whether they call it an error, where less is better, or a share of what is right; nil where they do neither.
    static func isError(_ label: String) -> Bool? {
        var words = label.lowercased()
            .split { !$0.isLetter && !$0.isNumber && $0 != "@" && $0 != "^" }.map(String.init)
        // What something is compared with does not say what is counted: "nearer than a wrong one".
        if let than = words.lastIndex(of: "than"), than > 1 { words.removeSubrange(than...) }
        words = words.suffix(4)
        if !FigureWords.others.isDisjoint(with: words) { return nil }
        if words.contains(where: { FigureWords.errors.contains($0) }) { return true }
        return words.contains { FigureWords.scores.contains($0) } ? false : nil
    }
    /// Words for numbers from before a training.
    static let beginnings: Set<String> = [
        "untrained", "before", "baseline", "initial", "initially", "random", "raw", "chance", "without", "start",
    ]
    /// Words for numbers that are no measures.
    private static let others: Set<String> = [
        "loss", "threshold", "epoch", "step", "steps", "rate", "lr", "margin", "seconds", "units", "mse", "rmse", "mae",
    ]
    private static let errors: Set<String> = amounts.union([
        "error", "errors", "false", "wrong", "missed", "misses", "eer", "far", "frr", "fpr", "fnr",
    ])
    /// What is counted in a unit of its own.
    private static let amounts: Set<String> = ["cost", "costs", "regret", "risk"]

    static func isAmount(_ label: String) -> Bool {
        !amounts.isDisjoint(with: label.lowercased().split { !$0.isLetter }.suffix(4).map(String.init))
    }
    private static let scores: Set<String> = [
        "accuracy", "acc", "auc", "auroc", "precision", "recall", "f1", "map", "map@r", "ap", "r2", "r^2", "right",
        "correct", "correctly", "hits", "purity",
    ]

    /// Whether the last words call a number one of the rows that choices are made on.
    static func isOfValidation(_ label: String) -> Bool {
        let last = label.lowercased().split { !$0.isLetter }.suffix(3).map(String.init)
        return last.contains { ["validation", "valid", "val", "dev", "tuning"].contains($0) }
    }

    /// The words, where they say that it is measured on new classes: "strangers", "unseen persons", "classes never seen".
    static func claimOfNewClasses(_ label: String) -> String? {
        let words = label.lowercased().split { !$0.isLetter }.map(String.init)
        let isClaim =
            !strangers.isDisjoint(with: words)
            || !kindsOfRows.isDisjoint(with: words) && !newness.isDisjoint(with: words)
        return isClaim ? label.trimmed(where: { !$0.isLetter && !$0.isNumber }) : nil
    }
    private static let strangers: Set<String> = ["stranger", "strangers"]
    private static let newness: Set<String> = ["new", "novel", "unseen", "unknown", "never"]
    private static let kindsOfRows: Set<String> = [
        "class", "classes", "person", "persons", "people", "user", "users", "identity", "identities", "character",
        "characters", "speaker", "speakers", "species", "categories", "writers",
    ]
}
