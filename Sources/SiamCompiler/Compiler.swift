import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Tree to register code. One object compiles one `Code`; functions inside are compiled by others over scopes of their own.
package final class Compiler {
    let globals: Globals
    let source: Source
    let code: Code
    let scope: Scope
    /// Prelude code sees the base names alone, whatever the user calls things.
    let isPrelude: Bool
    var constants: [Value] = []
    private var numberConstants: [UInt64: UInt32] = [:]
    var site: Int32 = -1
    /// Loops around the code being compiled, in this code: where `break` and `continue` jump to.
    var loops: [Loop] = []
    var context: Context

    struct Loop {
        var breaks: [Int] = []
        var continues: [Int] = []
    }
    /// What statements such as `minimize` and `report` may refer to.
    struct Context {
        var inTrain = false
        var inSweep = false
        /// A chunk's code ends, rather than jumps, on `break`.
        var isChunk = false
        var canReturn = false
        /// Names that mean something of the run in the body of a train.
        var ownNames: Set<String> = []
    }

    init(globals: Globals, source: Source, code: Code, scope: Scope, isPrelude: Bool, context: Context = Context()) {
        self.globals = globals
        self.source = source
        self.code = code
        self.scope = scope
        self.isPrelude = isPrelude
        self.context = context
    }

    // MARK: Emission

    @discardableResult
    func emit(_ op: Opcode, n: Int = 0, m: Int = 0, a: UInt32 = 0, b: UInt32 = 0, c: UInt32 = 0) -> Int {
        code.instructions.append(Instruction(op, n: n, m: m, a: a, b: b, c: c))
        code.sites.append(site)
        return code.instructions.count - 1
    }

    var here: UInt32 { UInt32(truncatingIfNeeded: code.instructions.count) }

    func at<T>(_ expression: Expression, _ body: () throws -> T) rethrows -> T {
        let outer = site
        code.expressions.append(expression)
        site = Int32(truncatingIfNeeded: code.expressions.count - 1)
        defer { site = outer }
        return try body()
    }

    func constant(_ value: Value) -> UInt32 {
        if case .number(let x) = value {
            if let known = numberConstants[x.bitPattern] { return known }
            constants.append(value)
            let operand = Operand.constant(constants.count - 1)
            numberConstants[x.bitPattern] = operand
            return operand
        }
        constants.append(value)
        return Operand.constant(constants.count - 1)
    }

    func name(_ text: String) -> UInt32 {
        if let i = code.names.firstIndex(of: text) { return UInt32(truncatingIfNeeded: i) }
        code.names.append(text)
        return UInt32(truncatingIfNeeded: code.names.count - 1)
    }

    func fail(_ codeName: String, _ message: String, _ span: Span, repair: String? = nil) -> Diagnostic {
        Diagnostic(code: codeName, message, at: [.init(Place(source, span))], repair: repair)
    }

    /// Closes the code: constants and sizes are set.
    func finish() {
        code.setConstants(constants)
        code.seal()
        code.registerCount = scope.maxRegister
        code.variables = scope.locals
        code.cellVariables = scope.cells
        code.captureNames = scope.captures
    }

    // MARK: Names

    func place(_ name: String) throws -> Scope.Place {
        if let found = scope.find(name) { return found }
        return .global(isPrelude ? try globals.baseSlot(name) : try globals.userSlot(name))
    }

    /// An operand from which the name's value can be read; cells and members are loaded into a register.
    func read(_ name: String, into wanted: UInt32?) throws -> UInt32 {
        switch try place(name) {
        case .register(let r): return Operand.register(r)
        case .global(let slot): return Operand.global(slot)
        case .cell(let r):
            let target = wanted ?? Operand.register(scope.take())
            emit(.getCell, n: 0, a: target, b: UInt32(truncatingIfNeeded: r))
            return target
        case .capture(let i):
            let target = wanted ?? Operand.register(scope.take())
            emit(.getCell, n: 1, a: target, b: UInt32(truncatingIfNeeded: i))
            return target
        case .member(let i):
            let target = wanted ?? Operand.register(scope.take())
            emit(.getMember, a: target, b: UInt32(truncatingIfNeeded: i))
            return target
        }
    }

    /// Binds a name to the operand's value.
    func store(_ name: String, _ value: UInt32, _ span: Span) throws {
        switch try place(name) {
        case .register(let r): if value != Operand.register(r) { emit(.move, a: Operand.register(r), b: value) }
        case .global(let slot):
            emit(.move, a: Operand.global(slot), b: value)
            if loops.isEmpty { emit(.note, a: UInt32(truncatingIfNeeded: slot)) }
        case .cell(let r): emit(.setCell, n: 0, a: UInt32(truncatingIfNeeded: r), b: value)
        case .capture(let i): emit(.setCell, n: 1, a: UInt32(truncatingIfNeeded: i), b: value)
        case .member(let i): emit(.setMember, a: UInt32(truncatingIfNeeded: i), b: value)
        }
    }

    /// A register that the value of an expression can be computed into directly, when the name lives in one.
    func directTarget(_ name: String) throws -> UInt32? {
        switch try place(name) {
        case .register(let r): Operand.register(r)
        case .global(let slot): Operand.global(slot)
        default: nil
        }
    }

    // MARK: Whole codes

    /// One statement at the top of a file or of an input.
    package static func top(_ statement: Statement, source: Source, globals: Globals, isPrelude: Bool = false) throws
        -> Code
    {
        let code = Code(name: source.name, role: .top, source: source, span: statement.span)
        code.definition = statement
        let scope = Scope(parent: nil, isTop: true)
        let compiler = Compiler(globals: globals, source: source, code: code, scope: scope, isPrelude: isPrelude)
        try compiler.topStatement(statement)
        compiler.emit(.end)
        compiler.finish()
        return code
    }

    private func topStatement(_ statement: Statement) throws {
        if case .expression(let e) = statement.kind {
            let value = try expression(e, into: nil)
            at(e) { _ = emit(.show, n: statement.isSilenced ? 1 : 0, b: value) }
        } else {
            try self.statement(statement)
            if case .assign(let targets, _) = statement.kind, targets.count == 1, case .name(let n) = targets[0].kind {
                emit(.show, n: statement.isSilenced ? 1 : 2, b: try read(n, into: nil))
            }
        }
    }

    /// A chunk: code that runs in this function's frame.
    func chunk(_ block: Block, name: String, context: Context, wantsValue: Bool = false) throws -> Int {
        let inner = Code(name: name, role: .chunk, source: source, span: block.span)
        let compiler = Compiler(
            globals: globals, source: source, code: inner, scope: scope, isPrelude: isPrelude, context: context)
        let mark = scope.nextRegister
        if wantsValue {
            let value = try compiler.block(block, into: nil)
            compiler.emit(.end, n: 3, b: value)
        } else {
            try compiler.statements(block.statements)
            compiler.emit(.end)
        }
        scope.nextRegister = mark
        compiler.finish()
        code.codes.append(inner)
        code.captureSources.append([])
        return code.codes.count - 1
    }

    /// A function inside this one; returns its index among `codes`.
    func function(
        name: String, role: Code.Role, parameters: [Parameter], body: Body, span: Span, members: [String: Int] = [:],
        prepare: ((Compiler) throws -> Void)? = nil
    ) throws -> Int {
        let inner = Code(name: name, role: role, source: source, span: span)
        inner.tree = (parameters, body)
        let innerScope = Scope(parent: scope, isTop: false)
        innerScope.members = members
        let compiler = Compiler(
            globals: globals, source: source, code: inner, scope: innerScope, isPrelude: isPrelude,
            context: Context(canReturn: true))
        var statements: [Statement] = []
        if case .block(let b) = body { statements = b.statements }
        if case .expression(let e) = body { statements = [Statement(.expression(e), e.span)] }
        try compiler.open(parameters, statements)
        if let prepare {
            try prepare(compiler)
        } else {
            switch body {
            case .expression(let e):
                let value = try compiler.expression(e, into: nil)
                compiler.emit(.returnValue, b: value)
            case .block(let b):
                let value = try compiler.block(b, into: nil)
                compiler.emit(.returnValue, b: value)
            }
        }
        compiler.finish()
        code.codes.append(inner)
        code.captureSources.append(innerScope.captureSources)
        return code.codes.count - 1
    }

    /// Parameters into registers, locals behind them, cells where inner functions use them, then the defaults' code.
    func open(_ parameters: [Parameter], _ statements: [Statement]) throws {
        var names = parameters.map(\.name.text)
        guard Set(names).count == names.count else {
            let doubled = parameters.first { p in parameters.filter { $0.name.text == p.name.text }.count > 1 }
            throw fail(
                "parameter.doubled", "\(code.name) has two parameters named \(doubled?.name.text ?? "")",
                doubled?.name.span ?? code.span)
        }
        NameScan.assigned(statements, into: &names)
        names.removeAll { scope.members[$0] != nil }
        let inside = NameScan.usedInside(statements)
        var defaults: [Statement] = []
        for p in parameters { if let e = p.defaultValue { defaults.append(Statement(.expression(e), e.span)) } }
        let insideDefaults = NameScan.usedInside(defaults)
        for name in names {
            scope.locals[name] = scope.take()
            if inside.contains(name) || insideDefaults.contains(name) { scope.cells.insert(name) }
        }
        code.parameters = parameters.map {
            CodeParameter(
                name: $0.name.text, defaultText: $0.defaultValue.map { source.text($0.span) },
                hasDefault: $0.defaultValue != nil, kind: $0.kind)
        }
        if !code.kinds.isEmpty { emit(.kinds) }
        for (i, p) in parameters.enumerated() {
            if let defaultValue = p.defaultValue {
                // A parameter that was given skips its default.
                let skip = emit(.check, a: Operand.register(i))
                try expression(defaultValue, storedIn: Operand.register(i))
                code.instructions[skip].c = here
            }
            if scope.cells.contains(p.name.text) { emit(.makeCell, a: Operand.register(i)) }
        }
        for name in names.dropFirst(parameters.count) where scope.cells.contains(name) {
            if let r = scope.locals[name] { emit(.makeCell, a: Operand.register(r)) }
        }
        code.localCount = scope.nextRegister
    }
}
