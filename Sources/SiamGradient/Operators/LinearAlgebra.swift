import CKernels
import SiamTensor

/// Decompositions and solutions of linear equations.
extension Operators {
    static let linearAlgebra: [Operator] = [svd, eigh, qr, solve]

    private static func ready(_ name: String) throws {
        guard siam_lapack_ready() != 0 else {
            throw EngineError(
                code: "lapack.missing", message: "\(name) needs LAPACK, which is not installed",
                notes: ["Debian's package is libopenblas0-serial, or liblapack3"])
        }
    }
    private static func matrix(_ s: Shape, _ name: String, square: Bool = false) throws {
        guard s.rank == 2, !square || s[0] == s[1] else {
            throw EngineError(
                code: "\(name).matrix", message: "\(name) takes a \(square ? "square " : "")matrix, and got \(s)",
                dims: [s.dims])
        }
        // LAPACK counts in 32 bits.
        guard s.count <= 1 << 28, s.dims.allSatisfy({ $0 <= 1 << 28 }) else { throw EngineError.tooLarge(s.dims) }
    }
    private static func finite(_ x: Tensor, _ name: String) throws {
        guard Kernel.allFinite(x) else {
            throw EngineError(code: "\(name).finite", message: "\(name) needs finite numbers, and got NaN or infinity")
        }
    }
    /// A matrix in column-major order in 64 bits, in memory that is not shared.
    private static func columns(_ x: Tensor) throws -> Tensor {
        try Movement.permuted(try x.converted(to: .double), [1, 0])
    }
    /// Room for m x n numbers, column by column.
    private static func room(_ m: Int, _ n: Int) throws -> Tensor {
        try Tensor(uninitialized: try Shape([n, m]), .double)
    }
    private static func numbers(_ t: Tensor) -> UnsafeMutablePointer<Double> {
        t.address.assumingMemoryBound(to: Double.self)
    }
    /// The matrix m x n stored in column-major order in `columns`, which may be longer.
    private static func tensor(_ columns: Tensor, _ m: Int, _ n: Int, _ p: Precision) throws -> Tensor {
        let own = Tensor(shape: try Shape([n, m]), storage: columns.storage, offset: columns.offset)
        return try Movement.permuted(try own.converted(to: p), [1, 0])
    }
    /// Checks the result of a call of LAPACK; its failure is thrown as `otherwise`.
    private static func settle(_ code: Int32, _ x: Shape, _ otherwise: @autoclosure () -> EngineError) throws {
        switch Int(code) {
        case 0: return
        case SIAM_LAPACK_LEFT: throw Interrupt.reason
        case SIAM_LAPACK_NO_MEMORY: throw EngineError.tooLarge(x.dims)
        default: throw otherwise()
        }
    }
    private static func failed(_ name: String) -> EngineError {
        EngineError(code: "\(name).converge", message: "\(name) did not converge")
    }
    private static func none(_ name: String) -> Operator.Backward {
        { _ in
            throw EngineError(
                code: "grad.none", message: "\(name) has no gradient",
                notes: ["use detach if no gradient is needed"])
        }
    }

    public static let svd: Operator = Operator(
        "svd", family: "linear algebra", [OperatorParameter("x", .tensor)],
        help: "u, s, vt with x = u diag(s) vt, s descending.",
        examples: [("svd([[3, 0], [0, 4]])[1]", "[4, 3]")], seeAlso: ["eigh", "qr"],
        shape: { s, _ in
            try matrix(s[0], "svd")
            let k = Swift.min(s[0][0], s[0][1])
            return [try Shape([s[0][0], k]), .vector(k), try Shape([k, s[0][1]])]
        },
        forward: { x, _ in
            try matrix(x[0].shape, "svd")
            try ready("svd")
            try finite(x[0], "svd")
            let (m, n, p) = (x[0].shape[0], x[0].shape[1], x[0].precision)
            let k = Swift.min(m, n)
            let (a, s) = (try columns(x[0]), try room(k, 1))
            let (u, vt) = (try room(m, k), try room(k, n))
            if k > 0 {
                try settle(
                    siam_lapack_svd(Int32(m), Int32(n), numbers(a), numbers(s), numbers(u), numbers(vt)), x[0].shape,
                    failed("svd"))
            }
            return .init([
                try tensor(u, m, k, p), try s.reshaped(to: .vector(k)).converted(to: p), try tensor(vt, k, n, p),
            ])
        }, backward: none("svd"))
    /// Of a matrix whose halves differ one half alone would be read. `wide` holds it in 64 bits.
    private static func symmetric(_ wide: Tensor, _ n: Int) throws {
        defer { withExtendedLifetime(wide) {} }
        let all = numbers(wide)
        try Interrupt.poll()
        guard siam_is_symmetric(Int64(n), all, 1e-3) == 0 else { return }
        let most = 1e-3 * (0..<n * n).reduce(0) { Swift.max($0, Swift.abs(all[$1])) }
        for i in 0..<n {
            if i & 63 == 63 { try Interrupt.poll() }
            for j in 0..<i where Swift.abs(all[i * n + j] - all[j * n + i]) > most {
                throw EngineError(
                    code: "eigh.symmetric",
                    message: "eigh takes a symmetric matrix, and in this one [\(j), \(i)] and [\(i), \(j)] differ",
                    notes: ["singular values of any matrix:  svd(x)"])
            }
        }
    }
    public static let eigh: Operator = Operator(
        "eigh", family: "linear algebra", [OperatorParameter("x", .tensor)],
        help: "w, v with x v = v diag(w) for a symmetric x (its upper half is read), w ascending.",
        examples: [("eigh([[2, 0], [0, 3]])[0]", "[2, 3]")], seeAlso: ["svd"],
        shape: { s, _ in
            try matrix(s[0], "eigh", square: true)
            return [.vector(s[0][0]), s[0]]
        },
        forward: { x, _ in
            try matrix(x[0].shape, "eigh", square: true)
            try ready("eigh")
            try finite(x[0], "eigh")
            let n = x[0].shape[0]
            let wide = try x[0].converted(to: .double)
            let (a, w) = (wide === x[0] ? try wide.copied() : wide, try room(n, 1))
            try symmetric(a, n)
            if n > 0 { try settle(siam_lapack_eigh(Int32(n), numbers(a), numbers(w)), x[0].shape, failed("eigh")) }
            return .init([
                try w.reshaped(to: .vector(n)).converted(to: x[0].precision), try a.converted(to: x[0].precision),
            ])
        }, backward: none("eigh"))
    public static let qr: Operator = Operator(
        "qr", family: "linear algebra", [OperatorParameter("x", .tensor)],
        help: "q, r with x = q r, q of orthonormal columns and r upper triangular.",
        examples: [("abs(qr([[3, 0], [4, 0]])[1])", "[[5, 0], [0, 0]]")], seeAlso: ["svd"],
        shape: { s, _ in
            try matrix(s[0], "qr")
            let k = Swift.min(s[0][0], s[0][1])
            return [try Shape([s[0][0], k]), try Shape([k, s[0][1]])]
        },
        forward: { x, _ in
            try matrix(x[0].shape, "qr")
            try ready("qr")
            let (m, n, p) = (x[0].shape[0], x[0].shape[1], x[0].precision)
            let k = Swift.min(m, n)
            let (a, r) = (try columns(x[0]), try room(k, n))
            if k > 0 {
                try settle(siam_lapack_qr(Int32(m), Int32(n), numbers(a), numbers(r)), x[0].shape, failed("qr"))
            }
            return .init([try tensor(a, m, k, p), try tensor(r, k, n, p)])
        }, backward: none("qr"))
    public static let solve: Operator = Operator(
        "solve", family: "linear algebra", [OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)],
        help: "x with a @ x = b, for a square a.",
        examples: [("solve([[2, 0], [0, 4]], [2, 4])", "[1, 1]")], seeAlso: ["matmul"],
        shape: { s, _ in
            try matrix(s[0], "solve", square: true)
            guard s[1].rank == 1 || s[1].rank == 2, s[1][0] == s[0][0] else {
                throw EngineError(
                    code: "solve.height", message: "solve needs a right-hand side of \(s[0][0]) rows, and got \(s[1])",
                    dims: s.map(\.dims))
            }
            return [s[1]]
        },
        forward: { t, _ in
            _ = try solve.shape(t.map(\.shape), [])
            try ready("solve")
            let (n, p) = (t[0].shape[0], Precision.wider(t[0].precision, t[1].precision))
            let wide = try t[1].reshaped(to: try Shape([n, n == 0 ? 0 : t[1].count / n]))
            let (a, b) = (try columns(t[0]), try columns(wide))
            guard wide.shape[1] <= 1 << 28 else { throw EngineError.tooLarge(t[1].shape.dims) }
            if t[1].count > 0 {
                try settle(
                    siam_lapack_solve(Int32(n), Int32(wide.shape[1]), numbers(a), numbers(b)), t[0].shape,
                    EngineError(
                        code: "solve.singular",
                        message: "solve needs an invertible matrix, and this one is singular"))
            }
            return .init([try tensor(b, n, wide.shape[1], p).reshaped(to: t[1].shape)])
        },
        backward: { f in
            let (g, a, x) = (f.gradient, try f.input(0), f.output)
            let gb = try solve(try transpose(a), g)
            try f.send(1, gb)
            let n = a.shape[0]
            let columns = n == 0 ? 0 : gb.count / n
            // For gradients of gradients the output is computed again, so that it is recorded.
            let y = Recording.isOn ? try solve(a, try f.input(1)) : x
            try f.send(
                0,
                try negate(
                    try product(
                        try Movement.reshape(gb, .matrix(n, columns)), try Movement.reshape(y, .matrix(n, columns)),
                        false, true)))
        })
}
