import Glibc
import SiamTensor

/// A random change of images (n x h x w x c or n x h x w), drawn anew for each image. What moves in from outside is 0,
/// the ground of white ink on black.
public enum Augmentation: Sendable, Hashable {
    /// By whole pixels, uniformly from -by to by, down and to the right independently.
    case shift(by: Int)
    /// About the centre, uniformly from -degrees to degrees.
    case rotate(degrees: Double)
    /// By a factor uniform in the logarithm from 1 / by to by, the same for both axes.
    case scale(by: Double)
    /// Slanted sideways, uniformly from -degrees to degrees.
    case shear(degrees: Double)
    /// Displaced by random fields uniform in -1..1, smoothed by a Gaussian of sd `sigma` pixels, `alpha` high
    /// (Simard, Steinkraus and Platt, 2003).
    case elastic(alpha: Double, sigma: Double)
    /// Normal noise of sd `sd` added to each element; any shape.
    case noise(sd: Double)
    /// A square of `size` pixels about a random centre set to 0 (DeVries and Taylor, 2017).
    case cutout(size: Int)
    /// Mirrored left to right with probability 1/2.
    case flip

    /// The changed images, drawn from `stream`. Throws where `x` has no images or a number is out of range.
    public func applied(to x: Tensor, _ stream: inout RandomStream) throws -> Tensor {
        if case .noise(let sd) = self {
            try check("noise", sd >= 0 && sd.isFinite, "an sd of 0 or more", sd)
            return try Tensor.filled(x.shape.dims) { target in
                x.reading { source in
                    for i in source.indices { target[i] = source[i] + Float(sd * stream.normal()) }
                }
            }
        }
        let frame = try ImageFrame(x, word)
        switch self {
        case .noise: return x
        case .shift(let by):
            try check(word, by >= 0 && by <= 1 << 20, "a number of pixels of 0 or more", Double(by))
            return try frame.moved(x) { _ in
                let down = stream.below(2 * by + 1) - by
                let right = stream.below(2 * by + 1) - by
                return { row, column in (row - down, column - right) }
            }
        case .flip:
            let width = frame.width
            return try frame.moved(x) { _ in
                let mirrored = stream.below(2) == 1
                return { row, column in (row, mirrored ? width - 1 - column : column) }
            }
        case .cutout(let size):
            try check(word, size >= 0 && size <= 1 << 20, "a size of 0 or more", Double(size))
            return try frame.moved(x) { _ in
                let top = stream.below(frame.height) - size / 2
                let left = stream.below(frame.width) - size / 2
                return { row, column in
                    let inside = row >= top && row < top + size && column >= left && column < left + size
                    return inside ? (-1, -1) : (row, column)
                }
            }
        case .rotate(let degrees):
            try check(word, abs(degrees) <= 360, "between 0 and 360 degrees", degrees)
            return try frame.affine(x) { _ in
                let angle = stream.uniform(-degrees, degrees) * Double.pi / 180
                return (cos(angle), -sin(angle), sin(angle), cos(angle))
            }
        case .scale(let by):
            try check(word, by >= 1 && by <= 1000, "a factor of 1 or more", by)
            return try frame.affine(x) { _ in
                let factor = exp(stream.uniform(-1, 1) * log(by))
                return (1 / factor, 0, 0, 1 / factor)
            }
        case .shear(let degrees):
            try check(word, degrees >= 0 && degrees < 90, "between 0 and 90 degrees", degrees)
            return try frame.affine(x) { _ in (1, 0, tan(stream.uniform(-degrees, degrees) * Double.pi / 180), 1) }
        case .elastic(let alpha, let sigma):
            try check(word, alpha >= 0 && alpha <= 1e6, "an alpha of 0 or more", alpha)
            try check(word, sigma > 0 && sigma <= 1000, "a sigma above 0", sigma)
            return try frame.displaced(x) { _ in
                (
                    frame.field(alpha, sigma, &stream), frame.field(alpha, sigma, &stream)
                )
            }
        }
    }

    /// Its name in programs.
    public var word: String {
        switch self {
        case .shift: "shift"
        case .rotate: "rotate"
        case .scale: "scale"
        case .shear: "shear"
        case .elastic: "elastic"
        case .noise: "noise"
        case .cutout: "cutout"
        case .flip: "flip"
        }
    }

    private func check(_ word: String, _ holds: Bool, _ wanted: String, _ got: Double) throws {
        guard holds else {
            throw DataError(code: "augment.range", message: "\(word) expects \(wanted), and got \(plain(got))")
        }
    }
}

/// The geometry of a batch of images, and the ways to resample them.
struct ImageFrame {
    let dims: [Int]
    let images: Int
    let height: Int
    let width: Int
    let channels: Int

    init(_ x: Tensor, _ word: String) throws {
        guard x.rank == 4 || x.rank == 3, x.count > 0 else {
            throw DataError(
                code: "augment.images",
                message: "\(word) expects images, n x height x width x channels, and got \(x.shape)")
        }
        dims = x.shape.dims
        images = dims[0]
        height = dims[1]
        width = dims[2]
        channels = dims.count == 4 ? dims[3] : 1
    }

    private var pixels: Int { height * width }

    /// New images, one after the other; none where an interrupt has left some out.
    private func whole(_ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Tensor {
        let made = try Tensor.filled(dims, fill)
        try Interrupt.poll()
        return made
    }

    /// Each output pixel is copied from the place its image's rule names; outside is 0.
    func moved(_ x: Tensor, _ rule: (Int) -> (Int, Int) -> (Int, Int)) throws -> Tensor {
        try whole { target in
            x.reading { source in
                for image in 0..<images where !Interrupt.isDue {
                    let from = rule(image)
                    let base = image * pixels * channels
                    for row in 0..<height {
                        for column in 0..<width {
                            let (sourceRow, sourceColumn) = from(row, column)
                            guard sourceRow >= 0, sourceRow < height, sourceColumn >= 0, sourceColumn < width else {
                                continue
                            }
                            let to = base + (row * width + column) * channels
                            let at = base + (sourceRow * width + sourceColumn) * channels
                            for channel in 0..<channels { target[to + channel] = source[at + channel] }
                        }
                    }
                }
            }
        }
    }

    /// Resampled about the centre: an output pixel at (y, x) shows the input at (a y + b x, c y + d x).
    func affine(_ x: Tensor, _ matrix: (Int) -> (Double, Double, Double, Double)) throws -> Tensor {
        let middleRow = Double(height - 1) / 2
        let middleColumn = Double(width - 1) / 2
        return try whole { target in
            x.reading { source in
                for image in 0..<images where !Interrupt.isDue {
                    let (a, b, c, d) = matrix(image)
                    for row in 0..<height {
                        for column in 0..<width {
                            let y = Double(row) - middleRow
                            let x = Double(column) - middleColumn
                            let sourceRow = a * y + b * x + middleRow
                            let sourceColumn = c * y + d * x + middleColumn
                            sample(source, target, image, row * width + column, sourceRow, sourceColumn)
                        }
                    }
                }
            }
        }
    }

    /// Resampled with a displacement (down, right) a pixel.
    func displaced(_ x: Tensor, _ fields: (Int) -> ([Double], [Double])) throws -> Tensor {
        try whole { target in
            x.reading { source in
                for image in 0..<images where !Interrupt.isDue {
                    let (down, right) = fields(image)
                    for pixel in 0..<pixels {
                        let row = Double(pixel / width) + down[pixel]
                        let column = Double(pixel % width) + right[pixel]
                        sample(source, target, image, pixel, row, column)
                    }
                }
            }
        }
    }

    /// A random field uniform in -alpha..alpha, smoothed along both axes by a normalised Gaussian.
    func field(_ alpha: Double, _ sigma: Double, _ stream: inout RandomStream) -> [Double] {
        smoothed((0..<pixels).map { _ in stream.uniform(-1, 1) }, alpha, sigma)
    }

    /// `alpha` times one value a pixel smoothed by a Gaussian cut at 3 sd, 0 outside.
    func smoothed(_ raw: [Double], _ alpha: Double, _ sigma: Double) -> [Double] {
        let reach = min(Int((3 * sigma).rounded(.up)), max(height, width))
        var weights = (-reach...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let total = weights.reduce(0, +)
        weights = weights.map { $0 / total }
        var across = raw
        for row in 0..<height {
            for column in 0..<width {
                var sum = 0.0
                for step in max(-reach, -column)...min(reach, width - 1 - column) {
                    sum += weights[step + reach] * raw[row * width + column + step]
                }
                across[row * width + column] = sum
            }
        }
        var smooth = across
        for row in 0..<height {
            for column in 0..<width {
                var sum = 0.0
                for step in max(-reach, -row)...min(reach, height - 1 - row) {
                    sum += weights[step + reach] * across[(row + step) * width + column]
                }
                smooth[row * width + column] = alpha * sum
            }
        }
        return smooth
    }

    /// The input between pixels by bilinear weights, 0 outside.
    private func sample(
        _ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Float>, _ image: Int, _ pixel: Int,
        _ row: Double, _ column: Double
    ) {
        guard row > -1, row < Double(height), column > -1, column < Double(width) else { return }
        let top = Int(row.rounded(.down))
        let left = Int(column.rounded(.down))
        let lower = Float(row - Double(top))
        let further = Float(column - Double(left))
        let base = image * pixels * channels
        for channel in 0..<channels {
            func at(_ r: Int, _ c: Int) -> Float {
                r >= 0 && r < height && c >= 0 && c < width ? source[base + (r * width + c) * channels + channel] : 0
            }
            let upper = at(top, left) * (1 - further) + at(top, left + 1) * further
            let below = at(top + 1, left) * (1 - further) + at(top + 1, left + 1) * further
            target[base + pixel * channels + channel] = upper * (1 - lower) + below * lower
        }
    }
}
