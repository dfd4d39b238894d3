/// Who is who in a program: each name with the place that defines it and the places that use it, by the scopes of the language.
public struct Names: Sendable {
    public enum Kind: Sendable { case function, loss, layer, variable, parameter, part, library }

    public struct Symbol: Sendable {
        public var name: String
        public var kind: Kind
        /// The nesting depth: 0 in the program itself, more in functions, layers and comprehensions.
        public var scope: Int
        /// The part of the text in which the name can be used; nil if it is all of it.
        public var reach: Span?
        /// The whole statement or member that defines it first.
        public var whole: Span?
        public var help: String?
        /// Of functions and layers: their parameters with what they take.
        public var parameters: [Parameter] = []
        /// The symbols of these.
        public internal(set) var own: [String: Int] = [:]
    }

    public struct Occurrence: Sendable {
        public var span: Span
        public var symbol: Int
        public var isDefinition: Bool
    }

    public private(set) var symbols: [Symbol] = []
    /// In the order of the text.
    public private(set) var occurrences: [Occurrence] = []
    /// Names that are read as fields, behind a point.
    public private(set) var fields: Set<String> = []
    /// Files that are brought in.
    public private(set) var imports: [String] = []

    private var scopes: [[String: Int]] = [[:]]
    private var reaches: [Span] = []
    private var library: [String: Int] = [:]
    private var named: [(function: Int, name: Name)] = []

    public init(_ program: Program) {
        var bound = Bindings()
        bound.collect(program.statements)
        for name in bound.names { _ = bind(name) }
        statements(program.statements)
        for (function, name) in named {
            if let symbol = symbols[function].own[name.text] { note(symbol, name.span, false) }
        }
        occurrences.sort { $0.span.start < $1.span.start }
    }

    /// The name at an offset, or right before it.
    public func at(_ offset: Int) -> Occurrence? {
        var low = 0
        var high = occurrences.count
        while low < high {
            let middle = (low + high) / 2
            if occurrences[middle].span.start <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0, occurrences[low - 1].span.end >= offset else { return nil }
        return occurrences[low - 1]
    }

    public func all(of symbol: Int) -> [Occurrence] { occurrences.filter { $0.symbol == symbol } }

    /// Where calls of a function name an argument.
    public func named(_ argument: String, of function: Int) -> [Occurrence] {
        named.filter { $0.function == function && $0.name.text == argument }.map {
            Occurrence(span: $0.name.span, symbol: function, isDefinition: false)
        }
    }

    // MARK: Scopes

    private mutating func bind(_ name: String, _ kind: Kind = .variable) -> Int {
        if let known = scopes[scopes.count - 1][name] { return known }
        symbols.append(Symbol(name: name, kind: kind, scope: scopes.count - 1, reach: reaches.last))
        scopes[scopes.count - 1][name] = symbols.count - 1
        return symbols.count - 1
    }

    private mutating func resolve(_ name: String) -> Int {
        for scope in scopes.reversed() { if let found = scope[name] { return found } }
        if let found = library[name] { return found }
        symbols.append(Symbol(name: name, kind: .library, scope: 0))
        library[name] = symbols.count - 1
        return symbols.count - 1
    }

    private mutating func note(_ symbol: Int, _ span: Span, _ isDefinition: Bool) {
        guard span.end > span.start else { return }
        occurrences.append(Occurrence(span: span, symbol: symbol, isDefinition: isDefinition))
    }

    private mutating func define(_ name: Name, _ whole: Span, _ kind: Kind? = nil) -> Int {
        let symbol = resolve(name.text)
        if symbols[symbol].whole == nil {
            symbols[symbol].whole = whole
            if let kind { symbols[symbol].kind = kind }
        }
        note(symbol, name.span, true)
        return symbol
    }

    private mutating func inside(_ reach: Span, _ body: (inout Names) -> Void) {
        scopes.append([:])
        reaches.append(reach)
        body(&self)
        scopes.removeLast()
        reaches.removeLast()
    }

    private mutating func collect(_ gather: (inout Bindings) -> Void) {
        var bound = Bindings()
        gather(&bound)
        for name in bound.names { _ = bind(name) }
    }

    // MARK: Statements

    private mutating func statements(_ all: [Statement]) { for one in all { statement(one) } }

    private mutating func statement(_ statement: Statement) {
        switch statement.kind {
        case .function(let d):
            let symbol = define(d.name, statement.span, d.role == .loss ? .loss : .function)
            describe(symbol, d.help, d.parameters)
            inside(statement.span) { names in
                names.parameters(d.parameters, of: symbol)
                names.body(d.body)
            }
            return
        case .layer(let d): return layer(d, statement.span)
        case .assign(let targets, let value):
            expression(value)
            for target in targets {
                if case .name(let name) = target.kind {
                    _ = define(Name(name, target.span), statement.span)
                } else {
                    expression(target)
                }
            }
            return
        case .forIn(let loop, let from, let block):
            expression(from)
            for name in loop { _ = define(name, statement.span) }
            return statements(block.statements)
        case .report(let name, _): _ = define(name, statement.span)
        case .importFile(let path):
            if case .text(let parts) = path.kind, parts.count == 1, case .literal(let name)? = parts.first {
                imports.append(name)
            }
        default: break
        }
        for part in statement.parts { expression(part) }
        for block in statement.blocks { statements(block.statements) }
    }

    private mutating func describe(_ symbol: Int, _ help: String?, _ parameters: [Parameter]) {
        if symbols[symbol].help == nil { symbols[symbol].help = help }
        symbols[symbol].parameters = parameters
    }

    private mutating func parameters(_ all: [Parameter], of symbol: Int? = nil) {
        for one in all {
            let parameter = bind(one.name.text, .parameter)
            _ = define(one.name, Span(one.name.span.start, one.defaultValue?.span.end ?? one.name.span.end), .parameter)
            if let symbol { symbols[symbol].own[one.name.text] = parameter }
        }
        for one in all { if let defaultValue = one.defaultValue { expression(defaultValue) } }
    }

    private mutating func body(_ body: Body) {
        switch body {
        case .expression(let value): within(value)
        case .block(let block):
            collect { $0.collect(block.statements) }
            statements(block.statements)
        }
    }

    private mutating func within(_ value: Expression) {
        collect { $0.collect(value) }
        expression(value)
    }

    private mutating func layer(_ d: LayerDefinition, _ span: Span) {
        let symbol = define(d.name, span, .layer)
        describe(symbol, d.help, d.parameters)
        inside(span) { names in
            names.parameters(d.parameters, of: symbol)
            _ = names.bind("in", .parameter)
            switch d.form {
            case .pipeline(let value): names.expression(value)
            case .members(let members):
                for member in members {
                    switch member {
                    case .parameter(let name, _, _), .state(let name, _, _), .part(let name, _):
                        _ = names.bind(name.text, .part)
                    case .forward: break
                    }
                }
                for (k, member) in members.enumerated() {
                    names.member(member, d.memberSpans.indices.contains(k) ? d.memberSpans[k] : span)
                }
            }
        }
    }

    private mutating func member(_ member: LayerDefinition.Member, _ span: Span) {
        switch member {
        case .parameter(let name, let shape, let value), .state(let name, let shape, let value):
            _ = define(name, span, .part)
            for one in shape { expression(one) }
            expression(value)
        case .part(let name, let value):
            _ = define(name, span, .part)
            expression(value)
        case .forward(let inputs, let inner):
            inside(span) { names in
                for input in inputs {
                    _ = names.bind(input.text, .parameter)
                    _ = names.define(input, input.span, .parameter)
                }
                names.body(inner)
            }
        }
    }

    // MARK: Expressions

    private mutating func expression(_ value: Expression) {
        switch value.kind {
        case .name(let name): note(resolve(name), value.span, false)
        case .field(_, let name): fields.insert(name.text)
        case .lambda(let parameters, let body):
            return inside(value.span) { names in
                names.parameters(parameters)
                names.within(body)
            }
        case .comprehension(let item, let clauses):
            return inside(value.span) { names in
                for clause in clauses {
                    names.expression(clause.source)
                    for name in clause.names {
                        _ = names.bind(name.text)
                        _ = names.define(name, name.span)
                    }
                    if let condition = clause.condition { names.expression(condition) }
                }
                names.expression(item)
            }
        case .call(let function, let arguments, _):
            if case .name(let name) = function.kind {
                let symbol = resolve(name)
                for argument in arguments { if let label = argument.name { named.append((symbol, label)) } }
            }
        case .train(let train): for name in train.names { _ = define(name, value.span) }
        case .sweep(let sweep): for axis in sweep.axes { _ = define(axis.name, axis.value.span) }
        default: break
        }
        for part in value.parts { expression(part) }
        for block in value.blocks { statements(block.statements) }
    }
}
