extension Tensor {
    public convenience init(_ s: Shape, _ v: [Float]) throws { try self.init(uninitialized: s) }
    public convenience init(_ s: Shape, _ v: [Double]) throws { try self.init(uninitialized: s) }
    public convenience init(scalar: Double, _ p: Precision = .single) throws { try self.init(uninitialized: .scalar) }
    public var floats: [Float] { [] }
    public var doubles: [Double] { [] }
    public var item: Double { 0 }
    public func withFloats<T>(_ f: (UnsafeBufferPointer<Float>) throws -> T) rethrows -> T {
        try f(UnsafeBufferPointer(start: nil, count: 0))
    }
    public static func full(_ s: Shape, _ x: Double, _ p: Precision = .single) throws -> Tensor {
        try Tensor(uninitialized: s)
    }
    public static func normal(_ s: Shape, _ r: inout RandomStream) throws -> Tensor { try Tensor(uninitialized: s) }
    public static func uniform(_ s: Shape, _ r: inout RandomStream) throws -> Tensor { try Tensor(uninitialized: s) }
    public func rows(_ r: Range<Int>) throws -> Tensor { self }
    public func reshaped(to: Shape) throws -> Tensor { self }
    public func converted(to: Precision) throws -> Tensor { self }
    public static let empty = Tensor(
        shape: .scalar, storage: try! Storage(count: 1, precision: .single, shape: .scalar))
}
public struct Interrupted: Error { public init() {} }
public enum Memory { public static var live: Int { 0 }; public static var peak: Int { 0 } }
public enum Threads { nonisolated(unsafe) public static var count = 1 }
