import SiamTensor

/// A translated graph as the text of a siam definition.
extension ImportedNet {
    /// Whether the net is one stage behind the other, each given what the one before made.
    public var isChain: Bool {
        guard inputs.count == 1, outputs.count == 1, inner.isEmpty, owns.isEmpty, !steps.isEmpty else { return false }
        var last = inputs[0].value
        for step in steps {
            guard step.inputs == [last] else { return false }
            last = step.output
        }
        return last == outputs[0].value
    }

    /// The stages of a chain: their names, and the texts that make them.
    public var chain: [(name: String, text: String)] {
        steps.enumerated().map { k, step in
            switch step.kind {
            case .part(let p): return (parts[p].name, parts[p].text)
            case .text(let t):
                let name = step.name.isEmpty ? "fn\(k + 1)" : step.name
                return (name, "(x -> \(t.replacing("$0", with: "x")))")
            }
        }
    }

    /// The net as a definition in siam.
    public var text: String {
        let head = ["## \(origin).".replacing("\n", with: " ")] + notes.map { "## \($0.replacing("\n", with: " "))" }
        if isChain {
            let stages = chain.map(\.text)
            return (head + ["layer \(name)() ="]).joined(separator: "\n") + "\n    "
                + stages.joined(separator: "\n    >> ")
        }
        var lines = head + ["layer \(name)() {"]
        for (k, part) in parts.enumerated() {
            // A net in the net is put in its place when this one is made.
            if let inside = inner[k]?.first {
                lines.append(
                    inside.isChain
                        ? "  \(part.name) = \(inside.chain.map(\.text).joined(separator: " >> "))"
                        : "  \(part.name) = identity")
            } else {
                lines.append("  \(part.name) = \(part.text)")
            }
        }
        for own in owns {
            let dims = own.tensor.shape.dims.map(String.init).joined(separator: ", ")
            lines.append("  \(own.isParameter ? "param" : "state") \(own.name) : [\(dims)] = zeros")
        }
        lines.append("  forward \(inputs.map(\.name).joined(separator: ", ")) {")
        lines += body.map { "    " + $0 }
        return (lines + ["  }", "}"]).joined(separator: "\n")
    }

    /// The lines of `forward`: a name is used again as soon as its value is read no more.
    private var body: [String] {
        var last: [Int: Int] = [:]
        for (k, step) in steps.enumerated() { for i in step.inputs { last[i] = k } }
        for o in outputs { last[o.value] = Int.max }
        var called: [Int: String] = [:]
        var open: Set<String> = Set(inputs.map(\.name))
        for i in inputs { called[i.value] = i.name }
        let given = open
        var lines: [String] = []
        for (k, step) in steps.enumerated() {
            let reads = step.inputs.map { called[$0] ?? "x" }
            let text: String
            switch step.kind {
            case .part(let p): text = "\(parts[p].name)(\(reads.joined(separator: ", ")))"
            case .text(let t):
                var t = t
                for j in reads.indices.reversed() { t = t.replacing("$\(j)", with: reads[j]) }
                for (j, own) in step.owns.enumerated() { t = t.replacing("%\(j)", with: owns[own].name) }
                text = t
            }
            for (i, name) in zip(step.inputs, reads) where last[i] == k && !given.contains(name) { open.remove(name) }
            var name = "h"
            var number = 1
            if let same = reads.first(where: { !given.contains($0) && !open.contains($0) }) { name = same }
            while open.contains(name) {
                number += 1
                name = "h\(number)"
            }
            open.insert(name)
            called[step.output] = name
            lines.append("\(name) = \(text)")
            if last[step.output] == nil { open.remove(name) }
        }
        let results = outputs.map { called[$0.value] ?? "x" }
        if results.count == 1 {
            let head = "\(results[0]) = "
            if let end = lines.last, end.hasPrefix(head), steps.last?.output == outputs[0].value {
                lines[lines.count - 1] = String(end.dropFirst(head.count))
            } else {
                lines.append(results[0])
            }
        } else {
            lines.append(
                "{\(zip(ImportedNet.fieldNames(outputs), results).map { "\($0): \($1)" }.joined(separator: ", "))}")
        }
        return lines
    }

    /// Names for several results, each another.
    private static func fieldNames(_ outputs: [Port]) -> [String] {
        var seen: Set<String> = []
        return outputs.enumerated().map { k, port in
            let first = port.name.unicodeScalars.first?.value ?? 48
            let isName =
                !(48...57).contains(first)
                && !["in", "if", "or", "and", "not", "none", "for", "fn"].contains(port.name)
            let name = isName && seen.insert(port.name).inserted ? port.name : "y\(k + 1)"
            seen.insert(name)
            return name
        }
    }
}
