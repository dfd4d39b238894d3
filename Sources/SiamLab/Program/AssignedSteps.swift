import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Steps that a program takes by assignments.
extension TrainingModel {
    /// Whether what stands for the optimizer is an assignment's value, `h.w - 0.1 * g.w`.
    var updatesByAssignment: Bool {
        WrittenLoop.flat(train.body.statements).contains { s in
            guard case .assign(_, let value) = s.kind else { return false }
            return value.span.start == train.optimizer.span.start && value.span.end == train.optimizer.span.end
        }
    }

    /// Steps that are written out, `w = w - 0.1 * g`: which way they go, where the sign stands, and the number that the rest
    /// is multiplied by. Sums of gradients have none.
    var assignedSteps: [(sign: BinaryOperator, place: Span, rate: (value: Double, spot: ExpressionReference))] {
        let nets = Set(train.nets.compactMap(WrittenLoop.root))
        return WrittenLoop.flat(train.body.statements).compactMap { s in
            guard case .assign(let targets, var value) = s.kind, let target = targets.first,
                let name = WrittenLoop.root(target), nets.contains(name)
            else { return nil }
            // `track(detach(w - 0.1 * g))`: the same numbers.
            while case .call(let f, let arguments, _) = value.kind, case .name(let wrap) = f.kind,
                wrap == "track" || wrap == "detach", let a = arguments.first
            {
                value = a.value
            }
            guard case .binary(let sign, let old, let by, let place) = value.kind, old == target,
                sign == .subtract || sign == .add,
                let rate = factor(ExpressionReference(document: trainDocument, expression: by), 0)
            else { return nil }
            return (sign, place, rate)
        }
    }

    /// The numbers that multiply what the weights are changed by, where they are written.
    var assignedRates: [(value: Double, spot: ExpressionReference)] {
        var found: [(value: Double, spot: ExpressionReference)] = []
        for step in assignedSteps
        where !found.contains(where: { $0.spot.isAt(step.rate.spot) }) {
            found.append(step.rate)
        }
        return found
    }

    /// Sums of gradients that a loop adds to in each step and never sets back, though the weights are changed by them; and the
    /// edits that leave the step's own gradients. An average that forgets, `0.9 * m + g`, is none.
    var pileUps: [(name: String, edits: [TextEdit])] {
        var assigned: [String: Int] = [:]
        var usedBy: [String: Set<String>] = [:]
        func read(_ statements: [Statement]) {
            for s in statements {
                switch s.kind {
                case .assign(let targets, let value):
                    let names = targets.compactMap(WrittenLoop.root)
                    for n in names { assigned[n, default: 0] += 1 }
                    value.walk { x in
                        if case .name(let n) = x.kind { usedBy[n, default: []].formUnion(names) }
                    }
                case .expression(let e):
                    if case .call(let f, let arguments, _) = e.kind, case .name("update") = f.kind {
                        for a in arguments {
                            if let n = WrittenLoop.root(a.value) { usedBy[n, default: []].insert("") }
                        }
                    }
                default: break
                }
                for b in s.innerBlocks { read(b.statements) }
            }
        }
        read(train.body.statements)
        let nets = Set(train.nets.compactMap(WrittenLoop.root)).union([""])
        return WrittenLoop.flat(train.body.statements).compactMap { s in
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                let name = WrittenLoop.root(targets[0]),
                assigned[name] == 1, starts[name].map({ $0.expression.span.start < value.span.start }) == true,
                !(usedBy[name] ?? []).subtracting([name]).isDisjoint(with: nets)
            else { return nil }
            // A record of sums has one for each of its fields.
            var edits: [TextEdit] = []
            value.walk { x in
                guard case .binary(.add, let l, let r, _) = x.kind else { return }
                let rest = WrittenLoop.root(l) == name ? r : WrittenLoop.root(r) == name ? l : nil
                guard let rest, isGradient(rest),
                    !edits.contains(where: { $0.start <= x.span.start && x.span.end <= $0.end })
                else { return }
                edits.append(
                    ExpressionReference(document: trainDocument, expression: x).replaced(by: text(rest, trainDocument)))
            }
            return edits.isEmpty ? nil : (name, edits)
        }
    }

    /// Names in the training loop that hold gradients, or what was made of gradients alone.
    var gradientNames: Set<String> {
        var found = Set<String>()
        func holds(_ e: Expression) -> Bool {
            var holds = false
            e.walk { x in
                if case .call(let f, _, _) = x.kind, case .name("grad") = f.kind { holds = true }
                if case .name(let n) = x.kind, found.contains(n) { holds = true }
            }
            return holds
        }
        let nets = Set(train.nets.compactMap(WrittenLoop.root))
        // What is made of what was made of them comes to light round by round.
        for _ in 0..<3 {
            for s in WrittenLoop.flat(train.body.statements) {
                guard case .assign(let targets, let value) = s.kind, holds(value) else { continue }
                found.formUnion(targets.compactMap(WrittenLoop.root).filter { !nets.contains($0) })
            }
        }
        return found
    }

    /// A name or a part of one, whatever number it is divided or multiplied by.
    private func isGradient(_ e: Expression) -> Bool {
        switch e.kind {
        case .call(let f, _, _): if case .name("grad") = f.kind { true } else { false }
        case .binary(.divide, let l, _, _): isGradient(l)
        case .binary(.multiply, let l, let r, _): WrittenLoop.root(l) != nil || WrittenLoop.root(r) != nil
        default: WrittenLoop.root(e) != nil
        }
    }

    /// A number that a product holds.
    private func factor(_ spot: ExpressionReference, _ depth: Int) -> (value: Double, spot: ExpressionReference)? {
        guard depth < 8 else { return nil }
        switch spot.expression.kind {
        case .binary(.multiply, let l, let r, _):
            return number(spot.with(l)) ?? number(spot.with(r)) ?? factor(spot.with(l), depth + 1)
                ?? factor(spot.with(r), depth + 1)
        case .binary(.divide, let l, _, _): return number(spot.with(l)) ?? factor(spot.with(l), depth + 1)
        case .unary(.minus, let inner): return factor(spot.with(inner), depth + 1)
        default: return nil
        }
    }
}
