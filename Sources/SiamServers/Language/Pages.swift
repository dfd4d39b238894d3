import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Help as Markdown, which editors and notebooks show.
enum Pages {
    static func markdown(_ entry: HelpEntry) -> String {
        var parts = ["```siam\n\(entry.signature.isEmpty ? entry.name : entry.signature)\n```", entry.text]
        if !entry.takes.isEmpty {
            parts.append(entry.takes.map { "- `\($0.name)`: \($0.text)" }.joined(separator: "\n"))
        }
        if let shapes = entry.shapes { parts.append("shapes: \(shapes)") }
        let examples = entry.examples.map { $0.result.isEmpty ? "siam> \($0.code)" : "siam> \($0.code)\n\($0.result)" }
        if !examples.isEmpty { parts.append("```siam\n\(examples.joined(separator: "\n"))\n```") }
        if !entry.seeAlso.isEmpty { parts.append("see also: " + entry.seeAlso.joined(separator: ", ")) }
        return parts.joined(separator: "\n\n")
    }

    /// A name of the file itself.
    static func markdown(_ symbol: Names.Symbol, in source: Source, shape: String?) -> String {
        var parts: [String] = []
        switch symbol.kind {
        case .function, .loss, .layer:
            let word = symbol.kind == .function ? "fn" : symbol.kind == .loss ? "loss" : "layer"
            parts.append("```siam\n\(word) \(symbol.name)\(parameters(symbol, source))\n```")
        case .parameter: parts.append("`\(symbol.name)`, a parameter")
        case .part: parts.append("`\(symbol.name)`, a part of a layer")
        case .variable, .library: parts.append("`\(symbol.name)`")
        }
        if let help = symbol.help { parts.append(help) }
        if let shape { parts.append("is " + shape) }
        return parts.joined(separator: "\n\n")
    }

    static func parameters(_ symbol: Names.Symbol, _ source: Source) -> String {
        guard !symbol.parameters.isEmpty || symbol.kind != .layer else { return "" }
        return "(" + symbol.parameters.map { text($0, source) }.joined(separator: ", ") + ")"
    }

    static func text(_ one: Parameter, _ source: Source) -> String {
        source.text(Span(one.name.span.start, one.defaultValue?.span.end ?? one.name.span.end))
    }
}
