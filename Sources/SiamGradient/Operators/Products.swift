import CKernels
import SiamTensor

private enum Product {
    static func refuse(_ a: Shape, _ b: Shape) -> EngineError {
        EngineError(
            code: "matmul.width",
            message:
                "@ needs as many columns on the left as rows on the right, and got \(a.rank == 0 ? "a number" : "\(a[-1])") and "
                + "\(b.rank == 0 ? "a number" : "\(b.rank == 1 ? b[0] : b[-2])")", dims: [a.dims, b.dims])
    }
    /// m, n, k and the batch of op(a) op(b); vectors count as a row on the left and a column on the right.
    static func plan(_ a: Shape, _ b: Shape, _ ta: Bool, _ tb: Bool) throws -> (m: Int, n: Int, k: Int, out: Shape) {
        guard a.rank > 0, b.rank > 0 else { throw refuse(a, b) }
        var (m, k) = a.rank == 1 ? (1, a[0]) : (a[-2], a[-1])
        if ta, a.rank > 1 { swap(&m, &k) }
        var (k2, n) = b.rank == 1 ? (b[0], 1) : (b[-2], b[-1])
        if tb, b.rank > 1 { swap(&k2, &n) }
        guard k == k2 else {
            var error = refuse(a, b)
            if ta || tb {
                error.message = "@ needs as many columns on the left as rows on the right, and got \(k) and \(k2)"
            }
            throw error
        }
        if a.rank == 2, b.rank == 2 { return (m, n, k, try Shape([m, n])) }
        let batch = try Shape.broadcast(
            try Shape(Array(a.dims.dropLast(2))), try Shape(Array(b.dims.dropLast(2))), "@ over batches")
        return (m, n, k, try Shape(batch.dims + (a.rank == 1 ? [] : [m]) + (b.rank == 1 ? [] : [n])))
    }

    static func multiply(_ a: Tensor, _ b: Tensor, _ ta: Bool = false, _ tb: Bool = false) throws -> Tensor {
        if a.precision != b.precision {
            return try multiply(a.converted(to: .double), b.converted(to: .double), ta, tb)
        }
        let (m, n, k, out) = try plan(a.shape, b.shape, ta, tb)
        let y = try Tensor(uninitialized: out, a.precision)
        if out.rank <= 2, a.rank <= 2, b.rank <= 2 {
            // A product that takes seconds is computed in blocks of rows, with a check for interrupts between them.
            let most = a.precision == .single ? 4e9 : 5e8
            // One of few multiplications may still have a result that takes long to write.
            let written = y.count > 1 << 26 ? Swift.max(1, (1 << 26) / Swift.max(n, 1)) : m
            let block = Swift.min(written, Swift.max(64, Int(most / Swift.max(Double(n) * Double(k), 1))))
            if m > block, !(ta && a.rank > 1) {
                for from in stride(from: 0, to: m, by: block) {
                    try Interrupt.poll()
                    try Kernel.matmul(
                        a, false, b, tb && b.rank > 1, m: Swift.min(block, m - from), n: n, k: k, into: y,
                        at: (from * k, 0, from * n))
                }
                return y
            }
            try Kernel.matmul(a, ta && a.rank > 1, b, tb && b.rank > 1, m: m, n: n, k: k, into: y)
            return y
        }
        let batch = Array(out.dims.dropLast((a.rank == 1 ? 0 : 1) + (b.rank == 1 ? 0 : 1)))
        let count = batch.reduce(1, *)
        // One right side for all: the batch is more rows of the left.
        if b.rank <= 2, !ta {
            try Kernel.matmul(a, false, b, tb && b.rank > 1, m: count * m, n: n, k: k, into: y)
            return y
        }
        func steps(_ s: Shape) throws -> [Int] {
            let lead = Array(s.dims.dropLast(2))
            let own = Movement.strides(try Shape(lead))
            return (0..<batch.count).map { i in
                let j = i - (batch.count - lead.count)
                return j < 0 || lead[j] == 1 ? 0 : own[j]
            }
        }
        let (sa, sb) = (try steps(a.shape), try steps(b.shape))
        var at = [Int](repeating: 0, count: batch.count)
        for i in 0..<count {
            var (oa, ob) = (0, 0)
            for d in 0..<batch.count {
                oa += at[d] * sa[d]
                ob += at[d] * sb[d]
            }
            try Kernel.matmul(
                a, ta && a.rank > 1, b, tb && b.rank > 1, m: m, n: n, k: k, into: y,
                at: (oa * m * k, ob * k * n, i * m * n))
            var d = batch.count - 1
            while d >= 0 {
                at[d] += 1
                if at[d] < batch[d] { break }
                at[d] = 0
                d -= 1
            }
        }
        return y
    }
}

extension Operators {
    static let products: [Operator] = [matmul, affine, outer, einsum]

    public static let matmul: Operator = Operator(
        "matmul", family: "product",
        [
            OperatorParameter("a", .tensor), OperatorParameter("b", .tensor),
            OperatorParameter("transpose_a", .flag, "false"),
            OperatorParameter("transpose_b", .flag, "false"),
        ],
        help:
            "a @ b: the matrix product, sum over k of a[i, k] b[k, j]; batched over leading axes for rank 3 and more.",
        examples: [("matmul([[1, 2], [3, 4]], [[1], [1]])", "[[3], [7]]")], seeAlso: ["affine", "einsum", "outer"],
        shape: { s, a in [try Product.plan(s[0], s[1], a.flag(0), a.flag(1)).out] },
        binary: { a, b in try Product.multiply(a, b) },
        forward: { x, a in .init([try Product.multiply(x[0], x[1], a.flag(0), a.flag(1))]) },
        backward: { f in
            let (x0, y0) = (try f.input(0), try f.input(1))
            // Flags of vectors mean nothing.
            let (ta, tb) = (f.attributes.flag(0) && x0.rank > 1, f.attributes.flag(1) && y0.rank > 1)
            if x0.rank == 2, y0.rank == 2 {
                let g = f.gradient
                if ta { try f.sendProduct(0, y0, g, tb, true) } else { try f.sendProduct(0, g, y0, false, !tb) }
                if tb { try f.sendProduct(1, g, x0, true, ta) } else { try f.sendProduct(1, x0, g, !ta, false) }
                return
            }
            let a = x0.rank == 1 ? try Movement.reshape(x0, .matrix(1, x0.count)) : x0
            let b = y0.rank == 1 ? try Movement.reshape(y0, .matrix(y0.count, 1)) : y0
            let whole = try Product.plan(a.shape, b.shape, ta, tb).out
            let g = try Movement.reshape(f.gradient, whole)
            if f.wants(0) {
                let ga = ta ? try product(b, g, tb, true) : try product(g, b, false, !tb)
                try f.send(0, try Movement.reshape(try Reduction.sum(ga, to: a.shape), x0.shape))
            }
            if f.wants(1) {
                let gb = tb ? try product(g, a, true, ta) : try product(a, g, !ta, false)
                try f.send(1, try Movement.reshape(try Reduction.sum(gb, to: b.shape), y0.shape))
            }
        })
    static func product(_ a: Tensor, _ b: Tensor, _ ta: Bool, _ tb: Bool) throws -> Tensor {
        if !Recording.isOn { return try Product.multiply(a, b, ta, tb) }
        return try matmul.apply([a, b], [.flag(ta), .flag(tb)])
    }

    static let activations = ["none", "relu", "tanh", "sigmoid"]
    private static func affineShape(_ x: Shape, _ w: Shape, _ b: Shape?) throws -> Shape {
        guard x.rank >= 1, w.rank == 2, x[-1] == w[0] else {
            throw EngineError(
                code: "affine.width",
                message:
                    "affine needs inputs that are \(w.rank == 2 ? "\(w[0])" : "as") wide \(w.rank == 2 ? "" : "as w is high")"
                    .trimmed + ", and got \(x) for w of \(w)",
                dims: [x.dims, w.dims])
        }
        if let b, b != .vector(w[1]) {
            throw EngineError(
                code: "affine.bias", message: "affine needs a bias of \(w[1]), as wide as w, and got \(b)",
                dims: [x.dims, w.dims, b.dims])
        }
        return x.replacing(x.rank - 1, with: w[1])
    }
    public static let affine: Operator = Operator(
        "affine", family: "product",
        [
            OperatorParameter("x", .tensor), OperatorParameter("w", .tensor),
            OperatorParameter("b", .optionalTensor, "none"),
            OperatorParameter("activation", .text, "none"),
        ],
        help:
            "activation(x @ w + b), in one pass. x is ... x in, w in x out, b out; activation is none, \"relu\", \"tanh\" or \"sigmoid\".",
        examples: [("affine([[1, 2]], [[1], [1]], [10])", "[[13]]")], seeAlso: ["matmul"],
        shape: { s, _ in [try affineShape(s[0], s[1], s.count > 2 ? s[2] : nil)] },
        forward: { t, a in
            let p = t.reduce(t[0].precision) { Precision.wider($0, $1.precision) }
            let x = try t[0].converted(to: p)
            let w = try t[1].converted(to: p)
            let b = t.count > 2 ? try t[2].converted(to: p) : nil
            let shape = try affineShape(x.shape, w.shape, b?.shape)
            let word = try a.text(0, "affine's activation", among: activations)
            let y = try Tensor(uninitialized: shape, p)
            let (k, n) = (w.shape[0], w.shape[1])
            let m = x.shape.dims.dropLast().reduce(1, *)
            try Kernel.affine(x, w, b, activation: activations.firstIndex(of: word) ?? 0, m: m, n: n, k: k, into: y)
            return .init([y])
        },
        backward: { f in
            let (x, w, y) = (try f.input(0), try f.input(1), f.output)
            var g = f.gradient
            if !Recording.isOn, g.count > 0, x.count > 0, x.precision == w.precision, x.precision == g.precision {
                return try affineGradient(&f, x, w, y, g)
            }
            switch f.attributes[given: 0] {
            case .text("relu"):
                g =
                    Recording.isOn
                    ? try multiply(g, try greater(y, try y.number(0)))
                    : try Kernel.binary(SIAM_RELU_GRADIENT, g, y, "relu")
            case .text("tanh"):
                g =
                    Recording.isOn
                    ? try multiply(g, try subtract(try y.number(1), try square(y)))
                    : try Kernel.binary(SIAM_TANH_GRADIENT, g, y, "tanh")
            case .text("sigmoid"):
                g =
                    Recording.isOn
                    ? try multiply(g, try multiply(y, try subtract(try y.number(1), y)))
                    : try Kernel.binary(SIAM_SIGMOID_GRADIENT, g, y, "sigmoid")
            default: break
            }
            let rows = w.shape[1] == 0 ? 0 : g.count / w.shape[1]
            let flat = try Movement.reshape(g, .matrix(rows, w.shape[1]))
            try f.send(0, try Movement.reshape(try product(flat, w, false, true), x.shape))
            try f.sendProduct(1, try Movement.reshape(x, .matrix(rows, w.shape[0])), flat, true, false)
            if f.many > 2 { try f.send(2, try Reduction.sum(flat, to: .vector(w.shape[1]))) }
        })

    /// The gradients in one call, where none of them is recorded.
    private static func affineGradient(_ f: inout Flow, _ x: Tensor, _ w: Tensor, _ y: Tensor, _ g: Tensor) throws {
        let (k, n) = (w.shape[0], w.shape[1])
        let word = try f.attributes.text(0, "affine's activation", among: activations)
        let toX = f.wants(0) ? try Tensor(uninitialized: x.shape, x.precision) : nil
        let sum = f.wants(1) ? f.takeSum(1, w.shape, w.precision) : nil
        let toW = f.wants(1) ? try sum ?? Tensor(uninitialized: w.shape, w.precision) : nil
        let toB = f.many > 2 && f.wants(2) ? try Tensor(uninitialized: .vector(n), x.precision) : nil
        try Kernel.affineGradient(
            x, w, y, g, activation: activations.firstIndex(of: word) ?? 0, m: g.count / n, n: n, k: k, toX: toX,
            toW: toW, adding: sum != nil, toB: toB)
        if let toX { try f.send(0, toX) }
        if let sum { f.putSum(1, sum) } else if let toW { try f.send(1, toW) }
        if let toB { try f.send(2, toB) }
    }

    public static let outer: Operator = Operator(
        "outer", family: "product", [OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)],
        help: "a[i] b[j]: the outer product, every element of a times every element of b.",
        examples: [("outer([1, 2], [3, 4])", "[[3, 4], [6, 8]]")], seeAlso: ["matmul"],
        shape: { s, _ in [try Shape([s[0].count, s[1].count])] },
        forward: { x, _ in
            .init([
                try multiply(
                    try Movement.reshape(x[0], .matrix(x[0].count, 1)),
                    try Movement.reshape(x[1], .matrix(1, x[1].count)))
            ])
        }, backward: nil, isComposite: true)

    private static func letters(_ a: [Attribute], _ shapes: [Shape]) throws -> (
        inputs: [[Character]], output: [Character], length: [Character: Int]
    ) {
        guard case .text(let whole) = a[given: 0] else {
            throw EngineError(code: "einsum.text", message: "einsum needs its axes as a text, \"ij,jk->ik\"")
        }
        let text = whole.filter { $0 != " " }
        let halves = text.split(separator: ">", omittingEmptySubsequences: false)
        let left = halves[0].hasSuffix("-") ? halves[0].dropLast() : halves[0]
        let inputs = left.split(separator: ",", omittingEmptySubsequences: false).map { Array($0) }
        guard inputs.count == shapes.count, inputs.count <= 3 else {
            throw EngineError(
                code: "einsum.operands",
                message:
                    "einsum got the axes of \(inputs.count) tensors and \(shapes.count) tensors; it takes up to three")
        }
        var length: [Character: Int] = [:]
        var seen: [Character: Int] = [:]
        for (word, s) in zip(inputs, shapes) {
            guard word.count == s.rank else {
                throw EngineError(
                    code: "einsum.rank", message: "einsum has \(word.count) letters (\(String(word))) for \(s)",
                    dims: shapes.map(\.dims))
            }
            for (i, c) in word.enumerated() {
                if let l = length[c], l != s[i] {
                    throw EngineError(
                        code: "einsum.length", message: "einsum needs one length for \(c), and got \(l) and \(s[i])",
                        dims: shapes.map(\.dims))
                }
                length[c] = s[i]
                seen[c, default: 0] += 1
            }
        }
        let output = halves.count > 1 ? Array(halves[1]) : seen.filter { $0.value == 1 }.keys.sorted()
        for c in output where length[c] == nil || output.filter({ $0 == c }).count > 1 {
            throw EngineError(
                code: "einsum.output", message: "einsum's result names \(c), which no tensor has, or names it twice")
        }
        return (inputs, output, length)
    }
    public static let einsum: Operator = Operator(
        "einsum", family: "product", [OperatorParameter("x", .tensors), OperatorParameter("axes", .text)],
        help:
            "Products, summed over the letters that the result does not name: einsum(a, b, \"ij,jk->ik\") is a @ b. Up to three tensors.",
        examples: [("einsum([[1, 2], [3, 4]], \"ii->\")", "5")], seeAlso: ["matmul", "outer"],
        shape: { s, a in
            let (_, out, l) = try letters(a, s)
            return [try Shape(out.map { l[$0] ?? 1 })]
        },
        forward: { x, a in
            let (words, out, length) = try letters(a, x.map(\.shape))
            func take(_ x: Tensor, _ word: [Character]) throws -> (Tensor, [Character]) {
                // A letter twice in one tensor is its diagonal.
                var (x, word) = (x, word)
                while let c = word.first(where: { c in word.filter { $0 == c }.count > 1 }),
                    let i = word.firstIndex(of: c), let j = word.lastIndex(of: c)
                {
                    let n = x.shape[i]
                    let rest = (0..<x.rank).filter { $0 != i && $0 != j }
                    let moved = try transpose.apply([x], [.integers(rest + [i, j])])
                    let flat = try Movement.reshape(moved, try Shape(rest.map { x.shape[$0] } + [n * n]))
                    let mask: [Attribute] = rest.map { _ in .integers([2]) } + [.integers([1, 0, n * n, n + 1])]
                    x = try index.apply([flat], mask)
                    word = rest.map { word[$0] } + [c]
                }
                return (x, word)
            }
            func join(_ a: (Tensor, [Character]), _ b: (Tensor, [Character]), keep: Set<Character>) throws -> (
                Tensor, [Character]
            ) {
                let (inA, inB) = (Set(a.1), Set(b.1))
                let both = a.1.filter { inB.contains($0) && keep.contains($0) }
                let summed = a.1.filter { inB.contains($0) && !keep.contains($0) }
                let left = a.1.filter { !inB.contains($0) }
                let right = b.1.filter { !inA.contains($0) }
                func place(_ t: (Tensor, [Character]), _ order: [[Character]]) throws -> Tensor {
                    let axes = order.flatMap { $0 }.compactMap { t.1.firstIndex(of: $0) }
                    let sizes = order.map { $0.reduce(1) { $0 * (length[$1] ?? 1) } }
                    return try Movement.reshape(try transpose.apply([t.0], [.integers(axes)]), try Shape(sizes))
                }
                let y = try matmul(try place(a, [both, left, summed]), try place(b, [both, summed, right]))
                let word = both + left + right
                return (try Movement.reshape(y, try Shape(word.map { length[$0] ?? 1 })), word)
            }
            var part = try take(x[0], words[0])
            for i in 1..<Swift.max(x.count, 1) where i < x.count {
                var keep = Set(out)
                for later in words[(i + 1)...] { keep.formUnion(later) }
                part = try join(part, try take(x[i], words[i]), keep: keep)
            }
            let gone = part.1.indices.filter { !out.contains(part.1[$0]) }
            if !gone.isEmpty {
                part = (
                    try sum.apply([part.0], [.integers(Array(gone)), .flag(false)]), part.1.filter { out.contains($0) }
                )
            }
            return .init([try transpose.apply([part.0], [.integers(out.compactMap { part.1.firstIndex(of: $0) })])])
        }, backward: nil, isComposite: true)
}

extension String {
    /// Without spaces at the end.
    var trimmed: String {
        var s = self
        while s.last == " " { s.removeLast() }
        return s
    }
}

extension Flow {
    /// Sends the matrix product op(a) op(b). Where the input has a gradient already, the product is added to it as it is made.
    mutating func sendProduct(_ i: Int, _ a: Tensor, _ b: Tensor, _ ta: Bool, _ tb: Bool) throws {
        guard wants(i) else { return }
        if let x = node.input(i), let origin = x.origin, a.rank == 2, b.rank == 2, a.precision == b.precision {
            let target = unsafeDowncast(origin, to: Node.self)
            let (m, n) = (ta ? a.shape[1] : a.shape[0], tb ? b.shape[0] : b.shape[1])
            if x.shape == (try Shape([m, n])), let sum = target.takeSum(x.shape, a.precision) {
                try Kernel.matmul(
                    a, ta, b, tb, m: m, n: n, k: ta ? a.shape[0] : a.shape[1], into: sum, accumulate: true)
                target.gradient = sum
                return
            }
        }
        try send(i, try Operators.product(a, b, ta, tb))
    }
}
