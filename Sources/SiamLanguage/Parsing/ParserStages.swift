/// Stages of a net where other signs than `>>` stand between them.
extension Parser {
    /// A layer of the library, made by a call.
    func isStage(_ value: Expression) -> Bool {
        // `net = flatten, dense(16), relu`: an activation alone is a stage where a layer stands behind it.
        if case .name(let name) = value.kind, LayerNames.functions.contains(name) {
            let rest = source.text(Span(value.span.end, endOfLine()))
            return ["dense(", "conv("].contains(where: rest.contains)
        }
        guard case .call(let callee, _, isCommand: false) = value.kind, case .name(let name) = callee.kind else {
            return false
        }
        return LayerNames.withWeights.contains(name) || LayerNames.withoutWeights.contains(name)
    }

    /// Whether the library has a layer or an activation of that name.
    func isLayer(_ name: String) -> Bool {
        LayerNames.withWeights.contains(name) || LayerNames.withoutWeights.contains(name)
            || LayerNames.functions.contains(name)
    }

    /// `net = dense(8) relu dense(2)`: the stages of the line with what joins them.
    var stagesInARow: String? {
        var place = statementStart
        var head = ""
        if tokens[place].kind == .name, tokens.indices.contains(place + 1), tokens[place + 1].kind == .assign {
            head = "\(text(tokens[place])) = "
            place += 2
        }
        let end = endOfLine()
        var stages: [String] = []
        while place < tokens.count, tokens[place].start < end {
            let token = tokens[place]
            if token.kind == .compose {
                place += 1
                continue
            }
            guard token.kind == .name, isLayer(text(token)) else { return nil }
            var last = place
            if tokens.indices.contains(place + 1), tokens[place + 1].kind == .leftParen, partner[place + 1] > place {
                last = partner[place + 1]
            }
            stages.append(source.text(Span(token.start, tokens[last].end)))
            place = last + 1
        }
        let whole = head + stages.joined(separator: " >> ")
        return stages.count > 1 && whole.utf8.count <= 80 && !whole.contains("\n") ? whole : nil
    }

    /// `(dense(8), relu)`: what is a row of stages between brackets; nil of anything else.
    func stagesInBrackets(_ open: Int) -> String? {
        var stages: [String] = []
        var place = open + 1
        var start = place
        while place <= partner[open] {
            if tokens[place].kind == .comma || place == partner[open] {
                guard start < place, tokens[start].kind == .name, isLayer(text(tokens[start])) else { return nil }
                stages.append(source.text(Span(tokens[start].start, tokens[place - 1].end)))
                start = place + 1
            } else if partner[place] > place {
                place = partner[place]
            }
            place += 1
        }
        let whole = stages.joined(separator: " >> ")
        return stages.count > 1 && whole.utf8.count <= 70 && !whole.contains("\n") ? whole : nil
    }
}
