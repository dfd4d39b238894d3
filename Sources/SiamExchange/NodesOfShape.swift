import SiamData
import SiamTensor

/// Nodes that move elements about, and those that compute shapes from shapes.
extension Translator {
    // MARK: Shapes as values

    func shape(_ node: OnnxNode) throws {
        let dims: [Length]
        switch try item(node, 0) {
        case .value(let v): dims = v.dims
        case .constant(let c): dims = c.dims.map { .n($0) }
        case .lengths(let l, let isScalar): dims = isScalar ? [] : [.n(l.count)]
        case .table(let l, let columns): dims = [.n(l.count / max(columns, 1)), .n(columns)]
        }
        func place(_ k: Int) -> Int { min(max(k < 0 ? k + dims.count : k, 0), dims.count) }
        let (from, to) = (place(node.integer("start", 0)), place(node.integer("end", dims.count)))
        set(node, .lengths(from < to ? Array(dims[from..<to]) : [], isScalar: false))
    }

    func size(_ node: OnnxNode) throws {
        guard case .value(let v) = try item(node, 0), let all = product(v.dims) else {
            throw refused(node, "the number of elements is not known")
        }
        set(node, .lengths([all], isScalar: true))
    }

    /// An input as lengths, where it is lengths or a short array of whole numbers.
    func lengths(_ node: OnnxNode, _ i: Int) throws -> (list: [Length], isScalar: Bool)? {
        guard node.has(i) else { return nil }
        switch try item(node, i) {
        case .lengths(let l, let isScalar): return (l, isScalar)
        case .constant(let c):
            guard let w = try c.wholes() else { return nil }
            return (w.map { .n($0) }, c.dims.isEmpty)
        case .value, .table: return nil
        }
    }

    /// Arithmetic of lengths; nil where the node computes with other values.
    func lengthsOf(_ node: OnnxNode) throws -> Item? {
        guard ["Add", "Sub", "Mul", "Div"].contains(node.op), node.inputs.count == 2 else { return nil }
        let items = [try item(node, 0), try item(node, 1)]
        guard items.contains(where: { if case .lengths = $0 { true } else { false } }),
            let (a, aOne) = try lengths(node, 0), let (b, bOne) = try lengths(node, 1),
            a.count == b.count || a.count == 1 || b.count == 1
        else { return nil }
        let result = (0..<max(a.count, b.count)).map { k -> Length in
            let (x, y) = (a.count == 1 ? a[0] : a[k], b.count == 1 ? b[0] : b[k])
            switch (node.op, x, y) {
            case ("Mul", _, _): return product([x, y]) ?? .unknown
            case ("Div", .n(let p), .n(let q)) where q != 0 && p != Int.min: return .n(p / q)
            case ("Div", .batch(let p), .n(let q)) where q != 0 && p % q == 0: return .batch(p / q)
            case ("Add", .n(let p), .n(let q)): return .n(p &+ q)
            case ("Sub", .n(let p), .n(let q)): return .n(p &- q)
            default: return .unknown
            }
        }
        return .lengths(result, isScalar: aOne && bOne)
    }

    // MARK: Reshaping

    func flatten(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let given = node.integer("axis", 1)
        let k = given < 0 ? given + v.rank : given
        guard k >= 0, k <= v.rank else { throw refused(node, "it uses axis \(given) of a value with \(v.rank) axes") }
        if k == 1 { return try set(node, flat(node, v)) }
        guard k > 0, let behind = product(v.dims[k...])?.known else {
            throw refused(node, "its result has no fixed width")
        }
        set(node, emit("reshape($0, [-1, \(behind)])", [plain(v)], [product(v.dims[..<k]) ?? .unknown, .n(behind)]))
    }

    /// Each example in one row.
    private func flat(_ node: OnnxNode, _ v: ImportedValue) throws -> ImportedValue {
        let width = product(v.dims.dropFirst()) ?? .unknown
        if v.layout == .squeezed { return ImportedValue(id: v.id, dims: [v.dims[0], v.dims[1]]) }
        if v.rank == 2 { return v }
        if v.layout == .channelsLast {
            let sizes = v.dims.dropFirst().compactMap(\.known)
            guard sizes.count == 3 else {
                return stage(node, "flatten", "flatten", plain(v), [v.dims[0], width], .plain)
            }
            let isAlike = sizes[0] == 1 || sizes[1] * sizes[2] == 1
            return stage(
                node, "flatten", "flatten", v, [v.dims[0], width],
                isAlike ? .plain : .rows(sizes[0], sizes[1], sizes[2]))
        }
        return stage(node, "flatten", "flatten", plain(v), [v.dims[0], width], .plain)
    }

    func reshape(_ node: OnnxNode) throws {
        guard let (given, _) = try lengths(node, 1) ?? node.integers("shape").map({ ($0.map { .n($0) }, false) }) else {
            throw refused(node, "the new shape is computed from values")
        }
        switch try item(node, 0) {
        case .lengths(let l, _), .table(let l, _):
            if given.count == 2, let columns = given[1].known, columns > 0, l.count % columns == 0 {
                return set(node, .table(l, columns: columns))
            }
            return set(node, .lengths(l, isScalar: given.isEmpty))
        default: break
        }
        let v = try value(node, 0)
        var target = given
        let copies = node.integer("allowzero", 0) == 0
        for k in target.indices where target[k] == .n(0) && copies {
            target[k] = k < v.rank ? v.dims[k] : .unknown
        }
        // The number of examples that the file was made with is read as any number.
        if let n = fixedBatch, let first = target.first, first == .n(n), v.dims.first == .batch(1),
            target.count > 1 || n != 1
        {
            target[0] = .batch(1)
        }
        guard target.allSatisfy({ if case .n(let n) = $0 { n >= -1 } else { true } }),
            target.filter({ $0 == .n(-1) }).count <= 1, target.count <= Shape.maximumRank
        else { throw refused(node, "the new shape is \(target.map { $0.known ?? 0 })") }
        if let k = target.firstIndex(of: .n(-1)) {
            let rest = product(target.enumerated().filter { $0.offset != k }.map(\.element))
            switch (product(v.dims), rest) {
            case (.n(let all)?, .n(let n)?) where n > 0: target[k] = .n(all / n)
            case (.batch(let all)?, .batch(let n)?) where n > 0 && all % n == 0: target[k] = .n(all / n)
            case (.batch(let all)?, .n(let n)?) where n > 0 && all % n == 0: target[k] = .batch(all / n)
            default: target[k] = k == 0 && v.dims[0] == .batch(1) && rest?.known != nil ? .batch(1) : .unknown
            }
        }
        if target == v.dims { return set(node, v) }
        if target.count == 2, v.rank > 1, target[0] == v.dims[0],
            target[1] == (product(v.dims.dropFirst()) ?? .unknown) || target[1] == .unknown
        {
            return try set(node, flat(node, v))
        }
        // One channel: last or first is the same order of elements.
        if v.layout == .plain, v.rank == 4, target.count == 4, v.dims[3] == .n(1), target[1] == .n(1),
            target[2...] == v.dims[1...2], target[0] == v.dims[0]
        {
            return set(node, ImportedValue(id: v.id, dims: target, layout: .channelsLast))
        }
        let held = plain(v)
        let isOneOpen = target.filter { $0.known == nil }.count == 1
        let parts = try target.enumerated().map { k, length -> String in
            if let n = length.known { return "\(n)" }
            if let same = held.dims.firstIndex(of: length), length != .unknown || same == k, !isOneOpen {
                return "shape($0)[\(same)]"
            }
            guard isOneOpen else {
                throw refused(node, "more than one of the new lengths is known only when the net is applied")
            }
            return "-1"
        }
        set(
            node,
            emit(
                "reshape($0, [\(parts.joined(separator: ", "))])", [held], target,
                name: names.stage(node, kind: "reshape")
            ))
    }

    func transpose(_ node: OnnxNode) throws {
        if case .table(let l, let columns) = try item(node, 0), columns > 0 {
            let rows = l.count / columns
            let turned = (0..<columns).flatMap { c in (0..<rows).map { l[$0 * columns + c] } }
            return set(node, .table(turned, columns: rows))
        }
        let v = try value(node, 0)
        let order = node.integers("perm") ?? Array((0..<v.rank).reversed())
        guard order.count == v.rank, Set(order) == Set(0..<v.rank) else {
            throw refused(node, "its permutation \(order) does not fit \(described(v))")
        }
        let dims = order.map { v.dims[$0] }
        // Channels first and last: how images are held already.
        if v.layout == .plain, order == [0, 3, 1, 2] {
            return set(node, ImportedValue(id: v.id, dims: dims, layout: .channelsLast))
        }
        if v.layout == .channelsLast, order == [0, 2, 3, 1] { return set(node, ImportedValue(id: v.id, dims: dims)) }
        if v.layout == .squeezed, order == [0, 2, 3, 1] {
            return set(node, emit("expand(expand($0, 1), 1)", [v], dims))
        }
        if order == Array(0..<v.rank) { return set(node, v) }
        set(
            node,
            emit(
                "transpose($0, [\(order.map(String.init).joined(separator: ", "))])", [plain(v)], dims,
                name: names.stage(node, kind: "transpose")))
    }

    func squeeze(_ node: OnnxNode) throws {
        let given = try wholes(node, 1, or: "axes")
        switch try item(node, 0) {
        case .lengths(let l, _): return set(node, .lengths(l, isScalar: l.count == 1))
        case .constant(let c):
            guard try c.wholes() != nil else { break }
            return set(node, .lengths(try (c.wholes() ?? []).map { .n($0) }, isScalar: true))
        case .value, .table: break
        }
        let v = try value(node, 0)
        let axes = try given?.map { try axis(node, $0, v.rank) } ?? v.dims.indices.filter { v.dims[$0] == .n(1) }
        let kept = v.dims.indices.filter { !axes.contains($0) }
        let dims = kept.map { v.dims[$0] }
        if v.layout == .squeezed, Set(axes) == [2, 3] { return set(node, ImportedValue(id: v.id, dims: dims)) }
        if axes.isEmpty { return set(node, v) }
        let list = axes.map(String.init).joined(separator: ", ")
        set(node, emit("squeeze($0, axis = [\(list)])", [plain(v)], dims, name: names.stage(node, kind: "squeeze")))
    }

    func unsqueeze(_ node: OnnxNode) throws {
        guard let given = try wholes(node, 1, or: "axes"), !given.isEmpty else {
            throw refused(node, "it has no axis")
        }
        if case .lengths(let l, true) = try item(node, 0), given.count == 1 {
            return set(node, .lengths(l, isScalar: false))
        }
        if case .constant(let c) = try item(node, 0), c.dims.isEmpty, given.count == 1, let w = try c.wholes() {
            return set(node, .lengths(w.map { .n($0) }, isScalar: false))
        }
        let v = plain(try value(node, 0))
        let rank = v.rank + given.count
        guard rank <= Shape.maximumRank else { throw refused(node, "the result has more than 8 axes") }
        let axes = try given.map { try axis(node, $0, rank) }.sorted()
        var dims = v.dims
        var text = "$0"
        for k in axes where k <= dims.count {
            dims.insert(.n(1), at: k)
            text = "expand(\(text), \(k))"
        }
        set(node, emit(text, [v], dims, name: names.stage(node, kind: "unsqueeze"), isWhole: v.isWhole))
    }

    /// Whether all that read a node join it with others, so that a length of 1 serves for the number of examples.
    func broadcastsAnyway(_ node: OnnxNode) -> Bool {
        let joining: Set<String> = ["Add", "Sub", "Mul", "Div", "Pow", "Where", "Max", "Min"]
        return (readers[node.outputs.first ?? ""] ?? []).allSatisfy {
            $0 >= 0 && joining.contains(model.graph.nodes[$0].op)
        }
    }

    func expand(_ node: OnnxNode) throws {
        let v = plain(try value(node, 0))
        guard let (shape, _) = try lengths(node, 1) else {
            throw refused(node, "the new shape is computed from values")
        }
        let dims = broadcast(v.dims, shape)
        if dims == v.dims { return set(node, v) }
        let known = dims.compactMap(\.known)
        guard known.count == dims.count else {
            // The other operand broadcasts if only the number of examples is open.
            if broadcastsAnyway(node) { return set(node, v) }
            let lead = dims.count - v.rank
            let isOpenBefore = dims.indices.allSatisfy { k in
                dims[k].known != nil || (k >= lead && v.dims[k - lead] == dims[k])
            }
            guard isOpenBefore else {
                throw refused(node, "it broadcasts to a length that is known only when the net is applied")
            }
            let ones = dims.map { "\($0.known ?? 1)" }.joined(separator: ", ")
            set(
                node, emit("$0 * ones(\(ones))", [v], dims, name: names.stage(node, kind: "expand"), isWhole: v.isWhole)
            )
            return
        }
        set(
            node,
            emit(
                "broadcast_to($0, [\(known.map(String.init).joined(separator: ", "))])", [v], dims,
                name: names.stage(node, kind: "expand"), isWhole: v.isWhole))
    }
}
