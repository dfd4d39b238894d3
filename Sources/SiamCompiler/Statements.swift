import SiamInterpreter
import SiamLanguage

/// The compiler: statements, blocks, loops.
extension Compiler {
    func block(_ b: Block, into wanted: UInt32?) throws -> UInt32 {
        guard let last = b.statements.last else { return constant(.none) }
        try statements(Array(b.statements.dropLast()))
        if case .expression(let e) = last.kind { return try expression(e, into: wanted) }
        try statement(last)
        return constant(.none)
    }

    func block(_ b: Block, storedIn target: UInt32) throws {
        let value = try block(b, into: target)
        if value != target { emit(.move, a: target, b: value) }
    }

    func statements(_ list: [Statement]) throws {
        for s in list {
            let mark = scope.nextRegister
            let outerMax = scope.maxRegister
            let start = code.instructions.count
            scope.maxRegister = mark
            try statement(s)
            let used = scope.maxRegister
            scope.maxRegister = max(outerMax, used)
            scope.nextRegister = mark
            // What a statement leaves in its temporaries would keep large tensors alive until the loop comes round.
            if used > mark, code.role == .chunk || !loops.isEmpty || code.role == .top,
                code.instructions[start...].contains(where: { $0.op.mayHoldTensor })
            {
                let count = min(used - mark, 0xFFFF)
                emit(.clear, n: 1, m: count, a: Operand.register(mark))
            }
        }
    }

    func statement(_ s: Statement) throws {
        switch s.kind {
        case .expression(let e):
            let value = try expression(e, into: nil)
            // A name alone is still looked up, so that one without a value is an error.
            if case .name = e.kind { at(e) { _ = emit(.move, a: Operand.register(scope.take()), b: value) } }
        case .assign(let targets, let e): try assign(targets, e)
        case .function(let f): try define(f, s)
        case .layer(let l): try define(l, s)
        case .importFile(let e):
            let value = try expression(e, into: nil)
            at(e) { _ = emit(.importFile, b: value) }
        case .forIn(let names, let e, let body): try forLoop(names, e, body)
        case .whileLoop(let condition, let body):
            loops.append(Loop())
            let top = here
            let jump = try conditionJump(condition)
            try statements(body.statements)
            for c in loops[loops.count - 1].continues { code.instructions[c].c = top }
            emit(.jump, c: top)
            code.instructions[jump].patch(here)
            closeLoop()
        case .stopWhen(let condition):
            guard context.inTrain else { throw fail("stop.outside", "stop when is outside of train", s.span) }
            let jump = try conditionJump(condition)
            emit(.end, n: 1)
            code.instructions[jump].patch(here)
        case .breakLoop:
            if !loops.isEmpty {
                loops[loops.count - 1].breaks.append(emit(.jump))
            } else if context.isChunk {
                emit(.end, n: 1)
            } else {
                throw fail("loop.none", "break is outside of a loop", s.span)
            }
        case .continueLoop:
            if !loops.isEmpty {
                loops[loops.count - 1].continues.append(emit(.jump))
            } else if context.isChunk {
                emit(.end)
            } else {
                throw fail("loop.none", "continue is outside of a loop", s.span)
            }
        case .returnValue(let e):
            guard context.canReturn else {
                let loss = e.map { source.text($0.span) } ?? "l"
                throw fail(
                    "return.outside", "return is outside of a function", s.span,
                    repair: context.inTrain && loss.utf8.count < 60 && !loss.contains("\n")
                        ? "the loss of a step is  minimize \(loss)" : nil)
            }
            let value = try e.map { try expression($0, into: nil) } ?? constant(.none)
            if code.role == .chunk { emit(.end, n: 2, b: value) } else { emit(.returnValue, b: value) }
        case .expect(let e): try expect(e)
        case .expectError(let message, let body):
            let value = try expression(message, into: Operand.register(scope.take()))
            let index = try chunk(body, name: "expect_error", context: chunkContext())
            at(message) { _ = emit(.chunk, n: 1, a: value, b: UInt32(truncatingIfNeeded: index)) }
        case .minimize(let e):
            guard context.inTrain else {
                let text = source.text(e.span)
                let isLoss = e.plainNumber == nil && text.utf8.count <= 50 && !text.contains("\n")
                let loss = isLoss ? text : "loss"
                throw fail(
                    "minimize.outside", "minimize is outside of train", s.span,
                    repair: "in a hand-written loop:  g = grad(\(loss), net); update(sgd(0.1), net, g)")
            }
            let value = try expression(e, into: nil)
            at(e) { _ = emit(.minimize, b: value) }
        case .report(let n, let e):
            guard context.inTrain || context.inSweep else {
                throw fail(
                    "report.outside", "report is outside of train and sweep", s.span,
                    repair: source.text(e.span).utf8.count <= 60 && !source.text(e.span).contains("\n")
                        ? "elsewhere a value has a name:  \(n.text) = \(source.text(e.span))" : nil)
            }
            let value = try expression(e, into: nil)
            // The name is bound too: `report accuracy = ...` and then `if accuracy > 0.95 { break }`.
            let target = try reportTarget(n.text)
            at(e) {
                _ = emit(
                    .report, n: context.inTrain ? 0 : 1, m: target == nil ? 0 : 1, a: name(n.text), b: value,
                    c: target ?? 0)
            }
            if let target {
                if Operand.isGlobal(target), loops.isEmpty { emit(.note, a: target & Operand.mask) }
            } else {
                try store(n.text, value, n.span)
            }
        case .every(let count, let unit, let body):
            guard context.inTrain else {
                throw fail(
                    "every.outside", "every is outside of train", s.span,
                    repair: "a loop of its own is  for k in 0..10 { ... }")
            }
            let value = try count.map { try expression($0, into: nil) } ?? constant(.number(1))
            let start = emit(.everyStart, n: unit == .epochs ? 1 : 0, b: value)
            try statements(body.statements)
            emit(.everyEnd)
            code.instructions[start].c = here
        case .pause where !context.inTrain: throw fail("pause.outside", "pause is outside of train", s.span)
        case .pause:
            let here = Expression(.none, s.span)
            at(here) { _ = emit(.pause) }
        }
    }

    /// Where the name lives, if a variable that is no number is to keep its value there: `report held = accuracy(net, held)`.
    private func reportTarget(_ name: String) throws -> UInt32? {
        switch try place(name) {
        case .register(let r): Operand.register(r)
        case .global(let slot): Operand.global(slot)
        default: nil
        }
    }

    private func closeLoop() {
        let loop = loops.removeLast()
        for b in loop.breaks { code.instructions[b].c = here }
    }

    private func forLoop(_ names: [Name], _ source: Expression, _ body: Block) throws {
        if case .bracket(let items) = source.kind, items.count == 1, case .range = items[0].kind {
            let range = self.source.text(items[0].span)
            throw fail(
                "loop.kind", "[\(range)] is a list with one range in it, so the loop would run once", source.span,
                repair: "without brackets:  for \(names.map(\.text).joined(separator: ", ")) in \(range)")
        }
        let mark = scope.nextRegister
        var stores: [(String, UInt32, Span)] = []
        loops.append(Loop())
        let loop = try openLoop(over: source) { [self] in
            try names.map { n in
                if let direct = try directTarget(n.text) { return direct }
                let r = Operand.register(scope.take())
                stores.append((n.text, r, n.span))
                return r
            }
        }
        for (n, r, span) in stores { try store(n, r, span) }
        try statements(body.statements)
        for c in loops[loops.count - 1].continues { code.instructions[c].c = loop.top }
        emit(.jump, c: loop.top)
        code.instructions[loop.exit].patchLoop(here)
        closeLoop()
        scope.nextRegister = mark
    }

    // MARK: Assignment

    private func assign(_ targets: [Expression], _ e: Expression) throws {
        if targets.count > 1 {
            try refuseCommand(targets, e)
            try refusePlaces(targets, e)
            let value = try expression(e, into: nil)
            let base = scope.take(targets.count)
            at(e) { _ = emit(.destructure, n: targets.count, b: value, c: Operand.register(base)) }
            for (i, t) in targets.enumerated() { try store(t, Operand.register(base + i)) }
            return
        }
        let target = targets[0]
        if case .name(let n) = target.kind {
            if let direct = try directTarget(n) {
                if try pushInPlace(n, e) { return }
                try expression(e, storedIn: direct)
                if Operand.isGlobal(direct), loops.isEmpty { emit(.note, a: direct & Operand.mask) }
                return
            }
        }
        try store(target, try expression(e, into: nil))
    }

    /// `path = push(path, x)`: the list grows in place, since only this variable refers to it.
    private func pushInPlace(_ n: String, _ e: Expression) throws -> Bool {
        guard case .call(let callee, let arguments, _) = e.kind, case .name("push") = callee.kind, arguments.count == 2,
            arguments.allSatisfy({ $0.name == nil }), case .name(n) = arguments[0].value.kind,
            scope.find("push") == nil, let direct = try directTarget(n)
        else { return false }
        let value = try expression(arguments[1].value, into: nil)
        let function = try read("push", into: nil)
        at(e) { _ = emit(.append, n: 1, a: direct, b: value, c: function) }
        return true
    }

    func store(_ target: Expression, _ value: UInt32) throws {
        try at(target) {
            switch target.kind {
            case .name(let n): try store(n, value, target.span)
            case .field(let base, let field):
                let holder = try expression(base, into: nil)
                let changed = Operand.register(scope.take())
                emit(.setField, m: Int(name(field.text)), a: changed, b: holder, c: value)
                try storeBack(base, changed)
            case .index(let base, let items):
                try takeOwnCopy(base)
                let holder = try expression(base, into: nil)
                let first = scope.nextRegister
                _ = try window(items)
                let slot = Operand.register(scope.take())
                emit(.move, a: slot, b: value)
                let changed = Operand.register(scope.take())
                emit(.setIndex, n: items.count, a: changed, b: holder, c: Operand.register(first))
                try storeBack(base, changed)
            default:
                throw fail("assign.target", "only a name, a field or an element can be assigned to", target.span)
            }
        }
    }

    /// Writes a changed value type back to its owner; a reference type has changed in place and gives `unbound`.
    private func storeBack(_ base: Expression, _ changed: UInt32) throws {
        switch base.kind {
        case .name, .field, .index:
            let skip = emit(.check, n: 1, a: changed)
            try store(base, changed)
            code.instructions[skip].c = here
        default: break
        }
    }

    /// `x[0] = 3` in a function changes the function's own x: it begins as the outer one.
    private func takeOwnCopy(_ base: Expression) throws {
        guard case .name(let n) = base.kind, case .register(let r)? = scope.find(n),
            !code.parameters.contains(where: { $0.name == n })
        else { return }
        let skip = emit(.check, a: Operand.register(r))
        let slot = isPrelude ? try globals.baseSlot(n) : try globals.userSlot(n)
        emit(.move, a: Operand.register(r), b: Operand.global(slot))
        code.instructions[skip].c = here
    }

    // MARK: expect

    private func expect(_ e: Expression) throws {
        if case .comparison(let operands, let ops, _) = e.kind, operands.count == 2 {
            let base = try window(operands)
            let result = Operand.register(scope.take())
            at(e) {
                emit(Compiler.opcode(ops[0]), a: result, b: base, c: base + 1)
                emit(.expect, n: 1, b: result, c: base)
            }
        } else {
            let value = try expression(e, into: nil)
            at(e) { _ = emit(.expect, b: value) }
        }
    }
}

extension Opcode {
    /// Whether the instruction can leave a tensor in a temporary.
    var mayHoldTensor: Bool {
        switch self {
        case .call, .callMethod, .index, .getField, .getMember, .matmul, .getCell, .destructure, .loopNext: true
        default: false
        }
    }
}
