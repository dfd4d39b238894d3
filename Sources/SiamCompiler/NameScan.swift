import SiamInterpreter
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
