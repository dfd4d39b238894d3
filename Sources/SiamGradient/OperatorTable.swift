extension Operators {
    /// The table of all operators: the lists of the families, one after another.
    public static let all: [Operator] =
        arithmetic + comparisons + functions + reductions + products + shaping + indexing + images + normalisations
        + distances + ordering + linearAlgebra
    private static let byName: [String: Operator] = {
        var table: [String: Operator] = [:]
        for op in all { table[op.name] = op }
        return table
    }()
    /// The operator of this name; nil where there is none.
    public static func named(_ name: String) -> Operator? { byName[name] }
}
