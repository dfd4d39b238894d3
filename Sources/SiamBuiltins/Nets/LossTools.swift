import SiamCompiler
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Properties of losses: the share of pairs with a gradient, and the values of their plateaus.
extension Builtins {
    static let lossTools: [Builtin] = [
        Builtin(
            "active", "terms, of = none", family: "losses",
            "Returns the terms of a loss unchanged, and records the share of them that is above 0 (only those where `of` is 1). In training the share is reported as `active`: run.active is its series.",
            examples: [("sum(active([0, 2, 1, 0]))", "3")], seeAlso: ["active_share", "batch_all"]
        ) { i, a in
            let terms = try a.tensor(0)
            let outer = Recording.isOn
            Recording.isOn = false
            defer { Recording.isOn = outer }
            let positive = try Operators.greater.apply([terms.detached(), try Tensor(scalar: 0)])
            var count = Double(terms.count)
            var above = positive
            if !a.isNone(1) {
                let of = try a.tensor(1).detached()
                count = try Operators.sum.apply([of]).item
                above = try Operators.multiply.apply([positive, of])
            }
            let share = count > 0 ? try Operators.sum.apply([above]).item / count : 0
            i.note(activeShare: share)
            return a[0]
        },
        Builtin(
            "active_share", "loss, inputs...", family: "losses",
            "The share of a loss's pairs or triplets that are active (above 0) on these inputs: active_share(batch_all, z, y).",
            examples: [("active_share(contrastive, [[0], [0]], [[3], [0.5]], [0, 0])", "0.5")], seeAlso: ["active"]
        ) { i, a in
            i.session.activeShare = nil
            let outer = i.isTraining
            i.isTraining = false
            defer { i.isTraining = outer }
            _ = try i.call(a[0], try a.list(1))
            guard let share = i.session.activeShare else {
                throw Diagnostic(
                    code: "active.none", "this loss does not say which of its terms are active",
                    repair: "in its body:  mean(active(terms))")
            }
            return .number(share)
        },
        Builtin(
            "some_of", "kept", family: "losses",
            "Returns its argument. Outside a run it warns if all of it is 0: the loss then has nothing to compare, and is 0.",
            examples: [("some_of([0, 1])", "[0, 1]")], seeAlso: ["active", "mean_where"]
        ) { i, a in
            // In a run a batch may well be such, and of one where all are the run itself speaks.
            guard i.trainer == nil, case .tensor(let kept) = a[0], kept.count < 1 << 20,
                kept.doubles.allSatisfy({ $0 == 0 })
            else { return a[0] }
            let who = i.outerCall ?? "the loss"
            i.session.warn(
                Diagnostic(
                    .warning, code: "loss.nothing", "\(who) has nothing to compare in these examples, and is 0",
                    at: i.userPlace().map { [.init($0)] } ?? [],
                    notes: ["it needs two examples of the same class, and examples of two classes"],
                    repair: "some of each:  x, y = balanced(d, 8, 4).next()"))
            return a[0]
        },
        Builtin(
            "plateaus", "loss, share = 0.5, batch = 32, classes = 10, each = 4, dim = 16, margin = none, scale = none",
            family: "losses",
            "The values of a loss when nothing is learnt: `collapsed`, if all embeddings are the same point, and `constant`, the lowest loss of any constant distance. `share` is the share of positive pairs, `each` the number of examples of a class in a batch. The formulas are in the help of the loss, after `plateaus:`.",
            examples: [("plateaus(contrastive).constant", "0.25")], seeAlso: ["contrastive", "active_share"]
        ) { i, a in
            guard case .function(let f) = a[0] else {
                throw a.wrong(0, "a loss that was defined with `loss` or `layer`")
            }
            guard let line = f.plateauLine else {
                throw Diagnostic(
                    code: "plateaus.none", "the help of \(f.name) has no line plateaus:",
                    repair: "a line above it:  ## plateaus: collapsed = margin")
            }
            var names = ["share", "batch", "classes", "each", "dim"]
            var values: [Value] = try (1...5).map { .number(try a.number($0)) }
            for p in f.code.parameters where p.defaultText != nil && !names.contains(p.name) {
                let given = a.builtin.parameters.firstIndex { $0.name == p.name }
                if let given, given > 5, !a.isNone(given) {
                    values.append(a[given])
                } else {
                    values.append(try i.session.evaluate(p.defaultText ?? "none"))
                }
                names.append(p.name)
            }
            var found: [(String, Value)] = []
            for part in pieces(line) {
                let sides = part.split(separator: "=", maxSplits: 1)
                guard sides.count == 2 else { continue }
                let formula = try i.session.evaluate("(\(names.joined(separator: ", "))) -> \(sides[1])")
                found.append((String(sides[0].filter { $0 != " " }), try i.call(formula, values)))
            }
            return .record(Record(found))
        },
    ]

    /// Cut at the commas outside brackets.
    private static func pieces(_ text: String) -> [String] {
        var (parts, current, depth) = ([String](), "", 0)
        for c in text {
            if c == "(" || c == "[" { depth += 1 }
            if c == ")" || c == "]" { depth -= 1 }
            if c == ",", depth == 0 {
                parts.append(current)
                current = ""
            } else {
                current.append(c)
            }
        }
        return parts + [current]
    }
}
