import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct AugmentationTests {
    static let all: [Augmentation] = [
        .shift(by: 2), .rotate(degrees: 20), .scale(by: 1.3), .shear(degrees: 15), .elastic(alpha: 8, sigma: 3),
        .noise(sd: 0.2), .cutout(size: 3), .flip,
    ]

    @Test func resamplingIsSciPys() throws {
        let image = try npy(fixture("affine-in.npy"))
        let x = try Tensor.of([1, 7, 9, 1], image.values)
        let frame = try ImageFrame(x, "rotate")
        let turned = try frame.affine(x) { _ in (0.9, -0.35, 0.2, 1.1) }
        #expect(try close(turned.values, npy(fixture("affine-out.npy")).values, 1e-5))
        let smooth = frame.smoothed(image.values.map(Double.init), 2.5, 1.5).map { Float($0) }
        #expect(try close(smooth, npy(fixture("smooth-out.npy")).values, 1e-5))
    }

    @Test func eachKeepsTheShapeAndIsReproducible() throws {
        let d = try digits().rows(0..<20)
        for change in Self.all {
            var a = RandomStream(seed: 3)
            var b = RandomStream(seed: 3)
            let first = try change.applied(to: d.x, &a)
            #expect(first.shape == d.x.shape)
            #expect(try change.applied(to: d.x, &b).values == first.values)
            #expect(first.values != d.x.values, "\(change) changes something")
            #expect(try change.applied(to: d.x, &a).values != first.values, "\(change) is drawn anew")
        }
    }

    @Test func nothingIsNoChange() throws {
        let x = try digits().rows(0..<5).x
        var stream = RandomStream(seed: 1)
        let none: [Augmentation] = [
            .shift(by: 0), .rotate(degrees: 0), .scale(by: 1), .shear(degrees: 0), .elastic(alpha: 0, sigma: 2),
            .noise(sd: 0), .cutout(size: 0),
        ]
        for change in none { #expect(try close(change.applied(to: x, &stream).values, x.values), "\(change)") }
    }

    @Test func shiftMovesByWholePixels() throws {
        var stream = RandomStream(seed: 1)
        let x = try Tensor.filled([400, 5, 5, 1]) { target in for i in 0..<400 { target[i * 25 + 12] = 1 } }
        let moved = try Augmentation.shift(by: 1).applied(to: x, &stream).values
        var counts = [Int](repeating: 0, count: 25)
        for i in 0..<400 { for pixel in 0..<25 where moved[i * 25 + pixel] == 1 { counts[pixel] += 1 } }
        #expect(counts.reduce(0, +) == 400)
        let inside = [6, 7, 8, 11, 12, 13, 16, 17, 18].map { counts[$0] }
        #expect(inside.reduce(0, +) == 400 && (inside.min() ?? 0) > 20)
    }

    @Test func flipMirrorsHalf() throws {
        var stream = RandomStream(seed: 1)
        let x = try Tensor.filled([300, 1, 2, 2]) { target in for i in target.indices { target[i] = Float(i % 4) } }
        let flipped = try Augmentation.flip.applied(to: x, &stream).values
        let rows = (0..<300).map { Array(flipped[$0 * 4..<$0 * 4 + 4]) }
        let mirrored = rows.filter { $0 == [2, 3, 0, 1] }.count
        #expect(rows.allSatisfy { $0 == [0, 1, 2, 3] || $0 == [2, 3, 0, 1] })
        #expect(abs(mirrored - 150) < 40)
    }

    @Test func cutoutCutsASquare() throws {
        var stream = RandomStream(seed: 1)
        let x = try Tensor.filled([50, 9, 9]) { $0.update(repeating: 1) }
        let cut = try Augmentation.cutout(size: 3).applied(to: x, &stream).values
        for i in 0..<50 {
            let gone = 81 - cut[i * 81..<(i + 1) * 81].reduce(0, +)
            #expect([4, 6, 9].contains(gone))
        }
    }

    @Test func impossibleChangesAreRefused() throws {
        var stream = RandomStream(seed: 1)
        let x = try digits().rows(0..<2).x
        let wrong: [Augmentation] = [
            .shift(by: -1), .shift(by: .max), .rotate(degrees: .infinity), .rotate(degrees: .nan), .scale(by: 0.5),
            .shear(degrees: 90), .elastic(alpha: -1, sigma: 1), .elastic(alpha: 1, sigma: 0), .noise(sd: -1),
            .noise(sd: .nan), .cutout(size: .min), .elastic(alpha: 1, sigma: .nan),
        ]
        for change in wrong {
            #expect(refusal { _ = try change.applied(to: x, &stream) }?.code == "augment.range", "\(change)")
        }
        let flat = try Tensor.of([2, 3], [1, 2, 3, 4, 5, 6])
        let error = refusal { _ = try Augmentation.flip.applied(to: flat, &stream) }
        #expect(error?.message == "flip expects images, n x height x width x channels, and got 2x3")
    }
}
