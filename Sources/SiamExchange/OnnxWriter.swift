import SiamTensor

/// Writes an ONNX file: nodes in order, constants, inputs and outputs.
public struct OnnxWriter {
    public enum Attribute {
        case integer(Int)
        case float(Double)
        case integers([Int])
        case text(String)
    }
    /// A length of an input or output; nil is the number of examples.
    public typealias Port = (name: String, dims: [Int?])

    /// The operator set that is written: the first that has every operator siam needs.
    public static let opset = 20
    private var nodes: [[UInt8]] = []
    private var constants: [[UInt8]] = []
    private var names: Set<String> = []

    public init() {}

    /// A name that nothing has yet.
    public mutating func name(_ wanted: String) -> String {
        if names.insert(wanted).inserted { return wanted }
        var k = 2
        while !names.insert("\(wanted)_\(k)").inserted { k += 1 }
        return "\(wanted)_\(k)"
    }

    public mutating func node(
        _ op: String, _ inputs: [String], _ outputs: [String], name: String, _ attributes: [(String, Attribute)] = []
    ) {
        var w = WireWriter()
        for i in inputs { w.put(1, i) }
        for o in outputs { w.put(2, o) }
        w.put(3, name)
        w.put(4, op)
        for (key, value) in attributes {
            w.put(5) { a in
                a.put(1, key)
                switch value {
                case .integer(let i):
                    a.put(3, i)
                    a.put(20, 2)
                case .float(let x):
                    a.put(2, float: Float(x))
                    a.put(20, 1)
                case .integers(let l):
                    for i in l { a.put(8, i) }
                    a.put(20, 7)
                case .text(let t):
                    a.put(4, t)
                    a.put(20, 3)
                }
            }
        }
        nodes.append(w.bytes)
    }

    /// An array of 32-bit floats.
    public mutating func constant(_ name: String, _ t: Tensor) {
        var w = WireWriter()
        for d in t.shape.dims { w.put(1, d) }
        w.put(2, 1)
        w.put(8, name)
        var raw: [UInt8] = []
        raw.reserveCapacity(t.count * 4)
        for x in t.floats { withUnsafeBytes(of: x.bitPattern.littleEndian) { raw.append(contentsOf: $0) } }
        w.put(9, raw)
        constants.append(w.bytes)
    }

    /// A list of whole numbers, or one.
    public mutating func constant(_ name: String, wholes: [Int], isScalar: Bool = false) {
        var w = WireWriter()
        if !isScalar { w.put(1, wholes.count) }
        w.put(2, 7)
        w.put(8, name)
        var raw: [UInt8] = []
        for x in wholes { withUnsafeBytes(of: Int64(x).littleEndian) { raw.append(contentsOf: $0) } }
        w.put(9, raw)
        constants.append(w.bytes)
    }

    public func bytes(graph: String, inputs: [Port], outputs: [Port]) -> [UInt8] {
        var w = WireWriter()
        w.put(1, 9)
        w.put(2, "siam")
        w.put(7) { g in
            for n in nodes { g.put(1, n) }
            g.put(2, graph)
            for c in constants { g.put(5, c) }
            for (field, ports) in [(11, inputs), (12, outputs)] {
                for port in ports {
                    g.put(field) { p in
                        p.put(1, port.name)
                        p.put(2) { type in
                            type.put(1) { tensor in
                                tensor.put(1, 1)
                                tensor.put(2) { shape in
                                    for d in port.dims {
                                        shape.put(1) { one in
                                            if let d { one.put(1, d) } else { one.put(2, "N") }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        w.put(8) {
            $0.put(1, "")
            $0.put(2, OnnxWriter.opset)
        }
        return w.bytes
    }
}
