import SiamGradient
import SiamLanguage
import SiamTensor

/// Faults of arguments that two of them in each other's places may explain.
enum DeclaredKindFaults {
    static let turnable: Set<String> = ["argument.kind", "argument.range", "argument.rows", "loss.same", "loss.labels"]
}

/// Repairs that are made of the user's own values: the stages of the net that was called, the examples that it was not.
extension Interpreter {
    /// The repair of an argument that does not fit; nil where only its kind is known.
    func ownRepair(_ fault: KindFault, _ argument: Expression, _ source: Source) -> String? {
        switch fault.code {
        case "argument.rows": return flattened(argument)
        case "loss.class": return withNet(argument, source)
        case "loss.shapes": return rowOfEach(argument, source)
        default: return nil
        }
    }

    /// `d.standardize()`, which gives a stage of a net and no data set.
    package static func scalerAdvice(_ value: Value) -> String? {
        guard case .layer(let l) = value, ["standardize", "normalize", "divide_by_largest"].contains(l.kind) else {
            return nil
        }
        return "a scaler is the first stage of the net:  net = \(l.kind)(d) >> dense(8)"
    }

    /// A net whose outputs are pictures: its stages with the one that is missing.
    private func flattened(_ argument: Expression) -> String? {
        guard case .call(let callee, _, _) = argument.kind, case .name(let name) = callee.kind,
            case .layer(let net)? = globals.valueIfReady(name), case .pipeline(let stages) = net.form
        else { return nil }
        var texts = stages.map { stageText(.layer($0.layer)) }
        let isFlat = texts.contains("flatten") || texts.contains("globalpool")
        guard !isFlat, !texts.contains("") else { return nil }
        let place = stages.firstIndex { $0.layer.kind == "dense" } ?? stages.count
        texts.insert("flatten", at: place)
        let whole = "\(name) = \(texts.joined(separator: " >> "))"
        return whole.utf8.count <= 80 ? "one row for each example, by flatten:  \(whole)" : nil
    }

    /// `cross_entropy(x, y)`: examples where the outputs of a net belong.
    private func withNet(_ target: Expression, _ source: Source) -> String? {
        guard let code = frameCount > 0 ? currentFrame.code.takeUnretainedValue() : nil,
            globals.userNames.contains(where: { if case .layer? = globals.valueIfReady($0) { true } else { false } })
        else { return nil }
        for e in code.expressions {
            guard case .call(let callee, let given, _) = e.kind, given.count > 1,
                given.contains(where: { $0.value == target }),
                case let first = given[0].value, !isMade(first)
            else { continue }
            let texts = given.dropFirst().map { $0.text(in: source) }
            let whole = (["net(\(source.text(first.span)))"] + texts).joined(separator: ", ")
            let call = "\(source.text(callee.span))(\(whole))"
            return call.utf8.count <= 70 && !call.contains("\n") ? "apply the net to the examples first:  \(call)" : nil
        }
        return nil
    }

    /// `mse(net(x), y)` of a list of numbers, which the net took for one row: a row for each of them.
    private func rowOfEach(_ target: Expression, _ source: Source) -> String? {
        let all = (0..<frameCount).reversed().map { frames[$0].code.takeUnretainedValue() }
        guard let code = all.first(where: { $0.source.kind != .prelude }) else { return nil }
        for e in code.expressions {
            var found: String?
            e.walk { inner in
                guard found == nil, case .call(let callee, let given, _) = inner.kind, given.count > 1,
                    given[1].value == target, case .call(let net, let inputs, _) = given[0].value.kind,
                    case .name(let name) = net.kind, inputs.count == 1, case .name(let input) = inputs[0].value.kind,
                    case .layer? = named(name), case .tensor(let x)? = named(input), x.rank == 1, x.count > 1,
                    case .name(let other) = target.kind, case .tensor(let y)? = named(other), y.shape == x.shape
                else { return }
                let rest = given.dropFirst().map { $0.text(in: source) }
                let call =
                    "\(source.text(callee.span))(\((["\(name)(expand(\(input), 1))"] + rest).joined(separator: ", ")))"
                if call.utf8.count <= 70 {
                    found = "\(input) is one row for \(name); a row for each number is expand(\(input), 1):  \(call)"
                }
            }
            if let found { return found }
        }
        return nil
    }

    /// Whether an expression works out anything: a name of data, its field and parts of it do not.
    private func isMade(_ e: Expression) -> Bool {
        switch e.kind {
        case .name(let name):
            guard case .tensor(let t)? = named(name) else { return true }
            return (t.origin as? Node)?.op != nil
        case .field(let owner, let name):
            guard case .name(let set) = owner.kind, case .thing(is DatasetThing)? = named(set) else { return true }
            return name.text != "x"
        case .index(let owner, _): return isMade(owner)
        default: return true
        }
    }

    /// The value of a name where the program stands: of the function that runs, or else of all.
    private func named(_ name: String) -> Value? {
        for k in (0..<frameCount).reversed() {
            let code = frames[k].code.takeUnretainedValue()
            guard code.source.kind != .prelude, [.fn, .loss, .layer, .forward, .lambda].contains(code.role) else {
                continue
            }
            if let slot = code.variables[name], case let v = stack[frames[k].base + slot] {
                if case .unbound = v { continue }
                return v
            }
        }
        return globals.valueIfReady(name)
    }

    /// How a stage is written: `dense(32)`, `relu`; empty where its text does not tell.
    func stageText(_ v: Value) -> String {
        switch v {
        case .layer(let l):
            if case .function = l.form { return isOfLibrary(l.kind) ? l.kind : "" }
            guard l.constructor != nil, l.arguments.allSatisfy({ isPlain($0.value) }) else { return "" }
            return callText(l)
        case .function(let f): return f.code.role == .lambda ? "" : f.name
        case .builtin(let b): return b.name
        default: return ""
        }
    }

    private func isPlain(_ v: Value) -> Bool {
        switch v {
        case .number, .bool, .text, .none, .function, .builtin: true
        default: false
        }
    }

    /// The stages that the expression under way joins by another sign, as they are written.
    var writtenStages: String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1) else { return nil }
        // A chain is worked out pair by pair: its widest part tells all of it.
        let whole = code.expressions.filter { e in
            guard e.span.start <= site.span.start, site.span.end <= e.span.end else { return false }
            switch e.kind {
            case .comparison, .binary, .compose: return true
            default: return false
            }
        }.max { $0.span.end - $0.span.start < $1.span.end - $1.span.start }
        return (whole ?? site).joinedStages(in: code.source)
    }

    /// Stages in a list as the net that they make: `net = flatten >> dense(32)`.
    package func joined(stages items: [Value]) -> String? {
        let texts = items.map(stageText)
        guard texts.count > 1, !texts.contains("") else { return nil }
        let name = calledName.flatMap { $0.utf8.count <= 12 ? $0 : nil } ?? "net"
        let whole = "\(name) = \(texts.joined(separator: " >> "))"
        return whole.utf8.count <= 80 ? whole : nil
    }

    /// `trace(net(x))`: a net's output where the net and its input are two arguments.
    func apart() -> String? {
        guard frameCount > 0, let called = calledName, case let code = currentFrame.code.takeUnretainedValue(),
            case let source = code.source, case .call(_, let arguments, _)? = code.site(currentFrame.pc - 1)?.kind,
            case .call(let callee, let given, _)? = arguments.first?.value.kind, case .name(let name) = callee.kind,
            case .layer? = globals.valueIfReady(name), given.count == 1
        else { return nil }
        let input = source.text(given[0].value.span)
        let rest = argumentTexts.dropFirst()
        let call = "\(called)(\(([name, input] + rest).joined(separator: ", ")))"
        return call.utf8.count <= 80 && !call.contains("\n") ? "the net and its input are two arguments:  \(call)" : nil
    }
}
