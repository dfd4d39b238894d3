import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// What is said where a layer cannot take its input, or a function inside it fails.
extension Interpreter {
    /// `ShapeLayers.swift` of SiamShapes says the same without running anything.
    func wrongWidth(_ layer: Layer, _ c: Layer.Custom, _ x: Tensor, _ width: Int) -> Diagnostic {
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
        if let before = before(layer) {
            repair = before
        } else if x.rank > 2, rest == width {
            repair = "put flatten before \(name):  flatten >> \(callText(layer))"
        } else if x.rank == 2, width != x.shape[1] {
            repair = "a net keeps its shapes; construct a new net after changing a layer"
        }
        return Diagnostic(
            code: "layer.width",
            "\(name) expects inputs that are \(width) wide, and got \(x.rank == 0 ? "a number" : "\(x.shape[-1])")",
            notes: notes, repair: repair)
    }

    /// A stage of a net of the user's that is applied by itself: what gives its input. Nil inside of the net.
    private func before(_ layer: Layer) -> String? {
        guard layerPath.isEmpty else { return nil }
        for name in globals.userNames {
            guard case .layer(let net)? = globals.valueIfReady(name), case .pipeline(let stages) = net.form,
                let k = stages.firstIndex(where: { $0.layer === layer }), k > 0
            else { continue }
            var input = "x"
            // The last of what was written is the input, of a call of the stage and of explain.
            if let text = argumentTexts.last, text.utf8.count <= 40, !text.contains("\n") { input = text }
            return "the stages before \(stages[k].name) give its input:  \(name)[0..\(k)](\(input))"
        }
        return nil
    }

    /// `dense(128)`: the call that would make this layer.
    public func callText(_ layer: Layer) -> String {
        let given = layer.arguments.enumerated().compactMap { k, a -> String? in
            if let p = layer.constructor?.parameters[safe: k], p.defaultText != nil,
                p.defaultText == inline(a.value, quoted: true)
            {
                return nil
            }
            let text = inline(a.value, quoted: true)
            return k == 0 ? text : "\(a.name) = \(text)"
        }
        return "\(layer.kind)(\(given.joined(separator: ", ")))"
    }

    /// Adds the shape of the argument to the error of a net's call; `caller` is the number of frames when it was
    /// called.
    func labelled(_ error: any Error, _ x: Value, _ caller: Int) -> any Error {
        guard var d = error as? Diagnostic, caller > 0, case .tensor(let t) = x, let label = d.labels.first,
            label.text.isEmpty
        else { return error }
        let frame = frames[caller - 1]
        let code = frame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(frame.pc - 1), label.place.span.isSame(site.span)
        else {
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
    func annotate(_ error: any Error, _ stages: [Layer.Stage], _ k: Int, _ x: Value, _ stage: Layer.Stage)
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
