/// Loops that hardly mean what they say, and what is made anew or never again in them.
extension LintCheck {
    /// `for i in 0..len(x) - 1 { x[i] }`: the end of a range is left out anyway.
    mutating func lastLeftOut(_ names: [Name], _ from: Expression, _ block: Block) {
        guard names.count == 1, case .range(let low?, let high?) = from.kind, low.plainNumber == 0,
            case .binary(.subtract, let length, let one, _) = high.kind, one.plainNumber == 1,
            let (word, given) = called(length), word == "len", given.count == 1
        else { return }
        let name = names[0].text
        let list = text(given[0].value)
        var (isIndexed, isOther) = (false, false)
        for s in block.statements {
            s.walk { e in
                switch e.kind {
                case .index(let owner, let items) where self.text(owner) == list && items.count == 1:
                    if items[0].kind == .name(name) { isIndexed = true } else { isOther = true }
                case .binary(.add, let l, let r, _), .binary(.subtract, let l, let r, _):
                    if l.kind == .name(name) || r.kind == .name(name) { isOther = true }
                default: break
                }
            }
        }
        guard isIndexed, !isOther else { return }
        add(
            code: "range.short", "a range excludes its end, so the last element of \(list) is left out",
            at: [from.span],
            repair: "all of it:  0..len(\(list))", edits: [.init(Place(source, high.span), "len(\(list))")])
    }

    /// `for w in xs { w = w * 2 }`: the last line gives the loop's own name a value that nothing reads.
    mutating func overwritten(_ names: [Name], _ from: Expression, _ block: Block) {
        guard case .assign(let targets, let value)? = block.statements.last?.kind, targets.count == 1,
            case .name(let name) = targets[0].kind, names.contains(where: { $0.text == name }),
            !isReadBehind(name, block.span.end)
        else { return }
        var isOfNet = false
        if case .field(_, let field) = from.kind, field.text == "params" { isOfNet = true }
        if case .call(let callee, _, _) = from.kind, case .field(_, let field) = callee.kind,
            ["parameters", "params"].contains(field.text)
        {
            isOfNet = true
        }
        let list = "[\(text(value)) for \(names.map(\.text).joined(separator: ", ")) in \(text(from))]"
        let isWhole = block.statements.count == 1 && list.utf8.count <= 60 && !list.contains("\n")
        add(
            code: "loop.overwritten",
            isOfNet
                ? "\(name) is a name of this loop: the weights of the net stay as they are"
                : "\(name) gets a value here that nothing uses: the next round gives it another",
            at: [targets[0].span],
            repair: isOfNet
                ? handStep(value, from) ?? "a hand-written step:  update(sgd(0.1), net, g)"
                : isWhole ? "a list of the new values:  \(list)" : nil)
    }

    /// `w = w - 0.1 * g[name]` over `net.params`: the same step by an optimizer.
    private func handStep(_ value: Expression, _ from: Expression) -> String? {
        guard case .binary(.subtract, _, let change, _) = value.kind,
            case .binary(.multiply, let a, let b, _) = change.kind
        else { return nil }
        var net = from
        if case .call(let callee, _, _) = net.kind { net = callee }
        guard case .field(let owner, _) = net.kind else { return nil }
        for (rate, g) in [(a, b), (b, a)] {
            guard case .index(let record, _) = g.kind, case .name = record.kind else { continue }
            let step = "update(sgd(\(text(rate))), \(text(owner)), \(text(record)))"
            return step.utf8.count <= 60 ? "a hand-written step:  \(step)" : nil
        }
        return nil
    }

    /// Whether a name is read anywhere behind a place of the file.
    private func isReadBehind(_ name: String, _ end: Int) -> Bool {
        var isRead = readInside.contains(name)
        for list in lists {
            for s in list {
                for part in s.parts {
                    part.walk { if $0.kind == .name(name), $0.span.start >= end { isRead = true } }
                }
            }
        }
        return isRead
    }

    // MARK: Hand-written steps

    /// The calls in a loop's own statements, without those of inner loops.
    private func calls(_ statements: [Statement]) -> [(name: String, given: [Argument], span: Span)] {
        var all: [(String, [Argument], Span)] = []
        func look(_ list: [Statement]) {
            for s in list {
                switch s.kind {
                case .forIn, .whileLoop, .function, .layer: continue
                default: break
                }
                s.walk { if let (name, given) = called($0) { all.append((name, given, $0.span)) } }
            }
        }
        look(statements)
        return all
    }

    /// `for x, y in batches(d, 32) { net = dense(10); update(opt, net, ...) }`: each step begins with new weights. What holds a
    /// loop of its own may well be one round of many.
    private mutating func renewed(_ net: String, _ made: Expression, _ statements: [Statement]) {
        let hasLoop = statements.contains { s in
            switch s.kind {
            case .forIn, .whileLoop: true
            default: false
            }
        }
        guard !hasLoop else { return }
        add(
            code: "update.anew", "\(net) is constructed again at every step, so it is never trained",
            at: [made.span], repair: "before the loop, once:  \(net) = \(text(made))")
    }

    private func isStateful(_ e: Expression) -> Bool {
        guard let (name, given) = called(e), KindAdvice.optimizers.contains(name) else { return false }
        guard name == "sgd" else { return true }
        let momentum =
            given.first { $0.name?.text == "momentum" } ?? (given.count > 1 && given[1].name == nil ? given[1] : nil)
        return momentum.map { $0.value.plainNumber != 0 } ?? false
    }

    mutating func loop(_ statements: [Statement]) {
        let own = calls(statements)
        ascents(statements)
        let updates = own.filter { $0.name == "update" && $0.given.count >= 3 }
        guard !updates.isEmpty else { return }
        let made = LintCheck.assigned(statements)
        for call in updates {
            guard case .name(let net) = call.given[1].value.kind else { continue }
            if let all = made[net] {
                if all.count == 1, let value = all[0], isNet(value), values[net] == value {
                    renewed(net, value, statements)
                }
                continue
            }
            anew(call.given[0].value, statements, made, net)
            stale(call.given[2].value, own, made, net)
        }
    }

    /// `update(adam(0.001), net, g)` in a loop: what an optimizer gathers is thrown away at each step.
    private mutating func anew(
        _ opt: Expression, _ statements: [Statement], _ made: [String: [Expression?]], _ net: String
    ) {
        var maker = opt
        var isNamed = false
        if case .name(let name) = opt.kind, made[name]?.count == 1 {
            // One that is made under a condition, in the first round, is kept.
            for case .assign(let targets, let value) in statements.map(\.kind) where targets.count == 1 {
                if targets[0].kind == .name(name) { (maker, isNamed) = (value, true) }
            }
        }
        guard isStateful(maker), let (word, _) = called(maker) else { return }
        add(
            code: "update.anew", "\(word) is constructed again at every step, and loses its averages",
            at: [maker.span],
            repair: isNamed
                ? "before the loop:  \(text(opt)) = \(text(maker))"
                : "before the loop:  opt = \(text(maker)),  and in it  update(opt, \(net), ...)")
    }

    /// `grad(l, net)` in a loop where l is worked out before it: one gradient for all steps.
    private mutating func stale(
        _ g: Expression, _ own: [(name: String, given: [Argument], span: Span)], _ made: [String: [Expression?]],
        _ net: String
    ) {
        var (gradient, name) = (g, "")
        if case .name(let n) = g.kind {
            guard let given = made[n] else {
                // The gradient itself was taken before the loop.
                if let value = values[n], let (word, _) = called(value), word == "grad" {
                    add(
                        code: "grad.stale", "\(n) was computed before the loop: every step uses the same gradient",
                        at: [g.span], repair: "in the loop, before update:  \(n) = \(text(value))")
                }
                return
            }
            guard given.count == 1, let value = given[0] else { return }
            gradient = value
        }
        guard let (word, given) = called(gradient), word == "grad", let loss = given.first?.value,
            case .name(let l) = loss.kind, made[l] == nil, let value = values[l]
        else { return }
        name = l
        var isOfNet = false
        value.walk { if case .name(net) = $0.kind { isOfNet = true } }
        guard isOfNet else { return }
        add(
            code: "grad.stale", "\(name) was computed before the loop: every step uses the same gradient",
            at: [loss.span],
            repair: "in the loop:  \(name) = \(text(value))")
    }
}
