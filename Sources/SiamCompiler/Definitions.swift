import SiamInterpreter
import SiamLanguage

/// Functions, losses and layers as code that makes them.
package extension Compiler {
    func define(_ f: FunctionDefinition, _ s: Statement) throws {
        let index = try function(
            name: f.name.text, role: f.role == .loss ? .loss : .fn, parameters: f.parameters, body: f.body, span: s.span
        )
        code.codes[index].help = f.help
        code.codes[index].definition = s
        let value = closure(index, nil)
        try store(f.name.text, value, f.name.span)
    }

    func define(_ l: LayerDefinition, _ s: Statement) throws {
        var members: [String: Int] = [:]
        var locals: [Statement] = [s]
        if case .members(let list) = l.form {
            var count = 0
            for member in list {
                switch member {
                case .parameter(let n, _, _), .state(let n, _, _):
                    members[n.text] = count
                    count += 1
                case .part(let n, let e):
                    members[n.text] = count
                    count += 1
                    locals.append(Statement(.assign([Expression(.name(n.text), n.span)], e), n.span))
                case .forward: break
                }
            }
        }
        let index = try function(
            name: l.name.text, role: .layer, parameters: l.parameters, body: .block(Block(locals, s.span)), span: s.span
        ) { inner in
            var plan = LayerPlan()
            switch l.form {
            case .pipeline(let e):
                plan.isPipeline = true
                let value = try inner.expression(e, into: nil)
                inner.code.layerPlan = plan
                let result = Operand.register(inner.scope.take())
                inner.at(e) { _ = inner.emit(.makeLayer, a: result, b: value) }
                inner.emit(.returnValue, b: result)
            case .members(let list):
                try inner.members(list, members, &plan)
            }
        }
        code.codes[index].help = l.help
        code.codes[index].definition = s
        let value = closure(index, nil)
        try store(l.name.text, value, l.name.span)
    }

    private func members(_ list: [LayerDefinition.Member], _ members: [String: Int], _ plan: inout LayerPlan) throws {
        let input = Parameter(name: Name("in", code.span))
        // Own variables of the constructor must not hide the members in forward and in the shapes.
        for member in list {
            switch member {
            case .parameter(let n, let shape, let initial), .state(let n, let shape, let initial):
                let dims = Expression(.bracket(shape), n.span)
                let shapeIndex = try function(
                    name: n.text, role: .forward, parameters: [input], body: .expression(dims), span: n.span,
                    members: members)
                let initialIndex = try function(
                    name: n.text, role: .forward, parameters: [input], body: .expression(initial), span: initial.span,
                    members: members)
                var isState = false
                if case .state = member { isState = true }
                plan.slots.append(
                    .init(kind: isState ? .state : .parameter, name: n.text, shape: shapeIndex, initial: initialIndex))
            case .part(let n, let e):
                try store(n.text, try expression(e, into: nil), n.span)
                plan.slots.append(.init(kind: .part, name: n.text, shape: -1, initial: -1))
            case .forward(let names, let body):
                guard plan.forward < 0 else {
                    throw fail("layer.forward", "\(code.name) has two forwards", names.first?.span ?? code.span)
                }
                plan.forward = try function(
                    name: code.name, role: .forward, parameters: names.map { Parameter(name: $0) }, body: body,
                    span: code.span,
                    members: members)
            }
        }
        guard plan.forward >= 0 else {
            throw fail(
                "layer.forward", "\(code.name) has no forward", code.span,
                repair: LayerDefinition.forward(of: list))
        }
        code.layerPlan = plan
        let base = scope.take(1 + plan.slots.count * 2)
        var next = UInt32(truncatingIfNeeded: base)
        func put(_ index: Int) {
            emit(.makeClosure, a: next, b: UInt32(truncatingIfNeeded: index))
            next += 1
        }
        put(plan.forward)
        for slot in plan.slots {
            if slot.kind == .part {
                let value = try read(slot.name, into: next)
                if value != next { emit(.move, a: next, b: value) }
                next += 2
            } else {
                put(slot.shape)
                put(slot.initial)
            }
        }
        let result = Operand.register(scope.take())
        emit(.makeLayer, n: 1, a: result, c: Operand.register(base))
        emit(.returnValue, b: result)
    }
}
