import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Shapes of elements and fields.
extension ShapeCheck {
    // MARK: Elements and fields

    func index(_ owner: ShapeValue, _ selectors: [ShapeValue]) throws -> ShapeValue {
        switch owner {
        case .tensor(let dims, let elements):
            guard selectors.count <= dims.count else {
                let have = dims.isEmpty ? "no axes" : dims.count == 1 ? "1 axis" : "\(dims.count) axes"
                throw ShapeFault(
                    diagnostic: Diagnostic(
                        code: "index.count",
                        "there are \(selectors.count) indices, and the tensor has \(have): it is \(ShapeValue.text(dims))"
                    ))
            }
            var kept: [Quantity] = []
            for (axis, selector) in selectors.enumerated() {
                let length = dims[axis]
                switch selector {
                case .number(let i):
                    if let i = i.whole, let n = length.whole, i >= n || i < -n {
                        throw ShapeFault(
                            diagnostic: Diagnostic(
                                code: "index.range", "\(i) is outside axis \(axis), which is \(n) long",
                                notes: ["the tensor is \(ShapeValue.text(dims))"]
                                    + (i == n && n > 0
                                        ? ["elements are counted from 0, so the last is at \(n - 1)"] : [])))
                    }
                    if case .each(let elements)? = elements, dims.count == 1, let i = i.whole {
                        let at = i < 0 ? i + elements.count : i
                        if elements.indices.contains(at) { return .number(elements[at]) }
                    }
                case .range(nil, nil): kept.append(length)
                case .range(let low, let high): kept.append(cut(length, low, high))
                case .tensor(let other, _) where other.count == 1:
                    kept.append(other[0] == length ? fresh() : other[0])
                default: return .unknown
                }
            }
            kept += dims[selectors.count...]
            if kept.isEmpty { return .number(fresh()) }
            return .shaped(kept)
        case .list(let items):
            if selectors.count == 1, case .number(let i) = selectors[0], let i = i.whole {
                let at = i < 0 ? i + items.count : i
                return items.indices.contains(at) ? items[at] : .unknown
            }
            return .unknown
        case .dataset(let data):
            guard selectors.count == 1, let count = data.dims.first else { return .unknown }
            switch selectors[0] {
            case .number:
                let y: ShapeValue = data.targets.map { $0.isEmpty ? .number(fresh()) : .shaped($0) } ?? .number(fresh())
                return .record([("x", .shaped(Array(data.dims.dropFirst()))), ("y", y)])
            case .range(let low, let high): return .dataset(data.some(cut(count, low, high)))
            default: return .dataset(data.some(fresh()))
            }
        case .layer(let layer):
            guard case .pipeline(let stages) = layer.form, selectors.count == 1 else { return .unknown }
            switch selectors[0] {
            case .number(let i):
                guard let i = i.whole else { return .unknown }
                let at = i < 0 ? i + stages.count : i
                return stages.indices.contains(at) ? .layer(stages[at].layer) : .unknown
            case .range(let low, let high):
                guard let from = end(low, 0, stages.count), let to = end(high, stages.count, stages.count), from <= to
                else { return .unknown }
                return .layer(.pipeline(stages[from..<to].map(\.layer)))
            default: return .unknown
            }
        default: return .unknown
        }
    }

    func end(_ v: ShapeValue?, _ defaultValue: Int, _ count: Int) -> Int? {
        guard let v else { return defaultValue }
        guard case .number(let q) = v, let i = q.whole else { return nil }
        return min(max(i < 0 ? i + count : i, 0), count)
    }

    /// How many of an axis a range takes.
    private func cut(_ length: Quantity, _ low: ShapeValue?, _ high: ShapeValue?) -> Quantity {
        if let n = length.whole {
            guard let from = end(low, 0, n), let to = end(high, n, n) else { return fresh() }
            return .known(Double(max(0, to - from)))
        }
        // Of an axis that is not known a short piece from the start is taken to be there.
        if case .number(let h)? = high, let to = h.whole, to >= 0 {
            guard let low else { return .known(Double(to)) }
            if case .number(let l) = low, let from = l.whole, from >= 0 { return .known(Double(max(0, to - from))) }
        }
        return fresh()
    }

    func field(_ owner: ShapeValue, _ name: String) throws -> ShapeValue {
        switch owner {
        case .record(let fields): return fields.first { $0.name == name }?.value ?? .unknown
        case .dataset(let data): return name == "x" ? data.x : name == "y" ? data.y : .unknown
        case .tensor(let dims, _):
            switch name {
            case "shape": return .tensor([.known(Double(dims.count))], elements: .each(dims))
            case "rank": return .number(.known(Double(dims.count)))
            case "last":
                return dims.count == 1 ? .number(fresh()) : dims.isEmpty ? .unknown : .shaped(Array(dims.dropFirst()))
            default: return .unknown
            }
        case .layer(let layer): return member(layer, name)
        default: return .unknown
        }
    }

    /// A stage that a net of stages does not have; nil where it has it, or more than stages.
    func missing(_ name: String, in owner: ShapeValue, _ written: Expression, _ place: Place) -> ShapeFault? {
        guard case .layer(let layer) = owner, case .pipeline(let stages) = layer.form, !layer.isWhole,
            case .name(let net) = written.kind, place.source.kind != .prelude
        else { return nil }
        let names = stages.map(\.name) + ["params", "layers", "name"]
        guard !names.contains(name) else { return nil }
        let shown = names.prefix(12).joined(separator: ", ")
        let near = closest(to: name, in: names) ?? (names.contains(name + "1") ? name + "1" : nil)
        return ShapeFault(
            diagnostic: Diagnostic(
                code: "field.unknown", "\(net) has no \(name)", at: [.init(place)], notes: ["it has \(shown)"],
                repair: near.map { "Did you mean \($0)?" }, edits: near.map { [.init(place, $0)] } ?? []))
    }

    private func member(_ layer: ShapeLayer, _ name: String) -> ShapeValue {
        switch layer.form {
        case .pipeline(let stages): return stages.first { $0.name == name }.map { .layer($0.layer) } ?? .unknown
        case .training(let inner): return member(inner, name)
        case .custom:
            if let part = layer.parts[name] { return part }
            return layer.parameters.first { $0.name == name }.map { .shaped($0.dims) } ?? .unknown
        case .function: return .unknown
        }
    }
}
