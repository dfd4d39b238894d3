import SiamInterpreter
import SiamLanguage

/// Assignments that were meant as something else.
package extension Compiler {
    /// `plot [1, 2], log = true`: the parser reads several targets, the author meant a call.
    func refuseCommand(_ targets: [Expression], _ e: Expression) throws {
        guard case .index(let base, _)? = targets.first?.kind, case .name(let name) = base.kind,
            targets.dropFirst().allSatisfy({ if case .name = $0.kind { true } else { false } }),
            let first = targets.first, let last = targets.last, isOfLibrary(name)
        else { return }
        let list = source.text(Span(base.span.end, first.span.end)).drop { $0 == " " }
        let rest = source.text(Span(first.span.end, e.span.end))
        throw fail(
            "command.bracket", "\(name) [ ] is an index, and elements of \(name) cannot be set",
            Span(first.span.start, last.span.end),
            repair: list.utf8.count + rest.utf8.count < 70 && !rest.contains("\n")
                ? "a list as an argument needs parentheses:  \(name)(\(list)\(rest))" : nil)
    }

    /// Whether a name is of the library and not a variable.
    private func isOfLibrary(_ name: String) -> Bool {
        scope.find(name) == nil && !globals.isUserName(name) && globals.baseValueIfReady(name) != nil
    }

    /// `m, i = max(x, axis = 1)`: the largest come alone, and two rows would be taken for them and their places.
    func refusePlaces(_ targets: [Expression], _ e: Expression) throws {
        guard targets.count == 2, case .name(let second) = targets[1].kind,
            ["i", "idx", "ind", "inds", "index", "indices", "places", "arg", "argmax", "argmin", "order"].contains(
                second),
            case .call(let callee, let arguments, _) = e.kind, !arguments.isEmpty
        else { return }
        let name: String
        var written = arguments.map {
            ($0.name.map { ($0.text == "dim" ? "axis" : $0.text) + " = " } ?? "") + source.text($0.value.span)
        }
        switch callee.kind {
        case .name(let n): name = n
        case .field(let base, let n):
            name = n.text
            written.insert(source.text(base.span), at: 0)
        default: return
        }
        let others = ["max": "argmax", "min": "argmin", "sort": "argsort"]
        guard let other = others[name], isOfLibrary(name) else { return }
        let call = "\(second) = \(other)(\(written.joined(separator: ", ")))"
        throw fail(
            "assign.places", "\(name) returns values only, without their indices", e.span,
            repair: call.utf8.count < 70 && !call.contains("\n")
                ? "the indices come from another call:  \(call)" : "the indices are  \(other)")
    }
}
