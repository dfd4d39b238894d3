/// Losses of pairs that take `cosine`, a distance, for the similarity of other libraries, or 1 - cosine for the distance.
extension LintCheck {
    /// Whether a loss of pairs goes the wrong way and goes the right way where cosine is read as the similarity: said with the
    /// user's own line, whatever rule would find the hinge or the flag first.
    mutating func similarity(
        _ loss: Expression, _ parts: [Expression], _ train: Train, _ local: [String: [Expression?]]
    ) -> Bool {
        var calls: [Expression] = []
        for part in parts {
            guard let (word, _) = distance(part, local) else { continue }
            guard word == "cosine" else { return false }
            if called(part) != nil, !calls.contains(where: { $0.span.isSame(part.span) }) { calls.append(part) }
        }
        guard let call = calls.first, calls.allSatisfy({ text($0) == text(call) }),
            isMendedBySimilarity(loss, train, local)
        else { return false }
        let complements = parts.filter { part in
            guard case .binary(.subtract, let one, let inner, _) = part.kind, one.plainNumber == 1 else { return false }
            return calls.contains { $0.span.isSame(inner.span) }
        }
        // Some of them turned round and some not is more than one slip.
        guard complements.isEmpty || calls.count == 1 else { return false }
        let isDistance = complements.isEmpty
        let places = isDistance ? calls : Array(complements.prefix(1))
        let right = isDistance ? "1 - \(text(call))" : text(call)
        let given = local.first { one in
            one.value.count == 1 && places.contains { one.value[0]?.span.isSame($0.span) ?? false }
        }
        add(
            code: "train.turned",
            isDistance
                ? "cosine is a distance, 0 for equal directions, and this loss takes it for the similarity"
                : "1 - cosine is the similarity, and this loss takes it for the distance",
            at: places.map(\.span),
            repair: "the \(isDistance ? "similarity" : "distance") is  \(given.map { "\($0.key) = " } ?? "")\(right)",
            edits: places.map { .init(Place(source, $0.span), isDistance && given == nil ? "(\(right))" : right) })
        return true
    }

    /// Worked out for distances of cosine alone, once as it is and once the other way round.
    private func isMendedBySimilarity(_ loss: Expression, _ train: Train, _ local: [String: [Expression?]]) -> Bool {
        let names = train.names.map(\.text)
        guard names.count == 3 else { return false }
        let setting = setting(of: train, local, Set(names.prefix(2)))
        func course(_ flag: Double, _ takesSimilarity: Bool) -> [Double]? {
            var all: [Double] = []
            // What is written as x here is 2 x / (1 + x) for a distance that has an end: up to 1, where two are at right angles.
            for d in [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1] {
                var trial = LossTrial(setting)
                trial.numbers[names[2]] = flag
                trial.distances[Set(names.prefix(2))] = d
                trial.takesSimilarity = takesSimilarity
                guard let x = trial.value(loss) else { return nil }
                all.append(x)
            }
            return all
        }
        guard let positive = course(1, false), let negative = course(0, false),
            let otherPositive = course(1, true), let otherNegative = course(0, true)
        else { return false }
        func rises(_ x: [Double]) -> Bool {
            zip(x, x.dropFirst()).allSatisfy { $1 >= $0 - 1e-9 } && (x.last ?? 0) > (x.first ?? 0) + 1e-9
        }
        func falls(_ x: [Double]) -> Bool { rises(x.map { -$0 }) }
        return falls(positive) && rises(negative) && rises(otherPositive) && falls(otherNegative)
    }
}
