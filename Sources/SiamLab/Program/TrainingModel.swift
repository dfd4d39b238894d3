import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime

/// An expression and the text it stands in; the names that a constructor's call gives its parameters.
struct ExpressionReference {
    var document: Int
    var expression: Expression
    var bound: [String: Bound] = [:]

    indirect enum Bound { case spot(ExpressionReference) }

    /// Whether both are the same place of the text: spans compare equal whatever they hold.
    func isAt(_ other: ExpressionReference) -> Bool {
        document == other.document && expression.span.start == other.expression.span.start
            && expression.span.end == other.expression.span.end
    }
    func with(_ e: Expression) -> ExpressionReference {
        ExpressionReference(document: document, expression: e, bound: bound)
    }
    /// The same where the names of a call's parameters are known.
    func inside(_ caller: ExpressionReference) -> ExpressionReference {
        guard document == caller.document else { return self }
        var out = self
        out.bound.merge(caller.bound) { own, _ in own }
        return out
    }
    func replaced(by text: String) -> TextEdit {
        TextEdit(document: document, start: expression.span.start, end: expression.span.end, replacement: text)
    }
    func inserting(_ text: String, before: Bool = false) -> TextEdit {
        let at = before ? expression.span.start : expression.span.end
        return TextEdit(document: document, start: at, end: at, replacement: text)
    }
    /// The called name and its arguments; of a bare name the name alone.
    var call: (name: String, arguments: [Argument])? {
        switch expression.kind {
        case .call(let f, let arguments, _):
            if case .name(let n) = f.kind { return (n, arguments) }
            return nil
        case .name(let n): return (n, [])
        default: return nil
        }
    }
}

/// A static model of the training statement: its source, optimizer, loss, and the stages of its nets.
struct TrainingModel {
    let chart: ProgramText
    let train: Train
    let trainDocument: Int
    private(set) var layers: [String: (LayerDefinition, Int)] = [:]
    private(set) var functions: [String: (FunctionDefinition, Int)] = [:]
    private(set) var values: [String: ExpressionReference] = [:]
    /// What a name was given first.
    private(set) var starts: [String: ExpressionReference] = [:]
    private(set) var assignments: [String: (Statement, Int)] = [:]
    private(set) var statements: [(Statement, Int)] = []

    /// Which `train` of its document, in the order of the text: edits do not change it.
    let trainIndex: Int

    /// Of the `train` that made a run.
    init?(_ chart: ProgramText, _ wanted: Train) {
        var found: (document: Int, index: Int)?
        for (k, document) in chart.documents.enumerated() {
            for (n, t) in TrainingModel.trains(document.source).enumerated() where t == wanted {
                let isHere = t.head.start == wanted.head.start && t.head.end == wanted.head.end
                if found == nil || isHere { found = (k, n) }
            }
        }
        guard let found else { return nil }
        self.init(chart, document: found.document, index: found.index)
    }

    private static func trains(_ source: Source) -> [Train] {
        var all: [Train] = []
        for statement in Parser.parse(source).program.statements {
            statement.walk { e in if case .train(let t) = e.kind { all.append(t) } }
        }
        return all
    }

    init?(_ chart: ProgramText, document: Int, index: Int) {
        let all = TrainingModel.trains(chart.documents[document].source)
        guard all.indices.contains(index) else { return nil }
        self.init(chart, all[index], document: document, index: index)
    }

    /// Of a hand-written loop, read as a `train`.
    init(_ chart: ProgramText, _ loop: WrittenLoop) {
        self.init(chart, loop.train, document: loop.document, index: -1)
        isOfVariables = !loop.variables.isEmpty
        gradientsApart = loop.apart
    }
    /// Of a hand-written loop whose gradients come from another loop.
    private(set) var gradientsApart: WrittenLoop.GradientsApart?
    /// A state of one of the program's own layers that its forward never changes.
    struct IdleState {
        let layer: String
        let name: String
        /// The word that declares it, as that of a parameter.
        let word: TextEdit
        /// Whether the forward has a path for evaluation: the state was meant to be updated in training. Else it was meant to be
        /// trained.
        let isOfEvaluation: Bool
    }
    var idleStates: [IdleState] {
        layers.values.flatMap { definition, document -> [IdleState] in
            guard case .members(let members) = definition.form else { return [] }
            var assigned = Set<String>()
            var hasModes = false
            for m in members {
                guard case .forward(_, .block(let body)) = m else { continue }
                for s in body.statements { s.walk { if case .name("training") = $0.kind { hasModes = true } } }
                func look(_ statements: [Statement]) {
                    for s in statements {
                        if case .assign(let targets, _) = s.kind {
                            assigned.formUnion(targets.compactMap(WrittenLoop.root))
                        }
                        for block in s.innerBlocks { look(block.statements) }
                    }
                }
                look(body.statements)
            }
            let bytes = chart.documents[document].source.bytes
            return members.compactMap { m in
                guard case .state(let name, _, _) = m, !assigned.contains(name.text) else { return nil }
                let word = Array("state".utf8)
                guard
                    let end = bytes[..<min(name.span.start, bytes.count)].lastIndex(where: { $0 != 32 && $0 != 9 })
                        .map({ $0 + 1 }), end >= word.count, Array(bytes[(end - word.count)..<end]) == word
                else { return nil }
                return IdleState(
                    layer: definition.name.text, name: name.text,
                    word: TextEdit(document: document, start: end - word.count, end: end, replacement: "param"),
                    isOfEvaluation: hasModes)
            }
        }.sorted { $0.word.start < $1.word.start }
    }
    /// Whether the program keeps its weights in variables.
    private(set) var isOfVariables = false

    /// Of the same run in the changed program.
    func again(in chart: ProgramText) -> TrainingModel? {
        trainIndex < 0
            ? WrittenLoop(chart, ofVariables: isOfVariables).map { TrainingModel(chart, $0) }
            : TrainingModel(chart, document: trainDocument, index: trainIndex)
    }

    private init(_ chart: ProgramText, _ train: Train, document: Int, index: Int) {
        self.chart = chart
        self.train = train
        trainIndex = index
        trainDocument = document
        for (k, document) in chart.documents.enumerated() {
            for statement in Parser.parse(document.source).program.statements {
                statements.append((statement, k))
            }
        }
        for (statement, k) in statements { learn(statement, k) }
    }

    private mutating func learn(_ statement: Statement, _ k: Int) {
        switch statement.kind {
        case .layer(let d): layers[d.name.text] = (d, k)
        case .function(let d):
            functions[d.name.text] = (d, k)
            if case .block(let b) = d.body { for s in b.statements { learn(s, k) } }
        case .assign(let targets, let value):
            var items = [value]
            if targets.count > 1 {
                guard case .bracket(let parts) = value.kind, parts.count == targets.count else { return }
                items = parts
            }
            for (target, item) in zip(targets, items) {
                guard case .name(let name) = target.kind else { continue }
                values[name] = ExpressionReference(document: k, expression: item)
                if starts[name] == nil { starts[name] = values[name] }
                assignments[name] = (statement, k)
            }
        default: for block in statement.blocks { for s in block.statements { learn(s, k) } }
        }
    }

    func text(_ e: Expression, _ document: Int) -> String { chart.documents[document].source.text(e.span) }
    func text(_ s: ExpressionReference) -> String { text(s.expression, s.document) }

    /// Follows names to what they were given: `opt` to `adam(0.1)`.
    func followed(_ spot: ExpressionReference, _ depth: Int = 0) -> ExpressionReference {
        if depth < 8, case .field(let owner, let field) = spot.expression.kind {
            // A setting in a record of the program's.
            let made = followed(spot.with(owner), depth + 1)
            if case .record(let fields) = made.expression.kind,
                let found = fields.first(where: { $0.name.text == field.text })
            {
                return followed(made.with(found.value), depth + 1)
            }
            return spot
        }
        guard depth < 8, case .name(let name) = spot.expression.kind else { return spot }
        if case .spot(let given)? = spot.bound[name] { return followed(given, depth + 1) }
        if let value = values[name] { return followed(value.inside(spot), depth + 1) }
        return spot
    }

    /// A number, and where it is written.
    func number(_ spot: ExpressionReference, _ depth: Int = 0) -> (value: Double, spot: ExpressionReference)? {
        // `total = total + x` leads back to itself.
        guard depth < 16 else { return nil }
        let at = followed(spot)
        switch at.expression.kind {
        case .number(let x, _): return (x, at)
        case .unary(.minus, let inner):
            if case .number(let x, _) = inner.kind { return (-x, at) }
            return nil
        case .binary(let sign, let l, let r, _):
            guard let a = number(at.with(l), depth + 1)?.value, let b = number(at.with(r), depth + 1)?.value else {
                return nil
            }
            switch sign {
            case .add: return (a + b, at)
            case .subtract: return (a - b, at)
            case .multiply: return (a * b, at)
            case .divide: return b == 0 ? nil : (a / b, at)
            default: return nil
            }
        default: return nil
        }
    }

    /// The parameters of what can be called by a name, in order.
    func parameters(of name: String) -> [String] {
        if let d = layers[name]?.0 { return d.parameters.map(\.name.text) }
        if let d = functions[name]?.0 { return d.parameters.map(\.name.text) }
        if let d = Prelude.definition(name) {
            return TrainingModel.inside(d.signature).map(TrainingModel.head)
        }
        if let b = Builtins.core.first(where: { $0.name == name }) { return b.parameters.map(\.name) }
        return []
    }

    /// The default of a parameter, as written.
    func defaultValue(_ parameter: String, of name: String) -> Double? {
        if let (d, k) = functions[name] {
            return d.parameters.first { $0.name.text == parameter }?.defaultValue.flatMap {
                number(ExpressionReference(document: k, expression: $0))?.value
            }
        }
        guard let d = Prelude.definition(name) else { return nil }
        for part in TrainingModel.inside(d.signature) where TrainingModel.head(part) == parameter {
            let sides = part.split(separator: "=")
            if sides.count == 2 { return Double(String(sides[1]).filter { $0 != " " }) }
        }
        return nil
    }

    private static func inside(_ signature: String) -> [String] {
        guard let open = signature.firstIndex(of: "("), let close = signature.lastIndex(of: ")"), open < close else {
            return []
        }
        return signature[signature.index(after: open)..<close].split(separator: ",").map(String.init)
    }
    private static func head(_ part: String) -> String {
        String(part.prefix { $0 != "=" }).filter { $0 != " " }
    }

    /// The argument of a call by its parameter's name.
    func argument(_ parameter: String, of spot: ExpressionReference) -> ExpressionReference? {
        guard let (name, arguments) = spot.call else { return nil }
        if let named = arguments.first(where: { $0.name?.text == parameter }) { return spot.with(named.value) }
        guard let place = parameters(of: name).firstIndex(of: parameter) else { return nil }
        let positional = arguments.filter { $0.name == nil }
        return place < positional.count ? spot.with(positional[place].value) : nil
    }

    /// Edits that give an argument of a call another value.
    func setting(_ parameter: String, of spot: ExpressionReference, to text: String) -> [TextEdit] {
        if let given = argument(parameter, of: spot) {
            if let (_, at) = number(given) { return [at.replaced(by: text)] }
            return [given.replaced(by: text)]
        }
        guard case .call(_, let arguments, let isCommand) = spot.expression.kind, !isCommand else {
            if case .name(let n) = spot.expression.kind { return [spot.replaced(by: "\(n)(\(parameter) = \(text))")] }
            return []
        }
        let close = spot.expression.span.end - 1
        return [
            TextEdit(
                document: spot.document, start: close, end: close,
                replacement: (arguments.isEmpty ? "" : ", ") + "\(parameter) = \(text)")
        ]
    }

    // MARK: The parts of the run

    var source: ExpressionReference { followed(ExpressionReference(document: trainDocument, expression: train.source)) }
    var optimizer: ExpressionReference {
        followed(ExpressionReference(document: trainDocument, expression: train.optimizer))
    }
    /// What the optimizer is declared as; nil where it is not written as a call of one.
    var optimizerKind: Optimizer.Declaration? {
        guard let name = optimizer.call?.name else { return nil }
        return Optimizer.all.first { $0.name == name }
    }
    private static let folding = Set(Builtins.core.filter { $0.traits.contains(.folds) }.map(\.name))
    /// Whether the training stands in a loop over the parts of a cross-validation, or over values that its net, its optimizer or
    /// its data are made with: each round has a net of its own.
    var isOneOfSeveral: Bool {
        guard let first = train.body.statements.first else { return false }
        return statements.contains { s, k in
            guard k == trainDocument, case .forIn(let names, let source, let block) = s.kind,
                s.span.start <= first.span.start, first.span.end <= s.span.end
            else { return false }
            var found = false
            source.walk { if case .name(let n) = $0.kind, TrainingModel.folding.contains(n) { found = true } }
            for made in block.statements where made.span.end <= first.span.start {
                guard case .assign(_, let value) = made.kind else { continue }
                value.walk { x in
                    if case .name(let n) = x.kind, names.contains(where: { $0.text == n }) { found = true }
                }
            }
            return found
        }
    }
    /// Whether the body names a part of the batch.
    func isMentioned(part: Int) -> Bool {
        guard part < train.names.count else { return false }
        var found = false
        for s in train.body.statements {
            s.walk { if case .name(train.names[part].text) = $0.kind { found = true } }
        }
        return found
    }
    var losses: [ExpressionReference] {
        var found: [ExpressionReference] = []
        func visit(_ statements: [Statement]) {
            for s in statements {
                if case .minimize(let e) = s.kind {
                    found.append(ExpressionReference(document: trainDocument, expression: e))
                }
                for b in s.innerBlocks { visit(b.statements) }
            }
        }
        visit(train.body.statements)
        return found
    }
    /// What a minimized name was given inside the body.
    func lossValue(_ spot: ExpressionReference) -> ExpressionReference {
        guard case .name(let name) = spot.expression.kind else { return spot }
        for s in train.body.statements {
            if case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(name)? = targets.first?.kind
            {
                return spot.with(value)
            }
        }
        return spot
    }
    /// The call of a loss in what is minimized: the first call of a function with a margin, else of a loss at all.
    var lossCall: ExpressionReference? {
        var calls: [ExpressionReference] = []
        for loss in losses.map(lossValue) {
            loss.expression.walk { e in
                let s = loss.with(e)
                if case .call = e.kind, let name = s.call?.name,
                    functions[name] != nil || Prelude.definition(name)?.role == "loss"
                {
                    calls.append(s)
                }
            }
        }
        return calls.first { marginName($0) != nil } ?? calls.first
    }
    func marginName(_ call: ExpressionReference) -> String? {
        guard let name = call.call?.name else { return nil }
        let all = parameters(of: name)
        return ["margin", "m"].first { all.contains($0) }
    }
    /// The margin of the loss, where one is known.
    var margin: Double? {
        guard let call = lossCall, let name = call.call?.name, let parameter = marginName(call) else {
            return hinge?.margin
        }
        if let given = argument(parameter, of: call) { return number(given)?.value }
        return defaultValue(parameter, of: name)
    }
    var lossName: String { lossCall?.call?.name ?? "" }
}
