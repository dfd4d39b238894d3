import Glibc
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What a run is evaluated on: other data of the program, or a part of its own that the replays go without.
extension Doctor {
    /// Whether replays go without rows that the run itself had.
    var isHeldBack: Bool { if case .kept = heldOut { true } else { false } }

    /// A data set of the program with other rows of the same kind; else a fifth of the run's own, held back.
    func chooseHeldOut() {
        let own = wiring.data(of: run, session)
        if own == nil, isReplayed, keepRows() { return }
        if own == nil, !isHandWritten {
            notes.append("the run does not draw from a data set, so no rows could be held out")
            return
        }
        let known = Set(own.map(hashes) ?? [])
        var best: (name: String, score: Int, countsOverlap: Bool)?
        var inside: String?
        let mentioned = chart.documents.map(\.source.text).joined(separator: "\n")
        let judgedOn = wiring.judgedOn
        // What a loop gives a new value in each round is not what the run was made with.
        let ofLoops = chart.namesOfLoops.subtracting(
            isHandWritten ? [] : chart.namesOfRound(wiring.train.head, in: wiring.trainDocument))
        let sisters = wiring.madeBeside(
            Set(
                session.globals.userNames.filter {
                    if case .thing(let d as DatasetThing)? = session.globals.valueIfReady($0) {
                        return d.dataset === own
                    }
                    return false
                }))
        func size(_ d: Dataset) -> Double { (Kernel.sumOfSquares(d.x) / Double(max(1, d.x.count))).squareRoot() }
        let ownSize = own.map(size)
        let ownClasses = Set(own?.classes ?? [])
        func fits(_ d: Dataset) -> Bool {
            if let own { return d !== own && d.itemDims == own.itemDims }
            guard let net = run.nets.first, case let two = d.x.rows(0..<min(2, d.count)) else { return false }
            return (try? Builtins.embeddings(session.interpreter, .layer(net), .tensor(two))) != nil
        }
        for name in session.globals.userNames where name != "_" && mentioned.contains(name) && !ofLoops.contains(name) {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) else { continue }
            // A handful of rows is learnt by heart to see whether the net can do so.
            if d.dataset === own, d.dataset.count >= 50, judgedOn.contains(name) { inside = name }
            guard fits(d.dataset) else { continue }
            let other = hashes(d.dataset)
            let fresh = other.count { !known.contains($0) }
            let isSupset = own.map { fresh > 0 && other.count - fresh >= $0.count } ?? false
            let shared = ownClasses.intersection(d.dataset.classes).count
            if fresh * 4 < other.count, other.count >= 20, Set(other).count * 10 > other.count,
                !Replay.isCounted(d.dataset.x),
                judgedOn.contains(name) || Doctor.namesHeldOut(name)
            {
                inside = name
            }
            // What the program measures on may be small. Data in other units is what the run's own was made from.
            let isOther = ownSize.map { abs(log(size(d.dataset) / max($0, 1e-30))) > 1 } ?? false
            guard fresh >= (judgedOn.contains(name) ? 20 : 40), d.dataset.classes.count > 1,
                !isOther || judgedOn.contains(name)
            else { continue }
            // A part beside the training data is better than the whole that holds both.
            let score =
                min(fresh, 500) - (isSupset ? 400 : 0) + (shared > 0 ? 100 : 0) + (judgedOn.contains(name) ? 1000 : 0)
                + (sisters.contains(name) ? 300 : 0)
                - (isOther ? 700 : 0)
            if best.map({ score > $0.score }) ?? true { best = (name, score, !isSupset || judgedOn.contains(name)) }
        }
        // Rows that were trained on, measured though others are held out.
        let measuresOthers = best.map { judgedOn.contains($0.name) } ?? false
        insideTraining = best == nil || !measuresOthers && inside.map(judgedOn.contains) == true ? inside : nil
        if let best {
            heldOut = .named(best.name, countsOverlap: best.countsOverlap)
            notes.append("evaluated on \(best.name)")
        } else if !isReplayed, let own {
            heldOut = .own
            notes.append("no held-out data: evaluated on \(own.name), which was trained on")
        } else if let own, let data = Rule.sourceData(wiring), own.count >= 50 {
            heldOut = .kept
            always = [data.inserting("__held(", before: true), data.inserting(")")]
            notes.append(
                "no held-out data: evaluated on a fifth of \(own.name), withheld from the replays")
        } else {
            notes.append("the program has no data set that can be used for the evaluation")
        }
    }

    /// Of a source that is cut from tensors a fifth of the rows is held back as it is made.
    private func keepRows() -> Bool {
        guard let source = (run.source as? SourceThing)?.source, let n = source.tensors?.first?.shape[0] else {
            return false
        }
        guard n >= 40 else {
            heldOut = .own
            notes.append("no held-out data: evaluated on the \(n) rows that it was trained on")
            return true
        }
        heldOut = .kept
        notes.append("no held-out data: evaluated on a fifth of the rows, withheld from the replays")
        return true
    }

    /// What people call data that they keep for judging.
    static func namesHeldOut(_ name: String) -> Bool {
        let words = name.lowercased().split { !$0.isLetter }.map(String.init)
        return words.contains { word in
            ["unseen", "test", "held", "holdout", "heldout", "val", "valid", "validation", "eval", "dev", "query"]
                .contains(word)
        }
    }

    private func hashes(_ d: Dataset) -> [UInt64] { Replay.hashes(d) }
}
