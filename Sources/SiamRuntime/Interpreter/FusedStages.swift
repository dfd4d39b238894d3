import CKernels
import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// What stands at one place of a pipeline, for applying it without the interpreter: a layer of the prelude with the
/// stages behind it that its operator takes along (`dense >> relu`, `conv >> relu >> maxpool`). The values are those of
/// the stages one by one; where someone watches the stages, they are applied one by one.
struct FusedStage {
    enum Kind {
        case none
        case dense(Layer.Custom, activation: [Attribute])
        case convPool(Layer.Custom, [Attribute])
        case flatten
    }
    let kind: Kind
    /// How many stages it stands for.
    let length: Int

    /// The same for its first stage alone, where that costs next to nothing and gives the same bits; nil where it does not.
    var alone: FusedStage? {
        guard length > 1, case .dense(let c, _) = kind else { return nil }
        return FusedStage(kind: .dense(c, activation: [.text("none")]), length: 1)
    }

    /// The result; nil where the stages are to be applied one by one: not built yet, a wrong shape, another precision.
    func apply(_ x: Tensor) throws -> Tensor? {
        switch kind {
        case .none: return nil
        case .flatten:
            guard x.rank > 1, x.rank != 3 else { return nil }
            return try Operators.flattened(x)
        case .dense(let c, let activation):
            guard c.isBuilt, c.slots.count == 2, let w = c.slots[0].parameter?.value,
                let b = c.slots[1].parameter?.value, x.rank > 0, w.rank == 2, x.shape[-1] == w.shape[0],
                x.precision == w.precision
            else { return nil }
            return try Operators.affine(x, w, b, activation)
        case .convPool(let c, let attributes):
            guard c.isBuilt, c.slots.count == 2, let w = c.slots[0].parameter?.value,
                let b = c.slots[1].parameter?.value, x.rank == 4, w.rank == 4, x.shape[3] == w.shape[2],
                x.precision == w.precision, x.count > 0, x.shape[1] >= w.shape[0], x.shape[2] >= w.shape[1]
            else { return nil }
            return try Operators.convPool.apply([x, w, b], attributes)
        }
    }
}

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
            let standard = f.code.tree?.parameters.first(where: { $0.name.text == "margin" })?.standard,
            case .number(let margin, _) = standard.kind
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

    /// Keeps which share of a loss's terms is above 0; in training it is reported beside the loss.
    package func note(activeShare share: Double) {
        session.activeShare = share
        if isTraining { trainer?.report("active", share) }
    }
}
