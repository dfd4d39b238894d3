import SiamData
import SiamTensor

/// An ONNX file as it says itself (onnx.proto, the fields that a net needs): the graph, its nodes and its constants.
struct OnnxModel {
    var producer = ""
    var producerVersion = ""
    /// The version of each operator set by domain; the standard one has the empty domain.
    var opsets: [String: Int] = [:]
    var graph = OnnxGraph()
    /// Functions that the file defines for itself: domain and name.
    var functions: [String] = []

    var opset: Int { opsets[""] ?? opsets["ai.onnx"] ?? 1 }
}

struct OnnxGraph {
    var name = ""
    var nodes: [OnnxNode] = []
    var constants: [OnnxTensor] = []
    var inputs: [OnnxPort] = []
    var outputs: [OnnxPort] = []
}

struct OnnxNode {
    var name = ""
    var op = ""
    var domain = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var attributes: [String: OnnxAttribute] = [:]
    var place = 0

    /// `Gemm "/fc1/Gemm"`, for messages.
    var title: String { name.isEmpty ? "\(op), which makes \(outputs.first ?? "nothing")," : "\(op) \"\(name)\"" }
}

enum OnnxAttribute {
    case integer(Int)
    case float(Float)
    case text(String)
    case tensor(OnnxTensor)
    case integers([Int])
    case floats([Float])
    case texts([String])
    case other
}

/// A named input or output with its type.
struct OnnxPort {
    var name = ""
    var element = 0
    /// Nil where the file says no shape.
    var dims: [Length]?
    var isTensor = true
    enum Length { case known(Int), symbol(String), unknown }

    /// Whether it holds numbers rather than texts, sequences or maps.
    var isNumeric: Bool { isTensor && element != 8 }
    var isFloat: Bool { isTensor && [0, 1, 10, 11, 16].contains(element) }
}

/// A constant array, its elements still in the file's bytes.
struct OnnxTensor {
    var name = ""
    var dims: [Int] = []
    var element = 0
    var raw: Range<Int>?
    var floats: [Float] = []
    var integers: [Int] = []
    var doubles: [Double] = []
    var texts = 0
    var external: [String: String]?
    var place = 0
}

extension OnnxModel {
    init(_ bytes: [UInt8], path: String) throws {
        var reader = WireReader(bytes, 0..<bytes.count, path: path)
        var hasGraph = false
        while let field = try reader.next() {
            switch (field.number, field.kind) {
            case (2, .bytes): producer = reader.text(field)
            case (3, .bytes): producerVersion = reader.text(field)
            case (7, .bytes):
                graph = try OnnxGraph(reader.inside(field))
                hasGraph = true
            case (8, .bytes):
                var (inner, domain, version) = (reader.inside(field), "", 1)
                while let f = try inner.next() {
                    if f.number == 1, f.kind == .bytes { domain = inner.text(f) }
                    if f.number == 2, f.kind == .varint { version = WireReader.signed(f.bits) }
                }
                opsets[domain] = version
            case (25, .bytes):
                var inner = reader.inside(field)
                while let f = try inner.next() {
                    if f.number == 1, f.kind == .bytes, functions.count < 1000 { functions.append(inner.text(f)) }
                }
            default: break
            }
        }
        guard hasGraph else {
            throw DataError(
                code: "onnx.none", message: "this is not an ONNX file: it has no graph", path: path, place: .byte(0))
        }
    }
}

extension OnnxGraph {
    init(_ reader: WireReader) throws {
        var reader = reader
        while let field = try reader.next() {
            guard field.kind == .bytes else { continue }
            switch field.number {
            case 1: nodes.append(try OnnxNode(reader.inside(field), field.place))
            case 2: name = reader.text(field)
            case 5:
                let constant = try OnnxTensor(reader.inside(field), field.place)
                guard !constant.name.isEmpty else { throw reader.damaged("a constant has no name", field.place) }
                constants.append(constant)
            case 11: inputs.append(try OnnxPort(reader.inside(field)))
            case 12: outputs.append(try OnnxPort(reader.inside(field)))
            default: break
            }
        }
    }
}

extension OnnxNode {
    init(_ reader: WireReader, _ place: Int) throws {
        var reader = reader
        self.place = place
        while let field = try reader.next() {
            guard field.kind == .bytes else { continue }
            switch field.number {
            case 1: inputs.append(reader.text(field))
            case 2: outputs.append(reader.text(field))
            case 3: name = reader.text(field)
            case 4: op = reader.text(field)
            case 5:
                let (name, value) = try OnnxNode.attribute(reader.inside(field))
                attributes[name] = value
            case 7: domain = reader.text(field)
            default: break
            }
        }
        guard !op.isEmpty else { throw reader.damaged("a node has no operator", place) }
        if domain == "ai.onnx" { domain = "" }
    }

    private static func attribute(_ reader: WireReader) throws -> (String, OnnxAttribute) {
        var (reader, name, kind) = (reader, "", 0)
        var (integer, float, text, tensor) = (0, Float(0), "", OnnxTensor?.none)
        var (integers, floats, texts) = ([Int](), [Float](), [String]())
        var first: OnnxAttribute = .other
        while let f = try reader.next() {
            switch f.number {
            case 1 where f.kind == .bytes: name = reader.text(f)
            case 2 where f.kind == .fixed32:
                float = Float(bitPattern: UInt32(truncatingIfNeeded: f.bits))
                first = .float(float)
            case 3 where f.kind == .varint:
                integer = WireReader.signed(f.bits)
                first = .integer(integer)
            case 4 where f.kind == .bytes:
                text = reader.text(f)
                first = .text(text)
            case 5 where f.kind == .bytes:
                let t = try OnnxTensor(reader.inside(f), f.place)
                tensor = t
                first = .tensor(t)
            case 7:
                floats += try reader.floats(f)
                first = .floats(floats)
            case 8:
                integers += try reader.integers(f)
                first = .integers(integers)
            case 9 where f.kind == .bytes:
                texts.append(reader.text(f))
                first = .texts(texts)
            case 20 where f.kind == .varint: kind = WireReader.signed(f.bits)
            default: break
            }
        }
        // The type is written by all but the oldest; without it the field that is there says it.
        switch kind {
        case 0: return (name, first)
        case 1: return (name, .float(float))
        case 2: return (name, .integer(integer))
        case 3: return (name, .text(text))
        case 4: return (name, tensor.map { .tensor($0) } ?? .other)
        case 6: return (name, .floats(floats))
        case 7: return (name, .integers(integers))
        case 8: return (name, .texts(texts))
        default: return (name, .other)
        }
    }
}

extension OnnxPort {
    init(_ reader: WireReader) throws {
        var reader = reader
        while let f = try reader.next() {
            guard f.kind == .bytes else { continue }
            if f.number == 1 { name = reader.text(f) }
            guard f.number == 2 else { continue }
            var type = reader.inside(f)
            isTensor = false
            while let t = try type.next() {
                guard t.number == 1, t.kind == .bytes else { continue }
                isTensor = true
                var tensor = type.inside(t)
                while let e = try tensor.next() {
                    if e.number == 1, e.kind == .varint { element = Int(truncatingIfNeeded: e.bits & 0xFFFF) }
                    if e.number == 2, e.kind == .bytes { dims = try OnnxPort.lengths(tensor.inside(e)) }
                }
            }
        }
    }

    private static func lengths(_ reader: WireReader) throws -> [Length] {
        var (reader, dims) = (reader, [Length]())
        while let d = try reader.next() {
            guard d.number == 1, d.kind == .bytes else { continue }
            var (inner, length) = (reader.inside(d), Length.unknown)
            while let f = try inner.next() {
                if f.number == 1, f.kind == .varint {
                    let n = WireReader.signed(f.bits)
                    length = n > 0 && n < 1 << 31 ? .known(n) : .unknown
                }
                if f.number == 2, f.kind == .bytes { length = .symbol(inner.text(f)) }
            }
            dims.append(length)
        }
        return dims
    }
}
