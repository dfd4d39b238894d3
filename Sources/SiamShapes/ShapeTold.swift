import SiamData
import SiamFormats
import SiamInterpreter
import SiamRuntime

/// What is known of a value as JSON, from one process to another.
extension ShapeValue {
    private static let mostItems = 64

    /// Of values that are known from their call alone; all others are unknown.
    var json: JSON {
        func dims(_ all: [Quantity]) -> JSON { .array(all.map { $0.number.map { .number($0) } ?? .null }) }
        switch self {
        case .none: return .record(["none": .bool(true)])
        case .number(let q): return .record(["number": q.number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null])
        case .bool(let b): return .record(["bool": b.map { .bool($0) } ?? .null])
        case .text(let t): return .record(["text": t.map { .text($0) } ?? .null])
        case .tensor(let all, let elements):
            var told: [Quantity]?
            if case .each(let each)? = elements { told = each }
            return .record(["tensor": dims(all), "elements": told.map(dims)])
        case .list(let items) where items.count <= ShapeValue.mostItems:
            return .record(["list": .array(items.map(\.json))])
        case .record(let parts) where parts.count <= ShapeValue.mostItems:
            return .record(["record": .object(parts.map { ($0.name, $0.value.json) })])
        case .dataset(let data):
            return .record([
                "dataset": dims(data.dims), "targets": data.targets.map(dims), "top": data.top.map { .number($0) },
            ])
        default: return .null
        }
    }

    /// Lengths that were not reported are unknown.
    init(_ told: JSON) {
        func dims(_ all: JSON) -> [Quantity]? {
            let found = all.elements.compactMap { $0.number.map { Quantity.known($0) } }
            return found.count == all.elements.count ? found : nil
        }
        self = .unknown
        guard let (kind, value) = told.members.first else { return }
        switch kind {
        case "none": self = .none
        case "number": if let x = value.number { self = .number(.known(x)) }
        case "bool": self = .bool(value.bool)
        case "text": self = .text(value.text)
        case "tensor":
            if let all = dims(value) { self = .tensor(all, elements: told["elements"].flatMap(dims).map { .each($0) }) }
        case "list": self = .list(value.elements.map { ShapeValue($0) })
        case "record": self = .record(value.members.map { ($0.0, ShapeValue($0.1)) })
        case "dataset":
            if let all = dims(value) {
                let (targets, top) = (told["targets"].flatMap(dims), told["top"]?.number)
                self = .dataset(ShapeData(dims: all, targets: targets, top: top))
            }
        default: break
        }
    }
}
