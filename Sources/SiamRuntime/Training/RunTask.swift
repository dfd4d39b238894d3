import SiamData
import SiamInterpreter
import SiamLanguage

/// Which measures fit what a run was trained for.
extension Run {
    private static let ofClasses: Set<String> = ["cross_entropy", "bce", "bce_with_logits", "hinge"]

    /// The loss by which the run compared embeddings with one another; nil where it minimized anything else too.
    package var comparison: String? {
        let called = MinimizedLoss.called(self)
        guard called.isDisjoint(with: Run.ofClasses) else { return nil }
        return called.intersection(LossNames.ofEmbeddings).min()
    }

    /// The measures that fit what the run trained its net for, by the names of their built-ins: numbers, and what is drawn.
    /// None where its outputs are compared with one another.
    /// - Parameter width: of the net's outputs.
    public func measures(of data: Dataset, width: Int) -> (numbers: [String], drawn: [String]) {
        if let targets = data.targets {
            guard width == targets.count / max(1, data.count) else { return ([], []) }
            return (["r2", "rmse", "mean_absolute_error"], ["residuals"])
        }
        let classes = max(data.names.count, (data.y.max() ?? -1) + 1)
        guard classes > 1, width == classes || width == 1 && classes == 2,
            !MinimizedLoss.called(self).isDisjoint(with: Run.ofClasses)
        else { return ([], []) }
        return (
            ["accuracy", "precision", "recall", "f1", "log_loss"],
            ["confusion", "calibration"] + (classes == 2 ? ["roc", "pr"] : [])
        )
    }
}
