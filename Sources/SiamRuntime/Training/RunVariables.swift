import SiamTensor

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
            for r in 0..<min(code.localCount, registers.count) { registers[r] = interpreter.stack[frame.base + r] }
        }
    }
}
