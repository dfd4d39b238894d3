import SiamGradient
import SiamLanguage
import SiamTensor

/// Comparisons and equality of values, and what `in` looks for.
extension Interpreter {
    func holds(_ op: Opcode, _ left: Slot, _ right: Slot, _ i: Instruction) throws -> Bool {
        var result = Value.none
        try withUnsafeMutablePointer(to: &result) { try compare(op, $0, left, right, i) }
        return try withUnsafeMutablePointer(to: &result) { try truth($0, 0, "a condition") }
    }

    @inline(never)
    func compare(_ op: Opcode, _ target: Slot, _ left: Slot, _ right: Slot, _ i: Instruction) throws {
        if case .unbound = left.pointee { try bind(left, i.b) }
        if case .unbound = right.pointee { try bind(right, i.c) }
        let l = left.pointee
        let r = right.pointee
        if case .number(let x) = l, case .number(let y) = r {
            let result =
                switch op {
                case .less: x < y
                case .lessOrEqual: x <= y
                case .greater: x > y
                case .greaterOrEqual: x >= y
                case .equal: x == y
                case .unequal: x != y
                default: false
                }
            if op != .isIn {
                target.pointee = .bool(result)
                return
            }
        }
        if op == .isIn {
            target.pointee = .bool(try contains(r, l))
            return
        }
        var bothNumeric = false
        if case .tensor = l { bothNumeric = Interpreter.tensor(r) != nil }
        if case .tensor = r { bothNumeric = Interpreter.tensor(l) != nil }
        if bothNumeric, let x = Interpreter.tensor(l), let y = Interpreter.tensor(r) {
            let result =
                switch op {
                case .less: try Operators.less(x, y)
                case .lessOrEqual: try Operators.lessEqual(x, y)
                case .greater: try Operators.greater(x, y)
                case .greaterOrEqual: try Operators.greaterEqual(x, y)
                case .equal: try Operators.equal(x, y)
                default: try Operators.unequal(x, y)
                }
            if result.rank == 2, x.rank != y.rank, op == .equal || op == .unequal { warnOfTable(x, y) }
            target.pointee = result.rank == 0 ? .bool(result.item != 0) : .tensor(result)
            return
        }
        switch op {
        case .equal, .unequal:
            warnOfQuotes(l, r)
            target.pointee = .bool(same(l, r) == (op == .equal))
        default:
            if case .text(let x) = l, case .text(let y) = r {
                warnOfLetters(x.string, y.string)
                let result =
                    switch op {
                    case .less: x.string < y.string
                    case .lessOrEqual: x.string <= y.string
                    case .greater: x.string > y.string
                    default: x.string >= y.string
                    }
                target.pointee = .bool(result)
                return
            }
            if let x = number(l), let y = number(r) {
                try withUnsafePointers(.number(x), .number(y)) { try compare(op, target, $0, $1, i) }
                return
            }
            throw Diagnostic(
                code: "operand.kind",
                "\(Interpreter.symbol(op)) compares numbers, tensors or texts, and got \(l.kindName) and \(r.kindName)",
                repair: op == .greater
                    && [l, r].allSatisfy({ v in
                        switch v {
                        case .layer, .function, .builtin: true
                        default: false
                        }
                    }) ? "join stages with >>:  \(writtenStages ?? "flatten >> dense(8)")" : nil)
        }
    }

    /// `"10" < "9"`, which goes by letters, and by numbers is the other way round.
    private func warnOfLetters(_ x: String, _ y: String) {
        guard let a = Double(x), let b = Double(y), a.isFinite, b.isFinite, (x < y) != (a < b), x != y, a != b,
            let place = userPlace()
        else { return }
        session.warn(
            Diagnostic(
                .warning, code: "compare.texts",
                "\"\(x)\" and \"\(y)\" are texts, which are compared letter by letter, and the order of the numbers differs",
                at: [.init(place)], repair: "as numbers:  number(\"\(x)\")"))
    }

    /// `1 == "1"`, which never holds.
    private func warnOfQuotes(_ l: Value, _ r: Value) {
        let pair: (Double, String)? =
            switch (l, r) {
            case (.number(let x), .text(let t)), (.text(let t), .number(let x)): (x, t.string)
            default: nil
            }
        guard let (x, text) = pair, Double(text) == x, let place = userPlace() else { return }
        session.warn(
            Diagnostic(
                .warning, code: "compare.texts",
                "\(formatNumber(x)) is a number and \"\(text)\" a text: they are never equal",
                at: [.init(place)], repair: "convert the text to a number:  number(\"\(text)\")"))
    }

    /// `mean(found == y)` of N x 1 and N: each is compared with each, and the mean is no accuracy.
    private func warnOfTable(_ x: Tensor, _ y: Tensor) {
        let (column, row) = x.rank == 2 ? (x, y) : (y, x)
        guard column.rank == 2, row.rank == 1, column.shape[1] == 1, column.shape[0] == row.shape[0],
            row.shape[0] > 1
        else { return }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .comparison(let sides, _, let signs) = site.kind, sides.count == 2, isCounted(site, code)
        else { return }
        let (tall, flat) = x.rank == 2 ? (sides[0], sides[1]) : (sides[1], sides[0])
        // Who makes a column on the way means to compare each with each.
        if case .call(let callee, _, _) = tall.kind,
            ["expand", "reshape"].contains(where: code.source.text(callee.span).hasSuffix)
        {
            return
        }
        session.warn(
            LossInputCheck.outer(
                code.source, site.span, signs.first ?? site.span, column: tall, isLeft: x.rank == 2, other: flat,
                count: row.shape[0]))
    }

    /// Whether what a comparison gives is only counted: `mean(a == b)`, `(a == b).mean()`.
    private func isCounted(_ site: Expression, _ code: Code) -> Bool {
        var found = false
        for e in code.expressions {
            e.walk { inner in
                guard case .call(let callee, let given, _) = inner.kind else { return }
                switch callee.kind {
                case .name(let name):
                    if name == "mean" || name == "sum", given.first?.value.span.isSame(site.span) == true {
                        found = true
                    }
                case .field(let owner, let name):
                    if name.text == "mean" || name.text == "sum", owner.span.isSame(site.span) { found = true }
                default: break
                }
            }
        }
        return found
    }

    func withUnsafePointers(_ l: Value, _ r: Value, _ body: (Slot, Slot) throws -> Void) rethrows {
        var l = l
        var r = r
        try withUnsafeMutablePointer(to: &l) { p in try withUnsafeMutablePointer(to: &r) { q in try body(p, q) } }
    }

    func number(_ v: Value) -> Double? {
        switch v {
        case .number(let x): x
        case .bool(let b): b ? 1 : 0
        default: nil
        }
    }

    /// Equality of any two values; different kinds are unequal.
    public func same(_ l: Value, _ r: Value) -> Bool {
        switch (l, r) {
        case (.list, .list), (.record, .record): return sameParts(l, r)
        default: return sameLeaf(l, r)
        }
    }

    /// Lists and records, which may be of any depth and hold each other many times over.
    func sameParts(_ l: Value, _ r: Value) -> Bool {
        var waiting: [(Value, Value)] = [(l, r)]
        var seen = 0
        while let (a, b) = waiting.popLast() {
            seen += 1
            // The caller throws then.
            if seen & 0xFFF == 0, Interrupt.isDue { return false }
            switch (a, b) {
            case (.list(let x), .list(let y)):
                guard x.items.count == y.items.count else { return false }
                waiting.append(contentsOf: zip(x.items.reversed(), y.items.reversed()))
            case (.record(let x), .record(let y)):
                guard x.names == y.names else { return false }
                waiting.append(contentsOf: zip(x.values.reversed(), y.values.reversed()))
            default: guard sameLeaf(a, b) else { return false }
            }
        }
        return true
    }

    func sameLeaf(_ l: Value, _ r: Value) -> Bool {
        switch (l, r) {
        case (.number(let x), .number(let y)): return x == y
        case (.bool(let x), .bool(let y)): return x == y
        case (.text(let x), .text(let y)): return x.string == y.string
        case (.none, .none): return true
        case (.range(let x), .range(let y)): return x.low == y.low && x.high == y.high
        case (.layer(let x), .layer(let y)): return x === y
        case (.thing(let x), .thing(let y)): return x === y
        case (.function(let x), .function(let y)): return x === y
        case (.builtin(let x), .builtin(let y)): return x === y
        case (.tensor(let x), .tensor(let y)): return x.shape == y.shape && x.doubles == y.doubles
        case (.tensor(let t), let other), (let other, .tensor(let t)):
            if let n = number(other), t.count == 1 { return t.item == n }
            return false
        case (.bool(let b), .number(let x)), (.number(let x), .bool(let b)): return x == (b ? 1 : 0)
        default: return false
        }
    }

    /// The first position of a part in a text, or of an element in a list; nil if it does not occur.
    package func position(of part: Value, in whole: Value) throws -> Int? {
        if case .text(let t) = whole {
            guard case .text(let p) = part else { _ = try contains(whole, part); return nil }
            if p.string.isEmpty { return 0 }
            return t.string.firstRange(of: p.string).map {
                t.string.distance(from: t.string.startIndex, to: $0.lowerBound)
            }
        }
        if case .record(let r) = whole {
            guard case .text(let p) = part else { _ = try contains(whole, part); return nil }
            return r.names.firstIndex(of: p.string)
        }
        return try items(whole).firstIndex { same($0, part) }
    }

    func contains(_ whole: Value, _ part: Value) throws -> Bool {
        switch whole {
        case .list(let l): return l.items.contains { same($0, part) }
        case .text(let t):
            guard case .text(let p) = part else { break }
            return p.string.isEmpty || t.string.contains(p.string)
        case .record(let r):
            guard case .text(let p) = part else { break }
            return r.field(p.string) != nil
        case .tensor(let t):
            guard number(part) != nil else { break }
            return try t.doubles.contains(number(part) ?? .nan) || items(.tensor(t)).contains { same($0, part) }
        case .range(let range):
            guard let x = number(part) else { break }
            return x >= Double(range.low ?? Int.min) && x < Double(range.high ?? Int.max)
        default: break
        }
        throw Diagnostic(
            code: "operand.kind",
            "in looks for a value in a list, text, record, tensor or range, and got \(whole.kindName)")
    }
}
