import SiamGradient
import SiamLanguage
import SiamTensor

/// What is said of names that are unknown or have no value yet.
extension Interpreter {
    /// A name that the function around it assigns, though not on the way that was gone.
    func unbound(_ name: String) -> Diagnostic {
        let code = currentFrame.code.takeUnretainedValue()
        var d = Diagnostic(
            code: "name.unbound", "\(name) has no value yet",
            notes: ["\(code.name.isEmpty ? "this" : code.name) gives it a value, but not on the path that ran"],
            repair: globals.isUserName(name)
                ? "a function has its own variables: give it \(name) as a parameter and return the new value"
                : "give it a value first:  \(name) = none")
        guard code.source.kind != .prelude else { return d }
        let written = code.site(currentFrame.pc - 1).flatMap { Interpreter.find(name, in: $0) }
        // The value of the whole function has no instruction: use the last place of the name.
        let found = written ?? code.expressions.reversed().lazy.compactMap { Interpreter.find(name, in: $0) }.first
        d.labels = [.init(Place(code.source, found ?? code.span))]
        return d
    }

    func unknown(_ name: String) -> Diagnostic {
        let code = currentFrame.code.takeUnretainedValue()
        let known = globals.userNames + globals.baseNames + ["training"] + code.variables.keys.sorted()
        let span = code.site(currentFrame.pc - 1)
        let source = code.source
        if Foreign.packages.contains(name) {
            // The widest expression around the place holds the whole chain of names.
            let around = code.expressions.filter { e in
                span.map { e.span.start <= $0.span.start && e.span.end >= $0.span.end } ?? true
            }
            let widest = around.max { $0.span.end - $0.span.start < $1.span.end - $1.span.start }
            if let found = (widest ?? span).flatMap({ Foreign.memberless(name, in: $0, source, known) }) {
                return found
            }
        }
        // What is called has to be something that can be.
        var isCalled = false
        var given: [String]?
        if case .call(let callee, let arguments, _)? = span?.kind, case .name(name) = callee.kind {
            isCalled = true
            given = arguments.map { $0.text(in: source) }
        }
        let near = meant(
            by: name,
            in: isCalled
                ? known.filter { n in
                    switch globals.valueIfReady(n) ?? globals.baseValueIfReady(n) {
                    case .number?, .bool?, .text?, .record?, .range?: return false
                    default: return true
                    }
                } : known, given: given)
        var edits: [Diagnostic.Edit] = []
        var labels: [Diagnostic.Label] = []
        var repair = near?.says ?? numbered(name)
        // A name that is assigned directly has no instruction.
        let written = span.flatMap { Interpreter.find(name, in: $0) }
        if let found = written ?? code.expressions.lazy.compactMap({ Interpreter.find(name, in: $0) }).first {
            labels = [.init(Place(source, found))]
            if isCalled, name == "c", case .call(_, let given, _)? = span?.kind, given.allSatisfy({ $0.name == nil }) {
                let list = "[\(given.map { source.text($0.value.span) }.joined(separator: ", "))]"
                repair = "a list is written in brackets:  \(list.utf8.count < 60 ? list : "[1, 2, 3]")"
                if let whole = span?.span, list.utf8.count < 60 { edits = [.init(Place(source, whole), list)] }
            } else if let path = Foreign.path(at: found, source) {
                repair = path
            } else if source.line(source.position(found.start).line).hasPrefix("import \(name)") {
                repair = "a file is named in quotes:  import \"\(name).siam\""
            } else if let line = definedBehind(name, found.start, source) {
                repair = "\(name) is defined in line \(line); move its definition before this line"
            } else if let chosen = chosen(name, at: found, in: code) {
                repair = chosen
            } else if Train.usualNames.contains(name), let run = train(around: found) {
                repair = run.namesAdvice(source)
            } else if let near, near.fits, let near = near.name {
                edits = [.init(Place(source, found), near)]
            }
        }
        return Diagnostic(
            code: "name.unknown", "there is nothing named \(name)", at: source.kind == .prelude ? [] : labels,
            repair: repair, edits: edits)
    }

    /// The line below a place that defines a function or a layer of this name.
    private func definedBehind(_ name: String, _ start: Int, _ source: Source) -> Int? {
        let first = source.position(start).line
        for line in first..<source.lineStarts.count + 1 {
            let text = source.line(line)
            if ["fn \(name)(", "layer \(name)(", "loss \(name)(", "layer \(name) "].contains(where: text.hasPrefix) {
                return line
            }
        }
        return nil
    }

    /// `d.filter(y == 3)`, `d[label == 3]`: the classes of a data set by a name that nothing has.
    private func chosen(_ name: String, at span: Span, in code: Code) -> String? {
        guard ["y", "label", "labels", "target", "targets", "cls"].contains(name) else { return nil }
        for e in code.expressions {
            var (owner, condition): (Expression?, Expression?) = (nil, nil)
            switch e.kind {
            case .call(let callee, let given, _) where given.count == 1:
                if case .field(let of, let word) = callee.kind,
                    ["where", "filter", "select", "query", "subset"].contains(word.text)
                {
                    (owner, condition) = (of, given[0].value)
                }
            case .call(let callee, let given, _) where given.count == 2:
                if case .name(let word) = callee.kind, ["where", "filter", "select", "subset"].contains(word) {
                    (owner, condition) = (given[0].value, given[1].value)
                }
            case .index(let of, let items) where items.count == 1: (owner, condition) = (of, items[0])
            default: break
            }
            guard let owner, let condition, condition.span.start <= span.start, span.end <= condition.span.end else {
                continue
            }
            var set = code.source.text(owner.span)
            if case .name(let known) = owner.kind {
                guard case .thing(is DatasetThing)? = globals.valueIfReady(known) else { continue }
            } else if case .call(let callee, _, _) = e.kind, case .field(_, let word) = callee.kind,
                word.text == "where"
            {
                // Of a tensor where is a choice, which names its own.
                if set.utf8.count > 20 || set.contains("\n") { set = "d" }
            } else {
                continue
            }
            let text = code.source.text(condition.span)
            guard text.utf8.count <= 40, !text.contains("\n") else { return nil }
            return "choose examples by a function of their class:  \(set).where(\(name) -> \(text))"
        }
        return nil
    }

    /// `_2` if there is no result of that number.
    private func numbered(_ name: String) -> String? {
        guard Globals.isNumbered(name) else { return nil }
        let kept = globals.numberedNames.compactMap { Int($0.dropFirst()) }.sorted()
        guard let first = kept.first, let last = kept.last else {
            return "at the prompt results have the numbers of their inputs; a file gives them names:  y = net(x)"
        }
        return kept.count == 1
            ? "the only result is _\(first)"
            : "results have the numbers of the inputs that gave a value, from _\(first) to _\(last)"
    }

    /// Whether the place is in the body of a run whose batch parts have no names.
    func train(around span: Span) -> Train? {
        var k = frameCount - 1
        while k >= 0 {
            let code = frames[k].code.takeUnretainedValue()
            for plan in code.trainPlans {
                let body = plan.syntax.body.span
                if body.start <= span.start, span.end <= body.end { return plan.syntax }
            }
            k -= 1
        }
        return nil
    }

    /// The first use of a name inside an expression.
    static func find(_ name: String, in expression: Expression) -> Span? {
        var span: Span?
        var walker = TreeWalker()
        walker.onExpression = { e in
            if span == nil, case .name(name) = e.kind { span = e.span }
            if span == nil, case .call(let callee, _, _) = e.kind, case .field(_, let f) = callee.kind, f.text == name {
                span = f.span
            }
        }
        walker.walk(expression)
        return span
    }
}
