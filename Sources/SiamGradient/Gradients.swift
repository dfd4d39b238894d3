import CKernels
import SiamTensor

/// dy/dx for each x of `at`: nil where there is no path from it to y. y has one element.
/// `keepingGraph` records the backward pass, so that gradients of the gradients can be asked for.
///
/// `ready` is called with the place of each wanted one and its slope as soon as nothing more is added to it; not for one that y
/// does not depend on.
public func gradients(
    of y: Tensor, at wanted: [Tensor], keepingGraph: Bool = false, ready: ((Int, Tensor) -> Void)? = nil
) throws -> [Tensor?] {
    guard y.count == 1 else {
        throw EngineError(
            code: "grad.scalar", message: "grad needs one number to differentiate, and got \(y.shape)",
            dims: [y.shape.dims])
    }
    guard let root = y.origin as? Node else { return wanted.map { _ in nil } }
    let pass = Int(siam_next_number())
    // Numbers grow with making, so nothing below the lowest wanted one needs to be looked at.
    var lowest = Int.max
    for t in wanted {
        guard let origin = t.origin else { continue }
        let node = unsafeDowncast(origin, to: Node.self)
        node.pass = pass
        node.isNeeded = true
        node.isWanted = true
        node.isReached = false
        node.gradient = nil
        lowest = min(lowest, node.number)
    }
    // What can be reached from y, each with the tensor it made; then in the order of making, so that need flows forwards.
    var reached: [(node: Node, tensor: Tensor)] = []
    reached.reserveCapacity(64)
    var stack: [(Node, Tensor)] = [(root, y)]
    stack.reserveCapacity(64)
    while let (node, tensor) = stack.popLast() {
        if node.pass == pass {
            if node.isReached { continue }
        } else {
            node.pass = pass
            node.isNeeded = false
            node.isWanted = false
            node.gradient = nil
        }
        node.isReached = true
        reached.append((node, tensor))
        guard node.op != nil, node.number > lowest else { continue }
        for i in 0..<node.many {
            guard let x = node.input(i), let origin = x.origin else { continue }
            let next = unsafeDowncast(origin, to: Node.self)
            if next.pass != pass || !next.isReached { stack.append((next, x)) }
        }
    }
    reached.sort { $0.node.number < $1.node.number }
    for (node, _) in reached where !node.isNeeded {
        for i in 0..<node.many {
            if let origin = node.input(i)?.origin {
                let input = unsafeDowncast(origin, to: Node.self)
                if input.pass == pass, input.isNeeded {
                    node.isNeeded = true
                    break
                }
            }
        }
    }
    let due = ready == nil ? [:] : lastUses(of: wanted, in: reached.map(\.node), pass)
    defer { for (node, _) in reached { node.gradient = nil } }
    guard root.isNeeded else { return wanted.map { _ in nil } }
    try Recording.set(keepingGraph) {
        root.gradient = try Tensor.full(y.shape, 1, y.precision)
        for (node, tensor) in reached.reversed() {
            defer {
                if let ready, let now = due[node.number] {
                    for (k, leaf) in now { if let g = leaf.gradient { ready(k, g) } }
                }
            }
            guard node.isNeeded, let g = node.gradient, let op = node.op, let backward = op.backward else { continue }
            var flow = Flow(node, tensor, g)
            try backward(&flow)
            if let r = flow.results.0 { try give(r, to: node.first) }
            if let r = flow.results.1 { try give(r, to: node.second) }
            if let r = flow.results.2 { try give(r, to: node.third) }
            for (i, r) in flow.more { try give(r, to: node.input(i)) }
            if !node.isWanted { node.gradient = nil }
        }
    }
    return wanted.map { t in
        guard let node = t.origin as? Node, node.isReached else { return nil }
        return node.gradient
    }
}

/// By the number of the first node that uses it, which is the last that adds to its slope: the wanted ones and their places.
private func lastUses(of wanted: [Tensor], in reached: [Node], _ pass: Int) -> [Int: [(Int, Node)]] {
    var places: [ObjectIdentifier: Int] = [:]
    for (k, t) in wanted.enumerated() { if let origin = t.origin { places[ObjectIdentifier(origin)] = k } }
    var due: [Int: [(Int, Node)]] = [:]
    for node in reached where node.isNeeded && node.op != nil {
        for i in 0..<node.many {
            guard let origin = node.input(i)?.origin, let k = places.removeValue(forKey: ObjectIdentifier(origin))
            else {
                continue
            }
            due[node.number, default: []].append((k, unsafeDowncast(origin, to: Node.self)))
        }
    }
    return due
}

@inline(__always)
private func give(_ gradient: Tensor, to input: Tensor?) throws {
    guard let input, let origin = input.origin else { return }
    let node = unsafeDowncast(origin, to: Node.self)
    var g = gradient
    if g.precision != input.precision { g = try g.converted(to: input.precision) }
    if let sum = node.takeSum(g.shape, g.precision) {
        Kernel.accumulate(g, into: sum)
        node.gradient = sum
    } else if let held = node.gradient {
        node.gradient = try Operators.add(held, g)
    } else {
        node.gradient = g
    }
}

/// The largest relative difference between the gradient of `f` and central differences, in 64 bits.
public struct GradientCheck: Sendable {
    public let worst: Double
    /// Flat place of the worst entry, the gradient there, and the difference quotient.
    public let place: Int
    public let gradient: Double
    public let quotient: Double
}

/// Compares the gradient of the one-element `f` at `x` with (f(x + h) - f(x - h)) / 2h, entry by entry, in 64 bits.
public func checkGradient(at x: Tensor, step h: Double = 1e-5, _ f: (Tensor) throws -> Tensor) throws -> GradientCheck {
    let base = try x.converted(to: .double)
    let leaf = base.tracked()
    let y = try f(leaf)
    let g = try gradients(of: y, at: [leaf])[0] ?? Tensor.zeros(base.shape, .double)
    var worst = GradientCheck(worst: 0, place: 0, gradient: g.item, quotient: g.item)
    for i in 0..<base.count {
        let up = try base.copied()
        let down = try base.copied()
        let step = h * max(1, abs(base[i]))
        up.set(i, base[i] + step)
        down.set(i, base[i] - step)
        let quotient = try Recording.paused { (try f(up).item - f(down).item) / (2 * step) }
        let error = abs(quotient - g[i]) / max(1, abs(quotient), abs(g[i]))
        if !(error <= worst.worst) { worst = GradientCheck(worst: error, place: i, gradient: g[i], quotient: quotient) }
    }
    return worst
}
