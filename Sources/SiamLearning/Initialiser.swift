import SiamGradient
import SiamTensor

/// How a parameter begins: one of the table's rows with its numbers.
public struct Initialiser: Sendable, Equatable {
    public struct Declaration: Sendable {
        public let name: String
        /// Names and defaults in order; nil where one must be given.
        public let parameters: [(name: String, defaultValue: Double?)]
        public let help: String
        public let source: String
    }

    public let name: String
    public let numbers: [Double]

    /// Of the table's `name`; missing numbers take their defaults.
    public init(_ name: String, _ numbers: [Double] = []) throws {
        guard let row = Initialiser.all.first(where: { $0.name == name }) else {
            let names = Initialiser.all.map(\.name).joined(separator: ", ")
            throw EngineError(
                code: "initialiser.name", message: "no initialiser is called \(name)", notes: ["there are \(names)"])
        }
        guard numbers.count <= row.parameters.count else {
            throw EngineError(
                code: "initialiser.numbers",
                message: "\(name) takes \(row.parameters.count) numbers, and got \(numbers.count)")
        }
        var all = numbers
        for p in row.parameters[numbers.count...] {
            guard let defaultValue = p.defaultValue else {
                throw EngineError(code: "initialiser.numbers", message: "\(name) needs \(p.name)")
            }
            all.append(defaultValue)
        }
        self.name = name
        self.numbers = all
    }

    public static let all: [Declaration] = [
        Declaration(name: "zeros", parameters: [], help: "All 0.", source: ""),
        Declaration(name: "ones", parameters: [], help: "All 1.", source: ""),
        Declaration(name: "constant", parameters: [("value", nil)], help: "All elements equal.", source: ""),
        Declaration(
            name: "normal", parameters: [("sd", 1)], help: "Normal, mean 0 and standard deviation sd.", source: ""),
        Declaration(
            name: "truncated_normal", parameters: [("sd", 1)],
            help: "Normal, mean 0 and standard deviation sd, drawn again beyond two standard deviations.", source: ""),
        Declaration(
            name: "uniform", parameters: [("low", 0), ("high", 1)], help: "Uniform from low to high.", source: ""),
        Declaration(
            name: "glorot", parameters: [], help: "Uniform within sqrt(6 / (in + out)).",
            source: "Glorot and Bengio, 2010, equation 16"),
        Declaration(
            name: "he", parameters: [], help: "Normal, standard deviation sqrt(2 / in).",
            source: "He, Zhang, Ren and Sun, 2015, equation 10"),
        Declaration(
            name: "lecun", parameters: [], help: "Normal, standard deviation sqrt(1 / in).",
            source: "LeCun, Bottou, Orr and Mueller, 1998"),
        Declaration(
            name: "orthogonal", parameters: [("gain", 1)], help: "A matrix of orthonormal rows or columns, times gain.",
            source: "Saxe, McClelland and Ganguli, 2014"),
        Declaration(name: "eye", parameters: [], help: "1 on the diagonal, 0 elsewhere.", source: ""),
    ]

    /// How many numbers flow into and out of a unit: [in, out] of a matrix, [height, width, in, out] of a kernel.
    public static func fans(_ shape: Shape) -> (into: Double, out: Double) {
        switch shape.rank {
        case 0: return (1, 1)
        case 1: return (Double(shape[0]), Double(shape[0]))
        default:
            let field = shape.dims.dropLast(2).reduce(1.0) { $0 * Double($1) }
            return (field * Double(shape[-2]), field * Double(shape[-1]))
        }
    }

    /// A tensor of the shape, drawn from the stream.
    public func draw(_ shape: Shape, _ stream: inout RandomStream) throws -> Tensor {
        let fans = Initialiser.fans(shape)
        switch name {
        case "zeros": return try Tensor.zeros(shape)
        case "ones": return try Tensor.ones(shape)
        case "constant": return try Tensor.full(shape, numbers[0])
        case "normal": return try Draw.normal(shape, sd: numbers[0], &stream)
        case "truncated_normal": return try Draw.truncatedNormal(shape, sd: numbers[0], &stream)
        case "uniform": return try Draw.uniform(shape, from: numbers[0], to: numbers[1], &stream)
        case "glorot":
            let limit = (6 / max(fans.into + fans.out, 1)).squareRoot()
            return try Draw.uniform(shape, from: -limit, to: limit, &stream)
        case "he": return try Draw.normal(shape, sd: (2 / max(fans.into, 1)).squareRoot(), &stream)
        case "lecun": return try Draw.normal(shape, sd: (1 / max(fans.into, 1)).squareRoot(), &stream)
        case "orthogonal": return try orthogonal(shape, &stream)
        default:
            let t = try Tensor.zeros(shape)
            guard shape.rank == 2 else {
                throw EngineError(
                    code: "initialiser.eye", message: "eye makes a matrix, and the shape asked for is \(shape)",
                    dims: [shape.dims])
            }
            for i in 0..<min(shape[0], shape[1]) { t.set(i * shape[1] + i, 1) }
            return t
        }
    }

    private func orthogonal(_ shape: Shape, _ stream: inout RandomStream) throws -> Tensor {
        guard shape.rank >= 2 else {
            throw EngineError(
                code: "initialiser.orthogonal",
                message: "orthogonal makes a matrix, and the shape asked for is \(shape)",
                dims: [shape.dims])
        }
        let columns = shape[-1]
        let rows = columns == 0 ? 0 : shape.count / columns
        let tall = rows >= columns
        let g = try Draw.normal(tall ? .matrix(rows, columns) : .matrix(columns, rows), sd: 1, &stream, .double)
        let parts = try Operators.qr.applyAll([g])
        // The signs of r's diagonal make the draw uniform over the orthogonal matrices (Mezzadri, 2007).
        let signed = try Operators.multiply(parts[0], try Operators.sign(try Operators.diag(parts[1])))
        let square = tall ? signed : try Operators.transpose(signed)
        return try Operators.multiply(square, try Tensor(scalar: numbers[0], .double)).reshaped(to: shape).converted(
            to: .single)
    }
}
