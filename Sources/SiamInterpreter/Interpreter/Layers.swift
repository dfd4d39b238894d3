import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// Applying nets: one stage after the other, each reported to the observers. Building is in `LayerBuilding.swift`.
extension Interpreter {
    /// A net from a value that can be used as one: a layer, a constructor, a function.
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

    /// One stage of a pipeline, which reports itself to the observer.
    func stage(_ layer: Layer, _ x: Value) throws -> Value {
        let y = try pass(layer, x)
        if let sampler { sampler.note(layer, y) }
        return y
    }

    /// Layers outside of pipelines, such as a net of one layer or a layer that a body applies, are reported as stages
    /// themselves.
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
                // A measured step also shows the inputs of activations.
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
            isTraining = !isHeldInEvaluation
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
            isTraining = !isHeldInEvaluation
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

    func forward(_ layer: Layer, _ c: Layer.Custom, _ inputs: [Value]) throws -> Value {
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

    func callIn(_ layer: Layer, _ f: Function, _ arguments: [Value]) throws -> Value {
        let base = top
        guard hasRoom(base + f.code.registerCount) else { throw recursion() }
        for (i, v) in arguments.enumerated() { stack[base + i] = v }
        switch try enter(f.code, base: base, function: f, layer: layer) {
        case .returned(let v): return v
        case .ended(_, let v): return v
        }
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
}
