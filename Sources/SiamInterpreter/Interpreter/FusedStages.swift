import CKernels
import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// Stages of a net, and one loss, that are computed in one fused pass.
extension Interpreter {
    /// For each stage what it and those behind it amount to.
    func fusedStages(_ stages: [Layer.Stage]) -> [FusedStage] {
        stages.indices.map { k in
            let layer = stages[k].layer
            if case .function(.function(let f)) = layer.form, f.code.source.kind == .prelude, f.name == "flatten" {
                return FusedStage(kind: .flatten, length: 1)
            }
            guard case .custom(let c) = layer.form, let constructor = layer.constructor,
                constructor.source.kind == .prelude, !session.isPreludeUnderTest
            else { return FusedStage(kind: .none, length: 1) }
            func argument(_ name: String) -> Value? { layer.arguments.first { $0.name == name }?.value }
            switch constructor.name {
            case "dense":
                guard case .bool(true)? = argument("bias") else { break }
                if k + 1 < stages.count, let word = activation(stages[k + 1].layer) {
                    return FusedStage(kind: .dense(c, activation: [.text(word)]), length: 2)
                }
                return FusedStage(kind: .dense(c, activation: [.text("none")]), length: 1)
            case "conv":
                guard k + 2 < stages.count, activation(stages[k + 1].layer) == "relu",
                    let pool = stages[k + 2].layer.constructor, pool.source.kind == .prelude, pool.name == "maxpool",
                    let stride = whole(argument("stride")), let dilation = whole(argument("dilation")),
                    case .text(let padding)? = argument("padding"),
                    let size = whole(stages[k + 2].layer.arguments.first { $0.name == "size" }?.value)
                else { break }
                let step = stages[k + 2].layer.arguments.first { $0.name == "stride" }?.value
                var poolStride = Attribute.none
                if let step {
                    if let n = whole(step) {
                        poolStride = .integers([n])
                    } else if case .none = step {
                    } else {
                        break
                    }
                }
                return FusedStage(
                    kind: .convPool(
                        c,
                        [
                            .integers([stride]), .text(padding.string), .integers([dilation]), .integers([size]),
                            poolStride, .text("valid"), .flag(true),
                        ]), length: 3)
            default: break
            }
            return FusedStage(kind: .none, length: 1)
        }
    }

    private func activation(_ layer: Layer) -> String? {
        guard case .function(.builtin(let b)) = layer.form, let op = b.op else { return nil }
        return ["relu", "tanh", "sigmoid"].first { Operators.named($0) === op }
    }
    private func whole(_ v: Value?) -> Int? {
        guard case .number(let x)? = v, x == x.rounded(), x >= 1, x < 1e6 else { return nil }
        return Int(x)
    }

    /// The prelude's `contrastive(a, b, same)` of tensors in one pass over the distances; nil where the text must run.
    func fusedLoss(_ f: Function, _ window: Slot, _ n: Int) throws -> Tensor? {
        guard n == 3, observer == nil, f.code.name == "contrastive", f.code.source.kind == .prelude,
            !session.isPreludeUnderTest, case .tensor(let a) = window[0], case .tensor(let b) = window[1],
            case .tensor(let same) = window[2], a.shape == b.shape, a.rank == 2, same.rank == 1,
            same.count == a.shape[0], same.count > 0, a.precision == same.precision, !same.isTracked,
            let defaultValue = f.code.tree?.parameters.first(where: { $0.name.text == "margin" })?.defaultValue,
            case .number(let margin, _) = defaultValue.kind
        else { return nil }
        let d = try Operators.euclidean(a, b)
        var active = 0
        var isApart = false
        for (d, same) in zip(d.detached().floats, same.floats) {
            // What is no pair's label, and pairs of one and the same, are for the declaration to speak of.
            guard same == 0 || same == 1 else { return nil }
            if d != 0 { isApart = true }
            let hinge = max(0, Float(margin) - d)
            if same * d * d + (1 - same) * hinge * hinge > 0 { active += 1 }
        }
        guard isApart else { return nil }
        note(activeShare: Double(active) / Double(d.count))
        return try Operators.contrastivePairs.apply([d, same], [.number(margin)])
    }

    /// The result of a function of the library for the arguments at `window`, by a fused pass; nil if its code has to
    /// run.
    func value(of equivalent: Code.NativeEquivalent.Function, _ window: Slot) throws -> Value? {
        guard observer == nil, !session.isPreludeUnderTest, case .tensor(let a) = window[0],
            case .tensor(let b) = window[1]
        else { return nil }
        switch equivalent {
        case .squared:
            guard a.shape == b.shape, a.precision == b.precision, a.rank > 0,
                (1...Kernel.widestSquares).contains(a.shape[-1])
            else { return nil }
            return .tensor(try Operators.squaredRows(a, b))
        case .hardest:
            return try Kernel.hardest(a, b).map { Value($0.map(Value.tensor)) }
        }
    }

    /// Keeps which share of a loss's terms is above 0; in training it is reported beside the loss.
    package func note(activeShare share: Double) {
        session.activeShare = share
        if isTraining { body?.report("active", share) }
    }
}
