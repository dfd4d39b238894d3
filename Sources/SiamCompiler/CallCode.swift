import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Calls, and comprehensions, which are loops that gather.
package extension Compiler {
    /// Values of the expressions in consecutive registers; the first one's operand.
    func window(_ items: [Expression]) throws -> UInt32 {
        let base = scope.nextRegister
        for (i, item) in items.enumerated() {
            scope.nextRegister = base + i
            let slot = Operand.register(scope.take())
            try expression(item, storedIn: slot)
        }
        scope.nextRegister = base + items.count
        scope.maxRegister = max(scope.maxRegister, scope.nextRegister)
        guard items.count < 1 << 20 else {
            throw fail("syntax.long", "this list or call has too many parts", code.span)
        }
        return Operand.register(base)
    }

    func closure(_ index: Int, _ wanted: UInt32?) -> UInt32 {
        let t = target(wanted)
        emit(.makeClosure, a: t, b: UInt32(truncatingIfNeeded: index))
        return t
    }

    func call(_ callee: Expression, _ arguments: [Argument], _ wanted: UInt32?) throws -> UInt32 {
        guard arguments.count <= 255 else {
            throw fail("call.long", "a call can have at most 255 arguments", callee.span)
        }
        let mark = scope.nextRegister
        let names = arguments.map { $0.name?.text }
        var shapeIndex = 0
        var seen = Set<String>()
        for a in arguments {
            if let n = a.name, !seen.insert(n.text).inserted {
                throw fail("call.doubled", "\(n.text) is given twice", n.span)
            }
        }
        func shape(_ names: [String?]) -> Int {
            guard names.contains(where: { $0 != nil }) else { return 0 }
            let shape = CallShape(names: names)
            if let i = code.shapes.firstIndex(of: shape) { return i + 1 }
            code.shapes.append(shape)
            return code.shapes.count
        }
        if case .field(let receiver, let method) = callee.kind {
            let function: UInt32
            switch try place(method.text) {
            case .register, .global: function = try read(method.text, into: nil)
            default: function = try read(method.text, into: Operand.register(scope.take()))
            }
            let base = try window([receiver] + arguments.map(\.value))
            shapeIndex = shape([nil] + names)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.callMethod, n: arguments.count + 1, m: shapeIndex, a: t, b: function, c: base)
            emit(.clear, a: name(method.text))
            return t
        }
        let function: UInt32
        var arguments = arguments
        if case .name(let n) = callee.kind, scope.find(n) == nil, let first = arguments.first, first.name == nil,
            case .builtin(let b)? = globals.valueIfReady(n), b.traits.contains(.lazy)
        {
            // The call that is to be looked at is handed on, not its value.
            arguments[0].value = Expression(.lambda([], first.value), first.value.span)
        }
        if case .name("training") = callee.kind, scope.find("training") == nil {
            function = try read("training", into: nil)
        } else if case .name(let n) = callee.kind, context.ownNames.contains(n) {
            // `step net(x)` in the body of a train calls the function.
            function = try read(n, into: nil)
        } else {
            function = try expression(callee, into: nil)
        }
        let base = try window(arguments.map(\.value))
        shapeIndex = shape(names)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.call, n: arguments.count, m: shapeIndex, a: t, b: function, c: base)
        return t
    }

    /// `[e for a in xs if c for b in a]`.
    func comprehension(_ element: Expression, _ clauses: [Clause], _ wanted: UInt32?) throws -> UInt32 {
        let mark = scope.nextRegister
        let overlays = scope.overlays.count
        let list = Operand.register(scope.take())
        emit(.makeList, a: list, c: list)
        let inside = NameScan.usedInside([Statement(.expression(element), element.span)])
        var closers: [() -> Void] = []
        loops.append(Loop())
        for clause in clauses {
            var targets: [(String, Int, Bool)] = []
            // One element for each that is walked over.
            let isWhole = clauses.count == 1 && clause.condition == nil
            let loop = try openLoop(over: clause.source, filling: isWhole ? list : nil) { [self] in
                clause.names.map { n in
                    let r = scope.take()
                    let isCell = inside.contains(n.text)
                    targets.append((n.text, r, isCell))
                    return Operand.register(r)
                }
            }
            for (n, r, isCell) in targets {
                if isCell { emit(.makeCell, a: Operand.register(r)) }
                scope.overlays.append((n, r, isCell))
            }
            if let condition = clause.condition {
                let jump = try conditionJump(condition)
                code.instructions[jump].patch(loop.top)
            }
            closers.append { [self] in
                emit(.jump, c: loop.top)
                code.instructions[loop.exit].patchLoop(here)
            }
        }
        let value = try expression(element, into: nil)
        emit(.append, a: list, b: value)
        for close in closers.reversed() { close() }
        loops.removeLast()
        scope.overlays.removeLast(scope.overlays.count - overlays)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.makeBracket, n: 255, m: 0xFFFF, a: t, c: list)
        return t
    }

    /// Opens a loop over a range or anything that can be walked, which fills a list with as many elements. The instruction
    /// `exit` jumps out when it is over.
    func openLoop(over source: Expression, filling list: UInt32? = nil, _ names: () throws -> [UInt32]) throws -> (
        top: UInt32, exit: Int
    ) {
        let state = scope.take(2)
        if case .range(let low?, let high?) = source.kind {
            try expression(low, storedIn: Operand.register(state))
            try expression(high, storedIn: Operand.register(state + 1))
            let targets = try names()
            let top = here
            let value = targets.count == 1 ? targets[0] : Operand.register(scope.take())
            let exit = at(source) { emit(.numberLoop, a: Operand.register(state), b: value) }
            if targets.count > 1 { try destructure(value, into: targets, source) }
            return (top, exit)
        }
        let iterable = try expression(source, into: nil)
        at(source) {
            _ = emit(.loopStart, n: list == nil ? 0 : 1, a: Operand.register(state), b: iterable, c: list ?? 0)
        }
        let targets = try names()
        let top = here
        let value = targets.count == 1 ? targets[0] : Operand.register(scope.take())
        let exit = at(source) { emit(.loopNext, a: Operand.register(state), b: value) }
        if targets.count > 1 { try destructure(value, into: targets, source) }
        return (top, exit)
    }

    func destructure(_ value: UInt32, into targets: [UInt32], _ e: Expression) throws {
        let base = scope.take(targets.count)
        at(e) { _ = emit(.destructure, n: targets.count, b: value, c: Operand.register(base)) }
        for (i, target) in targets.enumerated() { emit(.move, a: target, b: Operand.register(base + i)) }
    }
}
