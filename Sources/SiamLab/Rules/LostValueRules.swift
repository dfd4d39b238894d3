import SiamLanguage

extension Rule {
    /// Faults of values that do not go where they were meant to go.
    static var lostValues: [Rule] {
        [
            Rule(
                100, "values that are not finite", .measured,
                seen: "The loss is not finite from one of the first steps on.",
                why:
                    "The rows of the training hold values that are infinite or not a number, as the logarithm of 0 or a missing cell is. One of them makes the outputs, the loss and all gradients of its batch the same.",
                repair:
                    "replace these values or leave out their rows before the training; of counts take log(x + 1)",
                picture: {
                    let share = $0.evidence.notFinite?.share ?? 0
                    return .shares([("not finite", share), ("finite", 1 - share)])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    e.evidence.notFinite.map {
                        "\(short(100 * $0.share)) % of the rows that are trained on hold a value that is not finite, the first in column \($0.column)"
                    }
                }),
            Rule(
                95, "noisy target", .measured,
                seen: "The loss is near 0, and the outputs are as noisy as the inputs.",
                why:
                    "The target of each row is the input with its noise. The net learns to copy the noise instead of removing it.",
                repair: "use the clean rows as targets:  mse(net(noisy), clean)",
                picture: {
                    .bars([
                        ("input less target", $0.evidence.facts?.noise ?? 0),
                        ("size of the inputs", $0.evidence.facts?.inputScale ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if let other = e.evidence.otherTarget { return other }
                    guard let f = e.evidence.facts, f.keepsNoise else { return nil }
                    return
                        "the step adds noise to the rows of the batch, and the target of each row is that noisy input itself"
                }),
            Rule(
                103, "input passes by the code", .measured,
                seen: "The reconstruction is almost perfect, and the code is of no use.",
                why:
                    "The input is added to the output, or given to the decoder, behind the narrowest layer. The net gives it back without what the code holds, and learns no code.",
                repair: "let the decoder have nothing but the code",
                picture: {
                    .bars([
                        ("numbers of a row", Double($0.evidence.facts?.outputWidth ?? 0)),
                        ("narrowest layer", Double($0.evidence.facts?.narrowest ?? 0)),
                    ])
                },
                firstSymptom: { _ in "in every forward pass" },
                sign: { e in
                    guard let f = e.evidence.facts, f.inputPassesCode else { return nil }
                    return
                        "the rows that are to be given back reach the output beside the layer of \(f.narrowest) units"
                }),
            Rule(
                84, "outputs depend on the other rows", .measured,
                seen:
                    "Scores change with the batch size of the evaluation, and a single row gets another output than in a batch.",
                why:
                    "A norm, a mean or a softmax inside the network runs over the rows of the batch instead of the features of one row. The output for a row then depends on the other rows of its batch.",
                repair: "let the operation run along the last axis, over the features of one row",
                picture: { .bars([("difference, alone and in a batch", $0.evidence.mixing), ("without mixing", 0)]) },
                firstSymptom: { _ in "in every forward pass" },
                sign: { e in
                    let v = e.evidence
                    if v.facts?.softmaxOverRows == true {
                        return
                            "the softmax of the class scores runs over axis 0: each class's column sums to 1 over the rows of the batch, instead of each row over the classes"
                    }
                    if v.facts?.mixesInside == true, v.mixing <= 0.05,
                        v.contradiction != nil || v.strangeFigure != nil
                    {
                        return
                            "what follows the last weights makes the output of a row depend on the other rows of its batch: a row that changes moves the outputs of the others"
                    }
                    guard v.mixing > 0.05, v.contradiction != nil || v.isWeak || !v.isGood else { return nil }
                    return
                        "the outputs of single rows differ from those of the same rows in a batch by \(short(100 * v.mixing)) % of their size, in evaluation mode"
                }),
            Rule(
                85, "new value under the wrong name",
                seen: "Part of the model keeps its initial weights, and no error is raised.",
                why:
                    "A step computes a new value and assigns it to a name that nothing reads. The intended variable keeps its old value.",
                repair: "assign the new value to the variable that it was computed from",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let lost = e.wiring.lostUpdates
                    guard !lost.isEmpty else { return nil }
                    let names = lost.map { "\($0.given), computed from \($0.meant)" }.joined(separator: "; ")
                    return "a step assigns new values to names that nothing reads: \(names)"
                },
                changes: { e in
                    let lost = e.wiring.lostUpdates
                    guard !lost.isEmpty else { return [] }
                    let label = lost.map { "\($0.meant) instead of \($0.given)" }.joined(separator: ", ")
                    return [Change(label: label, edits: lost.map(\.edit), isCertain: true)]
                }),
            Rule(
                86, "kept net is not a copy", .measured,
                seen: "The net kept from the best epoch is no better than that of the last epoch.",
                why:
                    "An assignment gives a second name to the same net and copies nothing. The kept net goes on being trained, and at the end it holds the last weights.",
                repair: "keep a copy:  best = copy(net)",
                traits: [.ofTheEvaluation],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: { _ in "at the assignment that keeps the net" },
                sign: { e in
                    guard let kept = e.wiring.keptAlias else { return nil }
                    return
                        "\(kept.name) = \(kept.net) is in the loop and \(kept.name) is read after it; both names refer to the one net that training goes on changing"
                }),
            Rule(
                87, "measured in training mode", .measured,
                seen: "The score at the end is too low, and differs from one evaluation to the next.",
                why:
                    "Noise, dropout and the statistics of a batch are meant for training steps. An evaluation that has them measures something else than the net.",
                repair:
                    "evaluate the net itself, not training(net), and let a layer of your own add noise only in training: if training { ... }",
                traits: [.ofTheEvaluation],
                picture: {
                    let f = $0.evidence.figures.first { $0.evaluated != nil }
                    return .bars([("in training mode", f?.trained ?? 0), ("in evaluation mode", f?.evaluated ?? 0)])
                },
                firstSymptom: { _ in "after the training" },
                sign: { e in
                    if e.evidence.restlessness > 0.05, e.evidence.task != .reconstruction, e.evidence.isFinite {
                        return
                            "in evaluation mode too the net gives other outputs for the same rows each time: they differ by \(short(100 * e.evidence.restlessness)) % of their size"
                    }
                    if let report = e.wiring.reportInTrainingMode {
                        return
                            "\(report) is worked out in the step itself, where the net is in training mode; inside every it is in evaluation mode"
                    }
                    let found = e.evidence.figures.first { f in
                        guard let other = f.evaluated else { return false }
                        return (f.isError ? f.trained - other : other - f.trained) > 0.04
                    }
                    guard let f = found, let other = f.evaluated else { return nil }
                    return
                        "\(f.text) is \(short(f.trained)) as the program measures it, and \(short(other)) with the same weights in evaluation mode"
                }),
            Rule(
                88, "units dead from the start", seen: "The loss does not change, or only the last layer learns.",
                why:
                    "The initial biases or weights of a layer are so far below 0 that relu gives 0 for every row. No gradient passes through such a unit, so its weights never change.",
                repair: "initialise biases at 0 or a little above, and weights around 0", traits: [.shownByStep],
                picture: { .bars([("dead before the first step", $0.evidence.deadAtStart.share), ("healthy", 0)]) },
                firstSymptom: { "before the first step, in \($0.evidence.deadAtStart.stage)" },
                sign: { e in
                    let dead = e.evidence.deadAtStart
                    guard dead.share > 0.9, !e.evidence.isGood else { return nil }
                    return
                        "\(short(100 * dead.share)) % of the units of \(dead.stage) are 0 for every row before the first step"
                }, isPlain: { $0.deadAtStart.share > 0.9 }),
            Rule(
                89, "categories given as numbers", .measured,
                seen: "The net fits the effect of one column poorly, however long it is trained.",
                why:
                    "A column holds codes of categories that have no order, such as towns or words. The net treats them as amounts, and has to fit a separate bend of its function at each code.",
                repair: "one-hot inputs:  one_hot(column, categories), or an embedding layer",
                picture: {
                    .bars([
                        ("this net", $0.evidence.worth), ("one-hot", $0.evidence.kindsAsNumbers?.worth ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    guard let k = v.kindsAsNumbers, k.worth > v.worth + 0.2, k.worth > (v.reference?.worth ?? 0) + 0.15
                    else { return nil }
                    let names = k.columns.map { "\($0)" }.joined(separator: ", ")
                    return
                        "column \(names) of the inputs holds a few distinct whole numbers; a plain network reaches \(v.measure) \(short(k.worth)) with one-hot inputs, with the numbers \(short(v.reference?.worth ?? v.worth))"
                }),
        ]
    }
}

extension Rule {
    /// Before targets that are not scaled, which look the same: it is the one that the program says itself.
    static var noBias: Rule {
        Rule(
            97, "no bias", seen: "The error stays where a constant added to the outputs would remove it.",
            why:
                "A dense layer without a bias gives 0 for an input of 0. A net of such layers alone cannot add a constant to its outputs, and targets far from 0 are out of its reach.",
            repair: "a bias in the last dense layer, as dense has by default",
            picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
            firstSymptom: FirstSymptom.start,
            sign: { e in
                guard e.evidence.isWeak, e.evidence.isJudgedByTask, let change = withBias(e).first else {
                    return nil
                }
                return
                    "\(change.edits.count == 1 ? "a dense layer has" : "\(change.edits.count) dense layers have") no bias, and the net learnt little"
            }, changes: withBias)
    }

    /// A bias in each dense layer that is written without one.
    private static func withBias(_ e: Examination) -> [Change] {
        var edits: [TextEdit] = []
        for stage in e.wiring.stages where stage.name == "dense" {
            guard let given = e.wiring.argument("bias", of: stage.spot).map({ e.wiring.followed($0) }),
                e.wiring.text(given) == "false"
            else { continue }
            edits.append(given.replaced(by: "true"))
        }
        return edits.isEmpty ? [] : [Change(label: "dense layers with a bias", edits: unique(edits))]
    }
}

extension Statement {
    /// Of a loop over a range, `for k in 0..n`, or up to a number, `while k < n`: what counts, and how far.
    fileprivate var counting: (counter: String, end: Expression, block: Block)? {
        switch kind {
        case .forIn(let names, let source, let block):
            guard names.count == 1, case .range(_, let end?) = source.kind else { return nil }
            return (names[0].text, end, block)
        case .whileLoop(let condition, let block):
            guard case .comparison(let operands, let signs, _) = condition.kind, operands.count == 2,
                signs == [.less] || signs == [.lessOrEqual], case .name(let counter) = operands[0].kind
            else { return nil }
            return (counter, operands[1], block)
        default: return nil
        }
    }
}

extension TrainingModel {
    /// The `break` of a hand-written loop over a range of numbers, or up to one, with the variable that counts and the end
    /// of its range.
    var breakOfLoop: (counter: String, planned: Double, edit: TextEdit)? {
        guard trainIndex < 0, let first = train.body.statements.first else { return nil }
        for (s, k) in statements where k == trainDocument {
            guard s.span.start <= first.span.start, first.span.end <= s.span.end,
                let (counter, end, block) = s.counting,
                let planned = number(ExpressionReference(document: k, expression: end))?.value
            else { continue }
            // A break of an inner loop ends that one alone.
            var place: Span?
            func look(_ statements: [Statement]) {
                for inner in statements {
                    if case .breakLoop = inner.kind { place = place ?? inner.span }
                    switch inner.kind {
                    case .forIn, .whileLoop: continue
                    default: break
                    }
                    for b in inner.blocks { look(b.statements) }
                    for part in inner.parts { for b in part.blocks { look(b.statements) } }
                }
            }
            look(block.statements)
            guard let place else { continue }
            return (
                counter, planned,
                TextEdit(document: k, start: place.start, end: place.end, replacement: "none")
            )
        }
        return nil
    }

    /// A name that a condition inside the training's loop gives the trained net, without a copy, and that is read behind it.
    var keptAlias: (name: String, net: String)? {
        let nets = Set(train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        guard !nets.isEmpty, chart.documents.indices.contains(trainDocument) else { return nil }
        let whole = Parser.parse(chart.documents[trainDocument].whole).program.statements
        var found: [(name: String, net: String, top: Int)] = []
        func look(_ s: Statement, _ top: Int, isInLoop: Bool, isConditional: Bool) {
            if isInLoop, isConditional, case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let name) = targets[0].kind, case .name(let net) = value.kind, nets.contains(net),
                !nets.contains(name)
            {
                found.append((name, net, top))
            }
            var isLoop = isInLoop
            switch s.kind {
            case .forIn, .whileLoop: isLoop = true
            default: break
            }
            for block in s.blocks {
                for inner in block.statements { look(inner, top, isInLoop: isLoop, isConditional: isConditional) }
            }
            for part in s.parts {
                var isTrain = false
                if case .train = part.kind { isTrain = true }
                var isIf = false
                if case .conditional = part.kind { isIf = true }
                for block in part.blocks {
                    for inner in block.statements {
                        look(inner, top, isInLoop: isLoop || isTrain, isConditional: isConditional || isIf)
                    }
                }
            }
        }
        for (k, s) in whole.enumerated() { look(s, k, isInLoop: false, isConditional: false) }
        // A net that the loop makes anew is another one each time.
        func givesValue(_ statements: [Statement], to name: String) -> Bool {
            statements.contains { s in
                if case .assign(let targets, _) = s.kind,
                    targets.contains(where: { if case .name(name) = $0.kind { true } else { false } })
                {
                    return true
                }
                return s.blocks.contains { givesValue($0.statements, to: name) }
                    || s.parts.contains { $0.blocks.contains { givesValue($0.statements, to: name) } }
            }
        }
        for f in found where !whole[f.top].blocks.contains(where: { givesValue($0.statements, to: f.net) }) {
            let isRead = whole[(f.top + 1)...].contains { s in
                var names = false
                s.walk { if case .name(f.name) = $0.kind { names = true } }
                return names
            }
            if isRead { return (f.name, f.net) }
        }
        return nil
    }

    /// Values that a step of the training gives to a name which nothing reads, made from a variable that the step reads and
    /// never changes.
    var lostUpdates: [(given: String, meant: String, edit: TextEdit)] {
        var read: [String: Int] = [:]
        var whole: [Statement] = []
        for document in chart.documents { whole += Parser.parse(document.whole).program.statements }
        for s in whole { s.walk { if case .name(let n) = $0.kind { read[n, default: 0] += 1 } } }
        var given: [String: Int] = [:]
        func count(_ statements: [Statement]) {
            for s in statements {
                if case .assign(let targets, _) = s.kind {
                    for t in targets { if case .name(let n) = t.kind { given[n, default: 0] += 1 } }
                }
                for block in s.blocks { count(block.statements) }
                for part in s.parts { for block in part.blocks { count(block.statements) } }
            }
        }
        count(whole)
        let step = WrittenLoop.flat(train.body.statements)
        var found: [(String, String, TextEdit)] = []
        for s in step {
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let n) = targets[0].kind,
                // Targets are walked too.
                read[n, default: 0] <= given[n, default: 0], !n.hasPrefix("_")
            else { continue }
            guard case .binary = value.kind else { continue }
            // `old - step`: what stands first is what was meant.
            var first = value
            while case .binary(let sign, let l, _, _) = first.kind,
                sign == .subtract || sign == .add || sign == .multiply
            {
                if sign == .multiply, case .number = l.kind { break }
                first = l
            }
            guard case .name(let meant) = first.kind, given[meant, default: 0] == 1, starts[meant] != nil,
                read[meant, default: 0] > 2
            else { continue }
            found.append(
                (
                    n, meant,
                    TextEdit(
                        document: trainDocument, start: targets[0].span.start, end: targets[0].span.end,
                        replacement: meant)
                ))
        }
        return found.map { (given: $0.0, meant: $0.1, edit: $0.2) }
    }
}
