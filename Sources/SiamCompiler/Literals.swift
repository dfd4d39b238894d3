import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Texts with values in them, and bracket literals, which become constants where they can.
package extension Compiler {
    func text(_ parts: [TextPart], _ wanted: UInt32?) throws -> UInt32 {
        if parts.allSatisfy({ if case .literal = $0 { true } else { false } }) {
            return constant(Value(parts.map { if case .literal(let s) = $0 { s } else { "" } }.joined()))
        }
        let base = scope.nextRegister
        for part in parts {
            let value = Operand.register(scope.take())
            let format = Operand.register(scope.take())
            switch part {
            case .literal(let s):
                emit(.move, a: value, b: constant(Value(s)))
                emit(.move, a: format, b: constant(.none))
            case .value(let e, let spec):
                try expression(e, storedIn: value)
                emit(.move, a: format, b: constant(spec.map { Value($0) } ?? .none))
            }
            scope.nextRegister = base + (Int(format) - base) + 1
        }
        scope.nextRegister = base
        let t = target(wanted)
        emit(.makeText, n: parts.count & 255, m: parts.count >> 8, a: t, c: Operand.register(base))
        return t
    }

    func bracket(_ items: [Expression], _ wanted: UInt32?) throws -> UInt32 {
        if !items.isEmpty, let folded = Compiler.fold(items) { return constant(.tensor(folded)) }
        let mark = scope.nextRegister
        let base = try window(items)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.makeBracket, n: items.count & 255, m: items.count >> 8, a: t, c: base)
        return t
    }

    /// A literal of numbers, made once.
    private static func fold(_ items: [Expression]) -> Tensor? {
        var values: [Float] = []
        guard let dims = literalShape(items, into: &values), let shape = try? Shape(dims) else { return nil }
        return try? Tensor(shape, values)
    }

    private static func literalShape(_ items: [Expression], into values: inout [Float]) -> [Int]? {
        var inner: [Int]?
        for item in items {
            let shape: [Int]
            switch item.kind {
            case .number(let x, _):
                values.append(Float(x))
                shape = []
            case .unary(.minus, let e):
                guard case .number(let x, _) = e.kind else { return nil }
                values.append(Float(-x))
                shape = []
            case .bracket(let deeper):
                guard !deeper.isEmpty, let found = literalShape(deeper, into: &values) else { return nil }
                shape = found
            default: return nil
            }
            if let inner, inner != shape { return nil }
            inner = shape
        }
        return [items.count] + (inner ?? [])
    }
}
