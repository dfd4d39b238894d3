/// A repair is offered only if the repaired line parses and nothing else is known to be wrong with it.
extension Diagnostic {
    /// The text with the edits made; nil where there are none, or they are of several sources.
    public var edited: String? {
        guard let source = edits.first?.place.source, edits.allSatisfy({ $0.place.source == source }) else {
            return nil
        }
        var bytes = source.bytes
        for edit in edits.sorted(by: { $0.place.span.start > $1.place.span.start }) {
            let start = min(max(edit.place.span.start, 0), bytes.count)
            let end = min(max(edit.place.span.end, start), bytes.count)
            bytes.replaceSubrange(start..<end, with: Array(edit.replacement.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same without a repair that leads nowhere: the edited statement has to parse, and `faults` finds nothing in it.
    public func vetted(_ faults: (Program) -> [Diagnostic] = { _ in [] }) -> Diagnostic {
        guard let text = edited, let source = edits.first?.place.source, source.kind != .prelude else { return self }
        let first = edits.map(\.place.span.start).min() ?? 0
        let last = edits.map { $0.place.span.start + $0.replacement.utf8.count }.max() ?? first
        let mended = Source(name: source.name, kind: source.kind, text: text)
        let lines = mended.position(first).line...max(mended.position(first).line, mended.position(last).line)
        func isInside(_ d: Diagnostic) -> Bool {
            guard d.severity == .error, let place = d.labels.first?.place, place.source == mended else { return false }
            return lines.contains(mended.position(place.span.start).line)
        }
        let (program, errors) = Parser.parse(mended, isVetted: true)
        if errors.contains(where: isInside) || (errors.isEmpty && faults(program).contains(where: isInside)) {
            var d = self
            d.edits = []
            // What a word is called here stays true whatever the rest of the line wants.
            if repair?.hasPrefix("siam calls it") != true, repair?.hasPrefix("write ") != true { d.repair = nil }
            return d
        }
        return self
    }
}
