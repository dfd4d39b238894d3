import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// Rows of a data set with each column scaled and shifted, as a program keeps them in a variable before its training:
/// `x = (seen.x - mean) / deviation`. They have the classes of that data set, and held-out rows go into the net the same way.
struct PreparedRows {
    private let data: Dataset
    private let scale: [Double]
    private let shift: [Double]

    /// Finds for each column the scale and the shift that take a data set's rows to these; nil where there are none, and
    /// where the rows are the data set's own.
    init?(_ rows: Tensor, from data: Dataset) {
        let n = data.count
        guard n >= 20, rows.rank > 0, rows.shape[0] == n, rows.count == data.x.count, rows.count > 0 else { return nil }
        let width = rows.count / n
        let (own, given) = (rows.doubles, data.x.doubles)
        var scale = [Double](repeating: 1, count: width)
        var shift = [Double](repeating: 0, count: width)
        var isChanged = false
        for j in 0..<width {
            var low = 0
            var high = 0
            for r in 1..<n {
                if given[r * width + j] < given[low * width + j] { low = r }
                if given[r * width + j] > given[high * width + j] { high = r }
            }
            let range = given[high * width + j] - given[low * width + j]
            if range > 0 { scale[j] = (own[high * width + j] - own[low * width + j]) / range }
            shift[j] = own[low * width + j] - scale[j] * given[low * width + j]
            guard scale[j].isFinite, shift[j].isFinite else { return nil }
            // Single precision: what is lost where a mean is taken from large numbers.
            let size = max(
                abs(scale[j]) * max(abs(given[low * width + j]), abs(given[high * width + j])), abs(shift[j]))
            for r in 0..<n
            where abs(own[r * width + j] - scale[j] * given[r * width + j] - shift[j]) > 1e-5 * max(size, 1e-6) {
                return nil
            }
            if abs(scale[j] - 1) > 1e-3 || abs(shift[j]) > 1e-3 * size { isChanged = true }
        }
        guard isChanged else { return nil }
        self.data = data
        self.scale = scale
        self.shift = shift
    }

    /// The tensors of a session that are rows of one of its data sets in this way, of rows of so many numbers.
    static func all(_ session: Session, width: Int) -> [(rows: Tensor, classes: [Int], map: PreparedRows)] {
        let values = session.globals.userNames.compactMap { session.globals.valueIfReady($0) }
        let sets = values.compactMap { value -> Dataset? in
            guard case .thing(let d as DatasetThing) = value, d.dataset.count > 0,
                d.dataset.x.count / d.dataset.count == width
            else { return nil }
            return d.dataset
        }
        var found: [(rows: Tensor, classes: [Int], map: PreparedRows)] = []
        for value in values {
            guard case .tensor(let t) = value, t.rank > 1, t.shape[0] >= 20, t.count / t.shape[0] == width,
                t.count < most
            else { continue }
            for d in sets where d.count == t.shape[0] {
                guard let map = PreparedRows(t, from: d) else { continue }
                found.append((t, d.y, map))
                break
            }
        }
        return found
    }
    private static let most = 20_000_000

    /// Other rows prepared the same way; themselves where they are so already, by where their columns lie.
    func applied(to other: Dataset) -> Dataset {
        guard other.count > 0, other.x.count / other.count == scale.count else { return other }
        let width = scale.count
        let (values, own) = (other.x.doubles, data.x.doubles)
        var (asGiven, asPrepared) = (0.0, 0.0)
        for j in 0..<width {
            func mean(_ all: [Double], _ n: Int) -> Double {
                var sum = 0.0
                for r in 0..<n { sum += all[r * width + j] }
                return sum / Double(n)
            }
            let (here, there) = (mean(values, other.count), mean(own, data.count))
            var spread = 0.0
            for r in 0..<data.count { spread += abs(own[r * width + j] - there) }
            spread = max(spread / Double(data.count), 1e-12)
            asGiven += min(10, abs(here - there) / spread)
            asPrepared += min(10, abs(here - scale[j] * there - shift[j]) / max(spread * abs(scale[j]), 1e-12))
        }
        guard asGiven < asPrepared else { return other }
        let prepared = values.indices.map { Float(scale[$0 % width] * values[$0] + shift[$0 % width]) }
        return (try? other.with(x: Tensor.of(other.x.shape.dims, prepared))) ?? other
    }
}
