import SiamTensor

/// Branches of a graph that go through the same weights become one tower.
extension ImportedNet {
    /// Where two inputs go through the same stages, those stages as one tower that is applied twice; where the stages are
    /// alike and their weights differ, as the two towers that they are.
    mutating func findTowers() {
        guard inputs.count == 2, inner.isEmpty else { return }
        let (left, right) = (inputs[0].value, inputs[1].value)
        let pairs = alike(left, right)
        guard !pairs.isEmpty else { return }
        let mates = Dictionary(uniqueKeysWithValues: pairs.map { ($0.a, $0.b) })
        // The rest of the graph reads one value of each, otherwise the tower has no single result.
        let (ours, theirs) = (Set(pairs.map(\.a)), Set(pairs.map(\.b)))
        let (a, b) = (frontier(ours), frontier(theirs))
        guard a.count == 1, b.count == 1, let end = a.first, let other = b.first,
            steps.first(where: { $0.output == end }) != nil
        else { return }
        let ends = ours.first { steps[$0].output == end }.flatMap { mates[$0] }.map { steps[$0].output }
        guard ends == other else { return }
        let isShared = pairs.allSatisfy { hasSameWeights(steps[$0.a], steps[$0.b]) }
        guard pairs.contains(where: { holdsWeights(steps[$0.a]) }) else { return }
        let first = cutOut(ours, left, end, name: isShared ? "tower" : "tower_\(inputs[0].name)")
        var second: ImportedNet?
        if !isShared { second = cutOut(theirs, right, other, name: "tower_\(inputs[1].name)") }
        // The rest keeps its stages; the towers' leave it.
        var rest = self
        rest.parts = []
        rest.steps = []
        rest.inner = [:]
        var moved: [Int: Int] = [:]
        func put(_ sheet: ImportedNet) -> Int {
            rest.parts.append(
                .init(name: sheet.name, text: sheet.name, weights: [], origin: "two inputs go through it"))
            rest.inner[rest.parts.count - 1] = [sheet]
            return rest.parts.count - 1
        }
        let one = put(first)
        let two = second.map { put($0) } ?? one
        rest.steps.append(.init(output: end, inputs: [left], kind: .part(one), name: first.name))
        rest.steps.append(.init(output: other, inputs: [right], kind: .part(two), name: second?.name ?? first.name))
        for k in steps.indices where !ours.contains(k) && !theirs.contains(k) {
            var step = steps[k]
            if case .part(let p) = step.kind {
                if moved[p] == nil {
                    moved[p] = rest.parts.count
                    rest.parts.append(parts[p])
                }
                step.kind = .part(moved[p] ?? p)
            }
            rest.steps.append(step)
        }
        rest.keepReadOwns()
        rest.notes.append(
            isShared
                ? "both inputs go through one shared tower"
                : "the two inputs go through towers of the same form with different weights: two towers, not one")
        self = rest
    }

    /// Steps that do the same to the one input as others to the other, pair by pair.
    private func alike(_ left: Int, _ right: Int) -> [(a: Int, b: Int)] {
        var makers: [Int: Int] = [:]
        for (k, s) in steps.enumerated() { makers[s.output] = k }
        // Which of the inputs a value depends on.
        var origins: [Int: Set<Int>] = [left: [left], right: [right]]
        for s in steps { origins[s.output] = s.inputs.reduce(into: []) { $0.formUnion(origins[$1] ?? []) } }
        let ours = steps.indices.filter { origins[steps[$0].output] == [left] }
        let theirs = steps.indices.filter { origins[steps[$0].output] == [right] }
        var mate: [Int: Int] = [left: right]
        var used: Set<Int> = []
        var pairs: [(a: Int, b: Int)] = []
        // Constants that a step reads are made by steps of no input.
        func isAlike(_ x: Int, _ y: Int) -> Bool {
            if let known = mate[x] { return known == y }
            guard x != y else { return true }
            guard origins[x]?.isEmpty == true, origins[y]?.isEmpty == true, let i = makers[x], let j = makers[y] else {
                return false
            }
            return form(steps[i]) == form(steps[j]) && shapes(steps[i]) == shapes(steps[j])
        }
        for a in ours {
            let fits = theirs.first { b in
                !used.contains(b) && form(steps[a]) == form(steps[b]) && shapes(steps[a]) == shapes(steps[b])
                    && steps[a].inputs.count == steps[b].inputs.count
                    && zip(steps[a].inputs, steps[b].inputs).allSatisfy(isAlike)
            }
            guard let b = fits else { continue }
            used.insert(b)
            mate[steps[a].output] = steps[b].output
            pairs.append((a, b))
        }
        return pairs
    }

    private func form(_ s: Step) -> String {
        switch s.kind {
        case .part(let p): "part " + parts[p].text
        case .text(let t): t
        }
    }
    private func shapes(_ s: Step) -> [Shape] {
        let own = s.owns.map { owns[$0].tensor.shape }
        if case .part(let p) = s.kind { return own + parts[p].weights.map(\.tensor.shape) }
        return own
    }
    private func weights(_ s: Step) -> [Tensor] {
        let own = s.owns.map { owns[$0].tensor }
        if case .part(let p) = s.kind { return own + parts[p].weights.map(\.tensor) }
        return own
    }
    private func holdsWeights(_ s: Step) -> Bool { weights(s).contains { $0.rank > 1 } }
    private func hasSameWeights(_ a: Step, _ b: Step) -> Bool {
        zip(weights(a), weights(b)).allSatisfy { $0 === $1 || $0.floats == $1.floats }
    }

    /// The values that steps of the set make and others read.
    private func frontier(_ set: Set<Int>) -> [Int] {
        let made = Set(set.map { steps[$0].output })
        var read: [Int] = outputs.map(\.value).filter { made.contains($0) }
        for k in steps.indices where !set.contains(k) { read += steps[k].inputs.filter { made.contains($0) } }
        return Array(Set(read))
    }

    /// Steps as a separate net, with the constants that they read.
    private func cutOut(_ set: Set<Int>, _ from: Int, _ to: Int, name: String) -> ImportedNet {
        var sheet = ImportedNet()
        sheet.name = name
        sheet.origin = "The part of a net that one input goes through"
        let port = inputs.first { $0.value == from }
        sheet.inputs = [Port(value: from, name: "x", shape: port?.shape ?? "", isTurned: port?.isTurned ?? false)]
        sheet.outputs = [Port(value: to, name: "y", shape: "", isTurned: false)]
        sheet.owns = owns
        var wanted = Set(set.flatMap { steps[$0].inputs })
        var whole = set
        for k in steps.indices.reversed() where wanted.contains(steps[k].output) && !set.contains(k) {
            whole.insert(k)
            wanted.formUnion(steps[k].inputs)
        }
        var moved: [Int: Int] = [:]
        for k in whole.sorted() {
            var step = steps[k]
            if case .part(let p) = step.kind {
                if moved[p] == nil {
                    moved[p] = sheet.parts.count
                    sheet.parts.append(parts[p])
                }
                step.kind = .part(moved[p] ?? p)
            }
            sheet.steps.append(step)
        }
        sheet.keepReadOwns()
        sheet.shortenNames()
        return sheet
    }

    /// `tower_fc1` is `fc1` in a tower of stages one behind the other, where all its names begin so.
    private mutating func shortenNames() {
        guard isChain, let first = parts.first?.name, let end = first.firstIndex(of: "_") else { return }
        let prefix = first[...end]
        let kept = parts.map { $0.name.dropFirst(prefix.count) }
        guard parts.allSatisfy({ $0.name.hasPrefix(prefix) }), kept.allSatisfy({ $0.first?.isLetter == true }) else {
            return
        }
        for k in parts.indices { parts[k].name = String(kept[k]) }
    }

    /// Lets go of tensors that no step reads, and of steps that no other reads.
    mutating func keepReadOwns() {
        var read = Set(outputs.map(\.value))
        var kept: [Step] = []
        for s in steps.reversed() where read.contains(s.output) {
            kept.append(s)
            read.formUnion(s.inputs)
        }
        steps = kept.reversed()
        let used = Set(steps.flatMap(\.owns)).sorted()
        let places = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        owns = used.map { owns[$0] }
        for k in steps.indices { steps[k].owns = steps[k].owns.map { places[$0] ?? $0 } }
    }
}
