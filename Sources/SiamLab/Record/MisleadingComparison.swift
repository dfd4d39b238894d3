import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A comparison after the training that gives a wrong result regardless of what the net has learnt.
struct MisleadingComparison {
    let words: String
    /// The place of one of its sides in the source.
    let place: Span
    /// What may be meant there.
    let replacements: [String]
    /// The text of the figure that depends on it.
    var figure = ""
}

extension PrintedFigures {
    /// The comparison of more than this share of the values with one outcome says nothing of the single ones.
    private static let nearlyAll = 0.99

    /// The comparisons of some kinds that a figure depends on.
    private func comparisons(_ figure: OwnFigure, _ kinds: Set<ComparisonOperator>)
        -> [(left: Expression, right: Expression, source: Source)]
    {
        var found: [(left: Expression, right: Expression, source: Source)] = []
        func look(_ e: Expression, _ source: Source) {
            e.walk { x in
                guard case .comparison(let operands, let signs, _) = x.kind, operands.count == 2, signs.count == 1,
                    kinds.contains(signs[0])
                else { return }
                found.append((operands[0], operands[1], source))
            }
        }
        for (statement, source) in tail {
            if case .assign(let targets, let value) = statement.kind {
                let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                if !figure.names.isDisjoint(with: names) { look(value, source) }
            }
        }
        for (e, source) in wanted where source.text(e.span) == figure.text { look(e, source) }
        return found
    }

    /// The first comparison of a figure that more than a share of the values of one side lie on one side of, by default nearly
    /// all; nil without one.
    func oneSided(_ figure: OwnFigure, _ session: Session, beyond share: Double = nearlyAll) -> MisleadingComparison? {
        let found = comparisons(figure, [.less, .lessOrEqual, .greater, .greaterOrEqual])
        guard !found.isEmpty else { return nil }
        return afterEvaluation(session) {
            for (left, right, source) in found {
                for (many, one) in [(left, right), (right, left)] {
                    guard case .tensor(let t)? = Replay.value(many, source, session), t.count >= 20,
                        let bound = Replay.number(Replay.value(one, source, session)), bound.isFinite
                    else { continue }
                    let all = t.doubles.filter(\.isFinite).sorted()
                    guard let low = all.first, let high = all.last, high > low else { continue }
                    let above = Double(all.count { $0 > bound }) / Double(all.count)
                    guard max(above, 1 - above) > share else { continue }
                    let percent = short(100 * max(above, 1 - above))
                    let number =
                        if case .number = one.kind { short(bound) } else {
                            "\(source.text(one.span)), which is \(short(bound))"
                        }
                    return MisleadingComparison(
                        words:
                            "\(percent) % of the \(all.count) values of \(source.text(many.span)) are \(above > 0.5 ? "above" : "below") \(number): they lie between \(short(low)) and \(short(high))",
                        place: one.span,
                        replacements: Set((1...9).map { tidy(all[all.count * $0 / 10]) }).sorted(), figure: figure.text)
                }
            }
            return nil
        }
    }

    /// The first comparison of a figure for equality whose two sides hold classes by different numbers, as -1 and 1 on one side
    /// and 0 and 1 on the other; nil without one.
    func otherCodes(_ figure: OwnFigure, _ session: Session) -> MisleadingComparison? {
        let found = comparisons(figure, [.equal, .unequal])
        guard !found.isEmpty else { return nil }
        return afterEvaluation(session) {
            for (left, right, source) in found {
                guard case .tensor(let a)? = Replay.value(left, source, session),
                    case .tensor(let b)? = Replay.value(right, source, session), a.count == b.count, a.count >= 20,
                    let ofA = PrintedFigures.classes(a.doubles), let ofB = PrintedFigures.classes(b.doubles),
                    // A net may leave out some classes; then it has no others.
                    let missing = Set(ofB.keys).subtracting(ofA.keys).max(by: {
                        ofB[$0, default: 0] < ofB[$1, default: 0]
                    }),
                    Set(ofA.keys).subtracting(ofB.keys).contains(where: { ofA[$0, default: 0] > 0.02 }),
                    ofB[missing, default: 0] > 0.02
                else { continue }
                // The side that is worked out stands as it is; the names of labels are what another code is made of.
                let (one, codes, other) =
                    if case .name = left.kind { (left, ofA, ofB) } else if case .field = left.kind {
                        (left, ofA, ofB)
                    } else {
                        (right, ofB, ofA)
                    }
                let text = source.text(one.span)
                var replacements: [String] = []
                if codes.count == 2, let middle = PrintedFigures.middle(codes) {
                    replacements.append("(\(text) > \(middle))")
                }
                if let low = codes.keys.min(), let least = other.keys.min(), low != least {
                    let step = formatNumber(abs(low - least))
                    replacements.append(low > least ? "(\(text) - \(step))" : "(\(text) + \(step))")
                }
                func listed(_ e: Expression, _ codes: [Double: Double]) -> String {
                    let all = codes.keys.sorted().map(formatNumber)
                    let few = all.count > 4 ? "\(all[0]) to \(all[all.count - 1])" : all.joined(separator: " and ")
                    return "\(source.text(e.span)) holds the classes as \(few)"
                }
                return MisleadingComparison(
                    words:
                        "\(listed(left, ofA)), and \(listed(right, ofB)): rows of class \(formatNumber(missing)) never count as equal",
                    place: one.span, replacements: replacements, figure: figure.text)
            }
            return nil
        }
    }
    /// Few whole numbers, with the share of each.
    private static func classes(_ values: [Double]) -> [Double: Double]? {
        var found: [Double: Double] = [:]
        for v in values {
            guard v.isFinite, v == v.rounded() else { return nil }
            found[v, default: 0] += 1 / Double(values.count)
            if found.count > 64 { return nil }
        }
        return found.count > 1 ? found : nil
    }
    private static func middle(_ codes: [Double: Double]) -> String? {
        guard let low = codes.keys.min(), let high = codes.keys.max() else { return nil }
        return formatNumber((low + high) / 2)
    }
}
