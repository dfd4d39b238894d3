import SiamInterpreter

/// What every `train` measures of itself at sampled steps: its stages, its weights, its embeddings and its batches.
///
/// Steps are counted as in `run.loss`, from 1: a sample's figures are those of the pass and of the update that made the
/// step. They cost a bounded part of a step (rows of large outputs are sampled) and change no number of the run.
public struct RunRecord: Sendable {
    /// What a stage put out at one step, over all its applications in that step.
    public struct Stage: Sendable {
        /// The stage's path in its net, with the net's name before it where several are trained. Stages that are computed
        /// in one fused pass, such as `conv >> relu >> maxpool`, appear under the name of the last one.
        public var path: String
        public var kind: String
        public var mean: Float
        public var sd: Float
        /// Share of outputs that are exactly 0.
        public var zeros: Float
        /// Share of units (places of the last axis) that were 0 for the whole batch.
        public var dead: Float
        /// Share of outputs at the end of the range of a tanh or a sigmoid; 0 of other stages.
        public var saturated: Float
        /// Root mean square distance of a row from the mean row; nil where the output is no table of rows.
        public var spread: Float?
        /// Outputs that are NaN or infinite; the other figures leave them out.
        public var notFinite: Int
    }

    /// A parameter at one step.
    public struct Weight: Sendable {
        public var path: String
        /// A matrix or a filter, as against a bias.
        public var isMatrix: Bool
        /// The length before the update.
        public var norm: Float
        /// The gradient's length before clipping; nil where there was none: frozen, or no way from the loss.
        public var gradient: Float?
        /// The length of what the update changed.
        public var update: Float
        /// Update to weight; 0 of a parameter that is 0.
        public var ratio: Float { norm > 0 ? update / norm : 0 }
    }

    /// Distances between the embeddings of a batch.
    public struct Pairs: Sendable {
        /// Mean distance of same and of different pairs; nil where the batch had none.
        public var same: Float?
        public var different: Float?
        /// The largest distance of a different pair.
        public var farthest: Float
    }

    /// The batch itself.
    public struct Batch: Sendable {
        public var rows: Int
        public var mean: Float
        public var sd: Float
        /// Share of input places that are 0 in the whole batch.
        public var unused: Float
        /// Share of same pairs, of batches of pairs.
        public var same: Float?
        /// Of the same pairs those whose two examples are identical.
        public var identical: Float?
    }

    /// All that was measured at one step.
    public struct Sample: Sendable {
        public var step: Int
        public var loss: Float
        public var batch: Batch?
        public var stages: [Stage]
        public var weights: [Weight]
        /// Root mean square distance of the batch's embeddings from their mean.
        public var spread: Float?
        /// Width of the embeddings.
        public var width: Int?
        public var pairs: Pairs?
        /// The largest update-to-weight ratio of a weight matrix.
        public var updateRatio: Float? { weights.filter(\.isMatrix).map(\.ratio).max() }
    }

    public internal(set) var samples: [Sample] = []

    /// Whether the step of this number, counted from 1, is measured: a few of the first, where much happens, then at even
    /// distances that grow with the run.
    public static func isSampled(_ step: Int) -> Bool {
        if step < 25 { return first.contains(step) }
        let apart = step <= 5_000 ? 25 : step <= 50_000 ? 250 : 2_500
        return step % apart == 0
    }
    private static let first: Set<Int> = [1, 2, 3, 5, 8, 13, 20]

    mutating func cut(after step: Int) { samples.removeAll { $0.step > step } }

    /// Paths of the stages that were seen, in the order of their first appearance.
    public var stagePaths: [String] { RunRecord.distinct(samples.lazy.flatMap { $0.stages.lazy.map(\.path) }) }
    public var weightPaths: [String] { RunRecord.distinct(samples.lazy.flatMap { $0.weights.lazy.map(\.path) }) }

    private static func distinct(_ names: some Sequence<String>) -> [String] {
        var seen = Set<String>()
        return names.filter { seen.insert($0).inserted }
    }

    /// A stage through the run.
    public func stage(_ path: String) -> [(step: Int, stage: Stage)] {
        samples.compactMap { s in s.stages.first { $0.path == path }.map { (s.step, $0) } }
    }
    /// A parameter through the run.
    public func weight(_ path: String) -> [(step: Int, weight: Weight)] {
        samples.compactMap { s in s.weights.first { $0.path == path }.map { (s.step, $0) } }
    }
}
