import SiamLanguage

/// What `?name`, `siam doc`, completion and the reference say of a name: read off its one declaration.
public struct HelpEntry: Sendable {
    public var name: String
    /// `built-in`, `layer`, `loss`, `function`, `word`, `fault`.
    public var kind: String
    public var family: String
    public var signature: String
    /// One paragraph or more; the first sentence is the summary.
    public var text: String
    public var examples: [(code: String, result: String)]
    public var seeAlso: [String]
    /// The siam text of a prelude definition.
    public var source: String?
    /// The target and the file of a declaration in Swift: `SiamMeasures/Verification.swift`.
    public var file = ""
    /// The shapes of arguments and result of the first example, `a 2x2, b 2x2 -> 2`; nil if it has no tensors.
    public var shapes: String?
    /// What the parameters that say so take: `margin  a number from 0 on`.
    public var takes: [(name: String, text: String)] = []

    public init(
        name: String, kind: String, family: String, signature: String, text: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [], source: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.family = family
        self.signature = signature
        self.text = text
        self.examples = examples
        self.seeAlso = seeAlso
        self.source = source
    }

    /// The words that ask for this entry and its like: `losses` for pair-losses, batch-losses and what else makes losses.
    package var families: [String] {
        var words = [family.lowercased()]
        if family.hasSuffix("losses") || kind == "loss" { words.append("losses") }
        if family.hasSuffix("metrics") { words.append("metrics") }
        if family == "distance" { words.append("distances") }
        if family == "miners" { words.append("mining") }
        return words
    }

    public var firstLine: String {
        String(text.split(separator: "\n", maxSplits: 1).first ?? "")
    }

    /// The entry as the prompt and `siam doc` show it.
    public func rendered() -> String {
        var lines = [signature.isEmpty ? name : signature, "", text]
        if !takes.isEmpty {
            let width = takes.map(\.name.count).max() ?? 0
            lines.append("")
            for one in takes {
                lines.append("  \(one.name)\(String(repeating: " ", count: width - one.name.count))  \(one.text)")
            }
        }
        if let shapes { lines += ["", "shapes: \(shapes)"] }
        for e in examples {
            lines.append("")
            lines.append("    siam> \(e.code)")
            for l in e.result.split(separator: "\n", omittingEmptySubsequences: false) where !e.result.isEmpty {
                lines.append("    \(l)")
            }
        }
        if !seeAlso.isEmpty {
            lines.append("")
            lines.append("see also: " + seeAlso.joined(separator: ", "))
        }
        switch kind {
        case "word", "fault": break
        case "built-in": lines.append("source: written in Swift" + (file.isEmpty ? "" : ", \(file)"))
        default: lines.append("source: written in siam, ??\(name) prints it")
        }
        return lines.joined(separator: "\n")
    }
}
