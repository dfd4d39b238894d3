import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Telling pairs as same or different by a distance threshold.
extension Builtins {
    static let verification: [Builtin] = [
        measure(
            "pair_accuracy", rest: "pairs : whole >= 1 = 2000",
            "Pair accuracy: the share of pairs that are classified correctly as same or different by a distance threshold that was chosen on other pairs; half of the pairs are positive. Also takes distances and `same`.",
            examples: [("pair_accuracy([0.1, 0.2, 0.9], [1, 1, 0])", "")],
            seeAlso: ["auc", "eer", "map_at_r"]
        ) { i, a, net, data in
            let pairs = try pairDistances(i, net, data, try a.integer(2, atLeast: 4))
            return try InterruptibleWork.run(size: pairs.same.count) { PairScore.accuracy(pairs) }
        },
        measure(
            "auc", rest: "pairs : whole >= 1 = 4000",
            "P(d_same < d_different) + 1/2 P(equal) over pairs, by ranks (Mann and Whitney): the probability that a positive pair is nearer than a negative one. Also takes distances and `same`.",
            examples: [("auc([0.1, 0.2, 0.9], [1, 1, 0])", "")],
            seeAlso: ["pair_accuracy", "eer", "map_at_r"]
        ) { i, a, net, data in
            let pairs = try pairDistances(i, net, data, try a.integer(2, atLeast: 4))
            return try InterruptibleWork.run(size: pairs.same.count) { PairScore.auc(pairs) }
        },
        measure(
            "eer", rest: "pairs : whole >= 1 = 4000",
            "Equal error rate: the error at the threshold t where the share of negative pairs with d <= t equals that of positive pairs with d > t, interpolated.",
            examples: [("eer([0.1, 0.2, 0.9], [1, 1, 0])", "")],
            seeAlso: ["auc", "tar_at_far"]
        ) { i, a, net, data in
            let pairs = try pairDistances(i, net, data, try a.integer(2, atLeast: 4))
            return try InterruptibleWork.run(size: pairs.same.count) { PairScore.equalErrorRate(pairs) }
        },
        measure(
            "tar_at_far", lead: "far : number >= 0 <= 1", rest: "pairs : whole >= 1 = 4000",
            "TAR at FAR: the share of positive pairs accepted by the largest threshold that accepts at most a share `far` of the negative ones.",
            examples: [("tar_at_far(0.1, [0.1, 0.2, 0.9], [1, 1, 0])", "")],
            seeAlso: ["eer", "auc"]
        ) { i, a, net, data in
            let pairs = try pairDistances(i, net, data, try a.integer(3, atLeast: 4))
            let far = try a.number(0)
            return try InterruptibleWork.run(size: pairs.same.count) { PairScore.acceptance(pairs, far: far) }
        },
    ]

    /// Numbers that are larger for pairs of one class are similarities or probabilities, and no distances.
    private static func warnOfSimilarities(_ i: Interpreter, _ pairs: PairScore.Pairs) {
        guard pairs.same.count >= 4, PairScore.auc(pairs) < 0.4 else { return }
        let texts = i.argumentTexts.map { $0.utf8.count <= 40 && !$0.contains("\n") ? $0 : "" }
        let isShort = texts.count == 2 && !texts.contains("")
        let isPlain = isShort && texts[0].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        let turned = isShort ? (isPlain || texts[0].hasPrefix("[") ? "-\(texts[0])" : "-(\(texts[0]))") : "-s"
        let who = i.calledName ?? "it"
        i.session.warn(
            Diagnostic(
                .warning, code: "metric.turned",
                "\(who) expects distances, small for pairs of one class, and these are larger where same is 1",
                at: i.userPlace().map { [.init($0)] } ?? [],
                notes: ["for scores and classes use  roc(s, y).area"],
                repair: "for similarities or probabilities:  \(who)(\(turned), \(isShort ? texts[1] : "same"))"))
    }

    /// Distances of a fixed draw of pairs: the same pairs whenever the data is the same, so that epochs can be compared. Of
    /// distances and `same`, two vectors of one length, themselves.
    static func pairDistances(_ i: Interpreter, _ net: Value, _ data: Value, _ n: Int) throws -> PairScore.Pairs {
        if case .tensor(let d) = net, d.rank == 1, case .tensor(let same) = data {
            guard same.count == d.count, d.count > 0 else {
                throw Diagnostic(
                    code: "pairs.lengths", "there are \(d.count) distances, and same has \(same.count) numbers")
            }
            if let other = try InterruptibleWork.run(
                size: same.count, { same.doubles.first(where: { $0 != 0 && $0 != 1 && !$0.isNaN }) })
            {
                let isTurned = d.doubles.allSatisfy { $0 == 0 || $0 == 1 }
                throw Diagnostic(
                    code: "pairs.flags", "same must be 0 or 1 for each pair, and got \(formatFloat(Float(other)))",
                    repair: isTurned
                        ? "distances come first, then same:  \(i.turnedCall ?? "\(i.calledName ?? "auc")(d, same)")"
                        : nil)
            }
            let (pairs, equal) = try InterruptibleWork.run(size: d.count) {
                try UndefinedMeasure.check(d)
                let pairs = PairScore.Pairs(distance: d.floats, same: same.doubles.map { $0 != 0 })
                return (pairs, pairs.same.count { $0 })
            }
            guard equal > 0, equal < pairs.same.count else {
                throw UndefinedMeasure(
                    reason: "all \(pairs.same.count) pairs are \(equal > 0 ? "positive" : "negative")")
            }
            warnOfSimilarities(i, pairs)
            return pairs
        }
        guard n <= 10_000_000 else {
            throw Diagnostic(code: "pairs.many", "at most ten million pairs can be drawn, and \(n) were asked for")
        }
        let (z, y) = try labelled(i, net, data)
        var stream = RandomStream(seed: 0x5EED ^ UInt64(y.count))
        return try PairScore.draw(z, y, n, &stream)
    }
}
