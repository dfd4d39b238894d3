/// Names for stages, out of those of a file's nodes and weights.
struct Names {
    private var taken: Set<String> = []
    private var counts: [String: Int] = [:]
    /// The first part of all nodes' paths, where they share one.
    private let common: String?

    /// What the written net calls, and the words of the grammar.
    private static let reserved: Set<String> = [
        "fn", "if", "else", "for", "in", "while", "break", "continue", "return", "true", "false", "none", "and", "or",
        "not", "layer", "loss", "param", "state", "forward", "train", "on", "as", "using", "training", "inf", "nan",
        "pi",
        "e", "x", "h", "dense", "conv", "depthwise", "embedding", "maxpool", "avgpool", "globalpool", "global_maxpool",
        "flatten", "dropout", "batchnorm", "layernorm", "instancenorm", "l2norm", "relu", "leaky_relu", "elu", "gelu",
        "sigmoid", "tanh", "softmax", "log_softmax", "softplus", "identity", "transpose", "reshape", "shape", "expand",
        "squeeze", "concatenate", "gather", "pad", "clamp", "mean", "sum", "max", "min", "prod", "norm", "sqrt", "exp",
        "log", "erf", "abs", "sign", "floor", "ceil", "round", "sin", "cos", "where", "maximum", "minimum", "ones",
        "zeros", "conv2d", "maxpool2d", "avgpool2d", "batch_norm", "layer_norm", "reciprocal", "square", "split",
        "broadcast_to", "argmax", "argmin", "equal", "eye", "one_hot", "logsumexp", "tensor", "number", "siamese",
        "tower",
        "residual", "noise", "repeat", "tile", "var", "all", "any", "print", "show", "save", "load", "bias", "scale",
    ]

    init(_ nodes: [OnnxNode]) {
        let paths = nodes.map { Names.components($0.name) }
        var counts: [String: Int] = [:]
        for path in paths where path.count > 2 { counts[path[0], default: 0] += 1 }
        let most = counts.max { $0.value < $1.value }
        common = most.flatMap { $0.value * 2 > paths.count && $0.value > 1 ? $0.key : nil }
    }

    private static func components(_ name: String) -> [String] { name.split(separator: "/").map(String.init) }

    /// A name that siam can read; empty where nothing of it can stay.
    static func plain(_ text: String) -> String {
        var out = ""
        for c in text.unicodeScalars {
            let isLetter = (65...90).contains(c.value) || (97...122).contains(c.value)
            let isDigit = (48...57).contains(c.value)
            if isLetter || isDigit { out.unicodeScalars.append(c) } else if !out.isEmpty, out.last != "_" { out += "_" }
        }
        while out.last == "_" { out.removeLast() }
        if out.utf8.count > 60 { out = String(out.suffix(60).drop { $0 == "_" }) }
        return out
    }

    /// A stage's name: of the module that its weight is named after, else of the node, else its kind with a number.
    mutating func stage(_ node: OnnxNode, kind: String, weight: String? = nil) -> String {
        if let weight, let dot = weight.lastIndex(of: "."), !weight.contains("::") {
            let module = Names.plain(String(weight[..<dot]))
            if module.contains(where: \.isLetter) { return unique(module) }
        }
        var path = Names.components(node.name)
        if let common, path.first == common, path.count > 2 { path.removeFirst() }
        if path.count > 1, let last = path.last, Names.names(node.op, last) || path.count > 2 { path.removeLast() }
        if path.count > 1, let last = path.last, Names.names(node.op, last), last.contains("matmul") {
            path.removeLast()
        }
        var kept: [String] = []
        for (k, part) in path.enumerated() where k + 1 == path.count || !path[k + 1].hasPrefix(part + ".") {
            kept.append(part)
        }
        var base = Names.plain(kept.joined(separator: "_"))
        if base.hasPrefix("node_") { base = String(base.dropFirst(5)) }
        let isGeneric = path.count <= 1 && (Names.names(node.op, base) || base.count < 3)
        guard !isGeneric, let first = base.unicodeScalars.first, !(48...57).contains(first.value) else {
            return numbered(kind)
        }
        if Names.reserved.contains(base) || taken.contains(base), !base.hasSuffix(kind) {
            return unique("\(base)_\(kind)")
        }
        return unique(base)
    }

    private static func names(_ op: String, _ part: String) -> Bool {
        let (op, part) = (op.lowercased(), part.lowercased())
        return part == op || part.hasPrefix(op + "_") || part.hasSuffix("_" + op) || part.hasPrefix("matmul")
            || part.hasPrefix("biasadd")
    }

    mutating func unique(_ base: String) -> String {
        if !Names.reserved.contains(base), taken.insert(base).inserted { return base }
        if Names.reserved.contains(base) { return numbered(base) }
        var k = 2
        while !taken.insert("\(base)_\(k)").inserted { k += 1 }
        return "\(base)_\(k)"
    }

    mutating func numbered(_ kind: String) -> String {
        var k = counts[kind] ?? 0
        repeat { k += 1 } while !taken.insert("\(kind)\(k)").inserted
        counts[kind] = k
        return "\(kind)\(k)"
    }

    /// A name for an input or for the net.
    mutating func free(_ wanted: String, or other: String) -> String {
        let base = Names.plain(wanted)
        guard let first = base.unicodeScalars.first, !(48...57).contains(first.value), !Names.reserved.contains(base),
            taken.insert(base).inserted
        else {
            if Names.reserved.contains(other) || other.isEmpty { return numbered("input") }
            return taken.insert(other).inserted ? other : numbered(other)
        }
        return base
    }
}
