import SiamTensor

/// Tensors with names, in order: what NPZ and safetensors files hold. Names of a net's parameters are their paths.
public struct NamedTensors: Sendable {
    public private(set) var names: [String]
    private var tensors: [String: Tensor]
    /// Texts that go with the tensors: the metadata of a safetensors file, arrays of text in an NPZ file.
    public var notes: [String: String]

    public init(_ entries: [(String, Tensor)] = [], notes: [String: String] = [:]) {
        names = []
        tensors = [:]
        self.notes = notes
        for (name, tensor) in entries { self[name] = tensor }
    }

    public var count: Int { names.count }
    public var entries: [(name: String, tensor: Tensor)] {
        names.compactMap { name in tensors[name].map { (name, $0) } }
    }

    public subscript(name: String) -> Tensor? {
        get { tensors[name] }
        set {
            if newValue == nil { names.removeAll { $0 == name } } else if tensors[name] == nil { names.append(name) }
            tensors[name] = newValue
        }
    }
}
