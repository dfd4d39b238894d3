import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A number that is known from the text alone, or a symbol: equal symbols are equal numbers.
enum Quantity: Hashable {
    case known(Double)
    case symbol(Int)

    var number: Double? {
        if case .known(let x) = self { return x }
        return nil
    }
    var whole: Int? {
        guard let x = number, x == x.rounded(), abs(x) < 1e12 else { return nil }
        return Int(x)
    }
    /// As messages show it: a length that is not known is `n`.
    var text: String { number.map { formatNumber($0) } ?? "n" }
}

/// What is known of a value without running: its kind, and of a tensor its shape.
indirect enum ShapeValue {
    case unknown
    case none
    case number(Quantity)
    case bool(Bool?)
    case text(String?)
    /// `elements` of a short vector, such as a shape, or of class numbers.
    case tensor([Quantity], elements: Elements?)
    case list([ShapeValue])
    case record([(name: String, value: ShapeValue)])
    case range(ShapeValue?, ShapeValue?)
    case function(ShapeFunction)
    case builtin(Builtin)
    case layer(ShapeLayer)
    case dataset(ShapeData)
    /// The parts of a batch.
    case source([ShapeValue])

    static func shaped(_ dims: [Quantity]) -> ShapeValue { .tensor(dims, elements: nil) }

    /// The shape that an operator sees: a number has no axes.
    var dims: [Quantity]? {
        switch self {
        case .number, .bool: []
        case .tensor(let dims, _): dims
        default: nil
        }
    }

    var isUnknown: Bool {
        if case .unknown = self { return true }
        return false
    }

    var isTensor: Bool {
        if case .tensor = self { return true }
        return false
    }

    /// `32x8x8x1`, as `Shape` writes it.
    static func text(_ dims: [Quantity]) -> String {
        dims.isEmpty ? "number" : dims.map(\.text).joined(separator: "x")
    }

    /// What is known of an actual value.
    init(_ value: Value, depth: Int = 0) {
        guard depth < 30 else {
            self = .unknown
            return
        }
        switch value {
        case .number(let x): self = .number(.known(x))
        case .bool(let b): self = .bool(b)
        case .text(let t): self = .text(t.string)
        case .none: self = .none
        case .tensor(let t):
            let elements = t.rank == 1 && t.count <= 16 ? t.doubles.map { Quantity.known($0) } : nil
            self = .tensor(t.shape.dims.map { .known(Double($0)) }, elements: elements.map { .each($0) })
        case .list(let l): self = .list(l.items.map { ShapeValue($0, depth: depth + 1) })
        case .record(let r): self = .record(zip(r.names, r.values).map { ($0, ShapeValue($1, depth: depth + 1)) })
        case .builtin(let b): self = .builtin(b)
        case .thing(let d as DatasetThing):
            var data = ShapeData(dims: d.dataset.x.shape.dims.map { .known(Double($0)) })
            if let targets = d.dataset.targets {
                data.targets = targets.shape.dims.dropFirst().map { .known(Double($0)) }
            } else {
                data.top = d.dataset.y.max().map { Double($0) }
            }
            self = .dataset(data)
        default: self = .unknown
        }
    }
}

/// What is known of a tensor's numbers.
enum Elements: Hashable {
    case each([Quantity])
    /// Class numbers, from 0 to this one.
    case classes(Double)

    /// Numbers that are known to be among them.
    var numbers: [Double] {
        switch self {
        case .each(let all): all.compactMap(\.number)
        case .classes(let top): [0, top]
        }
    }
}

/// What is known of a data set.
struct ShapeData {
    /// The axes of `.x`; the first is the number of examples.
    var dims: [Quantity]
    /// The axes of `.y` behind the first, where it has numbers to predict.
    var targets: [Quantity]?
    /// The largest class number.
    var top: Double?

    /// As many of its examples, of all its classes.
    func rows(_ n: Quantity) -> ShapeData {
        var part = self
        part.dims = [n] + dims.dropFirst()
        return part
    }
    /// Some of its examples, perhaps of some of its classes alone.
    func some(_ n: Quantity) -> ShapeData {
        var part = rows(n)
        part.top = nil
        return part
    }
    var x: ShapeValue { .shaped(dims) }
    var y: ShapeValue {
        .tensor(dims.prefix(1) + (targets ?? []), elements: targets == nil ? top.map { .classes($0) } : nil)
    }
}

/// Names and what is known of them. Each function has its own scope, and sees the surrounding one.
final class ShapeScope {
    var names: [String: ShapeValue]
    let outer: ShapeScope?
    init(_ names: [String: ShapeValue] = [:], in outer: ShapeScope? = nil) {
        self.names = names
        self.outer = outer
    }
    func value(_ name: String) -> ShapeValue? { names[name] ?? outer?.value(name) }
}

/// A function or a layer's constructor, with its source.
final class ShapeFunction {
    let name: String
    let parameters: [Parameter]
    let body: Body
    /// Set for a constructor.
    let layer: LayerDefinition?
    let source: Source
    let scope: ShapeScope
    init(
        name: String, parameters: [Parameter], body: Body, layer: LayerDefinition? = nil, source: Source,
        scope: ShapeScope
    ) {
        self.name = name
        self.parameters = parameters
        self.body = body
        self.layer = layer
        self.source = source
        self.scope = scope
    }
}

/// The shapes of a layer: an object, so that all names of it see the shapes that its first input determined.
final class ShapeLayer {
    enum Form {
        case pipeline([(name: String, layer: ShapeLayer)])
        case custom(LayerDefinition, ShapeScope, Source)
        case function(ShapeValue)
        case training(ShapeLayer)
    }
    let kind: String
    let form: Form
    /// A `layer` of the user's or the library's: one stage of what it is composed into.
    let isWhole: Bool
    /// The call that made it, as written.
    let text: String
    var parts: [String: ShapeValue] = [:]
    var parameters: [(name: String, dims: [Quantity])] = []
    var isBuilt = false
    var width: Int?
    var builtFrom: (shape: String, place: Place?)?
    /// The place in the program's own text where it is a stage.
    var span: Span?

    init(kind: String, form: Form, isWhole: Bool = false, text: String = "") {
        self.kind = kind
        self.form = form
        self.isWhole = isWhole
        self.text = text
    }

    static func pipeline(_ layers: [ShapeLayer], kind: String = "net", isWhole: Bool = false, text: String = "")
        -> ShapeLayer
    {
        var counts: [String: Int] = [:]
        let stages = layers.map { layer -> (name: String, layer: ShapeLayer) in
            counts[layer.kind, default: 0] += 1
            return ("\(layer.kind)\(counts[layer.kind] ?? 1)", layer)
        }
        return ShapeLayer(kind: kind, form: .pipeline(stages), isWhole: isWhole, text: text)
    }

    /// The same layer with separate shapes.
    func copy() -> ShapeLayer {
        let form: Form =
            switch self.form {
            case .pipeline(let stages): .pipeline(stages.map { ($0.name, $0.layer.copy()) })
            case .training(let inner): .training(inner.copy())
            default: self.form
            }
        let made = ShapeLayer(kind: kind, form: form, isWhole: isWhole, text: text)
        made.parts = parts.mapValues { part in
            if case .layer(let inner) = part { return .layer(inner.copy()) }
            return part
        }
        (made.parameters, made.isBuilt, made.width, made.builtFrom) = (parameters, isBuilt, width, builtFrom)
        made.span = span
        return made
    }
}

/// A fault on its way to the place in the user's text that it belongs to.
struct ShapeFault: Error {
    var diagnostic: Diagnostic
    /// The shapes of the operands, where an operator refused them.
    var dims: [[Int]] = []
}
