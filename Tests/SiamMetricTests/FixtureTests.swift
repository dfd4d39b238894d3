import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamTensor
import Testing

let metricFixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/metric")

/// A value and gradients that another library worked out, and the expression that gives them here.
struct FixtureCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Input: Decodable, Sendable {
        var shape: [Int]
        var values: [Double]
    }
    var name: String
    var expr: String
    var inputs: [String: Input]
    var value: [Double]
    var gradients: [String: [Double]]
    var testDescription: String { name }

    static func read(_ file: String) -> [FixtureCase] {
        struct File: Decodable { var cases: [FixtureCase] }
        let url = metricFixtures.appendingPathComponent(file)
        guard let data = try? Data(contentsOf: url), let all = try? JSONDecoder().decode(File.self, from: data) else {
            return []
        }
        return all.cases
    }

    func session() throws -> Session {
        let session = ProgramTest.session(CapturedOutput())
        for (name, input) in inputs {
            var t = try Tensor(try Shape(input.shape), input.values.map { Float($0) })
            if gradients[name] != nil { t = t.tracked() }
            try session.globals.assign(name, .tensor(t))
        }
        return session
    }
}

func numbers(_ v: Value) -> [Double] {
    switch v {
    case .number(let x): [x]
    case .bool(let b): [b ? 1 : 0]
    case .tensor(let t): t.doubles
    case .list(let l): l.items.flatMap(numbers)
    case .record(let r): r.values.flatMap(numbers)
    default: []
    }
}

/// Equal within `tolerance` of the larger of 1 and the largest number wanted.
func agree(_ got: [Double], _ wanted: [Double], _ tolerance: Double = 1e-5) -> Bool {
    let scale = wanted.reduce(1) { max($0, abs($1)) }
    return got.count == wanted.count && zip(got, wanted).allSatisfy { abs($0 - $1) <= tolerance * scale }
}

@Suite struct FixtureTests {
    @Test func fixturesAreThere() {
        #expect(FixtureCase.read("losses.json").count > 150)
        #expect(FixtureCase.read("scores.json").count > 100)
        #expect(FixtureCase.read("tasks.json").count > 90)
    }

    @Test(arguments: FixtureCase.read("losses.json"))
    func lossAndGradientsAgree(_ c: FixtureCase) throws {
        let session = try c.session()
        let value = numbers(try session.evaluate(c.expr))
        #expect(agree(value, c.value), "\(c.name): \(value) here, \(c.value) there")
        for (name, wanted) in c.gradients {
            let text = c.expr.hasPrefix("{") ? c.expr : "{ \(c.expr) }"
            let got = numbers(try session.evaluate("whole = sum(\(text))\ngrad(whole, \(name))"))
            #expect(agree(got, wanted), "\(c.name), gradient at \(name): \(got) here, \(wanted) there")
        }
    }

    /// Expectations over ties were sampled 20,000 times.
    @Test(arguments: FixtureCase.read("scores.json"))
    func scoreAgrees(_ c: FixtureCase) throws {
        let session = try c.session()
        let value = numbers(try session.evaluate(c.expr))
        #expect(
            agree(value, c.value, c.name.hasPrefix("ties") ? 0.01 : 1e-5), "\(c.name): \(value) here, \(c.value) there")
    }

    /// Measures of classifiers and regressions, ties and classes without an example among them.
    @Test(arguments: FixtureCase.read("tasks.json"))
    func taskMeasureAgrees(_ c: FixtureCase) throws {
        let value = numbers(try c.session().evaluate(c.expr))
        #expect(agree(value, c.value), "\(c.name): \(value) here, \(c.value) there")
    }
}
