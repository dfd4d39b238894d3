import SiamTensor
public enum Operators {
    public static let all: [Operator] = []
    public static func named(_ n: String) -> Operator? { nil }
    static func s(_ n: String) -> Operator {
        Operator(n, family: "", [], help: "", shape: { _, _ in [] }, forward: { i, _ in i }, backward: nil)
    }
    public static let add = s("add"), subtract = s(""), multiply = s(""), divide = s(""), remainder = s(""),
        power = s(""), matmul = s(""), negate = s("")
    public static let less = s(""), lessOrEqual = s(""), greater = s(""), greaterOrEqual = s(""), equal = s(""),
        unequal = s("")
    public static let stack = s(""), concatenate = s(""), transpose = s(""), pairwiseSquared = s("")
}
extension Operator {
    public func callAsFunction(_ a: Tensor) throws -> Tensor { a }
    public func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor { a }
    public func apply(_ a: [Tensor], _ b: [Attribute] = []) throws -> Tensor { a[0] }
    public func applyAll(_ a: [Tensor], _ b: [Attribute] = []) throws -> [Tensor] { a }
}
public enum Recording { nonisolated(unsafe) public static var isOn = true }
extension Tensor {
    public var isTracked: Bool { origin != nil }
    public func tracked() -> Tensor { self }
    public func detached() -> Tensor { self }
}
public func gradients(of y: Tensor, at: [Tensor], keepingGraph: Bool = false) throws -> [Tensor?] { [] }
public func singularValuesOf(_ t: Tensor) throws -> [Double] { [] }
