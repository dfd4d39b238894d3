import SiamGradient
import SiamLanguage
import SiamTensor

/// Calls: arguments are bound to parameters, and functions, built-ins and layers applied.
extension Interpreter {
    /// Calls anything that can be called, from Swift.
    public func call(_ callee: Value, _ arguments: [Value], named: [(String, Value)] = []) throws -> Value {
        switch callee {
        case .function(let f):
            let bound = try bind(f.code, arguments, named)
            let base = top
            guard hasRoom(base + f.code.registerCount) else { throw recursion() }
            for (i, v) in bound.enumerated() { stack[base + i] = v }
            let given = bound.count
            for r in base + given..<max(base + given, base + f.code.localCount) { stack[r] = .unbound }
            switch try enter(f.code, base: base, function: f, layer: f.layer) {
            case .returned(let v): return v
            case .ended(_, let v): return v
            }
        case .builtin(let b):
            let value = try run(b, try bind(b, arguments, named))
            // Long work may have stopped half-way for it: then there is no value.
            if interrupt.pointee != 0 { try interrupted() }
            return value
        case .layer(let l):
            guard named.isEmpty else { throw Diagnostic(code: "call.named", "a net takes its inputs without names") }
            return try apply(l, arguments)
        case .thing(let t):
            if named.isEmpty, let value = try t.call(arguments, self) { return value }
            var repair: String?
            if t.kindName == "a run", let text = calledName, text.utf8.count <= 30 {
                let input = argumentTexts.first.flatMap { $0.utf8.count <= 40 && !$0.contains("\n") ? $0 : nil } ?? "x"
                repair = "its net can:  \(text).net(\(input))"
                // What was called may have been handed the run, and calls it itself.
                if isOfLibrary(text) {
                    var written = argumentTexts
                    let place = written.firstIndex { name in
                        if case .thing(let other)? = globals.valueIfReady(name) { other === t } else { false }
                    }
                    if let place { written[place] += ".net" }
                    let call = "\(text)(\(written.joined(separator: ", ")))"
                    repair = "a run contains its net:  \(place != nil && call.utf8.count <= 60 ? call : "run.net")"
                }
            }
            throw Diagnostic(code: "call.kind", "\(t.kindName) cannot be called", repair: repair)
        case .list(let l) where l.items.contains(where: { if case .layer = $0 { true } else { false } }):
            throw Diagnostic(
                code: "call.kind", "\(callee.kindName) cannot be called", notes: ["its elements are layers"],
                repair: "join stages with >>:  \(joined(stages: l.items) ?? "net = flatten >> dense(8)")")
        case .record(let r) where r.names.contains(where: { $0.contains(".") }):
            throw Diagnostic(
                code: "call.kind", "\(callee.kindName) cannot be called", notes: ["it holds weights by their names"],
                repair: "a net of that form takes them:  load(\"net.npz\", net)")
        case .tensor(let t):
            // What was called may have been handed the tensor, and calls it itself.
            if let text = calledName, isOfLibrary(text), calledField() == nil {
                throw Diagnostic(
                    code: "call.kind",
                    "\(text) calls one of its arguments, and \(t.rank == 0 ? "a number" : "a tensor of \(t.shape)") cannot be called",
                    repair: Foreign.stepped(text, argumentTexts))
            }
            throw Diagnostic(
                code: "call.kind", "\(t.rank == 0 ? "a number" : "a tensor of \(t.shape)") cannot be called",
                repair: calledField() ?? (t.rank == 0 ? nil : elementMeant()))
        default:
            throw Diagnostic(
                code: "call.kind", "\(callee.kindName) cannot be called",
                repair: calledField() ?? calledName.flatMap { Foreign.stepped($0, argumentTexts) })
        }
    }

    /// The result of a built-in. Work on a long text never checks for interrupts, so it runs where it can be abandoned.
    @inline(__always)
    private func run(_ b: Builtin, _ values: [Value]) throws -> Value {
        let given = Arguments(builtin: b, values: values, interpreter: self)
        if case .text(let t)? = values.first, t.string.utf8.count >= 1 << 20, b.family == "texts" || b.name == "split" {
            return try InterruptibleWork.run(size: .max) { try b.body(self, given) }
        }
        return try b.body(self, given)
    }

    /// Puts arguments in the order of a function's parameters; missing ones with a default stay unbound.
    func bind(_ code: Code, _ positional: [Value], _ named: [(String, Value)]) throws -> [Value] {
        let parameters = code.parameters
        if named.isEmpty, positional.count == parameters.count { return positional }
        guard positional.count <= parameters.count else {
            throw Diagnostic(
                code: "call.many",
                "\(code.name) takes \(count(parameters.count, "argument")), and got \(positional.count)",
                notes: ["it takes \(code.signature)"],
                repair: madeFirst(code, positional) ?? Foreign.superfluous(code.name, argumentTexts))
        }
        var values = positional + Array(repeating: Value.unbound, count: parameters.count - positional.count)
        for (n, v) in named {
            guard let i = parameters.firstIndex(where: { $0.name == n }) else {
                throw unknownArgument(
                    n, of: code.name, parameters.map { p in p.defaultText.map { "\(p.name) = \($0)" } ?? p.name },
                    parameters.map(\.name))
            }
            if case .unbound = values[i] {
                values[i] = v
            } else {
                throw doubled(n, values[i], parameters[i].kind, of: code.name)
            }
        }
        for (i, p) in parameters.enumerated() where !p.hasDefault {
            if case .unbound = values[i] {
                throw missing(p.name, code.name, code.signature, positional, named)
            }
        }
        return values
    }

    /// An argument that was not given. A call without any, of what takes one, is most often a stage with parentheses; one
    /// behind `|>` would have been given what stands before it.
    private func missing(
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
    private func isHandedOn(_ site: Expression, _ code: Code) -> Bool {
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
    private func isOneTensor(_ name: String) -> Bool {
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
    private func doubled(_ n: String, _ value: Value, _ kind: Kind?, of name: String) -> Diagnostic {
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
    private func listed(_ shown: [String]) -> String {
        var text = ""
        for (k, one) in shown.enumerated() {
            if k > 0, text.utf8.count + one.utf8.count > 76 { return text + ", ..." }
            text += (k > 0 ? ", " : "") + one
        }
        return text
    }

    private func unknownArgument(_ n: String, of name: String, _ shown: [String], _ names: [String]) -> Diagnostic {
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

    func bind(_ b: Builtin, _ positional: [Value], _ named: [(String, Value)]) throws -> [Value] {
        let parameters = b.parameters
        var values: [Value] = []
        values.reserveCapacity(parameters.count)
        var next = 0
        for (i, p) in parameters.enumerated() {
            if p.isRest {
                // A required parameter after the rest parameter that is not given by name takes the last argument.
                let behind = parameters[(i + 1)...].count { q in
                    if case .unbound = q.defaultValue { return !named.contains { $0.0 == q.name } }
                    return false
                }
                let from = min(next, positional.count)
                let end = max(from, positional.count - behind)
                values.append(Value(Array(positional[from..<end])))
                next = end
            } else if next < positional.count {
                values.append(positional[next])
                next += 1
            } else {
                values.append(.unbound)
            }
        }
        guard next >= positional.count else {
            throw Diagnostic(
                code: "call.many",
                "\(b.name) takes \(count(parameters.count, "argument")), and got \(positional.count)",
                notes: ["it takes \(b.signature)"], repair: Foreign.superfluous(b.name, argumentTexts))
        }
        for (n, v) in named {
            guard let i = parameters.firstIndex(where: { $0.name == n && !$0.isRest }) else {
                throw unknownArgument(
                    n, of: b.name,
                    parameters.map { p in
                        p.isRest ? "\(p.name)..." : p.defaultText.map { "\(p.name) = \($0)" } ?? p.name
                    },
                    parameters.map(\.name))
            }
            if case .unbound = values[i] {
                values[i] = v
            } else {
                throw doubled(n, values[i], parameters[i].kind, of: b.name)
            }
        }
        var given = [Bool](repeating: true, count: b.hasKinds ? values.count : 0)
        for (i, p) in parameters.enumerated() {
            if case .unbound = values[i] {
                if case .unbound = p.defaultValue {
                    throw missing(p.name, b.name, b.signature, positional, named)
                }
                values[i] = p.defaultValue
                if b.hasKinds { given[i] = false }
            }
        }
        if b.hasKinds { try checkKinds(b, &values, given: given) }
        return values
    }

    /// The part of a call that is not the common case. True where a frame was opened, false where the value is stored.
    @inline(never)
    func callSlowly(_ i: Instruction, _ callee: Slot, _ window: Slot, _ frame: Frame) throws -> Bool {
        let n = Int(i.n)
        let code = frame.code.takeUnretainedValue()
        if case .unbound = callee.pointee, Operand.isGlobal(i.b) { try bind(callee, i.b) }
        if Interpreter.isNoFunction(callee.pointee),
            case .call(let called, _, _)? = code.site(currentFrame.pc - 1)?.kind, case .name(let name) = called.kind,
            let function = try functionBehind(callee.pointee, name)
        {
            let (positional, named) = arguments(window, n, code, Int(i.m))
            pointer(i.a, in: frame).pointee = try call(function, positional, named: named)
            return false
        }
        if case .unbound = callee.pointee { try bind(callee, i.b) }
        if i.m == 0 {
            // The short ways.
            switch callee.pointee {
            case .function(let f) where n <= f.code.parameters.count:
                if f.code.role == .loss, let y = try fusedLoss(f, window, n) {
                    pointer(i.a, in: frame).pointee = .tensor(y)
                    return false
                }
                if f.code.parameters[n...].allSatisfy(\.hasDefault) {
                    _ = try push(
                        Unmanaged.passUnretained(f), base: frame.base + Int(i.c & Operand.mask), given: n,
                        destination: i.a, behind: frames + (frameCount - 1))
                    return true
                }
            case .builtin(let b):
                if let op = b.op, b.tensorCount == n {
                    if n == 1, case .tensor(let x) = window[0] {
                        pointer(i.a, in: frame).pointee = .tensor(try op(x))
                        return false
                    }
                    if n == 2, case .tensor(let x) = window[0], case .tensor(let y) = window[1] {
                        if x.rank == 4, op === Operators.euclidean { warnOfChannel([x, y]) }
                        pointer(i.a, in: frame).pointee = .tensor(try op(x, y))
                        return false
                    }
                }
                let arguments = (0..<n).map { window[$0] }
                let value = try run(b, try bind(b, arguments, []))
                if interrupt.pointee != 0 { try interrupted() }
                pointer(i.a, in: frame).pointee = value
                return false
            case .layer(let l):
                let value = n == 1 ? try apply(l, window[0]) : try apply(l, (0..<n).map { window[$0] })
                pointer(i.a, in: frame).pointee = value
                return false
            default: break
            }
        }
        let (positional, named) = arguments(window, n, code, Int(i.m))
        let value = try call(callee.pointee, positional, named: named)
        pointer(i.a, in: frame).pointee = value
        return false
    }

    private func arguments(_ window: Slot, _ n: Int, _ code: Code, _ shape: Int) -> ([Value], [(String, Value)]) {
        guard shape > 0 else { return ((0..<n).map { window[$0] }, []) }
        var positional: [Value] = []
        var named: [(String, Value)] = []
        for (k, name) in code.shapes[shape - 1].names.enumerated() where k < n {
            if let name { named.append((name, window[k])) } else { positional.append(window[k]) }
        }
        return (positional, named)
    }

    /// `x.f(a)`: the field f of x called, or else f(x, a).
    @inline(never)
    func callMethod(_ i: Instruction, _ nameIndex: Int, _ window: Slot, _ frame: Frame) throws -> Bool {
        let code = frame.code.takeUnretainedValue()
        let name = code.names[nameIndex]
        let receiver = window[0]
        var (positional, named) = arguments(window, Int(i.n), code, Int(i.m))
        if let advice = methodAdvice(receiver, name) { throw advice }
        if let field = try fieldIfAny(receiver, name, isCall: true) {
            positional.removeFirst()
            pointer(i.a, in: frame).pointee = try call(field, positional, named: named)
            return false
        }
        let function = pointer(i.b, in: frame)
        if case .unbound = function.pointee {
            if Operand.isGlobal(i.b), try globals.resolve(Int(i.b & Operand.mask)) == nil {
                throw noMethod(receiver, name)
            }
            try bind(function, i.b)
        }
        named = named.map { $0 }
        let value = try call(try functionBehind(function.pointee, name) ?? function.pointee, positional, named: named)
        pointer(i.a, in: frame).pointee = value
        return false
    }

    /// `train tower on ...`, where `tower` is a constructor: the net that is meant, with the settings that the body gives it.
    private func constructed(_ name: String, _ train: Train, _ source: Source) -> String {
        var call = "\(name)(...)"
        for statement in train.body.statements {
            statement.walk { e in
                guard case .call(let callee, _, _) = e.kind, callee.kind == .name(name) else { return }
                let text = source.text(e.span)
                if text.utf8.count <= 40, !text.contains("\n") { call = text }
            }
        }
        return "\(name) is a constructor; construct a net before the training, and train net:  net = \(call)"
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
    private var isMinimized: Bool {
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1) else { return false }
        let place = code.source.position(site.span.start)
        return code.source.line(place.line).prefix(max(0, place.column - 1)).contains("minimize ")
    }

    private func noMethod(_ receiver: Value, _ name: String) -> Diagnostic {
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

    /// Opens a frame for a function whose arguments stand at `base`, behind the caller's.
    @inline(__always)
    func push(
        _ f: Unmanaged<Function>, base: Int, given: Int, destination: UInt32, behind caller: UnsafeMutablePointer<Frame>
    ) throws -> UnsafeMutablePointer<Frame> {
        let code = f._withUnsafeGuaranteedRef { $0.codeReference }
        let (registers, locals) = code._withUnsafeGuaranteedRef { ($0.registerCount, $0.localCount) }
        guard frameCount < Interpreter.frameCapacity, hasRoom(base &+ registers) else { throw recursion() }
        if given < locals {
            for k in given..<locals { stack[base &+ k] = .unbound }
        }
        let frame = caller + 1
        frame.pointee = Frame(
            code: code, pc: 0, base: base, destination: destination, function: f,
            layer: f._withUnsafeGuaranteedRef { $0.layerReference })
        frameCount &+= 1
        return frame
    }
}
