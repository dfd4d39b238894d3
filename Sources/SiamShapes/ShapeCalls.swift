import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Shapes of what calls give.
extension ShapeCheck {
    func call(_ function: Expression, _ arguments: [Argument], _ site: Expression, _ frame: Frame) throws -> ShapeValue
    {
        var positional = try arguments.filter { $0.name == nil }.map { try value($0.value, frame) }
        let named = try arguments.compactMap { a in
            try a.name.map { ($0.text, try value(a.value, frame)) }
        }
        var callee: ShapeValue
        if case .field(let owner, let name) = function.kind {
            let held = try value(owner, frame)
            if let own = try method(held, name.text, positional) { return own }
            // What a package of another library is given is a question of its own.
            var root = owner
            while case .field(let inner, _) = root.kind { root = inner }
            if case .name(let package) = root.kind, held.isUnknown, Foreign.packages.contains(package),
                frame.scope.value(package) == nil
            {
                return .unknown
            }
            callee = try field(held, name.text)
            facts?.note(callee, function.span, frame.source)
            if callee.isUnknown {
                // `x.f(a)` is `f(x, a)`.
                callee = frame.scope.value(name.text) ?? known(name.text)
                positional.insert(held, at: 0)
            }
        } else {
            callee = try value(function, frame)
        }
        try checkKinds(callee, positional, named, site, frame)
        guard frame.source.kind != .prelude else { return try apply(callee, positional, named, site, frame) }
        let outer = asked
        asked = frame.source.text(function.span)
        defer { asked = outer }
        return try apply(callee, positional, named, site, frame)
    }

    func apply(
        _ callee: ShapeValue, _ positional: [ShapeValue], _ named: [(String, ShapeValue)], _ site: Expression,
        _ frame: Frame
    ) throws -> ShapeValue {
        let at = frame.source.kind == .prelude ? nil : Place(frame.source, site.span)
        if case .function(let f) = callee, f.layer != nil {
            return try make(f, positional, named, frame.source.text(site.span))
        }
        return try call(callee, positional, named, at)
    }

    func call(_ callee: ShapeValue, _ positional: [ShapeValue], _ named: [(String, ShapeValue)], _ at: Place?) throws
        -> ShapeValue
    {
        try spend()
        guard depth < 60 else { return .unknown }
        depth += 1
        defer { depth -= 1 }
        switch callee {
        case .layer(let layer): return try apply(layer, positional, at)
        case .function(let f):
            if f.layer != nil { return try make(f, positional, named, f.name) }
            guard positional.count <= f.parameters.count else { return .unknown }
            return try run(f.body, Frame(source: f.source, scope: try arguments(f, positional, named)))
        case .builtin(let b): return try builtin(b, positional, named, at)
        default: return .unknown
        }
    }

    /// Methods of data sets and sources.
    private func method(_ owner: ShapeValue, _ name: String, _ arguments: [ShapeValue]) throws -> ShapeValue? {
        switch (owner, name) {
        case (.dataset(let data), "where"): return .dataset(data.some(fresh()))
        case (.dataset(let data), "sample"):
            guard case .number(let n)? = arguments.first, let count = data.dims.first else { return .unknown }
            if let a = n.whole, let b = count.whole { return .dataset(data.rows(.known(Double(min(a, b))))) }
            return .dataset(data.rows(fresh()))
        case (.source(let parts), "next"): return .list(parts)
        default: return nil
        }
    }

    // MARK: Built-ins

    /// The arguments in the order of the parameters; those behind a `rest...` in its place.
    private func ordered(_ b: Builtin, _ positional: [ShapeValue], _ named: [(String, ShapeValue)]) -> (
        [ShapeValue], rest: [ShapeValue]
    ) {
        var values = b.parameters.map { $0.isRest ? ShapeValue.unknown : ShapeValue($0.defaultValue) }
        var rest: [ShapeValue] = []
        for (k, v) in positional.enumerated() {
            if k < b.parameters.count, !b.parameters[k].isRest, rest.isEmpty { values[k] = v } else { rest.append(v) }
        }
        for (name, v) in named { if let k = b.parameters.firstIndex(where: { $0.name == name }) { values[k] = v } }
        return (values, rest)
    }

    private func builtin(
        _ b: Builtin, _ positional: [ShapeValue], _ named: [(String, ShapeValue)], _ at: Place?
    ) throws -> ShapeValue {
        let (a, rest) = ordered(b, positional, named)
        func first() -> ShapeValue { a.first ?? .unknown }
        switch b.name {
        case "digits", "rings", "moons", "spirals", "blobs", "glyphs", "csv", "npy", "npz", "idx", "data":
            return real(b.name, positional, named)
        case "dataset", "batches": return try batches(b.name, a, rest)
        case "split", "split_classes":
            if case .dataset(let data) = first() {
                let part = { b.name == "split" ? data.rows(self.fresh()) : data.some(self.fresh()) }
                // Several shares are as many parts.
                if b.name == "split", a.count > 1, case .tensor(let shares, _) = a[1] {
                    guard let count = shares.first?.whole, 1...64 ~= count else { return .unknown }
                    return .list((0..<Int(count)).map { _ in .dataset(part()) })
                }
                return .list([.dataset(part()), .dataset(part())])
            }
            guard first().isTensor, let op = Operators.named("split") else { return .unknown }
            // Tensors that are parted together.
            if a.count > 1, case .tensor = a[1] { return .unknown }
            if a.count > 1, case .number(let share) = a[1], let x = share.number, x > 0, x < 1 { return .unknown }
            return try operation(op, a, rest)
        case "pairs", "triplets":
            guard case .dataset(let data) = first(), case .number(let n)? = a.count > 1 ? a[1] : nil else {
                return .unknown
            }
            let one = data.rows(n).x
            return .source(b.name == "pairs" ? [one, one, .shaped([n])] : [one, one, one])
        case "fold":
            guard case .dataset(let data) = first(), a.count > 1, case .number(let n) = a[1], let k = n.whole,
                2...64 ~= k
            else { return .unknown }
            return .list((0..<k).map { _ in .list([.dataset(data.rows(fresh())), .dataset(data.rows(fresh()))]) })
        case "shuffle" where rest.isEmpty, "balance":
            guard case .dataset(let data) = first(), let count = data.dims.first else { return .unknown }
            return .dataset(data.rows(b.name == "shuffle" ? count : fresh()))
        case "balanced":
            guard case .dataset(let data) = first(), a.count > 2, case .number(let c) = a[1], case .number(let e) = a[2]
            else { return .unknown }
            let n = c.whole.flatMap { c in e.whole.map { Quantity.known(Double(c * $0)) } } ?? fresh()
            return .source([data.rows(n).x, data.rows(n).y])
        case "training":
            guard let stages = try stages(first()), let layer = stages.first else { return .unknown }
            return .layer(
                ShapeLayer(kind: "training", form: .training(stages.count == 1 ? layer : .pipeline(stages))))
        case "copy":
            if case .layer(let layer) = first() { return .layer(layer.copy()) }
            return first()
        case "freeze", "unfreeze", "track", "active": return first()
        case "shape":
            guard let dims = first().dims else { return .unknown }
            return .tensor([.known(Double(dims.count))], elements: .each(dims))
        case "len": return .number(try length(of: first()) ?? fresh())
        case "type": return .text(kind(first()))
        case "number": return .number(fresh())
        case "tensor":
            switch first() {
            case .tensor, .number: return first()
            case .range:
                return .shaped([try length(of: first()) ?? fresh()])
            case .list(let items): return bracket(items)
            default: return .unknown
            }
        case "zeros", "ones", "randn", "rand":
            guard let dims = lengths(rest.isEmpty ? positional : rest) else { return .unknown }
            return .shaped(dims)
        case "full":
            guard let dims = lengths([first()]) else { return .unknown }
            return .shaped(dims)
        case "max", "min":
            if a.count > 1, let dims = first().dims, dims.isEmpty {
                if case .none = a[1] { return .number(fresh()) }
                return a[1].dims.map { $0.isEmpty ? .number(fresh()) : .shaped($0) } ?? .unknown
            }
            if let op = b.op { return try operation(op, a, rest) }
            return .unknown
        case "reshape":
            guard first().isTensor, let asked = lengths(rest) else { return .unknown }
            return try operation(
                Operators.reshape, [first(), .tensor([.known(Double(asked.count))], elements: .each(asked))], [])
        case "keep_mask": return first().dims.map { .shaped($0) } ?? .unknown
        case "permutation":
            if case .number(let n) = first() { return .shaped([n]) }
            return .unknown
        case "pair_accuracy", "map_at_r", "inspect", "summary", "trace", "embed", "recall_at", "explain":
            return try look(positional, at)
        default:
            if let op = b.op { return try operation(op, a, rest) }
            return .unknown
        }
    }

    private func kind(_ v: ShapeValue) -> String? {
        switch v {
        case .number: "number"
        case .bool: "bool"
        case .tensor: "tensor"
        case .text: "text"
        case .list: "list"
        case .record: "record"
        case .range: "range"
        case .layer: "layer"
        case .none: "none"
        default: nil
        }
    }

    private func batches(_ name: String, _ a: [ShapeValue], _ rest: [ShapeValue]) throws -> ShapeValue {
        if name == "dataset" {
            guard case .tensor(let dims, _) = a.first ?? .unknown else { return .unknown }
            var data = ShapeData(dims: dims)
            // Class numbers that are written out.
            if a.count > 1, case .tensor(let own, .each(let labels)?) = a[1], own.count == 1 {
                let numbers = labels.compactMap(\.number)
                let isWhole = numbers.count == labels.count && numbers.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
                if isWhole { data.top = numbers.max() }
            }
            return .dataset(data)
        }
        var rest = rest
        var size = a.count > 2 ? a[2] : .unknown
        if case .number? = rest.last { size = rest.removeLast() }
        guard case .number(let n) = size else { return .unknown }
        if case .dataset(let data) = a.first ?? .unknown { return .source([data.rows(n).x, data.rows(n).y]) }
        var parts: [ShapeValue] = []
        for one in [a.first ?? .unknown] + rest {
            guard case .tensor(let dims, _) = one, let rows = dims.first else { return .unknown }
            let count = rows.whole.flatMap { r in n.whole.map { Quantity.known(Double(min(r, $0))) } } ?? fresh()
            parts.append(.shaped([count] + dims.dropFirst()))
        }
        return .source(parts)
    }

    /// `zeros(3, 4)`, `zeros([3, 4])`, `zeros(shape(x))`.
    private func lengths(_ values: [ShapeValue]) -> [Quantity]? {
        if values.count == 1, case .tensor(let dims, .each(let elements)?) = values[0], dims.count == 1 {
            return elements
        }
        var found: [Quantity] = []
        for v in values {
            guard case .number(let n) = v else { return nil }
            found.append(n)
        }
        return found.isEmpty ? nil : found
    }

    /// A data set whose call is all in the text is made, for its shape.
    private func real(_ name: String, _ positional: [ShapeValue], _ named: [(String, ShapeValue)]) -> ShapeValue {
        func text(_ v: ShapeValue) -> String? {
            switch v {
            case .number(let q):
                guard let x = q.number, abs(x) <= 20_000 else { return nil }
                return formatNumber(x)
            case .text(let t?): return Show.quote(t)
            case .bool(let b?): return b ? "true" : "false"
            default: return nil
            }
        }
        var parts: [String] = []
        for v in positional {
            guard let t = text(v) else { return .unknown }
            parts.append(t)
        }
        for (name, v) in named {
            guard let t = text(v) else { return .unknown }
            parts.append("\(name) = \(t)")
        }
        let call = "\(name)(\(parts.joined(separator: ", ")))"
        let known = library[call]
        // The digits are in the binary; anything else may take as long as its file is large.
        if name != "digits" { facts?.meet(call, isKnown: known != nil) }
        if let known { return known }
        if name != "digits", facts?.readsElsewhere == true { return .unknown }
        let made = (try? session.evaluate(call)).map { ShapeValue($0) } ?? .unknown
        library[call] = made
        return made
    }

    /// Functions that send a data set or a tensor through a net.
    private func look(_ arguments: [ShapeValue], _ at: Place?) throws -> ShapeValue {
        guard let k = arguments.firstIndex(where: { if case .layer = $0 { true } else { false } }),
            case .layer(let layer) = arguments[k], k + 1 < arguments.count
        else { return .unknown }
        // Of a siamese net the tower embeds.
        var embeds = layer
        if case .layer(let tower)? = layer.parts["tower"] { embeds = tower }
        switch arguments[k + 1] {
        case .dataset(let data): _ = try apply(embeds, [data.rows(fresh()).x], at)
        case .tensor: _ = try apply(embeds, [arguments[k + 1]], at)
        default: break
        }
        return .unknown
    }

    /// An operator, by its own rule of shapes.
    private func operation(_ op: Operator, _ a: [ShapeValue], _ rest: [ShapeValue]) throws -> ShapeValue {
        var inputs: [[Quantity]] = []
        var attributes: [[Quantity]?] = []
        var fixed: [Attribute] = []
        var allNumbers = true
        for (k, p) in op.parameters.enumerated() {
            let v = k < a.count ? a[k] : .unknown
            switch p.kind {
            case .tensor:
                var v = v
                if case .list(let items) = v { v = bracket(items) }
                guard let dims = v.dims else { return .unknown }
                if case .tensor = v { allNumbers = false }
                inputs.append(dims)
            case .optionalTensor:
                if case .none = v { continue }
                guard let dims = v.dims else { return .unknown }
                allNumbers = false
                inputs.append(dims)
            case .tensors:
                allNumbers = false
                var items = rest
                if items.count == 1, case .list(let inner) = items[0] { items = inner }
                for item in items {
                    guard let dims = item.dims else { return .unknown }
                    inputs.append(dims)
                }
                if inputs.count == 1, op.joinsParts, inputs[0].count > 1 {
                    guard let n = inputs[0][0].whole, 1...1000 ~= n else { return .unknown }
                    inputs = Array(repeating: Array(inputs[0].dropFirst()), count: Int(n))
                }
            case .integer, .number:
                switch v {
                case .none:
                    attributes.append(nil)
                    fixed.append(.none)
                case .number(let q):
                    attributes.append([q])
                    fixed.append(p.kind == .integer ? .integer(0) : .number(0))
                default: return .unknown
                }
            case .flag:
                guard case .bool(let b?) = v else { return .unknown }
                attributes.append(nil)
                fixed.append(.flag(b))
            case .text:
                attributes.append(nil)
                if case .none = v {
                    fixed.append(.none)
                } else if case .text(let t?) = v {
                    fixed.append(.text(t))
                } else {
                    return .unknown
                }
            case .axes, .lengths:
                switch v {
                case .none:
                    attributes.append(nil)
                    fixed.append(.none)
                case .number(let q):
                    attributes.append([q])
                    fixed.append(.integers([]))
                case .tensor(let dims, .each(let elements)?) where dims.count == 1:
                    attributes.append(elements)
                    fixed.append(.integers([]))
                default: return .unknown
                }
            }
        }
        let results = try outputs(op, inputs, attributes, fixed)
        if results.count > 1 { return .list(results) }
        guard let only = results.first else { return .unknown }
        if allNumbers, let dims = only.dims, dims.isEmpty { return .number(fresh()) }
        return only
    }

    // MARK: Training

    func train(_ train: Train, _ frame: Frame) throws -> ShapeValue {
        for net in train.nets { _ = try value(net, frame) }
        let source = try value(train.source, frame)
        if let length = train.length { _ = try value(length, frame) }
        _ = try value(train.optimizer, frame)
        let parts: ShapeValue =
            switch source {
            case .source(let parts): .list(parts)
            case .dataset(let data): .list([data.rows(fresh()).x, data.rows(fresh()).y])
            default: .unknown
            }
        bind(train.names, to: parts, frame)
        let outer = (isTraining, batchNames)
        isTraining = true
        batchNames = Set(train.boundNames)
        defer { (isTraining, batchNames) = outer }
        // What the body changes from step to step is only known where it stays the same.
        let found = self.found
        try settle(train.body, frame)
        self.found = found
        bind(train.names, to: parts, frame)
        _ = try block(train.body.statements, frame)
        return .unknown
    }

    func sweep(_ sweep: Sweep, _ frame: Frame) throws -> ShapeValue {
        let scope = frame.scope.names
        defer { frame.scope.names = scope }
        for axis in sweep.axes {
            frame.scope.names[axis.name.text] = item(of: try value(axis.value, frame))
        }
        _ = try block(sweep.body.statements, frame)
        return .unknown
    }
}
