import SiamGradient
import SiamLanguage
import SiamLearning
import SiamTensor

/// A net or a part of one: a function with parameters. A thing: using it twice is sharing it.
public final class Layer: @unchecked Sendable {
    public struct Stage {
        public let name: String
        public let layer: Layer

        package init(name: String, layer: Layer) {
            self.name = name
            self.layer = layer
        }
    }
    public enum Form {
        case pipeline([Stage])
        case custom(Custom)
        /// A function without parameters, such as `relu`.
        case function(Value)
        /// The same net, applied in training mode.
        case training(Layer)
    }
    /// What a `layer { }` body made.
    public final class Custom {
        public struct Slot {
            public let kind: Kind
            public let name: String
            package let shape: Function?
            package let initial: Function?
            public package(set) var parameter: SiamLearning.Parameter?
            public package(set) var value: Value
            public enum Kind: Sendable { case parameter, state, part }

            package init(
                kind: Kind, name: String, shape: Function?, initial: Function?,
                parameter: SiamLearning.Parameter? = nil, value: Value
            ) {
                self.kind = kind
                self.name = name
                self.shape = shape
                self.initial = initial
                self.parameter = parameter
                self.value = value
            }
        }
        public package(set) var slots: [Slot]
        package let forward: Function
        /// The width of the first input, where the shapes of the parameters depend on it.
        public package(set) var inputWidth: Int?
        package let usesWidth: Bool
        public package(set) var isBuilt: Bool
        package init(slots: [Slot], forward: Function, usesWidth: Bool) {
            self.slots = slots
            self.forward = forward
            self.usesWidth = usesWidth
            isBuilt = slots.allSatisfy { $0.kind == .part }
        }
        deinit { DeepRelease.of(slots.map(\.value)) { slots = [] } }
    }

    /// What it was made by: `dense`, `tower`, `relu`; `net` for a pipeline without a name.
    public let kind: String
    public package(set) var form: Form {
        @inline(__always) _read {
            if added != nil { settle() }
            yield made
        }
        set {
            added = nil
            fused = nil
            made = newValue
        }
    }
    var made: Form
    /// Of a pipeline that grew by `>>`: what was put behind the stages in `made`, the last first. It becomes stages when
    /// somebody looks, so that a net that grows in a loop is not copied at each turn.
    private var added: Growth?
    private final class Growth {
        let layers: [Layer]
        private(set) var before: Growth?
        init(_ layers: [Layer], before: Growth?) {
            self.layers = layers
            self.before = before
        }
        // One after the other: releasing a chain link by link would recurse as deep as it is long.
        deinit {
            var next = before
            before = nil
            while isKnownUniquelyReferenced(&next) {
                let following = next?.before
                next?.before = nil
                next = following
            }
        }
    }

    /// This pipeline with more behind it; the names of its stages stay as they are.
    func grown(by layers: [Layer]) -> Layer {
        Layer(behind: self, layers)
    }
    init(behind first: Layer, _ layers: [Layer]) {
        kind = "net"
        arguments = []
        constructor = nil
        made = first.made
        added = Growth(layers, before: first.added)
        lastStage = layers.last ?? first.lastStage
        depth = max(first.depth, (layers.map(\.depth).max() ?? 0) + 1)
    }
    private func settle() {
        var links: [Growth] = []
        while let link = added {
            links.append(link)
            added = link.before
        }
        guard case .pipeline(let first) = made else { return }
        let more = links.reversed().flatMap(\.layers)
        made = .pipeline(Layer.named(more, behind: first))
    }
    /// The last stage of a pipeline as it was made.
    private(set) var lastStage: Layer?
    /// Whether it is a pipeline that `>>` extends, and not a single layer.
    var isOpenPipeline: Bool {
        if case .pipeline = made { constructor == nil } else { false }
    }
    /// A pipeline's stages with those that follow one another joined; worked out at its first use.
    var fused: [FusedStage]?
    /// The constructor's arguments that were given, for printing.
    public private(set) var arguments: [(name: String, value: Value)]
    /// The constructor, for `source`.
    public let constructor: Code?
    public package(set) var isFrozen = false
    /// What it was applied to first, for writing it into files of other tools; nil before.
    package var given: [Shape]?
    /// Where the shapes came from, for messages.
    public package(set) var builtFrom: (shape: Shape, place: Place?)?

    package init(kind: String, form: Form, arguments: [(name: String, value: Value)] = [], constructor: Code? = nil) {
        self.kind = kind
        made = form
        if case .pipeline(let stages) = form { lastStage = stages.last?.layer }
        self.arguments = arguments
        self.constructor = constructor
        var below = 0
        switch form {
        case .pipeline(let stages): for s in stages { below = max(below, s.layer.depth) }
        case .custom(let c): for s in c.slots { if case .layer(let l) = s.value { below = max(below, l.depth) } }
        case .training(let l), .function(.layer(let l)): below = l.depth
        case .function: break
        }
        depth = below + 1
    }
    deinit {
        DeepRelease.of(parts) {
            arguments = []
            form = .function(.none)
            fused = nil
            lastStage = nil
        }
    }

    /// What it holds, for letting go of.
    private var parts: [Value] {
        // The links of a grown net are released one by one.
        if added != nil { return [] }
        var parts = arguments.map(\.value)
        switch made {
        case .pipeline(let stages): parts += stages.map { .layer($0.layer) }
        case .training(let l): parts.append(.layer(l))
        case .function(let v): parts.append(v)
        case .custom(let c): parts += c.slots.map(\.value)
        }
        return parts
    }

    /// The depth of nested nets, which is the depth of recursion when all of them are visited.
    let depth: Int
    /// Deeper ones are not made.
    static let deepest = 200

    /// The stages of a pipeline, numbered by kind from 1.
    static func pipeline(
        _ layers: [Layer], kind: String = "net",
        arguments: [(name: String, value: Value)] = [],
        constructor: Code? = nil
    )
        -> Layer
    {
        Layer(kind: kind, form: .pipeline(named(layers)), arguments: arguments, constructor: constructor)
    }
    private static func named(_ layers: [Layer], behind first: [Stage] = []) -> [Stage] {
        var stages = first
        var counts: [String: Int] = [:]
        for layer in layers {
            let kind = layer.kind
            // The number in a stage's name counts the stages of its kind up to it.
            let before =
                counts[kind] ?? first.last { $0.layer.kind == kind }.flatMap { Int($0.name.dropFirst(kind.count)) } ?? 0
            counts[kind] = before + 1
            stages.append(Stage(name: "\(kind)\(before + 1)", layer: layer))
        }
        return stages
    }

    public var stages: [Stage] {
        switch form {
        case .pipeline(let s): s
        case .training(let l): l.stages
        default: []
        }
    }

    /// Parts below this layer with their names: stages, or the layers among a custom layer's parts.
    public var children: [(name: String, layer: Layer)] {
        switch form {
        case .pipeline(let stages): return stages.map { ($0.name, $0.layer) }
        case .custom(let c):
            return c.slots.compactMap { if case .layer(let l) = $0.value { ($0.name, l) } else { nil } }
        case .training(let l): return l.children
        case .function(.layer(let l)): return l.children
        case .function: return []
        }
    }

    /// All parameters with their paths, each once, in order.
    public var parameters: [(path: String, parameter: SiamLearning.Parameter)] {
        var found: [(String, SiamLearning.Parameter)] = []
        var seen = Set<ObjectIdentifier>()
        func visit(_ layer: Layer, _ prefix: String) {
            guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
            switch layer.form {
            case .custom(let c):
                for slot in c.slots {
                    if let p = slot.parameter, seen.insert(ObjectIdentifier(p)).inserted {
                        found.append((prefix + slot.name, p))
                    }
                    if case .layer(let l) = slot.value { visit(l, prefix + slot.name + ".") }
                }
            case .training(let l): visit(l, prefix)
            default: for (name, child) in layer.children { visit(child, prefix + name + ".") }
            }
        }
        visit(self, "")
        return found
    }

    /// Whether it remembers what it was made of and has nothing that is trained: a scaler, and stages around one.
    public var isFitted: Bool {
        var remembers = false
        for layer in everyLayer {
            guard case .custom(let c) = layer.form else { continue }
            for slot in c.slots {
                if slot.kind == .parameter { return false }
                if slot.kind == .state { remembers = true }
            }
        }
        return remembers
    }

    /// How many inputs it is called with.
    public var inputCount: Int {
        switch form {
        case .pipeline(let stages): stages.first?.layer.inputCount ?? 1
        case .custom(let c): c.forward.code.parameters.count
        case .training(let l): l.inputCount
        case .function: 1
        }
    }

    /// The part whose outputs are the embeddings: of a siamese net its tower, of others the net itself.
    public var encoder: Layer {
        switch form {
        case .training(let l): return l.encoder
        case .custom(let c):
            if let slot = c.slots.first(where: { $0.name == "tower" }), case .layer(let tower) = slot.value {
                return tower
            }
            return self
        default: return self
        }
    }

    /// This layer and all below it, each once.
    public var everyLayer: [Layer] {
        var found: [Layer] = []
        var seen = Set<ObjectIdentifier>()
        func visit(_ layer: Layer) {
            guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
            found.append(layer)
            if case .training(let l) = layer.form { visit(l) }
            for (_, child) in layer.children { visit(child) }
        }
        visit(self)
        return found
    }

    /// Whether this layer itself has parameters, or will have them once it is built.
    package var hasParameters: Bool {
        if case .custom(let c) = form { return c.slots.contains { $0.kind == .parameter } }
        return false
    }

    /// Whether this layer itself has taken shape.
    package var isBuilt: Bool {
        if case .custom(let c) = form { return c.isBuilt }
        return true
    }
}

/// Is called for each stage of a net as it is applied.
public final class StageObserver {
    /// Path, layer, what went in, what came out.
    let stage: (_ path: [String], _ layer: Layer, _ inputs: [Value], _ output: Value) throws -> Void
    /// Whether it is told of the layers, too, that a measure applies to a data set.
    public let seesMeasures: Bool
    public init(seesMeasures: Bool = false, _ stage: @escaping ([String], Layer, [Value], Value) throws -> Void) {
        self.stage = stage
        self.seesMeasures = seesMeasures
    }
}
