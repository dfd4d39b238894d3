/// What the parts of one `train` statement tell: losses without a gradient, reports, what nothing minimizes.
extension Train {
    private static let measures: Set<String> = [
        "accuracy", "precision", "recall", "f1", "auc", "eer", "recall_at", "precision_at", "map_at_r", "mrr",
        "pair_accuracy", "few_shot", "confusion", "argmax", "argmin", "argsort", "round", "sign", "floor", "ceil",
    ]

    /// A measure, a place or a comparison in what is minimized, of which no gradient comes; nil where there is none.
    public static func slopeless(_ value: Expression) -> String? {
        var found: String?
        value.walk { e in
            guard found == nil else { return }
            switch e.kind {
            case .call(let callee, _, _):
                if case .name(let name) = callee.kind, measures.contains(name) { found = name }
                if case .field(_, let name) = callee.kind, measures.contains(name.text) { found = name.text }
            case .comparison: found = "a comparison"
            default: break
            }
        }
        return found
    }

    /// What is minimized in place of a measure.
    public func slopeAdvice(_ measure: String) -> String {
        "\(measure) has no gradient to follow; use a loss:  minimize \(usualLoss)"
    }

    /// The usual loss of the parts of the batch, by their names, and of the net that is trained.
    private var usualLoss: String {
        let names = boundNames
        var net = "net"
        if case .name(let own)? = nets.first?.kind { net = own }
        return switch partNames?.count {
        case 3? where partNames?.last == "same" && names.count == 3:
            "contrastive(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
        case 3? where names.count == 3: "triplet(\(net)(\(names[0])), \(net)(\(names[1])), \(net)(\(names[2])))"
        case 2? where names.count == 2: "cross_entropy(\(net)(\(names[0])), \(names[1]))"
        default: "cross_entropy(\(net)(x), y)"
        }
    }

    /// Nets whose every use in what is minimized stands inside a measure, a place or a comparison: no gradient reaches them.
    func slopelessNets(_ value: Expression) -> (measure: String, span: Span)? {
        let own = Set(nets.compactMap { if case .name(let name) = $0.kind { name } else { nil } })
        guard !own.isEmpty, let measure = Train.slopeless(value) else { return nil }
        var (inside, outside) = (0, 0)
        func count(_ e: Expression, _ isInside: Bool) {
            var isInside = isInside
            switch e.kind {
            case .name(let name) where own.contains(name): if isInside { inside += 1 } else { outside += 1 }
            case .comparison: isInside = true
            case .call(let callee, _, _):
                if case .name(let name) = callee.kind, Train.measures.contains(name) { isInside = true }
                if case .field(_, let name) = callee.kind, Train.measures.contains(name.text) { isInside = true }
            default: break
            }
            for part in e.parts { count(part, isInside) }
        }
        count(value, false)
        return inside > 0 && outside == 0 ? (measure, value.span) : nil
    }

    /// Series that every run has: a report of that name would replace them.
    public func reportsOwn(_ source: Source) -> Diagnostic? {
        let own: Set<String> = ["loss", "grad_norm", "steps", "epochs", "net", "nets", "seconds", "optimizer"]
        var found: Diagnostic?
        func look(_ statements: [Statement]) {
            for s in statements where found == nil {
                if case .report(let name, let value) = s.kind, own.contains(name.text) {
                    let text = source.text(value.span)
                    found = Diagnostic(
                        code: "report.own",
                        "a run already has a field \(name.text), and a report of that name would hide it",
                        at: [.init(Place(source, name.span))],
                        repair: "another name:  report own_\(name.text) = \(text.utf8.count < 40 ? text : "...")")
                }
                for b in s.blocks { look(b.statements) }
            }
        }
        look(body.statements)
        return found
    }

    /// `report pair_accuracy(net, unseen)`: what is recorded needs a name; without one `report` writes a page of a run.
    func namelessReport(_ source: Source) -> Diagnostic? {
        var found: Diagnostic?
        func look(_ statements: [Statement]) {
            for s in statements where found == nil {
                if case .expression(let e) = s.kind, case .call(let callee, let given, isCommand: true) = e.kind,
                    case .name("report") = callee.kind, given.count == 1, given[0].name == nil
                {
                    var name = "own"
                    if case .name(let word) = given[0].value.kind, word != "loss", word != "run" { name = word }
                    if case .name("run") = given[0].value.kind { return }
                    let text = source.text(given[0].value.span)
                    found = Diagnostic(
                        code: "report.kind", "report records a number under a name, and this has none",
                        at: [.init(Place(source, e.span))],
                        repair: text.utf8.count <= 50 ? "with a name:  report \(name) = \(text)" : nil)
                }
                for b in s.innerBlocks { look(b.statements) }
            }
        }
        look(body.statements)
        return found
    }

    /// The names that statements of the body itself give a value.
    public var namesMadeInBody: Set<String> { Set(LintCheck.assigned(body.statements).keys) }

    /// Whether the body, or what it may call, records a series of this name.
    public func reports(_ wanted: String) -> Bool {
        var found = false
        func look(_ statements: [Statement]) {
            for s in statements {
                if case .report(let name, _) = s.kind, name.text == wanted { found = true }
                for b in s.innerBlocks { look(b.statements) }
            }
        }
        look(body.statements)
        return found
    }

    /// A body without `minimize` changes no net: said before the first step, and by `check`.
    public func minimizesNothing(_ source: Source) -> Diagnostic? {
        var hasAny = false
        func look(_ statements: [Statement]) {
            for s in statements {
                if case .minimize = s.kind { hasAny = true }
                for e in s.parts { visit(e) }
                for b in s.blocks { look(b.statements) }
            }
        }
        func visit(_ e: Expression) {
            e.walk { inner in
                // A body may well do the update itself.
                switch inner.kind {
                case .call(let callee, _, _):
                    if case .name("update") = callee.kind { hasAny = true }
                    if case .field(_, let field) = callee.kind, field.text == "update" { hasAny = true }
                default: break
                }
                for b in inner.blocks { look(b.statements) }
            }
        }
        look(body.statements)
        // A body that is not there is another fault.
        guard !hasAny, source.bytes.indices.contains(body.span.start),
            source.bytes[body.span.start] == UInt8(ascii: "{")
        else { return nil }
        let value = body.statements.last
        var repair = "minimize a loss of the batch:  minimize \(usualLoss)"
        if case .expression(let e)? = value?.kind {
            var text = source.text(e.span)
            var isLoss = false
            if case .call(let callee, let given, let isCommand) = e.kind {
                switch callee.kind {
                case .name(let word) where isCommand:
                    // `minimise l`, `maximize s`: the expression after the word.
                    text = given.map { source.text($0.value.span) }.joined(separator: ", ")
                    isLoss = given.count == 1
                    if word.hasPrefix("maxim") { text = "-mean(\(text))" }
                    if let measure = given.first.flatMap({ Train.slopeless($0.value) }) {
                        (text, isLoss) = ("", false)
                        repair = slopeAdvice(measure)
                    }
                case .name(let word) where word == "minimize" && given.count > 1:
                    // `minimize(loss, x, y)`: the function and what it is given.
                    let rest = given.dropFirst().map { source.text($0.value.span) }.joined(separator: ", ")
                    text = "\(source.text(given[0].value.span))(\(rest))"
                    isLoss = true
                case .name(let word) where ["backward", "minimize", "backprop"].contains(word) && given.count == 1:
                    text = source.text(given[0].value.span)
                    isLoss = true
                // What a net gives is no loss yet.
                case .name(let word):
                    isLoss =
                        Train.slopeless(e) == nil && !nets.contains { $0.kind == .name(word) }
                        && !["print", "show", "plot", "image"].contains(word)
                case .field(let owner, let name) where ["backward", "minimize"].contains(name.text):
                    text = source.text(owner.span)
                    isLoss = true
                default: break
                }
            }
            if isLoss, text.utf8.count <= 60, !text.contains("\n") { repair = "minimize \(text)" }
        }
        if case .assign(let targets, _)? = value?.kind, case .name(let name)? = targets.first?.kind {
            repair = "in the body of train, after it:  minimize \(name)"
            if name == "minimize", case .assign(_, let loss)? = value?.kind, case let text = source.text(loss.span),
                text.utf8.count <= 60
            {
                repair = "without =:  minimize \(text)"
            }
        }
        if case .returnValue(let e?)? = value?.kind, case let text = source.text(e.span), text.utf8.count <= 60 {
            repair = "minimize \(text)"
        }
        return Diagnostic(
            code: "train.nothing", "this train minimizes nothing, so nothing is learnt",
            at: [.init(Place(source, Span(head.start, max(head.start, min(head.end, body.span.start)))))],
            repair: repair)
    }
}
