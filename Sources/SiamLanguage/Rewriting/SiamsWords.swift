extension Diagnostic {
    /// A message of a word of another library with the user's own line as siam writes it; nil where that is not known.
    /// - Parameter isKnown: whether siam, or what the program ran so far, has something of that name.
    public func inSiamsWords(_ isKnown: @escaping (String) -> Bool) -> Diagnostic? {
        guard ["name.unknown", "field.unknown"].contains(code), let place = labels.first?.place,
            place.source.kind != .prelude
        else { return nil }
        let source = place.source
        let (program, _) = Parser.parse(source, isVetted: true)
        var own: Set<String> = []
        var around: [(value: Expression, isStatement: Bool)] = []
        var statements: Set<Int> = []
        var walker = TreeWalker()
        walker.onStatement = { statement in
            own.formUnion(statement.boundNames)
            if case .expression(let e) = statement.kind { statements.insert(e.span.start) }
        }
        walker.onExpression = { e in
            own.formUnion(e.boundNames)
            if e.span.start <= place.span.start, place.span.end <= e.span.end {
                around.append((e, statements.contains(e.span.start)))
            }
        }
        for statement in program.statements { walker.walk(statement) }
        if code == "name.unknown", let outer = leftOut(around.map(\.value), place, { own.contains($0) || isKnown($0) })
        {
            return outer
        }
        let rewriter = ForeignRewriter(source: source) { own.contains($0) || isKnown($0) }
        if let (call, written) = rewriter.savedFigure(around.map(\.value), program) {
            var d = self
            (d.repair, d.edits) = ("siam calls it save:  \(written)", [.init(Place(source, call.span), written)])
            return d
        }
        if code == "field.unknown", let says = gradientOf(around.map(\.value), own) {
            var d = self
            (d.repair, d.edits) = (says, [])
            return d
        }
        // `del x[0]`: what is left is another list.
        if code == "name.unknown", source.text(place.span) == "del",
            let (owner, items) = around.lazy.compactMap({ one -> (Expression, [Expression])? in
                guard case .call(let callee, let given, _) = one.value.kind, callee.span.isSame(place.span),
                    case .index(let owner, let items)? = given.first?.value.kind
                else { return nil }
                return (owner, items)
            }).first
        {
            let list = source.text(owner.span)
            var d = self
            d.edits = []
            d.repair =
                items.first?.plainNumber == 0
                ? "a list without its first:  \(list) = \(list)[1..]"
                : items.first?.plainNumber == -1
                    ? "a list without its last:  \(list) = \(list)[..-1]" : "make a new list without the element"
            return d
        }
        if code == "name.unknown", repair == nil, isComment(around.map(\.value), place) {
            var d = self
            (d.repair, d.edits) = ("a comment begins with #:  # \(source.text(place.span))", [])
            return d
        }
        if code == "name.unknown", let says = BrokenPipeline.advice(source.text(place.span), place, program) {
            var d = self
            (d.repair, d.edits) = (says, [])
            return d
        }
        guard let word = wordMeant(around.map(\.value), source), isOfThatKind(word) else { return nil }
        if code == "name.unknown", Train.ownNames.contains(word), let says = ofBody(word, place, program) {
            var d = self
            (d.repair, d.edits) = (says, [])
            return d
        }
        if word == "end", code == "name.unknown", let (says, edits) = lastPlace(around.map(\.value), place) {
            var d = self
            (d.repair, d.edits) = (says, edits)
            return d
        }
        if code == "name.unknown", Foreign.packages.contains(word),
            around.map(\.value).contains(where: { e in
                guard case .call(let callee, _, _) = e.kind, case .name(let loader) = callee.kind else { return false }
                return ["library", "require", "using"].contains(loader)
            })
        {
            var d = self
            (d.repair, d.edits) = ("layers, losses, data and plots need no import; leave this line out", [])
            return d
        }
        if code == "name.unknown", ["library", "require", "using"].contains(word),
            around.map(\.value).contains(where: { e in
                guard case .call(_, let given, _) = e.kind, case .name(let package)? = given.first?.value.kind else {
                    return false
                }
                return Foreign.packages.contains(package)
            })
        {
            var d = self
            (d.repair, d.edits) = ("layers, losses, data and plots need no import; leave this line out", [])
            return d
        }
        // `for p in net.parameters() { p.requires_grad = false }`: a net that stays as it is.
        if word == "parameters", let net = frozen(program, place) {
            var d = self
            (d.repair, d.edits) = ("a net that stays as it is:  freeze(\(net))", [])
            return d
        }
        // A plain number has no gradient to follow.
        let start = source.position(place.span.start)
        if word == "item", source.line(start.line).prefix(max(0, start.column - 1)).contains("minimize ") { return nil }
        if word == "fit" || word == "compile", code == "field.unknown" {
            for case .call(let callee, _, _) in around.map(\.value.kind) {
                guard case .field(let owner, let name) = callee.kind, name.text == word,
                    case .name(let net) = owner.kind,
                    let (says, note) = ForeignTraining(program, rewriter).statement(net)
                else { continue }
                var d = self
                d.repair = says
                if let note { d.notes.append(note) }
                return d
            }
            return nil
        }
        if let says = ForeignTraining(program, rewriter).scaler(word, place.span) {
            var d = self
            (d.repair, d.edits) = (says, [])
            return d
        }
        for case .call(let callee, let given, _) in around.map(\.value.kind) {
            let name: String
            switch callee.kind {
            case .name(let n): name = n
            case .field(_, let n): name = n.text
            default: continue
            }
            guard ForeignCalls.schedules.contains(name),
                let says = ForeignCalls.schedule(name, given, program, rewriter)
            else { continue }
            var d = self
            d.repair = says
            d.edits = []
            return d
        }
        // What is called is not mended by its name alone.
        let called = around.compactMap { one -> Span? in
            if case .call(let callee, _, _) = one.value.kind { callee.span } else { nil }
        }
        var known: [String] = []
        for (e, isStatement) in around.sorted(by: {
            $0.value.span.end - $0.value.span.start > $1.value.span.end - $1.value.span.start
        }) {
            if called.contains(where: e.span.isSame) { continue }
            rewriter.notes.lines = []
            defer { known += rewriter.notes.lines.filter { !known.contains($0) } }
            guard let first = rewriter.text(e, isStatement: isStatement),
                let written = asCalled(first, e, program, rewriter), written.utf8.count <= 90,
                !written.contains("\n"), written != source.text(e.span),
                !written.words.contains(word) || written.contains(".\(word)(")
            else { continue }
            var d = self
            d.edits = [.init(Place(source, e.span), written)]
            d.notes += rewriter.notes.lines.prefix(2)
            // The name that the line gives belongs to it.
            let line = source.position(e.span.start)
            let head = String(source.line(line.line).prefix(line.column - 1)).trimmed
            let isNamed = head.hasSuffix("=") && head.count { $0 == "(" } == head.count { $0 == ")" }
            let shown = isNamed && head.utf8.count <= 24 ? "\(head) \(written)" : written
            // A data set is one thing where others give two.
            if head.contains(","), ["blobs(", "moons(", "rings("].contains(where: written.hasPrefix) {
                d.edits = []
                d.repair = "in siam:  d = \(written)"
                return d
            }
            let called = ForeignTable.byWord[word]?.name
            d.repair =
                called.map { written.words.contains($0) ? "siam calls it \($0):  \(shown)" : "in siam:  \(shown)" }
                ?? "in siam:  \(shown)"
            return d
        }
        // `losses.ContrastiveLoss`: a package of the name that means something else here.
        if code == "name.unknown",
            ["losses", "miners", "samplers", "distances", "reducers", "datasets", "models", "transforms", "testers"]
                .contains(
                    word),
            let member = around.compactMap({ one -> String? in
                guard case .field(let owner, let name) = one.value.kind, owner.span.isSame(place.span) else {
                    return nil
                }
                return name.text
            }).first
        {
            var d = self
            (d.repair, d.edits) = (Foreign.word(member)?.says, [])
            return d
        }
        // `trian net on ...`: a word of the language that opens a statement.
        if code == "name.unknown", repair == nil,
            start.column <= 1 + source.line(start.line).prefix(while: { $0 == " " }).count,
            let meant = closest(
                to: word,
                in: ["train", "minimize", "report", "sweep", "every", "layer", "import", "return", "while", "expect"])
        {
            var d = self
            (d.repair, d.edits) = ("Did you mean \(meant)?", [])
            return d
        }
        // What is known of a call that has no equivalent, or of its arguments.
        guard !known.isEmpty, repair != nil else { return nil }
        var d = self
        d.notes += known.prefix(2)
        return d
    }

    /// `trainNetwork(XTrain, YTrain, layers, options)`: the message of a call that has no place here, where it is of what stands
    /// in its parentheses.
    private func leftOut(_ around: [Expression], _ place: Place, _ isKnown: (String) -> Bool) -> Diagnostic? {
        for e in around {
            guard case .call(let callee, _, _) = e.kind, !callee.span.isSame(place.span),
                !(callee.span.start <= place.span.start && place.span.end <= callee.span.end)
            else { continue }
            var word = ""
            var shown = callee
            switch callee.kind {
            case .name(let name): word = name
            case .field(let owner, let name):
                guard case .name(let package) = owner.kind, Foreign.packages.contains(package), !isKnown(package) else {
                    continue
                }
                (word, shown) = (name.text, owner)
            default: continue
            }
            guard !isKnown(word), let says = Foreign.leftOut(word) else { continue }
            return Diagnostic(
                code: code, "there is nothing named \(place.source.text(shown.span))",
                at: [.init(Place(place.source, shown.span))], repair: says)
        }
        return nil
    }

    /// `x = 3 % layers`: a word behind the sign that opens a comment elsewhere.
    private func isComment(_ around: [Expression], _ place: Place) -> Bool {
        around.contains { e in
            guard case .binary(.remainder, let left, let right, let sign) = e.kind, right.span.isSame(place.span) else {
                return false
            }
            return left.span.end < sign.start && sign.end < right.span.start
        }
    }

    /// The net of a loop over its parameters that only takes their gradients away.
    private func frozen(_ program: Program, _ place: Place) -> String? {
        for case .forIn(let names, let from, let block) in program.statements.map(\.kind)
        where from.span.start <= place.span.start && place.span.end <= from.span.end {
            guard names.count == 1, block.statements.count == 1,
                case .assign(let targets, let value)? = block.statements.first?.kind, targets.count == 1,
                case .field(let owner, let field) = targets[0].kind, field.text == "requires_grad",
                owner.kind == .name(names[0].text), ["false", "False"].contains(place.source.text(value.span)),
                case .call(let callee, _, _) = from.kind, case .field(let net, _) = callee.kind
            else { continue }
            return place.source.text(net.span)
        }
        return nil
    }

    /// `w.grad`: the gradient of the program's loss with respect to a name.
    private func gradientOf(_ around: [Expression], _ own: Set<String>) -> String? {
        for e in around {
            guard case .field(let owner, let word) = e.kind, word.text == "grad", case .name(let name) = owner.kind
            else {
                continue
            }
            let loss = ["loss", "l"].first(where: own.contains) ?? "l"
            return "the gradient of a loss is  grad(\(loss), \(name))"
        }
        return nil
    }

    /// `lr = 0.1 * 0.9^epoch` before a training: what only its body knows.
    private func ofBody(_ word: String, _ place: Place, _ program: Program) -> String? {
        let isHere = "step and epoch are names of the body of train"
        for case .assign(let targets, let value) in program.statements.map(\.kind)
        where value.span.start <= place.span.start && place.span.end <= value.span.end {
            guard case .name(let name)? = targets.first?.kind,
                ["lr", "learning_rate", "rate", "momentum", "decay"].contains(name), word != "run"
            else { continue }
            let field = name == "learning_rate" || name == "rate" ? "lr" : name
            let line = "run.optimizer.\(field) = \(place.source.text(value.span))"
            return line.utf8.count <= 80 && !line.contains("\n") ? "\(isHere); in it:  \(line)" : isHere
        }
        return word == "run" ? nil : isHere
    }

    /// `x[2..end]`, `x[end]`, `x[end - 1]`: elements counted from the last.
    private func lastPlace(_ around: [Expression], _ place: Place) -> (String, [Diagnostic.Edit])? {
        let source = place.source
        guard let index = around.last(where: { if case .index = $0.kind { true } else { false } }),
            case .index(_, let items) = index.kind,
            let item = items.first(where: { $0.span.start <= place.span.start && place.span.end <= $0.span.end })
        else { return nil }
        func whole(_ written: String, _ says: String) -> (String, [Diagnostic.Edit])? {
            let text =
                source.text(Span(index.span.start, item.span.start)) + written
                + source.text(Span(item.span.end, index.span.end))
            return text.utf8.count <= 60 ? ("\(says):  \(text)", [.init(Place(source, item.span), written)]) : nil
        }
        switch item.kind {
        case .name: return whole("-1", "the last element is")
        case .binary(.subtract, let end, let n, _) where end.span.start == place.span.start:
            guard case .number(let x, _) = n.kind, x >= 1, x == x.rounded() else { return nil }
            return whole("-\(formatNumber(x + 1))", "counted from the last it is")
        case .range where item.span.end == place.span.end:
            return whole(source.text(Span(item.span.start, place.span.start)), "up to the end it is")
        default: return nil
        }
    }

    /// The word that the message is of: a name, a package, or what follows the point of a call.
    private func wordMeant(_ around: [Expression], _ source: Source) -> String? {
        guard let place = labels.first?.place else { return nil }
        for e in around {
            if case .call(let callee, _, _) = e.kind, case .field(_, let name) = callee.kind,
                e.span.isSame(place.span) || name.span.isSame(place.span)
            {
                return name.text
            }
        }
        let text = source.text(place.span)
        return code == "name.unknown" && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? text : nil
    }

    /// A method of tensors is advice for a tensor, one of nets for a net.
    private func isOfThatKind(_ word: String) -> Bool {
        guard code == "field.unknown" else { return true }
        let isTensor = message.hasPrefix("a tensor ") || message.hasPrefix("a number ")
        if ForeignCalls.ofNets.contains(word) {
            return !isTensor && !["a list", "a data", "a text", "a run", "a record"].contains { message.hasPrefix($0) }
        }
        if ForeignCalls.ofAny.contains(word) { return true }
        if ForeignCalls.ofData.contains(word) { return message.hasPrefix("a data set ") }
        if ForeignCalls.ofLists.contains(word) { return message.hasPrefix("a list ") }
        return isTensor
    }
}

extension String {
    /// The names in a stretch of code.
    fileprivate var words: Set<String> {
        Set(split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    }
}

extension Statement {
    /// The names that it binds.
    fileprivate var boundNames: [String] {
        switch kind {
        case .assign(let targets, _): return targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
        case .forIn(let names, _, _): return names.map(\.text)
        case .report(let name, _): return [name.text]
        case .function(let f): return [f.name.text] + f.parameters.map(\.name.text)
        case .layer(let l):
            var names = [l.name.text] + l.parameters.map(\.name.text)
            if case .members(let members) = l.form {
                for member in members {
                    switch member {
                    case .parameter(let name, _, _), .state(let name, _, _), .part(let name, _): names.append(name.text)
                    case .forward(let inputs, _): names += inputs.map(\.text)
                    }
                }
            }
            return names
        default: return []
        }
    }
}

extension Expression {
    /// The names that it binds inside itself.
    fileprivate var boundNames: [String] {
        switch kind {
        case .lambda(let parameters, _): parameters.map(\.name.text)
        case .comprehension(_, let clauses): clauses.flatMap { $0.names.map(\.text) }
        case .train(let train): train.names.map(\.text) + Train.ownNames
        case .sweep(let sweep): sweep.axes.map(\.name.text)
        default: []
        }
    }
}
