import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A change of one place of a program's text, made without knowing what it is for.
struct SingleEdit {
    enum Kind: CaseIterable {
        /// A number, larger or smaller.
        case number
        /// A sign, a comparison, the order of operands, arguments or names.
        case order
        /// An axis: over the rows in place of the columns.
        case axis
        /// A sum in place of a mean, or the other way round; a mean inside in place of outside.
        case reduction
        /// A statement before another in place of behind it.
        case sequence
        /// An operation left out, or two that follow one another exchanged.
        case operation
        /// The size or the square of a difference in place of the difference.
        case difference
        /// Another variable of the same function, loop or training.
        case name
    }
    var kind: Kind
    var edits: [TextEdit]
    var label: String
    /// Of a number: where it stands, and what it is.
    var number: (place: TextEdit, value: Double)?
    /// An exchange of product and quotient, which switches a term off as easily as it turns it.
    var isFarFetched = false
    /// What people often confuse, as a squared distance with the distance.
    var isLikely = false
    /// `temperature = ` of a number, a flag or an axis that is given to a name.
    var owner = ""
    /// Other places of the same function or loop where the same number stands, that change with it.
    var beside: [TextEdit] = []

    /// The same place with the number times so much; nil where that would be no other number.
    func scaled(by factor: Double) -> SingleEdit? {
        guard let number else { return nil }
        var value = SingleEdit.roundest(number.value * factor)
        // A whole number may have to be one.
        if number.value == number.value.rounded(), abs(value) >= 1 { value = value.rounded() }
        guard value != number.value, value.isFinite else { return nil }
        var other = self
        let text = formatNumber(value)
        var place = number.place
        place.replacement = text
        other.edits =
            [place]
            + beside.map {
                var edit = $0
                edit.replacement = text
                return edit
            }
        other.label =
            owner + "\(text) instead of \(formatNumber(number.value))"
            + (beside.isEmpty ? "" : " in \(beside.count + 1) places")
        return other
    }

    private static func roundest(_ x: Double) -> Double { x < 0 ? -round(-x) : round(x) }

    /// How many letters are taken away and written; 2 of a number.
    var letters: Int {
        number == nil ? edits.reduce(0) { $0 + ($1.end - $1.start) + $1.replacement.utf8.count } : 2
    }
    func isOfSameNumber(as other: SingleEdit) -> Bool {
        guard let a = number?.place, let b = other.number?.place else { return false }
        return a.document == b.document && a.start == b.start && beside.count == other.beside.count
    }
    /// By how many decades a number is changed; 0 of anything else.
    var decades: Double {
        guard let number, let new = edits.first.flatMap({ Double($0.replacement) }), new != 0, number.value != 0 else {
            return 0
        }
        return abs(log10(abs(new / number.value)))
    }
    /// Whether a number is so much farther from 1 than before that its term is as good as switched off or all that counts:
    /// what is wrong may then stand elsewhere.
    var isRemote: Bool {
        if isFarFetched { return true }
        guard let number, let new = edits.first.flatMap({ Double($0.replacement) }), new != 0, number.value != 0 else {
            return false
        }
        return decades > 2 && abs(log10(abs(new))) > abs(log10(abs(number.value)))
    }
}

/// All changes of one place that are tried.
struct SingleEdits {
    private(set) var all: [SingleEdit] = []
    private let chart: ProgramText
    private var document = 0
    private var bytes: [UInt8] = []
    /// Whether statements belong to the training itself: a body, a loop, a function.
    private var isInside = false
    /// The variables of the function, loop or training that is read.
    private var scope: [String] = []
    /// Parameters of the function that is read.
    private var parameters: Set<String> = []
    /// Those of the variables that hold labels: in the place of an output they would make any loss small.
    private var labels: Set<String> = []
    /// For a name, the other names that may have been meant.
    private var others: [String: [String]] = [:]
    /// The trained nets, and what the training does to what it gives them.
    private var nets: Set<String> = []
    private var preparations: [Preparation] = []
    private var isOfEvaluation = false
    /// Whether a name stands for many rows.
    private var isRows: (String) -> Bool = { _ in false }
    /// Of `total = total + n`, in what only measures: total.
    private var summed: String?
    /// Variables that hold the outcome of a comparison.
    private var flags: Set<String> = []

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
            for s in statements where !ShownStatements.isLeftOut(s) { visit(s) }
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

    /// Whether an expression draws random numbers, or rows.
    private static func draws(_ e: Expression) -> Bool {
        var makes = false
        e.walk { x in
            if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, makesRows(n) { makes = true }
        }
        return makes || drawsNumbers(e)
    }
    /// Whether an expression draws random numbers.
    static func drawsNumbers(_ e: Expression) -> Bool {
        var found = false
        e.walk { x in
            guard case .call(let f, _, _) = x.kind, case .name(let n) = f.kind else { return }
            if Builtins.core.contains(where: { $0.name == n && $0.family == "random" }) { found = true }
        }
        return found
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

    private func text(_ start: Int, _ end: Int) -> String {
        guard 0 <= start, start <= end, end <= bytes.count else { return "" }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
    private func text(_ s: Span) -> String { text(s.start, s.end) }
    private func replacing(_ s: Span, _ text: String) -> TextEdit {
        TextEdit(document: document, start: s.start, end: s.end, replacement: text)
    }

    private mutating func add(_ kind: SingleEdit.Kind, _ s: Span, _ new: String, isFarFetched: Bool = false) {
        let old = text(s)
        guard old != new, !old.isEmpty, !all.contains(where: { $0.edits == [replacing(s, new)] }) else { return }
        let label =
            new.isEmpty || new == "none;"
            ? "without \(brief(old))" : owner(of: s) + "\(brief(new)) instead of \(brief(old))"
        all.append(
            SingleEdit(kind: kind, edits: [replacing(s, new)], label: label, isFarFetched: isFarFetched))
    }

    /// `name = ` or `name: ` where a value is given to a name, whole.
    private func owner(of s: Span) -> String {
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

    private func brief(_ t: String) -> String {
        let line = t.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > 44 ? line.prefix(40) + " ..." : line
    }

    // MARK: Statements

    private mutating func visit(_ s: Statement) {
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
            for p in d.parameters { if let e = p.standard { visit(e) } }
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
            for p in d.parameters { if let e = p.standard { visit(e) } }
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
    private mutating func prepareAlike(_ value: Expression) {
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

    /// Two statements of a block that follow one another, on lines of their own, change places.
    private mutating func exchange(statements block: Block) {
        guard isInside else { return }
        for (a, b) in zip(block.statements, block.statements.dropFirst()) {
            exchange([a.span, b.span], as: .sequence)
        }
    }

    /// The variables that a block gives values to.
    private mutating func enter(_ block: Block) {
        for s in block.statements {
            if case .assign(let targets, _) = s.kind {
                for t in targets { if case .name(let n) = t.kind, !scope.contains(n) { scope.append(n) } }
            }
            for inner in s.blocks { enter(inner) }
        }
    }
    private mutating func enter(_ body: Body) { if case .block(let b) = body { enter(b) } }

    private mutating func visit(_ body: Body) {
        switch body {
        case .expression(let e): visit(e)
        case .block(let b):
            exchange(statements: b)
            for s in b.statements { visit(s) }
        }
    }

    /// Of `s * a + (1 - s) * b` the two shares change places.
    private mutating func exchangeShares(_ e: Expression) {
        var rests: [(whole: Span, share: String)] = []
        e.walk { x in
            if case .binary(.subtract, let one, let share, _) = x.kind, case .number(1, _) = one.kind {
                rests.append((x.span, text(share.span)))
            }
        }
        for share in Set(rests.map(\.share)) {
            let own = rests.filter { $0.share == share }.map(\.whole)
            var others: [Span] = []
            e.walk { x in
                if text(x.span) == share, !own.contains(where: { $0.start <= x.span.start && x.span.end <= $0.end }) {
                    others.append(x.span)
                }
            }
            guard !others.isEmpty else { continue }
            let edits =
                own.map { replacing($0, "(\(share))") } + others.map { replacing($0, "(1 - (\(share)))") }
            let one = brief(share)
            all.append(
                SingleEdit(
                    kind: .order, edits: edits, label: "\(one) and 1 - \(one) exchanged in \(brief(text(e.span)))"))
        }
    }

    /// `1 - f` of a flag that something is multiplied by.
    private mutating func turnFlag(_ e: Expression) {
        let isFlag =
            switch e.kind {
            case .name(let n): flags.contains(n) || labels.contains(n)
            case .call(let f, _, _): if case .name("same_class") = f.kind { true } else { false }
            default: false
            }
        if isFlag { add(.order, e.span, "(1 - \(text(e.span)))") }
    }

    /// The same number at several places of one function, as the two shifts of a picture: all of them at once.
    private mutating func joinNumbers(from first: Int) {
        let found = all[first...].filter { $0.number != nil }
        let groups = Dictionary(grouping: found) { $0.number?.value ?? 0 }
        for group in groups.values where group.count > 1 && group.count < 6 {
            var joined = group[group.startIndex]
            joined.beside = group.dropFirst().compactMap { $0.number?.place }
            all.append(joined)
        }
    }

    /// Two variables of the same function, loop or training take each other's places in all of an expression.
    private mutating func exchangeNames(_ e: Expression) {
        var places: [String: [Span]] = [:]
        var order: [String] = []
        e.walk { x in
            guard case .name(let n) = x.kind, scope.contains(n), !labels.contains(n) else { return }
            if places[n] == nil { order.append(n) }
            places[n, default: []].append(x.span)
        }
        guard order.count > 1, order.count < 4 else { return }
        for (k, a) in order.enumerated() {
            for b in order[(k + 1)...] {
                let edits =
                    (places[a] ?? []).map { replacing($0, b) } + (places[b] ?? []).map { replacing($0, a) }
                all.append(
                    SingleEdit(kind: .name, edits: edits, label: "\(a) and \(b) exchanged in \(brief(text(e.span)))"))
            }
        }
    }

    /// All axes of a function, or of the statements of a text, at once: a mean and a deviation go together.
    private mutating func turnAxes(_ walk: ((Expression) -> Void) -> Void) {
        var found: [Span] = []
        walk { e in
            guard case .call(_, let arguments, _) = e.kind else { return }
            for a in arguments where a.name?.text == "axis" {
                if case .number(let x, _) = a.value.kind, x == 0 || x == 1 { found.append(a.value.span) }
            }
        }
        guard found.count > 1, found.count < 5, Set(found.map(text)).count == 1 else { return }
        let other = text(found[0]) == "0" ? "1" : "0"
        all.append(
            SingleEdit(
                kind: .axis, edits: found.map { replacing($0, other) },
                label: "axis = \(other) throughout instead of axis = \(text(found[0]))"))
    }

    /// A statement on lines of its own goes, and another gives way to one that does nothing.
    private mutating func leaveOut(_ s: Span) {
        let before = bytes[..<min(s.start, bytes.count)].reversed().first { $0 != 32 && $0 != 9 }
        let behind = bytes[min(s.end, bytes.count)...].first { $0 != 32 && $0 != 9 }
        add(.operation, s, (before ?? 10) == 10 && (behind ?? 10) == 10 ? "" : "none;")
    }

    private static func trimmed(_ t: String) -> String {
        String(t.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    private func mentions(_ e: Expression, _ name: String) -> Bool {
        var found = false
        e.walk { if case .name(name) = $0.kind { found = true } }
        return found
    }

    /// Two neighbours in the text change places.
    private mutating func exchange(_ spans: [Span], as kind: SingleEdit.Kind = .order) {
        for k in spans.indices.dropFirst() {
            let (a, b) = (spans[k - 1], spans[k])
            guard a.end <= b.start, text(a) != text(b) else { continue }
            add(kind, Span(a.start, b.end), text(b) + text(a.end, b.start) + text(a))
        }
    }

    // MARK: Expressions

    private static let opposites = [
        "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "maximum": "minimum", "minimum": "maximum",
        "mean": "sum", "sum": "mean", "sigmoid": "relu", "tanh": "relu", "ones": "zeros", "zeros": "ones",
        "floor": "ceil",
    ]
    /// Without an axis they go over all that they are given.
    private static let reducing: Set<String> = ["mean", "sum", "std", "max", "min"]
    /// Their numbers are lengths, places and seeds.
    private static let counting: Set<String> = [
        "seed", "reshape", "range", "split", "sample", "permutation", "squeeze", "expand", "zeros", "ones", "one_hot",
        "split_classes", "linspace",
    ]

    /// Whether a function draws data by numbers that say how hard the task is: another task would be no repair.
    private static func drawsTask(_ name: String) -> Bool {
        Builtins.core.contains { b in
            b.name == name && b.family == "data" && b.parameters.contains { ["noise", "spread"].contains($0.name) }
        }
    }
    private static func makesRows(_ name: String) -> Bool {
        Builtins.core.contains { $0.name == name && $0.family.hasPrefix("data") }
    }

    private mutating func visit(_ e: Expression) {
        switch e.kind {
        case .number(let x, let written):
            // A hundred makes a share a percentage.
            if x != 0, !isOfEvaluation || x != 100 {
                all.append(
                    SingleEdit(
                        kind: .number, edits: [], label: "", number: (replacing(e.span, ""), x),
                        owner: owner(of: e.span)))
            }
            // A share of 1: what is left of it may be what matters, as of a momentum, or what was meant.
            if x > 0.05, x < 1 {
                var others = [1 - x]
                if x > 0.9 { others += [1 - 30 * (1 - x), 1 - 3000 * (1 - x)].filter { $0 > 0 } }
                for other in others where abs(other - x) > 0.01 || x > 0.9 {
                    let new = tidy(other)
                    all.append(
                        SingleEdit(
                            kind: .number, edits: [replacing(e.span, new)],
                            label: owner(of: e.span) + "\(new) instead of \(written)"))
                }
            }
            return
        case .bool(let isTrue): add(.order, e.span, isTrue ? "false" : "true")
        case .name(let n):
            // What a sum goes on from is itself.
            if n == summed { return }
            for other in others[n] ?? [] { add(.name, e.span, other) }
            if isInside, scope.contains(n), !labels.contains(n) {
                for other in scope where other != n && !labels.contains(other) { add(.name, e.span, other) }
            }
        case .apply(let l, _): add(.operation, e.span, "(\(text(l.span)))")
        case .binary(let sign, let l, let r, let at):
            switch sign {
            case .add:
                add(.order, at, "-")
                joinFirst(e, l, r, at)
            case .subtract:
                add(.order, at, "+")
                joinFirst(e, l, r, at)
                withoutSign(e, l, r)
                exchangeSides(e, l, r, at)
            case .multiply:
                add(.order, at, "/", isFarFetched: !isOfEvaluation)
                if isInside {
                    turnFlag(l)
                    turnFlag(r)
                }
                if isOfEvaluation { add(.order, at, "+") }
            case .divide:
                add(.order, at, "*", isFarFetched: !isOfEvaluation)
                exchangeSides(e, l, r, at)
            default: break
            }
            if isInside, sign != .power, sign != .matmul {
                // The span of a sum in parentheses holds these.
                let (left, right) = (text(l.span.start, at.start), text(at.end, r.span.end))
                if case .number = l.kind {} else { add(.operation, e.span, "(\(SingleEdits.trimmed(left)))") }
                if case .number = r.kind {} else { add(.operation, e.span, "(\(SingleEdits.trimmed(right)))") }
            }
        case .comparison(let operands, let signs, let spans) where operands.count == 2 && signs.count == 1:
            let other: [ComparisonOperator: String] = [
                .less: ">", .greater: "<", .lessOrEqual: ">=", .greaterOrEqual: "<=", .equal: "!=", .unequal: "==",
            ]
            if let text = other[signs[0]] { add(.order, spans[0], text) }
            // What outputs are compared with is the truth of these rows, and no other variable's.
            if isOfEvaluation, signs[0] == .equal || signs[0] == .unequal {
                for o in operands { if case .name(let n) = o.kind { labels.insert(n) } }
            }
            // A column against a row makes a square.
            for o in operands where isOfEvaluation {
                if case .number = o.kind { continue }
                add(.axis, o.span, "reshape(\(text(o.span)), -1)")
            }
        case .call(let f, _, true):
            if case .name("seed") = f.kind { return }
        case .call(let f, let arguments, let isCommand):
            guard !isCommand, case .name(let name) = f.kind else { break }
            // What is frozen has a rule of its own.
            if name == "seed" || name == "freeze" || SingleEdits.drawsTask(name) { return }
            for other in others[name] ?? [] { add(.name, f.span, other) }
            if let other = SingleEdits.opposites[name] {
                add(name == "mean" || name == "sum" ? .reduction : .order, f.span, other)
            }
            let placed = arguments.filter { $0.name == nil }
            if let first = placed.first, case .number = first.value.kind {
            } else if let first = placed.first {
                add(.operation, e.span, "(\(text(first.value.span)))")
            }
            if isInside { add(.order, e.span, "(-\(text(e.span)))") }
            leaveOutNamed(e, f, arguments)
            if isInside, SingleEdits.reducing.contains(name), arguments.count == 1, placed.count == 1 {
                for axis in ["0", "-1"] {
                    add(.axis, e.span, "\(name)(\(text(placed[0].value.span)), axis = \(axis))")
                }
            }
            meanOutside(e, name, placed)
            // A squared distance in place of the distance.
            if isOfEvaluation, name == "sum", case .binary(.power, _, let two, _)? = placed.first?.value.kind,
                case .number(2, _) = two.kind
            {
                add(.operation, e.span, "sqrt(\(text(e.span)))")
            }
            if isOfEvaluation, ["squared", "squared_euclidean"].contains(name), placed.count == 2 {
                add(.name, f.span, "euclidean")
                if let last = all.indices.last { all[last].isLikely = true }
            }
            if name == "reshape", let first = placed.first {
                add(.order, e.span, "transpose(\(text(first.value.span)))")
            }
            if name == "repeat" || name == "tile", placed.count == 2 {
                let times = text(placed[1].value.span)
                let other = name == "repeat" ? "tile" : "repeat"
                let given = name == "repeat" ? "[\(times)]" : times.filter { $0 != "[" && $0 != "]" }
                add(.order, e.span, "\(other)(\(text(placed[0].value.span)), \(given))")
            }
            // What a net gives stands first in the measures of the language, and the targets behind it.
            let isInOrder =
                isOfEvaluation && TrainingModel.measures.contains(name)
                && placed.first.map { isOfNet($0.value) } == true
            if !SingleEdits.symmetric.contains(name), !isInOrder {
                exchange(placed.filter { if case .number = $0.value.kind { false } else { true } }.map(\.value.span))
            }
            // f(g(x), ...) as g(f(x, ...)).
            if let first = placed.first, case .call(let g, let inner, false) = first.value.kind, let x = inner.first,
                x.name == nil, case .name(let other) = g.kind, other != name
            {
                let (i, o) = (first.value.span, x.value.span)
                add(
                    .operation, e.span,
                    text(i.start, o.start) + text(e.span.start, i.start) + text(o) + text(i.end, e.span.end)
                        + text(o.end, i.end))
                // With the arguments of the inner call left to the outer: abs(sum(d, axis = 1)) as sum(abs(d), axis = 1).
                add(.operation, e.span, "\(other)(\(name)(\(text(o)))\(text(o.end, i.end))")
            }
            if TrainingModel.measures.contains(name) {
                for a in placed {
                    guard case .name(let n) = a.value.kind, nets.contains(n) else { continue }
                    for p in preparations { add(.order, a.value.span, "x -> \(n)(\(p.applied(to: "x")))") }
                }
            }
            if nets.contains(name), let first = placed.first {
                for p in preparations { add(.order, first.value.span, p.applied(to: text(first.value.span))) }
            }
            if SingleEdits.counting.contains(name) || isOfEvaluation && SingleEdits.makesRows(name) {
                for a in arguments { if case .number = a.value.kind { continue } else { visit(a.value) } }
                return
            }
            for a in arguments {
                if a.name?.text == "axis" { turnAxis(a.value) } else { visit(a.value) }
            }
            return
        case .index(let owner, let places):
            if places.count == 1 {
                switch places[0].kind {
                case .name, .call, .index:
                    add(.operation, e.span, text(owner.span))
                    add(.operation, e.span, text(places[0].span))
                default: break
                }
                // Places that are drawn anew where those of another tensor were meant.
                if isInside, case .call = places[0].kind {
                    for other in scope { add(.name, places[0].span, other) }
                }
            }
            // A member of a list, or a column, that stands beside it.
            if isInside || isOfEvaluation, let last = places.last, case .number(let k, _) = last.kind, k >= 0 {
                add(.name, last.span, formatNumber(k + 1))
                if k > 0 { add(.name, last.span, formatNumber(k - 1)) }
            }
            visit(owner)
            for p in places { if case .number = p.kind {} else if case .range = p.kind {} else { visit(p) } }
            return
        case .compose:
            leaveOutStages(e)
            for stage in SingleEdits.stages(e) { visit(stage) }
            return
        case .unary(.minus, let inner):
            if case .number(let x, _) = inner.kind {
                all.append(SingleEdit(kind: .number, edits: [], label: "", number: (replacing(e.span, ""), -x)))
                return
            }
            add(.order, e.span, "(\(text(inner.span)))")
        case .range:
            shiftEnds(e)
            return
        case .lambda(let parameters, let body):
            let outer = (isInside, scope)
            isInside = true
            scope += parameters.map(\.name.text)
            turnAxes { body.walk($0) }
            visit(body)
            (isInside, scope) = outer
            return
        case .train(let t):
            // An input and its label are no two of one kind.
            if t.names.count != 2 { exchange(t.names.map(\.span)) }
            visit(t.source)
            visit(t.optimizer)
            for n in t.nets { visit(n) }
            let outer = (isInside, scope)
            isInside = true
            scope += t.names.map(\.text)
            if t.names.count > 1, let last = t.names.last { labels.insert(last.text) }
            enter(t.body)
            for s in t.body.statements { visit(s) }
            (isInside, scope) = outer
            return
        default: break
        }
        for part in e.parts { visit(part) }
        for block in e.blocks { for s in block.statements { visit(s) } }
    }

    /// Whether a net is applied in an expression.
    private func isOfNet(_ e: Expression) -> Bool {
        var found = false
        e.walk { x in
            if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, nets.contains(n) { found = true }
        }
        return found
    }

    private static func stages(_ e: Expression) -> [Expression] {
        if case .compose(let l, let r) = e.kind { stages(l) + stages(r) } else { [e] }
    }
    private static let weighted: Set<String> = ["dense", "conv", "embedding", "gru", "attention", "flatten"]

    /// A pipeline without one of its stages that has no weights.
    private mutating func leaveOutStages(_ e: Expression) {
        let all = SingleEdits.stages(e)
        for k in all.indices {
            switch all[k].kind {
            case .call(let f, _, _):
                if case .name(let n) = f.kind, SingleEdits.weighted.contains(n) { continue }
            case .name(let n) where SingleEdits.weighted.contains(n): continue
            default: break
            }
            let rest = all.indices.filter { $0 != k }.map { text(all[$0].span) }
            add(.operation, e.span, rest.joined(separator: " >> "))
        }
    }

    /// Without an argument that is given by its name: an augmentation, weights, a decay.
    private mutating func leaveOutNamed(_ e: Expression, _ f: Expression, _ arguments: [Argument]) {
        for (k, a) in arguments.enumerated() {
            guard let name = a.name, name.text != "axis", name.text != "keep", name.text != "batch" else { continue }
            let start = k > 0 ? arguments[k - 1].value.span.end : name.span.start
            let end =
                k == 0 && arguments.count > 1
                ? arguments[1].name?.span.start ?? arguments[1].value.span.start : a.value.span.end
            guard start < end, end <= e.span.end else { continue }
            let label = "without \(brief(text(name.span.start, a.value.span.end)))"
            all.append(SingleEdit(kind: .operation, edits: [replacing(Span(start, end), "")], label: label))
        }
    }

    /// `mean(relu(x + 1))` of `relu(mean(x) + 1)`: of each row, then over them.
    private mutating func meanOutside(_ e: Expression, _ name: String, _ placed: [Argument]) {
        // A hinge without a margin.
        if name == "relu", placed.count == 1, isInside {
            var hasNumber = false
            placed[0].value.walk { if case .number = $0.kind { hasNumber = true } }
            if case .binary(.subtract, _, _, _) = placed[0].value.kind, !hasNumber {
                let inner = text(placed[0].value.span)
                for margin in ["0.3", "1"] { add(.number, placed[0].value.span, "\(inner) + \(margin)") }
            }
        }
        guard ["relu", "abs", "exp", "log", "sqrt", "squared", "softplus"].contains(name), placed.count == 1 else {
            return
        }
        let argument = placed[0].value
        if case .call = argument.kind { return }
        argument.walk { x in
            guard case .call(let g, let inner, _) = x.kind, case .name("mean") = g.kind, inner.count == 1 else {
                return
            }
            let changed =
                text(argument.span.start, x.span.start) + "(\(text(inner[0].value.span)))"
                + text(x.span.end, argument.span.end)
            add(.reduction, e.span, "mean(\(name)(\(changed)))")
        }
    }

    /// One more or one less at an end: `0..n` of `0..n - 1`.
    private mutating func shiftEnds(_ e: Expression) {
        guard isInside else { return }
        for end in e.parts {
            switch end.kind {
            case .number(let x, _):
                add(.number, end.span, formatNumber(x + 1))
                if x > 0 { add(.number, end.span, formatNumber(x - 1)) }
            case .binary(let sign, let l, let r, _) where sign == .subtract || sign == .add:
                if case .number(1, _) = r.kind { add(.operation, end.span, text(l.span)) }
            case .name, .call, .field: add(.operation, end.span, "(\(text(end.span)) - 1)")
            default: break
            }
        }
    }

    /// Rows in place of columns, and columns in place of rows.
    private mutating func turnAxis(_ e: Expression) {
        switch e.kind {
        case .number(let x, _):
            add(.axis, e.span, x == 0 ? "1" : formatNumber(x - 1))
            if x == 1 { add(.axis, e.span, "2") }
            if x > 1 { add(.axis, e.span, "0") }
        case .unary(.minus, _): add(.axis, e.span, "0")
        default: visit(e)
        }
    }

    /// `abs(a - b)` and `(a - b)^2` of `a - b`.
    private mutating func withoutSign(_ e: Expression, _ l: Expression, _ r: Expression) {
        func isOfValues(_ e: Expression) -> Bool {
            switch e.kind {
            case .name(let n): !labels.contains(n)
            case .call, .index, .field: true
            default: false
            }
        }
        guard isInside, isOfValues(l), isOfValues(r) else { return }
        let whole = text(e.span)
        let bare = whole.hasPrefix("(") && whole.hasSuffix(")") ? whole : "(\(whole))"
        add(.difference, e.span, "abs\(bare)")
        add(.difference, e.span, "\(bare)^2")
    }
    /// Functions whose first two arguments may change places without another value.
    private static let symmetric: Set<String> = [
        "mse", "mae", "rmse", "huber", "euclidean", "squared_euclidean", "manhattan", "cosine", "cosine_similarity",
        "dot",
        "maximum", "minimum", "same_class", "logical_and", "logical_or",
    ]

    /// `(a - b) / c` of `a - b / c`.
    private mutating func joinFirst(_ e: Expression, _ l: Expression, _ r: Expression, _ at: Span) {
        guard case .binary(let sign, let first, let second, let inner) = r.kind, sign == .divide || sign == .multiply
        else { return }
        if case .number = first.kind { return }
        if case .number = l.kind { return }
        // Parentheses of their own were meant.
        guard !text(at.end, r.span.end).contains("(") || !text(r.span).hasPrefix("(") else { return }
        let sum = text(l.span.start, at.start) + text(at) + text(at.end, first.span.end)
        add(.order, e.span, "(\(SingleEdits.trimmed(sum))) \(text(inner)) \(text(second.span))")
    }

    /// `b - a` of `a - b`.
    private mutating func exchangeSides(_ e: Expression, _ l: Expression, _ r: Expression, _ at: Span) {
        let (left, right) = (text(l.span.start, at.start), text(at.end, r.span.end))
        add(.order, e.span, "((\(SingleEdits.trimmed(right))) \(text(at)) (\(SingleEdits.trimmed(left))))")
    }
}

extension SingleEdit {
    /// Numbers first, then what turns something round, then what leaves something out.
    fileprivate var rank: Int {
        switch kind {
        case .number: 0
        case .axis, .reduction: 1
        case .order: 2
        case .operation, .difference: 3
        case .name: 4
        case .sequence: 5
        }
    }
}
