import SiamGradient
import SiamLanguage
import SiamTensor

/// Elements of values, read and set, and walks through them.
extension Interpreter {
    // MARK: Elements

    func index(_ v: Value, _ selectors: [Value]) throws -> Value {
        switch v {
        case .tensor(let t):
            let read = try selectors.map { try selector($0) }
            let picked = try TensorIndex.read(t, read)
            warnOfMask(t, read)
            warnOfMaskLength(t, read)
            for (axis, one) in read.enumerated() { warnOfEnd(one, t.shape[axis], axis, t.rank > 1) }
            return picked.rank == 0 && !picked.isTracked ? .number(picked.element) : .tensor(picked)
        case .list(let l):
            return try indexList(l.items, selectors, "a list") { Value($0) }
        case .text(let t):
            if selectors.count == 1, case .number(let x) = selectors[0], let letter = try letter(t, x) { return letter }
            let letters = t.letters
            return try indexList(letters.map { Value(String($0)) }, selectors, "a text") { items in
                Value(items.map { if case .text(let t) = $0 { t.string } else { "" } }.joined())
            }
        case .record(let r):
            guard selectors.count == 1 else {
                throw Diagnostic(code: "index.count", "a record takes one field's name in brackets")
            }
            if case .text(let name) = selectors[0] { return try field(v, name.string) }
            return try indexList(r.values, selectors, "a record") { Value($0) }
        case .layer(let l):
            let stages = l.stages
            guard !stages.isEmpty else { throw Diagnostic(code: "index.kind", "\(l.kind) has no stages") }
            return try indexList(stages.map { .layer($0.layer) }, selectors, "a net") { items in
                .layer(Layer.pipeline(items.compactMap { if case .layer(let l) = $0 { l } else { nil } }))
            }
        case .range(let r):
            let low = r.low ?? 0
            guard let high = r.high else { throw Diagnostic(code: "index.range", "this range has no end") }
            return try indexList(
                (0..<max(0, min(high - low, 10_000_000))).map { .number(Double(low + $0)) }, selectors, "a range"
            ) { Value($0) }
        case .thing(let t):
            if let found = try t.index(selectors, self) { return found }
            throw Diagnostic(
                code: "index.kind", "\(t.kindName) has no elements",
                repair: t.kindName == "a source of batches" ? nextOfSource() : nil)
        default: throw Diagnostic(code: "index.kind", "\(v.kindName) has no elements")
        }
    }

    /// `p[0]` of a source of batches: its next batch.
    private func nextOfSource() -> String? {
        guard frameCount > 0, case let code = currentFrame.code.takeUnretainedValue(), code.source.kind != .prelude,
            let site = code.site(currentFrame.pc - 1), case .index(let owner, _) = site.kind, case .name = owner.kind
        else { return nil }
        return "its next batch is  \(code.source.text(owner.span)).next()"
    }

    /// `x[[0, 1]]` of two rows: meant as indices, but read as a mask, since it is as long as the axis.
    private func warnOfMask(_ t: Tensor, _ selectors: [TensorIndex.Selector]) {
        for (axis, one) in selectors.enumerated() {
            guard case .vector(let v) = one, v.count == 2, v[0] != v[1], axis < t.rank,
                TensorIndex.isMask(v, t.shape[axis]), frameCount > 0
            else { continue }
            let code = currentFrame.code.takeUnretainedValue()
            guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
                case .index(let owner, let items) = site.kind, items.indices.contains(axis),
                case .bracket(let parts) = items[axis].kind,
                parts.allSatisfy({ if case .number = $0.kind { true } else { false } })
            else { continue }
            let (x, places) = (code.source.text(owner.span), code.source.text(items[axis].span))
            session.warn(
                Diagnostic(
                    .warning, code: "index.mask",
                    "\(places) is as long as axis \(axis), so it is used as a mask: one element is kept",
                    at: [.init(Place(code.source, items[axis].span))],
                    repair: x.utf8.count > 30 || x.contains("\n")
                        ? nil : "the elements at these indices:  gather(\(x), \(places)\(axis == 0 ? "" : ", \(axis)"))"
                )
            )
        }
    }

    /// `x[m == 1]`, where m has another length than x: what a comparison gives are taken as the places 0 and 1.
    private func warnOfMaskLength(_ t: Tensor, _ selectors: [TensorIndex.Selector]) {
        for (axis, one) in selectors.enumerated() {
            guard case .vector(let v) = one, v.count > 1, axis < t.rank, v.count != t.shape[axis],
                v.allSatisfy({ $0 == 0 || $0 == 1 }), frameCount > 0
            else { continue }
            let code = currentFrame.code.takeUnretainedValue()
            guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
                case .index(let owner, let items) = site.kind, items.indices.contains(axis),
                Interpreter.isComparison(items[axis], code.source)
            else { continue }
            session.warn(
                Diagnostic(
                    .warning, code: "index.mask",
                    "this mask has \(v.count) numbers, and axis \(axis) of \(code.source.text(owner.span)) is \(t.shape[axis]) long: they are taken as the places 0 and 1",
                    at: [.init(Place(code.source, items[axis].span))],
                    notes: ["a mask has one number, 0 or 1, for each row"]))
        }
    }

    /// Whether an expression, or what its name is given in the text, is a comparison.
    private static func isComparison(_ e: Expression, _ source: Source) -> Bool {
        switch e.kind {
        case .comparison, .unary(.not, _), .logical: return true
        case .name(let name):
            var isOne = false
            for case .assign(let targets, let value) in Parser.parse(source).program.statements.map(\.kind)
            where targets.count == 1 && targets[0].kind == .name(name) {
                if case .comparison = value.kind { isOne = true } else { return false }
            }
            return isOne
        default: return false
        }
    }

    /// `x[0..10]` of four elements: numbers that stand in the text and lie past the end. What is worked out may well end there,
    /// as the last batch of many does.
    package func warnOfEnd(_ one: TensorIndex.Selector, _ length: Int, _ axis: Int, _ isOfAxes: Bool) {
        guard case .range(let low, let high) = one, max(low ?? 0, high ?? 0) > length, frameCount > 0 else { return }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .index(let owner, let items) = site.kind, items.indices.contains(axis),
            case .range(let from, let to) = items[axis].kind
        else { return }
        func written(_ e: Expression?) -> Double? { if case .number(let x, _)? = e?.kind { x } else { nil } }
        let (a, b) = (written(from), written(to))
        guard a.map({ $0 > Double(length) }) ?? false || b.map({ $0 > Double(length) }) ?? false else { return }
        let left = max(0, length - max(0, low ?? 0))
        let what = isOfAxes ? "axis \(axis) is \(length) long" : "\(code.source.text(owner.span)) has \(length)"
        let start = from.map { code.source.text($0.span) } ?? ""
        session.warn(
            Diagnostic(
                .warning, code: "index.end",
                "\(code.source.text(items[axis].span)) goes past the end: \(what), and \(left == 0 ? "nothing is" : left == 1 ? "1 is" : "\(left) are") taken",
                at: [.init(Place(code.source, items[axis].span))],
                repair: left == 0
                    ? "the last of all are  \(min(length, 3) == 0 ? ".." : "-\(min(length, 3))..")"
                    : "up to the end:  \(start)..",
                edits: left == 0
                    ? [] : [.init(Place(code.source, items[axis].span), "\(start)..")]))
    }

    private func indexList(_ items: [Value], _ selectors: [Value], _ who: String, _ make: ([Value]) -> Value) throws
        -> Value
    {
        guard selectors.count == 1 else {
            throw Diagnostic(code: "index.count", "\(who) has one axis, and got \(selectors.count) indices")
        }
        switch try selector(selectors[0]) {
        case .at(let i): return items[try place(i, items.count, who)]
        case .range(let low, let high):
            let (a, b) = TensorIndex.clamped(low, high, items.count)
            warnOfEnd(.range(low, high), items.count, 0, false)
            return make(Array(items[a..<b]))
        case .vector(let indices):
            if TensorIndex.isMask(indices, items.count) {
                return make(zip(items, indices).filter { $0.1 == 1 }.map(\.0))
            }
            return make(try indices.map { items[try place($0, items.count, who)] })
        case .places(let indices): return make(try indices.map { items[try place($0, items.count, who)] })
        }
    }

    func place(_ i: Int, _ count: Int, _ who: String) throws -> Int {
        let at = i < 0 ? i + count : i
        guard at >= 0, at < count else {
            throw Diagnostic(
                code: "index.range", "index \(i) is out of range: \(who) has \(self.count(count, "element"))",
                notes: count > 0 ? ["they count from 0 to \(count - 1), or from -1 back to -\(count)"] : [])
        }
        return at
    }

    /// `x[x > 0] = 0` by the same condition: `x = where(x > 0, 0, x)`.
    private var maskAssigned: String? {
        guard frameCount > 0, case let code = currentFrame.code.takeUnretainedValue(), code.source.kind != .prelude,
            let site = code.site(currentFrame.pc - 1), case .index(let owner, let places) = site.kind,
            case .name(let name) = owner.kind, places.count == 1
        else { return nil }
        let rest = code.source.text(Span(site.span.end, code.source.bytes.count)).prefix { !"\n;}".contains($0) }
        let mask = code.source.text(places[0].span)
        guard let sign = rest.firstRange(of: "= "), rest[..<sign.lowerBound].allSatisfy({ $0 == " " }) else {
            return "where(\(mask), 0, \(name))"
        }
        var value = String(rest[sign.upperBound...])
        while value.hasSuffix(" ") { value.removeLast() }
        let whole = "\(name) = where(\(mask), \(value), \(name))"
        return whole.utf8.count <= 80 && !value.isEmpty ? whole : nil
    }

    /// The possible indices: a whole number, a range, a mask of 0 and 1, whole numbers to gather.
    package func selector(_ v: Value) throws -> TensorIndex.Selector {
        switch v {
        case .number: return .at(try wholeNumber(v, "an index"))
        case .bool(let b): return .vector([b ? 1 : 0])
        case .range(let r): return .range(r.low, r.high)
        case .tensor(let t):
            if t.rank == 0 { return .at(try wholeNumber(v, "an index")) }
            guard t.rank == 1 else {
                throw Diagnostic(
                    code: "index.rank", "an index is a number, a range or a vector, and got a tensor of \(t.shape)",
                    repair: t.count < 1 << 20 && t.doubles.allSatisfy { $0 == 0 || $0 == 1 }
                        ? "to change elements by a condition:  \(maskAssigned ?? "where(x < 0, 0, x)")"
                        : t.count < 1 << 20 && t.doubles.allSatisfy { $0 == $0.rounded() && $0 >= 0 }
                            ? "the elements at these indices:  gather(x, places)" : nil)
            }
            let places = try InterruptibleWork.run(size: t.count) { [self] in
                try t.doubles.map { try wholeNumber(.number($0), "an index") }
            }
            return t.label is PlacesLabel ? .places(places) : .vector(places)
        case .list(let l) where l.items.contains(where: { if case .text = $0 { true } else { false } }):
            var isPair = false
            if l.items.count == 2, case .text = l.items[0] { isPair = true }
            throw Diagnostic(
                code: "index.kind", "an index is a whole number, a range or a tensor, and got \(v.kindName)",
                repair: isPair
                    ? "a loop over a record gives names and values:  for name, value in r { ... },  and then  g[name]"
                    : nil)
        case .list(let l): return .vector(try l.items.map { try wholeNumber($0, "an index") })
        default:
            throw Diagnostic(
                code: "index.kind", "an index is a whole number, a range or a tensor, and got \(v.kindName)",
                repair: columnByName(v))
        }
    }

    /// One letter of a text; nil where the place is none, which is said elsewhere.
    private func letter(_ t: Text, _ place: Double) throws -> Value? {
        let letters = t.letters
        guard place == place.rounded(), abs(place) < 1e15 else { return nil }
        let i = place < 0 ? Int(place) + letters.count : Int(place)
        return i >= 0 && i < letters.count ? Value(String(letters[i])) : nil
    }

    func settingIndex(_ v: Value, _ selectors: [Value], _ value: Value) throws -> Value {
        switch v {
        case .tensor(let t):
            guard let new = Interpreter.tensor(value) else {
                throw Diagnostic(
                    code: "assign.kind", "an element of a tensor is a number or a tensor, and got \(value.kindName)")
            }
            return .tensor(try TensorIndex.write(t, selectors.map { try selector($0) }, new))
        case .list(let l):
            guard selectors.count == 1, case .at(let i) = try selector(selectors[0]) else {
                throw Diagnostic(code: "assign.index", "a list's elements are set one at a time")
            }
            var items = l.items
            items[try place(i, items.count, "a list")] = value
            return Value(items)
        case .record(let r):
            guard selectors.count == 1, case .text(let name) = selectors[0] else {
                throw Diagnostic(code: "assign.index", "a record takes one field's name in brackets")
            }
            return .record(r.setting(name.string, value))
        default: throw Diagnostic(code: "assign.index", "the elements of \(v.kindName) cannot be set")
        }
    }

    // MARK: Walking

    /// What a `for` loop runs over.
    func iterator(_ v: Value) throws -> () throws -> Value? {
        switch v {
        case .list(let l):
            var i = 0
            return {
                guard i < l.items.count else { return nil }
                i += 1
                return l.items[i - 1]
            }
        case .tensor(let t):
            guard t.rank > 0 else {
                throw Diagnostic(
                    code: "loop.kind", "cannot iterate over a number", repair: "for i in 0..\(iterated ?? "n")")
            }
            var i = 0
            return { [unowned self] in
                guard i < t.shape[0] else { return nil }
                i += 1
                return try self.row(t, i - 1)
            }
        case .range(let r):
            let high = r.high ?? Int.max
            var i = r.low ?? 0
            return {
                guard i < high else { return nil }
                i += 1
                return .number(Double(i - 1))
            }
        case .text(let t):
            var letters = Array(t.string).makeIterator()
            return { letters.next().map { Value(String($0)) } }
        case .record(let r):
            var i = 0
            return {
                guard i < r.names.count else { return nil }
                i += 1
                return Value([Value(r.names[i - 1]), r.values[i - 1]])
            }
        case .thing(let t):
            if let walk = try t.iterator(self) { return walk }
            throw Diagnostic(code: "loop.kind", "\(t.kindName) cannot be iterated over")
        default:
            var repair: String?
            if case .number = v { repair = "for i in 0..\(iterated ?? "n")" }
            if case .layer = v, let net = iterated { repair = "its stages are a list:  \(net).layers" }
            throw Diagnostic(code: "loop.kind", "\(v.kindName) cannot be iterated over", repair: repair)
        }
    }

    /// All elements of something that can be walked through.
    public func items(_ v: Value) throws -> [Value] {
        if case .list(let l) = v { return l.items }
        let most = 50_000_000
        let long = Diagnostic(code: "loop.long", "this has more than 50 million elements")
        if case .range(let r) = v {
            guard let high = r.high else { throw Diagnostic(code: "loop.endless", "this range has no end") }
            // Its length is known before a list of it takes memory.
            let (count, isHuge) = high.subtractingReportingOverflow(r.low ?? 0)
            guard !isHuge, count < most else { throw long }
        }
        let next = try iterator(v)
        var items: [Value] = []
        while let item = try next() {
            items.append(item)
            try Memory.askToGrow(items.count, what: "a list")
            if interrupt.pointee != 0 { try interrupted() }
            guard items.count < most else { throw long }
        }
        return items
    }
}
