/// The data sets and nets of a program by the names that its text gives them: repairs speak of the program's own things, and what
/// is advised of a loss depends on what the targets are.
package struct ProgramNames {
    /// What the targets of a data set are, as far as the text tells.
    enum Targets { case manyClasses, classes, unknown }

    /// A data set, and which part of a split it is.
    private struct DataSet {
        let name: String
        let targets: Targets
        let part: Int?
    }

    private var data: [DataSet] = []
    private var nets: [String] = []
    private var values: [String: Expression] = [:]
    private var bound: Set<String> = []

    /// Functions that give data sets with class numbers, and those whose targets the text does not show.
    private static let ofClasses: Set<String> = [
        "blobs", "moons", "rings", "spirals",
    ]
    /// The same with more than two classes, of pictures.
    private static let ofPictures: Set<String> = ["digits", "glyphs", "idx", "image_folder"]
    private static let ofAny: Set<String> = ["csv", "dataset", "npz"]
    /// Functions that give data sets of the kind that they are given.
    private static let passing: Set<String> = ["split", "split_classes", "balance", "shuffle", "join", "where"]

    package init(_ program: Program) { gather(program.statements) }

    private mutating func gather(_ statements: [Statement]) {
        for statement in statements {
            if case .assign(let targets, let value) = statement.kind {
                let names = targets.compactMap { if case .name(let name) = $0.kind { name } else { nil } }
                if names.count == targets.count { learn(names, value) }
            }
            for block in statement.blocks { gather(block.statements) }
            for part in statement.parts {
                part.walk { e in
                    if case .train(let train) = e.kind { self.bound.formUnion(train.boundNames) }
                    for block in e.blocks { self.gather(block.statements) }
                }
            }
        }
    }

    private mutating func learn(_ names: [String], _ value: Expression) {
        bound.formUnion(names)
        if let kind = targets(ofSet: value) {
            for (k, name) in names.enumerated() where !data.contains(where: { $0.name == name }) {
                data.append(DataSet(name: name, targets: kind, part: names.count > 1 ? k : nil))
            }
        } else if names.count == 1, let name = names.first {
            if isNet(value), !nets.contains(name) { nets.append(name) }
            values[name] = value
        }
    }

    /// What the targets of an expression's data set are; nil for what is no data set.
    private func targets(ofSet e: Expression) -> Targets? {
        switch e.kind {
        case .name(let name): return data.first { $0.name == name }?.targets
        case .index(let owner, _): return targets(ofSet: owner)
        case .call(let callee, let given, _):
            var word = ""
            var first = given.first?.value
            switch callee.kind {
            case .name(let name): word = name
            case .field(let owner, let name): (word, first) = (name.text, owner)
            default: return nil
            }
            if ProgramNames.ofPictures.contains(word) { return .manyClasses }
            if ProgramNames.ofClasses.contains(word) { return .classes }
            if ProgramNames.ofAny.contains(word) { return .unknown }
            return ProgramNames.passing.contains(word) ? first.flatMap(targets(ofSet:)) : nil
        default: return nil
        }
    }

    /// Whether an expression is the class numbers of a data set, or a data set with such.
    func isOfClasses(_ e: Expression) -> Bool {
        let kind = targets(of: e)
        return kind == .classes || kind == .manyClasses
    }

    /// Whether an expression is a data set, as far as the text tells.
    func isDataSet(_ e: Expression) -> Bool { targets(ofSet: e) != nil }

    /// Whether an expression is a data set of pictures, or a part of one.
    func isOfPictures(_ e: Expression) -> Bool { targets(of: e) == .manyClasses }

    private func targets(of e: Expression) -> Targets? {
        switch e.kind {
        case .field(let owner, let name): return ["x", "y"].contains(name.text) ? targets(ofSet: owner) : nil
        case .name(let name):
            if let value = values[name], value.kind != e.kind { return targets(of: value) }
            return targets(ofSet: e)
        default: return targets(ofSet: e)
        }
    }

    /// The data set of which two expressions are the examples and the targets: `d.x, d.y`.
    func dataSet(_ x: Expression, _ y: Expression) -> String? {
        guard case .field(let a, let first) = x.kind, case .field(let b, let second) = y.kind,
            first.text == "x", second.text == "y", case .name(let name) = a.kind, case .name(name) = b.kind,
            data.contains(where: { $0.name == name })
        else { return nil }
        return name
    }

    /// Whether the program has data sets, as far as its text tells.
    package var hasData: Bool { !data.isEmpty }

    /// What a name was given last.
    func value(_ name: String) -> Expression? { values[name] }

    private func isNet(_ e: Expression) -> Bool {
        switch e.kind {
        case .compose: return true
        case .call(let callee, _, _):
            guard case .name(let name) = callee.kind else { return false }
            return LayerNames.withWeights.contains(name)
        default: return false
        }
    }

    /// The same message, its repair in the names of the program; where it has no data set, without a line that needs one.
    package func named(_ d: Diagnostic) -> Diagnostic {
        guard d.edits.isEmpty, let repair = d.repair, let place = d.labels.first?.place else { return d }
        let line = place.source.line(place.source.position(place.span.start).line)
        let written = Set(line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        func own(_ word: String) -> String? {
            if bound.contains(word) || written.contains(word) { return nil }
            switch word {
            case "d", "data":
                return (data.first { written.contains($0.name) } ?? data.first { $0.part == nil } ?? data.first)?.name
            case "seen": return (data.first { $0.part == 0 } ?? data.first)?.name
            case "unseen":
                let hasParts = data.contains { $0.part != nil }
                return (data.first { $0.part == 1 } ?? (hasParts ? nil : data.first))?.name
            case "net": return nets.first { written.contains($0) } ?? nets.first
            default: return nil
            }
        }
        var d = d
        d.repair = RepairCode.renamed(repair, own: own)
        d.notes = d.notes.map { $0.contains(":  ") ? RepairCode.renamed($0, own: own) : $0 }
        if !hasData, bound.isDisjoint(with: ["d", "seen"]) { d.repair = RepairCode.withoutData(repair) }
        return d
    }
}
