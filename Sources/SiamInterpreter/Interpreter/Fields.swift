import SiamGradient
import SiamLanguage
import SiamTensor

/// Fields and elements: reading and changing them.
extension Interpreter {
    func field(_ v: Value, _ name: String) throws -> Value {
        if let found = try fieldIfAny(v, name, isCall: false) { return found }
        let names = fieldNames(v)
        let near = fieldAdvice(v, name) ?? meant(by: name, in: names)?.says
        var notes: [String] = []
        if !names.isEmpty {
            let shown = names.prefix(12).joined(separator: ", ")
            notes = ["it has \(shown)\(names.count > 12 ? ", and \(names.count - 12) more" : "")"]
        }
        throw Diagnostic(
            code: "field.unknown", "\(describeHolder(v)) has no \(name)", notes: notes, repair: near)
    }

    /// What a name after a dot was probably meant for, by the kind of the value before the dot.
    private func fieldAdvice(_ v: Value, _ name: String) -> String? {
        switch v {
        case .tensor where name == "T":
            return fieldOwner.map { "the transposed matrix is  \($0).transpose()" }
        case .layer(let l) where ["normalize", "standardize"].contains(l.kind) && (name == "shape" || name == "x"):
            return "\(l.kind) makes a stage of a net; to normalise rows:  l2norm(x)"
        case .layer(let l):
            if l.children.contains(where: { $0.name == name + "1" }) { return "Did you mean \(name)1?" }
            if name == l.kind || name == l.kind + "1", l.children.isEmpty, let owner = fieldOwner {
                return "\(owner) is the \(l.kind) itself; its weights are  \(owner).w"
            }
            if let own = Interpreter.weight(called: name, in: fieldNames(v)) { return "Did you mean \(own)?" }
            if ForeignCalls.counts.contains(name) {
                return "the number of its parameters is  count(\(fieldOwner ?? "net"))"
            }
        case .function, .builtin:
            if frameCount > 0,
                case .field(let owner, _)? = currentFrame.code.takeUnretainedValue().site(
                    currentFrame.pc - 1)?.kind,
                let path = Foreign.path(at: owner.span, currentFrame.code.takeUnretainedValue().source)
            {
                return path
            }
        case .text(let t) where ["x", "y", "names"].contains(name) && t.string.contains("/"):
            guard frameCount > 0,
                case .field(let owner, _)? = currentFrame.code.takeUnretainedValue().site(
                    currentFrame.pc - 1)?.kind
            else { return nil }
            let text = currentFrame.code.takeUnretainedValue().source.text(owner.span)
            return text.utf8.count <= 40
                ? "it is a path, which is read by  idx(\(text)),  csv(\(text))  or  image_folder(\(text))" : nil
        case .tensor where name == "values" || name == "indices":
            return "max and sort return the values; their indices are  argmax(x, axis = 1),  argsort(x)"
        case .list(let l)
        where !l.items.isEmpty
            && l.items.allSatisfy({ if case .thing(is DatasetThing) = $0 { true } else { false } }):
            return "give names to the parts of a split:  seen, unseen = split(d, 0.8)"
        case .list(let l) where ["a", "b", "x", "y", "same", "p", "n"].contains(name) && 2...3 ~= l.items.count:
            if l.items.allSatisfy({ if case .tensor = $0 { true } else { false } }) {
                return "a batch is a list, and its parts have indices:  batch[0]"
            }
        case .list(let l) where name == "shape":
            var shapes: Set<[Int]> = []
            for case .tensor(let t) in l.items.prefix(100) { shapes.insert(t.shape.dims) }
            return shapes.count > 1 ? "its parts differ in shape, so it is a list and not a tensor" : nil
        case .thing(let t):
            if t is OptimizerThing, let own = Foreign.argument(name, in: t.fieldNames) { return "Did you mean \(own)?" }
            if let advice = t.adviceForField(name) {
                // A thing without a name is called as it is written.
                guard let owner = fieldOwner, t is DatasetThing, owner.contains("(") else { return advice }
                return advice.replacing("  d.", with: "  \(owner).")
            }
        default: break
        }
        // A function of that name helps where it takes this value; only what does nothing but give a value is tried.
        for function in [name, Foreign.word(name)?.name ?? name] {
            guard let value = (try? globals.value(function)) ?? nil, case .builtin(let b) = value, b.isPure,
                (try? call(value, [v])) != nil
            else { continue }
            return "\(function) is a function"
        }
        return nil
    }

    /// Methods that other libraries have where siam has a function or nothing to do.
    func methodAdvice(_ receiver: Value, _ name: String) -> Diagnostic? {
        switch (receiver, name) {
        case (.thing(is OptimizerThing), "step"), (.thing(is OptimizerThing), "minimize"):
            let told = argumentTexts
            let l = name == "minimize" && told.count == 2 && told[1].utf8.count <= 40 ? told[1] : "l"
            return Diagnostic(
                code: "call.kind", "an optimizer has no step function",
                repair: "for one step:  update(\(told.first ?? "opt"), net, grad(\(l), net))")
        case (.thing(is OptimizerThing), "zero_grad"):
            return Diagnostic(
                code: "call.kind", "an optimizer stores no gradients",
                repair: "leave this line out; behind the loss it is  g = grad(l, net)")
        case (.builtin, "add"), (.builtin, "append"), (.function, "add"), (.function, "append"), (.layer, "append"),
            (.layer, "add"), (.layer, "add_module"), (.layer, "extend"), (.layer, "push"):
            let told = argumentTexts.filter { $0.utf8.count <= 30 && !$0.contains("\n") }
            return Diagnostic(
                code: "call.kind", "layers cannot be added to a net in place",
                repair: told.count == 2
                    ? "join stages with >>:  \(told[0]) = \(told[0]) >> \(told[1])"
                    : "join stages with >>:  net = net >> dense(8)")
        case (.layer(let net), "pop"), (.layer(let net), "remove"):
            let name = argumentTexts.first.flatMap { $0.utf8.count <= 20 ? $0 : nil } ?? "net"
            return Diagnostic(
                code: "call.kind", "a stage cannot be taken out of a net",
                repair: "its other stages are a net too:  \(name) = \(name)[0..\(max(1, net.children.count - 1))]")
        case (.layer, "insert"):
            let told = argumentTexts.filter { $0.utf8.count <= 30 && !$0.contains("\n") }
            return Diagnostic(
                code: "call.kind", "layers cannot be added to a net in place",
                repair: told.count == 3 && told[1] == "0"
                    ? "join stages with >>:  \(told[0]) = \(told[2]) >> \(told[0])"
                    : "join stages with >>:  net = net[0..1] >> dense(8) >> net[1..]")
        case (.tensor, "pop"), (.list, "pop"):
            let x = argumentTexts.first.flatMap { $0.utf8.count <= 20 ? $0 : nil } ?? "x"
            return Diagnostic(
                code: "call.kind", "\(receiver.kindName) has no pop",
                repair: "the last element is  \(x)[-1],  the others are  \(x)[0..len(\(x)) - 1]")
        case (.thing(is OptimizerThing), "state_dict"), (.thing(is OptimizerThing), "load_state_dict"),
            (.thing(is OptimizerThing), "param_groups"):
            return Diagnostic(
                code: "call.kind", "an optimizer cannot be saved by itself",
                repair: "save the run:  save(run, \"r.siamrun\");  its settings are  opt.lr  and the like")
        case (.tensor, "index"), (.list, "index"):
            return Diagnostic(
                code: "call.kind", "\(receiver.kindName) has no index",
                repair: "the index of an element is  find(xs, x)")
        case (.thing(is DatasetThing), "filter"):
            return Diagnostic(
                code: "call.kind", "a data set is not a list", repair: "choose examples with  d.where(y -> y == 0)")
        case (.tensor, "long"), (.tensor, "int"):
            let x = argumentTexts.first.flatMap { $0.utf8.count <= 30 && !$0.contains("\n") ? $0 : nil } ?? "x"
            return Diagnostic(
                code: "call.kind", "a tensor has no \(name)",
                repair: "its numbers are 32 bits wide as they are; whole ones are  floor(\(x))")
        case (.tensor, "astype"), (.tensor, "type"):
            let told = argumentTexts
            let x = told.first.flatMap { $0.utf8.count <= 30 && !$0.contains("\n") ? $0 : nil } ?? "x"
            let isWhole = told.last.map { $0.contains("int") || $0.contains("Long") || $0.contains("long") } ?? false
            return Diagnostic(
                code: "call.kind", "a tensor has no \(name)",
                repair: isWhole
                    ? "its numbers are 32 bits wide as they are; whole ones are  floor(\(x))"
                    : "its numbers are 32 bits wide already; leave it out")
        case (.tensor, "float"), (.tensor, "double"), (.tensor, "half"):
            return Diagnostic(
                code: "call.kind", "a tensor has no \(name)",
                repair: "its numbers are 32 bits wide already; leave it out")
        case (.tensor, "dim"), (.tensor, "ndimension"):
            return Diagnostic(
                code: "call.kind", "a tensor has no \(name)", repair: "the number of its axes is  x.rank")
        case (.tensor, "append"):
            let told = argumentTexts.filter { $0.utf8.count <= 30 && !$0.contains("\n") }
            return Diagnostic(
                code: "call.kind", "elements cannot be added to a tensor in place",
                repair: told.count == 2
                    ? told[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
                        ? "a longer one is  \(told[0]) = concatenate(\(told[0]), [\(told[1])])"
                        : "a longer one is  concatenate(\(told[0]), [\(told[1])])"
                    : "a longer one is  x = concatenate(x, [1])")
        default: return nil
        }
    }

    private func describeHolder(_ v: Value) -> String {
        if case .layer(let l) = v { return "\(l.kind)" }
        return v.kindName
    }

    /// The names that may follow a dot after this value.
    public func fieldNames(_ v: Value) -> [String] {
        switch v {
        case .record(let r):
            var heads: [String] = []
            for n in r.names {
                let head = String(n.split(separator: ".", maxSplits: 1).first ?? "")
                if !heads.contains(head) { heads.append(head) }
            }
            return heads
        case .thing(let t): return t.fieldNames
        case .layer(let l):
            var names = l.children.map(\.name)
            if case .custom(let c) = l.form { names = c.slots.map(\.name) }
            return names + ["params", "layers", "name"]
        case .tensor: return ["shape", "rank", "count", "last", "best"]
        case .list, .text: return ["count", "last"]
        case .range: return ["low", "high"]
        case .function, .builtin: return ["name"]
        default: return []
        }
    }

    func fieldIfAny(_ v: Value, _ name: String, isCall: Bool) throws -> Value? {
        switch v {
        case .record(let r): return r.field(name)
        case .thing(let t): return try t.field(name, self)
        case .layer(let l): return try layerField(l, name, isCall: isCall)
        case .tensor(let t):
            switch name {
            case "shape": return .tensor(try Tensor(Shape.vector(t.rank), t.shape.dims.map { Float($0) }))
            case "rank" where !isCall: return .number(Double(t.rank))
            case "count" where !isCall: return .number(Double(t.count))
            case "last" where !isCall:
                guard t.rank > 0, t.shape[0] > 0 else {
                    // A run that ended before its first step has no last value, which is no fault of who asks.
                    if t.label is SeriesLabel { return Value.none }
                    throw Diagnostic(code: "series.empty", "this is empty, so it has no last element")
                }
                return try row(t, t.shape[0] - 1)
            case "best" where !isCall:
                let values = t.doubles.filter { !$0.isNaN }
                guard let low = values.min(), let high = values.max() else {
                    if t.label is SeriesLabel { return Value.none }
                    throw Diagnostic(code: "series.empty", "this has no numbers, so it has no best one")
                }
                return .number(Interpreter.isLowBest(t) ? low : high)
            default: return nil
            }
        case .list(let l):
            if name == "last" && !isCall {
                guard let last = l.items.last else {
                    throw Diagnostic(code: "series.empty", "this is empty, so it has no last element")
                }
                return last
            }
            return name == "count" && !isCall ? .number(Double(l.items.count)) : nil
        case .text(let t): return name == "count" && !isCall ? .number(Double(t.string.count)) : nil
        case .range(let r):
            if name == "low" { return r.low.map { .number(Double($0)) } ?? Value.none }
            if name == "high" { return r.high.map { .number(Double($0)) } ?? Value.none }
            return nil
        case .function(let f): return name == "name" ? Value(f.name) : nil
        case .builtin(let b): return name == "name" ? Value(b.name) : nil
        default: return nil
        }
    }

    /// Whether a small value of a series is a good one.
    package static func isLowBest(_ series: Tensor) -> Bool {
        (series.label as? SeriesLabel)?.isLow ?? isLowBest(series.label?.text ?? "")
    }

    /// Whether a small value of a series of this name is a good one.
    public static func isLowBest(_ name: String) -> Bool {
        ["loss", "error", "eer", "distance", "rmse", "mae", "mse"].contains { name.lowercased().contains($0) }
    }

    private func layerField(_ l: Layer, _ name: String, isCall: Bool) throws -> Value? {
        switch l.form {
        case .pipeline(let stages): if let s = stages.first(where: { $0.name == name }) { return .layer(s.layer) }
        case .custom(let c): if let i = c.slots.firstIndex(where: { $0.name == name }) { return try l.member(i, self) }
        case .training(let inner): return try layerField(inner, name, isCall: isCall)
        case .function: break
        }
        if isCall { return nil }
        switch name {
        case "params": return .record(Record(l.parameters.map { ($0.path, .tensor($0.parameter.value)) }))
        case "layers": return Value(l.children.map { .layer($0.layer) })
        case "name": return Value(l.kind)
        default:
            if let a = l.arguments.first(where: { $0.name == name }) { return a.value }
            return nil
        }
    }

    /// The value with its field changed; `unbound` where a thing was changed in place.
    func settingField(_ v: Value, _ name: String, _ value: Value) throws -> Value {
        switch v {
        case .record(let r): return .record(r.setting(name, value))
        case .thing(let t):
            if try t.setField(name, value, self) { return .unbound }
            let near = Foreign.argument(name, in: t.fieldNames) ?? closest(to: name, in: t.fieldNames)
            throw Diagnostic(
                code: "field.unknown", "\(t.kindName) has no \(name) that can be set",
                repair: t is DatasetThing && ["x", "y"].contains(name)
                    ? remade(name, (t as? DatasetThing)?.dataset.targets == nil)
                    : near.map { "Did you mean \($0)?" })
        case .layer(let l):
            try setLayerField(l, name, value)
            return .unbound
        default:
            throw Diagnostic(
                code: "field.set", "\(v.kindName) has no fields to set",
                repair: name == "requires_grad" ? "a tensor with a gradient is  x = track(x)" : nil)
        }
    }

    /// The statement that sets a field: the thing whose field it is, and what it is given, as written.
    private var fieldAssignment: (owner: String, value: String)? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1) else { return nil }
        let rest = code.source.text(Span(site.span.end, code.source.bytes.count)).prefix { $0 != "\n" && $0 != ";" }
        guard case .field(let owner, _) = site.kind, let sign = rest.firstRange(of: "= "),
            rest[..<sign.lowerBound].allSatisfy({ $0 == " " })
        else { return nil }
        let (written, value) = (code.source.text(owner.span), String(rest[sign.upperBound...]))
        return written.utf8.count <= 30 && value.utf8.count <= 50 ? (written, value) : nil
    }

    /// What stands before the point of the field under way.
    private var fieldOwner: String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, case .field(let owner, _)? = code.site(currentFrame.pc - 1)?.kind else {
            return nil
        }
        let text = code.source.text(owner.span)
        return text.utf8.count <= 40 && !text.contains("\n") ? text : nil
    }

    private var assignedOwner: String? { fieldAssignment?.owner }

    /// `d.x = d.x / 16` as another data set by the same name, which keeps the names of the classes.
    private func remade(_ field: String, _ hasClasses: Bool) -> String {
        guard let (owner, value) = fieldAssignment, owner.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            return "another data set:  " + (field == "x" ? "dataset(x, d.y)" : "dataset(d.x, y)")
        }
        // (x - mean) / sd is a layer of its own, which new data can go through as well.
        let plain = value.filter { $0 != " " }
        if field == "x", plain.hasPrefix("(\(owner).x-"), ["mean(", ".mean("].contains(where: plain.contains),
            ["std(", ".std("].contains(where: plain.contains)
        {
            return
                "the scale is learnt from the data, and a call applies it:  \(owner) = standardize(\(owner))(\(owner))"
        }
        if field == "y" { return "another data set:  \(owner) = dataset(\(owner).x, \(value))" }
        let names = hasClasses ? ", names = \(owner).names" : ""
        return "another data set:  \(owner) = dataset(\(value), \(owner).y\(names))"
    }

    /// What other libraries call the weights of a layer.
    static func weight(called name: String, in names: [String]) -> String? {
        let meant: [String] =
            switch name {
            case "weight", "weights", "kernel", "W": ["w"]
            case "bias", "biases", "B": ["b"]
            case "gamma": ["scale"]
            case "beta": ["shift"]
            default: []
            }
        return meant.first(where: names.contains)
    }

    private func setLayerField(_ l: Layer, _ name: String, _ value: Value) throws {
        guard case .custom(let c) = l.form, let i = c.slots.firstIndex(where: { $0.name == name }) else {
            if let k = l.children.firstIndex(where: { $0.name == name }) {
                var made = "dense(5)"
                if case .layer(let new) = value { made = callText(new) }
                throw Diagnostic(
                    code: "field.set", "\(name) is a stage of \(l.kind), and stages cannot be replaced",
                    notes: ["its weights can be set:  net.\(name).w = w"],
                    repair: k == 0
                        ? "construct another net:  net = \(made) >> net[1..]"
                        : "construct another net:  net = net[0..\(k)] >> \(made)")
            }
            var settable: [String] = []
            if case .custom(let c) = l.form { settable = c.slots.map(\.name) }
            let near = Interpreter.weight(called: name, in: settable) ?? closest(to: name, in: settable)
            throw Diagnostic(
                code: "field.unknown", "\(l.kind) has no \(name) that can be set",
                notes: settable.isEmpty || ["trainable", "requires_grad"].contains(name)
                    ? [] : ["it has \(settable.joined(separator: ", "))"],
                repair: ["trainable", "requires_grad"].contains(name)
                    ? "to freeze a net or a part of it:  freeze(\(assignedOwner ?? "net[0..2]"))"
                    : near.map { "Did you mean \($0)?" })
        }
        switch c.slots[i].kind {
        case .part: c.slots[i].value = value
        case .state:
            if case .tensor(let old) = c.slots[i].value, let t = Interpreter.tensor(value), t.shape != old.shape {
                throw Diagnostic(code: "layer.shape", "\(name) is \(old.shape), and got \(t.shape)")
            }
            c.slots[i].value = value
        case .parameter:
            guard let p = c.slots[i].parameter else {
                throw Diagnostic(
                    code: "layer.unbuilt", "\(l.kind) has no \(name) yet: a net gets its shapes at its first use",
                    repair: "apply the net once:  net(x)")
            }
            if let given = Interpreter.tensor(value), given.count != 1, given.shape != p.value.shape {
                throw Diagnostic(
                    code: "layer.shape", "\(name) is \(p.value.shape), and got \(given.shape)",
                    repair: given.rank == 2 && given.shape.dims == p.value.shape.dims.reversed()
                        ? "transposed it fits:  transpose(...)" : nil)
            }
            let t = try initialValue(value, p.value.shape, name)
            guard t.shape == p.value.shape else {
                throw Diagnostic(code: "layer.shape", "\(name) is \(p.value.shape), and got \(t.shape)")
            }
            if let loop = session.host.followedLoop, try !loop.willAssign(self, l) { return }
            p.value = t.tracked()
        }
    }
}
