extension Expression {
    /// `dense(3) > relu`, `flatten + dense(8)`: what was joined by another sign, joined by `>>`; nil of a single stage, and where
    /// it would be too long.
    public func joinedStages(in source: Source) -> String? {
        var texts: [String] = []
        func gather(_ e: Expression) {
            switch e.kind {
            case .comparison(let sides, let signs, _) where signs.allSatisfy { $0 == .greater }: sides.forEach(gather)
            case .binary(.add, let l, let r, _):
                gather(l)
                gather(r)
            case .compose(let l, let r):
                gather(l)
                gather(r)
            case .bracket(let items): items.forEach(gather)
            default: texts.append(source.text(e.span))
            }
        }
        gather(self)
        let whole = texts.joined(separator: " >> ")
        return texts.count > 1 && whole.utf8.count <= 80 && !whole.contains("\n") ? whole : nil
    }
}
