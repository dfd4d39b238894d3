import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The variables that a body assigns, kept and put back when a run is rewound.
extension Run {
    /// The variables that the body assigns, in the order of the plan: of the frame that is running, or of the one it was left with.
    func variables(_ interpreter: Interpreter) -> [Value] {
        func read(_ frame: Interpreter.Frame) -> [Value] { plan.assigned.map { interpreter.variable($0, in: frame) } }
        if let trainer = interpreter.trainer, trainer.run === self { return read(trainer.frame) }
        return (try? interpreter.inside(self, read)) ?? []
    }

    /// Puts variables back into the frame that the run was left with; nil leaves one as it is.
    func put(variables: [Value?], _ interpreter: Interpreter) throws {
        try interpreter.inside(self) { frame in
            for (operand, value) in zip(plan.assigned, variables) {
                if let value { interpreter.assign(operand, value, in: frame) }
            }
            keepRegisters(interpreter, frame)
        }
    }

    /// Keeps a frame's variables for when the run is taken up again. Temporaries go, and other runs that its text does not
    /// name: each would hold the one before it, and that one its net, its ways back and its own predecessor.
    func keepRegisters(_ interpreter: Interpreter, _ frame: Interpreter.Frame) {
        var named: Set<String> = []
        for part in syntax.nets + [syntax.source, syntax.optimizer] {
            part.walk { if case .name(let n) = $0.kind { named.insert(n) } }
        }
        for statement in syntax.body.statements {
            statement.walk { if case .name(let n) = $0.kind { named.insert(n) } }
        }
        let unnamed = Set(code.variables.filter { !named.contains($0.key) }.values)
        registers = (0..<code.registerCount).map { r in
            guard r < code.localCount else { return .unbound }
            let value = interpreter.stack[frame.base + r]
            if unnamed.contains(r), case .thing(let thing) = value, thing is Run { return .unbound }
            return value
        }
    }
}
