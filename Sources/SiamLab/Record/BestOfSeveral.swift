import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension PrintedFigures {
    /// A figure that is the best of several by the rows that it is reported on, in words: the largest of a list of measures
    /// of which the mean is clearly less, or the net of the best epoch on rows that chose the epoch.
    func bestOfSeveral(_ session: Session, _ train: Train?) -> String? {
        if let kept = afterEvaluation(session, { bestOfHandWrittenSearch(session) }) {
            let what =
                kept.text == kept.best ? "\(kept.best) is" : "\(kept.text) is the same number as \(kept.best),"
            return "\(what) the best of all scores that the loop compares: part of it is chance on these rows"
        }
        if let chosen = wanted.lazy.compactMap({ chosenEpoch($0.expression, $0.source, session) }).first {
            return chosen
        }
        if let text = afterEvaluation(session, { largestOfSeries(session, train) }) { return text }
        let measured = wanted.prefix(shown).filter { w in
            var seen = Set<String>()
            return Replay.measures(w.expression, values, functions, own: own, &seen) == false
        }
        guard measured.count == 1, let (e, source) = measured.first else { return nil }
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

    /// A printed figure that is the best value of a series of measures which it is made of, where their mean, of a training
    /// that of their last quarter, is clearly worse and nothing else is reported of the net, in words. The series is one that a training
    /// reports, or a list that the program keeps; that the figure is its best value is seen by the numbers alone.
    private func largestOfSeries(_ session: Session, _ train: Train?) -> String? {
        var found: String?
        for (e, source) in wanted.prefix(shown) {
            // What is told of validation rows is the score that the choice was made by.
            if isOfValidation(e) { continue }
            guard let number = Replay.number(Replay.value(e, source, session)), number.isFinite else { continue }
            if let text = series(e, 0, source, session, train).lazy.compactMap({ s -> String? in
                guard s.isError ? number == s.values.min() : number == s.values.max() else { return nil }
                // Scores of a training rise on their way; those of its last quarter are what one of them is by itself.
                let some = s.isOfTraining ? s.values.suffix(max(2, s.values.count / 4)) : s.values[...]
                let mean = some.reduce(0, +) / Double(some.count)
                guard abs(mean - number) > (s.isError ? 0.05 * abs(number) : 0.02) else { return nil }
                let which = s.isOfTraining ? "the mean of the last \(some.count)" : "their mean"
                return
                    "\(source.text(e.span)) is \(short(number)), the \(s.isError ? "smallest" : "largest") of \(s.values.count) values of \(s.name); \(which) is \(short(mean))"
            }).first {
                found = found ?? text
            } else {
                // Another score of the net: the best one may be told beside it.
                var seen = Set<String>()
                if Replay.measures(e, values, functions, own: own, &seen) != nil { return nil }
            }
        }
        return found
    }

    /// A series of scores that an expression is made of.
    private struct Series {
        let name: String
        let values: [Double]
        let isError: Bool
        /// Whether one training reported them on its way, step after step.
        let isOfTraining: Bool
    }

    private func series(_ e: Expression, _ depth: Int, _ source: Source, _ session: Session, _ train: Train?)
        -> [Series]
    {
        var found: [Series] = []
        func isError(_ x: Expression, _ words: String) -> Bool? {
            var seen = Set<String>()
            return Replay.measures(x, values, functions, own: own, &seen) ?? FigureWords.isError(words)
        }
        e.walk { x in
            switch x.kind {
            case .field(let owner, let f):
                guard case .name(let n) = owner.kind, case .thing(let t)? = session.globals.valueIfReady(n),
                    t is SiamRuntime.Run, case .tensor(let all)? = Replay.value(x, source, session), all.count > 3,
                    let made = train.flatMap({ PrintedFigures.reported(f.text, in: $0) }),
                    let less = isError(made, f.text)
                else { return }
                found.append(Series(name: source.text(x.span), values: all.doubles, isError: less, isOfTraining: true))
            case .name(let n):
                guard let given = values[n] else { return }
                // What a place was chosen by, as a threshold, is no part of what is measured with it.
                if x != e, picks(given, depth + 1) { return }
                if depth < 4 { found += series(given, depth + 1, source, session, train) }
                guard let less = isError(given, n), let all = Replay.numbers(session.globals.valueIfReady(n)),
                    all.count > 3
                else { return }
                found.append(Series(name: n, values: all, isError: less, isOfTraining: false))
            default: break
            }
        }
        // Where another series picks the place, the value is not chosen by itself.
        return picks(e, 0) ? found.filter { s in found.allSatisfy { $0.values == s.values } } : found
    }
    /// What a training reports under a name.
    private static func reported(_ name: String, in train: Train) -> Expression? {
        func look(_ statements: [Statement]) -> Expression? {
            for s in statements {
                if case .report(let n, let value) = s.kind, n.text == name { return value }
                for block in s.blocks { if let found = look(block.statements) { return found } }
            }
            return nil
        }
        return look(train.body.statements)
    }
    /// Whether an expression is made of what `argmax` or `argmin` picks.
    private func picks(_ e: Expression, _ depth: Int) -> Bool {
        var found = false
        e.walk { x in
            if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, n == "argmax" || n == "argmin" {
                found = true
            }
        }
        return found || depth < 4 && Replay.names(e, [:]).contains { values[$0].map { picks($0, depth + 1) } ?? false }
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
