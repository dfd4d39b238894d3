import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Shapes of what nets give, and of their weights.
extension ShapeCheck {
    /// The layers that a value contributes to a pipeline; nil where they are not known.
    func stages(_ v: ShapeValue) throws -> [ShapeLayer]? {
        switch v {
        case .layer(let layer):
            if case .pipeline(let stages) = layer.form, !layer.isWhole { return stages.map(\.layer) }
            return [layer]
        case .function(let f) where f.layer != nil: return try stages(try make(f, [], [], "\(f.name)()"))
        case .function(let f): return [ShapeLayer(kind: f.name, form: .function(v))]
        case .builtin(let b): return [ShapeLayer(kind: b.name, form: .function(v))]
        default: return nil
        }
    }

    /// The layer that a constructor's call makes.
    func make(_ f: ShapeFunction, _ positional: [ShapeValue], _ named: [(String, ShapeValue)], _ text: String) throws
        -> ShapeValue
    {
        guard let definition = f.layer, depth < 60 else { return .unknown }
        depth += 1
        defer { depth -= 1 }
        let scope = try arguments(f, positional, named)
        let frame = Frame(source: f.source, scope: scope)
        let needed = f.parameters.count { $0.defaultValue == nil }
        frame.maker =
            f.name
            + (needed == 0 ? "()" : needed == 1 ? "(64)" : "(64" + String(repeating: ", ...", count: needed - 1) + ")")
        switch definition.form {
        case .pipeline(let inner):
            guard let stages = try stages(try value(inner, frame)) else { return .unknown }
            return .layer(.pipeline(stages, kind: f.name, isWhole: true, text: text))
        case .members(let members):
            let layer = ShapeLayer(kind: f.name, form: .custom(definition, scope, f.source), isWhole: true, text: text)
            for member in members {
                guard case .part(let name, let inner) = member else { continue }
                var part = try value(inner, frame)
                if case .function(let g) = part, g.layer != nil { part = try make(g, [], [], "\(g.name)()") }
                layer.parts[name.text] = part
                scope.names[name.text] = part
            }
            return .layer(layer)
        }
    }

    /// A scope with a call's arguments; defaults see the parameters before them.
    func arguments(_ f: ShapeFunction, _ positional: [ShapeValue], _ named: [(String, ShapeValue)]) throws -> ShapeScope
    {
        let scope = ShapeScope(in: f.scope)
        let frame = Frame(source: f.source, scope: scope)
        for (k, parameter) in f.parameters.enumerated() {
            defer { facts?.note(scope.names[parameter.name.text] ?? .unknown, parameter.name.span, f.source) }
            if k < positional.count {
                scope.names[parameter.name.text] = positional[k]
            } else if let given = named.first(where: { $0.0 == parameter.name.text }) {
                scope.names[parameter.name.text] = given.1
            } else if let defaultValue = parameter.defaultValue {
                scope.names[parameter.name.text] = try value(defaultValue, frame)
            } else {
                scope.names[parameter.name.text] = .unknown
            }
        }
        return scope
    }

    /// What a layer makes of its inputs.
    func apply(_ layer: ShapeLayer, _ inputs: [ShapeValue], _ at: Place?) throws -> ShapeValue {
        guard depth < 60 else { return .unknown }
        depth += 1
        defer { depth -= 1 }
        switch layer.form {
        case .function(let f):
            // One picture for a batch of them.
            if case .function(let known) = f, let kind = known.parameters.first?.kind,
                kind.alternatives.contains(where: { $0.word == .batch }),
                let seen = inputs.first.flatMap({ Given($0) }),
                case .wrong(let fault) = kind.verdict(
                    seen, of: known.parameters[0].name.text, in: known.name, others: { _ in nil })
            {
                throw ShapeFault(
                    diagnostic: Diagnostic(
                        code: fault.code, fault.message, at: at.map { [.init($0, fault.label)] } ?? [],
                        notes: fault.notes, repair: fault.repair))
            }
            return try call(f, inputs, [], nil)
        case .training(let inner):
            let outer = isTraining
            isTraining = true
            defer { isTraining = outer }
            return try apply(inner, inputs, at)
        case .custom(let definition, let scope, let source):
            return try forward(layer, definition, scope, source, inputs, at, name: layer.kind)
        case .pipeline(let stages):
            var value = inputs
            var passed = inputs.first.flatMap { input -> [String]? in
                guard case .tensor(let dims, _) = input else { return nil }
                return ["input \(ShapeValue.text(dims))"]
            }
            for stage in stages {
                do {
                    let output: ShapeValue
                    if case .custom(let definition, let scope, let source) = stage.layer.form {
                        output = try forward(
                            stage.layer, definition, scope, source, value, at, name: stage.name)
                    } else {
                        output = try apply(stage.layer, value, at)
                    }
                    value = [output]
                    if let span = stage.layer.span { facts?.pass(output, behind: span) }
                    if case .tensor(let dims, _) = output {
                        passed?.append("\(stage.name) \(ShapeValue.text(dims))")
                    } else {
                        passed = nil
                    }
                } catch var fault as ShapeFault {
                    if let passed, stages.count > 1,
                        !fault.diagnostic.notes.contains(where: { $0.hasPrefix("stage by stage") })
                    {
                        fault.diagnostic.notes.insert(
                            "stage by stage:  \(passed.joined(separator: ", ")), then \(stage.name)", at: 0)
                    }
                    throw fault
                }
            }
            return value.first ?? .unknown
        }
    }

    private func forward(
        _ layer: ShapeLayer, _ definition: LayerDefinition, _ scope: ShapeScope, _ source: Source,
        _ inputs: [ShapeValue], _ at: Place?, name: String
    ) throws -> ShapeValue {
        guard case .members(let members) = definition.form else { return .unknown }
        let dims = inputs.first?.dims
        let width = dims?.last
        let inside = ShapeScope(["in": width.map { .number($0) } ?? .unknown], in: scope)
        let frame = Frame(source: source, scope: ShapeScope(in: inside), layer: layer)
        var usesWidth = false
        var made: [(name: String, dims: [Quantity])] = []
        for member in members {
            switch member {
            case .parameter(let name, let shape, _), .state(let name, let shape, _):
                for one in shape { one.walk { if case .name("in") = $0.kind { usesWidth = true } } }
                made.append(
                    (
                        name.text,
                        try shape.map { one in
                            if case .number(let q) = try value(one, frame) { return q }
                            return fresh()
                        }
                    ))
            default: break
            }
        }
        if usesWidth, let dims {
            if let known = layer.width {
                if dims.isEmpty || (width?.whole.map { $0 != known } ?? false) {
                    throw wrongWidth(layer, name, dims, known)
                }
            } else if doubt == 0 {
                layer.width = width?.whole
            }
        }
        if layer.isBuilt { made = layer.parameters }
        if !layer.isBuilt, doubt == 0, let dims {
            layer.isBuilt = true
            layer.parameters = made
            layer.builtFrom = (ShapeValue.text(dims), at)
        }
        for (name, dims) in made { inside.names[name] = .shaped(dims) }
        for (name, part) in layer.parts { inside.names[name] = part }
        for member in members {
            guard case .forward(let names, let body) = member else { continue }
            if names.count != inputs.count, doubt == 0 {
                throw ShapeFault(
                    diagnostic: LayerInputs.wrong(
                        name, names: names.map(\.text), got: inputs.count,
                        dims: dims?.map { $0.whole.map(String.init) ?? "n" }))
            }
            for (k, name) in names.enumerated() {
                frame.scope.names[name.text] = k < inputs.count ? inputs[k] : .unknown
            }
            return try run(body, frame)
        }
        return .unknown
    }

    /// The same as `LayerErrors.swift` of the interpreter says when the program runs.
    private func wrongWidth(_ layer: ShapeLayer, _ name: String, _ dims: [Quantity], _ width: Int) -> ShapeFault {
        var notes: [String] = []
        if let (shape, place) = layer.builtFrom, let first = layer.parameters.first {
            let axes = first.dims.map(\.text).joined(separator: ", ")
            notes.append(
                "\(name) has \(first.name) : [\(axes)], made \(place.map { "at \($0.short) " } ?? "")from an input of \(shape)"
            )
        }
        let rest = dims.dropFirst().reduce(1.0) { $0 * ($1.number ?? .nan) }
        let repair =
            dims.count > 2 && rest == Double(width)
            ? "put flatten before \(name):  flatten >> \(layer.text)"
            : dims.count == 2 ? "a net keeps its shapes; construct a new net after changing a layer" : nil
        return ShapeFault(
            diagnostic: Diagnostic(
                code: "layer.width",
                "\(name) expects inputs that are \(width) wide, and got \(dims.last?.text ?? "a number")",
                notes: notes, repair: repair))
    }

    /// The value of a body, including the values of `return`.
    func run(_ body: Body, _ frame: Frame) throws -> ShapeValue {
        var last: ShapeValue
        switch body {
        case .expression(let e): last = try value(e, frame)
        case .block(let block): last = try self.block(block.statements, frame)
        }
        if let first = frame.returned.first {
            if frame.hasReturned, frame.returned.count == 1 { return first }
            last = frame.hasReturned ? first : join(first, last)
            for other in frame.returned.dropFirst() { last = join(last, other) }
        }
        return last
    }
}
