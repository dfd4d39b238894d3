import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What a walk over a program has found out of shapes, by the place in its text: for editors, which show it.
public final class ShapeFacts {
    private(set) var source: Source?
    private var values: [Key: Fact] = [:]
    private var stages: [Key: Fact] = [:]
    /// What is known of the library and of data sets does not change from edit to edit.
    var library: [String: ShapeValue] = [:]
    /// Set where data sets are read by another process, so that no answer waits for a file.
    public var readsElsewhere = false
    /// The calls of the last text that make data sets and are not known, or were known before files may have changed.
    public private(set) var wanted: [String] = []
    /// Known of files that may be others now.
    private var former: Set<String> = []

    private struct Key: Hashable {
        var start: Int
        var end: Int
        init(_ span: Span) { (start, end) = (span.start, span.end) }
    }

    /// The shape of all that came by; a length that was not always the same is not known.
    private enum Fact {
        case dims([String])
        case layer(ShapeLayer)
        case text(String)
        case various
    }

    public init() {}

    /// Forgets what was noted of another text.
    func begin(_ source: Source) {
        self.source = source
        values = [:]
        stages = [:]
        wanted = []
    }

    /// Forgets data sets too, as their files may have changed; where they are read elsewhere, the old shapes serve until then.
    public func forgetLibrary() {
        if readsElsewhere { former = Set(library.keys) } else { library = [:] }
    }

    /// The text has a call that makes a data set.
    func meet(_ call: String, isKnown: Bool) {
        guard readsElsewhere, !isKnown || former.contains(call), !wanted.contains(call) else { return }
        wanted.append(call)
    }

    /// Takes what another process has reported of a call (`ShapeFacts.told`).
    public func learn(_ call: String, _ told: JSON) {
        library[call] = ShapeValue(told)
        former.remove(call)
        wanted.removeAll { $0 == call }
    }

    /// What a call that makes a data set gives, for a process that asked for it.
    public static func told(_ call: String, in session: Session) -> JSON {
        ((try? session.evaluate(call)).map { ShapeValue($0) } ?? .unknown).json
    }

    func note(_ value: ShapeValue, _ span: Span, _ source: Source) {
        guard source == self.source, span.end > span.start else { return }
        note(value, Key(span), in: &values)
    }

    /// A stage of a pipeline has made this of its input.
    func pass(_ value: ShapeValue, behind span: Span) { note(value, Key(span), in: &stages) }

    private func note(_ value: ShapeValue, _ key: Key, in facts: inout [Key: Fact]) {
        guard let fact = ShapeFacts.fact(value) else { return }
        guard let known = facts[key] else {
            facts[key] = fact
            return
        }
        switch (known, fact) {
        case (.dims(let a), .dims(let b)):
            facts[key] = a.count == b.count ? .dims(zip(a, b).map { $0 == $1 ? $0 : "n" }) : .various
        case (.layer, .layer): facts[key] = fact
        case (.text(let a), .text(let b)) where a == b: break
        default: facts[key] = .various
        }
    }

    private static func fact(_ value: ShapeValue) -> Fact? {
        switch value {
        case .tensor(let dims, _): .dims(dims.map(\.text))
        case .number: .text("a number")
        case .bool: .text("a bool")
        case .text: .text("a text")
        case .dataset(let data): .text("a data set " + ShapeValue.text(data.dims))
        case .source(let parts): .text("batches of " + parts.map(short).joined(separator: ", "))
        case .list(let items): .text("a list of \(items.count)")
        case .layer(let layer): .layer(layer)
        default: nil
        }
    }

    private static func short(_ value: ShapeValue) -> String {
        if case .tensor(let dims, _) = value { return ShapeValue.text(dims) }
        if case .number = value { return "number" }
        return "?"
    }

    private static func text(_ fact: Fact?) -> String? {
        switch fact {
        case .dims(let dims)?: return dims.isEmpty ? "a number" : dims.joined(separator: "x")
        case .text(let text)?: return text
        case .layer(let layer)?:
            let all = parameters(layer)
            guard !all.isEmpty else { return nil }
            return "parameters " + all.prefix(8).joined(separator: ", ") + (all.count > 8 ? ", ..." : "")
        case .various?, nil: return nil
        }
    }

    private static func parameters(_ layer: ShapeLayer, _ path: String = "", _ depth: Int = 0) -> [String] {
        guard depth < 8 else { return [] }
        switch layer.form {
        case .pipeline(let stages):
            return stages.flatMap { parameters($0.layer, path + $0.name + ".", depth + 1) }
        case .training(let inner): return parameters(inner, path, depth + 1)
        case .custom:
            let parts = layer.parts.sorted { $0.key < $1.key }.flatMap { name, part -> [String] in
                if case .layer(let inner) = part { return parameters(inner, path + name + ".", depth + 1) }
                return []
            }
            return layer.parameters.map { "\(path)\($0.name) \(ShapeValue.text($0.dims))" } + parts
        case .function: return []
        }
    }

    /// What is known of the value that the text of a span has: `32x64`.
    public func known(_ span: Span) -> String? { ShapeFacts.text(values[Key(span)]) }

    /// The same where it is a shape: of a tensor.
    public func shape(_ span: Span) -> String? {
        guard case .dims? = values[Key(span)] else { return nil }
        return ShapeFacts.text(values[Key(span)])
    }

    /// The shapes behind the stages of pipelines, in the order of the text: the stage's end, and the shape.
    public var behindStages: [(end: Int, text: String)] {
        stages.compactMap { key, fact in
            guard case .dims = fact, let text = ShapeFacts.text(fact) else { return nil }
            return (key.end, text)
        }.sorted { $0.end < $1.end }
    }
}
