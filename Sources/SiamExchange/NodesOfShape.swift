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
        guard k >= 0, k <= v.rank else { throw refused(node, "it names the axis \(given) of \(v.rank)") }
        if k == 1 { return try set(node, flat(node, v)) }
        guard k > 0, let behind = product(v.dims[k...])?.known else {
            throw refused(node, "what it makes has no fixed width")
        }
        set(node, emit("reshape($0, [-1, \(behind)])", [plain(v)], [product(v.dims[..<k]) ?? .unknown, .n(behind)]))
    }

    /// Each example in one row.
    private func flat(_ node: OnnxNode, _ v: Held) throws -> Held {
        let width = product(v.dims.dropFirst()) ?? .unknown
        if v.layout == .squeezed { return Held(id: v.id, dims: [v.dims[0], v.dims[1]]) }
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
        // The number of examples that the file was made with stands for any.
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
            return set(node, Held(id: v.id, dims: target, layout: .channelsLast))
        }
        let held = plain(v)
        let isOneOpen = target.filter { $0.known == nil }.count == 1
        let parts = try target.enumerated().map { k, length -> String in
            if let n = length.known { return "\(n)" }
            if let same = held.dims.firstIndex(of: length), length != .unknown || same == k, !isOneOpen {
                return "shape($0)[\(same)]"
            }
            guard isOneOpen else { throw refused(node, "more than one of the new lengths is known only when applied") }
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
            throw refused(node, "its order \(order) does not fit \(described(v))")
        }
        let dims = order.map { v.dims[$0] }
        // Channels first and last: how images are held already.
        if v.layout == .plain, order == [0, 3, 1, 2] {
            return set(node, Held(id: v.id, dims: dims, layout: .channelsLast))
        }
        if v.layout == .channelsLast, order == [0, 2, 3, 1] { return set(node, Held(id: v.id, dims: dims)) }
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
        if v.layout == .squeezed, Set(axes) == [2, 3] { return set(node, Held(id: v.id, dims: dims)) }
        if axes.isEmpty { return set(node, v) }
        let list = axes.map(String.init).joined(separator: ", ")
        set(node, emit("squeeze($0, axis = [\(list)])", [plain(v)], dims, name: names.stage(node, kind: "squeeze")))
    }

    func unsqueeze(_ node: OnnxNode) throws {
        guard let given = try wholes(node, 1, or: "axes"), !given.isEmpty else {
            throw refused(node, "it names no axis")
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

    func expand(_ node: OnnxNode) throws {
        let v = plain(try value(node, 0))
        guard let (shape, _) = try lengths(node, 1) else {
            throw refused(node, "the new shape is computed from values")
        }
        let dims = broadcast(v.dims, shape)
        if dims == v.dims { return set(node, v) }
        let known = dims.compactMap(\.known)
        guard known.count == dims.count else {
            // What stands beside it broadcasts anyway, where only the number of examples is open.
            let joining: Set<String> = ["Add", "Sub", "Mul", "Div", "Pow", "Where", "Max", "Min"]
            let beside = (readers[node.outputs.first ?? ""] ?? []).allSatisfy {
                $0 >= 0 && joining.contains(model.graph.nodes[$0].op)
            }
            if beside { return set(node, v) }
            let lead = dims.count - v.rank
            let isOpenBefore = dims.indices.allSatisfy { k in
                dims[k].known != nil || (k >= lead && v.dims[k - lead] == dims[k])
            }
            guard isOpenBefore else {
                throw refused(node, "it stretches a value to a length that is known only when applied")
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

    // MARK: Picking and joining

    func concat(_ node: OnnxNode) throws {
        guard !node.inputs.isEmpty else { throw refused(node, "it joins nothing") }
        let parts = try node.inputs.indices.map { try item(node, $0) }
        if parts.contains(where: { if case .lengths = $0 { true } else { false } }) {
            var all: [Length] = []
            for k in parts.indices {
                guard let (l, _) = try lengths(node, k) else { throw refused(node, "it joins lengths and values") }
                all += l
            }
            guard all.count < 1 << 16 else { throw refused(node, "it joins more lengths than a shape has") }
            return set(node, .lengths(all, isScalar: false))
        }
        var held = try node.inputs.indices.map { try value(node, $0) }
        let isImage = held.allSatisfy { $0.rank == 4 } && held.contains { $0.layout == .channelsLast }
        held = held.map { isImage ? channelsLast($0) : plain($0) }
        let k = try axis(node, node.integer("axis", 0), held[0].rank)
        guard held.allSatisfy({ $0.rank == held[0].rank }) else {
            throw refused(node, "its parts differ in their axes")
        }
        var dims = held[0].dims
        let along = held.map { $0.dims[k] }
        if let known = sum(along) { dims[k] = .n(known) } else { dims[k] = held.count == 1 ? along[0] : .unknown }
        let list = held.indices.map { "$\($0)" }.joined(separator: ", ")
        set(
            node,
            emit("concatenate(\(list), axis = \(axis(k, of: held[0])))", held, dims, isImage ? .channelsLast : .plain))
    }
    private func sum(_ l: [Length]) -> Int? {
        let known = l.compactMap(\.known)
        return known.count == l.count ? known.reduce(0, &+) : nil
    }

    func slice(_ node: OnnxNode) throws {
        let isOld = node.integers("starts") != nil
        func list(_ i: Int, _ name: String) throws -> [Int]? { try wholes(node, isOld ? 99 : i, or: name) }
        guard let starts = try list(1, "starts"), let ends = try list(2, "ends"), starts.count == ends.count else {
            throw refused(node, "where it begins and ends is not said")
        }
        let axes = try list(3, "axes") ?? Array(starts.indices)
        let steps = try list(4, "steps") ?? [Int](repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
            throw refused(node, "its axes or steps are not as many as its beginnings")
        }
        if let (l, _) = try lengths(node, 0), case .lengths = try item(node, 0) {
            guard axes == [0] else { throw refused(node, "it cuts lengths along another axis") }
            let places = Translator.places(starts[0], ends[0], steps[0], l.count)
            return set(node, .lengths(places.map { l[$0] }, isScalar: false))
        }
        if case .table(let l, let columns) = try item(node, 0), columns > 0 {
            guard axes == [0] else { throw refused(node, "it cuts a table of lengths along another axis") }
            let rows = Translator.places(starts[0], ends[0], steps[0], l.count / columns)
            return set(node, .table(rows.flatMap { l[($0 * columns)..<(($0 + 1) * columns)] }, columns: columns))
        }
        var v = try value(node, 0)
        if v.layout != .channelsLast { v = plain(v) }
        for (j, given) in axes.enumerated() {
            let k = try axis(node, given, v.rank)
            let place = axis(k, of: v)
            var dims = v.dims
            if steps[j] == 1, v.dims[k].known == nil {
                guard k > 0 || starts[j] != 0 || ends[j] < Int(Int32.max) else { continue }
                let end = ends[j] >= Int(Int32.max) ? "" : "\(ends[j])"
                dims[k] = .unknown
                v = emit(cut("\(starts[j])..\(end)", place), [v], dims, v.layout, isWhole: v.isWhole)
                continue
            }
            guard let n = v.dims[k].known, n < 1 << 20 else {
                throw refused(node, "it steps along an axis of unknown length")
            }
            let places = Translator.places(starts[j], ends[j], steps[j], n)
            if places == Array(0..<n) { continue }
            dims[k] = .n(places.count)
            if steps[j] == 1, let first = places.first {
                v = emit(cut("\(first)..\(first + places.count)", place), [v], dims, v.layout, isWhole: v.isWhole)
            } else {
                guard !places.isEmpty, places.count <= 4096 else {
                    throw refused(node, "it takes \(places.count) places")
                }
                let text = "gather($0, [\(places.map(String.init).joined(separator: ", "))], axis = \(place))"
                v = emit(text, [v], dims, v.layout, isWhole: v.isWhole)
            }
        }
        set(node, v)
    }
    private func cut(_ range: String, _ axis: Int) -> String {
        "$0[\(String(repeating: ".., ", count: axis))\(range)]"
    }
    /// The places that a slice takes along an axis of the given length.
    static func places(_ start: Int, _ end: Int, _ step: Int, _ n: Int) -> [Int] {
        func clamped(_ x: Int, _ low: Int, _ high: Int) -> Int {
            let y = x < 0 ? x &+ n : x
            return min(max(y, low), high)
        }
        if step > 0 { return Array(stride(from: clamped(start, 0, n), to: clamped(end, 0, n), by: step)) }
        guard step > Int.min / 2 else { return [] }
        return Array(stride(from: clamped(start, 0, n - 1), to: clamped(end, -1, n - 1), by: step))
    }

    func split(_ node: OnnxNode) throws {
        var v = try value(node, 0)
        if v.layout != .channelsLast { v = plain(v) }
        let k = try axis(node, node.integer("axis", 0), v.rank)
        guard let n = v.dims[k].known else { throw refused(node, "it parts an axis of unknown length") }
        let many = max(node.outputs.count, 1)
        let each = (n + many - 1) / many
        let sizes =
            try wholes(node, 1, or: "split") ?? (0..<many).map { min(each, max(n - $0 * each, 0)) }
        guard sizes.count == node.outputs.count, sizes.allSatisfy({ $0 >= 0 && $0 <= n }), sizes.reduce(0, +) == n
        else {
            throw refused(node, "its parts are \(sizes) of \(n)")
        }
        var at = 0
        for (j, size) in sizes.enumerated() {
            var dims = v.dims
            dims[k] = .n(size)
            if readers[node.outputs[j]] != nil {
                set(node, emit(cut("\(at)..\(at + size)", axis(k, of: v)), [v], dims, v.layout), j)
            }
            at += size
        }
    }

    func gather(_ node: OnnxNode) throws {
        guard node.op == "Gather" else { throw refused(node, "only Gather of whole rows is read") }
        if let (l, _) = try lengths(node, 0), case .lengths = try item(node, 0) {
            guard let (places, isScalar) = try lengths(node, 1) else {
                throw refused(node, "it picks by a computed place")
            }
            let picked = try places.map { p -> Length in
                guard let given = p.known, case let k = given < 0 ? given + l.count : given, l.indices.contains(k)
                else {
                    throw refused(node, "it picks a place outside of a shape of \(l.count)")
                }
                return l[k]
            }
            return set(node, .lengths(picked, isScalar: isScalar))
        }
        // Rows of a table by whole numbers that come in: an embedding.
        if let table = try constant(node, 0), case .value(let places) = try item(node, 1), table.dims.count == 2,
            node.integer("axis", 0) == 0
        {
            let w = try table.tensor()
            let held = plain(places)
            return set(
                node,
                stage(
                    node, "embedding", "embedding(\(w.shape[0]), \(w.shape[1]))", held, held.dims + [.n(w.shape[1])],
                    .plain, weights: [("w", w)], named: [table.source.name]))
        }
        let v = plain(try value(node, 0))
        let k = try axis(node, node.integer("axis", 0), v.rank)
        if let (places, isScalar) = try lengths(node, 1) {
            let known = places.compactMap(\.known)
            guard known.count == places.count else { throw refused(node, "it picks by a computed place") }
            var dims = v.dims
            if isScalar, let one = known.first {
                dims.remove(at: k)
                let text = "$0[\(String(repeating: ".., ", count: k))\(one)]"
                return set(node, emit(text, [v], dims, name: names.stage(node, kind: "gather"), isWhole: v.isWhole))
            }
            guard !known.isEmpty, known.count <= 4096 else { throw refused(node, "it picks \(known.count) places") }
            let n = v.dims[k].known
            let shown = try known.map { p -> Int in
                guard p < 0 else { return p }
                guard let n else { throw refused(node, "it counts from an end that is not known") }
                return p + n
            }
            dims[k] = .n(known.count)
            let text = "gather($0, [\(shown.map(String.init).joined(separator: ", "))], axis = \(k))"
            return set(node, emit(text, [v], dims, name: names.stage(node, kind: "gather"), isWhole: v.isWhole))
        }
        let places = plain(try value(node, 1))
        guard places.rank + v.rank - 1 <= Shape.maximumRank else {
            throw refused(node, "the result has more than 8 axes")
        }
        let dims = Array(v.dims[..<k]) + places.dims + Array(v.dims[(k + 1)...])
        set(node, emit("gather($0, $1, axis = \(k))", [v, places], dims, isWhole: v.isWhole))
    }

    func pad(_ node: OnnxNode) throws {
        guard node.text("mode", "constant") == "constant" else {
            throw refused(node, "its margin is \(node.text("mode", "")); a margin of one number is read")
        }
        var v = try value(node, 0)
        guard let widths = try wholes(node, 1, or: "pads") else { throw refused(node, "its widths are not said") }
        let fill = try number(node, 2, or: "value") ?? 0
        let axes = try wholes(node, 3, or: "axes")?.map { try axis(node, $0, v.rank) } ?? Array(0..<v.rank)
        guard widths.count == 2 * axes.count, widths.allSatisfy({ $0 >= 0 && $0 < 1 << 20 }) else {
            throw refused(node, "its widths are \(widths)")
        }
        if widths.allSatisfy({ $0 == 0 }) { return set(node, v) }
        if v.layout != .channelsLast { v = plain(v) }
        var sides = [(Int, Int)](repeating: (0, 0), count: v.rank)
        var dims = v.dims
        for (j, k) in axes.enumerated() {
            let pair = (widths[j], widths[j + axes.count])
            sides[axis(k, of: v)] = pair
            dims[k] = dims[k].known.map { .n($0 + pair.0 + pair.1) } ?? .unknown
        }
        let list = sides.map { "\($0.0), \($0.1)" }.joined(separator: ", ")
        set(
            node,
            emit(
                "pad($0, [\(list)]\(fill == 0 ? "" : ", \(written(fill))"))", [v], dims, v.layout,
                name: names.stage(node, kind: "pad")))
    }

    // MARK: Reductions

    func reduce(_ node: OnnxNode) throws {
        var v = try value(node, 0)
        let keeps = node.integer("keepdims", 1) != 0
        let given = try wholes(node, 1, or: "axes") ?? []
        if given.isEmpty, node.integer("noop_with_empty_axes", 0) != 0 { return set(node, v) }
        let axes = given.isEmpty ? Array(0..<v.rank) : try given.map { try axis(node, $0, v.rank) }.sorted()
        // The mean over height and width has a stage of its own.
        if v.layout == .channelsLast, axes == [2, 3], node.op == "ReduceMean" || node.op == "ReduceMax" {
            let word = node.op == "ReduceMax" ? "global_maxpool" : "globalpool"
            let dims = keeps ? [v.dims[0], v.dims[1], .n(1), .n(1)] : [v.dims[0], v.dims[1]]
            return set(node, stage(node, word, word, v, dims, keeps ? .squeezed : .plain))
        }
        if node.op == "ReduceL2", keeps, axes.count == 1, let end = unitLength(node) {
            let held = v.layout == .squeezed && axes[0] > 1 ? plain(v) : v
            let place = axis(axes[0], of: held)
            let isLast = place == held.rank - 1 || held.layout == .squeezed
            let text = isLast ? "l2norm" : "(x -> l2norm(x, axis = \(place)))"
            return set(end, stage(node, "l2norm", text, held, held.dims, held.layout))
        }
        let isKept = v.layout == .channelsLast && keeps
        if !isKept { v = plain(v) }
        let list = axes.map { "\(axis($0, of: v))" }.joined(separator: ", ")
        let end = "axis = [\(list)]" + (keeps ? ", keep = true" : "")
        let text: String
        switch node.op {
        case "ReduceMean": text = "mean($0, \(end))"
        case "ReduceSum": text = "sum($0, \(end))"
        case "ReduceMax": text = "max($0, \(end))"
        case "ReduceMin": text = "min($0, \(end))"
        case "ReduceProd": text = "prod($0, \(end))"
        case "ReduceL1": text = "sum(abs($0), \(end))"
        case "ReduceL2": text = "norm($0, \(end))"
        case "ReduceSumSquare": text = "sum($0^2, \(end))"
        default: text = "logsumexp($0, \(end))"
        }
        let dims =
            keeps
            ? v.dims.indices.map { axes.contains($0) ? .n(1) : v.dims[$0] }
            : v.dims.indices.filter { !axes.contains($0) }.map { v.dims[$0] }
        set(
            node,
            emit(text, [v], dims, isKept ? .channelsLast : .plain, name: names.stage(node, kind: node.op.lowercased())))
    }

    /// The division of a value by its own length, kept from 0: how exporters write vectors of length one. What lies between
    /// is taken with it; nil where it is anything else.
    private func unitLength(_ node: OnnxNode) -> OnnxNode? {
        var last = node
        var passed: [Int] = []
        while let k = onlyReader(last), passed.count < 4 {
            let next = model.graph.nodes[k]
            guard next.domain.isEmpty, let made = last.outputs.first else { return nil }
            switch next.op {
            case "Clip", "Max", "Expand", "Identity":
                guard next.inputs.first == made, next.op != "Clip" || next.inputs.count < 3 || next.inputs[2].isEmpty,
                    next.op != "Max" || next.inputs.count == 2
                else { return nil }
                if next.op == "Clip" || next.op == "Max" {
                    guard let least = try? number(next, 1, or: "min"), least > 0, least < 1e-4 else { return nil }
                }
            case "Div":
                guard next.inputs == [node.inputs[0], made] else { return nil }
                absorbed.formUnion(passed + [k])
                return next
            default: return nil
            }
            passed.append(k)
            last = next
        }
        return nil
    }

    func argument(_ node: OnnxNode) throws {
        let v = plain(try value(node, 0))
        guard node.integer("select_last_index", 0) == 0 else { throw refused(node, "it takes the last of equals") }
        let k = try axis(node, node.integer("axis", 0), v.rank)
        let keeps = node.integer("keepdims", 1) != 0
        var dims = v.dims
        if keeps { dims[k] = .n(1) } else { dims.remove(at: k) }
        let text = "\(node.op == "ArgMax" ? "argmax" : "argmin")($0, axis = \(k)\(keeps ? ", keep = true" : ""))"
        set(node, emit(text, [v], dims, name: names.stage(node, kind: "argmax"), isWhole: true))
    }
}
