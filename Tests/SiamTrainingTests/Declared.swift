import SiamCompiler
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamLearning
import SiamLessons
import SiamRuntime
import Testing

/// Programs that train with everything that is declared, one after the other: what is declared tomorrow is among them.
enum Declared {
    struct Program: Sendable, CustomTestStringConvertible {
        let name: String
        /// Up to the `train`.
        let head: String
        let nets: String
        let source: String
        let optimizer: String
        let body: String
        var testDescription: String { name }

        func text(steps: Int) -> String {
            """
            seed 11
            d = digits().sample(60)
            \(head)
            k = 0
            run = train \(nets) on \(source) for \(steps) steps using \(optimizer) {
              k = k + 1
              \(body)
              report k = k
              every 4 steps { report probe = mean(rand(3)) }
            }
            """
        }
    }

    private static let pairNet = "net = flatten >> dense(8) >> relu >> dense(4)"
    private static let pairSource = "pairs(d, 6) as a, b, same"
    private static let pairBody = "minimize contrastive(net(a), net(b), same)"

    static let all: [Program] = optimizers + schedules + sources + augmentations + layers

    private static let optimizers: [Program] = Optimizer.all.flatMap { o -> [Program] in
        let switches = o.parameters.filter { ["momentum", "nesterov", "decay", "clip"].contains($0.name) }
        let full = switches.map { "\($0.name) = 0.5" }.joined(separator: ", ")
        return ["\(o.name)(0.01)", "\(o.name)(0.01\(full.isEmpty ? "" : ", \(full)"))"].map {
            Program(name: $0, head: pairNet, nets: "net", source: pairSource, optimizer: $0, body: pairBody)
        }
    }

    private static let schedules: [Program] = Schedule.all.map { s in
        let numbers = s.parameters.enumerated().filter { $1.defaultValue == nil }.map { k, p in
            k == 0 ? "0.01" : p.name == "factor" ? "0.9" : "4"
        }
        let name = s.name == "cosine" ? "cosine_schedule" : s.name
        let call = "\(name)(\(numbers.joined(separator: ", ")))"
        // `constant` with one number is the initialiser of that name.
        let rate = s.name == "constant" ? "step -> 0.01 / (1 + step)" : call
        return Program(
            name: call, head: pairNet, nets: "net", source: pairSource, optimizer: "adam(\(rate))", body: pairBody)
    }

    /// A call of a source, by the names of its parameters.
    private static let sources: [Program] = builtins("sources").map { b in
        let given: [String] = b.parameters.compactMap { p in
            guard case .unbound = p.defaultValue, !p.isRest else { return nil }
            switch p.name {
            case "d", "x": return "d"
            case "batch": return "6"
            default: return "3"
            }
        }
        let call = "\(b.name)(\(given.joined(separator: ", ")))"
        let body =
            switch b.name {
            case "pairs": "minimize contrastive(net(batch[0]), net(batch[1]), batch[2])"
            case "triplets": "minimize triplet(net(batch[0]), net(batch[1]), net(batch[2]))"
            default: "minimize batch_all(net(batch[0]), batch[1])"
            }
        return Program(
            name: call, head: pairNet, nets: "net", source: "\(call) as batch", optimizer: "adam(0.01)", body: body)
    }

    private static let augmentations: [Program] =
        (builtins("augmentations").map { b in
            let given = b.parameters.filter { if case .unbound = $0.defaultValue { true } else { false } }.map { _ in
                "2"
            }
            return "\(b.name)(\(given.joined(separator: ", ")))"
        } + ["x -> x + 0.1 * randn(len(x), 8, 8, 1)", "shift(1) >> noise(0.1) >> flip"]).map { call in
            Program(
                name: "augment = \(call)", head: pairNet, nets: "net",
                source: "pairs(d, 6, augment = \(call)) as a, b, same", optimizer: "adam(0.01)", body: pairBody)
        }

    /// Layers of one input stand in the middle of a net; those of two compare, or judge embeddings with their classes.
    private static let layers: [Program] = Prelude.definitions.filter { $0.role == "layer" }.map { d in
        let source = Source(name: d.name, kind: .file, text: d.text)
        guard case .layer(let layer)? = Parser.parse(source).program.statements.first?.kind else {
            return Program(name: d.name, head: "", nets: "", source: "", optimizer: "", body: "")
        }
        let given = layer.parameters.filter { $0.defaultValue == nil }.map {
            switch $0.name.text {
            case "tower": "dense(4)"
            case "classes": "10"
            default: "4"
            }
        }
        let call = "\(d.name)(\(given.joined(separator: ", ")))"
        var inputs: [String] = []
        if case .members(let members) = layer.form {
            for m in members { if case .forward(let names, _) = m { inputs = names.map(\.text) } }
        }
        switch inputs.count {
        case 1 where inputs[0] == "codes":
            // Words by their codes: a picture's pixels in four steps.
            return Program(
                name: call, head: "net = (x -> floor(3.9 * reshape(x, [-1, 64]))) >> \(call) >> flatten >> dense(4)",
                nets: "net", source: pairSource, optimizer: "adam(0.01)", body: pairBody)
        case 2 where inputs[1] == "mask":
            return Program(
                name: call, head: "\(pairNet)\nhead = \(call)", nets: "net, head", source: pairSource,
                optimizer: "adam(0.01)",
                body: "\(pairBody) + mean(head(reshape(a, [-1, 8, 8]), ones(6, 8))^2)")
        case 2 where inputs[0] == "a":
            return Program(
                name: call, head: "\(pairNet)\nhead = \(call)", nets: "net, head", source: pairSource,
                optimizer: "adam(0.01)", body: "minimize mean((head(net(a), net(b)) - (1 - same))^2)")
        case 2:
            let body =
                d.name == "cross_batch"
                ? "z, c = head(net(x), y)\n  minimize batch_all(z, c)" : "minimize head(net(x), y)"
            return Program(
                name: call, head: "\(pairNet)\nhead = \(call)", nets: "net, head", source: "balanced(d, 3, 3) as x, y",
                optimizer: "adam(0.01)", body: body)
        default:
            return Program(
                name: call, head: "net = conv(4) >> \(call) >> flatten >> dense(4)", nets: "net", source: pairSource,
                optimizer: "adam(0.01)", body: pairBody)
        }
    }

    private static func builtins(_ family: String) -> [Builtin] { Builtins.core.filter { $0.family == family } }
}
