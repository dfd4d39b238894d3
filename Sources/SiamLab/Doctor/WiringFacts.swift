import SiamLanguage
import SiamRuntime

/// Facts about a run that its text alone tells.
extension Wiring {
    /// Whether the loss compares directions, not distances: it, or what it calls, normalises or takes a cosine or a dot product.
    var isCosine: Bool {
        var seen: Set<String> = []
        func comparesDirections(_ name: String, _ depth: Int) -> Bool {
            guard depth < 4, seen.insert(name).inserted else { return false }
            if ["l2norm", "cosine", "dot"].contains(name) { return true }
            var called: [String] = []
            func gather(_ e: Expression) { if case .name(let n) = e.kind { called.append(n) } }
            if let (d, _) = functions[name] {
                d.body.walk(gather)
            } else if let d = Prelude.definition(name), d.role == "loss" {
                Parser.parse(Source(name: d.file, kind: .prelude, text: d.text)).program.statements.forEach {
                    $0.walk(gather)
                }
            } else {
                return false
            }
            return called.contains { comparesDirections($0, depth + 1) }
        }
        guard let call = lossCall, let name = call.call?.name else { return false }
        // A distance that is named in the call decides; else the loss's own.
        if let given = argument("distance", of: call), case .name(let n) = given.expression.kind {
            return ["cosine", "dot"].contains(n)
        }
        if parameters(of: name).contains("distance") { return false }
        return comparesDirections(name, 0)
    }

    /// Whether embeddings end in length one, so that cosine and distance order pairs alike.
    var endsInUnitLength: Bool { stages.last?.name == "l2norm" }

    private static let measures = Set(Builtins.core.filter { $0.family == "metrics" }.map(\.name)).union(["inspect"])

    /// Names that are given to measures of an embedding anywhere in the program: what it is judged on.
    var judgedOn: Set<String> {
        var names: Set<String> = []
        visitMeasures { arguments in
            for a in arguments {
                var value = a.value
                if case .field(let owner, _) = value.kind { value = owner }
                if case .name(let name) = value.kind { names.insert(name) }
            }
        }
        return names
    }
    /// Whether the program measures its embedding at all.
    var isMeasured: Bool {
        var found = false
        visitMeasures { _ in found = true }
        return found
    }
    private func visitMeasures(_ visit: ([Argument]) -> Void) {
        for statement in statements.map(\.0) + chart.later {
            statement.walk { e in
                if case .call(let f, let arguments, _) = e.kind, case .name(let name) = f.kind,
                    Wiring.measures.contains(name)
                {
                    visit(arguments)
                }
            }
        }
    }

    /// Names that one statement makes together with one of these: `unseen` of `seen, unseen = split(...)`.
    func madeBeside(_ names: Set<String>) -> Set<String> {
        var found: Set<String> = []
        for (statement, _) in statements {
            guard case .assign(let targets, _) = statement.kind, targets.count > 1 else { continue }
            let made = Set(targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
            if !made.isDisjoint(with: names) { found.formUnion(made.subtracting(names)) }
        }
        return found
    }

    /// A distance or a loss in what is minimized whose two sides are one call of a net: `euclidean(net(a), net(a))`. With
    /// dropout in the net the two are different views, and nil is given.
    var comparedWithItself: String? {
        guard !stages.contains(where: { $0.name == "dropout" }) else { return nil }
        var locals: [String: Expression] = [:]
        var all = losses
        for s in train.body.statements {
            guard case .assign(let targets, let value) = s.kind else { continue }
            all.append(Spot(document: trainDocument, expression: value))
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
                    case .name(let name) = f.kind, Wiring.comparesPairs(name),
                    case let one = resolved(arguments[0].value), one == resolved(arguments[1].value),
                    case .call(let net, _, _) = one.kind, case .name(let n) = net.kind, nets.contains(n)
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

    /// Factors of a product, in the order of the text.
    static func factors(_ e: Expression) -> [Expression] {
        if case .binary(.multiply, let l, let r, _) = e.kind { return factors(l) + factors(r) }
        return [e]
    }
}
