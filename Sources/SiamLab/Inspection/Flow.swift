import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// The dependencies between values in one step of a run, or in one pass of a net.
final class FlowThing: Thing, @unchecked Sendable {
    let graph: StepGraph
    let paths: [String]
    private let isStep: Bool

    init(_ graph: StepGraph, paths: [String], isStep: Bool) {
        self.graph = graph
        self.paths = paths
        self.isStep = isStep
    }
    override var kindName: String { "a flow" }
    override var summary: String {
        "flow: \(graph.sides.count) \(graph.sides.count == 1 ? "input" : "inputs"), \(graph.vertices.count { $0.op != nil }) operators"
    }
    override var fieldNames: [String] { ["sides", "task", "shared", "unreached"] }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "sides": return .number(Double(graph.sides.count))
        case "task": return Value(graph.task(batch: []).task.rawValue)
        case "shared": return .bool(isShared)
        case "unreached": return Value(unreached.map { Value($0) })
        default: return nil
        }
    }
    /// Whether all inputs pass through the same parameters.
    private var isShared: Bool { Set(graph.sides.map { graph.parameters(of: $0) }).count <= 1 }
    private var unreached: [String] {
        let reached = graph.reachedParameters
        return paths.indices.filter { !reached.contains($0) }.map { paths[$0] }
    }

    override func display(_ page: Page) -> String {
        var lines: [String] = []
        let first = graph.sides.first.map { graph.parameters(of: $0) }
        for (k, side) in graph.sides.enumerated() {
            let source = graph.vertices[side.birth]
            let part = source.part.map { "part \($0 + 1) of the batch" } ?? "data"
            lines.append("input \(k + 1): \(part), \(source.tensor.shape)")
            if k > 0, graph.parameters(of: side) == first {
                lines.append("  the same parameters as input 1 -> \(graph.vertices[side.end].tensor.shape)")
                continue
            }
            lines += rows(side.path.filter { graph.vertices[$0].op != nil })
        }
        let ends = Set(graph.sides.flatMap { $0.path } + graph.sides.map(\.end))
        let rest = graph.vertices.indices.filter { k in
            graph.vertices[k].isProcessed && !ends.contains(k) && !graph.passes.contains { $0.path.contains(k) }
        }
        if !rest.isEmpty {
            lines.append(graph.sides.count > 1 ? "compared:" : isStep ? "against the targets:" : "then:")
            let shown = page.all ? rest : Array(rest.prefix(24))
            lines += rows(shown)
            if shown.count < rest.count { lines.append("  ... \(rest.count - shown.count) more: show _, all = true") }
        }
        if isStep { lines.append("minimized: \(short(graph.vertices[graph.loss].tensor.item))") }
        if isStep, !unreached.isEmpty { lines.append("not reached: " + unreached.joined(separator: ", ")) }
        return lines.joined(separator: "\n")
    }

    private func rows(_ places: [Int]) -> [String] {
        aligned(
            places.map { k in
                let v = graph.vertices[k]
                let with = v.inputs.compactMap { i -> String? in
                    if let p = graph.vertices[i].parameter, paths.indices.contains(p) { return paths[p] }
                    return graph.vertices[i].part.map { "part \($0 + 1)" }
                }
                return ["  " + (v.op?.name ?? ""), with.joined(separator: ", "), "\(v.tensor.shape)"]
            }, leftColumns: 2)
    }
}

/// How the loss of a recorded step changes when values of the step are changed.
final class ProbeThing: Thing, @unchecked Sendable {
    private let facts: StepFacts
    init(_ facts: StepFacts) { self.facts = facts }
    override var kindName: String { "a probe" }
    override var summary: String { "probe of a step: \(facts.task.rawValue)" }
    override var fieldNames: [String] {
        [
            "task", "pull", "push", "push_ends", "same_distance", "different_distance", "input_scale", "target_scale",
            "end",
        ]
    }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "task": return Value(facts.task.rawValue)
        case "pull": return .number(facts.push?.pull ?? 0)
        case "push": return .number(facts.push?.push ?? 0)
        case "push_ends": return facts.push?.end.map { .number($0) } ?? Value.none
        case "same_distance": return .number(facts.push?.sameDistance ?? 0)
        case "different_distance": return .number(facts.push?.differentDistance ?? 0)
        case "input_scale": return .number(facts.inputScale)
        case "target_scale": return .number(facts.targetScale)
        case "end": return Value(facts.end.map { Value($0) })
        default: return nil
        }
    }
    override func display(_ page: Page) -> String {
        var lines = [summary + ", \(facts.rows) rows per batch"]
        if let push = facts.push {
            lines.append("effect on the loss of moving two embeddings apart, by their distance:")
            lines += push.lines(columns: page.columns - 2, unicode: page.unicode).map { "  " + $0 }
            lines.append(
                "mean distance: positive pairs \(short(push.sameDistance)), negative pairs \(short(push.differentDistance))"
            )
            lines.append(
                push.end.map { "the push ends at distance \(short($0))" }
                    ?? "the push did not end at any distance that was tried")
        }
        lines.append("inputs: root mean square \(short(facts.inputScale))")
        if !facts.end.isEmpty { lines.append("after the last weights: " + facts.end.joined(separator: ", ")) }
        return lines.joined(separator: "\n")
    }
}

extension Laboratory {
    static let flow = Builtin(
        "flow", "what, x = none", family: "inspection",
        """
        The computation graph: of a run that of its next step, from the inputs through layers and parameters to the loss; of a net that of the forward pass net(x). Shared \
        towers are shown once, and parameters that the loss does not depend on are named. `.sides` is the number of inputs, `.shared` tells whether all go \
        through the same parameters, `.unreached` lists the parameters that no input goes through.
        """,
        examples: [("flow(dense(2) >> relu, ones(4, 3)).sides", "1")], seeAlso: ["trace", "summary", "probe"]
    ) { i, a in
        if case .thing(let t) = a[0], let run = t as? SiamRuntime.Run {
            let (graph, _) = try record(of: run, i)
            return .thing(FlowThing(graph, paths: run.parameterPaths.map(\.path), isStep: true))
        }
        let net = try a.layer(0)
        guard case .tensor(let x) = a[1] else { throw a.wrong(1, "a tensor to apply the net to") }
        let outer = Recording.isOn
        Recording.isOn = true
        i.showsEachStage = true
        defer { (Recording.isOn, i.showsEachStage) = (outer, false) }
        let leaf = x.detached().tracked()
        guard case .tensor(let y) = try i.apply(net, .tensor(leaf)),
            let graph = StepGraph(of: y, parameters: net.parameters.map(\.parameter.value), batch: [leaf])
        else { throw a.wrong(0, "a net whose output is a tensor") }
        return .thing(FlowThing(graph, paths: net.parameters.map(\.path), isStep: false))
    }

    static let probe = Builtin(
        "probe", "run", family: "inspection",
        """
        Measures how a training step works, by computing it again with other values. `.pull` and `.push` say how strongly positive pairs are pulled together \
        and negative pairs pushed apart at their present distances (below 0: the reverse), `.push_ends` is the distance from which on negative pairs are left \
        alone: the margin, however it is written. When shown, both are drawn over the distance.
        """,
        examples: [
            (
                "seed 1; net = dense(2); run = train net on pairs(moons(40), 8) as a, b, same for 3 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }; probe(run).task == \"metric\"",
                "true"
            )
        ], seeAlso: ["flow", "diagnose", "inspect"]
    ) { i, a in
        let run = try a.thing(0, SiamRuntime.Run.self, "a run")
        let (graph, batch) = try record(of: run, i)
        var facts = graph.facts(batch: batch, parameters: run.parameters.count)
        let replay = Replay.reader(i.session)
        if let labels = replay.labels(graph, batch) { facts.push = try graph.pushAndPull(labels: labels) }
        return .thing(ProbeThing(facts))
    }

    /// The record of a step of a run's body on a batch of its source, made without changing the run.
    private static func record(of run: SiamRuntime.Run, _ i: Interpreter) throws -> (StepGraph, [Tensor]) {
        try run.open(i)
        guard let source = run.source as? SourceThing else {
            throw Diagnostic(code: "flow.source", "this run has no batch source that can be drawn from again")
        }
        var stream = i.session.stream
        let batch = try source.source.unaugmentedCopy().next(&stream).map { $0.tracked() }
        i.showsEachStage = true
        defer { i.showsEachStage = false }
        guard let loss = try i.rehearse(run, batch.map { .tensor($0) }),
            let graph = StepGraph(of: loss, parameters: run.parameters.map(\.value), batch: batch)
        else { throw Diagnostic(code: "flow.loss", "the body of the run minimizes nothing that depends on its nets") }
        return (graph, batch)
    }
}
