/// `savefig("curve.png")` of other libraries, which means the figure that was drawn last.
extension ForeignRewriter {
    private static let drawing: Set<String> = ["plot", "hist", "scatter", "bars", "image", "heat", "grid"]

    /// The call that saves that figure, in the names of the program; nil where the text shows none.
    func savedFigure(_ around: [Expression], _ program: Program) -> (call: Expression, written: String)? {
        for e in around {
            guard case .call(let callee, let given, _) = e.kind, let first = given.first, first.name == nil else {
                continue
            }
            var owner: Expression?
            switch callee.kind {
            case .name("savefig"): break
            case .field(let o, let word) where word.text == "savefig": owner = o
            default: continue
            }
            guard let path = path(first.value) else { return nil }
            if case .name(let figure)? = owner?.kind, !Foreign.packages.contains(figure), isKnown(figure),
                let drawn = drawn(program, before: e.span.start, named: figure)
            {
                return (e, "save(\(drawn), \(path))")
            }
            return drawn(program, before: e.span.start, named: nil).map { (e, "save(\($0), \(path))") }
        }
        return nil
    }

    /// A picture's path with an ending that siam writes.
    private func path(_ e: Expression) -> String? {
        guard let path = e.plainText else { return text(e) }
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return "\"\(path).png\"" }
        let ending = name[name.index(after: dot)...].lowercased()
        if ["svg", "png"].contains(ending) { return source.text(e.span) }
        return ["pdf", "eps", "ps", "jpg", "jpeg"].contains(ending) ? "\"\(path.dropLast(ending.count))svg\"" : nil
    }

    /// What was drawn last before a place: the name of the figure, or the call that draws it.
    private func drawn(_ program: Program, before place: Int, named name: String?) -> String? {
        var last: String?
        for statement in program.statements where statement.span.start < place {
            switch statement.kind {
            case .assign(let targets, let value):
                guard targets.count == 1, case .name(let figure)? = targets.first?.kind,
                    case .call(let callee, _, _) = value.kind, let word = callee.lastWord,
                    ForeignRewriter.drawing.contains(word)
                else { continue }
                if name == nil || name == figure { last = figure }
            case .expression(let e):
                guard name == nil, case .call(let callee, let given, let isCommand) = e.kind,
                    let word = callee.lastWord, ForeignRewriter.drawing.contains(word), !given.isEmpty
                else { continue }
                let written =
                    isCommand ? "\(word)(\(given.map { $0.text(in: source) }.joined(separator: ", ")))" : text(e)
                last = written.flatMap { $0.hasPrefix("\(word)(") && $0.utf8.count <= 60 ? $0 : nil } ?? last
            default: continue
            }
        }
        return last
    }
}

extension Expression {
    /// `plot`, and the `plot` of `plt.plot`.
    fileprivate var lastWord: String? {
        switch kind {
        case .name(let name): name
        case .field(_, let name): name.text
        default: nil
        }
    }
}
