import SiamLanguage

/// Free and assigned names of pieces of the tree: what decides where a variable lives.
enum NameScan {
    /// Names assigned in the statements of one function, not in functions inside it.
    static func assigned(_ statements: [Statement], into names: inout [String]) {
        var walker = TreeWalker()
        walker.intoFunctions = false
        var found: [String] = []
        walker.onStatement = { statement in
            switch statement.kind {
            case .assign(let targets, _):
                for target in targets {
                    // `opt.lr = 1` and `net.w[0] = 1` change a thing or an outer record; `x[0] = 1` changes this function's
                    // own copy of x.
                    if reachesThroughField(target) { continue }
                    if let name = root(target) { found.append(name) }
                }
            case .report(let n, let e):
                // `report held = accuracy(net, held)` speaks of the outer one.
                if !mentions(n.text, e) { found.append(n.text) }
            case .function(let f): found.append(f.name.text)
            case .layer(let l): found.append(l.name.text)
            case .forIn(let loopNames, _, _): found.append(contentsOf: loopNames.map(\.text))
            default: break
            }
        }
        walker.onExpression = { expression in
            switch expression.kind {
            case .train(let t): found.append(contentsOf: t.names.map(\.text))
            case .sweep(let s): found.append(contentsOf: s.axes.map(\.name.text))
            default: break
            }
        }
        for s in statements { walker.walk(s) }
        for name in found where !names.contains(name) { names.append(name) }
    }

    /// Whether an expression holds a name other than as what is called.
    private static func mentions(_ name: String, _ e: Expression) -> Bool {
        var count = 0
        e.walk { inner in
            if case .name(name) = inner.kind { count += 1 }
            if case .call(let callee, _, _) = inner.kind, case .name(name) = callee.kind { count -= 1 }
        }
        return count > 0
    }

    private static func reachesThroughField(_ target: Expression) -> Bool {
        switch target.kind {
        case .field: true
        case .index(let base, _): reachesThroughField(base)
        default: false
        }
    }

    /// The variable that an assignment's target changes.
    static func root(_ target: Expression) -> String? {
        switch target.kind {
        case .name(let n): n
        case .index(let base, _): root(base)
        case .field(let base, _): root(base)
        default: nil
        }
    }

    /// All names read or written inside functions nested in the statements: what must live in cells if it is local here.
    static func usedInside(_ statements: [Statement]) -> Set<String> {
        var names = Set<String>()
        var inner = TreeWalker()
        inner.onExpression = { if case .name(let n) = $0.kind { names.insert(n) } }
        inner.onStatement = {
            if case .assign(let t, _) = $0.kind { for x in t { if let r = root(x) { names.insert(r) } } }
        }
        let within = inner
        var walker = TreeWalker()
        walker.intoFunctions = false
        walker.onFunction = { piece in
            switch piece {
            case .expression(let e): within.walk(e)
            case .block(let b): within.walk(b)
            }
        }
        for s in statements { walker.walk(s) }
        return names
    }
}

/// Walks statements and expressions in order, calling back for each.
struct TreeWalker {
    /// Whether the bodies of functions, lambdas and layers count.
    var intoFunctions = true
    var onStatement: (Statement) -> Void = { _ in }
    var onExpression: (Expression) -> Void = { _ in }
    /// Called with the body (and defaults) of each nested function when these are not walked into.
    var onFunction: (Body) -> Void = { _ in }

    func walk(_ block: Block) { for s in block.statements { walk(s) } }

    private func function(_ parameters: [Parameter], _ body: Body) {
        for p in parameters { if let e = p.standard { intoFunctions ? walk(e) : onFunction(.expression(e)) } }
        if intoFunctions {
            switch body {
            case .expression(let e): walk(e)
            case .block(let b): walk(b)
            }
        } else {
            onFunction(body)
        }
    }

    func walk(_ statement: Statement) {
        onStatement(statement)
        switch statement.kind {
        case .expression(let e), .importFile(let e), .expect(let e), .minimize(let e), .stopWhen(let e),
            .report(_, let e):
            walk(e)
        case .assign(let targets, let e):
            walk(e)
            for t in targets {
                if case .name = t.kind { continue }
                walk(t)
            }
        case .function(let f): function(f.parameters, f.body)
        case .layer(let l):
            switch l.form {
            case .pipeline(let e): function(l.parameters, .expression(e))
            case .members(let members):
                for m in members {
                    switch m {
                    case .parameter(_, let shape, let initial), .state(_, let shape, let initial):
                        for e in shape + [initial] { function(l.parameters, .expression(e)) }
                    case .part(_, let e): function(l.parameters, .expression(e))
                    case .forward(_, let body): function(l.parameters, body)
                    }
                }
            }
        case .forIn(_, let e, let b), .whileLoop(let e, let b), .expectError(let e, let b):
            walk(e)
            walk(b)
        case .every(let e, _, let b):
            if let e { walk(e) }
            walk(b)
        case .returnValue(let e): if let e { walk(e) }
        case .breakLoop, .continueLoop, .pause: break
        }
    }

    func walk(_ expression: Expression) {
        onExpression(expression)
        switch expression.kind {
        case .number, .bool, .none, .name, .missing: break
        case .text(let parts): for p in parts { if case .value(let e, _) = p { walk(e) } }
        case .bracket(let es): for e in es { walk(e) }
        case .comprehension(let e, let clauses):
            for c in clauses {
                walk(c.source)
                if let k = c.condition { walk(k) }
            }
            walk(e)
        case .record(let fields): for f in fields { walk(f.value) }
        case .unary(_, let e), .field(let e, _): walk(e)
        case .binary(_, let l, let r, _), .logical(_, let l, let r), .apply(let l, let r), .compose(let l, let r):
            walk(l)
            walk(r)
        case .comparison(let es, _, _): for e in es { walk(e) }
        case .range(let l, let h):
            if let l { walk(l) }
            if let h { walk(h) }
        case .call(let f, let arguments, _):
            walk(f)
            for a in arguments { walk(a.value) }
        case .index(let e, let items):
            walk(e)
            for i in items { walk(i) }
        case .lambda(let parameters, let body): function(parameters, .expression(body))
        case .conditional(let c, let a, let b):
            walk(c)
            walk(a)
            if let b { walk(b) }
        case .block(let b), .time(let b): walk(b)
        case .train(let t):
            for e in t.nets { walk(e) }
            walk(t.source)
            if let n = t.length { walk(n) }
            walk(t.optimizer)
            if let log = t.log { walk(log) }
            walk(t.body)
        case .sweep(let s):
            for a in s.axes { walk(a.value) }
            walk(s.body)
        }
    }
}
