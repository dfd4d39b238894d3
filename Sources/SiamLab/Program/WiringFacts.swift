import SiamCompiler
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Facts about a run that its text alone tells.
extension TrainingModel {
    /// Whether the loss compares directions, not distances: it, or what it calls, normalises or takes a cosine or a dot product.
    var isCosine: Bool {
        guard let call = lossCall, let name = call.call?.name else { return false }
        // A distance that is named in the call decides; else the loss's own.
        if let given = argument("distance", of: call), case .name(let n) = given.expression.kind {
            return ["cosine", "dot"].contains(n)
        }
        if parameters(of: name).contains("distance") { return false }
        var seen: Set<String> = []
        return comparesDirections(name, &seen)
    }

    /// Whether embeddings end in length one, so that cosine and distance order pairs alike.
    var endsInUnitLength: Bool { stages.last?.name == "l2norm" }

    /// Whether a name is that of a loss of the language.
    static func isLoss(_ name: String) -> Bool {
        Prelude.definition(name)?.role == "loss" || LossNames.ofTargets.contains(name)
    }

    /// Whether a name has its value before a place of the same text.
    func isGiven(_ name: String, before spot: ExpressionReference) -> Bool {
        statements.contains { statement, document in
            guard case .assign(let targets, _) = statement.kind, document == spot.document,
                statement.span.end <= spot.expression.span.start
            else { return false }
            return targets.contains { if case .name(name) = $0.kind { true } else { false } }
        }
    }

    /// What the run draws from: the data of its source, else what the program's own maker of pairs is given.
    func data(of run: SiamRuntime.Run, _ session: Session) -> Dataset? {
        if let known = (run.source as? SourceThing)?.dataset { return known.dataset }
        guard makesPairs, let given = source.call?.arguments.first(where: { $0.name == nil }),
            case .name(let name) = given.value.kind,
            case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name)
        else { return nil }
        return d.dataset
    }

    /// The default of a parameter of the program's layers and functions, by its name.
    func standardOfLayers(_ name: String) -> Double? {
        for (d, k) in layers.values {
            if let e = d.parameters.first(where: { $0.name.text == name })?.defaultValue {
                return number(ExpressionReference(document: k, expression: e))?.value
            }
        }
        for (d, k) in functions.values {
            if let e = d.parameters.first(where: { $0.name.text == name })?.defaultValue {
                return number(ExpressionReference(document: k, expression: e))?.value
            }
        }
        return nil
    }

    /// What the program's own layers compute, expression by expression.
    var forwards: [ExpressionReference] {
        var found: [ExpressionReference] = []
        for (d, k) in layers.values.sorted(by: { $0.0.name.text < $1.0.name.text }) {
            guard case .members(let members) = d.form else { continue }
            for case .forward(_, let body) in members {
                found += body.values.map { ExpressionReference(document: k, expression: $0) }
            }
        }
        return found
    }

    /// A rate that is a function of the step.
    func ownSchedule(_ rate: ExpressionReference) -> ExpressionReference? {
        switch rate.expression.kind {
        case .lambda: return rate
        case .name(let name): return functions[name] == nil ? nil : rate
        default: return nil
        }
    }

    /// The functions of the program that an expression calls, those that they call in turn behind them, and how each is
    /// called first.
    func called(in spots: [ExpressionReference]) -> [(
        function: FunctionDefinition, document: Int, call: ExpressionReference
    )] {
        var found: [(function: FunctionDefinition, document: Int, call: ExpressionReference)] = []
        var open = spots
        while let next = open.first {
            open.removeFirst()
            next.expression.walk { x in
                guard case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, let (d, k) = functions[n],
                    !found.contains(where: { $0.function.name.text == n })
                else { return }
                found.append((d, k, next.with(x)))
                d.body.walk { inner in
                    if case .call = inner.kind { open.append(ExpressionReference(document: k, expression: inner)) }
                }
            }
        }
        return found
    }

    /// Factors of a product, in the order of the text.
    static func factors(_ e: Expression) -> [Expression] {
        if case .binary(.multiply, let l, let r, _) = e.kind { return factors(l) + factors(r) }
        return [e]
    }
}

extension Body {
    /// What its statements assign and give, in the order of the text.
    var values: [Expression] {
        switch self {
        case .expression(let e): return [e]
        case .block(let block):
            return block.statements.compactMap { s in
                switch s.kind {
                case .expression(let e), .assign(_, let e), .returnValue(.some(let e)): return e
                default: return nil
                }
            }
        }
    }
}

extension FunctionDefinition {
    /// What it gives, where its text ends in an expression.
    var result: Expression? {
        switch body {
        case .expression(let e): return e
        case .block(let block):
            switch block.statements.last?.kind {
            case .expression(let e), .returnValue(.some(let e)): return e
            default: return nil
            }
        }
    }
}
