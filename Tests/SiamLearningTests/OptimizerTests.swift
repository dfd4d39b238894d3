import SiamGradient
import SiamTensor
import Testing

@testable import SiamLearning

@Test func snapshotsNeverChange() throws {
    let p = Parameter(name: "w", value: try Tensor(.vector(2), [1, 2]))
    let before = p.snapshot()
    let opt = try Optimizer("adam", ["lr": 0.1])
    let g = try Tensor(.vector(2), [1, -1])
    try opt.update(parameters: [p], gradients: [g])
    #expect(before.floats == [1, 2])
    #expect(abs(p.value.doubles[0] - 0.9) < 1e-6)
    let state = opt.snapshot()
    let at = p.snapshot()
    try opt.update(parameters: [p], gradients: [g])
    let once = p.value.floats
    opt.restore(state)
    p.restore(at)
    try opt.update(parameters: [p], gradients: [g])
    #expect(p.value.floats == once)
}

@Test func updateWritesInPlaceWhereItMay() throws {
    let p = Parameter(name: "w", value: try Tensor(.vector(2), [1, 2]))
    let opt = try Optimizer("sgd", ["lr": 0.5])
    let g = try Tensor(.vector(2), [1, 1])
    try opt.update(parameters: [p], gradients: [g])
    let place = p.value.address
    try opt.update(parameters: [p], gradients: [g])
    #expect(p.value.address == place)
    #expect(p.value.floats == [0, 1])
}

/// What products have packed of weights is not used after an update.
@Test(arguments: [(200, 100), (784, 512)])
func productsFollowAnUpdate(_ k: Int, _ n: Int) throws {
    var stream = RandomStream(seed: 3)
    let p = Parameter(name: "w", value: try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream))
    let x = try Draw.uniform(.matrix(40, k), from: -1, to: 1, &stream)
    let g = try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream)
    let opt = try Optimizer("adam", ["lr": 0.1])
    for _ in 0..<3 {
        try opt.update(parameters: [p], gradients: [g])
        let fresh = try p.value.copied().tracked()
        #expect(
            try Operators.affine.apply([x, p.value], []).floats == Operators.affine.apply([x, fresh], []).floats)
    }
}

@Test func namesAreChecked() {
    #expect(throws: EngineError.self) { try Optimizer("sdg") }
    #expect(throws: EngineError.self) { try Optimizer("sgd", ["rate": 1]) }
    #expect(throws: EngineError.self) { try Initialiser("constant") }
}

@Test func orthogonalIsOrthogonal() throws {
    var stream = RandomStream(seed: 1)
    let q = try Initialiser("orthogonal").draw(try Shape([6, 4]), &stream)
    let qq = try Operators.matmul.apply([q, q], [.flag(true), .flag(false)])
    for i in 0..<16 { #expect(abs(qq[i] - (i % 5 == 0 ? 1 : 0)) < 1e-5) }
}

@Test func productsSeeWhatAnUpdateChanged() throws {
    var stream = RandomStream(seed: 3)
    let (rows, k, n) = (40, 160, 128)
    let x = try Draw.uniform(.matrix(rows, k), from: -1, to: 1, &stream)
    let p = Parameter(name: "w", value: try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream))
    let g = try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream)
    let opt = try Optimizer("adam", ["lr": 0.1])
    var (kept, atFirst): (Tensor?, [Float]) = (nil, [])
    for step in 0..<4 {
        let y = try Operators.affine.apply([x, p.value])
        // Numbers of their own, that nobody has packed.
        let w = try Tensor(.matrix(k, n), p.value.floats)
        #expect(y.floats == (try Operators.affine.apply([x, w])).floats, "step \(step)")
        if step == 1 { (kept, atFirst) = (p.snapshot(), y.floats) }
        try opt.update(parameters: [p], gradients: [g])
    }
    p.restore(try #require(kept))
    #expect(try Operators.affine.apply([x, p.value]).floats == atFirst)
}
