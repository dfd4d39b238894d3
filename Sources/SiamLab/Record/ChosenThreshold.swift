import SiamData
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
                guard Replay.number(value(threshold)) != nil,
                    let found = chosen(threshold, for: e, source, direct, session)
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
            // Labels and scores, a number a row, or data sets that hold both.
            var rows: [String: Rows] = [:]
            for name in used.union(direct) {
                if let found = Rows(session.globals.valueIfReady(name)), found.count >= 20 { rows[name] = found }
            }
            guard let n = shared.sorted().compactMap({ rows[$0] }).first(where: \.areFlagged)?.count, n <= 20_000 else {
                return nil
            }
            let cut = rows.filter { $0.value.count == n && direct.contains($0.key) || shared.contains($0.key) }
            guard cut.count >= 2 || cut.values.contains(where: \.isWhole), cut.values.allSatisfy({ $0.count == n })
            else { return nil }
            let derived = derived(from: Set(cut.keys), before: place, together)
            var stream = RandomStream(seed: 0x7A1F)
            let cuts = 24
            var (own, other) = ([Double](), [Double]())
            for _ in 0..<cuts {
                var order = Array(0..<n)
                stream.shuffle(&order)
                let halves = [Array(order[..<(n / 2)]), Array(order[(n / 2)...])]
                func take(_ half: [Int]) {
                    for (name, all) in cut {
                        if let part = all.part(half) { try? session.globals.assign(name, part) }
                    }
                }
                take(halves[0])
                for k in derived { _ = try? session.run(tail[k].statement, of: tail[k].source) }
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
            guard a - b > max(0.03, 2 * (spread / count).squareRoot()) else { return nil }
            return
                "\(threshold) is chosen on the \(n) rows that \(source.text(e.span)) is reported for; chosen on one half of them, the figure is \(short(a)) on that half and \(short(b)) on the other (mean of \(cuts) cuts)"
        }
    }

    /// Places of the statements before a choice that give it its first values, or that work out something from rows.
    private func derived(from rows: Set<String>, before place: Int, _ together: Set<String>) -> [Int] {
        var known = rows
        return tail.indices.prefix(place).filter { k in
            let made = PrintedFigures.made(tail[k].statement)
            guard !made.isEmpty, made.isDisjoint(with: rows), !tail[k].statement.trains else { return false }
            var names = Set<String>()
            tail[k].statement.walk { if case .name(let n) = $0.kind { names.insert(n) } }
            guard !made.isDisjoint(with: together) || !names.isDisjoint(with: known) else { return false }
            known.formUnion(made)
            return true
        }
    }

    /// What a choice is made on: a number for each row, or a data set.
    private enum Rows {
        case numbers(Tensor)
        case whole(Dataset)

        init?(_ value: Value?) {
            switch value {
            case .tensor(let t)? where t.rank > 0: self = .numbers(t)
            case .thing(let d as DatasetThing)?: self = .whole(d.dataset)
            default: return nil
            }
        }

        var count: Int {
            switch self {
            case .numbers(let t): t.shape.dims.first ?? 0
            case .whole(let d): d.count
            }
        }
        var isWhole: Bool { if case .whole = self { true } else { false } }
        /// Whether each row has a label of 0 or 1.
        var areFlagged: Bool {
            switch self {
            case .numbers(let t): t.count == count && t.doubles.allSatisfy { $0 == 0 || $0 == 1 }
            case .whole(let d): d.y.allSatisfy { $0 == 0 || $0 == 1 }
            }
        }
        func part(_ places: [Int]) -> Value? {
            switch self {
            case .numbers(let t): (try? t.gathered(places)).map { Value.tensor($0) }
            case .whole(let d): (try? d.subset(places)).map { Value.thing(DatasetThing($0)) }
            }
        }
    }
}
