import SiamLanguage

/// Columns of the inputs that were chosen by the labels of all rows, of those that are held out too: among many columns some
/// fit the held-out labels by chance (Ambroise and McLachlan, 2002).
struct ColumnsChosen {
    let words: String

    /// Nil where the program chooses none so. `trained` is the number of rows that are trained on.
    init?(_ rows: WrittenRows, trained: Int) {
        let whole = rows.targets.filter { (rows.rows($0) ?? 0) * 20 > 21 * trained }
        guard !whole.isEmpty else { return nil }
        let parts = [rows.inputs] + rows.closure(rows.inputs).sorted().compactMap { rows.value($0) }
        for part in parts {
            for place in ColumnsChosen.places(part) {
                // The choice itself, or what a name of it was given.
                var made = place
                if case .name(let n) = place.kind, let value = rows.value(n) { made = value }
                let ofLabels = rows.names(made).first { whole.contains($0) }
                guard let ofLabels, let count = rows.rows(ofLabels) else { continue }
                words =
                    "the columns of the inputs are those of \(rows.source.text(place.span)), which line \(rows.line(made)) chooses by \(ofLabels): by the labels of all \(count) rows, of which \(trained) are trained on"
                return
            }
        }
        return nil
    }

    /// What picks columns in an expression: `x[.., keep]`, `gather(x, keep, axis = 1)`.
    private static func places(_ e: Expression) -> [Expression] {
        var found: [Expression] = []
        e.walk { x in
            switch x.kind {
            case .index(_, let places) where places.count == 2: found.append(places[1])
            case .call(let f, let arguments, _):
                guard case .name("gather") = f.kind, arguments.count > 2,
                    let axis = arguments.last?.value, case .number(1, _) = axis.kind
                else { return }
                found.append(arguments[1].value)
            default: break
            }
        }
        return found
    }
}
