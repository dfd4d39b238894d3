import SiamGradient
import SiamLanguage
import SiamTensor

/// Instructions that are not in anyone's inner loop.
extension Interpreter {
    @inline(never)
    func rare(_ i: Instruction, _ frame: Frame, _ registers: Slot, _ a: Slot, _ b: Slot, _ pc: Int) throws -> Int {
        let code = frame.code.takeUnretainedValue()
        let count = Int(i.n) | Int(i.m) << 8
        let window = registers + Int(i.c & Operand.mask)
        switch i.op {
        case .truth:
            a.pointee = .bool(try truth(b, i.b, "and, or"))
        case .makeList: a.pointee = Value([])
        case .makeBracket:
            if i.n == 255, i.m == 0xFFFF {
                guard case .list(let l) = pointer(i.c, in: frame).pointee else { return pc }
                a.pointee = try bracket(l.items)
            } else {
                a.pointee = try bracket((0..<count).map { window[$0] })
            }
        case .makeRecord:
            guard case .record(let names) = b.pointee else { return pc }
            if Set(names.names).count != names.names.count {
                throw Diagnostic(code: "record.doubled", "a record has each field once, and this has one twice")
            }
            a.pointee = .record(Record(names.names, (0..<count).map { window[$0] }))
        case .makeText:
            var text = ""
            for k in 0..<count {
                let value = window[2 * k]
                if case .text(let spec) = window[2 * k + 1] {
                    text += try formatted(value, spec.string)
                } else {
                    text += inline(value)
                }
                try Memory.ask(text.utf8.count, of: 2, for: "a text")
            }
            a.pointee = Value(text)
        case .makeRange:
            let high = pointer(i.c, in: frame)
            if case .unbound = b.pointee { try bind(b, i.b) }
            if case .unbound = high.pointee { try bind(high, i.c) }
            a.pointee = .range(RangeValue(try bound(b.pointee), try bound(high.pointee)))
        case .makeClosure: a.pointee = .function(closure(Int(i.b), frame, code))
        case .makeLayer: a.pointee = try makeLayer(i, frame, code, window, b)
        case .getMember:
            guard let layer = frame.layer?.takeUnretainedValue() else {
                throw Diagnostic(code: "layer.member", "this is not the body of a layer")
            }
            a.pointee = try layer.member(Int(i.b), self)
        case .setMember:
            guard let layer = frame.layer?.takeUnretainedValue() else {
                throw Diagnostic(code: "layer.member", "this is not the body of a layer")
            }
            if case .unbound = b.pointee { try bind(b, i.b) }
            try layer.setState(Int(i.a), b.pointee)
        case .index:
            if case .unbound = b.pointee { try bind(b, i.b) }
            a.pointee = try index(b.pointee, (0..<Int(i.n)).map { window[$0] })
        case .getField:
            if case .unbound = b.pointee { try bind(b, i.b) }
            a.pointee = try field(b.pointee, code.names[Int(i.c)])
        case .setIndex:
            if case .unbound = b.pointee { try bind(b, i.b) }
            let selectors = (0..<Int(i.n)).map { window[$0] }
            a.pointee = try settingIndex(b.pointee, selectors, window[Int(i.n)])
        case .setField:
            if case .unbound = b.pointee { try bind(b, i.b) }
            let value = pointer(i.c, in: frame)
            if case .unbound = value.pointee { try bind(value, i.c) }
            a.pointee = try settingField(b.pointee, code.names[Int(i.m)], value.pointee)
        case .loopStart:
            if case .unbound = b.pointee { try bind(b, i.b) }
            let walk = try Walk(b.pointee, self)
            a.pointee = .thing(walk)
            if i.n == 1, case .list(let l) = pointer(i.c, in: frame).pointee { walk.reserve(l) }
        case .loopNext:
            guard case .thing(let thing) = a.pointee, let walk = thing as? Walk else { return pc }
            if let value = try walk.next() {
                b.pointee = value
            } else {
                a.pointee = .none
                return Int(i.c)
            }
        case .destructure:
            if case .unbound = b.pointee { try bind(b, i.b) }
            let parts = try parts(b.pointee)
            guard parts.count == Int(i.n) else {
                let areSets = parts.allSatisfy { if case .thing(is DatasetThing) = $0 { true } else { false } }
                throw Diagnostic(
                    code: "assign.count", "there are \(Int(i.n)) names here, and \(parts.count) values",
                    at: [],
                    repair: areSets && Int(i.n) == 2 * parts.count && parts.count == 2
                        ? "examples and classes stay together, as seen.x and seen.y:  seen, unseen = split(d, 0.8)"
                        : areSets && Int(i.n) == 3 && parts.count == 2
                            ? "three parts:  seen, chosen, judged = split(d, [0.7, 0.15, 0.15])"
                            : partsAreABatch(parts, Int(i.n))
                                ? "a name for each part of a batch of pairs:  a, b, same = ..." : nil)
            }
            for (k, part) in parts.enumerated() { window[k] = part }
        case .append: try append(i, a, b, frame)
        case .compose:
            let right = pointer(i.c, in: frame)
            if case .unbound = b.pointee { try bind(b, i.b) }
            if case .unbound = right.pointee { try bind(right, i.c) }
            a.pointee = .layer(try compose(b.pointee, right.pointee))
        case .training: a.pointee = .bool(isTraining)
        case .kinds:
            try checkKinds(code, frame.base)
            if let equivalent = code.equivalent, let value = try self.value(of: equivalent.function, registers) {
                (registers + equivalent.register).pointee = value
                return equivalent.exit
            }
        case .expect: try expect(i, b, frame, code, registers)
        case .train:
            let (run, returned) = try session.host.train(code.trainPlans[Int(i.b)], code, frame, self)
            a.pointee = run
            pointer(i.c, in: frame).pointee = returned
        case .sweep: a.pointee = try session.host.sweep(code.sweepPlans[Int(i.b)], code, frame, self)
        case .minimize:
            if case .unbound = b.pointee { try bind(b, i.b) }
            try body?.minimize(b.pointee)
        case .report:
            if case .unbound = b.pointee { try bind(b, i.b) }
            try session.host.report(code.names[Int(i.a)], b.pointee, toRun: i.n == 0, self)
            if i.m == 1 {
                let value = b.pointee
                let target = pointer(i.c, in: frame)
                switch target.pointee {
                case .unbound, .none, .number, .bool, .text: target.pointee = value
                case .tensor(let t) where t.count == 1: target.pointee = value
                case .function,
                    .builtin where globals.isInherited(i.c):
                    target.pointee = value
                // What is no number keeps its value: a data set that the series is named after.
                default: break
                }
            }
        case .everyStart:
            guard let body else { return Int(i.c) }
            if !(try body.everyFires(b.pointee, epochs: i.n == 1, at: frame.pc - 1)) { return Int(i.c) }
        case .everyEnd: body?.everyEnds(at: frame.pc)
        case .pause: try body?.pauseHere(self)
        case .chunk: try chunk(i, a, frame, code)
        case .importFile:
            if case .unbound = b.pointee { try bind(b, i.b) }
            guard case .text(let path) = b.pointee else {
                throw Diagnostic(code: "import.kind", "import expects a file's name in quotes")
            }
            try session.host.importFile(path.string, from: code.source, session)
        case .show:
            if case .unbound = b.pointee { try bind(b, i.b) }
            try session.show(b.pointee, isAssignment: i.n == 2, isSilenced: i.n == 1)
        case .clear:
            if i.n == 1 { clear(frame.base + Int(i.a), Int(i.m)) }
        case .note:
            if let site = code.definition { globals.madeAt[Int(i.a)] = Place(code.source, site.span) }
            globals.inherited.remove(Int(i.a))
        default: break
        }
        return pc
    }

    private func bound(_ v: Value) throws -> Int? {
        switch v {
        case .none: return nil
        default: return try wholeNumber(v, "a range's end")
        }
    }

    /// A whole number out of a value, or an error that says who wanted it.
    package func wholeNumber(_ v: Value, _ who: String) throws -> Int {
        let x: Double
        switch v {
        case .number(let n): x = n
        case .bool(let b): x = b ? 1 : 0
        case .tensor(let t) where t.count == 1: x = t.item
        default: throw Diagnostic(code: "number.whole", "\(who) is a whole number, and this is \(v.kindName)")
        }
        guard x == x.rounded(), abs(x) < 9e15 else {
            throw Diagnostic(
                code: "number.whole",
                "\(who) is a whole number, and this is \(Double(Float(x)) == x ? formatFloat(Float(x)) : formatNumber(x))"
            )
        }
        return Int(x)
    }

    private func closure(_ index: Int, _ frame: Frame, _ code: Code) -> Function {
        let own = frame.function?.takeUnretainedValue()
        let captures = code.captureSources[index].map { source -> Cell in
            if source >= 0 {
                if case .cell(let c) = stack[frame.base + source] { return c }
                return Cell(stack[frame.base + source])
            }
            return own?.captures[-1 - source] ?? Cell(.unbound)
        }
        return Function(code: code.codes[index], captures: captures, layer: frame.layer?.takeUnretainedValue())
    }

    /// The tensor of items that are numbers throughout.
    private func allNumbers(_ items: [Value]) throws -> Tensor? {
        guard case .number = items[0] else { return nil }
        let t = try Tensor(uninitialized: Shape.vector(items.count))
        let out = t.address.assumingMemoryBound(to: Float.self)
        for k in items.indices {
            guard case .number(let x) = items[k] else { return nil }
            out[k] = Float(x)
        }
        return t
    }

    /// A bracket's value: a tensor when every element is a number, a bool or a tensor of one shape, else a list.
    package func bracket(_ items: [Value]) throws -> Value {
        guard !items.isEmpty else { return Value([]) }
        if let numbers = try allNumbers(items) { return .tensor(numbers) }
        var shape: Shape?
        var anyTensor = false
        for item in items {
            let own: Shape
            switch item {
            case .number, .bool: own = .scalar
            case .tensor(let t):
                own = t.shape
                anyTensor = true
            default: return Value(items)
            }
            if let shape, shape != own {
                guard shape.count == 1, own.count == 1, shape.rank <= 1, own.rank <= 1 else { return Value(items) }
            }
            shape = shape ?? own
        }
        if !anyTensor {
            let values = items.map { item -> Float in
                switch item {
                case .number(let x): Float(x)
                case .bool(let b): b ? 1 : 0
                default: 0
                }
            }
            return .tensor(try Tensor(Shape.vector(values.count), values))
        }
        let tensors = items.compactMap { Interpreter.tensor($0) }
        if let first = shape, tensors.contains(where: { $0.shape != first }) {
            return .tensor(try Operators.stack.apply(try tensors.map { try $0.reshaped(to: .scalar) }, [.integer(0)]))
        }
        return .tensor(try Operators.stack.apply(tensors, [.integer(0)]))
    }

    /// The values that `a, b = v` hands out.
    func parts(_ v: Value) throws -> [Value] {
        switch v {
        case .list(let l): return l.items
        case .record(let r): return r.values
        case .tensor(let t) where t.rank > 0: return try (0..<t.shape[0]).map { try row(t, $0) }
        default:
            var isDataset = false
            if case .thing(is DatasetThing) = v { isDataset = true }
            var repair = isDataset ? "examples and classes are fields:  x, y = [d.x, d.y]" : nil
            if case .thing(is SourceThing) = v { repair = "its next batch can:  a, b, same = p.next()" }
            if case .text = v { repair = "indices and elements:  for i, v in enumerate(xs) { ... }" }
            throw Diagnostic(
                code: "assign.parts",
                "only a list, a record or a tensor can be unpacked, and this is \(v.kindName)",
                repair: repair)
        }
    }

    func row(_ t: Tensor, _ i: Int) throws -> Value {
        if t.isTracked, Recording.isOn { return try index(.tensor(t), [.number(Double(i))]) }
        let part = t.rows(i..<i + 1)
        let rest = try Shape(Array(t.shape.dims.dropFirst()))
        return t.rank == 1 ? .number(part.element) : .tensor(try part.reshaped(to: rest))
    }

    private func append(_ i: Instruction, _ a: Slot, _ b: Slot, _ frame: Frame) throws {
        if case .unbound = b.pointee { try bind(b, i.b) }
        if i.n == 1 {
            // `xs = push(xs, x)`, unless push is somebody's own.
            let function = pointer(i.c, in: frame)
            if case .unbound = function.pointee { try bind(function, i.c) }
            if case .unbound = a.pointee { try bind(a, i.a) }
            var isStandard = false
            if case .builtin(let f) = function.pointee, f.name == "push" { isStandard = true }
            guard isStandard, case .list = a.pointee else {
                a.pointee = try call(function.pointee, [a.pointee, b.pointee])
                return
            }
        }
        let value = b.pointee
        guard case .list(var list) = a.pointee else { return }
        a.pointee = .none
        if !isKnownUniquelyReferenced(&list) { list = List(list.items) }
        list.items.append(value)
        let count = list.items.count
        a.pointee = .list(list)
        try Memory.askToGrow(count, what: "a list")
    }

    private func expect(_ i: Instruction, _ b: Slot, _ frame: Frame, _ code: Code, _ registers: Slot) throws {
        if case .unbound = b.pointee { try bind(b, i.b) }
        let holds: Bool
        switch b.pointee {
        case .bool(let x): holds = x
        case .number(let x): holds = x != 0
        case .tensor(let t): holds = t.doubles.allSatisfy { $0 != 0 }
        default: throw Diagnostic(code: "expect.kind", "expect expects true or false, and got \(b.pointee.kindName)")
        }
        if holds { return }
        guard let site = code.site(frame.pc - 1) else { throw Diagnostic(code: "expect.fails", "expect failed") }
        var labels: [Diagnostic.Label] = []
        var notes: [String] = []
        var repair: String?
        let text = code.source.text(site.span)
        if i.n == 1, case .comparison(let operands, _, _) = site.kind {
            let window = registers + Int(i.c & Operand.mask)
            for (k, operand) in operands.prefix(2).enumerated() {
                if case .number = operand.kind { continue }
                if case .text = operand.kind, code.source.text(operand.span).hasPrefix("\"") { continue }
                labels.append(.init(Place(code.source, operand.span), brief(window[k])))
            }
            if operands.count == 2, case .comparison(_, let signs, _) = site.kind, signs == [.equal],
                case .number(let x) = window[0], case .number(let y) = window[1], x != y, abs(x - y) < 1e-6
            {
                let (l, r) = (code.source.text(operands[0].span), code.source.text(operands[1].span))
                if l.utf8.count + r.utf8.count < 50 {
                    repair =
                        "of numbers with a fraction the last digits may differ:  expect abs((\(l)) - (\(r))) < 1e-9"
                }
            }
            if case .tensor(let t) = b.pointee, t.count > 1 {
                notes.append("\(t.doubles.count { $0 == 0 }) of \(t.count) elements differ")
            }
        } else {
            labels.append(.init(Place(code.source, site.span), brief(b.pointee)))
        }
        if labels.isEmpty { labels = [.init(Place(code.source, site.span))] }
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).first.map(String.init) ?? text
        throw Diagnostic(code: "expect.fails", "this is false: \(line)", at: labels, notes: notes, repair: repair)
    }

    private func chunk(_ i: Instruction, _ a: Slot, _ frame: Frame, _ code: Code) throws {
        let body = code.codes[Int(i.b)]
        let function = frame.function?.takeUnretainedValue()
        let layer = frame.layer?.takeUnretainedValue()
        if i.n == 2 {
            let start = Clock.now()
            let outcome = try runChunk(body, base: frame.base, function: function, layer: layer)
            session.print("\(Clock.text(Clock.now() - start))")
            if case .ended(3, let value) = outcome { a.pointee = value }
            return
        }
        guard case .text(let wanted) = a.pointee else {
            throw Diagnostic(code: "expect_error.kind", "expect_error expects a part of the message in quotes")
        }
        let kept = (frames: frameCount, training: isTraining, path: layerPath)
        do {
            _ = try runChunk(body, base: frame.base, function: function, layer: layer)
        } catch let d as Diagnostic {
            frameCount = kept.frames
            isTraining = kept.training
            layerPath = kept.path
            let whole = ([d.message] + d.notes + [d.repair ?? ""]).joined(separator: "\n")
            guard whole.contains(wanted.string) else {
                throw Diagnostic(
                    code: "expect_error.other", "this error differs from the expected one: \(d.message)", at: d.labels,
                    notes: ["expected: \(wanted.string)"])
            }
            return
        }
        throw Diagnostic(code: "expect_error.none", "no error occurred, and this one was expected: \(wanted.string)")
    }
}

extension Tensor {
    /// The one element as a number of the language: of 32 bits the shortest decimal that reads back, so that `[0.1][0]` is
    /// 0.1 and not 0.10000000149.
    var element: Double {
        let x = item
        guard precision == .single, x.isFinite, x != x.rounded() else { return x }
        return Double(Float(x).description) ?? x
    }
}

extension Interpreter {
    /// A shape out of lengths given one by one or as one list.
    package func shape(_ arguments: [Value]) throws -> Shape {
        var lengths: [Int] = []
        for a in arguments {
            switch a {
            case .list, .tensor:
                if case .tensor(let t) = a, t.rank == 0 {
                    lengths.append(try wholeNumber(a, "an axis's length"))
                } else {
                    lengths += try items(a).map { try wholeNumber($0, "an axis's length") }
                }
            default: lengths.append(try wholeNumber(a, "an axis's length"))
            }
        }
        return try Shape(lengths)
    }
}

extension Interpreter {
    /// Two names for what `pairs` gives: two sides of one shape, and a number for each pair.
    private func partsAreABatch(_ parts: [Value], _ names: Int) -> Bool {
        guard names == 2, parts.count == 3, case .tensor(let a) = parts[0], case .tensor(let b) = parts[1],
            case .tensor(let same) = parts[2]
        else { return false }
        return a.shape == b.shape && same.rank == 1 && a.rank > 1 && a.shape[0] == same.count
    }
}
