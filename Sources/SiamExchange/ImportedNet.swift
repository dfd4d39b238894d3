import SiamTensor

/// A net read from a file, in siam's terms: the stages, their weights, and the flow of values between them.
public struct ImportedNet: Sendable {
    /// A stage: what makes it, and the values of its parameters and states.
    public struct Part: Sendable {
        public var name: String
        /// `dense(64)`, `relu`, `(x -> leaky_relu(x, 0.2))`.
        public var text: String
        public var weights: [(slot: String, tensor: Tensor)]
        /// What the file calls the node.
        public var origin: String
    }
    /// A parameter or a fixed tensor that belongs to no stage.
    public struct Own: Sendable {
        public var name: String
        public var tensor: Tensor
        public var isParameter: Bool
    }
    public struct Step: Sendable {
        public enum Kind: Sendable { case part(Int), text(String) }
        public var output: Int
        public var inputs: [Int]
        /// In a text `$0` is the first input and `%0` the first of `owns`.
        public var kind: Kind
        public var owns: [Int] = []
        /// The stage's name where the step becomes one.
        public var name: String
    }
    public struct Port: Sendable {
        public var value: Int
        public var name: String
        public var shape: String
        /// Whether its axes are in the order batch, height, width, channels where the file has the channels first.
        public var isTurned: Bool
    }

    public var name = "net"
    public var parts: [Part] = []
    public var owns: [Own] = []
    public var steps: [Step] = []
    public var inputs: [Port] = []
    public var outputs: [Port] = []
    /// What there is to say about the reading, a line each.
    public var notes: [String] = []
    /// Who wrote the file, and how large it is.
    public var origin = ""
    /// Parts that are nets themselves.
    public var inner: [Int: [ImportedNet]] = [:]
}

/// A length along an axis, as far as a file says it.
enum Length: Equatable {
    case n(Int)
    /// So many times the number of examples.
    case batch(Int)
    case unknown

    var known: Int? { if case .n(let k) = self { k } else { nil } }
}

/// How a value of the file is held: images have their channels last.
enum Layout: Equatable {
    case plain
    /// batch, height, width, channels of the file's batch, channels, height, width.
    case channelsLast
    /// batch x (height, width, channels) of the file's batch x (channels, height, width).
    case rows(Int, Int, Int)
    /// batch x channels of the file's batch, channels, 1, 1.
    case squeezed
}

/// A value of the graph: its number, its shape in the file, and the layout in which siam stores it.
struct ImportedValue {
    var id: Int
    var dims: [Length]
    var layout: Layout = .plain
    var isWhole = false
    var rank: Int { dims.count }
}

/// The value of a name of the graph.
enum Item {
    case value(ImportedValue)
    case constant(Constant)
    /// A list of lengths, or one, that the file computes from shapes.
    case lengths([Length], isScalar: Bool)
    /// Rows of lengths with a fixed number in each, from which older exporters compute paddings.
    case table([Length], columns: Int)
}

/// An array that the file holds.
final class Constant {
    let source: OnnxTensor
    /// Whether it is an initialiser rather than a node's constant, and so may be a parameter.
    let isInitial: Bool
    private let all: OnnxConstants
    private var read: Tensor?
    init(_ source: OnnxTensor, isInitial: Bool, _ all: OnnxConstants) {
        self.source = source
        self.isInitial = isInitial
        self.all = all
    }
    var dims: [Int] { source.dims }
    func tensor() throws -> Tensor {
        if let read { return read }
        let t = try all.tensor(source)
        read = t
        return t
    }
    func wholes() throws -> [Int]? { try all.wholes(source) }
    /// The one number of it.
    func scalar() throws -> Float? {
        guard try all.count(source) == 1 else { return nil }
        return try tensor().floats.first
    }
}

extension Tensor {
    /// The axes in another order.
    func turned(_ order: [Int]) throws -> Tensor {
        let from = shape.dims
        guard order.count == from.count, Set(order) == Set(from.indices) else { return self }
        let to = order.map { from[$0] }
        var strides = [Int](repeating: 1, count: from.count)
        for k in from.indices.dropLast().reversed() { strides[k] = strides[k + 1] * from[k + 1] }
        let steps = order.map { strides[$0] }
        let source = floats
        var out = [Float](repeating: 0, count: source.count)
        var places = [Int](repeating: 0, count: to.count)
        var at = 0
        for k in out.indices {
            out[k] = source[at]
            var axis = to.count - 1
            while axis >= 0 {
                places[axis] += 1
                at += steps[axis]
                if places[axis] < to[axis] { break }
                at -= steps[axis] * to[axis]
                places[axis] = 0
                axis -= 1
            }
        }
        return try Tensor(dims: to, out)
    }

    func mapped(_ f: (Float) -> Float) throws -> Tensor { try Tensor(dims: shape.dims, floats.map(f)) }

    /// Rows of channels, height, width in the order of height, width, channels.
    func rowsTurned(_ c: Int, _ h: Int, _ w: Int) throws -> Tensor {
        guard rank == 2, shape[0] == c * h * w else { return self }
        let columns = shape[1]
        return try reshaped(to: Shape([c, h, w, columns])).turned([1, 2, 0, 3]).reshaped(to: shape)
    }
}

/// A number as siam reads it.
func written(_ x: Float) -> String {
    if x.isNaN { return "nan" }
    if x.isInfinite { return x < 0 ? "(-inf)" : "inf" }
    let text = x == x.rounded() && abs(x) < 1e7 ? String(Int(x)) : "\(x)"
    return x < 0 ? "(\(text))" : text
}
