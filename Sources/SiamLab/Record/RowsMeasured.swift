import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Rows that a program was seen to train on.
struct TrainedRows {
    let rows: Set<UInt64>
    /// How much of the table was seen: rows that are measured stand among those that were seen no more often than this, on
    /// average, if the program trains on all of it.
    let coverage: Double

    /// The share of measured rows that are trained on, where so many of them are among those that were seen.
    func share(_ known: Int, of all: Int) -> Double { min(1, Double(known) / Double(all) / coverage) }
}

/// Which rows the program measures its net on.
extension Replay {
    /// The inputs that the training draws its batches from, a row each; nil where they are not known.
    func trainingRows(_ run: SiamRuntime.Run) -> Tensor? { rowsOfSource(run) ?? tableOfFirstRows }

    private func rowsOfSource(_ run: SiamRuntime.Run) -> Tensor? {
        let source = run.source as? SourceThing
        return source?.dataset?.dataset.x ?? source?.source.tensors?.first
    }

    /// Of a hand-written loop that picks its rows itself: the smallest table of the program that holds those of its first
    /// step, where another table of the program holds other rows.
    private var tableOfFirstRows: Tensor? {
        guard let firstRows, let n = firstRows.shape.dims.first, n >= 8, let session else { return nil }
        let wanted = Set(Replay.hashes(firstRows))
        let width = firstRows.count / n
        let ofLoops = chart.namesOfLoops
        let tables = session.globals.userNames.filter { !ofLoops.contains($0) }.compactMap { name -> Tensor? in
            guard let t = Replay.rows(of: session.globals.valueIfReady(name)), let m = t.shape.dims.first, m >= 20,
                t.count == m * width
            else { return nil }
            return t
        }
        let holding = tables.filter { wanted.isSubset(of: Set(Replay.hashes($0))) }
        guard let table = holding.min(by: { $0.count < $1.count }), case let known = Set(Replay.hashes(table)),
            tables.contains(where: { t in
                let own = Replay.hashes(t)
                return own.count(where: known.contains) * 5 < own.count
            })
        else { return nil }
        return table
    }

    /// The rows that a program trains on, by content, with those that the doctor holds back from a replay. A hand-written loop
    /// may pick from a part of its table: what its first steps took stands for that.
    func rowsTrained(_ run: SiamRuntime.Run) -> TrainedRows {
        if rowsOfSource(run) == nil, let table = tableOfFirstRows, case let all = Set(Replay.hashes(table)),
            case let seen = all.intersection(rowsOfSteps), seen.count >= 50
        {
            return TrainedRows(rows: seen, coverage: Double(seen.count) / Double(all.count))
        }
        var trained = Set<UInt64>()
        for tensor in [trainingRows(run), kept?.x].compactMap({ $0 }) + heldRows.compactMap({ $0.tensors.first }) {
            trained.formUnion(Replay.hashes(tensor))
        }
        return TrainedRows(rows: trained, coverage: 1)
    }

    /// Of the rows that stand under some names, the share that the program trains on; 0 where none of them are rows that its
    /// net takes, and where rows are compressed, which may be all that is wanted of them.
    func shareTrained(_ run: SiamRuntime.Run, of names: Set<String>, _ session: Session) -> Double {
        guard evidence.task != .reconstruction, let rows = trainingRows(run), let n = rows.shape.dims.first, n > 0
        else {
            return 0
        }
        let trained = rowsTrained(run)
        var (known, all) = (0, 0)
        for name in names.sorted() {
            guard let t = Replay.rows(of: session.globals.valueIfReady(name)), let m = t.shape.dims.first, m >= 10,
                t.count / m == rows.count / n
            else { continue }
            known += Replay.hashes(t).count(where: trained.rows.contains)
            all += m
        }
        return all > 0 ? trained.share(known, of: all) : 0
    }

    /// A tensor, or the inputs of a data set.
    static func rows(of value: Value?) -> Tensor? {
        switch value {
        case .tensor(let t): t
        case .thing(let d as DatasetThing): d.dataset.x
        default: nil
        }
    }

    /// Whether all that the program prints is measured on rows that it was trained on, though there are others; and which
    /// classes it measures and does not train on.
    ///
    /// - Parameter shown: names that anything which the program shows behind the training is made of.
    func noteRowsMeasured(_ run: SiamRuntime.Run, _ session: Session, shown: Set<String>) {
        let figures = evidence.figures
        guard let rows = trainingRows(run), !figures.isEmpty, rows.shape.dims.first ?? 0 > 0 else { return }
        // Where a few values make all rows, new ones are old ones by nature.
        let isVaried = Set(Replay.hashes(rows)).count * 10 > 9 * (rows.shape.dims.first ?? 0)
        if isVaried, figures.allSatisfy({ $0.trainedShare > 0.95 }), let last = figures.last,
            case let others = otherRows(session, rows, but: MeasuredInside.namesOfStep(run.syntax)), !others.isEmpty,
            shown.isDisjoint(with: others)
        {
            evidence.measuredOnTraining = last.text
        }
        evidence.measuresNewRows = !rowsMeasured(run, session, rows).isEmpty
        evidence.constantFigure = figures.filter(\.isComparable).compactMap(asGoodAsConstant).first
        if evidence.isGood {
            evidence.rowGroups = try? lookForGroups(run, session, rows)
        }
        // A part of the rows may be held back from a replay.
        let standing = evidence.standing
        guard evidence.task == .classification, evidence.missingClasses.isEmpty,
            figures.contains(where: { $0.isComparable && $0.worth < standing - 0.05 }),
            let labels = (run.source as? SourceThing)?.source.tensors?.last, labels.count == rows.shape.dims.first,
            case let known = Set(labels.doubles), known.count > 1, known.count < 1000, Replay.areClasses(labels)
        else { return }
        for name in figures.reduce(into: Set<String>(), { $0.formUnion($1.names) }).sorted() {
            guard case .tensor(let t)? = session.globals.valueIfReady(name), t.count >= 10,
                t.count == t.shape.dims.first,
                Replay.areClasses(t)
            else { continue }
            let own = t.doubles
            let missing = Set(own).subtracting(known)
            guard missing.count < Set(own).count, own.count(where: missing.contains) * 20 >= own.count else { continue }
            (evidence.missingClasses, evidence.heldClasses) = (missing.map { Int($0) }.sorted(), Set(own).count)
            return
        }
    }

    /// A share of right answers that one constant answer has as well, in words: the labels are the program's own at its end.
    private func asGoodAsConstant(_ f: OwnFigure) -> String? {
        // Outcomes of a comparison are no labels.
        var outcomes = Set<String>()
        for s in chart.documents.flatMap({ Parser.parse($0.whole).program.statements }) {
            guard case .assign(let targets, let value) = s.kind, case .comparison = value.kind else { continue }
            var isOfNet = false
            value.walk { x in
                guard case .call(let f, _, _) = x.kind, case .name(let n) = f.kind else { return }
                if case .layer? = parent.globals.valueIfReady(n) { isOfNet = true }
                if n == "argmax" || n == "round" { isOfNet = true }
            }
            for t in targets where isOfNet { if case .name(let n) = t.kind { outcomes.insert(n) } }
        }
        for name in f.names.sorted() where !outcomes.contains(name) {
            guard case .tensor(let t)? = parent.globals.valueIfReady(name), t.count >= 20,
                t.count == t.shape.dims.first,
                Replay.areClasses(t)
            else { continue }
            let labels = t.doubles
            var counts: [Double: Int] = [:]
            for y in labels { counts[y, default: 0] += 1 }
            let most = Double(counts.values.max() ?? 0) / Double(labels.count)
            guard counts.count > 1, most > 0.85, f.worth > 0.8, f.worth <= most + 0.005 else { continue }
            return
                "\(f.text) is \(short(f.worth)), and a constant prediction is right for \(short(most)) of the rows"
        }
        return nil
    }

    /// Groups among the rows that the program trains on, those that a replay holds back among them.
    private func lookForGroups(_ run: SiamRuntime.Run, _ session: Session, _ rows: Tensor) throws -> (
        groups: RowGroups, shareMeasured: Double
    )? {
        let measured = rowsMeasured(run, session, rows)
        guard !measured.isEmpty else { return nil }
        let source = run.source as? SourceThing
        var parts = [rows]
        var labels = (source?.dataset?.dataset.y.map(Double.init) ?? source?.source.tensors?.last?.doubles) ?? []
        if let kept, source?.dataset != nil {
            parts.append(kept.x)
            labels += kept.y.map(Double.init)
        } else if let held = heldRows.first(where: { $0.source === source?.source }), let x = held.tensors.first {
            parts.append(x)
            labels += held.tensors.last?.doubles ?? []
        }
        let all = parts.count > 1 ? try Operators.concatenate.apply(parts, [.integer(0)]) : rows
        guard
            let groups = try RowGroups(all.detached(), labels.count == all.shape.dims.first ? labels : nil, session)
        else { return nil }
        let share = try groups.share(of: measured, beside: all.detached())
        return share > 0.5 ? (groups, share) : nil
    }

    /// Rows that the program's figures are of and that were not trained on.
    private func rowsMeasured(_ run: SiamRuntime.Run, _ session: Session, _ rows: Tensor) -> [Tensor] {
        let n = max(1, rows.shape.dims.first ?? 1)
        let trained = Set(Replay.hashes(rows)).union(rowsTrained(run).rows)
        var names = evidence.figures.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        if let name = evidence.heldOutName { names.insert(name) }
        return names.sorted().compactMap { name in
            guard let t = Replay.rows(of: session.globals.valueIfReady(name)), let m = t.shape.dims.first, m > 0,
                t.count / m == rows.count / n
            else { return nil }
            let fresh = Replay.hashes(t).enumerated().filter { !trained.contains($0.element) }.map(\.offset)
            return fresh.count >= 10 ? try? t.gathered(fresh).detached() : nil
        }
    }

    private static func areClasses(_ t: Tensor) -> Bool {
        t.doubles.allSatisfy { $0 >= 0 && $0 < 1e6 && $0 == $0.rounded() }
    }

    /// The names of rows of the same width that the program does not train on.
    private func otherRows(_ session: Session, _ rows: Tensor, but ofStep: Set<String>) -> Set<String> {
        let n = rows.shape.dims.first ?? 1
        let known = Set(Replay.hashes(rows))
        let names = session.globals.userNames.filter { name in
            if ofStep.contains(name) { return false }
            guard let other = Replay.rows(of: session.globals.valueIfReady(name)), let m = other.shape.dims.first,
                m >= 20, other.count / m == rows.count / n
            else { return false }
            let own = Replay.hashes(other)
            return own.count(where: known.contains) * 5 < own.count
        }
        return Set(names)
    }
}
