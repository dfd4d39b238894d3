/// Statements that have a meaning in one place only.
struct PlacementCheck {
    let source: Source
    var found: [Diagnostic] = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = PlacementCheck(source: program.source)
        check.statements(program.statements, isInTrain: false, isInSweep: false, isInLoop: false, isInFunction: false)
        return check.found
    }

    private mutating func statements(
        _ all: [Statement], isInTrain: Bool, isInSweep: Bool, isInLoop: Bool, isInFunction: Bool
    ) {
        for statement in all {
            switch statement.kind {
            case .minimize where !isInTrain: misplaced("minimize", "the body of train", statement)
            case .pause where !isInTrain: misplaced("pause", "the body of train", statement)
            case .stopWhen where !isInTrain: misplaced("stop", "the body of train", statement)
            case .every where !isInTrain:
                misplaced("every", "the body of train", statement, "a loop of its own is  for k in 0..10 { ... }")
            case .report(let name, let value) where !isInTrain && !isInSweep:
                let line = "\(name.text) = \(source.text(value.span))"
                misplaced(
                    "report", "the body of train or sweep", statement,
                    line.utf8.count <= 60 && !line.contains("\n") ? "elsewhere a value has a name:  \(line)" : nil)
            case .breakLoop where !isInLoop && !isInTrain: misplaced("break", "a loop or the body of train", statement)
            case .continueLoop where !isInLoop: misplaced("continue", "a loop", statement)
            case .returnValue where !isInFunction: misplaced("return", "a function", statement)
            case .function(let definition): body(definition.body)
            case .layer(let definition):
                guard case .members(let members) = definition.form else { break }
                for case .forward(_, let inner) in members { body(inner) }
                if let repair = LayerDefinition.forward(of: members) {
                    found.append(
                        Diagnostic(
                            code: "layer.forward", "\(definition.name.text) has no forward",
                            at: [.init(Place(source, definition.name.span))], repair: repair))
                }
            default: break
            }
            if case .every(_, _, let block) = statement.kind, isInTrain { minimized(block) }
            var isLoop = isInLoop
            switch statement.kind {
            case .forIn, .whileLoop: isLoop = true
            default: break
            }
            for block in statement.blocks {
                statements(
                    block.statements, isInTrain: isInTrain, isInSweep: isInSweep, isInLoop: isLoop,
                    isInFunction: isInFunction)
            }
            for part in statement.parts {
                expression(
                    part, isInTrain: isInTrain, isInSweep: isInSweep, isInLoop: isInLoop, isInFunction: isInFunction)
            }
        }
    }

    /// A loss that is minimized in a block of every, where nothing has gradients.
    private mutating func minimized(_ block: Block) {
        for statement in block.statements {
            if case .minimize = statement.kind {
                let word = Span(statement.span.start, statement.span.start + 8)
                found.append(PlacementFaults.minimizeInEvery(at: [.init(Place(source, word))]))
            }
            for inner in statement.blocks { minimized(inner) }
        }
    }

    private mutating func body(_ body: Body) {
        switch body {
        case .expression(let value):
            expression(value, isInTrain: false, isInSweep: false, isInLoop: false, isInFunction: true)
        case .block(let block):
            statements(block.statements, isInTrain: false, isInSweep: false, isInLoop: false, isInFunction: true)
        }
    }

    private mutating func expression(
        _ value: Expression, isInTrain: Bool, isInSweep: Bool, isInLoop: Bool, isInFunction: Bool
    ) {
        for part in value.parts {
            expression(part, isInTrain: isInTrain, isInSweep: isInSweep, isInLoop: isInLoop, isInFunction: isInFunction)
        }
        var (train, sweep) = (isInTrain, isInSweep)
        if case .train = value.kind { train = true }
        if case .sweep = value.kind { sweep = true }
        for block in value.blocks {
            statements(
                block.statements, isInTrain: train, isInSweep: sweep, isInLoop: isInLoop, isInFunction: isInFunction)
        }
    }

    private mutating func misplaced(_ word: String, _ home: String, _ statement: Statement, _ repair: String? = nil) {
        found.append(
            Diagnostic(
                code: "place.\(word)", "\(word) is only allowed in \(home)",
                at: [.init(Place(source, Span(statement.span.start, statement.span.start + word.utf8.count)))],
                repair: repair))
    }
}

/// Said by `check`, and by a run.
public enum PlacementFaults {
    /// `every epoch { minimize ... }`.
    public static func minimizeInEvery(at labels: [Diagnostic.Label]) -> Diagnostic {
        Diagnostic(
            code: "place.minimize", "a block of every runs without gradients, so minimize does nothing there",
            at: labels, repair: "put minimize in the body of train, outside of every")
    }
}
