/// Repairs of messages in the parts of the batch that their place stands in.
extension Diagnostic {
    /// The message with a repair in the parts of the batch that it stands in, where they tell what is meant: a name that is
    /// none of them, a loss that is given other things.
    public func inParts(of known: Program? = nil) -> Diagnostic {
        (inTraining(of: known) ?? inPartsOfBatch(of: known)).withSettings(of: known)
    }

    private func inPartsOfBatch(of known: Program?) -> Diagnostic {
        if code == "layer.batch", repair?.hasPrefix("a batch of one") == true, let own = batchOfOne {
            var d = self
            d.repair = "a batch of one:  \(own)"
            return d
        }
        if code == "assign.count", let place = labels.first?.place, repair?.hasPrefix("three parts:") == true,
            let own = threeParts(
                place, known.flatMap { $0.source == place.source ? $0 : nil } ?? Parser.parse(place.source).program)
        {
            var d = self
            d.repair = "three parts:  \(own)"
            return d
        }
        if code == "assign.count", let place = labels.first?.place, repair?.hasPrefix("examples and classes") == true,
            case let call = place.source.text(place.span), call.hasPrefix("split("), !call.contains("\n"),
            call.utf8.count <= 50
        {
            var d = self
            d.repair = "examples and classes stay together, as seen.x and seen.y:  seen, unseen = \(call)"
            return d
        }
        // Embeddings that a net makes of pictures row by row: what is missing stands in the net, not in the loss.
        if code == "argument.rows", repair?.hasPrefix("the embeddings that a net makes") == true,
            let place = labels.first?.place, case let text = place.source.text(place.span),
            let open = text.firstIndex(of: "("), text.hasSuffix(")"), text.utf8.count <= 40,
            text[..<open].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
            !LayerNames.functions.contains(String(text[..<open]))
        {
            var d = self
            let inner = text[text.index(after: open)...].dropLast()
            d.repair =
                place.source.text.contains("conv(")
                ? "a net of pictures ends in a row for each:  flatten >> dense(16)"
                : "each picture becomes a row before the first layer:  \(text[..<open])(flatten(\(inner)))"
            d.edits = []
            return d
        }
        // `save(net, net.npz)`
        if code == "field.unknown", let place = labels.first?.place,
            ["npz", "npy", "csv", "png", "svg", "txt", "siamrun", "onnx", "safetensors", "json", "md"].contains(
                place.source.text(place.span)),
            case let line = place.source.position(place.span.start),
            case let before = place.source.line(line.line).prefix(max(0, line.column - 1)),
            case let name = before.dropLast().reversed().prefix(while: { $0.isLetter || $0.isNumber || $0 == "_" }),
            before.hasSuffix("."), !name.isEmpty
        {
            var d = self
            (d.repair, d.edits) = (
                "a path is a text:  \"\(String(name.reversed())).\(place.source.text(place.span))\"", []
            )
            return d
        }
        let isOfName = code == "name.unknown"
        let isOfDistances = code == "loss.squashed" && message.hasSuffix("distances are >= 0")
        let isOfShares = code == "argument.range" && message.hasPrefix("bce expects every number of p")
        guard severity == .error || isOfDistances || code == "loss.same_input",
            isOfName || isOfShares || Diagnostic.ofLosses.contains(code),
            let place = labels.first?.place,
            place.source.kind != .prelude
        else { return self }
        let program =
            known.flatMap { $0.source == place.source ? $0 : nil } ?? Parser.parse(place.source, isVetted: true).program
        if isOfName, let whole = importedName(place, program) {
            var d = self
            (d.repair, d.edits) = ("what a file brings in has no prefix:  \(whole)", [])
            return d
        }
        if isOfName, repair == nil, let chosen = chosenClass(place, program) {
            var d = self
            d.repair = "choose examples by a function of their class:  \(chosen)"
            return d
        }
        if isOfName, place.source.text(place.span) == "run", let whole = unnamedRun(place, program) {
            var d = self
            (d.repair, d.edits) = ("give the run a name:  \(whole)", [])
            return d
        }
        if !isOfName, let says = namesForParts(place, program) {
            var d = self
            (d.repair, d.edits) = (says, [])
            return d
        }
        let isOneOfTwo = code == "layer.inputs" && message.hasSuffix(" takes 2 inputs (a, b), and got 1")
        if code == "layer.input" || code == "layer.inputs" && !isOneOfTwo { return self }
        guard let parts = BatchParts.around(place, program) else { return isOneOfTwo ? ofTower(place, program) : self }
        // A net of two inputs in a loss of scores of pairs takes both of them.
        if isOneOfTwo, parts.parts == ["a", "b", "same"], let (call, span) = ofBoth(place, program, parts.names) {
            var d = self
            d.repair = "this net takes both sides of a pair:  \(call)"
            d.edits = [.init(Place(place.source, span), call)]
            return d
        }
        // What another order of the names explains is not mended in the loss.
        if !isOfName, let order = parts.inOrder {
            var d = self
            (d.repair, d.edits) = ("in the order of the parts:  as \(order.joined(separator: ", "))", [])
            if parts.form == .loop { d.repair = "in the order of the parts:  for \(order.joined(separator: ", "))" }
            if parts.form == .assignment {
                d.repair = "in the order of the parts:  \(order.joined(separator: ", ")) = ..."
            }
            return d
        }
        // `siamese(net, head = dense(1))` of a net that has two inputs itself: its tower is meant.
        if isOneOfTwo, case let line = source(of: place),
            let net = parts.siameses.first(where: {
                line.contains("siamese(\($0),")
            })
        {
            var d = self
            (d.repair, d.edits) = ("its tower alone:  siamese(\(net).tower, head = dense(1))", [])
            return d
        }
        // A net of two inputs with a head gives one score for a pair.
        if isOneOfTwo, parts.parts == ["a", "b", "same"], let net = parts.headed(source(of: place)) {
            var d = self
            d.repair =
                "this net takes both sides and gives one score:  bce_with_logits(\(net)(\(parts.names[0]), \(parts.names[1])), \(parts.names[2]))"
            d.edits = []
            return d
        }
        // Classes that are not the batch's own are meant.
        if code == "loss.class", repair?.contains("bce_with_logits") == true { return self }
        let source = place.source
        var d = self
        if isOfName {
            guard let (says, edits) = parts.meaning(of: source.text(place.span), at: place.span, source) else {
                return self
            }
            (d.repair, d.edits) = (says, edits)
            return d
        }
        var call: (name: String, arguments: [Argument], span: Span)?
        var walker = TreeWalker()
        walker.onExpression = { e in
            guard case .call(let callee, let given, _) = e.kind, case .name(let name) = callee.kind,
                LossNames.all.contains(name), e.span.start <= place.span.start, place.span.end <= e.span.end
            else { return }
            call = (name, given, e.span)
        }
        for statement in program.statements { walker.walk(statement) }
        // Of widths only what is no input of the net is meant: `net(y)`.
        if code == "layer.width" {
            let text = source.text(place.span)
            guard let last = parts.names.last, parts.parts.last != "n", text.hasSuffix("(\(last))") else { return self }
            d.notes = []
        }
        if let call, let says = parts.otherNames(call.name, source), says.utf8.count <= 100 {
            (d.repair, d.edits) = ("pairs gives three parts:  \(says)", [])
            if parts.names.count == 3 { d.repair = says }
            return d
        }
        guard let call, let own = parts.loss(call.name, call.arguments, source), own != source.text(call.span),
            !isOfShares || own.contains(".tower(") || own.contains("contrastive("),
            own.utf8.count <= 80, repair?.contains(own) != true
        else { return isOneOfTwo ? ofTower(place, program) : self }
        // What stands in the call already, and only its order is wrong, is said as such.
        d.repair =
            (isOfDistances ? "of the embeddings of both:  " : "of the parts of this batch:  ") + own
            + (isOfDistances ? ",  or a net of  siamese(tower, head = dense(1))" : "")
        d.edits = []
        if parts.parts.last == "same" { d.notes.removeAll { $0.contains("looks like class numbers") } }
        return d
    }

    private func source(of place: Place) -> String { place.source.text(place.span) }

    /// `bce(net(a), same)` of a net of two inputs: the net of both parts of the batch.
    private func ofBoth(_ place: Place, _ program: Program, _ names: [String]) -> (call: String, span: Span)? {
        var found: (call: String, span: Span)?
        for statement in program.statements {
            statement.walk { e in
                guard case .call(let loss, let scored, _) = e.kind, case .name(let name) = loss.kind,
                    ["bce", "bce_with_logits"].contains(name), let first = scored.first?.value,
                    case .call(let callee, let given, _) = first.kind, given.count == 1,
                    case .name(let net) = callee.kind, first.span.start <= place.span.start,
                    place.span.end <= first.span.end
                else { return }
                found = ("\(net)(\(names[0]), \(names[1]))", first.span)
            }
        }
        return found
    }

    /// `train, val, test = split(digits(), 0.8)`: a share for each of the three.
    private func threeParts(_ place: Place, _ program: Program) -> String? {
        var found: String?
        var walker = TreeWalker()
        walker.onStatement = { s in
            guard case .assign(let targets, let value) = s.kind, targets.count == 3,
                s.span.start <= place.span.start, place.span.end <= s.span.end,
                case .call(let callee, let given, _) = value.kind, callee.kind == .name("split"),
                let data = given.first?.value
            else { return }
            let names = targets.map { place.source.text($0.span) }.joined(separator: ", ")
            found = "\(names) = split(\(place.source.text(data.span)), [0.7, 0.15, 0.15])"
        }
        for statement in program.statements { walker.walk(statement) }
        return found.flatMap { $0.utf8.count <= 90 ? $0 : nil }
    }

    /// `net(a)` of a net of two inputs: the same of its tower.
    private func ofTower(_ place: Place, _ program: Program) -> Diagnostic {
        var found: (span: Span, text: String)?
        for statement in program.statements {
            statement.walk { e in
                guard case .call(let callee, let given, _) = e.kind, given.count == 1,
                    case .name(let net) = callee.kind,
                    e.span.start <= place.span.start, place.span.end <= e.span.end
                else { return }
                if case .bracket = given[0].value.kind { return }
                found = (e.span, "\(net).tower(\(place.source.text(given[0].value.span)))")
            }
        }
        guard let found, found.text.utf8.count <= 70 else { return self }
        var d = self
        d.repair = "the embeddings of one input are those of its tower:  \(found.text)"
        d.edits = [.init(Place(place.source, found.span), found.text)]
        return d
    }

    /// `helpers.f(2)` behind `import "helpers.siam"`: the call without what stands before it.
    private func importedName(_ place: Place, _ program: Program) -> String? {
        let source = place.source
        let name = source.text(place.span)
        guard program.statements.contains(where: { $0.importedStem == name }) else { return nil }
        var found: Span?
        for statement in program.statements {
            statement.walk { e in
                var root = e
                if case .call(let callee, _, _) = e.kind { root = callee }
                guard case .field(let owner, let member) = root.kind, owner.kind == .name(name),
                    owner.span.start == place.span.start, found == nil
                else { return }
                found = Span(member.span.start, e.span.end)
            }
        }
        let whole = found.map(source.text)
        return whole.flatMap { $0.utf8.count <= 60 && !$0.contains("\n") ? $0 : nil }
    }

    /// `d.where(y == 3)`, where nothing is called y: the same with a function of the class.
    private func chosenClass(_ place: Place, _ program: Program) -> String? {
        let source = place.source
        let name = source.text(place.span)
        guard ["y", "label", "labels", "target", "cls"].contains(name) else { return nil }
        var found: String?
        for statement in program.statements {
            statement.walk { e in
                guard case .call(let callee, let given, _) = e.kind, given.count == 1,
                    case .field(let owner, let word) = callee.kind, ["where", "filter"].contains(word.text),
                    case .name(let set) = owner.kind, case .comparison = given[0].value.kind,
                    given[0].value.span.start <= place.span.start, place.span.end <= given[0].value.span.end
                else { return }
                let condition = source.text(given[0].value.span)
                if condition.utf8.count <= 40 { found = "\(set).where(\(name) -> \(condition))" }
            }
        }
        return found
    }

    /// The head of a `train` before a place that stands as a statement, with a name before it.
    private func unnamedRun(_ place: Place, _ program: Program) -> String? {
        for s in program.statements.reversed() where s.span.end <= place.span.start {
            guard case .expression(let e) = s.kind, case .train(let train) = e.kind else { continue }
            let source = place.source
            let nets = train.nets.map { source.text($0.span) }.joined(separator: ", ")
            let head = source.text(Span(e.span.start, max(e.span.start, train.body.span.start))).trimmed
            return head.utf8.count <= 100 && !head.contains("\n")
                ? "run = \(head) { ... }" : "run = train \(nets) on ... { ... }"
        }
        return nil
    }

    /// `for x in batches(d, 32)`: a name for each part.
    private func loopOfOneName(_ place: Place, _ program: Program) -> String? {
        var says: String?
        var walker = TreeWalker()
        walker.onStatement = { s in
            guard case .forIn(let names, let from, let block) = s.kind, names.count == 1,
                block.span.start <= place.span.start, place.span.end <= block.span.end,
                let parts = BatchParts.parts(of: from)
            else { return }
            says = "a name for each part:  for \(parts.joined(separator: ", ")) in \(place.source.text(from.span))"
        }
        for statement in program.statements { walker.walk(statement) }
        return says.flatMap { $0.utf8.count <= 100 && !$0.contains("\n") ? $0 : nil }
    }

    /// The one picture of the message as a batch: `d.x[0]` as `d.x[0..1]`.
    private var batchOfOne: String? {
        guard let place = labels.first?.place, place.source.kind != .prelude else { return nil }
        var text = place.source.text(place.span)
        // The place may be the whole call of a net.
        if text.hasSuffix(")"), let open = text.firstIndex(of: "("),
            text[..<open].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }), !text[..<open].isEmpty
        {
            text = String(text[text.index(after: open)...].dropLast())
        }
        guard text.utf8.count <= 40, !text.contains("\n"), !text.contains(",") else { return nil }
        if text.hasSuffix("]"), let open = text.lastIndex(of: "["),
            let n = Int(text[text.index(after: open)...].dropLast()),
            n >= 0
        {
            return "\(text[..<open])[\(n)..\(n + 1)]"
        }
        return "expand(\(text), 0)"
    }

    /// Errors of what a loss is given, and not of its settings.
    private static let ofLosses: Set<String> = [
        "loss.same", "loss.labels", "loss.squashed", "loss.shapes", "loss.class", "argument.rows", "argument.missing",
        "call.missing",
        "argument.kind", "layer.width", "layer.input", "layer.inputs", "train.names", "assign.count", "assign.parts",
        "loss.same_input",
    ]

    /// As many names as the batches of a source have parts, where a run, a loop or an assignment has too few or too many.
    private func namesForParts(_ place: Place, _ program: Program) -> String? {
        if ["layer.input", "argument.kind"].contains(code),
            message.hasSuffix("a list of 2") || message.hasSuffix("a list of 3")
        {
            return loopOfOneName(place, program)
        }
        guard ["train.names", "assign.count", "assign.parts"].contains(code),
            code != "assign.parts" || message.hasSuffix("a source of batches")
        else { return nil }
        let text = place.source
        var says: String?
        func isMeant(_ e: Expression) -> Bool { e.span.start <= place.span.start && place.span.end <= e.span.end }
        func completed(_ names: [String], _ parts: [String]) -> String {
            (names + parts[min(names.count, parts.count)...]).joined(separator: ", ")
        }
        var walker = TreeWalker()
        walker.onExpression = { e in
            if case .train(let train) = e.kind, code == "train.names", isMeant(e) { says = train.sourceOfThree(text) }
        }
        walker.onStatement = { s in
            switch s.kind {
            case .forIn(let names, let from, _) where isMeant(from):
                guard let parts = BatchParts.parts(of: from), names.count < parts.count else { return }
                says = "a name for each part:  for \(completed(names.map(\.text), parts)) in \(text.text(from.span))"
            case .assign(let targets, let value) where isMeant(value):
                var made = value
                var ending = ".next()"
                if case .call(let callee, _, _) = value.kind, case .field(let owner, let next) = callee.kind,
                    next.text == "next"
                {
                    (made, ending) = (owner, ".next()")
                }
                let names = targets.map { text.text($0.span) }
                if case .name = made.kind, made != value || code == "assign.parts" {
                    // Which source it is stands elsewhere: its next batch is what has parts.
                    if code == "assign.parts" {
                        says = "its next batch can:  \(names.joined(separator: ", ")) = \(text.text(made.span)).next()"
                    }
                    return
                }
                guard let parts = BatchParts.parts(of: made), names.count <= parts.count else { return }
                let lead = names.count < parts.count ? "a name for each part" : "its next batch can"
                says = "\(lead):  \(completed(names, parts)) = \(text.text(made.span))\(ending)"
            default: break
            }
        }
        for statement in program.statements { walker.walk(statement) }
        return says.flatMap { $0.utf8.count <= 100 && !$0.contains("\n") ? $0 : nil }
    }
}

extension Statement {
    /// The name of the file that is brought in, without folder and ending.
    var importedStem: String? {
        guard case .importFile(let path) = kind, let name = path.plainText else { return nil }
        let last = name.split(separator: "/").last ?? ""
        return last.hasSuffix(".siam") ? String(last.dropLast(5)) : String(last)
    }
}

extension Expression {
    /// `siamese(tower)` without a head: a net of two inputs that gives distances.
    var isSiameseOfDistances: Bool {
        guard case .call(let callee, let given, _) = kind, case .name("siamese") = callee.kind else { return false }
        return !given.contains { $0.name?.text == "head" } && given.count < 3
    }
}
