/// Walks statements and expressions in order, calling back for each.
package struct TreeWalker {
    package init() {}
    /// Whether the bodies of functions, lambdas and layers count.
    package var intoFunctions = true
    package var onStatement: (Statement) -> Void = { _ in }
    package var onExpression: (Expression) -> Void = { _ in }
    /// Called with the body (and defaults) of each nested function when these are not walked into.
    package var onFunction: (Body) -> Void = { _ in }

    package func walk(_ block: Block) { for s in block.statements { walk(s) } }

    private func function(_ parameters: [Parameter], _ body: Body) {
        for p in parameters { if let e = p.defaultValue { intoFunctions ? walk(e) : onFunction(.expression(e)) } }
        if intoFunctions {
            switch body {
            case .expression(let e): walk(e)
            case .block(let b): walk(b)
            }
        } else {
            onFunction(body)
        }
    }

    package func walk(_ statement: Statement) {
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

    package func walk(_ expression: Expression) {
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
