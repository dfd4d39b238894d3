import SiamInterpreter
import SiamTensor

/// A series of numbers over the steps of a run.
extension Run {
    /// One value a step (loss, gradient norm) or one a report.
    public struct Series: Sendable {
        public private(set) var values: [Float] = []
        /// Where the steps are evenly apart, which is nearly always, they are not written down.
        private var first = 0
        private var apart = 1
        private var listed: [Int]?

        init() {}
        init(values: [Float], steps: [Int]) {
            for (value, step) in zip(values, steps) { add(Double(value), step) }
        }

        /// The step after which each value was taken.
        public var steps: [Int] { listed ?? values.indices.map { first + $0 * apart } }
        /// How many of the values were taken up to a step.
        func count(upTo step: Int) -> Int {
            if let listed { return listed.count { $0 <= step } }
            guard step >= first, !values.isEmpty else { return 0 }
            return apart > 0 ? min(values.count, (step - first) / apart + 1) : values.count
        }

        package mutating func add(_ value: Double, _ step: Int) {
            if listed == nil {
                switch values.count {
                case 0: first = step
                case 1: apart = step - first
                default: if step != first + values.count * apart { listed = steps }
                }
            }
            values.append(Float(value))
            listed?.append(step)
        }
        /// Makes room for what a run will add, so that growing does not take twice the memory.
        mutating func reserve(_ count: Int) { values.reserveCapacity(values.count + min(max(count, 0), 1 << 20)) }

        /// As the language sees it: the values, which know their steps.
        func tensor(_ name: String, isLow: Bool? = nil) throws -> Value {
            let t = try Tensor(Shape.vector(values.count), values)
            t.label = SeriesLabel(text: name, steps: steps, isLow: isLow)
            return .tensor(t)
        }
        /// Keeps the values of steps that are multiples of `every` alone.
        mutating func thin(to every: Int) {
            guard apart < every, values.count > 1 else { return }
            let kept = zip(values, steps).filter { $1 % every == 0 }
            self = Series(values: kept.map(\.0), steps: kept.map(\.1))
        }
        mutating func cut(after step: Int) { keep(first: count(upTo: step)) }
        mutating func keep(first left: Int) {
            guard left < values.count else { return }
            values.removeLast(values.count - left)
            if let known = listed { listed = Array(known.prefix(left)) }
        }
    }
}
