/// What a tower ends in: stages behind the embedding, and how far apart they leave two embeddings.
extension TrainingCheck {
    /// What is worth saying before the first step: margins that no distance comes to.
    public static func early(_ program: Program) -> [Diagnostic] {
        guard program.source.kind != .prelude, program.source.text.contains("train ") else { return [] }
        return LossCheck.turnedLabels(program) + run(program).filter { said.contains($0.code) }
    }

    private static let said: Set<String> = ["margin.reach", "towers.unshared"]

    static let activations: Set<String> = [
        "relu", "sigmoid", "tanh", "elu", "gelu", "leaky_relu", "softplus", "softmax",
    ]

    mutating func behindEmbedding(_ net: String, _ stages: [Stage]) {
        guard let last = stages.lastIndex(where: { $0.name == "dense" }) else { return }
        for (k, stage) in stages.enumerated().dropFirst(last + 1) {
            let isEnd = k == stages.count - 1
            if stage.name == "dropout" {
                found.append(
                    Diagnostic(
                        .warning, code: "embedding.dropout",
                        "dropout after the last dense drops parts of the embedding itself", at: [place(stage.span)],
                        notes: ["two passes of one image then differ in training, and distances are noisy"],
                        repair: "put it before the last dense:  relu >> dropout(0.2) >> dense(dim)"))
            } else if TrainingCheck.activations.contains(stage.name) {
                found.append(
                    Diagnostic(
                        .note, code: "embedding.activation",
                        "\(net) \(isEnd ? "ends in \(stage.name)" : "has \(stage.name) behind its last dense"): the embedding is limited to a part of the space",
                        at: [place(stage.span)]))
            }
        }
    }

    /// The largest distance of two embeddings that a last stage leaves.
    private static func reach(_ stage: String, _ distance: String) -> Double? {
        switch (stage, distance) {
        case ("l2norm", "euclidean"), ("l2norm", "cosine"): 2
        case ("l2norm", "squared"): 4
        case ("softmax", "euclidean"): 1.4143
        case ("softmax", "squared"), ("softmax", "manhattan"): 2
        case ("softmax", "cosine"): 1
        default: nil
        }
    }

    /// The distance that a loss compares with its margin, by its name; nil where the text does not tell.
    private func distance(_ loss: String, _ arguments: [Argument], _ plain: [Expression]) -> String? {
        guard let given = arguments.first(where: { $0.name?.text == "distance" })?.value ?? plain[safe: 4] else {
            return loss == "triplet" ? "squared" : "euclidean"
        }
        guard case .name(let name) = given.kind, values[name] == nil, !ambiguous.contains(name) else { return nil }
        return name
    }

    /// What a side of a loss ends in, in words for who it is: `net ends in l2norm`; `l2norm(net(a))`.
    private func ending(_ side: Expression) -> (said: String, stage: String)? {
        guard case .call(let function, _, _) = side.kind, case .name(let net) = function.kind else { return nil }
        if let made = values[net], let last = stages(made)?.last { return ("\(net) ends in \(last.name)", last.name) }
        guard values[net] == nil, layers[net] == nil else { return nil }
        return ("\(source.text(side.span)) is \(net == "l2norm" ? "of length 1" : "a \(net)")", net)
    }

    /// Losses with a margin of distances, and the place of it among their arguments.
    private static let margins = ["contrastive": 3, "triplet": 3, "batch_hard": 2, "batch_all": 2, "semi_hard": 2]

    mutating func margin(_ loss: Expression) {
        guard case .call(let function, let arguments, _) = loss.kind, case .name(let name) = function.kind,
            TrainingCheck.margins[name] != nil, !losses.contains(name)
        else { return }
        let plain = arguments.filter { $0.name == nil }.map(\.value)
        guard
            let margin = arguments.first(where: { $0.name?.text == "margin" })?.value
                ?? plain[safe: TrainingCheck.margins[name] ?? 3],
            case .number(let value, let written) = margin.kind
        else { return }
        for side in plain.prefix(2) {
            guard let (said, stage) = ending(side), let distance = distance(name, arguments, plain),
                let reach = TrainingCheck.reach(stage, distance), value > reach
            else { continue }
            let distances = distance == "euclidean" ? "distances" : "\(distance) distances"
            found.append(
                Diagnostic(
                    .warning, code: "margin.reach",
                    "margin = \(written) cannot be reached: \(said), and \(distances) then lie between 0 and \(formatNumber((reach * 100).rounded() / 100))",
                    at: [place(margin.span)], repair: "use a smaller margin:  margin = \(formatNumber(reach / 2))"))
            return
        }
    }
}
