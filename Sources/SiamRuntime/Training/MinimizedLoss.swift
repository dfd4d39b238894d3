import SiamCompiler
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The loss that a run minimizes, as far as its text tells: the function that is called, and the numbers that it was given.
struct MinimizedLoss {
    let function: Function
    let place: Place
    /// Arguments that are plain numbers, by the name of their parameter. An unknown number is `nan`.
    let given: [String: Double]

    /// The first call of a function that says its plateaus, in what the body of the run minimizes.
    init?(_ run: Run, _ interpreter: Interpreter, _ lookUp: (String) -> Value?) {
        var found: MinimizedLoss?
        for minimized in MinimizedLoss.expressions(in: run.syntax.body) {
            MinimizedLoss.followed(minimized, in: run.syntax.body).walk { e in
                guard found == nil, case .call(let callee, let arguments, _) = e.kind,
                    case .name(let name) = callee.kind, case .function(let f)? = lookUp(name),
                    f.plateauLine != nil
                else { return }
                found = MinimizedLoss(f, arguments, Place(run.code.source, e.span), lookUp)
            }
        }
        guard let found else { return nil }
        self = found
    }

    private init(_ f: Function, _ arguments: [Argument], _ place: Place, _ lookUp: (String) -> Value?) {
        function = f
        self.place = place
        var given: [String: Double] = [:]
        var next = 0
        for a in arguments {
            var name = a.name?.text
            if name == nil {
                name = f.code.parameters[safe: next]?.name
                next += 1
            }
            if let name { given[name] = MinimizedLoss.number(a.value, lookUp) ?? .nan }
        }
        self.given = given
    }

    /// `max(x, 0)`, which takes 0 for an axis: `relu(x)`.
    static func elementwise(_ e: Expression, _ source: Source) -> String? {
        guard case .call(let callee, let given, _) = e.kind, callee.kind == .name("max"), given.count == 2,
            given.allSatisfy({ $0.name == nil }), given[1].value.plainNumber == 0
        else { return nil }
        return "relu(\(source.text(given[0].value.span)))"
    }

    /// The functions that are called in what the body of a run minimizes.
    static func called(_ run: Run) -> Set<String> {
        var names: Set<String> = []
        for minimized in expressions(in: run.syntax.body) {
            followed(minimized, in: run.syntax.body).walk { e in
                if case .call(let callee, _, _) = e.kind, case .name(let name) = callee.kind { names.insert(name) }
            }
        }
        return names
    }

    /// Nets by the names that they are called by in what a run minimizes; what stands in detach gets no gradient.
    static func applied(_ run: Run, _ lookUp: (String) -> Value?) -> [(name: String, net: Layer, span: Span)] {
        var found: [(String, Layer, Span)] = []
        for minimized in expressions(in: run.syntax.body) {
            let whole = followed(minimized, in: run.syntax.body)
            let apart = whole.detached
            whole.walk { e in
                guard case .call(let callee, _, _) = e.kind, case .name(let name) = callee.kind,
                    !apart.contains(where: { $0.start <= e.span.start && e.span.end <= $0.end }),
                    case .layer(let net)? = lookUp(name), !found.contains(where: { $0.0 == name })
                else { return }
                found.append((name, net, e.span))
            }
        }
        return found
    }

    /// A call of the body that no gradient goes through, without it: `z = net(a)` of `z = detach(net(a))`.
    static func cut(in block: Block, _ source: Source) -> String? {
        var found: (name: String, call: Expression, inner: Expression)?
        for s in block.statements {
            s.walk { e in
                guard found == nil, case .call(let callee, let given, _) = e.kind, case .name(let name) = callee.kind,
                    ["detach", "number"].contains(name), given.count == 1, let first = given.first
                else { return }
                found = (name, e, first.value)
            }
        }
        guard let found else { return nil }
        let inner = source.text(found.inner.span)
        return inner.utf8.count > 50 || inner.contains("\n")
            ? "\(found.name) stops the gradient; leave it out"
            : "\(found.name) stops the gradient; without it:  \(inner)"
    }

    /// Everything behind `minimize`, in the order of the text.
    static func expressions(in block: Block) -> [Expression] {
        var found: [Expression] = []
        func visit(_ statements: [Statement]) {
            for s in statements {
                if case .minimize(let e) = s.kind { found.append(e) }
                for b in s.innerBlocks { visit(b.statements) }
            }
        }
        visit(block.statements)
        return found
    }

    /// What a minimized name was given in the body.
    private static func followed(_ e: Expression, in block: Block) -> Expression {
        guard case .name(let name) = e.kind else { return e }
        for s in block.statements {
            if case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(name)? = targets.first?.kind
            {
                return value
            }
        }
        return e
    }

    /// The value of an expression of numbers and names alone: working it out changes nothing.
    private static func number(_ e: Expression, _ lookUp: (String) -> Value?) -> Double? {
        switch e.kind {
        case .number(let x, _): return x
        case .name(let name):
            return lookUp(name).flatMap { Interpreter.tensor($0) }.flatMap { $0.count == 1 ? $0.item : nil }
        case .unary(.minus, let x): return number(x, lookUp).map { -$0 }
        case .binary(let op, let l, let r, _):
            guard let a = number(l, lookUp), let b = number(r, lookUp) else { return nil }
            switch op {
            case .add: return a + b
            case .subtract: return a - b
            case .multiply: return a * b
            case .divide: return a / b
            default: return nil
            }
        default: return nil
        }
    }

    /// The margin that applies; nil for a loss without one, or if it is not known.
    func margin(_ interpreter: Interpreter) -> Double? {
        if let x = given["margin"] { return x.isNaN ? nil : x }
        guard let p = function.code.parameters.first(where: { $0.name == "margin" }), let text = p.defaultText else {
            return nil
        }
        return (try? interpreter.session.evaluate(text)).flatMap { Interpreter.tensor($0) }.map(\.item)
    }

    /// What the loss shows where all embeddings are one point, for batches like these.
    func collapsed(_ record: RunRecord, classes: Int?, each: Double?, _ interpreter: Interpreter) -> Double? {
        var numbers: [(String, Value)] = []
        let shares = record.samples.compactMap { $0.batch?.same }
        if !shares.isEmpty { numbers.append(("share", .number(Double(shares.reduce(0, +)) / Double(shares.count)))) }
        if let rows = record.samples.last?.batch?.rows { numbers.append(("batch", .number(Double(rows)))) }
        if let classes { numbers.append(("classes", .number(Double(classes)))) }
        if let each { numbers.append(("each", .number(each))) }
        if let width = record.samples.last?.width { numbers.append(("dim", .number(Double(width)))) }
        for name in ["margin", "scale"] {
            guard let x = given[name] else { continue }
            if x.isNaN { return nil }
            numbers.append((name, .number(x)))
        }
        guard let tool = interpreter.globals.baseValueIfReady("plateaus"),
            case .record(let r)? = try? interpreter.call(tool, [.function(function)], named: numbers),
            let value = r.field("collapsed").flatMap({ Interpreter.tensor($0) }), value.count == 1, value.item.isFinite
        else { return nil }
        return value.item
    }

    /// Whether the margin is a distance: a different pair asks for something just inside of it, and for nothing outside.
    func marginIsDistance(_ margin: Double, _ interpreter: Interpreter) -> Bool {
        guard margin > 0, function.code.parameters.contains(where: { $0.name == "same" }) else { return false }
        func loss(at distance: Double) -> Double? {
            guard let a = try? Tensor(dims: [1, 2], [0, 0]), let b = try? Tensor(dims: [1, 2], [Float(distance), 0]),
                let same = try? Tensor(dims: [1], [0]),
                let value = try? interpreter.call(
                    .function(function), [.tensor(a), .tensor(b)],
                    named: [("same", .tensor(same)), ("margin", .number(margin))])
            else { return nil }
            return Interpreter.tensor(value)?.item
        }
        let outer = (Recording.isOn, interpreter.isTraining, interpreter.session.activeShare)
        Recording.isOn = false
        interpreter.isTraining = false
        defer { (Recording.isOn, interpreter.isTraining, interpreter.session.activeShare) = outer }
        guard let inside = loss(at: 0.98 * margin), let outside = loss(at: 1.02 * margin) else { return false }
        return inside > 0 && outside == 0
    }
}
