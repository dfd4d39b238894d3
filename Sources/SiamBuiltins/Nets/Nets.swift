import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Nets as values: copying, freezing, counting; gradients and updates for hand-written loops.
extension Builtins {
    static let nets: [Builtin] = [
        Builtin(
            "training", "net", family: "nets",
            "The same net in training mode: dropout is active, and batch norm uses the statistics of the batch.",
            examples: [("training(dropout(0.5))(ones(1000)).max()", "")]
        ) { i, a in
            let l = try a.layer(0)
            return .layer(try i.bounded(Layer(kind: l.kind, form: .training(l))))
        },
        Builtin(
            "copy", "x", family: "nets",
            "A net with copies of the weights, independent of this one. Only nets need copy: a plain assignment copies other values, but shares a net.",
            examples: [("net = dense(2); other = copy(net); other == net", "")],
            seeAlso: ["freeze"]
        ) { i, a in
            switch a[0] {
            case .layer(let l): return .layer(l.copied())
            case .thing(let t as OptimizerThing):
                let copy = try Optimizer(t.optimizer.name)
                copy.restore(t.optimizer.snapshot())
                return .thing(OptimizerThing(copy, schedule: t.schedule))
            default: return a[0]
            }
        },
        Builtin(
            "freeze", "net", family: "nets",
            "Freezes the parameters of a net, or of a part such as net[0..3]: optimizers do not change them.",
            examples: [("seed 1; net = dense(2); x = net(ones(1, 3)); freeze(net); count(net)", "")],
            seeAlso: ["unfreeze"]
        ) { i, a in
            if case .list(let l) = a[0] {
                for x in l.items { try i.asLayer(x)?.setFrozen(true) }
            } else if case .text(let t) = a[0] {
                throw Diagnostic(
                    code: "argument.kind", "freeze expects a net or a part of one, and got a text",
                    repair: "name the part after a point:  freeze(net.\(t.string))")
            } else if case .tensor = a[0] {
                throw Diagnostic(
                    code: "argument.kind", "freeze expects a net or a part of one, and got a tensor",
                    repair: "whole layers are frozen, with all their parameters:  freeze(\(layerOf(i) ?? "net[0..2]"))")
            } else {
                try a.layer(0).setFrozen(true)
            }
            return .none
        },
        Builtin(
            "unfreeze", "net", family: "nets", "Unfreezes the parameters of a net: optimizers change them again.",
            examples: [("seed 1; net = dense(2); x = net(ones(1, 3)); freeze(net); unfreeze(net); count(net)", "")],
            seeAlso: ["freeze"]
        ) { i, a in
            if case .list(let l) = a[0] {
                for x in l.items { try i.asLayer(x)?.setFrozen(false) }
            } else {
                try a.layer(0).setFrozen(false)
            }
            return .none
        },
        Builtin(
            "count", "x, value = none", family: "nets",
            "The number of parameters of a net; of a list or tensor, how many elements equal value.",
            examples: [("seed 1; net = dense(2); x = net(ones(1, 3)); count(net)", "")]
        ) { i, a in
            switch a[0] {
            case .layer(let l):
                for layer in l.everyLayer {
                    if case .custom(let c) = layer.form, !c.isBuilt {
                        throw Diagnostic(
                            code: "layer.unbuilt", "\(layer.kind) has no shapes yet: a net gets them at its first use",
                            repair: "apply the net once:  net(x)")
                    }
                }
                return .number(Double(l.parameters.reduce(0) { $0 + $1.parameter.value.count }))
            default:
                let items = try i.items(a[0])
                if a.isNone(1) { return .number(Double(items.count)) }
                return .number(Double(items.count { i.same($0, a[1]) }))
            }
        },
        Builtin(
            "track", "x", family: "gradients",
            "A tensor that gradients can be taken with respect to, as requires_grad in PyTorch.",
            examples: [
                ("x = track([1, 2, 3]); grad(sum(x^2), x)", "[2, 4, 6]")
            ], seeAlso: ["grad"]
        ) { i, a in
            .tensor(try a.tensor(0).detached().tracked())
        },
        Builtin(
            "grad", "y, wrt", family: "gradients",
            "Gradients of a scalar. With respect to a net: a record of path to tensor; to a parameter or tracked tensor: a tensor; to a list of these: a list.",
            examples: [
                ("x = track([1, 2, 3]); grad(sum(x^2), x)", "[2, 4, 6]")
            ], seeAlso: ["track", "update", "check_grad"]
        ) { i, a in
            let y = try a.tensor(0)
            guard y.count == 1 else {
                let told = i.argumentTexts.filter { $0.utf8.count <= 30 && !$0.contains("\n") }
                throw Diagnostic(
                    code: "grad.scalar", "grad expects one number to differentiate, and got a tensor of \(y.shape)",
                    repair:
                        "its sum or mean:  grad(mean(\(told.count == 2 ? told[0] : "y")), \(told.count == 2 ? told[1] : "net"))"
                )
            }
            if case .tensor(let wrt) = a[1], y !== wrt, wrt.count == 1, let node = wrt.origin as? Node,
                depends(node, on: y)
            {
                throw Diagnostic(
                    code: "grad.turned",
                    "the value to differentiate comes first, and here the second argument depends on the first",
                    repair: i.turnedCall.map { "in the other order:  \($0)" })
            }
            // `[a, b]` of tensors of one shape is a tensor; what is asked for are its parts.
            var asked = a[1]
            if case .tensor(let t) = asked, let node = t.origin as? Node, node.op === Operators.stack {
                asked = Value(node.inputs.map { .tensor($0) })
            }
            var targets: [Tensor] = []
            func collect(_ v: Value, depth: Int = 0) throws {
                guard depth < 500 else { throw a.wrong(1, "a net, a parameter or a tracked tensor") }
                switch v {
                case .layer(let l): targets += l.parameters.map(\.parameter.value)
                case .tensor(let t): targets.append(t)
                case .list(let l): for x in l.items { try collect(x, depth: depth + 1) }
                case .record(let r): for x in r.values { try collect(x, depth: depth + 1) }
                default: throw a.wrong(1, "a net, a parameter or a tracked tensor")
                }
            }
            try collect(asked)
            guard y.isTracked else {
                // What is asked for is followed, and the way to it was cut.
                let isFollowed = !targets.isEmpty && targets.allSatisfy(\.isTracked)
                throw Diagnostic(
                    code: "grad.constant",
                    "this depends on no parameter and no tracked tensor, so it has no gradient",
                    notes: isFollowed
                        ? [
                            "the argument is tracked, but number(...), detach(...) or a comparison in between stops the gradient"
                        ]
                        : [],
                    repair: isFollowed
                        ? i.cut(in: i.argumentTexts.first)
                        : "track it before the computation:  \(i.trackedArgument)")
            }
            if let loop = i.session.interventions?.loop {
                var asked: [Layer] = []
                func layers(_ v: Value) {
                    switch v {
                    case .layer(let l): asked.append(l)
                    case .list(let l): l.items.forEach(layers)
                    case .record(let r): r.values.forEach(layers)
                    default: break
                    }
                }
                layers(a[1])
                try loop.differentiated(y, asked)
            }
            let found = try gradients(of: y, at: targets, keepingGraph: true)
            if case .tensor(let wrt) = asked, wrt.isTracked, found.first.map({ $0 == nil }) ?? false {
                i.warnOfOtherTensor()
            }
            var next = 0
            func take(_ v: Value) throws -> Value {
                defer { next += 1 }
                if let g = found[next] { return .tensor(g) }
                // A parameter that plays no part has gradient 0; of a tensor asked for by itself that is a mistake.
                if case .tensor(let t) = v, !t.isTracked {
                    throw Diagnostic(
                        code: "grad.untracked", "the tensor to differentiate with respect to is not tracked",
                        repair: "x = track(x)")
                }
                return .tensor(try Tensor.full(targets[next].shape, 0, targets[next].precision))
            }
            func build(_ v: Value) throws -> Value {
                switch v {
                case .layer(let l): return .record(Record(try l.parameters.map { ($0.path, try take(.none)) }))
                case .list(let l): return Value(try l.items.map(build))
                case .record(let r): return .record(Record(r.names, try r.values.map(build)))
                default: return try take(v)
                }
            }
            return try build(asked)
        },
        Builtin(
            "update", "opt : optimizer, net : net, g", family: "gradients",
            "One step of an optimizer: updates the parameters of the net with the gradients g = grad(loss, net).",
            examples: [
                ("net = dense(1, init = ones); l = sum(net([[1]])^2); update(sgd(0.1), net, grad(l, net)); net.w", "")
            ],
            seeAlso: ["grad", "sgd", "adam"]
        ) { i, a in
            let opt = try a.thing(0, OptimizerThing.self, "an optimizer")
            let net = try a.layer(1)
            guard case .record(let g) = a[2] else {
                throw a.wrong(2, "a record of gradients, as grad(loss, net) gives")
            }
            let parameters = net.parameters
            var gradients: [Tensor?] = []
            for (path, p) in parameters {
                guard let v = g.field(path), let t = Interpreter.tensor(v) else {
                    throw Diagnostic(
                        code: "update.path", "the gradients have no \(path)",
                        notes: ["they are for \(g.names.prefix(6).joined(separator: ", "))"])
                }
                guard t.shape == p.value.shape else {
                    throw Diagnostic(
                        code: "update.shape", "the gradient of \(path) is \(t.shape), and \(path) is \(p.value.shape)")
                }
                gradients.append(t.detached())
            }
            if let loop = i.session.interventions?.loop, loop.isJudging {
                loop.judged()
                return .none
            }
            try opt.prepare(i)
            let active = parameters.indices.filter { !parameters[$0].parameter.isFrozen }
            let (changed, slopes) = (active.map { parameters[$0].parameter }, active.map { gradients[$0] })
            try i.session.interventions?.loop?.willUpdate(i, net, opt, changed, slopes)
            _ = try opt.optimizer.update(parameters: changed, gradients: slopes)
            return .none
        },
        Builtin(
            "check_grad", "f : function, x : tensor, tol : number > 0 = 1e-6", family: "gradients",
            "Compares the gradient of f at x with central differences, in 64 bits; reports the entry with the largest difference, and fails if it is more than tol.",
            examples: [("check_grad(x -> sum(x^3), [1, 2]).ok", "true")], seeAlso: ["grad"], traits: .shows
        ) { i, a in
            let x = try a.tensor(1).detached().converted(to: .double)
            guard x.count <= 20_000 else {
                throw Diagnostic(
                    code: "check_grad.large",
                    "check_grad evaluates f twice for each element, and \(x.count) elements are too many")
            }
            let leaf = x.tracked()
            guard case .tensor(let y) = try i.call(a[0], [.tensor(leaf)]), y.count == 1 else {
                throw Diagnostic(
                    code: "grad.scalar", "check_grad expects a function that returns one number",
                    repair: "its sum:  x -> sum(...)")
            }
            let analytic: [Double] =
                y.isTracked
                ? try gradients(of: y, at: [leaf])[0]?.doubles ?? Array(repeating: 0, count: x.count)
                : Array(repeating: 0, count: x.count)
            let outer = Recording.isOn
            Recording.isOn = false
            defer { Recording.isOn = outer }
            var values = x.doubles
            var worst = (error: -1.0, at: 0, tape: 0.0, differences: 0.0)
            for k in values.indices {
                let middle = values[k]
                let h = 1e-5 * max(1, abs(middle))
                func at(_ v: Double) throws -> Double {
                    values[k] = v
                    let r = try i.call(a[0], [.tensor(try Tensor(x.shape, doubles: values))])
                    return Interpreter.tensor(r)?.item ?? .nan
                }
                let slope = (try at(middle + h) - at(middle - h)) / (2 * h)
                values[k] = middle
                let error = abs(slope - analytic[k]) / max(1, abs(slope), abs(analytic[k]))
                if !(error <= worst.error) { worst = (error.isNaN ? .infinity : error, k, analytic[k], slope) }
            }
            var place: [Value] = []
            var rest = worst.at
            for d in x.shape.dims.reversed() {
                place.insert(.number(Double(rest % max(d, 1))), at: 0)
                rest /= max(d, 1)
            }
            let ok = worst.error <= (try a.number(2))
            let result = Record([
                ("ok", .bool(ok)), ("error", .number(max(0, worst.error))), ("at", Value(place)),
                ("gradient", .number(worst.tape)),
                ("differences", .number(worst.differences)),
            ])
            guard ok else {
                var notes = [
                    "by the gradient \(formatNumber(worst.tape)), by differences \(formatNumber(worst.differences))"
                ]
                // Finite differences of a function that draws random numbers at each call say nothing about its
                // derivative.
                func again() throws -> Double? { Interpreter.tensor(try i.call(a[0], [.tensor(x)]))?.item }
                if let one = try again(), let two = try again(), one != two {
                    notes.append(
                        "two calls with the same x gave different values: draw random numbers outside the function")
                }
                throw Diagnostic(
                    code: "check_grad.off",
                    "analytic and numerical gradients differ by \(formatNumber(worst.error)) at \(Show.inline(Value(place), quoted: true))",
                    notes: notes)
            }
            return .record(result)
        },
    ]
}

/// Whether what a node gives was worked out from a tensor. Of very large records only the nearest part is gone through.
private func depends(_ node: Node, on y: Tensor) -> Bool {
    guard let wanted = y.origin else { return false }
    var seen: Set<ObjectIdentifier> = []
    var next = [node]
    while let one = next.popLast(), seen.count < 10_000 {
        for input in one.inputs {
            guard let origin = input.origin else { continue }
            if origin === wanted { return true }
            if let inner = origin as? Node, seen.insert(ObjectIdentifier(inner)).inserted { next.append(inner) }
        }
    }
    return false
}

/// The layer of `net.dense1.w`, the argument of the call under way.
private func layerOf(_ i: Interpreter) -> String? {
    guard let text = i.argumentTexts.first, text.utf8.count <= 40, text.hasSuffix(".w") || text.hasSuffix(".b") else {
        return nil
    }
    return String(text.dropLast(2))
}
