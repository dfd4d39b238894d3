import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A comparison after the training of many values with one number that all of them lie on one side of.
struct OneSided {
    let words: String
    /// Where the number stands.
    let place: Span
    /// Numbers that would part the values.
    let deciles: [Double]
}

extension Printed {
    /// The comparison of more than this share of the values with one outcome says nothing of the single ones.
    private static let nearlyAll = 0.99

    /// The first comparison that a figure depends on and that nearly all values lie on one side of; nil without one.
    func oneSided(_ figure: OwnFigure, _ session: Session) -> OneSided? {
        var found: [(left: Expression, right: Expression, source: Source)] = []
        func look(_ e: Expression, _ source: Source) {
            e.walk { x in
                guard case .comparison(let operands, let signs, _) = x.kind, operands.count == 2, signs.count == 1,
                    [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(signs[0])
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
        guard !found.isEmpty else { return nil }
        return session.aside {
            for (statement, source) in tail where !ShownStatements.isShown(statement) {
                _ = try? session.run(statement, of: source)
            }
            for (left, right, source) in found {
                for (many, one) in [(left, right), (right, left)] {
                    guard case .tensor(let t)? = Replay.value(many, source, session), t.count >= 20,
                        let bound = Replay.number(Replay.value(one, source, session)), bound.isFinite
                    else { continue }
                    let all = t.doubles.filter(\.isFinite).sorted()
                    guard let low = all.first, let high = all.last, high > low else { continue }
                    let above = Double(all.count { $0 > bound }) / Double(all.count)
                    guard above > Printed.nearlyAll || above < 1 - Printed.nearlyAll else { continue }
                    let share = short(100 * max(above, 1 - above))
                    let number =
                        if case .number = one.kind { short(bound) } else {
                            "\(source.text(one.span)), which is \(short(bound))"
                        }
                    return OneSided(
                        words:
                            "\(share) % of the \(all.count) values of \(source.text(many.span)) are \(above > 0.5 ? "above" : "below") \(number): they lie between \(short(low)) and \(short(high))",
                        place: one.span, deciles: (1...9).map { all[all.count * $0 / 10] })
                }
            }
            return nil
        }
    }
}
