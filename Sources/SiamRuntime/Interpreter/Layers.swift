import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

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
                if let d = FitCheck.untrained(member, of: code.name, code.source) { session.warn(d) }
            }
        }
        if slots.contains(where: { $0.kind == .parameter }), frameCount > 1 {
            let outer = frames[frameCount - 2].code.takeUnretainedValue()
            if outer.role == .forward, outer.source.kind != .prelude,
                let site = outer.site(frames[frameCount - 2].pc - 1)
            {
                session.warn(
                    FitCheck.madeInside(code.name, Place(outer.source, site.span), outer.source.text(site.span)))
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
                    "\(next.kind) without an axis is one place of all the scores of a batch",
                    at: userPlace().map { [.init($0)] } ?? [],
                    repair: "the class of each row:  x -> \(next.kind)(x, axis = 1)"))
        }
        guard next?.kind == "softmax", let last, last.constructor?.source.kind == .prelude, last.kind == "dense",
            case .number(1)? = last.arguments.first?.value
        else { return }
        session.warn(FitCheck.softmaxOverOne(userPlace()))
    }

    /// A net that can be gone through.
    func bounded(_ layer: Layer) throws -> Layer {
        guard layer.depth <= Layer.deepest else {
            throw Diagnostic(
                code: "layer.deep", "nets stand in one another at most \(Layer.deepest) deep, and this would be deeper")
        }
        return layer
    }

    /// A net out of what may stand for one: a layer, a constructor, a function.
    public func asLayer(_ v: Value) throws -> Layer? {
        switch v {
        case .layer(let l): l
        case .function(let f) where f.code.role == .layer: try asLayer(try call(v, []))
        case .function, .builtin: try stages(v)[0]
        case .thing(let t as AugmentationThing): try stages(.thing(t))[0]
        default: nil
        }
    }

    public func apply(_ layer: Layer, _ x: Value) throws -> Value {
        if case .thing(let t) = x, let d = t as? DatasetThing, layer.isFitted { return try applyFitted(layer, d) }
        let y = try stage(layer, x)
        if observer != nil { try tell(layer, [x], y) }
        return y
    }

    /// A data set through what was fitted to data: the same examples in other numbers.
    private func applyFitted(_ layer: Layer, _ d: DatasetThing) throws -> Value {
        let outer = (isTraining, Recording.isOn)
        isTraining = false
        Recording.isOn = false
        defer { (isTraining, Recording.isOn) = outer }
        guard case .tensor(let x) = try apply(layer, .tensor(d.dataset.x)) else { return .none }
        return .thing(DatasetThing(try d.dataset.with(x: x.detached())))
    }

    /// One stage of a pipeline, which tells the observer itself.
    private func stage(_ layer: Layer, _ x: Value) throws -> Value {
        let y = try pass(layer, x)
        if let sampler { sampler.note(layer, y) }
        return y
    }

    /// Layers that are no stage of a pipeline, a net of one or a part that a body applies, are stages of their own.
    private func tell(_ layer: Layer, _ inputs: [Value], _ output: Value) throws {
        guard let observer, layer.children.isEmpty else { return }
        var name = layer.kind
        var isPart = if case .custom = layer.form { true } else { false }
        if frameCount > 0, let owner = frames[frameCount - 1].layer?.takeUnretainedValue(),
            case .custom(let c) = owner.form,
            let slot = c.slots.first(where: { if case .layer(let l) = $0.value { l === layer } else { false } })
        {
            name = slot.name
            isPart = true
        }
        guard isPart else { return }
        try observer.stage(layerPath + [name], layer, inputs, output)
    }

    private func pass(_ layer: Layer, _ x: Value) throws -> Value {
        switch layer.form {
        case .pipeline(let stages):
            guard nativeDepth < Interpreter.nativeCapacity else { throw recursion() }
            let caller = frameCount
            if layer.given == nil, case .tensor(let t) = x { layer.given = [t.shape] }
            var value = x
            var joined: [FusedStage]?
            if observer == nil {
                joined = layer.fused ?? fusedStages(stages)
                layer.fused = joined
            }
            var k = -1
            while k + 1 < stages.count {
                k += 1
                // A measured step shows what stands before an activation too.
                let fast = joined?[k]
                let single = fast?.alone ?? (fast?.length == 1 || !showsEachStage ? fast : nil)
                if let short = sampler == nil && !showsEachStage ? fast : single,
                    case .tensor(let t) = value, let y = (try? short.apply(t)) ?? nil
                {
                    value = .tensor(y)
                    k += short.length - 1
                    if let sampler { sampler.note(stages[k].layer, value) }
                    continue
                }
                let stage = stages[k]
                layerPath.append(stage.name)
                do {
                    let output = try self.stage(stage.layer, value)
                    if let observer { try observer.stage(layerPath, stage.layer, [value], output) }
                    layerPath.removeLast()
                    value = output
                } catch {
                    let located = annotate(labelled(locate(error), x, caller), stages, k, x, stage)
                    layerPath.removeLast()
                    throw located
                }
            }
            return value
        case .custom(let c): return try forward(layer, c, [x])
        case .function(let f): return try call(f, [x])
        case .training(let inner):
            let outer = isTraining
            isTraining = true
            defer { isTraining = outer }
            return try apply(inner, x)
        }
    }

    public func apply(_ layer: Layer, _ inputs: [Value]) throws -> Value {
        if inputs.count == 1 { return try apply(layer, inputs[0]) }
        let y = try pass(layer, inputs)
        if let sampler { sampler.note(layer, y) }
        if observer != nil { try tell(layer, inputs, y) }
        return y
    }

    private func pass(_ layer: Layer, _ inputs: [Value]) throws -> Value {
        switch layer.form {
        case .custom(let c): return try forward(layer, c, inputs)
        case .function(let f): return try call(f, inputs)
        case .training(let inner):
            let outer = isTraining
            isTraining = true
            defer { isTraining = outer }
            return try apply(inner, inputs)
        case .pipeline(let stages):
            guard let first = stages.first else { throw Diagnostic(code: "call.many", "\(layer.kind) has no stages") }
            layerPath.append(first.name)
            defer { layerPath.removeLast() }
            let value = try apply(first.layer, inputs)
            return try apply(Layer(kind: layer.kind, form: .pipeline(Array(stages.dropFirst()))), value)
        }
    }

    private func forward(_ layer: Layer, _ c: Layer.Custom, _ inputs: [Value]) throws -> Value {
        let code = c.forward.code
        guard code.parameters.count == inputs.count else {
            throw LayerInputs.wrong(
                stageName(layer), names: code.parameters.map(\.name), got: inputs.count,
                dims: inputs.first.flatMap { Interpreter.tensor($0)?.shape.dims.map(String.init) })
        }
        if !c.isBuilt { try build(layer, c, inputs[0]) }
        if layer.given == nil { layer.given = inputs.compactMap { Interpreter.tensor($0)?.shape } }
        if c.usesWidth, let width = c.inputWidth, case .tensor(let x) = inputs[0], x.shape[-1] != width || x.rank == 0 {
            throw wrongWidth(layer, c, x, width)
        }
        let base = top
        guard hasRoom(base + code.registerCount) else { throw recursion() }
        for (i, v) in inputs.enumerated() { stack[base + i] = v }
        if inputs.count < code.localCount {
            for r in base + inputs.count..<base + code.localCount { stack[r] = .unbound }
        }
        switch try enter(code, base: base, function: c.forward, layer: layer) {
        case .returned(let v): return v
        case .ended(_, let v): return v
        }
    }

    func stageName(_ layer: Layer) -> String { layerPath.last ?? layer.kind }

    /// The parameters take shape: `in` is the last axis of the first input.
    private func build(_ layer: Layer, _ c: Layer.Custom, _ input: Value) throws {
        guard let x = Interpreter.tensor(input) else {
            throw Diagnostic(code: "layer.input", "\(stageName(layer)) wants a tensor, and got \(input.kindName)")
        }
        guard x.rank > 0 || !c.usesWidth else {
            throw Diagnostic(
                code: "layer.input", "\(stageName(layer)) wants a tensor with at least one axis, and got a number")
        }
        if layer.kind == "conv", x.rank == 4, [1, 3].contains(x.shape[1]), x.shape[2] == x.shape[3], x.shape[3] >= 8,
            layer.constructor?.source.kind == .prelude
        {
            session.warn(
                Diagnostic(
                    .warning, code: "conv.order",
                    "images have their channels last, and \(x.shape) reads as if they came first",
                    at: userPlace().map { [.init($0)] } ?? [], repair: "transpose(x, [0, 2, 3, 1])"))
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

    private func callIn(_ layer: Layer, _ f: Function, _ arguments: [Value]) throws -> Value {
        let base = top
        guard hasRoom(base + f.code.registerCount) else { throw recursion() }
        for (i, v) in arguments.enumerated() { stack[base + i] = v }
        switch try enter(f.code, base: base, function: f, layer: layer) {
        case .returned(let v): return v
        case .ended(_, let v): return v
        }
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
                "\(who) begins as a tensor of \(shape), and its initialiser gave \(value.kindName)")
        }
        if t.shape == shape { return t.detached() }
        if t.count == 1 { return try Tensor.full(shape, t.item, t.precision) }
        throw Diagnostic(
            code: "initial.shape", "\(who) begins as a tensor of \(shape), and its initialiser gave one of \(t.shape)")
    }

    /// The place in the user's text that is being run.
    package func userPlace() -> Place? {
        var k = frameCount - 1
        while k >= 0 {
            let code = frames[k].code.takeUnretainedValue()
            if code.source.kind != .prelude, let site = code.site(frames[k].pc - 1) {
                return Place(code.source, site.span)
            }
            k -= 1
        }
        return nil
    }

    // MARK: Errors

    private func wrongWidth(_ layer: Layer, _ c: Layer.Custom, _ x: Tensor, _ width: Int) -> Diagnostic {
        let name = stageName(layer)
        var notes: [String] = []
        if let slot = c.slots.first(where: { $0.kind == .parameter }), let p = slot.parameter,
            let (shape, place) = layer.builtFrom
        {
            let dims = p.value.shape.dims.map(String.init).joined(separator: ", ")
            notes.append(
                "\(name) has \(slot.name) : [\(dims)], made \(place.map { "at \($0.short) " } ?? "")from an input of \(shape)"
            )
        }
        var repair: String?
        let rest = x.shape.dims.dropFirst().reduce(1, *)
        if x.rank > 2, rest == width {
            repair = "put flatten before \(name):  flatten >> \(callText(layer))"
        } else if x.rank == 2, width != x.shape[1] {
            repair = "a net keeps its shapes; make a new one after changing a layer"
        }
        return Diagnostic(
            code: "layer.width",
            "\(name) expects inputs that are \(width) wide, and got \(x.rank == 0 ? "a number" : "\(x.shape[-1])")",
            notes: notes, repair: repair)
    }

    /// `dense(128)`: the call that would make this layer.
    public func callText(_ layer: Layer) -> String {
        let given = layer.arguments.enumerated().compactMap { k, a -> String? in
            if let p = layer.constructor?.parameters[safe: k], p.standardText != nil,
                p.standardText == inline(a.value, quoted: true)
            {
                return nil
            }
            let text = inline(a.value, quoted: true)
            return k == 0 ? text : "\(a.name) = \(text)"
        }
        return "\(layer.kind)(\(given.joined(separator: ", ")))"
    }

    /// Under a call of a net that fails stands what it was given; `caller` is the number of frames when it was called.
    private func labelled(_ error: any Error, _ x: Value, _ caller: Int) -> any Error {
        guard var d = error as? Diagnostic, caller > 0, case .tensor(let t) = x, let label = d.labels.first,
            label.text.isEmpty
        else { return error }
        let frame = frames[caller - 1]
        let code = frame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(frame.pc - 1), label.place.span == site.span else {
            return error
        }
        let given: Expression
        switch site.kind {
        case .call(_, let arguments, _) where arguments.count == 1: given = arguments[0].value
        case .apply(let input, _): given = input
        default: return error
        }
        let text = code.source.text(given.span)
        guard text.utf8.count <= 20, !text.contains("\n") else { return error }
        d.labels[0].text = "\(text) is \(t.shape)"
        return d
    }

    /// Adds the way up to the break, once, from the innermost pipeline with more than one stage.
    private func annotate(_ error: any Error, _ stages: [Layer.Stage], _ k: Int, _ x: Value, _ stage: Layer.Stage)
        -> any Error
    {
        guard var d = error as? Diagnostic, d.code != "interrupt",
            !d.notes.contains(where: { $0.hasPrefix("stage by stage") }),
            stages.count > 1
        else { return error }
        var passed: [String] = []
        var value = x
        let outer = (observer, Recording.isOn, isTraining)
        observer = nil
        Recording.isOn = false
        isTraining = false
        for s in stages[..<k] {
            guard let next = try? apply(s.layer, value) else { break }
            value = next
            if case .tensor(let t) = value { passed.append("\(s.name) \(t.shape)") } else { passed.append(s.name) }
        }
        (observer, Recording.isOn, isTraining) = outer
        // Of what is no tensor there is no way to show.
        guard case .tensor(let t) = x else { return d }
        passed.insert("input \(t.shape)", at: 0)
        d.notes.insert("stage by stage:  \(passed.joined(separator: ", ")), then \(stage.name)", at: 0)
        return d
    }
}

extension Array {
    subscript(safe i: Int) -> Element? { i >= 0 && i < count ? self[i] : nil }
}
