extension LossNames {
    /// The name that the value of a loss was given last before a place: `loss = cross_entropy(...)`, or what `grad(loss, net)` takes.
    public static func given(before place: Place) -> String? {
        let source = place.source
        return last(source.text(Span(0, place.span.start)))
            ?? last(source.text(Span(place.span.end, source.bytes.count)))
    }

    private static func last(_ text: String) -> String? {
        var found: String?
        for line in text.split(whereSeparator: { "\n;{}".contains($0) }) {
            if let start = line.firstRange(of: "grad(")?.upperBound {
                let name = line[start...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                if !name.isEmpty, line[start...].dropFirst(name.count).first == "," { found = String(name) }
            }
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].filter { $0 != " " }
            let function = parts[1].drop { $0 == " " }.prefix { $0.isLetter || $0 == "_" }
            if all.contains(String(function)), name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
                found = String(name)
            }
        }
        return found
    }
}
