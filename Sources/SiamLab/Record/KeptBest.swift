import SiamLanguage

/// A score that a search keeps where it is better than all before: `if now > best { best = now; winner = net }`.
struct KeptBest {
    let name: String
    /// Names that the score is measured on, among others.
    let measured: Set<String>
    /// The name that the score has, and others that are given the same value beside it.
    private(set) var names: Set<String>
    /// Names that are kept beside it: the best net, the best setting.
    var beside: Set<String> = []

    /// All among some statements. `isScore` tells whether an expression measures a net, given what names stand for; its last
    /// argument is whether the search keeps what is smaller.
    static func all(
        _ statements: [Statement], _ given: [String: Expression],
        _ isScore: (Expression, [String: Expression], Bool) -> Bool
    ) -> [KeptBest] {
        var given = given
        var found: [KeptBest] = []
        for s in statements {
            if case .assign(let targets, let value) = s.kind {
                for t in targets { if case .name(let n) = t.kind { given[n] = value } }
            }
            if case .expression(let e) = s.kind, case .conditional(let condition, let block, _) = e.kind {
                found += kept(condition, block, given, isScore).map { [$0] } ?? []
            }
            for block in s.innerBlocks { found += all(block.statements, given, isScore) }
        }
        return found
    }

    private static func kept(
        _ condition: Expression, _ block: Block, _ given: [String: Expression],
        _ isScore: (Expression, [String: Expression], Bool) -> Bool
    ) -> KeptBest? {
        guard case .comparison(let operands, let signs, _) = condition.kind, operands.count == 2,
            signs == [.greater] || signs == [.less]
        else { return nil }
        let sides = operands.map { if case .name(let n) = $0.kind { n } else { "" } }
        var best: KeptBest?
        var assigned = Set<String>()
        var values: [String: Expression] = [:]
        for inner in block.statements {
            guard case .assign(let targets, let value) = inner.kind else { continue }
            let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
            assigned.formUnion(names)
            if names.count == 1 { values[names[0]] = value }
            guard best == nil, names.count == 1, let k = sides.firstIndex(of: names[0]) else { continue }
            var score = value
            for _ in 0..<4 { if case .name(let n) = score.kind, let made = given[n] { score = made } }
            // `best < now` keeps what is larger, as `now > best` does.
            if isScore(score, given, (signs == [.less]) == (k == 1)) {
                best = KeptBest(name: names[0], measured: Replay.names(score, given), names: [names[0]])
            }
        }
        guard var found = best else { return nil }
        for (n, value) in values where value.kind == values[found.name]?.kind { found.names.insert(n) }
        found.beside = assigned.subtracting(found.names)
        return found
    }

    /// Names in what batches are drawn from.
    static func drawn(_ statements: [Statement]) -> Set<String> {
        var names = Set<String>()
        for s in statements {
            s.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let called) = f.kind,
                    ["batches", "pairs", "triplets", "balanced"].contains(called)
                else { return }
                for a in arguments { a.value.walk { if case .name(let n) = $0.kind { names.insert(n) } } }
            }
        }
        return names
    }
}
