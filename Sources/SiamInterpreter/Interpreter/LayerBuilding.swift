import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// Making layers: their bodies are run, stages are joined, weights are drawn at the first input.
extension Interpreter {
    /// The constructor's last instruction: a layer of what it evaluated.
    func makeLayer(_ i: Instruction, _ frame: Frame, _ code: Code, _ window: Slot, _ value: Slot) throws -> Value {
        guard let plan = code.layerPlan else { return .none }
        var arguments: [(name: String, value: Value)] = []
        for (k, p) in code.parameters.enumerated() {
            var v = stack[frame.base + k]
            if case .cell(let c) = v { v = c.value }
            arguments.append((p.name, v))
        }
        if plan.isPipeline {
            if case .unbound = value.pointee { try bind(value, i.b) }
            let stages = try stages(value.pointee)
            return .layer(
                try bounded(Layer.pipeline(stages, kind: code.name, arguments: arguments, constructor: code)))
        }
        guard case .function(let forward) = window[0] else { return .none }
        var slots: [Layer.Custom.Slot] = []
        var usesWidth = false
        for (k, slot) in plan.slots.enumerated() {
            switch slot.kind {
            case .part:
                var part = window[1 + 2 * k]
                if case .function(let f) = part, f.code.role == .layer { part = try call(part, []) }
                slots.append(.init(kind: .part, name: slot.name, shape: nil, initial: nil, parameter: nil, value: part))
            case .parameter, .state:
                guard case .function(let shape) = window[1 + 2 * k], case .function(let initial) = window[2 + 2 * k]
                else { continue }
                if Interpreter.mentionsWidth(shape.code) { usesWidth = true }
                slots.append(
                    .init(
                        kind: slot.kind == .state ? .state : .parameter, name: slot.name, shape: shape,
                        initial: initial,
                        parameter: nil, value: .unbound))
            }
        }
        let custom = Layer.Custom(slots: slots, forward: forward, usesWidth: usesWidth)
        if code.source.kind != .prelude, case .layer(let definition)? = code.definition?.kind,
            case .members(let members) = definition.form
        {
            for member in members {
                if let d = LossInputCheck.untrained(member, of: code.name, code.source) { session.warn(d) }
            }
        }
        if slots.contains(where: { $0.kind == .parameter }), frameCount > 1 {
            let outer = frames[frameCount - 2].code.takeUnretainedValue()
            if outer.role == .forward, outer.source.kind != .prelude,
                let site = outer.site(frames[frameCount - 2].pc - 1)
            {
                session.warn(
                    LossInputCheck.madeInside(code.name, Place(outer.source, site.span), outer.source.text(site.span)))
            }
        }
        return .layer(
            try bounded(Layer(kind: code.name, form: .custom(custom), arguments: arguments, constructor: code)))
    }

    private static func mentionsWidth(_ code: Code) -> Bool {
        code.expressions.contains { if case .name("in") = $0.kind { true } else { false } }
    }

    /// The layers that a value contributes to a pipeline.
    func stages(_ v: Value) throws -> [Layer] {
        switch v {
        case .layer(let l):
            if case .pipeline(let stages) = l.form, l.constructor == nil { return stages.map(\.layer) }
            return [l]
        case .function(let f) where f.code.role == .layer: return try stages(try call(v, []))
        case .function(let f): return [Layer(kind: f.code.role == .lambda ? "fn" : f.name, form: .function(v))]
        case .builtin(let b): return [Layer(kind: b.name, form: .function(v))]
        case .thing(let t as AugmentationThing): return [Layer(kind: t.augmentation.word, form: .function(v))]
        default:
            throw Diagnostic(code: "compose.kind", ">> composes layers and functions, and got \(v.kindName)")
        }
    }

    func compose(_ l: Value, _ r: Value) throws -> Layer {
        // The names of the left's stages stay as they are.
        if case .layer(let left) = l, left.isOpenPipeline {
            let added = try stages(r)
            warnOfSoftmax(left.lastStage, added.first)
            return try bounded(left.grown(by: added))
        }
        let (left, right) = (try stages(l), try stages(r))
        warnOfSoftmax(left.last, right.first)
        return try bounded(Layer.pipeline(left + right))
    }

    /// Softmax behind a dense layer of one unit is 1 whatever comes in; a place without an axis is one of a whole batch.
    private func warnOfSoftmax(_ last: Layer?, _ next: Layer?) {
        if let next, ["argmax", "argmin"].contains(next.kind), case .function(.builtin) = next.form {
            session.warn(
                Diagnostic(
                    .warning, code: "argmax.axis",
                    "\(next.kind) without an axis gives one index over all scores of the batch",
                    at: userPlace().map { [.init($0)] } ?? [],
                    repair: "for the class of each row:  x -> \(next.kind)(x, axis = 1)"))
        }
        guard next?.kind == "softmax", let last, last.constructor?.source.kind == .prelude, last.kind == "dense",
            case .number(1)? = last.arguments.first?.value
        else { return }
        session.warn(LossInputCheck.softmaxOverOne(userPlace()))
    }

    /// A net that can be gone through.
    package func bounded(_ layer: Layer) throws -> Layer {
        guard layer.depth <= Layer.deepest else {
            throw Diagnostic(
                code: "layer.deep", "nets can be nested at most \(Layer.deepest) deep, and this would be deeper")
        }
        return layer
    }

    /// What the program gives the net of its call that is under way, as it is written; nil where that is long.
    private var givenText: String? {
        guard let place = userPlace() else { return nil }
        let text = place.source.text(place.span)
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "("),
            case let inner = text[text.index(after: open)...].dropLast(), !inner.isEmpty,
            inner.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." })
        else { return nil }
        return String(inner)
    }

    /// The parameters take shape: `in` is the last axis of the first input.
    func build(_ layer: Layer, _ c: Layer.Custom, _ input: Value) throws {
        guard let x = Interpreter.tensor(input) else {
            throw Diagnostic(code: "layer.input", "\(stageName(layer)) expects a tensor, and got \(input.kindName)")
        }
        guard x.rank > 0 || !c.usesWidth else {
            throw Diagnostic(
                code: "layer.input", "\(stageName(layer)) expects a tensor with at least one axis, and got a number")
        }
        if layer.kind == "conv", x.rank == 4, [1, 3].contains(x.shape[1]), x.shape[2] == x.shape[3], x.shape[3] >= 8,
            layer.constructor?.source.kind == .prelude
        {
            session.warn(
                Diagnostic(
                    .warning, code: "conv.order",
                    "images have their channels last, and \(x.shape) looks as if they came first",
                    at: userPlace().map { [.init($0)] } ?? [], repair: "transpose(\(givenText ?? "x"), [0, 2, 3, 1])"))
        }
        let width = Value.number(Double(x.shape[-1]))
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        var built = c.slots
        for k in c.slots.indices where c.slots[k].kind != .part {
            guard let shape = c.slots[k].shape, let initial = c.slots[k].initial else { continue }
            let dims = try callIn(layer, shape, [width])
            let lengths: [Int]
            switch dims {
            case .list(let l): lengths = try l.items.map { try wholeNumber($0, "the length of \(c.slots[k].name)") }
            case .tensor(let t):
                lengths = try t.doubles.map { try wholeNumber(.number($0), "the length of \(c.slots[k].name)") }
            default: lengths = [try wholeNumber(dims, "the length of \(c.slots[k].name)")]
            }
            let maker = try callIn(layer, initial, [width])
            let wanted = try Shape(lengths)
            let value = try initialValue(maker, wanted, "\(layer.kind)'s \(c.slots[k].name)")
            if c.slots[k].kind == .parameter {
                let p = SiamLearning.Parameter(name: c.slots[k].name, value: value)
                p.isFrozen = layer.isFrozen
                built[k].parameter = p
            } else {
                built[k].value = .tensor(value)
            }
        }
        c.slots = built
        c.isBuilt = true
        c.inputWidth = c.usesWidth ? x.shape[-1] : nil
        layer.builtFrom = (x.shape, userPlace())
    }

    /// What an initialiser gives for a shape: a function of the shape is called, a tensor of that shape is taken.
    func initialValue(_ maker: Value, _ shape: Shape, _ who: String) throws -> Tensor {
        let value: Value
        switch maker {
        case .tensor, .number, .bool: value = maker
        default: value = try call(maker, [.tensor(try Tensor(Shape.vector(shape.rank), shape.dims.map { Float($0) }))])
        }
        guard let t = Interpreter.tensor(value) else {
            throw Diagnostic(
                code: "initial.kind",
                "\(who) must start as a tensor of \(shape), and its initialiser gave \(value.kindName)")
        }
        if t.shape == shape { return t.detached() }
        if t.count == 1 { return try Tensor.full(shape, t.item, t.precision) }
        throw Diagnostic(
            code: "initial.shape",
            "\(who) must start as a tensor of \(shape), and its initialiser gave one of \(t.shape)")
    }
}
