import SiamGradient
import SiamInterpreter
import SiamRuntime
import SiamTensor

extension Laboratory {
    /// The output of each stage of a net, by its path, each once.
    public static func stageOutputs(_ net: Layer, _ x: Tensor, _ i: Interpreter) throws -> [(String, Tensor)] {
        var found: [(String, Tensor)] = []
        var seen: Set<String> = []
        let outer = i.observer
        defer { i.observer = outer }
        i.observer = StageObserver { path, _, _, output in
            let name = path.joined(separator: ".")
            if case .tensor(let t) = output, seen.insert(name).inserted { found.append((name, t.detached())) }
        }
        _ = try i.apply(net.encoder, .tensor(x))
        return found
    }

    /// The record of a step as nodes with their inputs, for TensorBoard's graph.
    public static func graph(of run: SiamRuntime.Run, _ i: Interpreter) throws -> [(
        name: String, op: String, inputs: [String]
    )] {
        guard case .thing(let t) = try i.call(.builtin(flow), [.thing(run)]), let thing = t as? FlowThing else {
            return []
        }
        return thing.nodes
    }
}

extension FlowThing {
    /// Names follow the parameters: an operator is in the scope of the stage whose weights it reads.
    var nodes: [(name: String, op: String, inputs: [String])] {
        var names: [String] = []
        var used: [String: Int] = [:]
        func unique(_ base: String) -> String {
            used[base, default: 0] += 1
            let k = used[base] ?? 1
            return k == 1 ? base : "\(base)_\(k - 1)"
        }
        var result: [(name: String, op: String, inputs: [String])] = []
        for v in graph.vertices {
            let parameter = v.parameter.flatMap { paths.indices.contains($0) ? paths[$0] : nil }
            let scope = v.inputs.compactMap { k in
                graph.vertices[k].parameter.flatMap { paths.indices.contains($0) ? paths[$0] : nil }
            }
            .first.map { $0.split(separator: ".").dropLast().joined(separator: "/") }
            let op = v.op?.name ?? (parameter != nil ? "parameter" : v.part != nil ? "batch" : "constant")
            let base: String
            if let parameter {
                base = parameter.replacing(".", with: "/")
            } else if let part = v.part, v.op == nil {
                base = "batch/part_\(part + 1)"
            } else {
                base = (scope.map { $0.isEmpty ? "" : $0 + "/" } ?? "") + op
            }
            let name = unique(base)
            names.append(name)
            result.append((name, op, v.inputs.compactMap { $0 < names.count - 1 ? names[$0] : nil }))
        }
        return result
    }
}
