import SiamTensor

/// Reading the attributes of an operator, which are numbers, flags, texts and axes.
extension Array where Element == Attribute {
    subscript(given i: Int) -> Attribute { i >= 0 && i < count ? self[i] : .none }

    /// The whole number at `i`; throws, naming the operator, where it is none.
    func integer(_ i: Int, _ what: String) throws -> Int {
        switch self[given: i] {
        case .integer(let v): return v
        case .number(let v) where v.rounded() == v && abs(v) < 1e15: return Int(v)
        default: throw EngineError(code: "operator.integer", message: "\(what) needs a whole number")
        }
    }
    func number(_ i: Int, _ what: String) throws -> Double {
        switch self[given: i] {
        case .integer(let v): return Double(v)
        case .number(let v): return v
        default: throw EngineError(code: "operator.number", message: "\(what) needs a number")
        }
    }
    func flag(_ i: Int) -> Bool {
        switch self[given: i] {
        case .flag(let v): return v
        case .integer(let v): return v != 0
        case .number(let v): return v != 0
        default: return false
        }
    }
    func text(_ i: Int, _ what: String, among words: [String]) throws -> String {
        if case .text(let v) = self[given: i], words.contains(v) { return v }
        if case .none = self[given: i], words.contains("none") { return "none" }
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        throw EngineError(code: "operator.text", message: "\(what) is one of \(list)")
    }
    /// A list of whole numbers; one number is a list of one.
    func integers(_ i: Int, _ what: String) throws -> [Int] {
        if case .integers(let v) = self[given: i] { return v }
        return [try integer(i, what)]
    }
    /// The axes named at `i`, ascending, each once; all of them for `none`.
    func axes(_ i: Int, of shape: Shape, _ what: String) throws -> [Int] {
        if case .none = self[given: i] { return [Int](0..<shape.rank) }
        var seen: Set<Int> = []
        for a in try integers(i, what) {
            guard seen.insert(try shape.axis(a, what)).inserted else {
                throw EngineError(code: "axis.twice", message: "\(what) got the axis \(a) twice", dims: [shape.dims])
            }
        }
        return seen.sorted()
    }
}
