import Glibc
import SiamTensor
import Testing

@testable import SiamGradient

/// A program of operators drawn at random, over scalars of a flat list: slow, obvious, in 64 bits. Every node holds an
/// array with broadcasting written out; derivatives are carried forwards, one input element at a time.
private struct Graph {
    enum Step {
        case unary(String, Int)
        case binary(String, Int, Int)
        case matmul(Int, Int)
        case sumRows(Int)
        case transpose(Int)
        case softmax(Int)
        case take(Int, Int)
    }
    var steps: [Step] = []
    /// Rows and columns of each node: inputs first.
    var sizes: [(Int, Int)]
    let inputs: Int

    static let unary = ["tanh", "sigmoid", "square", "exp", "softplus", "relu", "negate", "sin", "abs"]
    static let binary = ["add", "subtract", "multiply", "maximum", "divide"]

    init(_ stream: inout RandomStream) {
        sizes = (0..<3).map { _ in (1 + stream.below(3), 1 + stream.below(3)) }
        inputs = sizes.count
        for _ in 0..<(3 + stream.below(8)) {
            let a = stream.below(sizes.count)
            let b = stream.below(sizes.count)
            let (p, q) = (sizes[a], sizes[b])
            switch stream.below(9) {
            case 0, 1, 2:
                steps.append(.unary(Graph.unary[stream.below(Graph.unary.count)], a))
                sizes.append(p)
            case 3, 4, 5:
                guard p.0 == q.0 || p.0 == 1 || q.0 == 1, p.1 == q.1 || p.1 == 1 || q.1 == 1 else { continue }
                steps.append(.binary(Graph.binary[stream.below(Graph.binary.count)], a, b))
                sizes.append((max(p.0, q.0), max(p.1, q.1)))
            case 6:
                guard p.1 == q.0 else { continue }
                steps.append(.matmul(a, b))
                sizes.append((p.0, q.1))
            case 7:
                switch stream.below(3) {
                case 0:
                    steps.append(.sumRows(a))
                    sizes.append((1, p.1))
                case 1:
                    steps.append(.transpose(a))
                    sizes.append((p.1, p.0))
                default:
                    steps.append(.softmax(a))
                    sizes.append(p)
                }
            default:
                let row = stream.below(p.0)
                steps.append(.take(a, row))
                sizes.append((1, p.1))
            }
        }
    }

    /// With the engine: the mean of the squares of tanh of the last node, so that no value runs away.
    func engine(_ x: [Tensor]) throws -> Tensor {
        var nodes = x
        for step in steps {
            switch step {
            case .unary(let name, let a):
                nodes.append(try #require(Operators.named(name)).apply([try safe(name, nodes[a])]))
            case .binary(let name, let a, let b):
                let right =
                    name == "divide" ? try Operators.add(try Operators.square(nodes[b]), try one(nodes[b])) : nodes[b]
                nodes.append(try #require(Operators.named(name)).apply([nodes[a], right]))
            case .matmul(let a, let b): nodes.append(try Operators.matmul(nodes[a], nodes[b]))
            case .sumRows(let a): nodes.append(try Operators.sum.apply([nodes[a]], [.integers([0]), .flag(true)]))
            case .transpose(let a): nodes.append(try Operators.transpose(nodes[a]))
            case .softmax(let a): nodes.append(try Operators.softmax.apply([nodes[a]], [.integer(-1)]))
            case .take(let a, let row):
                nodes.append(
                    try Operators.gather.apply(
                        [nodes[a], try Tensor(.vector(1), doubles: [Double(row)])], [.integer(0)]))
            }
        }
        return try Operators.mean(try Operators.square(try Operators.tanh(nodes[nodes.count - 1])))
    }
    private func one(_ t: Tensor) throws -> Tensor { try Tensor(scalar: 1, t.precision) }
    private func safe(_ name: String, _ t: Tensor) throws -> Tensor { name == "exp" ? try Operators.tanh(t) : t }

    /// A value with its derivative along one direction.
    struct Dual {
        var v: Double
        var d: Double
        init(_ v: Double, _ d: Double = 0) {
            self.v = v
            self.d = d
        }
    }

    /// The obvious way: loops over rows and columns of numbers that carry their derivative.
    func plain(_ x: [[Dual]]) -> Dual {
        var nodes = x
        for (k, step) in steps.enumerated() {
            let (rows, columns) = sizes[inputs + k]
            var out: [Dual] = []
            func at(_ n: Int, _ i: Int, _ j: Int) -> Dual {
                let (r, c) = sizes[n]
                return nodes[n][(r == 1 ? 0 : i) * c + (c == 1 ? 0 : j)]
            }
            for i in 0..<rows {
                for j in 0..<columns {
                    switch step {
                    case .unary(let name, let a): out.append(unary(name, at(a, i, j)))
                    case .binary(let name, let a, let b): out.append(binary(name, at(a, i, j), at(b, i, j)))
                    case .matmul(let a, let b):
                        var s = Dual(0)
                        for l in 0..<sizes[a].1 {
                            let (p, q) = (nodes[a][i * sizes[a].1 + l], nodes[b][l * sizes[b].1 + j])
                            s = Dual(s.v + p.v * q.v, s.d + p.d * q.v + p.v * q.d)
                        }
                        out.append(s)
                    case .sumRows(let a):
                        var s = Dual(0)
                        for l in 0..<sizes[a].0 {
                            let p = nodes[a][l * columns + j]
                            s = Dual(s.v + p.v, s.d + p.d)
                        }
                        out.append(s)
                    case .transpose(let a): out.append(nodes[a][j * sizes[a].1 + i])
                    case .softmax(let a):
                        let row = (0..<columns).map { nodes[a][i * columns + $0] }
                        let e = row.map { Double.exp($0.v) }
                        let total = e.reduce(0, +)
                        let along = zip(e, row).reduce(0) { $0 + $1.0 * $1.1.d } / total
                        let s = e[j] / total
                        out.append(Dual(s, s * (row[j].d - along)))
                    case .take(let a, let row): out.append(nodes[a][row * columns + j])
                    }
                }
            }
            nodes.append(out)
        }
        let last = nodes[nodes.count - 1]
        var (v, d) = (0.0, 0.0)
        for p in last {
            let t = unary("tanh", p)
            v += t.v * t.v
            d += 2 * t.v * t.d
        }
        return Dual(v / Double(last.count), d / Double(last.count))
    }

    private func unary(_ name: String, _ x: Dual) -> Dual {
        switch name {
        case "tanh":
            let y = 1 - 2 / (Double.exp(2 * x.v) + 1)
            return Dual(y, x.d * (1 - y * y))
        case "sigmoid":
            let y = 1 / (1 + Double.exp(-x.v))
            return Dual(y, x.d * y * (1 - y))
        case "square": return Dual(x.v * x.v, 2 * x.v * x.d)
        case "exp":
            let t = unary("tanh", x)
            return Dual(Double.exp(t.v), Double.exp(t.v) * t.d)
        case "softplus":
            let y = max(x.v, 0) + Double.log1p(Double.exp(-Swift.abs(x.v)))
            return Dual(y, x.d / (1 + Double.exp(-x.v)))
        case "relu": return x.v > 0 ? x : Dual(0)
        case "negate": return Dual(-x.v, -x.d)
        case "sin": return Dual(Double.sin(x.v), Double.cos(x.v) * x.d)
        default: return x.v == 0 ? Dual(0) : x.v > 0 ? x : Dual(-x.v, -x.d)
        }
    }
    private func binary(_ name: String, _ a: Dual, _ b: Dual) -> Dual {
        switch name {
        case "add": return Dual(a.v + b.v, a.d + b.d)
        case "subtract": return Dual(a.v - b.v, a.d - b.d)
        case "multiply": return Dual(a.v * b.v, a.d * b.v + a.v * b.d)
        case "maximum": return a.v == b.v ? Dual(a.v, (a.d + b.d) / 2) : a.v > b.v ? a : b
        default:
            let (r, rd) = (b.v * b.v + 1, 2 * b.v * b.d)
            return Dual(a.v / r, (a.d * r - a.v * rd) / (r * r))
        }
    }
}

extension Double {
    fileprivate static func exp(_ x: Double) -> Double { Glibc.exp(x) }
    fileprivate static func log1p(_ x: Double) -> Double { Glibc.log1p(x) }
    fileprivate static func sin(_ x: Double) -> Double { Glibc.sin(x) }
    fileprivate static func cos(_ x: Double) -> Double { Glibc.cos(x) }
}

@Suite struct RandomGraphTests {
    /// A thousand random programs: values and every derivative as the obvious evaluator has them.
    @Test func thousandGraphsAgreeWithAnObviousEvaluator() throws {
        var stream = RandomStream(seed: 2026)
        for n in 0..<1000 {
            let graph = Graph(&stream)
            let numbers = try (0..<graph.inputs).map { i in
                try Draw.uniform(
                    try Shape([graph.sizes[i].0, graph.sizes[i].1]), from: -1.5, to: 1.5, &stream, .double)
            }
            let leaves = numbers.map { $0.tracked() }
            let y = try graph.engine(leaves)
            let gradients = try gradients(of: y, at: leaves)
            let values = numbers.map { $0.doubles }
            let single = try graph.engine(try numbers.map { try $0.converted(to: .single) })
            let plain = graph.plain(values.map { $0.map { Graph.Dual($0) } })
            #expect(Swift.abs(y.item - plain.v) <= 1e-10 * max(1, Swift.abs(plain.v)), "graph \(n): value")
            #expect(Swift.abs(single.item - plain.v) <= 1e-3, "graph \(n): value in 32 bits")
            for (i, x) in values.enumerated() {
                for k in x.indices {
                    var moved = values.map { $0.map { Graph.Dual($0) } }
                    moved[i][k].d = 1
                    let want = graph.plain(moved).d
                    let got = gradients[i]?[k] ?? 0
                    #expect(Swift.abs(got - want) <= 1e-8 * max(1, Swift.abs(want)), "graph \(n), input \(i)[\(k)]")
                }
            }
        }
    }
}
