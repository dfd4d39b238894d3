import SiamGradient
import SiamLanguage
import SiamTensor

/// The check of a call against what the parameters say they take. It runs before the body, over the values alone.
extension Interpreter {
    /// The first instruction of a function with kinds. Arguments that were left out still are: a default needs no check.
    @inline(never)
    func checkKinds(_ code: Code, _ base: Int) throws {
        for k in code.kinds {
            let slot = stack + (base + k)
            if case .unbound = slot.pointee { continue }
            let p = code.parameters[k]
            guard let kind = p.kind, !(isNone(slot.pointee) && p.defaultText == "none") else { continue }
            if let changed = try checked(
                slot.pointee, kind, k, p.name, code.name, isBuiltin: false,
                others: { name in
                    guard let i = code.parameters.firstIndex(where: { $0.name == name }) else { return nil }
                    if case .unbound = self.stack[base + i] { return nil }
                    return self.stack[base + i]
                })
            {
                slot.pointee = changed
            }
        }
    }

    /// The same for a built-in; `given` marks the arguments that are not defaults.
    func checkKinds(_ b: Builtin, _ values: inout [Value], given: [Bool]) throws {
        // A method, such as `d.where`, is no global name: the value before the dot is not one of its arguments.
        var isMethod = true
        if case .builtin(let own)? = globals.baseValueIfReady(b.name), own === b { isMethod = false }
        for (k, p) in b.parameters.enumerated() where given[k] {
            guard let kind = p.kind, !(isNone(values[k]) && p.defaultText == "none") else { continue }
            if p.isRest {
                guard case .list(let l) = values[k],
                    l.items.allSatisfy({ if case .number = $0 { true } else { false } })
                else { continue }
                for item in l.items {
                    _ = try checked(item, kind, k, p.name, b.name, isBuiltin: true, others: { _ in nil })
                }
                continue
            }
            let now = values
            if let changed = try checked(
                values[k], kind, k, p.name, b.name, isBuiltin: true, isMethod: isMethod,
                others: { name in b.parameters.firstIndex { $0.name == name }.map { now[$0] } })
            {
                values[k] = changed
            }
        }
    }

    private func isNone(_ v: Value) -> Bool { if case .none = v { true } else { false } }

    /// The value in the shape in which it is used, if that differs.
    private func checked(
        _ value: Value, _ kind: Kind, _ k: Int, _ name: String, _ who: String, isBuiltin: Bool, isMethod: Bool = false,
        others: (String) -> Value?
    ) throws -> Value? {
        switch kind.verdict(Given(value, self), of: name, in: who, others: { others($0).map { Given($0, self) } }) {
        case .fits: return nil
        case .reshaped(let dims):
            guard case .tensor(let t) = value else { return nil }
            return .tensor(try Operators.reshape.apply([t], [.integers(dims)]))
        case .doubtful(let fault):
            var d = diagnostic(fault, k, name, who, value, isBuiltin: isBuiltin, isMethod: isMethod, others: others)
            d.severity = .warning
            session.warn(d)
            return nil
        case .wrong(let fault):
            throw diagnostic(fault, k, name, who, value, isBuiltin: isBuiltin, isMethod: isMethod, others: others)
        }
    }

    // MARK: Messages

    private func diagnostic(
        _ fault: KindFault, _ k: Int, _ name: String, _ who: String, _ value: Value, isBuiltin: Bool,
        isMethod: Bool, others: (String) -> Value?
    ) -> Diagnostic {
        var d = Diagnostic(
            code: fault.code, fault.message, notes: fault.notes, repair: fault.repair)
        guard let call = userCall(isBuiltin: isBuiltin, who) else { return d }
        let written = call.isDirect ? call.arguments.map { call.source.text($0.value.span) } : []
        let withNames = call.isDirect ? call.arguments.map { $0.text(in: call.source) } : []
        // A stage that a net applies is already part of the net.
        var isOfStage = false
        if case .call(let callee, _, _) = call.site.kind { isOfStage = call.source.text(callee.span) != who }
        if let advice = KindAdvice.of(who, name, Given(value, self), written, named: withNames, fault),
            !(isOfStage && advice.hasSuffix("without parentheses:  \(who)"))
        {
            d.repair = advice
        } else if call.isDirect, let argument = call.argument(k, name),
            let own = ownRepair(fault, argument, call.source)
        {
            d.repair = own
        }
        if d.repair == nil, case .layer = value, let loss = Foreign.lossCall(who) {
            d.repair = "a loss compares the outputs of a net:  \(loss)"
        }
        if let scaler = Interpreter.scalerAdvice(value) { d.repair = scaler }
        var declared: [(name: String, kind: Kind?)] = []
        if isBuiltin {
            if case .builtin(let b)? = globals.baseValueIfReady(who) {
                declared = b.parameters.map { ($0.name, $0.kind) }
            }
        } else {
            declared = frames[frameCount - 1].code.takeUnretainedValue().parameters.map { ($0.name, $0.kind) }
        }
        let parameters = declared.map(\.name)
        // Of two numbers only a fraction in the place of a count tells that they are in each other's.
        let isFraction = Given(value, self).number.map { $0 > 0 && $0 < 1 } ?? false
        if d.repair == nil
            ? DeclaredKindFaults.turnable.contains(fault.code) && (fault.code != "argument.range" || isFraction)
            : fault.code == "loss.same",
            let other = turned(k, value, declared, who, written, call, others)
        {
            d.repair = other
        }
        if d.repair == nil, case .text(let t) = value, isOfLibrary(t.string),
            declared[safe: k]?.kind.map(\.takesFunctions) ?? true
        {
            d.repair = "write the function's name without quotes:  \(t.string)"
        }
        if var repair = d.repair {
            // `{target}` is that argument as it was written.
            for (i, parameter) in parameters.enumerated() {
                let text = written[safe: i].flatMap { $0.utf8.count <= 24 ? $0 : nil } ?? parameter
                repair = repair.replacing("{\(parameter)}", with: text)
            }
            d.repair = repair.replacing("{", with: "").replacing("}", with: "")
        }
        if !call.isDirect, d.message.hasPrefix("\(who) "), case .call(let callee, _, _) = call.site.kind {
            // Users do not know the helpers of the library: the function that the user called is named.
            let name = call.source.text(callee.span)
            if name.utf8.count <= 20 { d.message = name + d.message.dropFirst(who.count) }
        }
        if !call.isDirect, !isBuiltin, frameCount > 1 { d.message = named(d.message, in: frames[frameCount - 2]) }
        if case .tensor = value, let maker = call.constructor, fault.code == "argument.kind" {
            var needed = 0
            if case .function(let f)? = globals.valueIfReady(maker) {
                needed = f.code.parameters.count { !$0.hasDefault }
            }
            let given = needed == 0 ? "" : needed == 1 ? "64" : "64" + String(repeating: ", ...", count: needed - 1)
            d.repair = "\(maker) makes a net; call the net with inputs:  net = \(maker)(\(given))"
        }
        d.notes += chain(call.frame)
        if call.isDirect,
            let span = Interpreter.argument(
                k, name, call.site, isMethod: isMethod)
        {
            d.labels = [.init(Place(call.source, span), fault.label)]
        } else {
            d.labels = [.init(Place(call.source, call.site.span))]
        }
        return d
    }

    /// The call with two of its arguments in each other's places, where both then are what the parameters take.
    private func turned(
        _ k: Int, _ value: Value, _ declared: [(name: String, kind: Kind?)], _ who: String, _ written: [String],
        _ call: UserCall, _ others: (String) -> Value?
    ) -> String? {
        guard declared.indices.contains(k), written.indices.contains(k),
            call.arguments.allSatisfy({ $0.name == nil }), written.joined().utf8.count <= 50,
            case .call(let callee, _, _) = call.site.kind, case .name = callee.kind
        else { return nil }
        let own = declared.indices.map {
            $0 == k ? value : written.indices.contains($0) ? others(declared[$0].name) : nil
        }
        /// Whether all arguments are what the parameters take, with those of j and k exchanged.
        func fitsTurned(_ j: Int) -> Bool {
            var given = own
            given.swapAt(j, k)
            for (m, parameter) in declared.enumerated() where written.indices.contains(m) {
                guard let v = given[m] else { return false }
                guard let kind = parameter.kind else { continue }
                let verdict = kind.verdict(
                    Given(v, self), of: parameter.name, in: who,
                    others: { name in
                        declared.firstIndex { $0.name == name }.flatMap { given[$0] }.map { Given($0, self) }
                    })
                switch verdict {
                case .fits, .reshaped: continue
                default: return false
                }
            }
            return true
        }
        for j in declared.indices
        where j != k && written.indices.contains(j) && declared[j].kind != nil && fitsTurned(j) {
            var texts = written
            texts.swapAt(j, k)
            return "in the other order:  \(who)(\(texts.joined(separator: ", ")))"
        }
        return nil
    }

    /// A message in the names that the function of the library has, which calls a helper whose parameters have others.
    private func named(_ message: String, in frame: Frame) -> String {
        let code = frame.code.takeUnretainedValue()
        guard code.source.kind == .prelude, case .call(_, let given, _)? = code.site(frame.pc - 1)?.kind else {
            return message
        }
        let parameters = frames[frameCount - 1].code.takeUnretainedValue().parameters.map(\.name)
        return KindAdvice.renamed(
            message, parameters, given.filter { $0.name == nil }.map { code.source.text($0.value.span) })
    }

    private struct UserCall {
        let source: Source
        let site: Expression
        let frame: Int
        /// The user's constructor whose body contains it.
        let constructor: String?
        /// Whether the user wrote the very call, and no function of the library between.
        let isDirect: Bool
        var arguments: [Argument] {
            if case .call(_, let arguments, _) = site.kind { return arguments }
            return []
        }
        /// What was written for a parameter.
        func argument(_ k: Int, _ name: String) -> Expression? {
            guard let span = Interpreter.argument(k, name, site) else { return nil }
            return arguments.first { $0.value.span.isSame(span) }?.value
        }
    }

    /// The call in the user's text that is being made; a function's own frame is open already, a built-in has none.
    private func userCall(isBuiltin: Bool, _ who: String) -> UserCall? {
        let nearest = frameCount - (isBuiltin ? 1 : 2)
        var k = nearest
        while k >= 0 {
            let code = frames[k].code.takeUnretainedValue()
            if code.source.kind != .prelude || session.isPreludeUnderTest {
                guard let site = code.site(frames[k].pc - 1) else { return nil }
                var isDirect = k == nearest
                // What a built-in was handed and calls itself is not what is written.
                if case .call(let callee, _, _) = site.kind {
                    switch callee.kind {
                    case .name(let name): if name != who, isOfLibrary(name) { isDirect = false }
                    case .field(_, let field):
                        if field.text != who, isOfLibrary(field.text) { isDirect = false }
                    default: break
                    }
                }
                return UserCall(
                    source: code.source, site: site, frame: k, constructor: code.role == .layer ? code.name : nil,
                    isDirect: isDirect)
            }
            k -= 1
        }
        return nil
    }

    func isOfLibrary(_ name: String) -> Bool {
        !globals.isUserName(name) && globals.baseNames.contains(name)
    }

    /// The place of a parameter's argument in a call; the first of a dot call is the value before the dot.
    package static func argument(_ k: Int, _ name: String, _ site: Expression, isMethod: Bool = false) -> Span? {
        switch site.kind {
        case .call(let callee, let arguments, _):
            if let named = arguments.first(where: { $0.name?.text == name }) { return named.value.span }
            var spans = arguments.filter { $0.name == nil }.map(\.value.span)
            if case .field(let owner, _) = callee.kind, !isMethod { spans.insert(owner.span, at: 0) }
            return k < spans.count ? spans[k] : nil
        case .apply(let input, _): return k == 0 ? input.span : nil
        default: return nil
        }
    }
}

extension Given {
    /// The operator that a tensor's numbers came out of: indexing some of them, or another shape, makes no others.
    private static func maker(of t: Tensor) -> String? {
        var node = t.origin as? Node
        var steps = 0
        while let op = node?.op?.name, ["index", "reshape", "squeeze", "expand", "transpose"].contains(op), steps < 4 {
            node = node?.inputs.first?.origin as? Node
            steps += 1
        }
        return node?.op?.name
    }

    init(_ value: Value, _ interpreter: Interpreter) {
        func shown() -> String {
            switch value {
            case .number, .bool, .text:
                let text = interpreter.inline(value, quoted: true)
                return text.utf8.count <= 40 ? text : value.kindName
            case .function(let f) where f.code.role != .lambda: return f.name
            case .builtin(let b): return b.name
            default: return value.kindName
            }
        }
        switch value {
        case .number(let x): self.init(.number, dims: [], number: x, first: { $0(x) ? x : nil }, shown: shown)
        case .bool(let b):
            let x = b ? 1.0 : 0.0
            self.init(.bool, dims: [], number: x, first: { $0(x) ? x : nil }, shown: shown)
        case .tensor(let t):
            self.init(
                .tensor, dims: t.shape.dims, number: t.count == 1 ? t.item : nil,
                name: Given.maker(of: t),
                first: { holds in
                    if t.count == 1 { return holds(t.item) ? t.item : nil }
                    if t.precision == .single {
                        return t.withFloats { all in
                            // If the wait was abandoned, the next use of the tensor reports the interrupt.
                            for from in stride(from: 0, to: all.count, by: 1 << 22) {
                                if from > 0, Interrupt.isDue { return nil }
                                let piece = all[from..<Swift.min(all.count, from + 1 << 22)]
                                if let found = piece.first(where: { holds(Double($0)) }) { return Double(found) }
                            }
                            return nil
                        }
                    }
                    return t.doubles.first(where: holds)
                }, shown: shown)
            held = t
            wholeExtent = { Kernel.wholeExtent(t) }
            equals = { other in
                guard let u = other.held as? Tensor, t.rank == 2, t.shape == u.shape, t.shape[0] > 1 else {
                    return false
                }
                let width = t.shape[1]
                return t.withFloats { a in
                    u.withFloats { b in
                        guard a.count == b.count, a.elementsEqual(b), width > 0 else { return false }
                        // Embeddings that have all become one point are another fault.
                        return (width..<max(a.count, width)).contains { a[$0] != a[$0 % width] }
                    }
                }
            }
        case .text(let t): self.init(.text, text: t.string, shown: shown)
        case .list: self.init(.list, shown: shown)
        case .record: self.init(.record, shown: shown)
        case .range: self.init(.range, shown: shown)
        case .function(let f):
            let isMade = f.code.source.kind != .prelude || f.code.role == .lambda
            self.init(f.code.role == .layer ? .constructor : isMade ? .function : .other, name: f.name, shown: shown)
        case .builtin(let b):
            let draws = ["initialisers", "random"].contains(b.family) || ["zeros", "ones"].contains(b.name)
            // A function of the library that is made for one thing is no initialiser and no schedule.
            self.init(draws ? .initialiser : .other, name: b.name, shown: shown)
        case .layer(let l):
            self.init(.net, name: l.kind, shown: shown)
            inputs = l.inputCount
        case .thing(let t):
            self.init(t.form, shown: shown)
        case .none, .cell, .unbound: self.init(.none, shown: shown)
        }
    }
}
