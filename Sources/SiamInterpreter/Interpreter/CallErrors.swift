import SiamGradient
import SiamLanguage
import SiamTensor

/// What is wrong with a call: arguments that are missing, unknown or given twice, and methods that nothing has.
extension Interpreter {
    /// An argument that was not given. A call without any, of what takes one, is most often a stage with parentheses; one
    /// behind `|>` would have been given what stands before it.
    func missing(
        _ parameter: String, _ name: String, _ signature: String, _ positional: [Value], _ named: [(String, Value)]
    ) -> Diagnostic {
        var d = Diagnostic(code: "call.missing", "\(name) needs \(parameter)", notes: ["it takes \(signature)"])
        guard frameCount > 0 else { return d }
        let code = currentFrame.code.takeUnretainedValue()
        if code.source.kind != .prelude, case .train(let train)? = code.site(currentFrame.pc - 1)?.kind,
            train.nets.contains(where: { $0.kind == .name(name) })
        {
            d.repair = constructed(name, train, code.source)
            return d
        }
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .call(let callee, let arguments, let isCommand) = site.kind
        else { return d }
        if isCommand {
            d.repair = Foreign.lacking(name, arguments.map { code.source.text($0.value.span) })
            return d
        }
        var isApplied = false
        var isStage = false
        for e in code.expressions {
            e.walk { inner in
                switch inner.kind {
                case .apply(let input, let f) where f.span.isSame(site.span):
                    let text = code.source.text(input.span)
                    let rest = arguments.map {
                        code.source.text(Span($0.name?.span.start ?? $0.value.span.start, $0.value.span.end))
                    }
                    let call = "\(code.source.text(callee.span))(\(([text] + rest).joined(separator: ", ")))"
                    guard call.utf8.count < 80 else { return }
                    isApplied = true
                    d.repair = "|> gives its value to a function; with more arguments it is a call:  \(call)"
                    d.edits = [.init(Place(code.source, inner.span), call)]
                case .compose(let a, let b): if a.span.isSame(site.span) || b.span.isSame(site.span) { isStage = true }
                default: break
                }
            }
        }
        if !isApplied, positional.isEmpty, case .name(name) = callee.kind,
            let loss = Foreign.lossCall(name, settings: arguments, in: code.source)
        {
            d.repair = "call the loss with its values:  minimize \(loss)"
        } else if !isApplied, let meant = Foreign.lacking(name, arguments.map { code.source.text($0.value.span) }) {
            d.repair = meant
        } else if !isApplied, isStage || arguments.isEmpty, positional.isEmpty, named.isEmpty,
            case .name(name) = callee.kind, isStage || isOneTensor(name)
        {
            d.repair = "as a stage of a net it is written without parentheses:  \(name)"
            d.edits = [.init(Place(code.source, site.span), name)] + otherStages(of: site, code)
        } else if !isApplied, isStage, positional.isEmpty, !named.isEmpty, parameter == "x",
            case .name(name) = callee.kind
        {
            let settings = arguments.map { $0.text(in: code.source) }.joined(separator: ", ")
            let stage = "(x -> \(name)(x, \(settings)))"
            if stage.utf8.count <= 60 {
                d.repair = "a function with settings as a stage:  \(stage)"
                d.edits = [.init(Place(code.source, site.span), stage)]
            }
        } else if arguments.isEmpty, positional.isEmpty, named.isEmpty, isHandedOn(site, code) {
            d.repair = "a function as an argument is written without parentheses:  \(name)"
            d.edits = [.init(Place(code.source, site.span), name)]
        }
        return d
    }

    /// The other stages of the same net that are written with parentheses.
    private func otherStages(of site: Expression, _ code: Code) -> [Diagnostic.Edit] {
        var found: [Diagnostic.Edit] = []
        func look(_ e: Expression) {
            switch e.kind {
            case .compose(let a, let b):
                look(a)
                look(b)
            case .call(let callee, let given, _):
                guard given.isEmpty, case .name(let name) = callee.kind, isOneTensor(name),
                    e.span.start != site.span.start
                else { return }
                found.append(.init(Place(code.source, e.span), name))
            default: break
            }
        }
        var whole: Expression?
        for e in code.expressions {
            e.walk { inner in
                guard case .compose = inner.kind, inner.span.start <= site.span.start, site.span.end <= inner.span.end,
                    inner.span.end - inner.span.start > whole.map({ $0.span.end - $0.span.start }) ?? 0
                else { return }
                whole = inner
            }
        }
        if let whole { look(whole) }
        return found
    }

    /// Whether a call is itself an argument of another call.
    func isHandedOn(_ site: Expression, _ code: Code) -> Bool {
        var isInside = false
        for e in code.expressions {
            e.walk { inner in
                if case .call(_, let given, _) = inner.kind, given.contains(where: { $0.value.span.isSame(site.span) })
                {
                    isInside = true
                }
            }
        }
        return isInside
    }

    /// Whether a function of the library takes one tensor and nothing else: what may well be a stage.
    func isOneTensor(_ name: String) -> Bool {
        switch globals.baseValueIfReady(name) {
        case .builtin(let b)?:
            return b.op != nil && b.parameters.first?.isRest == false
                && b.parameters.dropFirst().allSatisfy { if case .unbound = $0.defaultValue { false } else { true } }
        case .function(let f)?:
            return f.code.role != .loss && f.code.parameters.first?.name == "x"
                && f.code.parameters.dropFirst().allSatisfy(\.hasDefault)
        default: return false
        }
    }

    /// An argument that stands in its place and again by name. Where what stands there is of another kind altogether, that is
    /// the fault: `adam(net.params, lr = 0.01)`.
    func doubled(_ n: String, _ value: Value, _ kind: Kind?, of name: String) -> Diagnostic {
        if let kind, case .wrong(let fault) = kind.verdict(Given(value, self), of: n, in: name, others: { _ in nil }) {
            var named: [String] = []
            var repair: String?
            if frameCount > 0, case let code = currentFrame.code.takeUnretainedValue(),
                case .call(_, let arguments, _)? = code.site(currentFrame.pc - 1)?.kind
            {
                named = arguments.map { $0.text(in: code.source) }
                // Given by its name as well, the first place belongs to it: the others move up.
                if let own = arguments.first(where: { $0.name?.text == n }), named.allSatisfy({ $0.utf8.count <= 30 }) {
                    let rest = arguments.filter { $0.name == nil }.map { $0.text(in: code.source) }
                    let texts = [code.source.text(own.value.span)] + rest
                    repair = "\(n) comes first:  \(name)(\(texts.joined(separator: ", ")))"
                }
            }
            let advice = KindAdvice.of(name, n, Given(value, self), [], named: named)
            return Diagnostic(
                code: fault.code, fault.message, notes: fault.notes, repair: advice ?? fault.repair ?? repair)
        }
        return Diagnostic(code: "call.doubled", "\(name) gets \(n) twice, by position and by name")
    }

    func count(_ n: Int, _ noun: String) -> String { n == 1 ? "1 \(noun)" : "\(n) \(noun)s" }

    /// Arguments as far as a line of a message goes.
    func listed(_ shown: [String]) -> String {
        var text = ""
        for (k, one) in shown.enumerated() {
            if k > 0, text.utf8.count + one.utf8.count > 76 { return text + ", ..." }
            text += (k > 0 ? ", " : "") + one
        }
        return text
    }

    func unknownArgument(_ n: String, of name: String, _ shown: [String], _ names: [String]) -> Diagnostic {
        var meant = Foreign.ArgumentMeant()
        var labels: [Diagnostic.Label] = []
        let frame = currentFrame
        let code = frame.code.takeUnretainedValue()
        if let site = code.site(frame.pc - 1), case .call(_, let arguments, _) = site.kind,
            code.source.kind != .prelude,
            let given = arguments.first(where: { $0.name?.text == n })?.name
        {
            labels = [.init(Place(code.source, given.span))]
            meant = Foreign.argumentMeant(given, of: name, names, arguments, code.source)
        }
        let near = meant.name
        return Diagnostic(
            code: "call.unknown", "\(name) has no argument \(n)", at: labels,
            notes: [
                (shown.isEmpty ? "it takes no argument" : "it takes \(listed(shown))")
                    + (listed(shown).utf8.count > 72 ? "" : near.map { ". Did you mean \($0)?" } ?? "")
            ] + (listed(shown).utf8.count > 72 ? near.map { ["Did you mean \($0)?"] } ?? [] : []),
            repair: meant.says, edits: meant.edits)
    }

    /// `train tower on ...`, where `tower` is a constructor: the net that is meant, with the settings that the body gives it.
    func constructed(_ name: String, _ train: Train, _ source: Source) -> String {
        var call = "\(name)(\(Interpreter.usualSizes(name, source)))"
        let parts = Set(train.boundNames)
        for statement in train.body.statements {
            statement.walk { e in
                guard case .call(let callee, let given, _) = e.kind, callee.kind == .name(name) else { return }
                let text = source.text(e.span)
                // `tower(b)` gives it a part of the batch, which is for the net.
                for one in given {
                    var isPart = false
                    one.value.walk { if case .name(let part) = $0.kind, parts.contains(part) { isPart = true } }
                    if isPart { return }
                }
                if text.utf8.count <= 40, !text.contains("\n") { call = text }
            }
        }
        return "\(name) is a constructor; construct a net before the training, and train net:  net = \(call)"
    }

    /// A width for each parameter of a layer that has none by itself.
    private static func usualSizes(_ name: String, _ source: Source) -> String {
        for case .layer(let layer) in Parser.parse(source).program.statements.map(\.kind) where layer.name.text == name
        {
            return layer.parameters.filter { $0.defaultValue == nil }.map { _ in "64" }.joined(separator: ", ")
        }
        return "..."
    }

    /// `print (a == b).mean()`: all of it in the parentheses; nil for another receiver.
    var printedWhole: String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, _, _) = site.kind,
            case .field(let owner, _) = callee.kind, case .call(let printer, _, _) = owner.kind,
            printer.kind == .name("print")
        else { return nil }
        let place = code.source.position(site.span.start)
        let line = code.source.line(place.line).dropFirst(max(0, place.column - 1)).dropFirst(5)
        let rest = String(line).trimmed
        guard rest.utf8.count <= 70, !rest.contains(";"), !rest.contains("}"), !rest.contains("#") else { return nil }
        return "print shows all that stands in its parentheses:  print(\(rest))"
    }

    /// Whether what is under way stands behind minimize.
    var isMinimized: Bool {
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1) else { return false }
        let place = code.source.position(site.span.start)
        return code.source.line(place.line).prefix(max(0, place.column - 1)).contains("minimize ")
    }

    func noMethod(_ receiver: Value, _ name: String) -> Diagnostic {
        let near = meant(by: name, in: fieldNames(receiver) + globals.userNames + globals.baseNames)
        var repair = near?.says
        // Of a loss that is being minimized a plain number has no slope.
        if name == "backward" || (name == "item" && isMinimized), case .tensor(let t) = receiver, t.count == 1,
            t.isTracked,
            let site = currentFrame.code.takeUnretainedValue().site(currentFrame.pc - 1),
            case .call(let callee, _, _) = site.kind, case .field(let owner, _) = callee.kind, isTraining
        {
            let text = currentFrame.code.takeUnretainedValue().source.text(owner.span)
            if text.utf8.count <= 80 { repair = "a loss is minimized as it is:  minimize \(text)" }
        } else if name == "backward", let text = argumentTexts.first, text.utf8.count <= 30 {
            // Of what it was computed from: a tensor that is tracked, or else the net.
            let tracked = globals.userNames.filter { one in
                guard case .tensor(let t)? = globals.valueIfReady(one) else { return false }
                return t.isTracked && (t.origin as? Node)?.op == nil
            }
            let hasNet = globals.userNames.contains { one in
                if case .layer? = globals.valueIfReady(one) { true } else { false }
            }
            let of = tracked.count == 1 || !hasNet ? tracked.first : nil
            repair = "gradients are  g = grad(\(text), \(of ?? "net"))"
        }
        if case .thing(let t) = receiver, t.kindName == "a source of batches" {
            repair =
                ["take", "limit", "head"].contains(name)
                ? "a loop over a source ends by break:  if k == 10 { break }"
                : ["skip", "repeat", "prefetch", "cache"].contains(name)
                    ? "batches are drawn as they are needed; leave it out" : nil
        }
        if name == "train", case .layer = receiver, argumentTexts.count < 2 {
            repair = "a net is in training mode inside train, and in evaluation mode elsewhere; leave it out"
        }
        if case .function = receiver, ["fit_predict", "fit_transform", "transform", "predict"].contains(name),
            case let texts = argumentTexts, texts.count == 2, texts.joined().utf8.count <= 50
        {
            repair = "a function is called:  \(texts[0])(\(texts[1]))"
        }
        if case .layer(let l) = receiver, ["standardize", "normalize"].contains(l.kind),
            ["fit_transform", "transform"].contains(name), case let texts = argumentTexts, texts.count == 2,
            texts.joined().utf8.count <= 50
        {
            repair = "a scaler is called with what is to be scaled:  \(texts[0])(\(texts[1]))"
        }
        if case .none = receiver, let whole = printedWhole { repair = whole }
        return Diagnostic(
            code: "field.unknown", "\(receiver.kindName) has no \(name), and there is no function of that name",
            repair: repair)
    }
}
