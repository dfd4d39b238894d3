import SiamLanguage

/// Statements, stages and arguments that are left out.
extension SingleEdits {
    /// A statement on lines of its own goes, and another gives way to one that does nothing.
    mutating func leaveOut(_ s: Span) {
        let before = bytes[..<min(s.start, bytes.count)].reversed().first { $0 != 32 && $0 != 9 }
        let behind = bytes[min(s.end, bytes.count)...].first { $0 != 32 && $0 != 9 }
        add(.operation, s, (before ?? 10) == 10 && (behind ?? 10) == 10 ? "" : "none;")
    }

    private static let weighted: Set<String> = ["dense", "conv", "embedding", "gru", "attention", "flatten"]

    /// A pipeline without one of its stages that has no weights.
    mutating func leaveOutStages(_ e: Expression) {
        let all = SingleEdits.stages(e)
        for k in all.indices {
            switch all[k].kind {
            case .call(let f, _, _):
                if case .name(let n) = f.kind, SingleEdits.weighted.contains(n) { continue }
            case .name(let n) where SingleEdits.weighted.contains(n): continue
            default: break
            }
            let rest = all.indices.filter { $0 != k }.map { text(all[$0].span) }
            add(.operation, e.span, rest.joined(separator: " >> "))
        }
    }

    static func stages(_ e: Expression) -> [Expression] {
        if case .compose(let l, let r) = e.kind { stages(l) + stages(r) } else { [e] }
    }

    /// Without an argument that is given by its name: an augmentation, weights, a decay.
    mutating func leaveOutNamed(_ e: Expression, _ f: Expression, _ arguments: [Argument]) {
        for (k, a) in arguments.enumerated() {
            guard let name = a.name, name.text != "axis", name.text != "keep", name.text != "batch" else { continue }
            let start = k > 0 ? arguments[k - 1].value.span.end : name.span.start
            let end =
                k == 0 && arguments.count > 1
                ? arguments[1].name?.span.start ?? arguments[1].value.span.start : a.value.span.end
            guard start < end, end <= e.span.end else { continue }
            let label = "without \(brief(text(name.span.start, a.value.span.end)))"
            all.append(SingleEdit(kind: .operation, edits: [replacing(Span(start, end), "")], label: label))
        }
    }
}
