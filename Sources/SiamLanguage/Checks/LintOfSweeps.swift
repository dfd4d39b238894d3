/// Sweeps whose table says nothing: settings that the body does not use, results that it does not report.
extension LintCheck {
    mutating func sweep(_ sweep: Sweep, _ span: Span) {
        reportless(sweep, span)
        unused(sweep)
    }

    /// Names of an axis that only counts.
    private static let counts: Set<String> = [
        "i", "j", "k", "n", "run", "runs", "trial", "trials", "repeat", "rep", "round", "time", "times", "attempt",
        "try",
        "fold", "seed", "s", "r",
    ]

    /// `sweep lr in [0.1, 0.01] { ... adam(0.01) ... }`: every row of the table is made with the same settings.
    private mutating func unused(_ sweep: Sweep) {
        let read = LintCheck.names(in: sweep.body.statements)
        for axis in sweep.axes {
            let name = axis.name.text
            guard case .bracket(let items) = axis.value.kind, items.count > 1, !read.contains(name),
                !readInside.contains(name), !name.hasPrefix("_"), !LintCheck.counts.contains(name)
            else { continue }
            var optimizers: [(whole: Expression, rate: Expression, word: String)] = []
            for s in sweep.body.statements {
                s.walk { e in
                    guard case .train(let train) = e.kind, let (word, given) = self.called(train.optimizer),
                        KindAdvice.optimizers.contains(word), let first = given.first
                    else { return }
                    optimizers.append((train.optimizer, first.value, word))
                }
            }
            let isRate = ["lr", "rate", "learning_rate"].contains(name)
            let rate = isRate && optimizers.count == 1 ? optimizers.first : nil
            add(
                code: "sweep.unused",
                "nothing in this sweep uses \(name): all its rows are made with the same settings",
                at: [axis.name.span],
                repair: rate.map { "the rate of the optimizer:  \($0.word)(\(name))" },
                edits: rate.map { [.init(Place(source, $0.rate.span), name)] } ?? [])
        }
    }

    /// Functions of the library that show or keep something, whatever they give.
    private static let effects: Set<String> = [
        "print", "show", "plot", "image", "heat", "scatter", "hist", "bars", "save", "report", "update", "load", "grid",
        "trace", "animate", "figure", "push", "error", "assert", "time", "confusion",
    ]

    /// A sweep that only makes names, or whose last line is a value: its table has no column but the settings.
    private mutating func reportless(_ sweep: Sweep, _ span: Span) {
        var last: (name: String, text: String, place: Span)?
        for (k, s) in sweep.body.statements.enumerated() {
            switch s.kind {
            case .assign(let targets, let value):
                guard targets.count == 1, case .name(let name) = targets[0].kind else { continue }
                if case .train = value.kind { continue }
                guard isQuiet(value) else { return }
                if !isNet(value) { last = (name, name, s.span) }
            case .expression(let e):
                if case .train = e.kind { continue }
                guard isQuiet(e) else { return }
                guard k == sweep.body.statements.count - 1 else { continue }
                var name = "result"
                if let (word, _) = called(e) { name = word }
                last = (name, text(e), e.span)
            default: return
            }
        }
        guard let column = last.map({ "\($0.name) = \($0.text)" }) ?? measured(sweep) else { return }
        add(
            code: "sweep.nothing", "this sweep reports nothing: its table has only the settings", at: [span],
            repair: "to add a column:  report \(column)")
    }

    /// What a sweep that only trains would report: how well its net does on what is held back, or the loss of its run.
    private func measured(_ sweep: Sweep) -> String? {
        for case .assign(let targets, let value) in sweep.body.statements.map(\.kind) where targets.count == 1 {
            guard case .train(let train) = value.kind, case .name(let run) = targets[0].kind,
                case .name(let net)? = train.nets.first?.kind
            else { continue }
            let isClassifier = train.body.statements.contains { s in
                guard case .minimize(let loss) = s.kind else { return false }
                return called(loss)?.name == "cross_entropy"
            }
            let isHeldBack = lists.joined().contains { s in
                guard case .assign(let names, _) = s.kind else { return false }
                return names.contains { $0.kind == .name("unseen") }
            }
            return isClassifier && isHeldBack ? "accuracy = accuracy(\(net), unseen)" : "loss = \(run).loss.last"
        }
        return nil
    }

    /// Whether an expression only works something out: it shows and keeps nothing.
    private func isQuiet(_ value: Expression) -> Bool {
        var isQuiet = true
        value.walk { e in
            switch e.kind {
            case .train, .block, .sweep, .time, .conditional: isQuiet = false
            case .call(let callee, _, _):
                if case .name(let name) = callee.kind, LintCheck.effects.contains(name) { isQuiet = false }
                if case .name(let name) = callee.kind, functions[name] != nil { isQuiet = false }
                if case .field(_, let name) = callee.kind, LintCheck.effects.contains(name.text) { isQuiet = false }
            default: break
            }
        }
        return isQuiet
    }

    /// `for dim in [2, 8] { train net on ...; print dim, ... }`: what is to be compared is only shown.
    mutating func onlyShown(_ names: [Name], _ from: Expression, _ block: Block) {
        guard names.count == 1, let name = names.first, case .bracket(let items) = from.kind, items.count > 1,
            items.allSatisfy({ $0.plainNumber != nil }), !LintCheck.counts.contains(name.text)
        else { return }
        var hasRun = false
        var (shown, other) = (0, 0)
        for s in block.statements {
            s.walk { if case .train = $0.kind { hasRun = true } }
            var isShow = false
            if case .expression(let e) = s.kind, case .call(let callee, _, _) = e.kind,
                ["print", "show"].contains(text(callee))
            {
                isShow = true
            }
            s.walk { if $0.kind == .name(name.text) { if isShow { shown += 1 } else { other += 1 } } }
        }
        guard hasRun, shown > 0, other == 0, !readInside.contains(name.text) else { return }
        add(
            code: "loop.shown", "\(name.text) is only shown: each round goes on with the same net and settings",
            at: [name.span], repair: "construct the net in the loop, with \(name.text), before train")
    }
}
