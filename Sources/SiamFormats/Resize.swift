import SiamData
import SiamTensor

/// Weights that resample one axis: each output takes `weights` from `first` on.
private struct AxisWeights {
    let first: Int
    let weights: [Float]

    /// Shrinking averages the area an output pixel covers; growing interpolates between pixel centres.
    static func resampling(_ from: Int, _ to: Int) -> [AxisWeights] {
        let ratio = Double(from) / Double(to)
        return (0..<to).map { place in
            if ratio > 1 {
                let low = Double(place) * ratio
                let high = min(low + ratio, Double(from))
                let first = min(Int(low), from - 1)
                let last = min(max(Int(high.rounded(.up)) - 1, first), from - 1)
                let shares = (first...last).map { pixel in
                    Float(max(min(high, Double(pixel + 1)) - max(low, Double(pixel)), 0) / ratio)
                }
                return AxisWeights(first: first, weights: shares)
            }
            let centre = min(max((Double(place) + 0.5) * ratio - 0.5, 0), Double(from - 1))
            let first = min(Int(centre), max(from - 2, 0))
            let share = Float(centre - Double(first))
            return AxisWeights(first: first, weights: from == 1 ? [1] : [1 - share, share])
        }
    }
}

extension Picture {
    /// The values in 0..1 at another size, height x width x channels: areas are averaged along an axis that shrinks,
    /// pixels interpolated along one that grows.
    func resized(_ newHeight: Int, _ newWidth: Int) -> [Float] {
        if newHeight == height && newWidth == width { return pixels.map { Float($0) / 255 } }
        let rows = AxisWeights.resampling(height, newHeight)
        let columns = AxisWeights.resampling(width, newWidth)
        var narrow = [Float](repeating: 0, count: height * newWidth * channels)
        for row in 0..<height {
            for (column, axis) in columns.enumerated() {
                for channel in 0..<channels {
                    var sum: Float = 0
                    for (step, weight) in axis.weights.enumerated() {
                        sum += weight * Float(pixels[(row * width + axis.first + step) * channels + channel])
                    }
                    narrow[(row * newWidth + column) * channels + channel] = sum
                }
            }
        }
        var out = [Float](repeating: 0, count: newHeight * newWidth * channels)
        let stride = newWidth * channels
        for (row, axis) in rows.enumerated() {
            for place in 0..<stride {
                var sum: Float = 0
                for (step, weight) in axis.weights.enumerated() {
                    sum += weight * narrow[(axis.first + step) * stride + place]
                }
                out[row * stride + place] = sum / 255
            }
        }
        return out
    }
}
