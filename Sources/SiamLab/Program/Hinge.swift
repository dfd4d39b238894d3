import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A hand-written hinge loss: `relu(margin - d)` of pairs, `relu(p - n + margin)` of triplets, by whatever name.
struct Hinge {
    /// Its source text.
    var number: Double
    /// The place of the margin in the source.
    var spot: ExpressionReference
    /// Whether the distance inside is a squared one.
    var isSquared: Bool
    var isOfPairs: Bool

    /// In the units of a distance.
    var margin: Double { isSquared && isOfPairs && number > 0 ? number.squareRoot() : number }
}

extension TrainingModel {
    /// The hinge of what is minimized: in the body of the `train`, else in the functions that it calls.
    var hinge: Hinge? {
        var here: [ExpressionReference] = []
        for s in train.body.statements {
            if case .assign(_, let value) = s.kind {
                here.append(ExpressionReference(document: trainDocument, expression: value))
            }
        }
        if let found = HingeReader(self, train.body.statements).hinge(in: here + losses) { return found }
        for (d, k, call) in called(in: losses.map(lossValue) + here) {
            var statements: [Statement] = []
            if case .block(let block) = d.body { statements = block.statements }
            var inside: [ExpressionReference] = []
            d.body.walk { inside.append(ExpressionReference(document: k, expression: $0)) }
            if let found = HingeReader(self, statements, d, call).hinge(in: inside) { return found }
        }
        return nil
    }
}

private struct HingeReader {
    let wiring: TrainingModel
    let function: FunctionDefinition?
    let call: ExpressionReference?
    private var squares: Set<String> = []

    init(
        _ wiring: TrainingModel, _ statements: [Statement], _ function: FunctionDefinition? = nil,
        _ call: ExpressionReference? = nil
    ) {
        (self.wiring, self.function, self.call) = (wiring, function, call)
        for case .assign(let targets, let value) in statements.map(\.kind) where targets.count == 1 {
            if case .name(let n)? = targets.first?.kind, isSquare(value) { squares.insert(n) }
        }
    }

    func hinge(in spots: [ExpressionReference]) -> Hinge? {
        var found: Hinge?
        for spot in spots where found == nil {
            spot.expression.walk { e in
                if found == nil, let inside = cut(e) { found = read(spot.with(inside)) }
            }
        }
        return found
    }

    /// What is cut at 0 from below.
    private func cut(_ e: Expression) -> Expression? {
        guard case .call(let f, let arguments, _) = e.kind, case .name(let name) = f.kind, let first = arguments.first
        else { return nil }
        switch name {
        case "relu": return first.value
        case "maximum", "max", "clamp":
            guard arguments.count >= 2 else { return nil }
            if case .number(0, _) = arguments[1].value.kind { return first.value }
            if case .number(0, _) = first.value.kind { return arguments[1].value }
            return nil
        default: return nil
        }
    }

    private func read(_ spot: ExpressionReference) -> Hinge? {
        guard case .binary(let sign, let left, let right, _) = spot.expression.kind else { return nil }
        switch sign {
        case .subtract:
            guard number(spot.with(right)) == nil, let margin = number(spot.with(left)) else { return nil }
            return Hinge(number: margin.value, spot: margin.spot, isSquared: isSquare(right), isOfPairs: true)
        case .add:
            let (l, r) = (number(spot.with(left)), number(spot.with(right)))
            guard (l == nil) != (r == nil), let margin = l ?? r else { return nil }
            let rest = l == nil ? left : right
            guard case .binary(.subtract, let p, let n, _) = rest.kind else { return nil }
            return Hinge(
                number: margin.value, spot: margin.spot, isSquared: isSquare(p) && isSquare(n), isOfPairs: false)
        default: return nil
        }
    }

    private func number(_ spot: ExpressionReference) -> (value: Double, spot: ExpressionReference)? {
        if case .name(let n) = spot.expression.kind, let call,
            let parameter = function?.parameters.first(where: { $0.name.text == n })
        {
            if let given = wiring.argument(n, of: call) { return wiring.number(given) }
            return parameter.defaultValue.flatMap { wiring.number(spot.with($0)) }
        }
        return wiring.number(spot)
    }

    private func isSquare(_ e: Expression) -> Bool {
        switch e.kind {
        case .name(let n):
            if squares.contains(n) { return true }
            guard let call, function?.parameters.contains(where: { $0.name.text == n }) == true,
                let given = wiring.argument(n, of: call)
            else { return false }
            // In the body of the training, where the call stands.
            return HingeReader(wiring, wiring.train.body.statements).isSquare(given.expression)
        case .call(let f, let arguments, _):
            guard case .name(let n) = f.kind else { return false }
            if n == "squared" { return true }
            if n == "sum", let first = arguments.first?.value, case .binary(.power, _, let two, _) = first.kind,
                case .number(2, _) = two.kind
            {
                return true
            }
            if let (inner, _) = wiring.functions[n], case .expression(let body) = inner.body { return isSquare(body) }
            return false
        case .binary(.power, let inner, let two, _):
            if case .number(2, _) = two.kind, case .call(let f, _, _) = inner.kind, case .name(let n) = f.kind {
                return n == "euclidean"
            }
            return false
        default: return false
        }
    }
}
