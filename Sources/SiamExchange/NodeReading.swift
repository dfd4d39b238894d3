import SiamData
import SiamTensor

/// What a node is given: its attributes, its inputs.
extension OnnxNode {
    func integer(_ name: String, _ defaultValue: Int) -> Int {
        if case .integer(let i)? = attributes[name] { i } else { defaultValue }
    }
    func integers(_ name: String) -> [Int]? {
        if case .integers(let l)? = attributes[name] { l } else { nil }
    }
    func float(_ name: String, _ defaultValue: Float) -> Float {
        switch attributes[name] {
        case .float(let x)?: x
        case .integer(let i)?: Float(i)
        default: defaultValue
        }
    }
    func floats(_ name: String) -> [Float]? {
        if case .floats(let l)? = attributes[name] { l } else { nil }
    }
    func text(_ name: String, _ defaultValue: String) -> String {
        if case .text(let t)? = attributes[name] { t } else { defaultValue }
    }
    func has(_ i: Int) -> Bool { i < inputs.count && !inputs[i].isEmpty }
}

extension Translator {
    func item(_ node: OnnxNode, _ i: Int) throws -> Item {
        guard node.has(i) else { throw refused(node, "its input \(i + 1) is missing") }
        guard let item = items[node.inputs[i]] else {
            throw refused(node, "it reads \(node.inputs[i]), which no node before it makes")
        }
        return item
    }

    /// An input as a value; a constant becomes one that the net holds.
    func value(_ node: OnnxNode, _ i: Int) throws -> ImportedValue {
        switch try item(node, i) {
        case .value(let v): return v
        case .constant(let c):
            let own = self.own(node, c, try c.tensor())
            return emit("%0", [], c.dims.map { .n($0) }, owns: [own], isWhole: c.source.isWhole)
        case .table: throw refused(node, "it computes with a table of lengths")
        case .lengths(let l, let isScalar):
            let known = l.compactMap(\.known)
            guard known.count == l.count else {
                throw refused(node, "it computes with a length that is known only when the net is applied")
            }
            let text = isScalar ? "\(known[0])" : "[\(known.map(String.init).joined(separator: ", "))]"
            return emit("tensor(\(text))", [], isScalar ? [] : [.n(known.count)], isWhole: true)
        }
    }

    func constant(_ node: OnnxNode, _ i: Int) throws -> Constant? {
        guard node.has(i), case .constant(let c) = try item(node, i) else { return nil }
        return c
    }

    /// An input that must be a constant.
    func weight(_ node: OnnxNode, _ i: Int, _ what: String) throws -> Constant {
        guard let c = try constant(node, i) else {
            throw refused(node, "its \(what) is computed, and siam needs a constant")
        }
        return c
    }

    /// Whole numbers that an input or, in older files, an attribute says.
    func wholes(_ node: OnnxNode, _ i: Int, or attribute: String) throws -> [Int]? {
        if let given = node.integers(attribute) { return given }
        guard node.has(i) else { return nil }
        switch try item(node, i) {
        case .constant(let c):
            if let w = try c.wholes() { return w }
            throw refused(node, "its \(attribute) are not whole numbers")
        case .lengths(let l, _):
            let known = l.compactMap(\.known)
            guard known.count == l.count else { throw refused(node, "its \(attribute) are computed") }
            return known
        case .value, .table: throw refused(node, "its \(attribute) are computed")
        }
    }

    /// One number that an input or, in older files, an attribute says.
    func number(_ node: OnnxNode, _ i: Int, or attribute: String) throws -> Float? {
        if case .float(let x)? = node.attributes[attribute] { return x }
        guard node.has(i) else { return nil }
        if case .lengths(let l, true) = try item(node, i), let n = l.first?.known { return Float(n) }
        guard let c = try constant(node, i), let x = try c.scalar() else {
            throw refused(node, "its \(attribute) is computed")
        }
        return x
    }

    /// An axis as 0 ..< rank.
    func axis(_ node: OnnxNode, _ given: Int, _ rank: Int) throws -> Int {
        let k = given < 0 ? given + rank : given
        guard k >= 0, k < max(rank, 1) else {
            throw refused(node, "it uses axis \(given) of a value with \(rank) axes")
        }
        return k
    }

    func set(_ node: OnnxNode, _ held: ImportedValue, _ i: Int = 0) {
        if i < node.outputs.count, !node.outputs[i].isEmpty { items[node.outputs[i]] = .value(held) }
    }
    func set(_ node: OnnxNode, _ item: Item) {
        if let name = node.outputs.first, !name.isEmpty { items[name] = item }
    }

    /// The only reader of a node's only result, as a place in the graph; nil where there are others.
    func onlyReader(_ node: OnnxNode) -> Int? {
        guard let name = node.outputs.first, let all = readers[name], all.count == 1, let k = all.first, k >= 0 else {
            return nil
        }
        return k
    }

    /// The text of a length of the value, as siam computes it.
    func text(_ length: Length, _ v: ImportedValue, _ k: Int) -> String {
        switch length {
        case .n(let n): "\(n)"
        default: "shape($0)[\(k)]"
        }
    }

    /// The product of lengths; nil where one is not known.
    func product(_ dims: some Sequence<Length>) -> Length? {
        var (k, hasBatch) = (1, false)
        for d in dims {
            let factor: Int
            switch d {
            case .n(let n): factor = n
            case .batch(let n):
                if hasBatch { return nil }
                hasBatch = true
                factor = n
            case .unknown: return nil
            }
            let (next, overflow) = k.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            k = next
        }
        return hasBatch ? .batch(k) : .n(k)
    }

    func broadcast(_ a: [Length], _ b: [Length]) -> [Length] {
        let rank = max(a.count, b.count)
        return (0..<rank).map { k in
            let x = k - (rank - a.count) >= 0 ? a[k - (rank - a.count)] : .n(1)
            let y = k - (rank - b.count) >= 0 ? b[k - (rank - b.count)] : .n(1)
            if x == .n(1) { return y }
            if y == .n(1) { return x }
            return x == .unknown ? y : x
        }
    }
}
