import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Shapes without running: walks a program with what is known of its values, asks the operators' own shape rules, and
/// reports what would fail at run time whatever is not known. Definitions are walked where they are called, as a run would;
/// of a branch that may not be taken nothing is reported.
public final class ShapeCheck {
    let session: Session
    let globals = ShapeScope()
    /// The library's names, from its own text.
    var library: [String: ShapeValue] = [:]
    var found: [Diagnostic] = []
    var madeAt: [String: Place] = [:]
    var nextSymbol = 0
    /// Over 0 where what is walked may never run.
    var doubt = 0
    var isTraining = false
    /// The parts of the batches of the run whose body is walked.
    var batchNames: Set<String> = []
    var depth = 0
    /// The function that the user's own text called last: what its body finds amiss is said of it.
    var asked: String?
    /// Where what becomes known is noted, for who shows it.
    var facts: ShapeFacts?
    /// Nodes that may still be walked; a check is short whatever the program.
    var budget = 400_000

    /// The scope that surrounds a function's body.
    final class Frame {
        let source: Source
        let scope: ShapeScope
        /// The layer whose body is being checked.
        let layer: ShapeLayer?
        /// The constructor whose own text this is, as it is called to make a net.
        var maker: String?
        var returned: [ShapeValue] = []
        var hasReturned = false
        init(source: Source, scope: ShapeScope, layer: ShapeLayer? = nil) {
            self.source = source
            self.scope = scope
            self.layer = layer
        }
    }

    private init(_ session: Session) { self.session = session }

    /// What the shapes of a program tell; nothing where its text has errors. The session serves for the shapes of data sets.
    public static func run(_ program: Program, in session: Session, facts: ShapeFacts? = nil) -> [Diagnostic] {
        let check = ShapeCheck(session)
        check.facts = facts
        facts?.begin(program.source)
        if let facts { check.library = facts.library }
        defer { facts?.library = check.library }
        let frame = Frame(source: program.source, scope: check.globals)
        for statement in program.statements { check.top(statement, frame) }
        return check.found
    }

    func fresh() -> Quantity {
        nextSymbol += 1
        return .symbol(nextSymbol)
    }

    private func top(_ statement: Statement, _ frame: Frame) {
        do { _ = try self.statement(statement, frame) } catch let fault as ShapeFault {
            forget(statement, frame)
            report(fault)
        } catch { forget(statement, frame) }
    }

    private func report(_ fault: ShapeFault) {
        guard doubt == 0, let first = fault.diagnostic.labels.first else { return }
        let isKnown = found.contains {
            $0.labels.first?.place.source == first.place.source
                && $0.labels.first?.place.span.start == first.place.span.start
        }
        if !isKnown { found.append(fault.diagnostic) }
    }

    /// Nothing is known any more of the names that a statement gives values.
    private func forget(_ statement: Statement, _ frame: Frame) {
        for name in assigned([statement]) { frame.scope.names[name] = .unknown }
    }

    /// The names that statements may bind, in any depth of blocks.
    func assigned(_ statements: [Statement]) -> Set<String> {
        var names: Set<String> = []
        func blocks(_ value: Expression) {
            if case .lambda = value.kind { return }
            if case .train(let train) = value.kind { names.formUnion(train.names.map(\.text)) }
            if case .sweep = value.kind { return }
            for part in value.parts { blocks(part) }
            for block in value.blocks { names.formUnion(assigned(block.statements)) }
        }
        for statement in statements {
            switch statement.kind {
            case .assign(let targets, _):
                for target in targets { if let name = root(target) { names.insert(name) } }
            case .function(let definition): names.insert(definition.name.text)
            case .layer(let definition): names.insert(definition.name.text)
            case .forIn(let loop, _, _): names.formUnion(loop.map(\.text))
            case .report(let name, _): names.insert(name.text)
            default: break
            }
            for part in statement.parts { blocks(part) }
            for block in statement.blocks { names.formUnion(assigned(block.statements)) }
        }
        return names
    }

    private func root(_ target: Expression) -> String? {
        switch target.kind {
        case .name(let name): name
        case .index(let owner, _): root(owner)
        default: nil
        }
    }

    // MARK: Statements

    /// The value of the last expression.
    func block(_ statements: [Statement], _ frame: Frame) throws -> ShapeValue {
        var last = ShapeValue.none
        for statement in statements {
            if frame.hasReturned { return .unknown }
            guard doubt == 0, frame.scope === globals else {
                last = try self.statement(statement, frame)
                continue
            }
            // At the top, blocks go on behind a fault as the file does.
            do { last = try self.statement(statement, frame) } catch let fault as ShapeFault {
                forget(statement, frame)
                report(fault)
                last = .unknown
            }
        }
        return last
    }

    func statement(_ statement: Statement, _ frame: Frame) throws -> ShapeValue {
        try spend()
        switch statement.kind {
        case .expression(let value), .expect(let value): return try self.value(value, frame)
        case .minimize(let value), .stopWhen(let value):
            _ = try self.value(value, frame)
        case .report(let name, let value): frame.scope.names[name.text] = try self.value(value, frame)
        case .assign(let targets, let value): try assign(targets, value, frame)
        case .function(let d):
            frame.scope.names[d.name.text] = .function(
                ShapeFunction(
                    name: d.name.text, parameters: d.parameters, body: d.body, source: frame.source, scope: frame.scope)
            )
        case .layer(let d):
            frame.scope.names[d.name.text] = .function(
                ShapeFunction(
                    name: d.name.text, parameters: d.parameters, body: .expression(Expression(.none, d.name.span)),
                    layer: d, source: frame.source, scope: frame.scope))
        case .importFile(let path): try importFile(path, frame)
        case .forIn(let names, let from, let body): try loop(names, from, body, frame)
        case .whileLoop(let condition, let body):
            try settle(body, frame)
            _ = try self.value(condition, frame)
            try maybe(frame) { _ = try self.block(body.statements, frame) }
        case .returnValue(let value):
            let result = try value.map { try self.value($0, frame) } ?? .none
            frame.returned.append(result)
            if doubt == 0 { frame.hasReturned = true } else { throw Unsure() }
        case .expectError(let message, let body):
            _ = try self.value(message, frame)
            try maybe(frame) { _ = try self.block(body.statements, frame) }
        case .every(let count, _, let body):
            if let count { _ = try self.value(count, frame) }
            let outer = isTraining
            isTraining = false
            defer { isTraining = outer }
            _ = try block(body.statements, frame)
        case .breakLoop, .continueLoop, .pause: break
        }
        return .none
    }

    /// What follows is not known to run.
    struct Unsure: Error {}

    func spend() throws {
        budget -= 1
        if budget < 0 { throw Unsure() }
    }

    /// Something that may not run: its faults are not reported, and what it changes is only known where it stays the same.
    func maybe(_ frame: Frame, _ body: () throws -> Void) throws {
        let before = frame.scope.names
        let had = frame.hasReturned
        doubt += 1
        do { try body() } catch {}
        doubt -= 1
        frame.hasReturned = had
        frame.scope.names = join(before, frame.scope.names)
    }

    func join(_ a: [String: ShapeValue], _ b: [String: ShapeValue]) -> [String: ShapeValue] {
        var joined = b
        for (name, value) in b {
            if let other = a[name] { joined[name] = join(other, value) } else { joined[name] = .unknown }
        }
        for name in a.keys where b[name] == nil { joined[name] = .unknown }
        return joined
    }

    func join(_ a: ShapeValue, _ b: ShapeValue) -> ShapeValue {
        switch (a, b) {
        case (.number(let x), .number(let y)): return .number(x == y ? x : fresh())
        case (.bool(let x), .bool(let y)): return .bool(x == y ? x : nil)
        case (.text(let x), .text(let y)): return .text(x == y ? x : nil)
        case (.none, .none): return .none
        case (.tensor(let x, let p), .tensor(let y, let q)):
            guard x.count == y.count else { return .unknown }
            return .tensor(zip(x, y).map { $0 == $1 ? $0 : fresh() }, elements: p == q ? p : nil)
        case (.list(let x), .list(let y)) where x.count == y.count: return .list(zip(x, y).map { join($0, $1) })
        case (.function(let x), .function(let y)) where x === y: return a
        case (.layer(let x), .layer(let y)) where x === y: return a
        case (.builtin(let x), .builtin(let y)) where x === y: return a
        case (.dataset(let x), .dataset(let y)) where x.dims.count == y.dims.count:
            var data = x
            data.dims = zip(x.dims, y.dims).map { $0 == $1 ? $0 : fresh() }
            if x.targets != y.targets { data.targets = nil }
            if x.top != y.top { data.top = nil }
            return .dataset(data)
        case (.source(let x), .source(let y)) where x.count == y.count: return .source(zip(x, y).map { join($0, $1) })
        default: return .unknown
        }
    }

    /// Of the values that a loop's body changes, only what stays the same is known.
    func settle(_ body: Block, _ frame: Frame) throws { try maybe(frame) { _ = try block(body.statements, frame) } }

    private func loop(_ names: [Name], _ from: Expression, _ body: Block, _ frame: Frame) throws {
        let source = try value(from, frame)
        bind(names, to: item(of: source), frame)
        try settle(body, frame)
        bind(names, to: item(of: source), frame)
        if runsAtLeastOnce(source) {
            _ = try block(body.statements, frame)
        } else {
            try maybe(frame) { _ = try block(body.statements, frame) }
        }
    }

    private func runsAtLeastOnce(_ source: ShapeValue) -> Bool {
        switch source {
        case .source, .dataset: return true
        case .list(let items): return !items.isEmpty
        case .tensor(let dims, _): return (dims.first?.whole ?? 0) > 0
        case .range(let low, let high):
            guard case .number(let h)? = high, let end = h.number else { return high == nil }
            guard let low else { return end > 0 }
            if case .number(let l) = low, let start = l.number { return start < end }
            return false
        default: return false
        }
    }

    /// Any one element of what a loop walks over.
    func item(of source: ShapeValue) -> ShapeValue {
        switch source {
        case .source(let parts): return .list(parts)
        case .dataset(let data): return .list([.shaped(Array(data.dims.dropFirst())), .number(fresh())])
        case .list(let items): return items.dropFirst().reduce(items.first ?? .unknown) { join($0, $1) }
        case .tensor(let dims, _):
            return dims.count == 1 ? .number(fresh()) : dims.isEmpty ? .unknown : .shaped(Array(dims.dropFirst()))
        case .range: return .number(fresh())
        default: return .unknown
        }
    }

    func bind(_ names: [Name], to value: ShapeValue, _ frame: Frame) {
        let parts = names.count == 1 ? [value] : taken(apart: value, into: names.count)
        for (name, part) in zip(names, parts) {
            facts?.note(part, name.span, frame.source)
            frame.scope.names[name.text] = part
        }
    }

    private func taken(apart value: ShapeValue, into count: Int) -> [ShapeValue] {
        switch value {
        case .list(let items) where items.count == count: return items
        case .record(let fields) where fields.count == count: return fields.map(\.value)
        case .tensor(let dims, _) where !dims.isEmpty:
            let one: ShapeValue = dims.count == 1 ? .number(fresh()) : .shaped(Array(dims.dropFirst()))
            return [ShapeValue](repeating: one, count: count)
        default: return [ShapeValue](repeating: .unknown, count: count)
        }
    }

    private func assign(_ targets: [Expression], _ value: Expression, _ frame: Frame) throws {
        let result = try self.value(value, frame)
        let parts = targets.count == 1 ? [result] : taken(apart: result, into: targets.count)
        for (target, part) in zip(targets, parts) {
            switch target.kind {
            case .name(let name):
                facts?.note(part, target.span, frame.source)
                frame.scope.names[name] = part
                if frame.scope === globals { madeAt[name] = Place(frame.source, target.span) }
            case .index(let owner, _):
                // A tensor keeps its shape; what a list holds is not known any more.
                if let name = root(owner), case .list? = frame.scope.value(name) { frame.scope.names[name] = .unknown }
            default: break
            }
        }
    }

    /// What a file brings in, where it can be read; its own faults are its own check's.
    private func importFile(_ path: Expression, _ frame: Frame) throws {
        guard case .text(let parts) = path.kind, case .literal(let name)? = parts.first, parts.count == 1 else {
            return
        }
        var full = name
        if !name.hasPrefix("/"), let slash = frame.source.name.lastIndex(of: "/") {
            full = String(frame.source.name[...slash]) + name
        }
        let isRun = frame.source.kind == .file
        if isRun, depth == 0, !Files.isThere(full) {
            throw ShapeFault(
                diagnostic: Diagnostic(
                    code: "import.missing", "cannot read \"\(name)\": no such file",
                    at: [.init(Place(frame.source, path.span))]))
        }
        guard depth < 8, let text = try? Files.text(full) else { return }
        let (program, errors) = Parser.parse(Source(name: full, kind: .file, text: text))
        guard errors.isEmpty else { return }
        depth += 1
        let kept = found
        let inner = Frame(source: program.source, scope: globals)
        for statement in program.statements { top(statement, inner) }
        found = kept
        depth -= 1
    }
}

extension Session {
    /// Of a text with errors: these, and the errors that stand before the first of them. A name that the rest of the text
    /// mentions may be defined there, and what is unused so far may be used there.
    public func findings(
        _ program: Program, errors: [Diagnostic], known: [KnownName]? = nil, facts: ShapeFacts? = nil
    ) -> [Diagnostic] {
        guard let broken = errors.compactMap({ $0.labels.first?.place.span.start }).min() else {
            return findings(program, known: known, facts: facts)
        }
        let whole = program.statements.prefix { $0.span.end < broken }
        guard let last = whole.last else { return errors }
        let rest = Lexer.lex(program.source, in: Span(last.span.end, program.source.bytes.count)).tokens
        let mentioned = Set(rest.map { program.source.text($0.span) })
        let before = Program(statements: Array(whole), source: program.source)
        let sure = findings(before, known: known, facts: facts).filter { d in
            guard d.severity == .error, let place = d.labels.first?.place else { return false }
            return d.code != "name.unknown" || !mentioned.contains(program.source.text(place.span))
        }
        return sure + errors
    }

    /// All that can be found in a program without running it: names, arguments, wiring and shapes, in the order of the text.
    /// - Parameters:
    ///   - known: `knownNames()`, for who checks several programs.
    ///   - facts: where the shapes that were found are noted.
    public func findings(_ program: Program, known: [KnownName]? = nil, facts: ShapeFacts? = nil) -> [Diagnostic] {
        let wiring = check(program, known: known ?? knownNames()).map { $0.inParts(of: program) }
        let names = ProgramNames(program)
        // Where the arguments of a call cannot be bound, its shape is unknown.
        let shapes = ShapeCheck.run(program, in: self, facts: facts)
            .map { names.named($0.inParts(of: program).withScheduleInOrder) }
            .filter { shape in
                !wiring.contains {
                    $0.severity == .error && $0.labels.first?.place.span.start == shape.labels.first?.place.span.start
                }
            }
        return (wiring + shapes).enumerated().sorted { a, b in
            let first = a.element.labels.first?.place.span.start ?? 0
            let second = b.element.labels.first?.place.span.start ?? 0
            return first == second ? a.offset < b.offset : first < second
        }.map(\.element)
    }
}
