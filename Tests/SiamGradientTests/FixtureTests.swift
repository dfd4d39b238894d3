import Foundation
import SiamTensor
import Testing

@testable import SiamGradient

/// One call of an operator and what NumPy or SciPy gives for it (scripts/fixtures/engine.py).
private struct Fixture {
    var op: String
    var inputs: [Tensor]
    var attributes: [Attribute]
    var shape: [Int]
    var values: [Double]
    var tolerance: Double

    static func number(_ v: Any) -> Double {
        switch v {
        case let x as NSNumber: x.doubleValue
        case let s as String: s == "inf" ? .infinity : s == "-inf" ? -.infinity : .nan
        default: .nan
        }
    }

    init(_ json: [String: Any], _ precision: Precision) throws {
        func list(_ part: [String: Any]) -> ([Int], [Double]) {
            (
                (part["shape"] as? [Any] ?? []).map { Int(Fixture.number($0)) },
                (part["values"] as? [Any] ?? []).map(Fixture.number)
            )
        }
        op = json["op"] as? String ?? ""
        inputs = try (json["inputs"] as? [[String: Any]] ?? []).map {
            let (shape, values) = list($0)
            return try Tensor(try Shape(shape), doubles: values, precision)
        }
        attributes = (json["attributes"] as? [Any] ?? []).map { a in
            switch a {
            case let s as String: return .text(s)
            case let l as [Any]: return .integers(l.map { Int(Fixture.number($0)) })
            case let n as NSNumber where Fixture.isFlag(n): return .flag(n.boolValue)
            case let n as NSNumber where n.doubleValue == n.doubleValue.rounded(): return .integer(n.intValue)
            case let n as NSNumber: return .number(n.doubleValue)
            default: return .none
            }
        }
        (shape, values) = list(json["result"] as? [String: Any] ?? [:])
        tolerance = Fixture.number(json["tolerance"] ?? 1e-6)
    }

    private static func isFlag(_ n: NSNumber) -> Bool { String(cString: n.objCType) == "c" }
}

nonisolated(unsafe) private let fixtures: [[String: Any]] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/engine/operators.json")
    let data = (try? Data(contentsOf: file)) ?? Data()
    return ((try? JSONSerialization.jsonObject(with: data)) as? [[String: Any]]) ?? []
}()

@Suite struct FixtureTests {
    static func named(_ name: String) -> Operator? {
        Operators.named(name) ?? Operators.fused.first { $0.name == name }
    }

    @Test func thereAreFixtures() {
        #expect(fixtures.count > 400)
        #expect(Set(fixtures.compactMap { $0["op"] as? String }).count > 75)
    }

    /// Values agree with NumPy's: 0 to the sign where it is exact, NaN and infinities in their places.
    @Test(arguments: [Precision.single, .double])
    func operatorsAgreeWithNumPy(_ precision: Precision) throws {
        for (i, json) in fixtures.enumerated() {
            let f = try Fixture(json, precision)
            let op = try #require(FixtureTests.named(f.op), "no operator \(f.op)")
            let y: Tensor
            do {
                y = try op.apply(f.inputs, f.attributes)
            } catch {
                Issue.record("case \(i), \(f.op) of \(f.inputs.map(\.shape.description)): \(error)")
                continue
            }
            #expect(y.shape.dims == f.shape, "case \(i), \(f.op): shape")
            var worst = ""
            for (k, want) in f.values.enumerated() where k < y.count {
                let got = y[k]
                if want.isNaN && got.isNaN || want == got { continue }
                // In 64 bits what is too large for 32 bits is a number.
                if precision == .double, want.isInfinite || Swift.abs(want) < 1e-37 || Swift.abs(got) > 3e38 {
                    continue
                }
                // What is below the smallest ordinary number in 32 bits may come out as 0.
                if Swift.abs(want) < 1.2e-38, Swift.abs(got) < 1.2e-38 { continue }
                if Swift.abs(got - want) <= f.tolerance * max(1, Swift.abs(want)) { continue }
                worst = "element \(k): \(got), and NumPy gives \(want)"
            }
            #expect(worst.isEmpty, "case \(i), \(f.op) of \(f.inputs.map(\.shape.description)): \(worst)")
        }
    }

    /// What an operator says of its result's shape is the shape that comes out.
    @Test func shapeRulesHold() throws {
        for json in fixtures {
            let f = try Fixture(json, .single)
            // How many different numbers there are the numbers alone tell.
            guard let op = FixtureTests.named(f.op), f.op != "unique" else { continue }
            guard let said = try? op.shape(f.inputs.map(\.shape), try op.complete(f.attributes)) else {
                Issue.record("\(f.op) has no shape for \(f.inputs.map(\.shape.description))")
                continue
            }
            #expect(said.first?.dims == f.shape, "\(f.op) of \(f.inputs.map(\.shape.description))")
        }
    }
}

@Suite struct ShapeErrorTests {
    /// Every operator of two tensors that cannot be joined refuses them in words, with the shapes.
    @Test func operatorsRefuseWhatDoesNotFit() throws {
        let a = try Tensor.ones(try Shape([3, 4]))
        let b = try Tensor.ones(try Shape([2, 5]))
        var refused = 0
        for op in Operators.all where op.parameters.filter({ $0.kind == .tensor }).count == 2 {
            if ["outer", "gather", "scatter_add"].contains(op.name) { continue }
            do {
                _ = try op.apply([a, b])
                Issue.record("\(op.name) took 3x4 and 2x5")
            } catch let e as EngineError {
                refused += 1
                #expect(!e.message.isEmpty && !e.message.hasSuffix("."), "\(op.name): \(e.message)")
                #expect(!e.message.contains("Shape") && !e.message.contains("Tensor("), "\(op.name): \(e.message)")
                #expect(!e.code.isEmpty)
            }
        }
        #expect(refused > 15)
    }

    @Test func axesOutOfRangeAreNamed() throws {
        let x = try Tensor.ones(try Shape([3, 4]))
        for name in ["sum", "mean", "max", "softmax", "cumsum", "l2norm", "flip"] {
            let op = try #require(Operators.named(name))
            #expect(throws: EngineError.self, "\(name)") {
                try op.apply([x], [name == "softmax" || name == "l2norm" ? .integer(5) : .integers([5])])
            }
        }
    }
}
