import SiamTensor

/// The position of a source: enough to give the same batches again.
public struct SourceState: Sendable, Hashable {
    /// The seed of the source's batches, drawn from the program's stream at the first batch; nil before it.
    public var key: UInt64?
    /// Batches given so far; batch k is a function of the key and k alone.
    public var position: Int

    public init(key: UInt64? = nil, position: Int = 0) {
        self.key = key
        self.position = position
    }
}

/// How the batches of one kind of source are made. A plan remembers nothing between batches: batch `k` under `key` is
/// the same on every thread and in every order, which makes rewinding exact and preparing ahead harmless.
protocol BatchPlan: Sendable {
    /// Batches an epoch, at least 1.
    var stepsPerEpoch: Int { get }
    /// The usual names of a batch's tensors.
    var names: [String] { get }
    /// Which tensors of a batch are examples, and so may be augmented.
    var augmented: [Int] { get }
    /// `pairs of digits, 32 a batch, 45 batches an epoch`.
    var summary: String { get }
    /// Batch `k`, drawn from `stream`, which is this batch's own; `epochs` gives orders that hold for a whole epoch.
    func batch(_ k: Int, _ stream: inout RandomStream, _ epochs: SourceOrders) throws -> [Tensor]
    /// The same plan for another data set; nil for a plan over tensors.
    func drawing(from d: Dataset) throws -> (any BatchPlan)?
}

/// A source of batches. Kinds: `PairSource`, `TripletSource`, `BalancedSource`, `BatchSource`.
///
/// The first `next` draws one number from the program's stream, from which all its batches follow; later ones leave
/// that stream alone. `state` put back gives the same batches again to the last bit.
public class DataSource {
    let plan: any BatchPlan
    private let epochs = EpochOrders()
    private var pending: Preparation? { didSet { oldValue?.cancel() } }

    /// The position of the source; it can be restored, also into another source made with the same arguments.
    public var state = SourceState() {
        didSet { state.position = min(max(state.position, 0), DataSource.maximumPosition) }
    }

    /// No run is longer; a state beyond it comes from a damaged file.
    static let maximumPosition = 1 << 38

    /// Applied to each tensor of examples of a batch; draws from the batch's own stream.
    public var augment: ((Tensor, inout RandomStream) throws -> Tensor)?

    /// Changes of images made with each batch, before `augment`; prepared ahead with the batch.
    public var augmentations: [Augmentation] = [] { didSet { pending = nil } }

    /// Whether the next batch is prepared on a second thread while the present one is used. Changes no result.
    public var preparesAhead = false { didSet { pending = nil } }

    /// Numbers in a batch that a helper makes beside the step: less is made sooner than handed over, and more is better made
    /// by all threads.
    private static let little = 1 << 14...1 << 20

    /// Lets go of a batch that has been prepared.
    public func forgetPrepared() { pending = nil }

    init(plan: any BatchPlan) { self.plan = plan }

    deinit { pending?.cancel() }

    /// Batches an epoch.
    public var stepsPerEpoch: Int { plan.stepsPerEpoch }
    /// The usual names of a batch's tensors: `a`, `b`, `same`.
    public var names: [String] { plan.names }
    /// `pairs of digits, 32 a batch, 45 batches an epoch`.
    public var summary: String { plan.summary }

    /// Puts the source at an epoch's beginning, where it does not stand at one: the next batch is the first of an
    /// epoch.
    public func startEpoch() {
        let over = state.position % stepsPerEpoch
        if over > 0 { state.position += stepsPerEpoch - over }
    }

    /// The next batch. `stream` is drawn from at the first call only.
    public func next(_ stream: inout RandomStream) throws -> [Tensor] {
        let key = state.key ?? stream.next()
        state.key = key
        let k = state.position
        var prepared: [Tensor]
        if let pending, pending.matches(k, key) {
            prepared = try pending.result()
            self.pending = nil
        } else {
            pending = nil
            prepared = try plan.prepared(k, key, epochs, augmentations)
        }
        if let augment {
            var own = RandomStream(seed: key).derived(UInt64(truncatingIfNeeded: k)).derived(2)
            for place in plan.augmented where prepared.indices.contains(place) {
                let rows = prepared[place].shape[0]
                prepared[place] = try augment(prepared[place], &own)
                guard prepared[place].rank > 0, prepared[place].shape[0] == rows else {
                    throw DataError(
                        code: "augment.rows",
                        message:
                            "augment must keep the number of rows, and made \(prepared[place].shape) of \(rows) rows")
                }
            }
        }
        state.position = k + 1
        if preparesAhead {
            pending = Preparation(plan, k + 1, key, epochs, augmentations)
        } else if Threads.count > 1, augmentations.isEmpty,
            DataSource.little.contains(prepared.reduce(0) { $0 + $1.count })
        {
            pending = Preparation(plan, k + 1, key, epochs, augmentations, isLittle: true)
        }
        return prepared
    }
}

extension DataSource {
    /// The tensors from which batches of rows are taken; nil for a source of pairs, triplets or balanced classes.
    public var tensors: [Tensor]? { (plan as? BatchPlanOfTensors)?.tensors }

    /// What it was made with beside its data: the numbers of its plan, each to the last bit.
    public var settings: String {
        let numbers = Mirror(reflecting: plan).children.compactMap { child -> String? in
            switch child.value {
            case let x as Double: "\(child.label ?? "") \(x.bitPattern)"
            case is Int, is Bool, is String: "\(child.label ?? "") \(child.value)"
            default: nil
            }
        }
        return "\(type(of: plan)) " + numbers.joined(separator: ", ")
    }

    /// A source of the same kind over the same data, at its beginning and without augmentation.
    public func unaugmentedCopy() -> DataSource { DataSource(plan: plan) }

    /// A source of the same kind and size over other data: over a data set, or over tensors where it cuts tensors.
    public func drawing(from d: Dataset) throws -> DataSource? {
        try plan.drawing(from: d).map { DataSource(plan: $0) }
    }
    public func drawing(from tensors: [Tensor]) throws -> DataSource? {
        guard let own = plan as? BatchPlanOfTensors, own.tensors.count == tensors.count else { return nil }
        let made = DataSource(plan: try BatchPlanOfTensors(tensors, own.size, own.name, own.names))
        made.augment = augment
        made.augmentations = augmentations
        return made
    }
}

extension BatchPlan {
    func prepared(_ k: Int, _ key: UInt64, _ epochs: EpochOrders, _ changes: [Augmentation]) throws -> [Tensor] {
        let own = RandomStream(seed: key).derived(UInt64(truncatingIfNeeded: k))
        var drawing = own.derived(0)
        var tensors = try batch(k, &drawing, SourceOrders(orders: epochs, key: key))
        var changing = own.derived(1)
        for place in augmented where tensors.indices.contains(place) {
            for change in changes { tensors[place] = try change.applied(to: tensors[place], &changing) }
        }
        return tensors
    }
}
