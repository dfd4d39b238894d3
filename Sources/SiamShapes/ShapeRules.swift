import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Operators' own shape rules, asked with lengths that are not all known: a symbol is tried as several lengths, and what
/// comes out alike, or follows it, is known.
enum ShapeRules {
    /// Large primes that represent unknown lengths, so that they differ from any real length.
    private static let stranger = [10007, 10009, 10037, 10039, 10061, 10067]
    private static let other = [20011, 20021, 20023, 20029, 20047, 20051]

    /// Shapes of the outputs; nil where too little is known. Throws what the operator would throw whatever the unknown
    /// lengths are.
    static func apply(
        _ op: Operator, _ inputs: [[Quantity]], _ attributes: [[Quantity]?], fixed: [Attribute],
        fresh: () -> Quantity
    ) throws -> [[Quantity]]? {
        var symbols: [Int] = []
        var lengths: Set<Int> = [1]
        let given: [[Quantity]] = inputs + attributes.compactMap { $0 }
        for quantity in given.joined() {
            switch quantity {
            case .symbol(let s): if !symbols.contains(s) { symbols.append(s) }
            case .known: if let n = quantity.whole, n > 0, n < 100_000 { lengths.insert(n) }
            }
        }
        guard symbols.count <= 6 else { return nil }
        func run(_ lengths: [Int]) throws -> [[Int]] {
            let known = Dictionary(uniqueKeysWithValues: zip(symbols, lengths))
            func length(_ q: Quantity) -> Int {
                if case .symbol(let s) = q { return known[s] ?? 1 }
                return q.whole ?? 0
            }
            var all: [Attribute] = []
            for (k, given) in fixed.enumerated() {
                guard let list = attributes[k] else {
                    all.append(given)
                    continue
                }
                if case .integers = given {
                    all.append(.integers(list.map(length)))
                } else if case .number = given {
                    all.append(.number(list.first.map { $0.number ?? Double(length($0)) } ?? 0))
                } else {
                    all.append(.integer(list.first.map(length) ?? 0))
                }
            }
            let shapes = try inputs.map { try Shape($0.map(length)) }
            return try op.shape(shapes, try op.complete(all)).map(\.dims)
        }
        if symbols.isEmpty { return try run([]).map { $0.map { .known(Double($0)) } } }
        do {
            let first = try run(Array(stranger.prefix(symbols.count)))
            let second = try run(Array(other.prefix(symbols.count)))
            guard first.count == second.count else { return nil }
            var outputs: [[Quantity]] = []
            for (a, b) in zip(first, second) {
                guard a.count == b.count else { return nil }
                outputs.append(
                    zip(a, b).map { x, y in
                        if x == y { return .known(Double(x)) }
                        if let k = symbols.indices.first(where: { stranger[$0] == x && other[$0] == y }) {
                            return .symbol(symbols[k])
                        }
                        return fresh()
                    })
            }
            return outputs
        } catch let error as EngineError {
            // It is a fault only if no lengths whatever would do.
            guard symbols.count <= 3, lengths.count <= 8 else { return nil }
            let choices = Array(lengths)
            var tried = [Int](repeating: 0, count: symbols.count)
            while true {
                if (try? run(tried.map { choices[$0] })) != nil { return nil }
                var k = 0
                while k < tried.count {
                    tried[k] += 1
                    if tried[k] < choices.count { break }
                    tried[k] = 0
                    k += 1
                }
                if k == tried.count { break }
            }
            throw plain(error)
        }
    }

    /// The message with `n` for lengths that are not known.
    private static func plain(_ error: EngineError) -> EngineError {
        var error = error
        for length in stranger {
            error.message = error.message.replacing("\(length)", with: "n")
            error.notes = error.notes.map { $0.replacing("\(length)", with: "n") }
        }
        error.dims = error.dims.map { $0.map { stranger.contains($0) ? -1 : $0 } }
        return error
    }

    /// `32x784`, with `n` for a length that is not known.
    static func text(_ dims: [Int]) -> String {
        dims.isEmpty ? "number" : dims.map { $0 < 0 ? "n" : "\($0)" }.joined(separator: "x")
    }
}
