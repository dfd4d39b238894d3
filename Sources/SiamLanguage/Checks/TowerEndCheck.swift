/// What a tower ends in: stages behind the embedding, and how far apart they leave two embeddings.
extension TrainingCheck {
    private static let activations: Set<String> = [
        "relu", "sigmoid", "tanh", "elu", "gelu", "leaky_relu", "softplus", "softmax",
    ]

    mutating func behindEmbedding(_ net: String, _ stages: [Stage]) {
        guard let last = stages.lastIndex(where: { $0.name == "dense" }) else { return }
        for stage in stages[(last + 1)...] {
            if stage.name == "dropout" {
                found.append(
                    Diagnostic(
                        .warning, code: "embedding.dropout",
                        "dropout behind the last dense drops parts of the embedding itself", at: [place(stage.span)],
                        notes: ["two embeddings of one image then differ in training, and distances are noise"],
                        repair: "put it before the last dense:  relu >> dropout(0.2) >> dense(dim)"))
            } else if TrainingCheck.activations.contains(stage.name) {
                found.append(
                    Diagnostic(
                        .note, code: "embedding.activation",
                        "\(net) ends in \(stage.name): the embedding lies in a part of the space only",
                        at: [place(stage.span)]))
            }
        }
    }

    /// The largest distance of two embeddings that a last stage leaves.
    private static func reach(_ stage: String) -> Double? {
        switch stage {
        case "l2norm": 2
        case "softmax": 1.4143
        default: nil
        }
    }

    mutating func margin(_ loss: Expression) {
        guard case .call(let function, let arguments, _) = loss.kind, case .name(let name) = function.kind,
            name == "contrastive" || name == "triplet",
            let margin = arguments.first(where: { $0.name?.text == "margin" })?.value,
            case .number(let value, let written) = margin.kind
        else { return }
        for argument in arguments {
            guard case .call(let function, _, _) = argument.value.kind, case .name(let net) = function.kind,
                let made = values[net], let last = stages(made)?.last, let reach = TrainingCheck.reach(last.name),
                value > reach
            else { continue }
            found.append(
                Diagnostic(
                    .warning, code: "margin.reach",
                    "margin = \(written) cannot be reached: \(net) ends in \(last.name), and distances then lie between 0 and \(formatNumber((reach * 100).rounded() / 100))",
                    at: [place(margin.span)]))
            return
        }
    }
}
