import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Embeddings and class numbers out of what measures are given, and how a measure is declared.
extension Builtins {
    /// Embeddings of a data set's examples or of a tensor, batch by batch.
    public static func embeddings(_ i: Interpreter, _ net: Value, _ data: Value, batch: Int = 500) throws -> Tensor {
        let x: Tensor
        switch data {
        case .thing(let d as DatasetThing): x = d.dataset.x
        case .tensor(let t) where t.rank > 0: x = t
        default:
            throw Diagnostic(
                code: "embed.data",
                "\(i.calledName ?? "a measure") expects a data set or a tensor of examples, and got \(data.kindName)",
                repair: turned(i, net, data))
        }
        var encoder = net
        // Of a siamese net the tower embeds.
        if case .layer(let l) = net, case .custom(let c) = l.form,
            let slot = c.slots.first(where: { $0.name == "tower" })
        {
            encoder = slot.value
        }
        let outer = (i.isTraining, Recording.isOn, i.observer)
        i.isTraining = false
        Recording.isOn = false
        if outer.2?.seesMeasures != true { i.observer = nil }
        defer { (i.isTraining, Recording.isOn, i.observer) = outer }
        var parts: [Tensor] = []
        let n = x.shape[0]
        var at = 0
        repeat {
            let end = min(n, at + batch)
            let part = n <= batch ? x : x.rows(at..<end)
            let out: Value
            if case .layer(let l) = encoder {
                out = try i.apply(l, .tensor(part))
            } else {
                out = try i.call(encoder, [.tensor(part)])
            }
            guard case .tensor(let z) = out, z.rank >= 1, z.shape[0] == part.shape[0] else {
                throw Diagnostic(
                    code: "embed.net",
                    "the net gives \(out.kindName) for \(part.shape[0]) examples, and one embedding for each is expected"
                )
            }
            parts.append(z.rank == 2 ? z : try z.reshaped(to: try Shape([z.shape[0], z.count / max(z.shape[0], 1)])))
            at = end
        } while at < n
        return parts.count == 1 ? parts[0] : try Operators.concatenate.apply(parts, [.integer(0)])
    }

    /// Embeddings and class numbers of what a measure is given: a net and a data set (or a list of x and y), or embeddings and
    /// class numbers themselves. Throws `UndefinedMeasure` where an embedding is not finite.
    static func labelled(_ i: Interpreter, _ net: Value, _ data: Value) throws -> (Tensor, [Int]) {
        let (z, y) = try embedded(i, net, data)
        try UndefinedMeasure.check(z)
        return (z, y)
    }

    private static func embedded(_ i: Interpreter, _ net: Value, _ data: Value) throws -> (Tensor, [Int]) {
        switch data {
        case .thing(let d as DatasetThing):
            return (try embeddings(i, net, data), try d.withClasses("this measure").dataset.y)
        case .list(let l) where l.items.count == 2:
            if case .tensor = net { break }
            guard let x = Interpreter.tensor(l.items[0]) else { break }
            return (try embeddings(i, net, .tensor(x)), try classNumbers(i, l.items[1]))
        default: break
        }
        if case .thing(is DatasetThing) = net, case .layer = data {
            throw Diagnostic(
                code: "metric.data", "a measure takes the net first, then the data",
                repair: "in the other order:  \(i.turnedCall ?? "(net, d)")")
        }
        if case .tensor(let z) = net {
            guard z.rank >= 2 else {
                let isTurned = Interpreter.tensor(data).map { $0.rank == 2 && $0.shape[0] == z.count } ?? false
                throw Diagnostic(
                    code: "metric.embeddings", "embeddings are rows of numbers, and this is a tensor of \(z.shape)",
                    repair: isTurned
                        ? i.turnedCall.map { "embeddings come first, then classes:  \($0)" }
                        : "one number per example needs a column:  expand(z, 1)")
            }
            let y = try classNumbers(i, data, found: net)
            guard y.count == z.shape[0] else {
                throw Diagnostic(
                    code: "metric.lengths", "there are \(z.shape[0]) embeddings and \(y.count) class numbers")
            }
            return (try flat(z).detached(), y)
        }
        let who = i.calledName ?? "a measure"
        switch net {
        case .layer, .function, .builtin:
            throw Diagnostic(
                code: "metric.data", "\(who) of a net expects a data set with classes, and got \(data.kindName)",
                repair: dataRepair(i, net, data))
        default:
            var repair: String?
            if case .record(let r) = net, r.names.contains("labels") {
                repair = "the groups found by kmeans are its labels:  \(i.argumentTexts.first ?? "k").labels"
            }
            throw Diagnostic(
                code: "metric.data",
                "\(who) expects a net and a data set, or embeddings and class numbers, and got \(net.kindName)",
                repair: repair)
        }
    }

    /// What was meant by giving a net what is no data set.
    static func dataRepair(_ i: Interpreter, _ net: Value, _ data: Value) -> String? {
        let texts = i.argumentTexts
        switch data {
        case .thing(is SourceThing): return "the data set that the batches are drawn from:  d"
        case .tensor(let t) where t.rank > 1:
            guard let x = texts.last, x.hasSuffix(".x"), x.utf8.count <= 20 else {
                let last = texts.suffix(2).joined(separator: ", ")
                return
                    "examples and class numbers are one data set:  dataset(\(texts.count > 2 && last.utf8.count <= 40 ? last : "x, y"))"
            }
            return "the data set itself, which has the classes too:  \(x.dropLast(2))"
        case .number:
            // The number of a measure that has one comes first.
            if let name = i.calledName, texts.count == 3, texts.joined().utf8.count <= 50 {
                return "the number comes first:  \(name)(\(texts[2]), \(texts[0]), \(texts[1]))"
            }
        default: break
        }
        return nil
    }

    /// The call with net and data exchanged, if they were given in the wrong order.
    private static func turned(_ i: Interpreter, _ net: Value, _ data: Value) -> String? {
        guard case .thing(is DatasetThing) = net else { return nil }
        switch data {
        case .layer, .function, .builtin: return i.turnedCall.map { "in the other order:  \($0)" }
        default: return nil
        }
    }

    /// Each example in one row.
    static func flat(_ z: Tensor) throws -> Tensor {
        z.rank == 2 ? z : try z.reshaped(to: try Shape([z.shape[0], z.count / max(z.shape[0], 1)]))
    }

    /// `found` is what a measure holds against them: where that is class numbers, the two have changed places.
    static func classNumbers(_ i: Interpreter, _ v: Value, found: Value? = nil) throws -> [Int] {
        if case .thing(let d as DatasetThing) = v { return try d.withClasses("this measure").dataset.y }
        if case .tensor(let t) = v {
            let (all, odd) = try InterruptibleWork.run(size: t.count) {
                let all = t.doubles
                return (all, all.first { $0 != $0.rounded() && !$0.isNaN })
            }
            if t.rank > 1, t.count > t.shape[0] {
                throw Diagnostic(
                    code: "number.whole", "class numbers are one for each example, and this is a tensor of \(t.shape)",
                    repair: matrixRepair(i, t, found, isWhole: odd == nil))
            }
            if let x = odd {
                var isTurned = false
                if let found, case .tensor(let other) = found, other.rank == 1 {
                    isTurned = other.doubles.allSatisfy { $0 == $0.rounded() && $0 >= 0 }
                }
                throw Diagnostic(
                    code: "number.whole", "a class is a whole number, and this is \(formatFloat(Float(x)))",
                    repair: isTurned
                        ? "predictions come first, then the class numbers\(i.turnedCall.map { ":  \($0)" } ?? "")"
                        : all.allSatisfy { $0 >= 0 && $0 <= 1 } ? "a threshold makes classes of them:  y > 0.5" : nil)
            }
            return try InterruptibleWork.run(size: all.count) {
                try all.map { try i.wholeNumber(.number($0), "a class") }
            }
        }
        return try i.items(v).map { try i.wholeNumber($0, "a class") }
    }

    /// What a matrix given in place of class numbers probably is: the outputs themselves, one-hot rows, pictures.
    private static func matrixRepair(_ i: Interpreter, _ t: Tensor, _ found: Value?, isWhole: Bool) -> String? {
        if case .tensor(let other)? = found, other.rank == 1, other.shape[0] == t.shape[0],
            other.doubles.allSatisfy({ $0 == $0.rounded() && $0 >= 0 })
        {
            return "predictions come first, then the class numbers\(i.turnedCall.map { ":  \($0)" } ?? "")"
        }
        guard t.rank == 2, isWhole, t.doubles.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            return "those of a data set:  d.y"
        }
        let text = i.argumentTexts.last.flatMap { $0.utf8.count <= 30 ? $0 : nil } ?? "y"
        return "for one-hot rows the class numbers are  argmax(\(text), axis = 1)"
    }

    /// A copy of the net with newly drawn weights, from a separate random stream.
    static func untrained(_ layer: Layer) -> Layer {
        let new = layer.copied()
        for part in new.everyLayer {
            guard case .custom(let c) = part.form else { continue }
            for k in c.slots.indices where c.slots[k].kind != .part {
                c.slots[k].parameter = nil
                c.slots[k].value = .unbound
            }
            c.isBuilt = c.slots.allSatisfy { $0.kind == .part }
        }
        return new
    }

    /// One measure of (net, data), declared once: `baseline = true` gives the same of an untrained copy and of the raw inputs.
    static func measure(
        _ name: String, lead: String? = nil, rest: String? = nil, _ help: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [],
        score: @escaping @Sendable (Interpreter, Arguments, _ net: Value, _ data: Value) throws -> Double
    ) -> Builtin {
        let signature = [lead, "net, data", rest, "baseline = false"].compactMap { $0 }.joined(separator: ", ")
        let at = lead == nil ? 0 : 1
        return Builtin(
            name, signature, family: "metrics",
            help
                + " `baseline = true` returns a record with the values for the net, for an untrained copy and for the raw inputs. If there is nothing to measure, the value is nan, and a warning says why.",
            examples: examples, seeAlso: seeAlso
        ) { i, a in
            func told(_ whose: String, _ net: Value) throws -> Double {
                do { return try score(i, a, net, a[at + 1]) } catch let none as UndefinedMeasure {
                    return none.said(by: name + whose, i)
                }
            }
            let own = try told("", a[at])
            guard try a.flag(a.builtin.parameters.count - 1) else { return .number(own) }
            guard case .layer(let layer) = a[at] else {
                throw Diagnostic(
                    code: "metric.baseline", "baseline compares a net with an untrained copy, and got \(a[at].kindName)"
                )
            }
            let outer = i.session.stream
            defer { i.session.stream = outer }
            i.session.stream = RandomStream(seed: 0xBA5E)
            let fresh = try told(" of an untrained copy", .layer(untrained(layer)))
            let raw = try told(" of the raw inputs", .builtin(rawInputs))
            return .record(Record([("net", .number(own)), ("untrained", .number(fresh)), ("raw", .number(raw))]))
        }
    }

    private static let rawInputs = Builtin("raw", "x", "The inputs themselves, each example in one row.") { _, a in
        .tensor(try flat(try a.tensor(0)))
    }
}
