import SiamTensor

/// What a series is called, and at which steps its values were taken.
public final class SeriesLabel: TensorLabel, @unchecked Sendable {
    public let steps: [Int]
    /// Whether a small value is a good one.
    public let isLow: Bool
    public init(text: String, steps: [Int], isLow: Bool? = nil) {
        self.steps = steps
        self.isLow = isLow ?? Interpreter.isLowBest(text)
        super.init(text)
    }
}
