import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The changes of a call of a function that is given by its name.
extension SingleEdits {
    struct Call {
        var whole: Expression
        var function: Expression
        var name: String
        var arguments: [Argument]

        /// Arguments without names.
        var placed: [Expression] { arguments.filter { $0.name == nil }.map(\.value) }
    }

    /// Whether a function draws data by numbers that say how hard the task is: another task would be no repair.
    static func drawsTask(_ name: String) -> Bool {
        Builtins.core.contains { $0.name == name && $0.traits.contains(.synthetic) }
    }

    /// Whether an expression draws random numbers, or rows.
    static func draws(_ e: Expression) -> Bool {
        var makes = false
        e.walk { x in
            // A data set that is put together of what is there is none that is drawn.
            guard case .call(let f, _, _) = x.kind, case .name(let n) = f.kind else { return }
            if makesRows(n), n != "dataset" { makes = true }
        }
        return makes || drawsNumbers(e)
    }
    /// Whether an expression draws random numbers.
    static func drawsNumbers(_ e: Expression) -> Bool {
        var found = false
        e.walk { x in
            guard case .call(let f, _, _) = x.kind, case .name(let n) = f.kind else { return }
            if Builtins.core.contains(where: { $0.name == n && $0.family == "random" }) { found = true }
        }
        return found
    }

    private static func makesRows(_ name: String) -> Bool {
        Builtins.core.contains { $0.name == name && $0.family.hasPrefix("data") }
    }

    private static let opposites = [
        "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "maximum": "minimum", "minimum": "maximum",
        "mean": "sum", "sum": "mean", "sigmoid": "relu", "tanh": "relu", "ones": "zeros", "zeros": "ones",
        "floor": "ceil",
    ]

    /// Without an axis they go over all that they are given.
    private static let reducing: Set<String> = ["mean", "sum", "std", "max", "min"]
    /// Their numbers are lengths, places and seeds.
    private static let counting: Set<String> = [
        "seed", "reshape", "range", "split", "sample", "permutation", "squeeze", "expand", "zeros", "ones", "one_hot",
        "split_classes", "linspace",
    ]

    /// Functions whose first two arguments may change places without another value.
    private static let symmetric: Set<String> = [
        "mse", "mae", "rmse", "huber", "euclidean", "squared_euclidean", "manhattan", "cosine", "cosine_similarity",
        "dot",
        "maximum", "minimum", "same_class", "logical_and", "logical_or",
    ]

    mutating func visit(_ call: Call) {
        let (e, f, name) = (call.whole, call.function, call.name)
        for other in others[name] ?? [] { add(.name, f.span, other) }
        if let other = SingleEdits.opposites[name] {
            add(name == "mean" || name == "sum" ? .reduction : .order, f.span, other)
        }
        if let first = call.placed.first, !first.isNumber { add(.operation, e.span, "(\(text(first.span)))") }
        if isInside { add(.order, e.span, "(-\(text(e.span)))") }
        leaveOutNamed(e, f, call.arguments)
        changeReduction(call)
        changeShaping(call)
        exchangeArguments(call)
        exchangeWithInner(call)
        prepareAlike(call)
        let keepsNumbers = SingleEdits.counting.contains(name) || isOfEvaluation && SingleEdits.makesRows(name)
        for a in call.arguments {
            if keepsNumbers {
                if !a.value.isNumber { visit(a.value) }
            } else if a.name?.text == "axis" {
                turnAxis(a.value)
            } else {
                visit(a.value)
            }
        }
    }

    /// Along another axis, outside in place of inside, the distance in place of its square.
    private mutating func changeReduction(_ call: Call) {
        let (e, name, placed) = (call.whole, call.name, call.placed)
        if isInside, SingleEdits.reducing.contains(name), call.arguments.count == 1, placed.count == 1 {
            for axis in ["0", "-1"] { add(.axis, e.span, "\(name)(\(text(placed[0].span)), axis = \(axis))") }
        }
        meanOutside(e, name, placed)
        guard isOfEvaluation else { return }
        if name == "sum", case .binary(.power, _, let two, _)? = placed.first?.kind, case .number(2, _) = two.kind {
            add(.operation, e.span, "sqrt(\(text(e.span)))")
        }
        if ["squared", "squared_euclidean"].contains(name), placed.count == 2 {
            add(.name, call.function.span, "euclidean")
            if let last = all.indices.last { all[last].isLikely = true }
        }
    }

    /// A transpose in place of a reshape, and rows repeated one by one in place of all in a row.
    private mutating func changeShaping(_ call: Call) {
        let (e, name, placed) = (call.whole, call.name, call.placed)
        if name == "reshape", let first = placed.first { add(.order, e.span, "transpose(\(text(first.span)))") }
        if name == "repeat" || name == "tile", placed.count == 2 {
            let times = text(placed[1].span)
            let other = name == "repeat" ? "tile" : "repeat"
            let given = name == "repeat" ? "[\(times)]" : times.filter { $0 != "[" && $0 != "]" }
            add(.order, e.span, "\(other)(\(text(placed[0].span)), \(given))")
        }
    }

    private mutating func exchangeArguments(_ call: Call) {
        // What a net gives stands first in the measures of the language, and the targets behind it.
        let isInOrder =
            isOfEvaluation && TrainingModel.measures.contains(call.name) && call.placed.first.map(isOfNet) == true
        if !SingleEdits.symmetric.contains(call.name), !isInOrder {
            exchange(call.placed.filter { !$0.isNumber }.map(\.span))
        }
    }

    /// `f(g(x), ...)` as `g(f(x, ...))`.
    private mutating func exchangeWithInner(_ call: Call) {
        guard let first = call.placed.first, case .call(let g, let inner, false) = first.kind, let x = inner.first,
            x.name == nil, case .name(let other) = g.kind, other != call.name
        else { return }
        let (e, i, o) = (call.whole.span, first.span, x.value.span)
        add(
            .operation, e,
            text(i.start, o.start) + text(e.start, i.start) + text(o) + text(i.end, e.end) + text(o.end, i.end))
        // With the arguments of the inner call left to the outer: abs(sum(d, axis = 1)) as sum(abs(d), axis = 1).
        add(.operation, e, "\(other)(\(call.name)(\(text(o)))\(text(o.end, i.end))")
    }

    /// Rows that a net or a measure of it is given, prepared in the way of the training's.
    private mutating func prepareAlike(_ call: Call) {
        if TrainingModel.measures.contains(call.name) {
            for a in call.placed {
                guard case .name(let n) = a.kind, nets.contains(n) else { continue }
                for p in preparations { add(.order, a.span, "x -> \(n)(\(p.applied(to: "x")))") }
            }
        }
        if nets.contains(call.name), let first = call.placed.first {
            for p in preparations { add(.order, first.span, p.applied(to: text(first.span))) }
        }
    }

    /// Whether one of the trained nets is applied in an expression.
    func isOfNet(_ e: Expression) -> Bool {
        var found = false
        e.walk { x in
            if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, nets.contains(n) { found = true }
        }
        return found
    }
}

extension Expression {
    var isNumber: Bool { if case .number = kind { true } else { false } }
}
