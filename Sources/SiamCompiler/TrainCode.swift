import SiamInterpreter
import SiamLanguage

/// `train` and `sweep`: their parts in registers, their bodies as chunks of code.
package extension Compiler {
    func train(_ t: Train, _ wanted: UInt32?) throws -> UInt32 {
        let mark = scope.nextRegister
        func held(_ e: Expression) throws -> UInt32 {
            let r = Operand.register(scope.take())
            try expression(e, storedIn: r)
            return r
        }
        let nets = try t.nets.map(held)
        let sourceValue = try held(t.source)
        let length = try t.length.map(held)
        let optimizer = try held(t.optimizer)
        let log = try t.log.map(held)
        let names = t.names.isEmpty ? t.boundNames.map { Name($0, t.head) } : t.names
        let targets = try names.map { try operand($0.text) }
        var assignedNames: [String] = []
        NameScan.assigned(t.body.statements, into: &assignedNames)
        let assigned = try assignedNames.map { try operand($0) }
        var inner = Context(inTrain: true, isChunk: true)
        inner.canReturn = context.canReturn
        // What the program calls so itself stays what it is; an earlier run is not the one that is running.
        inner.ownNames = Set(
            Train.ownNames.filter { name in
                if assignedNames.contains(name) || names.contains(where: { $0.text == name }) { return false }
                if scope.find(name) != nil { return name == "run" }
                guard globals.isUserName(name) else { return true }
                if case .thing? = globals.valueIfReady(name) { return name == "run" }
                return false
            })
        let body = try chunk(t.body, name: "train", context: inner)
        code.trainPlans.append(
            TrainPlan(
                nets: nets, netTexts: t.nets.map { source.text($0.span) }, source: sourceValue, names: targets,
                nameTexts: names.map(\.text), length: length, inEpochs: t.unit == .epochs, optimizer: optimizer,
                log: log, body: body, assigned: assigned, syntax: t))
        scope.nextRegister = mark
        let result = wanted ?? Operand.register(scope.take())
        let returned = Operand.register(scope.take())
        emit(.train, a: result, b: UInt32(truncatingIfNeeded: code.trainPlans.count - 1), c: returned)
        if context.canReturn, code.role != .chunk {
            // A return inside the body leaves the function.
            let skip = emit(.check, n: 1, a: returned)
            emit(.returnValue, b: returned)
            code.instructions[skip].c = here
        }
        return result
    }

    /// Where a variable lives, for the training loop to put batches in: a register (perhaps with a cell in it) or a global.
    private func operand(_ name: String) throws -> UInt32 {
        switch try place(name) {
        case .register(let r), .cell(let r): Operand.register(r)
        case .global(let slot): Operand.global(slot)
        default:
            throw fail("train.name", "\(name) belongs to an outer function or layer here; use another name", code.span)
        }
    }

    func sweep(_ s: Sweep, _ wanted: UInt32?) throws -> UInt32 {
        let mark = scope.nextRegister
        let values = try s.axes.map { axis in
            let r = Operand.register(scope.take())
            try expression(axis.value, storedIn: r)
            return r
        }
        let targets = try s.axes.map { try operand($0.name.text) }
        var assignedNames: [String] = []
        NameScan.assigned(s.body.statements, into: &assignedNames)
        let assigned = try assignedNames.map { try operand($0) }
        var inner = Context(inSweep: true)
        inner.canReturn = false
        let body = try chunk(s.body, name: "sweep", context: inner)
        code.sweepPlans.append(
            SweepPlan(
                names: s.axes.map(\.name.text), targets: targets, values: values, body: body, assigned: assigned,
                syntax: s))
        scope.nextRegister = mark
        let result = wanted ?? Operand.register(scope.take())
        emit(.sweep, a: result, b: UInt32(truncatingIfNeeded: code.sweepPlans.count - 1))
        return result
    }
}
