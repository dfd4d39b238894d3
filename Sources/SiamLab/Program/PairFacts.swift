import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// How the program makes and compares pairs, and where their labels come from.
extension TrainingModel {
    /// A distance or a loss in what is minimized whose two sides are one call of a net: `euclidean(net(a), net(a))`. With
    /// dropout in the net the two are different views, and nil is given.
    var comparedWithItself: String? {
        guard !stages.contains(where: { $0.name == "dropout" }) else { return nil }
        var locals: [String: Expression] = [:]
        var all = losses
        for s in train.body.statements {
            guard case .assign(let targets, let value) = s.kind else { continue }
            all.append(ExpressionReference(document: trainDocument, expression: value))
            if targets.count == 1, case .name(let n)? = targets.first?.kind { locals[n] = value }
        }
        func resolved(_ e: Expression) -> Expression {
            if case .name(let n) = e.kind, let value = locals[n] { return value }
            return e
        }
        let nets = Set(train.nets.map { text($0, trainDocument) })
        var found: String?
        for spot in all {
            spot.expression.walk { x in
                guard found == nil, case .call(let f, let arguments, _) = x.kind, arguments.count >= 2,
                    case .name(let name) = f.kind,
                    TrainingModel.comparesPairs(name) || LossNames.ofViews.contains(name),
                    case let one = resolved(arguments[0].value), one == resolved(arguments[1].value),
                    case .call(let net, let given, _) = one.kind, case .name(let n) = net.kind, nets.contains(n),
                    // A function on the way may draw, so that two calls of it are two views.
                    !given.contains(where: { if case .call = resolved($0.value).kind { true } else { false } })
                else { return }
                found = text(spot.with(x))
            }
        }
        return found
    }

    /// Whether a function of the library takes the two sides of pairs, row by row.
    private static func comparesPairs(_ name: String) -> Bool {
        if name == "euclidean" { return true }
        guard let d = Prelude.definition(name) else { return false }
        return d.role == "loss" && d.signature.contains("(a, b") || d.file.contains("distances") && name != "pairwise"
    }

    /// The name of the negatives, where the source draws triplets and the body does without them.
    var unusedNegative: String? {
        guard source.call?.name == "triplets", train.names.count == 3, let last = train.names.last else { return nil }
        var isUsed = false
        for s in train.body.statements { s.walk { if case .name(last.text) = $0.kind { isUsed = true } } }
        return isUsed ? nil : last.text
    }

    /// Whether the program makes its pairs with a user-defined function.
    var makesPairs: Bool {
        guard train.names.count == 3, let name = source.call?.name else { return false }
        return functions[name] != nil
    }

    /// Pairs as siam draws them, in place of the program's own.
    var pairsInstead: [Change] {
        guard makesPairs, let data = source.call?.arguments.first(where: { $0.name == nil }) else { return [] }
        let size = source.call?.arguments.dropFirst().first.map { ", " + text(source.with($0.value)) } ?? ""
        let instead = "pairs(\(text(source.with(data.value)))\(size)).next()"
        return [Change(label: "\(instead) instead of \(text(source))", edits: [source.replaced(by: instead)])]
    }

    /// A label of the training that is drawn at random and decides nothing else: `rand(n) > 0.5`, as written.
    var randomLabel: String? {
        func isDrawn(_ spot: ExpressionReference) -> Bool {
            var at = followed(spot)
            if let name = at.call?.name, let (d, k) = functions[name], let result = d.result {
                at = ExpressionReference(document: k, expression: result)
            }
            guard case .comparison(let operands, _, _) = at.expression.kind, operands.count == 2 else { return false }
            return operands.contains { o in
                if case .call(let f, _, _) = o.kind, case .name("rand") = f.kind { return true }
                return false
            }
        }
        let trained = Set(train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        func uses(_ name: String, _ e: Expression) -> Bool {
            var found = false
            e.walk { if case .name(name) = $0.kind { found = true } }
            return found
        }
        /// Beside what the nets are applied to: a mask of their inputs is no label.
        func usesOutside(_ name: String, _ e: Expression) -> Bool {
            if case .name(name) = e.kind { return true }
            if case .call(let f, _, _) = e.kind, case .name(let net) = f.kind, trained.contains(net) { return false }
            return e.parts.contains { usesOutside(name, $0) }
        }
        if source.call?.name == "batches", train.names.count == 3, let given = source.call?.arguments, given.count > 2,
            given[2].name == nil, case let label = source.with(given[2].value), isDrawn(label)
        {
            return text(followed(label))
        }
        let assigned = train.body.statements.compactMap { s -> (name: String, value: Expression)? in
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let n)? = targets.first?.kind
            else { return nil }
            return (n, value)
        }
        let minimized = losses.map(lossValue)
        for (name, value) in assigned where isDrawn(ExpressionReference(document: trainDocument, expression: value)) {
            let others = assigned.filter { a in a.name != name && !minimized.contains { $0.expression == a.value } }
            if minimized.contains(where: { usesOutside(name, $0.expression) }),
                !others.contains(where: { uses(name, $0.value) })
            {
                return text(value, trainDocument)
            }
        }
        return nil
    }
}
