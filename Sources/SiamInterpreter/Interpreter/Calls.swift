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
        case .record(let r)
        where r.names.contains(where: { $0.contains(".") }) || Set(r.names).isSuperset(of: ["w", "b"]):
            throw Diagnostic(
                code: "call.kind", "\(callee.kindName) cannot be called", notes: ["it holds weights by their names"],
                repair: "a net of that form takes them:  load(\(loadedPath() ?? "\"net.npz\""), net)")
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
