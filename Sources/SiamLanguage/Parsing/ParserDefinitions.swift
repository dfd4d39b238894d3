/// The parser: functions, losses and layers.
extension Parser {
    /// The `##` lines straight above the token, without their marks.
    func help(above token: Token) -> String? {
        var lines: [String] = []
        var index = token.commentsBefore - 1
        var below = token.start
        while index >= 0, index < comments.count {
            let comment = comments[index]
            guard comment.isAlone, comment.text.hasPrefix("##"), comment.span.end <= below else { break }
            var newlines = 0
            for byte in source.bytes[comment.span.end..<below] {
                if byte == 10 { newlines += 1 } else if byte != 32, byte != 9, byte != 13 { newlines = 2 }
            }
            guard newlines == 1 else { break }
            let line = comment.text.dropFirst(2)
            lines.append(String(line.hasPrefix(" ") ? line.dropFirst() : line))
            below = comment.span.start
            index -= 1
        }
        return lines.isEmpty ? nil : lines.reversed().joined(separator: "\n")
    }

    /// `fn f(a, k = 1) = e`, `fn f(a) { ... }`, `loss f(...) ...`.
    mutating func functionDefinition(_ role: FunctionDefinition.Role) -> Statement.Kind {
        let help = help(above: current)
        let word = text(current)
        advance()
        let name = Name(text(current), current.span)
        advance()
        var parameters: [Parameter] = []
        var highest = 1
        if current.kind == .leftParen, !current.startsLine {
            parameters = parameterList()
            highest = height
        } else {
            fail(
                "definition.parameters", "\(word) \(name.text) needs its parameters in parentheses", name.span,
                repair: "\(word) \(name.text)(\(role == .loss ? "a, b, same" : "x")) = ...")
        }
        let body = body("\(word) \(name.text)")
        height = max(highest, height)
        return .function(
            FunctionDefinition(role: role, name: name, parameters: parameters, body: body, help: help))
    }

    /// `= e` or `{ ... }`.
    mutating func body(_ owner: String) -> Body {
        if isPanicking { return .expression(missing()) }
        if current.kind == .leftBrace { return .block(openBlock()) }
        let sign = current
        if accept(.assign) {
            guard Parser.beginsOperand(current.kind) || (allowsIn && current.kind == .in) else {
                _ = wantsOperand(after: sign)
                return .expression(missing(at: sign.end))
            }
            return .expression(expression())
        }
        if foreignBody(owner) { return .expression(missing()) }
        if Parser.beginsOperand(sign.kind), !sign.startsLine {
            fail(
                "definition.body",
                "\(owner) needs = and an expression, or a block { ... }, and got \(describe(sign))", sign.span,
                repair: "write = before it", edits: [(Span(sign.start, sign.start), "= ")])
            return .expression(missing())
        }
        fail(
            "definition.body", "\(owner) needs = and an expression, or a block { ... }, and got \(describe(sign))",
            sign.span)
        return .expression(missing())
    }

    /// `(a, k = 1)`; those with defaults come last.
    mutating func parameterList() -> [Parameter] {
        let open = cursor
        let saved = ignoresNewlines
        ignoresNewlines = true
        opened.append(open)
        advance()
        var found: [Parameter] = []
        var highest = 0
        while current.kind != .rightParen, !isPanicking {
            guard let name = name("a parameter") else { break }
            if found.contains(where: { $0.name == name }) {
                fail("parameter.doubled", "the parameter \(name.text) is given twice", name.span, goesOn: true)
            }
            var defaultValue: Expression?
            let kind = current.kind == .colon ? parameterKind() : nil
            let sign = current
            if accept(.assign) {
                guard Parser.beginsOperand(current.kind) else {
                    _ = wantsOperand(after: sign)
                    break
                }
                defaultValue = expression()
                highest = max(highest, height)
            } else if let optional = found.last(where: { $0.defaultValue != nil }) {
                fail(
                    "parameter.order", "\(name.text) needs a value, and follows \(optional.name.text), which has one",
                    name.span, repair: "parameters with defaults come last", goesOn: true)
            }
            found.append(Parameter(name: name, kind: kind, defaultValue: defaultValue))
            if !accept(.comma) { break }
        }
        if current.kind == .leftParen || current.kind == .number, isWord(tokens[statementStart], "loss"),
            partner[open] > open
        {
            let call = source.text(Span(tokens[open - 1].start, tokens[partner[open]].end))
            fail(
                "definition.call", "loss defines a function, and its parameters are names", current.span,
                repair: call.utf8.count <= 70 && !call.contains("\n")
                    ? "what is to become small:  minimize \(call)" : "what is to become small:  minimize l")
        }
        close(.rightParen, open, in: "the parameters")
        ignoresNewlines = saved
        height = highest
        return found
    }

    /// The kind after a parameter's colon: `number > 0`, `flags of a`.
    private mutating func parameterKind() -> Kind? {
        let colon = current
        advance()
        let start = current.start
        while ![.assign, .comma, .rightParen, .end].contains(current.kind) { advance() }
        let end = max(start, previousEnd)
        let written = source.text(Span(start, end))
        let (kind, wrong) = Kind.read(written)
        if let kind { return kind }
        let meant = Kind.meant(by: wrong)
        fail(
            "parameter.kind", wrong.isEmpty ? "after this : a kind is needed" : "siam knows no kind \(wrong)",
            Span(written.isEmpty ? colon.start : start, written.isEmpty ? colon.start + 1 : end),
            notes: ["kinds are number, whole, bool, text, function, net, tensor, rows, flags of a, classes of z, ..."],
            repair: meant.map { "siam calls it \($0)" } ?? "leave it out; a default value is  = 1",
            edits: meant.map { written == wrong ? [(Span(start, end), $0)] : [] } ?? [(Span(colon.start, end), "")],
            goesOn: true)
        return nil
    }

    /// `layer head(dim) = pipeline` or `layer gated(units) { members }`.
    mutating func layerDefinition() -> Statement.Kind {
        let help = help(above: current)
        advance()
        let name = Name(text(current), current.span)
        advance()
        var parameters: [Parameter] = []
        var highest = 1
        if current.kind == .leftParen, !current.startsLine {
            parameters = parameterList()
            highest = height
        }
        var definition = LayerDefinition(name: name, parameters: parameters, form: .members([]), help: help)
        guard !isPanicking else { return .layer(definition) }
        width = parameters.first?.name.text ?? "units"
        head = source.text(Span(tokens[statementStart].start, previousEnd))
        if current.kind == .leftBrace {
            (definition.form, definition.memberSpans) = members(of: name)
            definition.bodyEnd = previousEnd
        } else if case .expression(let pipeline) = body("layer \(name.text)") {
            definition.form = .pipeline(pipeline)
        }
        height = max(highest, height)
        return .layer(definition)
    }

    private mutating func members(of layer: Name) -> (LayerDefinition.Form, [Span]) {
        let brace = cursor
        let saved = (ignoresNewlines, opened, statementStart)
        ignoresNewlines = false
        opened = []
        advance()
        var found: [LayerDefinition.Member] = []
        var spans: [Span] = []
        var highest = 0
        while current.kind != .rightBrace, current.kind != .end, !isAborted {
            if accept(.semicolon) { continue }
            statementStart = cursor
            opened = []
            let start = current.start
            if let member = member(of: layer) {
                found.append(member)
                spans.append(span(from: start))
                highest = max(highest, height)
                endOfMember()
            }
            if isPanicking, !isAborted {
                synchronize()
                isPanicking = false
            }
            if cursor == statementStart { advance() }
        }
        if current.kind == .rightBrace {
            advance()
        } else if !isAborted {
            if diagnostics.isEmpty { wantsMore = true }
            fail("bracket.unclosed", "this { is never closed", tokens[brace].span, "opened here", goesOn: true)
        }
        (ignoresNewlines, opened, statementStart) = saved
        height = highest + 1
        return (.members(found), spans)
    }

    private mutating func endOfMember() {
        guard !isPanicking, !accept(.semicolon), !current.startsLine, current.kind != .rightBrace, current.kind != .end
        else { return }
        fail("member.end", "a member of a layer ends with its line, and got \(describe(current))", current.span)
    }

    private mutating func member(of layer: Name) -> LayerDefinition.Member? {
        let token = current
        let next = self.token(1)
        if next.kind == .name, isWord(token, "param") || isWord(token, "state") { return parameter(token) }
        if isWord(token, "forward"), next.kind == .name || next.kind == .leftParen { return forward() }
        if token.kind == .name, next.kind == .assign {
            if let meant = parameterByCall(token) {
                fail(
                    "param.call", "a parameter of a layer is declared, and \(text(token)) is given a value",
                    token.span, repair: "with its shape:  \(meant)")
                return nil
            }
            advance()
            advance()
            let name = Name(text(token), token.span)
            guard Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: next)
                return .part(name, missing(at: next.end))
            }
            return .part(name, expression())
        }
        fail(
            "member.unknown",
            "a layer holds param, state, parts and forward, and got \(describe(token))", token.span,
            notes: token.kind == .fn || isWord(token, "report")
                ? ["the computation of a layer is in forward"] : [],
            repair: memberMeant(token)
                ?? "for example  param w : [in, \(width)] = glorot,  body = dense(8),  forward x = body(x)")
        return nil
    }

    /// `param w : [dim]` with what fills it at first.
    private func initialised(_ kind: String, _ name: Name, _ shape: [Expression]) -> String? {
        let items = shape.map { source.text($0.span) }.joined(separator: ", ")
        guard !items.isEmpty, items.utf8.count <= 40, !items.contains("\n") else { return nil }
        return "\(kind) \(name.text) : [\(items)] = \(kind == "param" && shape.count > 1 ? "glorot" : "zeros")"
    }

    /// `param w = randn(4, d)`: the shape before the sign, and what draws the numbers behind it.
    private func drawn(_ kind: String, _ name: Name) -> String? {
        guard current.kind == .assign, token(1).kind == .name, token(2).kind == .leftParen, partner[cursor + 2] > cursor
        else { return nil }
        let shape = source.text(Span(token(2).end, tokens[partner[cursor + 2]].start)).filter { $0 != "[" && $0 != "]" }
        let maker = text(token(1))
        let initial = ["randn": "normal(1)", "rand": "uniform(0, 1)"][maker] ?? maker
        guard ["randn", "rand", "zeros", "ones", "glorot", "he"].contains(maker), !shape.isEmpty, shape.utf8.count < 40
        else { return nil }
        return "\(kind) \(name.text) : [\(shape)] = \(initial)"
    }

    /// `param s = ones`: one number for each of the inputs.
    private func oneEach(_ kind: String, _ name: Name) -> String? {
        guard current.kind == .assign, token(1).kind == .name, ["ones", "zeros"].contains(text(token(1))),
            token(2).kind != .leftParen
        else { return nil }
        return "one number for each input:  \(kind) \(name.text) : [in] = \(text(token(1)))"
    }

    /// `param w : (in, d) = glorot`: the same shape in brackets.
    private func bracketed(_ kind: String, _ name: Name) -> String? {
        // `param w : dim = zeros`
        if current.kind == .name || current.kind == .number, token(1).kind == .assign {
            let whole = "\(kind) \(name.text) : [\(text(current))] \(source.text(Span(token(1).start, endOfLine())))"
            return whole.utf8.count < 70 && !whole.contains("\n") ? whole : nil
        }
        guard current.kind == .leftParen, partner[cursor] > cursor else { return nil }
        let shape = source.text(Span(current.end, tokens[partner[cursor]].start))
        let rest = source.text(Span(tokens[partner[cursor]].end, endOfLine())).trimmed
        let whole = "\(kind) \(name.text) : [\(shape)] \(rest)"
        return whole.utf8.count < 70 && !whole.contains("\n") ? whole : nil
    }

    /// `w = param([in, units])`, `w = nn.Parameter(...)`: a parameter is declared by its word.
    private func parameterByCall(_ name: Token) -> String? {
        var place = cursor + 2
        if tokens.indices.contains(place + 1), tokens[place + 1].kind == .dot { place += 2 }
        guard tokens.indices.contains(place + 1), tokens[place].kind == .name, tokens[place + 1].kind == .leftParen,
            ["param", "state", "Parameter", "parameter", "Variable"].contains(text(tokens[place]))
        else { return nil }
        let word = text(tokens[place]) == "state" ? "state" : "param"
        let open = place + 1
        var shape = "in, \(width)"
        if partner[open] > open, tokens[open + 1].kind == .leftBracket, partner[open + 1] > open {
            shape = source.text(Span(tokens[open + 1].end, tokens[partner[open + 1]].start))
        }
        return "\(word) \(text(name)) : [\(shape)] = \(word == "state" ? "zeros" : "glorot")"
    }

    /// `self.fc = dense(d)`, `fn forward(x) { ... }`: the member as siam writes it.
    private func memberMeant(_ token: Token) -> String? {
        if isWord(token, "self") || isWord(token, "this"), self.token(1).kind == .dot {
            let rest = source.text(Span(self.token(2).start, endOfLine()))
            return rest.utf8.count < 60 && !rest.contains("\n") ? "its own names directly:  \(rest)" : nil
        }
        if token.kind == .fn || isWord(token, "def"), isWord(self.token(1), "forward") || isWord(self.token(1), "call")
        {
            let open = cursor + 2
            var input = "x"
            if tokens.indices.contains(open), tokens[open].kind == .leftParen, partner[open] > open {
                let names = source.text(Span(tokens[open].end, tokens[partner[open]].start)).split(separator: ",").map {
                    $0.trimmed
                }
                let own = names.filter { $0 != "self" }
                if !own.isEmpty { input = own.joined(separator: ", ") }
            }
            return "without \(text(token)):  forward \(input) { ... }"
        }
        let line = source.text(Span(token.start, endOfLine())).trimmed
        guard line.utf8.count <= 60, !line.contains("\n") else { return nil }
        if token.kind == .return, self.token(1).kind == .name {
            let value = source.text(Span(self.token(1).start, endOfLine())).trimmed
            return value == text(self.token(1)) && value != "x"
                ? "the output is in forward:  forward x = \(value)(x)"
                : "the output is in forward:  forward x = \(value)"
        }
        if token.kind == .name, line.contains(">>") {
            return "stages alone follow =:  \(head) = \(line)"
        }
        if token.kind == .name, self.token(1).kind == .leftParen, self.token(2).kind == .name,
            self.token(3).kind == .rightParen
        {
            return "the output is in forward:  forward \(text(self.token(2))) = \(line)"
        }
        return nil
    }

    /// `param w : [in, units] = init`.
    private mutating func parameter(_ word: Token) -> LayerDefinition.Member? {
        let isParameter = isWord(word, "param")
        let kind = isParameter ? "param" : "state"
        advance()
        let name = Name(text(current), current.span)
        advance()
        let example = isParameter ? "param \(name.text) : [in, \(width)] = glorot" : "state \(name.text) : [in] = zeros"
        guard accept(.colon) else {
            fail(
                "param.shape", "\(kind) \(name.text) needs a shape, and got \(describe(current))", name.span,
                repair: drawn(kind, name) ?? oneEach(kind, name) ?? example)
            return nil
        }
        guard current.kind == .leftBracket else {
            fail(
                "param.shape", "the shape of \(name.text) must be in brackets, and got \(describe(current))",
                current.span,
                repair: bracketed(kind, name) ?? example)
            return nil
        }
        let saved = allowsIn
        allowsIn = true
        defer { allowsIn = saved }
        let shape = items(.rightBracket, "the shape")
        var highest = height
        let sign = current
        guard !isPanicking, accept(.assign) else {
            fail(
                "param.initialiser", "\(kind) \(name.text) needs an initialiser, and got \(describe(current))",
                name.span,
                repair: initialised(kind, name, shape) ?? example)
            return nil
        }
        guard Parser.beginsOperand(current.kind) || current.kind == .in else {
            _ = wantsOperand(after: sign)
            return nil
        }
        let initialiser = expression()
        highest = max(highest, height)
        height = highest
        return isParameter ? .parameter(name, shape, initialiser) : .state(name, shape, initialiser)
    }

    /// `forward x = e`, `forward x, y { ... }`, `forward(x) = e`.
    private mutating func forward() -> LayerDefinition.Member? {
        advance()
        var names: [Name] = []
        let open = cursor
        let hasParens = accept(.leftParen)
        repeat {
            guard let name = name("forward's input") else { return nil }
            names.append(name)
        } while accept(.comma)
        if hasParens { close(.rightParen, open, in: "the inputs of forward") }
        if names.count > 1, let first = names.first, ["self", "this"].contains(first.text) {
            fail(
                "word.foreign", "siam has no \(first.text)", first.span,
                repair: "the inputs alone:  forward \(names.dropFirst().map(\.text).joined(separator: ", ")) = ...",
                goesOn: true)
        }
        return .forward(names, body("forward"))
    }
}
