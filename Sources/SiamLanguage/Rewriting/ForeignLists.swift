/// Lists of layers, as other libraries build a net of: `[fullyConnectedLayer(32), reluLayer, softmaxLayer]`.
extension ForeignRewriter {
    /// Layers that only say what comes in, and those that a loss contains here.
    private static let outer: Set<String> = [
        "imageInputLayer", "featureInputLayer", "sequenceInputLayer", "inputLayer", "classificationLayer",
        "regressionLayer", "InputLayer", "Input",
    ]

    /// The layers of a list as one net; nil where one of them is none, or all are siam's own.
    func stages(ofList items: [Expression]) -> String? {
        var stages: [String] = []
        var isForeign = false
        for (k, item) in items.enumerated() {
            var word = ""
            switch item.kind {
            case .name(let name): word = name
            case .call(let callee, _, _):
                if case .name(let name) = callee.kind { word = name }
                if case .field(_, let name) = callee.kind { word = name.text }
            default: return nil
            }
            if ForeignRewriter.outer.contains(word) {
                isForeign = true
                continue
            }
            // The loss of class scores contains it.
            if word == "softmaxLayer",
                items[(k + 1)...].allSatisfy({ source.text($0.span).hasPrefix("classificationLayer") })
            {
                isForeign = true
                notes.add("cross_entropy contains the softmax")
                continue
            }
            guard let stage = stage(item, word) else { return nil }
            if stage != source.text(item.span) { isForeign = true }
            stages.append(stage)
        }
        return isForeign && stages.count > 1 ? stages.joined(separator: " >> ") : nil
    }

    private func stage(_ item: Expression, _ word: String) -> String? {
        let own: String?
        if case .name(let name) = item.kind, !LayerNames.functions.contains(name) {
            // `reluLayer`, which is called without parentheses there.
            guard !isKnown(name), let row = ForeignCalls.rows[name]?.first else { return nil }
            var call = ForeignPlaces(self, [], nil)
            own = call.fill(row.template)
        } else {
            own = text(item)
        }
        guard let own, case let head = own.prefix(while: { $0.isLetter || $0.isNumber || $0 == "_" }) else {
            return nil
        }
        let name = String(head)
        let isLayer =
            LayerNames.functions.contains(name) || LayerNames.withWeights.contains(name)
            || LayerNames.withoutWeights.contains(name) || name == "layernorm"
        return isLayer ? own : nil
    }
}

extension Parser {
    /// MATLAB's list of layers, one on each line: the net that they make, with the name that the line gives it.
    func layersOnLines() -> String? {
        guard let open = (0..<cursor).last(where: { tokens[$0].kind == .leftBracket && partner[$0] > cursor }) else {
            return nil
        }
        let inside = source.text(Span(tokens[open].end, tokens[partner[open]].start))
        var items: [String] = []
        for line in inside.split(whereSeparator: { "\n;".contains($0) }) {
            var item = line.split(separator: "%", maxSplits: 1).first.map { $0.trimmed } ?? ""
            if item.hasSuffix(",") { item.removeLast() }
            // How large the input is stands in no line here.
            if item.isEmpty || item.hasPrefix("imageInputLayer") || item.hasPrefix("featureInputLayer") { continue }
            items.append(item.replacing("'", with: "\""))
        }
        let list = Source(name: "layers", kind: .file, text: "[\(items.joined(separator: ", "))]")
        let (program, errors) = Parser.parse(list, isVetted: true)
        guard errors.isEmpty, case .expression(let e)? = program.statements.first?.kind,
            case .bracket(let parts) = e.kind
        else { return nil }
        let rewriter = ForeignRewriter(source: list) { name in
            LayerNames.functions.contains(name) || LayerNames.withWeights.contains(name)
                || LayerNames.withoutWeights.contains(name)
        }
        guard let net = rewriter.stages(ofList: parts) else { return nil }
        var head = ""
        if open > 1, tokens[open - 1].kind == .assign, tokens[open - 2].kind == .name {
            head = "\(text(tokens[open - 2])) = "
        }
        let whole = head + net
        return whole.utf8.count <= 110 ? whole : nil
    }
}
