import SiamTensor
public final class Parameter {
    public let name: String; public var value: Tensor; public var isFrozen = false;
    public init(name: String, value: Tensor) { self.name = name; self.value = value }
}
public struct Setting: Sendable { public let name: String; public let standard: Double? }
public struct Declaration: Sendable {
    public let name: String; public let settings: [Setting]; public let help: String;
    public var parameters: [Setting] { settings }
}
public final class Optimizer {
    public static let declarations: [Declaration] = []
    public let kind = ""
    public var step = 0
    public init(_ n: String, _ s: [String: Double]) throws {}
    public subscript(_ n: String) -> Double? {
        get { nil }
        set {}
    }
    public var settingNames: [String] { [] }
    public func update(parameters: [Parameter], gradients: [Tensor?]) throws -> (gradientNorm: Double, x: Double) {
        (0, 0)
    }
    public func snapshot() -> Int { 0 }
    public func restore(_ x: Int) {}
    public func copied() -> Optimizer { self }
}
public struct Initialiser: Sendable {
    public static let declarations: [Declaration] = []; public init(_ n: String, _ v: [Double]) throws {};
    public func draw(_ s: Shape, _ r: inout RandomStream) throws -> Tensor { try Tensor(uninitialized: s) };
    public var description: String { "" }
}
public struct Schedule: Sendable {
    public static let declarations: [Declaration] = []; public init(_ n: String, _ v: [Double]) throws {};
    public func rate(at: Int) -> Double { 0 }
}
