import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// All changes of one place that are tried.
struct SingleEdits {
    var all: [SingleEdit] = []
    let chart: ProgramText
    var document = 0
    var bytes: [UInt8] = []
    /// Whether statements belong to the training itself: a body, a loop, a function.
    var isInside = false
    /// The variables of the function, loop or training that is read.
    var scope: [String] = []
    /// Parameters of the function that is read.
    var parameters: Set<String> = []
    /// Those of the variables that hold labels: in the place of an output they would make any loss small.
    var labels: Set<String> = []
    /// For a name, the other names that may have been meant.
    var others: [String: [String]] = [:]
    /// The trained nets, and what the training does to what it gives them.
    var nets: Set<String> = []
    var preparations: [Preparation] = []
    var isOfEvaluation = false
    /// Whether a name stands for many rows.
    var isRows: (String) -> Bool = { _ in false }
    /// Of `total = total + n`, in what only measures: total.
    var summed: String?
    /// Variables that hold the outcome of a comparison.
    var flags: Set<String> = []

    /// Of the program's statements but the last so many of the first text, which stand behind its training.
    init(_ chart: ProgramText, leavingOut behind: Int) {
        self.chart = chart
        for (k, d) in chart.documents.enumerated() {
            document = k
            bytes = d.source.bytes
            var statements = Parser.parse(d.source).program.statements
            if d.importedAs == nil, k == chart.documents.indices.last(where: { chart.documents[$0].importedAs == nil })
            {
                statements = Array(statements.dropLast(min(behind, statements.count)))
            }
            for s in statements where !chart.shown.isLeftOut(s) { visit(s) }
            let assigned = statements.filter { s in
                guard case .assign(_, let value) = s.kind, !s.trains else { return false }
                if case .lambda = value.kind { return false }
                return true
            }
            if assigned.count < 40 { turnAxes { see in for s in assigned { s.parts.forEach { $0.walk(see) } } } }
        }
        // What belongs to the training is tried first.
        let order = all.indices.sorted { (all[$0].rank, $0) < (all[$1].rank, $1) }
        all = order.map { all[$0] }
    }

    /// Of the statements before the training that prepare rows which are there: what draws them or makes them says which task
    /// it is, and stays.
    /// `behind` statements follow a training that is a loop of the program's own; nil of a `train`.
    init(preparationsIn chart: ProgramText, leavingOut behind: Int?, isRows: @escaping (String) -> Bool) {
        self.chart = chart
        document = chart.documents.indices.last { chart.documents[$0].importedAs == nil } ?? 0
        bytes = chart.documents[document].source.bytes
        let statements = Parser.parse(chart.documents[document].source).program.statements
        let before = behind.map { statements.dropLast($0 + 1) } ?? statements.prefix { !$0.trains }
        var functions: [String: Statement] = [:]
        for s in before { if case .function(let d) = s.kind { functions[d.name.text] = s } }
        let prepared = before.filter { s in
            guard case .assign(_, let value) = s.kind, !s.trains, !SingleEdits.draws(value) else { return false }
            var given = false
            value.walk { x in if case .name(let n) = x.kind, isRows(n) { given = true } }
            return given
        }
        isInside = true
        turnAxes { see in for s in prepared { s.parts.forEach { $0.walk(see) } } }
        var called: Set<String> = []
        for s in prepared {
            for part in s.parts {
                part.walk { x in if case .name(let n) = x.kind, functions[n] != nil { called.insert(n) } }
                visit(part)
            }
        }
        for name in called.sorted() { if let s = functions[name] { visit(s) } }
        all.removeAll { ![.axis, .operation, .reduction].contains($0.kind) }
    }

    /// Of the statements that only measure. What names may stand for others is given.
    init(
        _ chart: ProgramText, _ evaluation: EvaluationText, others: [String: [String]], nets: Set<String>,
        preparations: [Preparation], isRows: @escaping (String) -> Bool
    ) {
        self.chart = chart
        self.isRows = isRows
        document = evaluation.document
        bytes = chart.documents[document].whole.bytes
        self.others = others
        self.nets = nets
        self.preparations = preparations
        isOfEvaluation = true
        for s in evaluation.changeable where !evaluation.makesTruth(s) { visit(s) }
        let order = all.indices.sorted { (all[$0].rank, $0) < (all[$1].rank, $1) }
        all = order.map { all[$0] }
    }

    func text(_ start: Int, _ end: Int) -> String {
        guard 0 <= start, start <= end, end <= bytes.count else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
    func text(_ s: Span) -> String { text(s.start, s.end) }
    func replacing(_ s: Span, _ text: String) -> TextEdit {
        TextEdit(document: document, start: s.start, end: s.end, replacement: text)
    }

    mutating func add(_ kind: SingleEdit.Kind, _ s: Span, _ given: String, isFarFetched: Bool = false) {
        let old = text(s)
        let new = SingleEdits.bare(given)
        guard old != new, !old.isEmpty, !all.contains(where: { $0.edits == [replacing(s, new)] }) else { return }
        let label =
            new.isEmpty || new == "none;"
            ? "without \(brief(old))" : owner(of: s) + "\(brief(new)) instead of \(brief(old))"
        all.append(
            SingleEdit(kind: kind, edits: [replacing(s, new)], label: label, isFarFetched: isFarFetched))
    }

    /// Without parentheses around a name, a field or a call.
    private static func bare(_ text: String) -> String {
        guard text.hasPrefix("("), text.hasSuffix(")") else { return text }
        let inner = text.dropFirst().dropLast()
        let head = inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        guard let first = head.first, first.isLetter || first == "_" else { return text }
        let rest = inner.dropFirst(head.count)
        if rest.isEmpty { return String(inner) }
        guard rest.hasPrefix("(") else { return text }
        var depth = 0
        for (k, c) in rest.enumerated() {
            if c == "(" { depth += 1 }
            if c == ")" { depth -= 1 }
            if depth == 0 { return k == rest.count - 1 ? String(inner) : text }
        }
        return text
    }

    /// `name = ` or `name: ` where a value is given to a name, whole.
    func owner(of s: Span) -> String {
        func isSpace(_ b: UInt8) -> Bool { b == 32 || b == 9 }
        func isLetter(_ b: UInt8) -> Bool {
            (48...57).contains(b) || (65...90).contains(b) || (97...122).contains(b) || b == 95 || b == 46
        }
        let before = bytes[..<min(s.start, bytes.count)].reversed().drop(while: isSpace)
        let behind = bytes[min(s.end, bytes.count)...].drop(while: isSpace).first ?? 10
        // `,`, `)`, `}`, `]`, `;` and the end of a line end a value.
        guard let sign = before.first, sign == 61 || sign == 58, [44, 41, 125, 93, 59, 10, 35].contains(behind) else {
            return ""
        }
        let name = String(
            decoding: before.dropFirst().drop(while: isSpace).prefix(while: isLetter).reversed(), as: UTF8.self)
        return name.isEmpty ? "" : name + (sign == 61 ? " = " : ": ")
    }

    func brief(_ t: String) -> String {
        let line = t.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > 44 ? line.prefix(40) + " ..." : line
    }

    mutating func visit(_ s: Statement) {
        let outer = (isInside, scope, summed)
        defer { (isInside, scope, summed) = outer }
        switch s.kind {
        case .function(let d):
            turnAxes { d.body.walk($0) }
            isInside = true
            scope = d.parameters.map(\.name.text)
            parameters = Set(scope)
            defer { parameters = [] }
            enter(d.body)
            let first = all.count
            visit(d.body)
            joinNumbers(from: first)
            for p in d.parameters { if let e = p.defaultValue { visit(e) } }
            return
        case .layer(let d):
            isInside = true
            switch d.form {
            case .pipeline(let e): visit(e)
            case .members(let members):
                for m in members {
                    switch m {
                    case .forward(_, let body): visit(body)
                    case .part(_, let e), .parameter(_, _, let e), .state(_, _, let e): visit(e)
                    }
                }
            }
            for p in d.parameters { if let e = p.defaultValue { visit(e) } }
            return
        case .assign(let targets, let value):
            if targets.count > 1 { exchange(targets.map(\.span)) }
            if isInside, targets.count == 1, case .name(let n) = targets[0].kind,
                mentions(value, n) || parameters.contains(n)
            {
                leaveOut(s.span)
            }
            if isInside {
                exchangeNames(value)
                exchangeShares(value)
            }
            if isOfEvaluation {
                prepareAlike(value)
                if targets.count == 1, case .name(let n) = targets[0].kind, mentions(value, n) { summed = n }
            }
            if case .comparison = value.kind, targets.count == 1, case .name(let n) = targets[0].kind {
                flags.insert(n)
            }
        case .expression(let e):
            if isInside, case .call(let f, _, _) = e.kind, case .name(let n) = f.kind, n != "update" {
                leaveOut(s.span)
            }
            if isInside, case .conditional = e.kind { leaveOut(s.span) }
        case .minimize(let value):
            exchangeNames(value)
            exchangeShares(value)
        case .every: leaveOut(s.span)
        case .forIn(let names, _, let block):
            isInside = true
            scope += names.map(\.text)
            if names.count > 1, let last = names.last { labels.insert(last.text) }
            enter(block)
        case .whileLoop(_, let block):
            isInside = true
            enter(block)
        default: break
        }
        for part in s.parts { visit(part) }
        for block in s.blocks {
            exchange(statements: block)
            for inner in block.statements { visit(inner) }
        }
    }

    /// Rows that are prepared in one way, in the way of the training's: `(te.x - m) / s` of `te.x / 16`.
    mutating func prepareAlike(_ value: Expression) {
        switch value.kind {
        case .binary, .call, .field, .apply: break
        default: return
        }
        var rows = Set<String>()
        value.walk { x in
            switch x.kind {
            case .field(let owner, let f) where f.text == "x":
                if case .name = owner.kind { rows.insert(text(x.span)) }
            case .name(let n) where isRows(n): rows.insert(n)
            default: break
            }
        }
        guard rows.count == 1, let given = rows.first else { return }
        for p in preparations { add(.operation, value.span, p.applied(to: given)) }
    }

    /// The variables that a block gives values to.
    mutating func enter(_ block: Block) {
        for s in block.statements {
            if case .assign(let targets, _) = s.kind {
                for t in targets { if case .name(let n) = t.kind, !scope.contains(n) { scope.append(n) } }
            }
            for inner in s.blocks { enter(inner) }
        }
    }
    mutating func enter(_ body: Body) { if case .block(let b) = body { enter(b) } }

    mutating func visit(_ body: Body) {
        switch body {
        case .expression(let e): visit(e)
        case .block(let b):
            exchange(statements: b)
            for s in b.statements { visit(s) }
        }
    }

    func mentions(_ e: Expression, _ name: String) -> Bool {
        var found = false
        e.walk { if case .name(name) = $0.kind { found = true } }
        return found
    }
}
