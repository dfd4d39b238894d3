/// Lines that are read otherwise than they look: what stands behind print's parentheses, a stage on a line of its own, a chain of
/// comparisons.
extension LintCheck {
    /// `print (x > 1) and (x < 3)`: print takes the first parentheses alone, and what it gives is nothing.
    mutating func printed(_ statement: Statement) {
        guard case .expression(let whole) = statement.kind, !defined.contains("print") else { return }
        var first = whole
        descent: while true {
            switch first.kind {
            case .binary(_, let left, _, _), .logical(_, let left, _), .compose(let left, _), .index(let left, _):
                first = left
            case .comparison(let sides, _, _):
                guard let left = sides.first else { return }
                first = left
            default: break descent
            }
        }
        guard !first.span.isSame(whole.span), case .call(let callee, _, isCommand: false) = first.kind,
            callee.kind == .name("print")
        else { return }
        let rest = source.text(Span(callee.span.end, whole.span.end)).trimmed
        let isPlain = rest.utf8.count <= 80 && !rest.contains("\n")
        add(
            code: "print.part", "print takes \(text(first).dropFirst("print".count).trimmed) alone and returns nothing",
            at: [first.span],
            repair: isPlain ? "put all of it into the parentheses:  print(\(rest))" : nil,
            edits: isPlain ? [.init(Place(source, Span(callee.span.end, whole.span.end)), "(\(rest))")] : [])
    }

    /// A net that ends on one line, and a stage that stands alone on the next.
    mutating func brokenPipelines(_ statements: [Statement]) {
        for (before, statement) in zip(statements, statements.dropFirst()) {
            guard case .expression(let e) = statement.kind, let name = BrokenPipeline.name(before, source, defined),
                BrokenPipeline.goesOn(e, before, source, defined)
            else { continue }
            var first = e
            while case .compose(let left, _) = first.kind { first = left }
            let line = text(first)
            add(
                code: "stage.alone", "this line is a statement of its own: the stages of \(name) end above it",
                at: [first.span],
                repair: line.utf8.count <= 60 && !line.contains("\n")
                    ? "a stage on a new line begins with >>:  >> \(line)" : "a stage on a new line begins with >>",
                edits: [.init(Place(source, Span(e.span.start, e.span.start)), ">> ")])
        }
    }

    /// `relu(z) > 0 == y`: a chain, which compares 0 with y.
    mutating func chained(_ e: Expression) {
        guard case .comparison(let sides, let signs, _) = e.kind, sides.count == 3, signs.count == 2 else { return }
        func isEquality(_ k: Int) -> Bool { signs[k] == .equal || signs[k] == .unequal }
        guard isEquality(0) != isEquality(1), sides.contains(where: { !LintCheck.names(in: $0).isEmpty }) else {
            return
        }
        let texts = sides.map { text($0) }
        let between = [
            source.text(Span(sides[0].span.end, sides[1].span.start)).trimmed,
            source.text(Span(sides[1].span.end, sides[2].span.start)).trimmed,
        ]
        let meant =
            isEquality(1)
            ? "(\(texts[0]) \(between[0]) \(texts[1])) \(between[1]) \(texts[2])"
            : "\(texts[0]) \(between[0]) (\(texts[1]) \(between[1]) \(texts[2]))"
        add(
            code: "compare.chain",
            "this is a chain: \(texts[0]) \(between[0]) \(texts[1]) and \(texts[1]) \(between[1]) \(texts[2])",
            at: [e.span], repair: "to compare the outcome of one with the other:  \(meant)",
            edits: [.init(Place(source, e.span), meant)])
    }

    /// `argmax(net(x), axis = 0)`: for each class the row that scores highest, where the class of each row is meant.
    mutating func classOfRows(_ name: String, _ given: [Argument], _ e: Expression) {
        guard name == "argmax", given.count == 2, given[1].name?.text ?? "axis" == "axis",
            given[1].value.plainNumber == 0, let (net, _) = applied(given[0].value), let made = values[net],
            isNet(made)
        else { return }
        add(
            code: "argument.axis", "axis 0 goes over the rows: this is one row for each class", at: [e.span],
            repair: "the class of each row:  argmax(\(text(given[0].value)), axis = 1)",
            edits: [.init(Place(source, given[1].value.span), "1")])
    }

    /// `softmax(net(x), axis = 0)`: shares over the rows, where those of each row's classes are meant.
    mutating func softmaxOfRows(_ name: String, _ given: [Argument], _ e: Expression) {
        guard given.count == 2, given[1].name?.text ?? "axis" == "axis", given[1].value.plainNumber == 0,
            let (net, _) = applied(given[0].value), let made = values[net], isNet(made), let count = units(made),
            count > 1
        else { return }
        add(
            code: "loss.axis", "along axis 0 \(name) compares the examples of the batch, and not the scores of each",
            at: [e.span], repair: "over the scores of each example:  axis = 1",
            edits: [.init(Place(source, given[1].value.span), given[1].name == nil ? "axis = 1" : "1")])
    }

    /// `x.flatten()` of a matrix as written, which has one row for each example already.
    mutating func flattenedMatrix(_ given: [Argument], _ e: Expression) {
        guard given.count == 1, case .name(let name) = given[0].value.kind,
            case .bracket(let rows)? = values[name]?.kind,
            rows.count > 1,
            rows.allSatisfy({ row in
                guard case .bracket(let items) = row.kind else { return false }
                return !items.isEmpty && items.allSatisfy { $0.plainNumber != nil }
            })
        else { return }
        add(
            code: "flatten.matrix", "flatten keeps the rows, so it leaves the matrix \(name) as it is", at: [e.span],
            repair: "all numbers in a row:  reshape(\(name), -1)",
            edits: [.init(Place(source, e.span), "reshape(\(name), -1)")])
    }

    /// `[1, 2] + [3]`: numbers are added, and not joined.
    mutating func addedLists(_ e: Expression) {
        guard case .binary(.add, let left, let right, _) = e.kind, case .bracket(let many) = left.kind,
            case .bracket(let one) = right.kind, many.count > 1, one.count == 1,
            (many + one).allSatisfy({ $0.plainNumber != nil })
        else { return }
        add(
            code: "list.added", "+ adds numbers and does not join lists", at: [e.span],
            repair: "to join them:  concatenate(\(text(left)), \(text(right)))",
            edits: [.init(Place(source, e.span), "concatenate(\(text(left)), \(text(right)))")])
    }

    /// `euclidean(z, z)`: each row with itself.
    mutating func ofItself(_ name: String, _ given: [Argument], _ e: Expression) {
        guard ["euclidean", "squared", "cosine", "manhattan"].contains(name), given.count == 2,
            case .name(let rows) = given[0].value.kind, given[1].value.kind == .name(rows)
        else { return }
        add(
            code: "distance.itself", "\(name) compares row by row, and here each row with itself", at: [e.span],
            repair: "to compare all rows with all rows:  pairwise(\(name), \(rows), \(rows))",
            edits: [.init(Place(source, e.span), "pairwise(\(name), \(rows), \(rows))")])
    }

    /// `flatten >> dense(64) >> dense(32) >> dense(10)`: layers in a row are one linear map.
    mutating func linear(_ e: Expression) {
        var stages: [Expression] = []
        func gather(_ e: Expression) {
            if case .compose(let left, let right) = e.kind {
                gather(left)
                gather(right)
            } else {
                stages.append(e)
            }
        }
        gather(e)
        // Two may well be a bottleneck, and a linear map of a low rank is a subject of its own.
        let layers = stages.filter { called($0)?.name == "dense" }
        guard layers.count > 2, stages.suffix(layers.count) == layers[...] else { return }
        let row = stages.map { text($0) }.joined(separator: " >> ")
        let right = row.replacing(") >> dense", with: ") >> relu >> dense")
        add(
            code: "net.linear", "\(layers.count) dense layers without an activation between them are one linear map",
            at: [Span(layers.first?.span.start ?? e.span.start, e.span.end)],
            repair: right.utf8.count <= 80 ? "with activations:  \(right)" : nil)
    }

    /// `d.where(row -> row.width > 2)`: what the function is given is a class number.
    mutating func whereOfRows(_ given: [Argument]) {
        guard given.count == 2, names.isDataSet(given[0].value),
            case .lambda(let parameters, let body) = given[1].value.kind, parameters.count == 1,
            let name = parameters.first?.name.text
        else { return }
        var fields: [(span: Span, field: String)] = []
        var columns: [(span: Span, whole: Expression)] = []
        body.walk { e in
            if case .field(let owner, let field) = e.kind, owner.kind == .name(name) {
                fields.append((e.span, field.text))
            }
            if case .index(let owner, _) = e.kind, owner.kind == .name(name) { columns.append((e.span, e)) }
        }
        guard let first = fields.first?.span ?? columns.first?.span else { return }
        let set = text(given[0].value)
        var right: String?
        if set.utf8.count <= 20, case .comparison(let sides, _, _) = body.kind, sides.count == 2, fields.count == 1,
            sides[0].span.isSame(first), let field = fields.first?.field
        {
            let rest = source.text(Span(first.end, body.span.end))
            right = "\(set)[\(set)[\"\(field)\"]\(rest)]"
        }
        add(
            code: "where.class", "where gives the function the class number of each row, and not the row", at: [first],
            repair: right.map { "rows by a column:  \($0)" } ?? "rows by a column are  d[d[\"name\"] > 2]")
    }

    /// `m = [1, 0, 1]; x[m]` of five rows: a mask has a number for each row, and these are taken as places.
    mutating func shortMask(_ e: Expression) {
        guard case .index(let owner, let items) = e.kind, items.count == 1, case .name(let name) = items[0].kind,
            case .bracket(let flags)? = values[name]?.kind, flags.count > 2,
            case let numbers = flags.compactMap(\.plainNumber), numbers.count == flags.count,
            Set(numbers) == [0, 1], case .name(let set) = owner.kind, let made = values[set],
            let (word, given) = called(made), ["randn", "rand", "zeros", "ones"].contains(word),
            let rows = given.first?.value.plainNumber, rows > 2, rows != Double(flags.count)
        else { return }
        add(
            code: "index.flags",
            "\(name) has \(flags.count) numbers and \(set) \(formatNumber(rows)) rows: they are taken as the places 0 and 1",
            at: [items[0].span], notes: ["a mask has one number, 0 or 1, for each row"])
    }
}

/// A pipeline that ends above a line that would go on with it.
enum BrokenPipeline {
    /// What the pipeline of a statement is called; nil for what is none.
    static func name(_ statement: Statement, _ source: Source, _ defined: Set<String>) -> String? {
        switch statement.kind {
        case .assign(let targets, let value):
            guard targets.count == 1, case .name(let name) = targets[0].kind else { return nil }
            if case .compose = value.kind { return name }
            return isStage(value, defined) ? name : nil
        case .layer(let definition):
            guard case .pipeline = definition.form else { return nil }
            return definition.name.text
        default: return nil
        }
    }

    /// Whether an expression stands on the line behind a statement, indented, and begins with a stage.
    static func goesOn(_ e: Expression, _ before: Statement, _ source: Source, _ defined: Set<String>) -> Bool {
        let (start, end, place) = (
            source.position(before.span.start), source.position(before.span.end), source.position(e.span.start)
        )
        guard place.line == end.line + 1, place.column > start.column else { return false }
        var first = e
        while case .compose(let left, _) = first.kind { first = left }
        return isStage(first, defined)
    }

    /// A stage of the library, by its name or made by a call.
    private static func isStage(_ e: Expression, _ defined: Set<String>) -> Bool {
        switch e.kind {
        case .name(let name): return LayerNames.functions.contains(name) && !defined.contains(name)
        case .call(let callee, _, _):
            guard case .name(let name) = callee.kind, !defined.contains(name) else { return false }
            return LayerNames.withWeights.contains(name) || LayerNames.withoutWeights.contains(name)
        default: return false
        }
    }

    /// What a name means that only the layer above the place knows: `layer tower(dim) = flatten`, then `relu`, then `dense(dim)`.
    static func advice(_ word: String, _ place: Place, _ program: Program) -> String? {
        for (before, statement) in zip(program.statements, program.statements.dropFirst())
        where statement.span.start <= place.span.start && place.span.end <= statement.span.end {
            guard case .layer(let definition) = before.kind, case .pipeline = definition.form,
                definition.parameters.contains(where: { $0.name.text == word }),
                case .expression(let e) = statement.kind, goesOn(e, before, place.source, [])
            else { return nil }
            let line = place.source.line(place.source.position(e.span.start).line).trimmed
            return "the stages of \(definition.name.text) end above; a stage on a new line begins with >>:  >> \(line)"
        }
        return nil
    }
}
