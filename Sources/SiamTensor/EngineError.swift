/// An error of the engine as data: which operation expected what and got what. It knows no place in a
/// program; the runtime adds that, the source of each operand, and the repair that belongs to `code`.
public struct EngineError: Error, Sendable, Equatable {
    /// A stable name of the rule, `matmul.width`, by which repairs and long explanations are found.
    public var code: String
    /// One sentence without a full stop: "@ needs as many columns on the left as rows on the right, and got 128 and 784".
    public var message: String
    /// The operands' axes in order, for labels under the operands' source.
    public var dims: [[Int]]
    /// Further facts, one a line.
    public var notes: [String]
    /// The position of the wrong operand, if it is a single one.
    public var guilty: Int?

    public init(code: String, message: String, dims: [[Int]] = [], notes: [String] = [], guilty: Int? = nil) {
        self.code = code
        self.message = message
        self.dims = dims
        self.notes = notes
        self.guilty = guilty
    }

    /// A tensor that cannot be held in memory.
    public static func tooLarge(_ dims: [Int]) -> EngineError {
        let shape = dims.map(String.init).joined(separator: "x")
        var elements = 1.0
        for d in dims { elements *= Double(d) }
        let size = Memory.gigabytes(elements * 4)
        return EngineError(
            code: "tensor.memory", message: "not enough memory for a tensor of \(shape): it would take \(size) GB",
            dims: [dims])
    }
}
