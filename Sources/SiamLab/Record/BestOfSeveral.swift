import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension PrintedFigures {
    /// A figure that is the best of several by the rows that it is reported on, in words: the largest of a list of measures
    /// of which the mean is clearly less, or the net of the best epoch on rows that chose the epoch.
    func bestOfSeveral(_ session: Session, _ train: Train?) -> String? {
        if let name = bestOfHandWrittenSearch {
            return "\(name) is the largest of the scores of all epochs, and part of that is chance on these rows"
        }
        if let chosen = wanted.lazy.compactMap({ chosenEpoch($0.expression, $0.source, session) }).first {
            return chosen
        }
        let measured = wanted.prefix(shown).filter { w in
            var seen = Set<String>()
            return Replay.measures(w.expression, values, functions, own: own, &seen) == false
        }
        guard measured.count == 1, let (e, source) = measured.first else { return nil }
        var list: Expression?
        func look(_ x: Expression) {
            if case .call(let f, let arguments, _) = x.kind, case .name("max") = f.kind, arguments.count == 1 {
                list = arguments[0].value
            }
        }
        e.walk(look)
        if list == nil, case .name(let n) = e.kind { values[n]?.walk(look) }
        if let list {
            func number(_ e: Expression) -> Double? {
                session.aside { Replay.number(Replay.value(e, source, session)) }
            }
            func call(_ name: String) -> Expression {
                Expression(
                    .call(Expression(.name(name), list.span), [Argument(name: nil, value: list)], isCommand: false),
                    list.span)
            }
            guard let best = number(call("max")), let mean = number(call("mean")), best > mean + 0.03 else {
                return nil
            }
            return
                "\(source.text(e.span)) is \(short(best)), the largest of several scores whose mean is \(short(mean))"
        }
        // The epoch was chosen by the rows that are reported.
        var isOfBest = false
        e.walk { x in if case .field(_, let f) = x.kind, f.text == "best" { isOfBest = true } }
        guard isOfBest, let train else { return nil }
        let names = Replay.names(e, values).intersection(session.globals.userNames)
        var chosenBy: String?
        for s in train.body.statements {
            guard case .every(_, _, let block) = s.kind else { continue }
            for inner in block.statements {
                guard case .report(_, let value) = inner.kind else { continue }
                value.walk { x in
                    if case .name(let n) = x.kind, names.contains(n),
                        case .thing(_ as DatasetThing)? = session.globals.valueIfReady(n)
                    {
                        chosenBy = n
                    }
                }
            }
        }
        return chosenBy.map {
            "\(source.text(e.span)) is the score of the epoch that scored best on \($0), and is measured on \($0) again"
        }
    }

    /// A figure of an epoch that was chosen by another series of the run that has the very same numbers, in words.
    private func chosenEpoch(_ e: Expression, _ source: Source, _ session: Session) -> String? {
        func fields(_ e: Expression, _ depth: Int, _ found: inout [Expression]) {
            e.walk { x in
                if case .field(let owner, _) = x.kind, case .name = owner.kind { found.append(x) }
            }
            guard depth < 4 else { return }
            for name in Replay.names(e, [:]) {
                if let v = values[name] { fields(v, depth + 1, &found) }
            }
        }
        func picks(_ e: Expression, _ depth: Int) -> Bool {
            var found = false
            e.walk { x in
                if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, n == "argmax" || n == "argmin" {
                    found = true
                }
            }
            return found
                || depth < 4 && Replay.names(e, [:]).contains { values[$0].map { picks($0, depth + 1) } ?? false }
        }
        var found: String?
        e.walk { x in
            guard found == nil, case .index(let series, let places) = x.kind, case .field(let run, _) = series.kind,
                case .name(let name) = run.kind, case .thing(let t)? = session.globals.valueIfReady(name),
                t is SiamRuntime.Run, places.contains(where: { picks($0, 0) })
            else { return }
            var chosen: [Expression] = []
            for place in places { fields(place, 0, &chosen) }
            found = session.aside {
                guard case .tensor(let own)? = Replay.value(series, source, session), own.count > 3 else { return nil }
                let reported = source.text(series.span)
                for c in chosen where source.text(c.span) != reported {
                    guard case .tensor(let by)? = Replay.value(c, source, session), by.doubles == own.doubles else {
                        continue
                    }
                    return
                        "\(source.text(e.span)) is the score of the epoch that was chosen by \(source.text(c.span)), which has exactly the same values as \(reported): the epoch was chosen on the rows that the score is reported for"
                }
                return nil
            }
        }
        return found
    }
}
