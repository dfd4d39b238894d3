import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// What a layer holds, kept and put back, copied and frozen.
extension Layer {
    /// For each layer that has not taken shape yet, what takes it back to that.
    package func keepUnbuilt() -> [() -> Void] {
        everyLayer.compactMap { layer in
            guard case .custom(let c) = layer.form, !c.isBuilt else { return nil }
            let slots = c.slots
            return {
                c.slots = slots
                c.isBuilt = false
                c.inputWidth = nil
                layer.builtFrom = nil
                for outer in self.everyLayer { outer.fused = nil }
            }
        }
    }

    /// Values of all states, in the order of `everyLayer`, to be put back by `restoreStates`.
    public func keepStates() -> [[Value]] {
        everyLayer.map { $0.keepOwnStates() }
    }
    public func restoreStates(_ kept: [[Value]]) {
        for (layer, values) in zip(everyLayer, kept) { layer.restoreOwnStates(values) }
    }

    /// Whether this layer itself remembers something besides parameters.
    package var hasStates: Bool {
        if case .custom(let c) = form { return c.slots.contains { $0.kind == .state } }
        return false
    }
    package func keepOwnStates() -> [Value] {
        if case .custom(let c) = form { return c.slots.map { $0.kind == .state ? $0.value : .none } }
        return []
    }
    package func restoreOwnStates(_ values: [Value]) {
        guard case .custom(let c) = form else { return }
        for i in c.slots.indices where i < values.count && c.slots[i].kind == .state { c.slots[i].value = values[i] }
    }

    /// The value of a member inside the layer's own body.
    func member(_ i: Int, _ interpreter: Interpreter) throws -> Value {
        guard case .custom(let c) = form, i < c.slots.count else {
            throw Diagnostic(code: "layer.member", "\(kind) has no such part")
        }
        let slot = c.slots[i]
        switch slot.kind {
        case .parameter:
            guard let p = slot.parameter else {
                throw Diagnostic(
                    code: "layer.unbuilt", "\(kind) has no \(slot.name) yet: a net gets its shapes at its first use",
                    repair: "apply the net once:  net(x)")
            }
            return .tensor(p.value)
        default:
            if case .unbound = slot.value {
                throw Diagnostic(
                    code: "layer.unbuilt", "\(kind) has no \(slot.name) yet: a net gets its shapes at its first use",
                    repair: "apply the net once:  net(x)")
            }
            return slot.value
        }
    }

    /// Assigns a state in the layer's own body.
    func setState(_ i: Int, _ value: Value) throws {
        guard case .custom(let c) = form, i < c.slots.count else { return }
        switch c.slots[i].kind {
        case .state:
            // A state remembers numbers, not how they came about.
            if case .tensor(let t) = value {
                c.slots[i].value = .tensor(t.detached())
            } else {
                c.slots[i].value = value
            }
        case .parameter:
            throw Diagnostic(
                code: "layer.parameter",
                "\(c.slots[i].name) is a parameter of \(kind), which an optimizer changes, not forward",
                repair: "a non-trainable buffer of a layer is a state:  state \(c.slots[i].name) : [in] = zeros")
        case .part:
            throw Diagnostic(
                code: "layer.part", "\(c.slots[i].name) is a part of \(kind), and forward cannot change it")
        }
    }

    /// A net like this one that shares nothing with it; what is shared inside stays shared inside.
    public func copied() -> Layer {
        var copies: [ObjectIdentifier: Layer] = [:]
        func copy(_ layer: Layer) -> Layer {
            if let done = copies[ObjectIdentifier(layer)] { return done }
            let new = Layer(
                kind: layer.kind, form: layer.form, arguments: layer.arguments, constructor: layer.constructor)
            copies[ObjectIdentifier(layer)] = new
            new.isFrozen = layer.isFrozen
            new.builtFrom = layer.builtFrom
            switch layer.form {
            case .pipeline(let stages): new.form = .pipeline(stages.map { Stage(name: $0.name, layer: copy($0.layer)) })
            case .training(let l): new.form = .training(copy(l))
            case .function: break
            case .custom(let c):
                let slots = c.slots.map { slot -> Custom.Slot in
                    var s = slot
                    s.parameter = slot.parameter.map { p in
                        let q = SiamLearning.Parameter(name: p.name, value: p.value.detached())
                        q.isFrozen = p.isFrozen
                        return q
                    }
                    if case .layer(let l) = slot.value { s.value = .layer(copy(l)) }
                    return s
                }
                let custom = Custom(slots: slots, forward: c.forward, usesWidth: c.usesWidth)
                custom.isBuilt = c.isBuilt
                custom.inputWidth = c.inputWidth
                new.form = .custom(custom)
            }
            return new
        }
        return copy(self)
    }

    /// From now on the same net as another of the same build, part by part.
    package func become(_ other: Layer) {
        let (own, others) = (everyLayer, other.everyLayer)
        guard own.count == others.count else { return form = other.form }
        for (old, new) in zip(own, others) { old.form = new.form }
    }

    /// Marks all parameters, also those still to be made, as frozen or not.
    public func setFrozen(_ frozen: Bool) {
        for layer in everyLayer { layer.isFrozen = frozen }
        for (_, p) in parameters { p.isFrozen = frozen }
    }
}
