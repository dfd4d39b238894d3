import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Calls against what the parameters say they take, as far as the text alone tells: the same declarations that are asked
/// when the program runs.
extension ShapeCheck {
    func checkKinds(
        _ callee: ShapeValue, _ positional: [ShapeValue], _ named: [(String, ShapeValue)], _ site: Expression,
        _ frame: Frame
    ) throws {
        let who: String
        let parameters: [(name: String, kind: Kind?, defaultValue: String?)]
        switch callee {
        case .function(let f):
            who = f.name
            parameters = f.parameters.map { p in (p.name.text, p.kind, p.defaultValue.map { f.source.text($0.span) }) }
        case .builtin(let b):
            who = b.name
            guard b.hasKinds, !b.parameters.contains(where: \.isRest) else { return }
            parameters = b.parameters.map { ($0.name, $0.kind, $0.defaultText) }
        default: return
        }
        func given(_ k: Int) -> ShapeValue? {
            if k < positional.count { return positional[k] }
            return named.first { $0.0 == parameters[k].name }?.1
        }
        for (k, p) in parameters.enumerated() {
            guard let kind = p.kind, let value = given(k), let seen = Given(value) else { continue }
            if case .none = value, p.defaultValue == "none" { continue }
            // The value of an unknown argument decides which alternative is meant.
            let others = kind.alternatives.compactMap(\.other)
            let isUnsure = others.contains { other in
                guard let i = parameters.firstIndex(where: { $0.name == other }) else { return false }
                return given(i).map { Given($0)?.dims == nil } ?? false
            }
            if isUnsure { continue }
            let verdict = kind.verdict(seen, of: p.name, in: who) { other in
                parameters.firstIndex { $0.name == other }.flatMap { given($0) }.flatMap { Given($0) }
            }
            switch verdict {
            case .fits, .reshaped: continue
            case .doubtful(let fault):
                // What the library hands on to its own functions is its own affair, as long as they can take it.
                guard doubt == 0, frame.source.kind != .prelude else { continue }
                let d = diagnostic(fault, .warning, k, p.name, who, seen, parameters.map(\.name), site, frame)
                let isKnown = found.contains {
                    $0.labels.first?.place.span.start == d.labels.first?.place.span.start
                }
                if !isKnown { found.append(d) }
            case .wrong(let fault):
                var d = diagnostic(fault, .error, k, p.name, who, seen, parameters.map(\.name), site, frame)
                if d.repair == nil, named.isEmpty {
                    d.repair = turned(k, fault, positional, parameters.map { ($0.name, $0.kind) }, who, site, frame)
                }
                throw ShapeFault(diagnostic: d)
            }
        }
    }

    /// The call with the argument and another one exchanged, where all of them then are what the parameters take.
    private func turned(
        _ k: Int, _ fault: KindFault, _ positional: [ShapeValue], _ parameters: [(name: String, kind: Kind?)],
        _ who: String, _ site: Expression, _ frame: Frame
    ) -> String? {
        guard frame.source.kind != .prelude, case .call(let callee, let arguments, _) = site.kind,
            case .name = callee.kind, arguments.count == positional.count, positional.indices.contains(k),
            ["argument.kind", "argument.range", "argument.rows"].contains(fault.code)
        else { return nil }
        for j in positional.indices where j != k && parameters.indices.contains(j) {
            // Of two numbers it is not known which was meant for which.
            if Given(positional[j])?.form == .number, Given(positional[k])?.form == .number { continue }
            var given = positional
            given.swapAt(j, k)
            let fits = parameters.indices.allSatisfy { m in
                guard given.indices.contains(m) else { return true }
                guard let kind = parameters[m].kind else { return true }
                guard let seen = Given(given[m]) else { return false }
                let verdict = kind.verdict(seen, of: parameters[m].name, in: who) { other in
                    parameters.firstIndex { $0.name == other }.flatMap {
                        given.indices.contains($0) ? Given(given[$0]) : nil
                    }
                }
                switch verdict {
                case .fits, .reshaped: return true
                default: return false
                }
            }
            guard fits else { continue }
            var texts = arguments.map { frame.source.text($0.value.span) }
            texts.swapAt(j, k)
            let whole = "\(frame.source.text(callee.span))(\(texts.joined(separator: ", ")))"
            return whole.utf8.count <= 60 && !whole.contains("\n") ? "in the other order:  \(whole)" : nil
        }
        return nil
    }

    /// The stages of the net of `net(a)` as they are written, with flatten before the first dense; nil where they are not there.
    private func flattened(_ argument: String, _ source: Source) -> String? {
        guard argument.hasSuffix(")"), let open = argument.firstIndex(of: "(") else { return nil }
        let head = "\(argument[..<open]) = "
        for line in source.text.split(separator: "\n") where line.hasPrefix(head) {
            var stages = line.dropFirst(head.count).split(separator: ">>").map(\.trimmed)
            guard let place = stages.firstIndex(where: { $0.hasPrefix("dense(") }),
                !stages.contains("flatten"), !stages.contains("globalpool"), !line.contains(";"), !line.contains("#")
            else { return nil }
            stages.insert("flatten", at: place)
            let whole = head + stages.joined(separator: " >> ")
            return whole.utf8.count <= 80 ? whole : nil
        }
        return nil
    }

    private func diagnostic(
        _ fault: KindFault, _ severity: Diagnostic.Severity, _ k: Int, _ name: String, _ who: String, _ given: Given,
        _ parameters: [String], _ site: Expression, _ frame: Frame
    ) -> Diagnostic {
        guard frame.source.kind != .prelude else {
            // The place and the name are those of the user's call: users do not know the helpers of the library.
            var message = fault.message
            if let asked, message.hasPrefix("\(who) ") { message = asked + message.dropFirst(who.count) }
            if case .call(_, let given, _) = site.kind {
                message = KindAdvice.renamed(
                    message, parameters, given.filter { $0.name == nil }.map { frame.source.text($0.value.span) })
            }
            let repair = KindAdvice.of(who, name, given, [], fault) ?? fault.repair
            return Diagnostic(
                severity, code: fault.code, message, notes: fault.notes,
                repair: repair?.filter { $0 != "{" && $0 != "}" })
        }
        var (written, named): ([String], [String]) = ([], [])
        if case .call(_, let arguments, _) = site.kind {
            written = arguments.map { frame.source.text($0.value.span) }
            named = arguments.map { $0.text(in: frame.source) }
        }
        let span = Interpreter.argument(k, name, site) ?? site.span
        var repair = KindAdvice.of(who, name, given, written, named: named, fault) ?? fault.repair
        // `{target}` is that argument as it was written.
        for (i, parameter) in parameters.enumerated() {
            let text = written.indices.contains(i) && written[i].utf8.count <= 24 ? written[i] : parameter
            repair = repair?.replacing("{\(parameter)}", with: text)
        }
        if fault.code == "argument.rows", written.indices.contains(k),
            let whole = flattened(written[k], frame.source)
        {
            repair = "one row for each example, by flatten:  \(whole)"
        }
        // `net = tower` and then `net(x)`: the pictures have become the tower's width.
        if given.form == .tensor, fault.code == "argument.kind", let maker = frame.maker {
            repair = "\(maker) makes a net; call the net with inputs:  net = \(maker)"
        }
        return Diagnostic(
            severity, code: fault.code, fault.message, at: [.init(Place(frame.source, span), fault.label)],
            notes: fault.notes, repair: repair?.filter { $0 != "{" && $0 != "}" })
    }
}

extension Given {
    /// Nil where not even its kind is known.
    init?(_ value: ShapeValue) {
        func numbers(_ q: Quantity) -> (((Double) -> Bool) -> Double?) {
            { holds in q.number.flatMap { holds($0) ? $0 : nil } }
        }
        switch value {
        case .unknown, .list, .record, .range, .source: return nil
        case .none: self.init(.none) { "none" }
        case .number(let q):
            self.init(.number, dims: [], number: q.number, first: numbers(q)) {
                q.number.map { formatNumber($0) } ?? "a number"
            }
        case .bool: self.init(.bool, dims: []) { "a bool" }
        case .text(let t): self.init(.text, text: t) { t.map { "\"\($0)\"" } ?? "a text" }
        case .tensor(let dims, let elements):
            self.init(
                .tensor, dims: dims.map(\.whole),
                first: { holds in elements?.numbers.first(where: holds) }
            ) { dims.isEmpty ? "a number" : "a tensor of \(ShapeValue.text(dims))" }
        case .function(let f):
            let form: Form = f.layer != nil ? .constructor : f.source.kind == .prelude ? .other : .function
            self.init(form, name: f.name) { f.name }
        case .builtin(let b):
            let draws = ["initialisers", "random"].contains(b.family) || ["zeros", "ones"].contains(b.name)
            self.init(draws ? .initialiser : .other, name: b.name) { b.name }
        case .layer(let l): self.init(.net, name: l.kind) { "a layer" }
        case .dataset: self.init(.dataset) { "a data set" }
        }
    }
}
