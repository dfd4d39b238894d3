import Glibc
import SiamTensor

/// `n` points of the plane on concentric circles, one a class: radii 1, 1 - 1/classes, ..., equally spaced angles, plus
/// normal noise of sd `noise`, in random order. With two classes and a noise of 0 these are scikit-learn's
/// `make_circles(factor=0.5)` points.
public func rings(_ n: Int, classes: Int = 2, noise: Double = 0.1, _ stream: inout RandomStream) throws -> Dataset {
    try checkCloud("rings", n, classes, noise)
    return try cloud("rings", n, classes, noise, &stream) { number, place, size in
        let radius = 1 - Double(number) / Double(classes)
        let angle = 2 * Double.pi * Double(place) / Double(size)
        return (radius * cos(angle), radius * sin(angle))
    }
}

/// `n` points on two interleaved half circles, equally spaced, plus normal noise of sd `noise`, in random order:
/// scikit-learn's `make_moons`.
public func moons(_ n: Int, noise: Double = 0.1, _ stream: inout RandomStream) throws -> Dataset {
    try checkCloud("moons", n, 2, noise)
    return try cloud("moons", n, 2, noise, &stream) { number, place, size in
        let angle = size > 1 ? Double.pi * Double(place) / Double(size - 1) : 0
        return number == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
    }
}

/// `n` points on spirals of one and a half turns that begin at the centre, one a class, plus normal noise of sd
/// `noise`, in random order.
public func spirals(_ n: Int, classes: Int = 2, noise: Double = 0.05, _ stream: inout RandomStream) throws -> Dataset {
    try checkCloud("spirals", n, classes, noise)
    return try cloud("spirals", n, classes, noise, &stream) { number, place, size in
        let along = Double(place + 1) / Double(size)
        let angle = 3 * Double.pi * along + 2 * Double.pi * Double(number) / Double(classes)
        return (along * cos(angle), along * sin(angle))
    }
}

/// `n` points of `dim` coordinates in normal clouds of sd `spread` about centres drawn uniformly from -10 ..< 10, one a
/// class, in random order: as scikit-learn's `make_blobs`.
public func blobs(
    _ n: Int, classes: Int = 3, dim: Int = 2, spread: Double = 1, _ stream: inout RandomStream
) throws -> Dataset {
    try checkCloud("blobs", n, classes, spread, "spread")
    guard dim >= 1, n.multipliedReportingOverflow(by: dim).overflow == false else {
        throw DataError(code: "blobs.dim", message: "blobs expects at least 1 coordinate, and got dim = \(dim)")
    }
    _ = try Shape([n, dim])
    _ = try Shape([classes, dim])
    let centres = (0..<classes * dim).map { _ in stream.uniform(-10, 10) }
    let labels = try shuffledLabels(n, classes, &stream)
    let x = try Tensor.filled([n, dim]) { target in
        for row in 0..<n {
            if row & 0xFFFF == 0 { try Interrupt.poll() }
            for axis in 0..<dim {
                target[row * dim + axis] = Float(centres[labels[row] * dim + axis] + spread * stream.normal())
            }
        }
    }
    return try Dataset(
        x: x, y: labels, names: (0..<classes).map(String.init), name: "blobs", provenance: "made on demand")
}

/// Points of the plane: `point(class, place in the class, size of the class)` plus noise, in random order.
private func cloud(
    _ name: String, _ n: Int, _ classes: Int, _ noise: Double, _ stream: inout RandomStream,
    point: (Int, Int, Int) -> (Double, Double)
) throws -> Dataset {
    let labels = try shuffledLabels(n, classes, &stream).map { classes - 1 - $0 }
    var sizes = [Int](repeating: 0, count: classes)
    for label in labels { sizes[label] += 1 }
    var next = sizes.map { _ in 0 }
    let x = try Tensor.filled([n, 2]) { target in
        for (row, label) in labels.enumerated() {
            if row & 0xFFFF == 0 { try Interrupt.poll() }
            let (x, y) = point(label, next[label], sizes[label])
            next[label] += 1
            target[row * 2] = Float(x + (noise > 0 ? noise * stream.normal() : 0))
            target[row * 2 + 1] = Float(y + (noise > 0 ? noise * stream.normal() : 0))
        }
    }
    return try Dataset(x: x, y: labels, names: (0..<classes).map(String.init), name: name, provenance: "made on demand")
}

/// Class numbers of `n` rows in random order, class sizes differing by one at most, the larger ones first.
private func shuffledLabels(_ n: Int, _ classes: Int, _ stream: inout RandomStream) throws -> [Int] {
    var labels = (0..<n).map { $0 % classes }
    try stream.shuffle(&labels) { try Interrupt.poll() }
    return labels
}

private func checkCloud(_ name: String, _ n: Int, _ classes: Int, _ noise: Double, _ width: String = "noise") throws {
    guard n >= 1 else {
        throw DataError(code: "generator.n", message: "\(name) expects at least 1 point, and got \(n)")
    }
    guard classes >= 1, classes <= n else {
        throw DataError(
            code: "generator.classes",
            message: "\(name) expects between 1 class and one a point (\(n)), and got classes = \(classes)")
    }
    guard noise >= 0, noise.isFinite else {
        throw DataError(code: "generator.noise", message: "\(name) expects a \(width) of 0 or more, and got \(noise)")
    }
    let shape = try Shape([n, 2])
    // Labels, their order and the points.
    guard (try? Memory.ask(n, of: 40, for: name)) != nil else { throw EngineError.tooLarge(shape.dims) }
}
