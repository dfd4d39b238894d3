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
    /// Whether the evaluation after the training compares directions and no distances.
    var comparesDirectionsLater: Bool {
        var (directions, distances) = (false, false)
        for statement in chart.later {
            statement.walk { e in
                guard case .call(let f, _, _) = e.kind, case .name(let name) = f.kind else { return }
                var seen: Set<String> = []
                if name == "cosine" || functions[name] != nil && comparesDirections(name, &seen) { directions = true }
                if TrainingModel.measures.contains(name) && name != "auc" && name != "eer" || name == "euclidean" {
                    distances = true
                }
            }
        }
        return directions && !distances
    }
    private func comparesDirections(_ name: String, _ seen: inout Set<String>) -> Bool {
        guard seen.count < 12, seen.insert(name).inserted else { return false }
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
        for name in called where comparesDirections(name, &seen) { return true }
        return false
    }

    /// Whether embeddings end in length one, so that cosine and distance order pairs alike.
    var endsInUnitLength: Bool { stages.last?.name == "l2norm" }

    static let measures = Set(Builtins.core.filter { $0.family.hasSuffix("metrics") }.map(\.name)).union(["inspect"])
    /// Those of them that measure distances between embeddings, not outputs against targets.
    private static let ofEmbeddings = Set(Builtins.core.filter { $0.family == "metrics" }.map(\.name)).union(["inspect"]
    )

    /// Whether a name is that of a loss of the language.
    static func isLoss(_ name: String) -> Bool {
        Prelude.definition(name)?.role == "loss" || LossNames.ofTargets.contains(name)
    }

    /// Names that are passed to measures of embeddings anywhere in the program: the data it is evaluated on.
    var judgedOn: Set<String> {
        var names: Set<String> = []
        func look(_ arguments: [Argument]) {
            for a in arguments {
                var value = a.value
                if case .field(let owner, _) = value.kind { value = owner }
                if case .name(let name) = value.kind { names.insert(name) }
            }
        }
        visitMeasures(TrainingModel.measures, look)
        // Behind the training a loss is a measure.
        for statement in chart.later {
            statement.walk { e in
                guard case .call(let f, let arguments, _) = e.kind, case .name(let name) = f.kind,
                    TrainingModel.isLoss(name)
                else { return }
                look(arguments)
            }
        }
        return names
    }
    /// Whether the program measures an embedding.
    var measuresEmbedding: Bool {
        func names(_ nets: [Expression]) -> Set<String> {
            Set(nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        }
        let own = names(train.nets)
        var others = Set<String>()
        for (s, _) in statements {
            s.walk { e in if case .train(let t) = e.kind { others.formUnion(names(t.nets)) } }
        }
        others.subtract(own)
        var found = false
        visitMeasures(TrainingModel.ofEmbeddings) { arguments in
            var given = Set<String>()
            for a in arguments { a.value.walk { if case .name(let n) = $0.kind { given.insert(n) } } }
            // What another training of the program made is not this one's.
            if given.isDisjoint(with: others) || !given.isDisjoint(with: own) { found = true }
        }
        return found
    }
    /// Whether the program measures its embedding without normalising it first.
    var isMeasured: Bool {
        var found = false
        visitMeasures(TrainingModel.ofEmbeddings) { arguments in
            var isUnit = false
            for a in arguments { a.value.walk { if case .name("l2norm") = $0.kind { isUnit = true } } }
            if !isUnit { found = true }
        }
        return found
    }
    private func visitMeasures(_ measures: Set<String>, _ visit: ([Argument]) -> Void) {
        for statement in statements.map(\.0) + chart.later {
            statement.walk { e in
                if case .call(let f, let arguments, _) = e.kind, case .name(let name) = f.kind,
                    measures.contains(name)
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

    /// A number that the body of a `train` reports in each step from rows that are not the batch's, by a net that does
    /// something else in training.
    var reportInTrainingMode: String? {
        guard trainIndex >= 0, stages.contains(where: { dependsOnMode($0.name) }) else { return nil }
        let nets = Set(train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        let ofStep = MeasuredInside.namesOfStep(train)
        for s in train.body.statements {
            guard case .report(let name, let value) = s.kind else { continue }
            var isOfOthers = false
            value.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, nets.contains(n) else {
                    return
                }
                var ofBatch = arguments.isEmpty
                for a in arguments {
                    a.value.walk { if case .name(let n) = $0.kind, ofStep.contains(n) { ofBatch = true } }
                }
                if !ofBatch { isOfOthers = true }
            }
            if isOfOthers { return name.text }
        }
        return nil
    }

    /// Whether a layer, of the library or of the program, does something else in training: its forward asks for the mode.
    private func dependsOnMode(_ layer: String) -> Bool {
        if let (own, _) = layers[layer] { return TrainingModel.asksForMode(own) }
        return TrainingModel.dependingOnMode.contains(layer)
    }
    private static let dependingOnMode = Set(
        Prelude.definitions.filter { d in
            guard d.role == "layer",
                case .layer(let layer)? = Parser.parse(Source(name: d.file, kind: .prelude, text: d.text)).program
                    .statements.first?.kind
            else { return false }
            return asksForMode(layer)
        }.map(\.name))
    private static func asksForMode(_ layer: LayerDefinition) -> Bool {
        guard case .members(let members) = layer.form else { return false }
        var asks = false
        for case .forward(_, let body) in members {
            body.walk { if case .name("training") = $0.kind { asks = true } }
        }
        return asks
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
    /// What the run draws from: the data of its source, else what the program's own maker of pairs is given.
    func data(of run: SiamRuntime.Run, _ session: Session) -> Dataset? {
        if let known = (run.source as? SourceThing)?.dataset { return known.dataset }
        guard makesPairs, let given = source.call?.arguments.first(where: { $0.name == nil }),
            case .name(let name) = given.value.kind,
            case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name)
        else { return nil }
        return d.dataset
    }
    /// Pairs as siam draws them, in place of the program's own.
    var pairsInstead: [Change] {
        guard makesPairs, let data = source.call?.arguments.first(where: { $0.name == nil }) else { return [] }
        let size = source.call?.arguments.dropFirst().first.map { ", " + text(source.with($0.value)) } ?? ""
        let instead = "pairs(\(text(source.with(data.value)))\(size)).next()"
        return [Change(label: "\(instead) instead of \(text(source))", edits: [source.replaced(by: instead)])]
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
    /// edit that leaves the step's own gradients. An average that forgets, `0.9 * m + g`, is none.
    var pileUps: [(name: String, edit: TextEdit)] {
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
            var edit: TextEdit?
            value.walk { x in
                guard edit == nil, case .binary(.add, let l, let r, _) = x.kind else { return }
                let rest = WrittenLoop.root(l) == name ? r : WrittenLoop.root(r) == name ? l : nil
                guard let rest, isGradient(rest) else { return }
                edit = ExpressionReference(document: trainDocument, expression: x).replaced(
                    by: text(rest, trainDocument))
            }
            return edit.map { (name, $0) }
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
        case .binary(.divide, let l, _, _): WrittenLoop.root(l) != nil
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
