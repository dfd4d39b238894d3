import SiamCompiler
import SiamInterpreter
import SiamLanguage

/// Finds the series of a body for which lower is better: those that report a loss or an error, under any name.
enum LowerIsBetter {
    /// Measures for which lower is better; losses are known from their declarations.
    private static let measures: Set<String> = [
        "rmse", "mae", "mean_absolute_error", "log_loss", "eer", "cross_entropy", "bce_with_logits",
    ]
    private static let losses = Set(Prelude.definitions.filter { $0.role == "loss" }.map(\.name))

    static func names(in block: Block) -> Set<String> {
        var found: Set<String> = []
        func visit(_ statements: [Statement]) {
            for s in statements {
                if case .report(let name, let value) = s.kind, isLow(value) { found.insert(name.text) }
                for b in s.innerBlocks { visit(b.statements) }
            }
        }
        visit(block.statements)
        return found
    }

    private static func isLow(_ value: Expression) -> Bool {
        if case .unary = value.kind { return false }
        var called: Set<String> = []
        value.walk { e in
            guard case .call(let callee, _, _) = e.kind else { return }
            switch callee.kind {
            case .name(let name): called.insert(name)
            case .field(_, let name): called.insert(name.text)
            default: break
            }
        }
        return called.contains { measures.contains($0) || losses.contains($0) }
    }
}
