import SiamGradient
import SiamTensor

/// The computation graph of one step: which values were computed from which, from the batch and the parameters to the loss.
///
/// It is read from the operators that ran, so it does not depend on how the program is written. Vertices are in the order in
/// which they were computed.
final class StepGraph {
    /// One value of the step.
    struct Vertex {
        let tensor: Tensor
        /// The operator that made it; nil of a leaf.
        let op: Operator?
        let inputs: [Int]
        /// Which part of the batch it is; nil of everything else.
        let part: Int?
        /// The place of the parameter that it is, among those of the run.
        let parameter: Int?
        var dependsOnParameters: Bool
        var dependsOnData: Bool
        /// Both: what the net made of the data.
        var isProcessed: Bool { dependsOnParameters && dependsOnData }
        /// Data alone, more than one number.
        var isPlain: Bool { dependsOnData && !dependsOnParameters && tensor.count > 1 }
        var rows: Int { tensor.rank > 0 ? tensor.shape[0] : 1 }
    }

    /// One side of a comparison: what became of one input before it met another input or its target.
    struct Side {
        /// The vertex of the data where it meets parameters first.
        let birth: Int
        /// The last vertex that all of the side passes before it meets something else: the embedding, or the output.
        let end: Int
        /// The vertices of the side up to its end, in order.
        let path: [Int]
    }

    private struct Memory: Hashable {
        let storage: ObjectIdentifier
        let offset: Int
        let count: Int
    }

    private(set) var vertices: [Vertex] = []
    private(set) var consumers: [[Int]] = []
    private(set) var loss = 0
    /// One of each input: an anchor that is embedded twice is one side.
    private(set) var sides: [Side] = []
    /// All paths of inputs through parameters to the comparison.
    private(set) var passes: [Side] = []
    /// Data vertices that are combined with outputs after the ends of the sides: labels and targets, as they are used.
    private(set) var targets: [Int] = []
    /// Whether rows of the batch are combined with one another after the end of a side, as in a matrix of all distances.
    private(set) var mixesRows = false
    /// Whether parameters are used after the ends of the sides: a head on top of a comparison.
    private(set) var hasHead = false

    /// Of what a step minimizes. `parameters` are the values of the run's parameters, `batch` the tracked parts of the batch,
    /// `states` what layers keep beside their parameters, as running means: no data.
    init?(of y: Tensor, parameters: [Tensor], batch: [Tensor], states: [Tensor] = []) {
        func isState(_ t: Tensor) -> Bool {
            states.contains { $0.storage === t.storage && $0.offset == t.offset && $0.count == t.count }
        }
        guard y.origin is Node else { return nil }
        var known: [ObjectIdentifier: Int] = [:]
        var parameterPlaces: [ObjectIdentifier: Int] = [:]
        for (k, p) in parameters.enumerated() { if let o = p.origin { parameterPlaces[ObjectIdentifier(o)] = k } }
        // A part of the batch is recognised by its node or, if it has none, by its memory: flattened it is still the same.
        func part(_ t: Tensor) -> Int? {
            batch.firstIndex { b in
                if let own = b.origin { return own === t.origin }
                return t.origin == nil && t.storage === b.storage && t.offset == b.offset && t.count == b.count
            }
        }
        // Leaves with the same memory are one value: an input that is flattened twice is one input.
        var byMemory: [Memory: ObjectIdentifier] = [:]
        func key(_ t: Tensor) -> ObjectIdentifier {
            if let origin = t.origin { return ObjectIdentifier(origin) }
            let place = Memory(storage: ObjectIdentifier(t.storage), offset: t.offset, count: t.count)
            if let known = byMemory[place] { return known }
            byMemory[place] = ObjectIdentifier(t)
            return ObjectIdentifier(t)
        }

        // A weight a channel over a running deviation: numbers of the net, and no data met them.
        func isScale(_ t: Tensor, _ from: [Int]) -> Bool {
            !batch.isEmpty && t.rank == 1 && from.contains { vertices[$0].dependsOnParameters }
                && from.allSatisfy {
                    let v = vertices[$0]
                    return v.op == nil && v.part == nil && v.tensor.rank == 1 && v.tensor.count == t.count
                }
        }

        // Without recursion: a graph may be as deep as a program likes.
        var stack: [(tensor: Tensor, isOpen: Bool)] = [(y, false)]
        while let (tensor, isOpen) = stack.popLast() {
            let id = key(tensor)
            if known[id] != nil { continue }
            let node = tensor.origin as? Node
            let inputs = node?.op == nil ? [] : node?.inputs ?? []
            if !isOpen, !inputs.isEmpty {
                stack.append((tensor, true))
                for x in inputs.reversed() where known[key(x)] == nil { stack.append((x, false)) }
                continue
            }
            let from = inputs.compactMap { known[key($0)] }
            let parameter = parameterPlaces[id]
            let isLeaf = inputs.isEmpty
            // What is tracked and no part of the batch is a parameter, of this run or of another net.
            let isWeight = parameter != nil || isLeaf && tensor.isTracked && part(tensor) == nil
            known[id] = vertices.count
            vertices.append(
                Vertex(
                    tensor: tensor, op: isLeaf ? nil : node?.op, inputs: from, part: isLeaf ? part(tensor) : nil,
                    parameter: parameter,
                    dependsOnParameters: isWeight || inherits(\.dependsOnParameters, from),
                    dependsOnData: isLeaf
                        ? !isWeight && tensor.count > 1 && !isState(tensor)
                        : inherits(\.dependsOnData, from) && !isScale(tensor, from)))
            if vertices.count > StepGraph.most { return nil }
        }
        loss = vertices.count - 1
        consumers = Array(repeating: [], count: vertices.count)
        for (k, v) in vertices.enumerated() { for i in v.inputs { consumers[i].append(k) } }
        findSides()
    }
    /// A step of more operators than this is not looked into.
    private static let most = 20_000

    private func inherits(_ property: KeyPath<Vertex, Bool>, _ from: [Int]) -> Bool {
        from.contains { vertices[$0][keyPath: property] }
    }

    // MARK: Sides

    /// The side that an output vertex belongs to; `met` after sides have been combined.
    private enum Flow: Equatable {
        case none
        case side(Int)
        case met
    }

    private func findSides() {
        var flow = [Flow](repeating: .none, count: vertices.count)
        var births: [Int] = []
        var owner: [Int: Int] = [:]
        for (k, v) in vertices.enumerated() where v.isProcessed {
            let processed = v.inputs.filter { vertices[$0].isProcessed }
            let plain = v.inputs.filter { vertices[$0].isPlain }
            if processed.isEmpty {
                // Data meets parameters here. One input through two layers (a residual) is one side.
                guard let source = plain.first ?? v.inputs.first(where: { vertices[$0].dependsOnData }) else {
                    flow[k] = .met
                    continue
                }
                if let known = owner[source] {
                    flow[k] = .side(known)
                } else {
                    owner[source] = births.count
                    flow[k] = .side(births.count)
                    births.append(source)
                }
                continue
            }
            let sides = Set(processed.map { p -> Int in if case .side(let s) = flow[p] { s } else { -1 } })
            guard sides.count == 1, let side = sides.first, side >= 0 else {
                flow[k] = .met
                continue
            }
            if let selected = selection(k, processed) {
                // Rows picked out of one pass: two halves of it are two sides.
                owner[k] = births.count
                flow[k] = .side(births.count)
                births.append(selected)
                continue
            }
            let isOne =
                keepsRows(k, processed)
                && plain.allSatisfy {
                    isMask($0, beside: processed, in: k) || isOwnMask($0, of: births[side], in: k)
                }
            flow[k] = isOne ? .side(side) : .met
        }
        collect(flow, births)
    }

    private func collect(_ flow: [Flow], _ births: [Int]) {
        var ends: [(side: Int, end: Int, path: [Int])] = []
        for s in births.indices {
            let own = vertices.indices.filter { flow[$0] == .side(s) }
            // The last vertex that every path through the side passes: no edge leads from before it to after it.
            var open = -1
            var end: Int?
            for v in own {
                if open <= v, vertices[v].tensor.count > 1 { end = v }
                // Edges out of the side count as leading past everything.
                for c in consumers[v] { open = max(open, flow[c] == .side(s) ? c : Int.max) }
            }
            // What follows an edge out of the side is after its end: look for the last vertex before the first such edge.
            guard let end else { continue }
            ends.append((s, end, own.filter { $0 <= end }))
        }
        // A side that only feeds other sides (one pass, then halves of it) is no side of the comparison.
        let fed = Set(births.filter { vertices[$0].isProcessed })
        let all = ends.filter { e in
            !fed.contains { f in e.path.contains(f) && consumers[f].allSatisfy { flow[$0] != .met } }
        }.map { Side(birth: births[$0.side], end: $0.end, path: $0.path) }
        passes = all
        let behind = Set(vertices.indices.filter { flow[$0] == .met })
        for k in behind {
            let v = vertices[k]
            for i in v.inputs {
                if vertices[i].isPlain, !targets.contains(i) { targets.append(i) }
                if !vertices[i].dependsOnData, vertices[i].dependsOnParameters, vertices[i].tensor.count > 1 {
                    hasHead = true
                }
            }
        }
        targets.sort()
        sides = distinct(all)
        // All pairs of the rows of a batch, or two halves of it: picked twice from what one pass gave.
        let picked = all.map(\.birth).filter { vertices[$0].isProcessed }
        mixesRows = Set(picked).count < picked.count || sides.contains { mixesRows(behind: $0.end) }
    }

    /// Whether rows of a side's end meet other rows of it: in a product with itself, in a matrix of distances, by broadcasting.
    private func mixesRows(behind end: Int) -> Bool {
        var open = [end]
        var seen = Set<Int>()
        while let k = open.popLast() {
            guard seen.insert(k).inserted else { continue }
            if k != end, mixes(k, end) { return true }
            // Beyond a loss a row there is nothing to mix.
            if vertices[k].tensor.count > 1 { open += consumers[k] }
        }
        return false
    }

    /// The passes of different inputs. Their ends are brought to the same stage behind the last weights, since one pass may
    /// share with others what another computes again.
    private func distinct(_ all: [Side]) -> [Side] {
        var seen = Set<Int>()
        var found: [Side] = []
        for side in all {
            // A part of the batch that was flattened twice is two leaves and one input.
            let birth = root(side.birth)
            let key = vertices[birth].part.map { -1 - $0 } ?? birth
            if seen.insert(key).inserted { found.append(side) }
        }
        guard found.count > 1 else { return found }
        // In the order of the batch's parts, whatever the order of the text.
        let places = found.map { vertices[root($0.birth)].part }
        if !places.contains(nil) {
            found = zip(found, places).sorted { ($0.1 ?? 0) < ($1.1 ?? 0) }.map(\.0)
        }
        func behind(_ s: Side) -> [Int] {
            guard let last = lastWeight(s) else { return [s.end] }
            return s.path.filter { $0 >= last && vertices[$0].rows == vertices[s.end].rows }
        }
        // Several batches whose losses are added up are one comparison, made several times.
        if areApart(found) {
            let one = found.first { vertices[root($0.birth)].part != nil } ?? found[0]
            keepTargets(of: one)
            return [one]
        }
        let names = found.map { behind($0).map { vertices[$0].op?.name ?? "" } }
        guard Set(names.map { $0.joined(separator: " ") }).count > 1 else { return found }
        // As many stages as all have in common.
        var common = 1
        while names.allSatisfy({ $0.count > common && $0[common] == names[0][common] }) { common += 1 }
        return found.map { s in
            let stages = behind(s)
            let end = stages[min(common, stages.count) - 1]
            return Side(birth: s.birth, end: end, path: s.path.filter { $0 <= end })
        }
    }
    /// Leaves the targets that one side meets.
    private func keepTargets(of side: Side) {
        var behind = Set<Int>()
        var open = [side.end]
        while let k = open.popLast() { if behind.insert(k).inserted { open += consumers[k] } }
        targets.removeAll { t in !consumers[t].contains { behind.contains($0) && vertices[$0].tensor.count > 1 } }
    }

    /// Whether sides meet nowhere but in sums of single numbers.
    private func areApart(_ all: [Side]) -> Bool {
        var owner: [Int: Int] = [:]
        for (s, side) in all.enumerated() {
            var open = [side.end]
            var seen = Set<Int>()
            while let k = open.popLast() {
                guard vertices[k].tensor.count > 1, seen.insert(k).inserted else { continue }
                if let other = owner[k], other != s { return false }
                owner[k] = s
                open += consumers[k]
            }
        }
        return true
    }

    /// The part of the batch or the tensor that plain data comes from.
    func root(_ k: Int) -> Int {
        var at = k
        while let first = vertices[at].inputs.first(where: {
            vertices[$0].dependsOnData && !vertices[$0].dependsOnParameters
        }),
            vertices[at].part == nil, vertices[at].op?.name != "index", vertices[at].op?.name != "gather"
        { at = first }
        return at
    }
    func lastWeight(_ side: Side) -> Int? {
        side.path.last { k in
            vertices[k].inputs.contains { !vertices[$0].dependsOnData && vertices[$0].dependsOnParameters }
        }
    }

    /// The input whose rows the vertex picks, where it does nothing else.
    private func selection(_ k: Int, _ processed: [Int]) -> Int? {
        guard processed.count == 1, let name = vertices[k].op?.name else { return nil }
        let (input, output) = (vertices[processed[0]].tensor, vertices[k].tensor)
        guard input.rank >= 2, output.rank == input.rank,
            input.shape.dims.dropFirst().elementsEqual(output.shape.dims.dropFirst())
        else { return nil }
        return ["index", "gather", "slice", "split"].contains(name) ? processed[0] : nil
    }

    /// Whether row i of the vertex depends on row i of its processed inputs alone, or on statistics of the whole batch.
    private func keepsRows(_ k: Int, _ processed: [Int]) -> Bool {
        let v = vertices[k]
        guard let name = v.op?.name, v.tensor.rank > 0 else { return false }
        if name.hasPrefix("pairwise") { return false }
        let widest = processed.map { vertices[$0].rows }.max() ?? 0
        if processed.count == 1 {
            let input = vertices[processed[0]].tensor
            // A statistic over the batch: pure as long as only its own side uses it.
            if v.rows != vertices[processed[0]].rows { return input.rank > 1 && isStatistic(k) }
            return name != "transpose" && name != "permute" && !(name == "matmul" && isRightOperand(processed[0], k))
        }
        if ["matmul", "einsum", "outer"].contains(name) { return false }
        return v.rows == widest && processed.allSatisfy { vertices[$0].rows == widest || isStatistic($0) }
            && v.tensor.count <= (processed.map { vertices[$0].tensor.count }.max() ?? 0) * processed.count
    }

    /// A mean or a variance of columns: one row, as wide as its input.
    private func isStatistic(_ k: Int) -> Bool {
        let v = vertices[k]
        return v.tensor.count > 1 && (v.tensor.rank == 1 || v.rows == 1)
    }

    private func isRightOperand(_ input: Int, _ k: Int) -> Bool {
        vertices[k].inputs.count == 2 && vertices[k].inputs[1] == input
    }

    /// Data of the same shape as a row that multiplies it, as dropout and masks do. A one-hot row picks a class instead.
    private func isMask(_ plain: Int, beside processed: [Int], in k: Int) -> Bool {
        guard let name = vertices[k].op?.name, let p = processed.first else { return false }
        let (mask, value) = (vertices[plain], vertices[p])
        // Places of a sequence that hold nothing, told by a comparison, and how many hold something: one number beside a row's
        // many.
        if mask.part == nil, mask.tensor.rank == value.tensor.rank, let last = mask.tensor.shape.dims.last, last == 1,
            value.tensor.shape.dims.last ?? 1 > 1
        {
            if name == "divide" { return true }
            let isFlag = mask.tensor.floats.allSatisfy { $0 == 0 || $0 == 1 }
            if name == "multiply" || name == "where", isFlag,
                mask.tensor.rank > 2 || name == "where" && mask.tensor.floats.allSatisfy({ $0 == 1 })
            {
                return true
            }
        }
        guard ["multiply", "divide", "add", "subtract", "power", "maximum", "minimum"].contains(name) else {
            return false
        }
        if mask.part != nil || comesFromBatch(plain) { return false }
        // Shares of the classes beside logarithms of probabilities: smoothed labels, or what a teacher answers.
        if let made = value.op?.name, made == "log_softmax" || made == "log", mask.tensor.shape == value.tensor.shape,
            mask.tensor.rank == 2, case let values = mask.tensor.floats, case let width = mask.tensor.shape[1],
            (0..<mask.rows).allSatisfy({ r in
                let row = values[r * width..<(r + 1) * width]
                return row.allSatisfy { $0 >= -1e-6 } && abs(row.reduce(0, +) - 1) < 1e-3
            })
        {
            return false
        }
        // A vector of the rows' number beside one number a row is a label.
        guard mask.tensor.rank < value.tensor.rank || mask.tensor.shape == value.tensor.shape && mask.tensor.rank > 1
        else {
            return false
        }
        // One number a row beside a column of numbers is a label too.
        if mask.tensor.rank == 1, mask.tensor.count == value.rows, value.tensor.count == value.rows { return false }
        if name != "multiply", name != "divide", name != "add" { return mask.tensor.rank < value.tensor.rank }
        guard name != "add", mask.tensor.rank == 2, mask.tensor.shape[1] > 1 else {
            return mask.tensor.rank != 2 || name == "add"
        }
        let width = mask.tensor.shape[1]
        let values = mask.tensor.floats
        let isOneHot = (0..<mask.rows).allSatisfy { r in
            values[r * width..<(r + 1) * width].count { $0 != 0 } == 1
        }
        return !isOneHot
    }

    /// Zeros and ones made of the side's own input, as of tokens that are padding.
    private func isOwnMask(_ plain: Int, of birth: Int, in k: Int) -> Bool {
        guard let name = vertices[k].op?.name, ["multiply", "divide", "where"].contains(name),
            root(plain) == root(birth), plain != birth, vertices[plain].part == nil
        else { return false }
        return name == "divide" || vertices[plain].tensor.floats.allSatisfy { $0 == 0 || $0 == 1 }
    }

    func comesFromBatch(_ k: Int) -> Bool {
        var open = [k]
        var seen = Set<Int>()
        while let v = open.popLast() {
            guard seen.insert(v).inserted else { continue }
            if vertices[v].part != nil { return true }
            open += vertices[v].inputs
        }
        return false
    }

    /// The part of the batch that a side's first input was worked out from, row by row.
    func rowsBefore(_ side: Side) -> Tensor? {
        var at = side.birth
        while vertices[at].part == nil {
            let own = vertices[at].inputs.filter { vertices[$0].isPlain && vertices[$0].rows == vertices[at].rows }
            guard own.count == 1, let next = own.first else { return nil }
            at = next
        }
        return vertices[at].tensor
    }

    private func mixes(_ k: Int, _ end: Int) -> Bool {
        let v = vertices[k]
        guard let name = v.op?.name else { return false }
        let n = vertices[end].rows
        switch name {
        case "transpose", "permute": return v.tensor.rank >= 2
        case "matmul", "einsum", "outer": return v.inputs.count { vertices[$0].dependsOnData } > 1
        case "expand", "reshape": return v.tensor.rank > vertices[end].tensor.rank && v.tensor.shape[0] != n
        default: return name.hasPrefix("pairwise")
        }
    }

    // MARK: What can be asked

    /// The operators of a side after its last parameter, in order: activations, masks, normalisations.
    func stagesBehindWeights(_ side: Side) -> [String] {
        guard let last = lastWeight(side) else { return [] }
        return side.path.filter { $0 > last }.compactMap { vertices[$0].op?.name }
    }

    /// What the first weights of a side are given.
    func firstInput(_ side: Side) -> Tensor { vertices[side.birth].tensor }

    /// The inputs, row by row, that a target is of: of a pair how far its two sides are apart in each number; nil where the
    /// sides are not of one kind.
    func whatTellsTheTarget(_ task: Task) -> [Double]? {
        guard let side = sides.first else { return nil }
        guard task == .verification else { return firstInput(side).doubles }
        guard sides.count == 2, case let (a, b) = (firstInput(sides[0]), firstInput(sides[1])), a.shape == b.shape
        else {
            return nil
        }
        return zip(a.doubles, b.doubles).map { abs($0 - $1) }
    }

    /// Whether two sides pass through the same parameters.
    func parameters(of side: Side) -> Set<Int> {
        var open = [side.end]
        var found = Set<Int>()
        var seen = Set<Int>()
        while let k = open.popLast() {
            guard seen.insert(k).inserted else { continue }
            if let p = vertices[k].parameter { found.insert(p) }
            open += vertices[k].inputs
        }
        return found
    }

    /// Parameters that the loss depends on.
    var reachedParameters: Set<Int> { Set(vertices.compactMap(\.parameter)) }
}
