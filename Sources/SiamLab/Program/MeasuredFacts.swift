import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What the program measures, on what data, and in which mode of its net.
extension TrainingModel {
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

    func comparesDirections(_ name: String, _ seen: inout Set<String>) -> Bool {
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

    static let measures = Set(Builtins.core.filter { $0.family.hasSuffix("metrics") }.map(\.name)).union(["inspect"])

    /// Those of them that measure distances between embeddings, not outputs against targets.
    private static let ofEmbeddings = Set(Builtins.core.filter { $0.family == "metrics" }.map(\.name)).union(["inspect"]
    )

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
        guard trainIndex >= 0, namesInNets.contains(where: dependsOnMode) else { return nil }
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

    /// The names that the trained nets are made of, values, layers and functions of the program followed.
    private var namesInNets: Set<String> {
        var found: Set<String> = []
        var open = train.nets
        while let next = open.popLast() {
            next.walk { e in
                guard case .name(let n) = e.kind, found.insert(n).inserted else { return }
                if let value = values[n] { open.append(value.expression) }
                if let made = functions[n]?.0.result { open.append(made) }
                switch layers[n]?.0.form {
                case .pipeline(let stages)?: open.append(stages)
                case .members(let members)?:
                    for case .part(_, let part) in members { open.append(part) }
                case nil: break
                }
            }
        }
        return found
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
}
