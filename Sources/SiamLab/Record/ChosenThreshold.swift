import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension PrintedFigures {
    /// A figure whose threshold was chosen on the very rows that the figure is of, in words: chosen on one half of them, it does
    /// clearly better on that half than on the other.
    func thresholdOnMeasured(_ session: Session) -> String? {
        // What the evaluation gives to its names is worked out once, and only if a name is not known before it.
        var evaluated: [String: Value]?
        func value(_ name: String) -> Value? {
            if let known = session.globals.valueIfReady(name) { return known }
            let all = evaluated ?? valuesOfEvaluation(session)
            evaluated = all
            return all[name]
        }
        for (e, source) in wanted {
            var direct = Set<String>()
            e.walk { if case .name(let n) = $0.kind { direct.insert(n) } }
            // A figure that has a name is worked out where the name is given.
            if case .name(let n) = e.kind, let value = values[n] {
                direct = []
                value.walk { if case .name(let m) = $0.kind { direct.insert(m) } }
            }
            for threshold in direct.sorted() {
                guard case .number? = value(threshold), let found = chosen(threshold, for: e, source, direct, session)
                else { continue }
                return found
            }
        }
        return nil
    }

    /// The values of all names of the evaluation, which stands behind what a replay runs.
    private func valuesOfEvaluation(_ session: Session) -> [String: Value] {
        let names = tail.reduce(into: Set<String>()) { $0.formUnion(PrintedFigures.made($1.statement)) }
        guard !names.isEmpty else { return [:] }
        return afterEvaluation(session) {
            names.reduce(into: [String: Value]()) { $0[$1] = session.globals.valueIfReady($1) }
        } ?? [:]
    }

    private static func made(_ s: Statement) -> Set<String> {
        var found = Set<String>()
        if case .assign(let targets, _) = s.kind {
            for t in targets { if case .name(let n) = t.kind { found.insert(n) } }
        }
        for block in s.innerBlocks { for inner in block.statements { found.formUnion(made(inner)) } }
        return found
    }

    private func chosen(
        _ threshold: String, for e: Expression, _ source: Source, _ direct: Set<String>, _ session: Session
    ) -> String? {
        // The last statement that gives the threshold more than a first value.
        guard
            let place = tail.lastIndex(where: { s in
                guard PrintedFigures.made(s.statement).contains(threshold) else { return false }
                var names = Set<String>()
                s.statement.walk { if case .name(let n) = $0.kind { names.insert(n) } }
                return !names.isDisjoint(with: direct)
            })
        else { return nil }
        var used = Set<String>()
        tail[place].statement.walk { used.formUnion(Replay.names($0, values)) }
        let shared = used.intersection(direct).subtracting([threshold])
        let together = PrintedFigures.made(tail[place].statement)
        return session.aside {
            for (statement, source) in tail.prefix(place + 1) where !showing.isShown(statement) {
                _ = try? session.run(statement, of: source)
            }
            // Labels and scores, a number a row.
            var rows: [String: Tensor] = [:]
            for name in used.union(direct) {
                if case .tensor(let t)? = session.globals.valueIfReady(name), t.rank > 0, t.count >= 20 {
                    rows[name] = t
                }
            }
            let labels = shared.sorted().compactMap { rows[$0] }.first { t in
                t.count == t.shape.dims.first && t.doubles.allSatisfy { $0 == 0 || $0 == 1 }
            }
            guard let n = labels?.count, n >= 20, n <= 20_000 else { return nil }
            let cut = rows.filter {
                $0.value.shape.dims.first == n && direct.contains($0.key) || shared.contains($0.key)
            }
            guard cut.count >= 2, cut.values.allSatisfy({ $0.shape.dims.first == n }) else { return nil }
            var stream = RandomStream(seed: 0x7A1F)
            let cuts = 24
            var (own, other) = ([Double](), [Double]())
            for _ in 0..<cuts {
                var order = Array(0..<n)
                stream.shuffle(&order)
                let halves = [Array(order[..<(n / 2)]), Array(order[(n / 2)...])]
                func take(_ half: [Int]) {
                    for (name, t) in cut {
                        if let part = try? t.gathered(half) { try? session.globals.assign(name, .tensor(part)) }
                    }
                }
                take(halves[0])
                // From the first values that the choice begins with.
                for (statement, source) in tail[..<place]
                where !PrintedFigures.made(statement).isDisjoint(with: together)
                    && PrintedFigures.made(statement).isDisjoint(with: cut.keys)
                {
                    _ = try? session.run(statement, of: source)
                }
                _ = try? session.run(tail[place].statement, of: tail[place].source)
                let figure = { () -> Double? in
                    if case .name(let name) = e.kind, let value = values[name] {
                        return Replay.number(Replay.value(value, source, session))
                    }
                    return Replay.number(Replay.value(e, source, session))
                }
                guard let here = figure() else { return nil }
                take(halves[1])
                guard let there = figure() else { return nil }
                own.append(here)
                other.append(there)
            }
            let count = Double(cuts)
            let (a, b) = (own.reduce(0, +) / count, other.reduce(0, +) / count)
            let gaps = zip(own, other).map { $0 - $1 }
            let spread = gaps.reduce(0) { $0 + ($1 - (a - b)) * ($1 - (a - b)) } / (count - 1)
            guard a - b > max(0.03, 2.5 * (spread / count).squareRoot()) else { return nil }
            return
                "\(threshold) is chosen on the \(n) rows that \(source.text(e.span)) is reported for; chosen on one half of them, the figure is \(short(a)) on that half and \(short(b)) on the other (mean of \(cuts) cuts)"
        }
    }
}
