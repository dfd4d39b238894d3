import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Lists: their lengths, elements, order; functions applied to each element.
extension Builtins {
    static let lists: [Builtin] = [
        Builtin(
            "len", "x", family: "lists",
            "How many elements: of a list, text, record, tensor (its first axis), data set, table or net.",
            examples: [("len([[1, 2], [3, 4], [5, 6]])", "3"), ("len(\"abc\")", "3")]
        ) { i, a in
            switch a[0] {
            case .list(let l): return .number(Double(l.items.count))
            case .text(let t): return .number(Double(t.string.count))
            case .record(let r): return .number(Double(r.names.count))
            case .tensor(let t) where t.rank > 0: return .number(Double(t.shape[0]))
            case .range(let r):
                guard let high = r.high else { throw Diagnostic(code: "loop.endless", "this range has no end") }
                return .number(Double(max(0, high - (r.low ?? 0))))
            case .layer(let l): return .number(Double(l.children.count))
            case .thing(let t):
                guard let n = t.length else { throw a.wrong(0, "something with elements") }
                return .number(Double(n))
            default: throw a.wrong(0, "something with elements")
            }
        },
        Builtin(
            "map", "xs, f", family: "lists", "f of each element. The function may come first or last.",
            examples: [("map([1, 2, 3], x -> x^2)", "tensor 3\n[1  4  9]\nmin 1  max 9  mean 4.6667  sd 3.2998")],
            seeAlso: ["filter"]
        ) { i, a in
            let (xs, f) = functionLast(a)
            let call = i.caller(f)
            return try i.bracket(try i.items(xs).map { try call($0) })
        },
        Builtin(
            "filter", "xs, f", family: "lists", "The elements for which f is true.",
            examples: [("filter([\"a\", \"bb\"], t -> len(t) > 1)", "[\"bb\"]")], seeAlso: ["map"]
        ) { i, a in
            let (xs, f) = functionLast(a)
            let call = i.caller(f)
            return try i.bracket(try i.items(xs).filter { try i.truth(try call($0)) })
        },
        Builtin(
            "reduce", "xs, f, start = none", family: "lists",
            "f(f(start, x0), x1) and so on: combines all elements into one value. Without start, the first element is used.",
            examples: [("reduce([1, 2, 3], (a, b) -> a + b, 0)", "6"), ("reduce([2, 3, 4], (a, b) -> a * b)", "24")]
        ) { i, a in
            var items = try i.items(a[0])[...]
            var value = a[2]
            if case .none = value {
                guard let first = items.popFirst() else {
                    throw Diagnostic(
                        code: "call.missing", "reduce of an empty list needs start",
                        notes: ["it takes xs, f, start = none"])
                }
                value = first
            }
            return try items.reduce(value) { try i.call(a[1], [$0, $1]) }
        },
        Builtin(
            "zip", "lists...", family: "lists",
            "A list of lists: the first elements, the second elements, and so on, up to the length of the shortest.",
            examples: [("[a + b for a, b in zip([1, 2], [3, 4])]", "tensor 2\n[4  6]\nmin 4  max 6  mean 5  sd 1")]
        ) { i, a in
            let columns = try a.list(0).map { try i.items($0) }
            let n = columns.map(\.count).min() ?? 0
            return Value((0..<n).map { k in Value(columns.map { $0[k] }) })
        },
        Builtin(
            "enumerate", "xs", family: "lists", "A list of [index, element].",
            examples: [
                ("[i for i, x in enumerate([\"a\", \"b\"])]", "[0, 1]")
            ]
        ) { i, a in
            Value(try i.items(a[0]).enumerated().map { Value([.number(Double($0)), $1]) })
        },
        Builtin(
            "push", "xs, x", family: "lists",
            "The list with one more element. `xs = push(xs, x)` extends xs in place.",
            examples: [("push([\"a\"], \"b\")", "[\"a\", \"b\"]")]
        ) { i, a in
            switch a[0] {
            case .list(let l):
                try Memory.ask(l.items.count + 1, of: MemoryLayout<Value>.stride, for: "a list")
                return Value(l.items + [a[1]])
            case .tensor(let t) where t.rank > 0: return try i.bracket(try i.items(.tensor(t)) + [a[1]])
            default: throw a.wrong(0, "a list")
            }
        },
        Builtin(
            "reverse", "xs", family: "lists", "The elements from last to first.",
            examples: [("reverse([\"a\", \"b\"])", "[\"b\", \"a\"]")]
        ) { i, a in
            if case .text(let t) = a[0] { return Value(String(t.string.reversed())) }
            return try i.bracket(try i.items(a[0]).reversed())
        },
        Builtin(
            "sort", "xs, by = none, reverse = false", family: "lists",
            "The elements from least to greatest, numbers or texts; `by` is a function that gives the value to sort an element by.",
            examples: [("sort([\"b\", \"a\"])", "[\"a\", \"b\"]")]
        ) { i, a in
            // Consecutive numbers are sorted in place, as below: stable, NaN last in either direction.
            if a.isNone(1), case .tensor(let t) = a[0], t.rank == 1, t.count > 0 {
                return .tensor(try Operators.sort.apply([t], [.integer(-1), .flag(try a.flag(2))]))
            }
            let items = try i.items(a[0])
            // Of nothing there is no kind to tell from the elements: an empty tensor stays a tensor.
            if items.isEmpty { return a[0] }
            let keys = a.isNone(1) ? items : try items.map { try i.call(a[1], [$0]) }
            let order = try sortedOrder(keys, reverse: try a.flag(2))
            return try i.bracket(order.map { items[$0] })
        },
        Builtin(
            "keys", "r", family: "lists", "The names of a record's fields.",
            examples: [("keys({lr: 1, n: 2})", "[\"lr\", \"n\"]")]
        ) { i, a in
            guard case .record(let r) = a[0] else { throw a.wrong(0, "a record") }
            return Value(r.names.map { Value($0) })
        },
        Builtin(
            "values", "r", family: "lists", "The values of a record's fields, in order.",
            examples: [("values({lr: 1, n: 2})", "[1, 2]")]
        ) { i, a in
            guard case .record(let r) = a[0] else { throw a.wrong(0, "a record") }
            return Value(r.values)
        },
        Builtin(
            "range", "low, high = none, step = 1", family: "lists",
            "low, low + step, ... below high, as a vector; range(n) counts from 0.",
            examples: [("range(3)", "tensor 3\n[0  1  2]\nmin 0  max 2  mean 1  sd 0.8165")]
        ) { i, a in
            let first = a.isNone(1) ? 0 : try a.number(0)
            let last = a.isNone(1) ? try a.number(0) : try a.number(1)
            let step = try a.number(2)
            guard step != 0, step.isFinite, first.isFinite, last.isFinite else {
                throw Diagnostic(code: "range.step", "range expects a step other than 0")
            }
            // 0.1 to 0.4 by 0.1 are three numbers, whatever the last digits of the quotient are.
            let whole = ((last - first) / step).rounded()
            let quotient = (last - first) / step
            let n = abs(quotient - whole) <= 1e-12 * max(1, abs(whole)) ? whole : quotient.rounded(.up)
            guard n < 1e9 else { throw Diagnostic(code: "range.long", "range would have \(formatNumber(n)) elements") }
            let count = max(0, Int(n))
            let t = try Tensor(uninitialized: try Shape([count]))
            for k in 0..<count { t.set(k, first + Double(k) * step) }
            return .tensor(t)
        },
        Builtin(
            "linspace", "low : number, high : number, n : whole >= 0", family: "lists",
            "n evenly spaced numbers from low to high, both included.",
            examples: [("linspace(0, 1, 3)", "tensor 3\n[0  0.5000  1]\nmin 0  max 1  mean 0.5000  sd 0.4082")],
            seeAlso: ["range"]
        ) { i, a in
            let (low, high, n) = (try a.number(0), try a.number(1), try a.integer(2, atLeast: 1))
            let step = n > 1 ? (high - low) / Double(n - 1) : 0
            let t = try Tensor(uninitialized: try Shape([n]))
            for k in 0..<n {
                if k & 0xFFFFF == 0xFFFFF { try Interrupt.poll() }
                t.set(k, k == n - 1 && n > 1 ? high : low + Double(k) * step)
            }
            return .tensor(t)
        },
        Builtin(
            "merge", "a, b", family: "lists",
            "The fields of both records; a field of both has the value of the second.",
            examples: [("merge({lr: 1, n: 2}, {lr: 3})", "{lr: 3, n: 2}")], seeAlso: ["keys", "values"]
        ) { i, a in
            guard case .record(let first) = a[0] else { throw a.wrong(0, "a record") }
            guard case .record(let second) = a[1] else { throw a.wrong(1, "a record") }
            return .record(zip(second.names, second.values).reduce(first) { $0.setting($1.0, $1.1) })
        },
        Builtin(
            "list", "x", family: "lists", "The elements of anything as a list.", examples: [("list(1..3)", "[1, 2]")]
        ) { i, a in
            Value(try i.items(a[0]))
        },
    ]

    private static func functionLast(_ a: Arguments) -> (Value, Value) {
        switch a[0] {
        case .function, .builtin: (a[1], a[0])
        default: (a[0], a[1])
        }
    }

    static func sortedOrder(_ keys: [Value], reverse: Bool) throws -> [Int] {
        var numbers: [Double] = []
        var texts: [String] = []
        for k in keys {
            switch k {
            case .text(let t): texts.append(t.string)
            default:
                guard let t = Interpreter.tensor(k), t.count == 1 else {
                    throw Diagnostic(code: "sort.kind", "sort orders numbers or texts, and got \(k.kindName)")
                }
                numbers.append(t.item)
            }
        }
        guard texts.isEmpty || numbers.isEmpty else {
            throw Diagnostic(code: "sort.kind", "sort orders numbers or texts, and got both")
        }
        let n = keys.count
        if !texts.isEmpty {
            return Sorting.sorted(Array(0..<n)) {
                texts[$0] == texts[$1] ? $0 < $1 : (reverse ? texts[$0] > texts[$1] : texts[$0] < texts[$1])
            }
        }
        // NaN goes last either way.
        return Sorting.sorted(Array(0..<n)) { p, q in
            let (x, y) = (numbers[p], numbers[q])
            if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? p < q : y.isNaN }
            return x == y ? p < q : (reverse ? x > y : x < y)
        }
    }

    /// The data sets that are given, one by one or as a list; nil where one of them is none.
    static func severalDataSets(_ a: Arguments) -> [Dataset]? {
        var values = [a[0], a[1]]
        if case .list(let l) = a[0] { values = l.items }
        let sets = values.compactMap { v -> Dataset? in
            if case .thing(let d as DatasetThing) = v { d.dataset } else { nil }
        }
        return sets.count == values.count && !sets.isEmpty ? sets : nil
    }
}
