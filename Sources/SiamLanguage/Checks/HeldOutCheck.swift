/// A classifier of pictures that is judged by the very pictures that it was trained on, in a program that holds none back: worth
/// a note, since it may be a test of whether the net learns at all.
struct HeldOutCheck {
    private static let readers: Set<String> = ["digits", "idx", "image_folder"]
    private static let parting: Set<String> = [
        "split", "split_classes", "fold", "sample", "where", "filter", "balance", "shuffle", "dataset", "glyphs", "csv",
        "npz",
    ]

    static func run(_ program: Program) -> [Diagnostic] {
        var sets: [String] = []
        var count = 0
        var isOther = false
        var trains: [Train] = []
        for statement in program.statements {
            switch statement.kind {
            case .importFile: isOther = true
            case .assign(let targets, let value):
                if targets.count == 1, case .name(let name) = targets[0].kind, readers.contains(value.calledWord ?? "")
                {
                    sets.append(name)
                }
            default: break
            }
            statement.walk { e in
                if case .train(let train) = e.kind { trains.append(train) }
                if case .index(let owner, _) = e.kind, case .name(let name) = owner.kind, sets.contains(name) {
                    isOther = true
                }
                guard let word = e.calledWord else { return }
                if readers.contains(word) { count += 1 }
                if parting.contains(word) { isOther = true }
            }
        }
        guard !isOther, sets.count == 1, count == 1, let set = sets.first else { return [] }
        var learnt: Set<String> = []
        for train in trains {
            guard case .call(_, let given, _) = train.source.kind, given.first?.value.kind == .name(set),
                ["batches", "pairs", "triplets", "balanced"].contains(train.source.calledWord ?? "")
            else { continue }
            let read = LintCheck.names(in: train.body.statements)
            guard let last = train.boundNames.last, read.contains(last) else { continue }
            for net in train.nets { if case .name(let name) = net.kind { learnt.insert(name) } }
        }
        var found: [Diagnostic] = []
        for statement in program.statements {
            statement.walk { e in
                guard found.isEmpty, case .call(_, let given, _) = e.kind,
                    LintCheck.measures.contains(e.calledWord ?? ""),
                    let net = given.compactMap({ a -> String? in
                        guard case .name(let name) = a.value.kind, learnt.contains(name) else { return nil }
                        return name
                    }).first,
                    let place = given.first(where: { $0.value.kind == .name(set) })?.value.span
                else { return }
                found.append(
                    Diagnostic(
                        .note, code: "data.seen",
                        "\(set) is what \(net) was trained on: this number says nothing of new examples",
                        at: [.init(Place(program.source, place))],
                        repair: "hold a part back before the training:  seen, unseen = split(\(set), 0.8)"))
            }
        }
        return found
    }
}

extension Expression {
    /// The word that is called: `f` of `f(x)` and of `x.f()`.
    fileprivate var calledWord: String? {
        guard case .call(let callee, _, _) = kind else { return nil }
        switch callee.kind {
        case .name(let name): return name
        case .field(_, let name): return name.text
        default: return nil
        }
    }
}
