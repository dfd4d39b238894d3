/// The syntax tree: values, so that a copy can be edited and run beside the original (replays with one change), each node
/// with its span. Trees compare equal whatever their spans and layout.

public struct Program: Sendable, Equatable {
    public var statements: [Statement]
    public var source: Source
    /// All comments, `#` and `##`, in order, for the formatter.
    public var comments: [Comment]
    public init(statements: [Statement], source: Source, comments: [Comment] = []) {
        self.statements = statements
        self.source = source
        self.comments = comments
    }
    public static func == (a: Program, b: Program) -> Bool { a.statements == b.statements }
}

public struct Comment: Sendable, Equatable {
    /// With its `#` or `##`, without the line's end.
    public var text: String
    public var span: Span
    /// Alone on its line, or behind a statement.
    public var isAlone: Bool
    public init(text: String, span: Span, isAlone: Bool) {
        self.text = text
        self.span = span
        self.isAlone = isAlone
    }
}

/// `{ ... }`: statements whose value is the last expression's. Blocks do not scope.
public struct Block: Sendable, Equatable {
    public var statements: [Statement]
    public var span: Span
    public init(_ statements: [Statement], _ span: Span) {
        self.statements = statements
        self.span = span
    }
}

public struct Name: Sendable, Equatable {
    public var text: String
    public var span: Span
    public init(_ text: String, _ span: Span) {
        self.text = text
        self.span = span
    }
}

public struct Statement: Sendable, Equatable {
    public indirect enum Kind: Sendable, Equatable {
        /// An expression; its value is printed at the prompt unless `isSilenced` by a trailing `;`.
        case expression(Expression)
        /// `a = e`, `a, b = e`, `x.f = e`, `x[i] = e`: targets are name, field or index expressions.
        case assign([Expression], Expression)
        case function(FunctionDefinition)
        case layer(LayerDefinition)
        case importFile(Expression)
        case forIn([Name], Expression, Block)
        case whileLoop(Expression, Block)
        case breakLoop
        case continueLoop
        case returnValue(Expression?)
        case expect(Expression)
        case expectError(Expression, Block)
        /// Inside `train` only.
        case minimize(Expression)
        /// `report name = e`: inside `train` and `sweep` only.
        case report(Name, Expression)
        /// `every 10 steps { }`, `every epoch { }` (count nil), `every 2 epochs { }`: inside `train` only.
        case every(Expression?, Unit, Block)
        case pause
        /// `stop when c`: inside `train` only.
        case stopWhen(Expression)
    }
    public enum Unit: String, Sendable { case steps, epochs }

    public var kind: Kind
    public var span: Span
    public var isSilenced: Bool
    public init(_ kind: Kind, _ span: Span, isSilenced: Bool = false) {
        self.kind = kind
        self.span = span
        self.isSilenced = isSilenced
    }
}

public struct Parameter: Sendable, Equatable {
    public var name: Name
    /// What it takes, `margin : number > 0 = 1`; nil where the declaration leaves it open.
    public var kind: Kind?
    public var defaultValue: Expression?
    public init(name: Name, kind: Kind? = nil, defaultValue: Expression? = nil) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
    }
}

/// `fn f(a, k = 1) = e`, `fn f(a) { ... }`, and `loss f(...)`, which is a function that presents itself as a loss.
public struct FunctionDefinition: Sendable, Equatable {
    public enum Role: String, Sendable { case fn, loss }
    public var role: Role
    public var name: Name
    public var parameters: [Parameter]
    public var body: Body
    /// The `##` lines above it, joined by newlines, without their marks.
    public var help: String?
    public init(role: Role, name: Name, parameters: [Parameter], body: Body, help: String? = nil) {
        self.role = role
        self.name = name
        self.parameters = parameters
        self.body = body
        self.help = help
    }
}

/// `= e` or `{ ... }`.
public enum Body: Sendable, Equatable {
    case expression(Expression)
    case block(Block)
}

public struct LayerDefinition: Sendable, Equatable {
    public enum Form: Sendable, Equatable {
        /// `layer head(dim) = pipeline`
        case pipeline(Expression)
        case members([Member])
    }
    public indirect enum Member: Sendable, Equatable {
        /// `param w : [in, units] = init`
        case parameter(Name, [Expression], Expression)
        /// `state m : [in] = zeros`
        case state(Name, [Expression], Expression)
        /// `body = dense(width) >> relu`
        case part(Name, Expression)
        /// `forward x = e`, `forward x { ... }`, `forward x, y = e`
        case forward([Name], Body)
    }
    public var name: Name
    public var parameters: [Parameter]
    public var form: Form
    /// Spans of the members, in order, when the form is members.
    public var memberSpans: [Span]
    public var help: String?
    /// Offset behind the members' closing brace.
    var bodyEnd: Int?
    /// The forward that these members lack: its parts one behind the other; nil where that does not say what they are for.
    public static func forward(of members: [Member]) -> String? {
        var whole = "x"
        var isOfParts = true
        for member in members {
            switch member {
            case .part(let name, _): whole = "\(name.text)(\(whole))"
            case .parameter, .state: isOfParts = false
            case .forward: return nil
            }
        }
        if !isOfParts { return "it says what the layer makes of its input" }
        return whole == "x" ? "forward x = x" : "apply its parts one after the other:  forward x = \(whole)"
    }

    public static func == (a: LayerDefinition, b: LayerDefinition) -> Bool {
        a.name == b.name && a.parameters == b.parameters && a.form == b.form && a.help == b.help
    }
    public init(name: Name, parameters: [Parameter], form: Form, memberSpans: [Span] = [], help: String? = nil) {
        self.name = name
        self.parameters = parameters
        self.form = form
        self.memberSpans = memberSpans
        self.help = help
    }
}

public struct Expression: Sendable, Equatable {
    public indirect enum Kind: Sendable, Equatable {
        /// The value, and the digits as written.
        case number(Double, String)
        case bool(Bool)
        case none
        case text([TextPart])
        case name(String)
        /// `[a, b]`: a tensor or a list, decided by the values.
        case bracket([Expression])
        /// `[e for x in xs if c]`: clauses from the outermost.
        case comprehension(Expression, [Clause])
        case record([Field])
        case unary(UnaryOperator, Expression)
        /// The span is the operator's own.
        case binary(BinaryOperator, Expression, Expression, Span)
        /// `0 < x < 1`: operands, and one operator (with its span) fewer. A single comparison too.
        case comparison([Expression], [ComparisonOperator], [Span])
        case logical(LogicalOperator, Expression, Expression)
        /// `a..b`, `2..`, `..5`, `..`
        case range(Expression?, Expression?)
        /// `f(a, k = 1)`; `isCommand` where it was written `f a, k = 1`.
        case call(Expression, [Argument], isCommand: Bool)
        case index(Expression, [Expression])
        case field(Expression, Name)
        /// `x -> e`, `(a, b) -> e`
        case lambda([Parameter], Expression)
        /// `x |> f`
        case apply(Expression, Expression)
        /// `f >> g`
        case compose(Expression, Expression)
        case conditional(Expression, Block, Block?)
        case block(Block)
        case train(Train)
        case sweep(Sweep)
        /// `time { ... }`
        case time(Block)
        /// A hole left by parser recovery; only `check` and completion see it.
        case missing
    }
    public var kind: Kind
    public var span: Span
    /// Written inside parentheses of its own (kept so that the formatter keeps them where they matter).
    public init(_ kind: Kind, _ span: Span) {
        self.kind = kind
        self.span = span
    }
}

public enum TextPart: Sendable, Equatable {
    case literal(String)
    /// `{e}` or `{e:.3}`; the format without its colon.
    case value(Expression, format: String?)
}

public struct Clause: Sendable, Equatable {
    public var names: [Name]
    public var source: Expression
    public var condition: Expression?
    public init(names: [Name], source: Expression, condition: Expression? = nil) {
        self.names = names
        self.source = source
        self.condition = condition
    }
}

public struct Field: Sendable, Equatable {
    public var name: Name
    public var value: Expression
    public init(name: Name, value: Expression) {
        self.name = name
        self.value = value
    }
}

public struct Argument: Sendable, Equatable {
    public var name: Name?
    public var value: Expression
    public init(name: Name? = nil, value: Expression) {
        self.name = name
        self.value = value
    }
    /// As it is written, with its name where it has one.
    public func text(in source: Source) -> String {
        source.text(Span(name?.span.start ?? value.span.start, value.span.end))
    }
}

public enum UnaryOperator: String, Sendable, CaseIterable {
    case minus = "-"
    case not
}
public enum BinaryOperator: String, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case matmul = "@"
    case power = "^"
}
public enum ComparisonOperator: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
}
public enum LogicalOperator: String, Sendable, CaseIterable { case and, or }

/// `train NET {, NET} on SOURCE [as NAMES] [for N epochs | for N steps] using OPTIMIZER { body }`
public struct Train: Sendable, Equatable {
    /// Names that the body knows: the step and the epoch that are being made, from 1, and the run itself.
    public static let ownNames = ["step", "epoch", "run"]
    public var nets: [Expression]
    public var source: Expression
    public var names: [Name]
    public var length: Expression?
    public var unit: Statement.Unit
    public var optimizer: Expression
    /// The folder that the run's figures are written to while it runs.
    public var log: Expression?
    public var body: Block
    /// The span of the words up to the body, for messages.
    public var head: Span
    public init(
        nets: [Expression], source: Expression, names: [Name], length: Expression?, unit: Statement.Unit,
        optimizer: Expression, log: Expression? = nil, body: Block, head: Span
    ) {
        self.log = log
        self.nets = nets
        self.source = source
        self.names = names
        self.length = length
        self.unit = unit
        self.optimizer = optimizer
        self.body = body
        self.head = head
    }
}

/// `sweep dim in [2, 8], lr in [1e-4, 1e-3] { body }`
public struct Sweep: Sendable, Equatable {
    public var axes: [Field]
    public var body: Block
    public init(axes: [Field], body: Block) {
        self.axes = axes
        self.body = body
    }
}
