import SiamGradient
import SiamTensor

extension Reference {
    /// What a linear map through as few units as the narrowest layer has reaches in reconstruction: R^2 on a third of the
    /// rows of a reduced-rank regression on the others (Izenman, 1975), which is PCA where the targets are the inputs.
    /// Nil of too few rows or too many columns.
    static func reconstruction(_ inputs: [Double], _ o: Outputs, units: Int) throws -> Double? {
        let n = o.rows
        guard n >= 60, units > 0, inputs.count % n == 0, o.width == o.targetWidth, inputs.allSatisfy(\.isFinite),
            o.targets.allSatisfy(\.isFinite)
        else { return nil }
        let (wide, out) = (inputs.count / n, o.targetWidth)
        guard wide > 0, wide <= mostColumns, out <= mostColumns else { return nil }
        var stream = RandomStream(seed: 0x5746)
        var order = Array(0..<n)
        stream.shuffle(&order)
        let (seen, held) = (Array(order[..<(n * 2 / 3)]), Array(order[(n * 2 / 3)...]))
        let x = try Centred(inputs, wide, n, by: seen)
        let t = try Centred(o.targets, out, n, by: seen)
        let (xs, ts) = (try x.rows.gathered(seen), try t.rows.gathered(seen))
        let square = try product(xs, xs, turnsFirst: true)
        // A thousandth of the mean variance keeps columns that do not vary from being divided by 0.
        let trace = square.doubles.enumerated().reduce(0.0) { $0 + ($1.offset % (wide + 1) == 0 ? $1.element : 0) }
        var ridge = [Float](repeating: 0, count: wide * wide)
        for k in 0..<wide { ridge[k * (wide + 1)] = Float(1e-3 * trace / Double(wide) + 1e-12) }
        let map = try Operators.solve(
            try Operators.add(square, try Tensor(dims: [wide, wide], ridge)), try product(xs, ts, turnsFirst: true))
        var made = try Operators.matmul(try x.rows.gathered(held), map)
        if units < out {
            let fitted = try Operators.matmul(xs, map)
            let axes = try Operators.eigh.applyAll([try product(fitted, fitted, turnsFirst: true)])[1]
            let few = try Operators.transpose(try Operators.transpose(axes).rows(out - units..<out))
            made = try product(try Operators.matmul(made, few), few, turnsSecond: true)
        }
        var told = Outputs()
        (told.width, told.targetWidth) = (out, out)
        (told.values, told.targets) = (made.doubles, try t.rows.gathered(held).doubles)
        return TaskScore(told, .reconstruction).worth
    }
    private static let mostColumns = 1024

    private static func product(_ a: Tensor, _ b: Tensor, turnsFirst: Bool = false, turnsSecond: Bool = false) throws
        -> Tensor
    {
        try Operators.matmul.apply([a, b], [.flag(turnsFirst), .flag(turnsSecond)])
    }

    /// Rows minus the mean of a subset of them.
    private struct Centred {
        let rows: Tensor

        init(_ values: [Double], _ width: Int, _ n: Int, by some: [Int]) throws {
            var mean = [Double](repeating: 0, count: width)
            for r in some { for c in 0..<width { mean[c] += values[r * width + c] / Double(max(1, some.count)) } }
            rows = try Tensor(dims: [n, width], values.indices.map { Float(values[$0] - mean[$0 % width]) })
        }
    }
}
