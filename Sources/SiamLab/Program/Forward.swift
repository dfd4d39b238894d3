import SiamLanguage

/// What a layer of the user's own does with its first input, read from its `forward`.
struct Forward {
    private let parts: [String: Expression]
    private let inputs: [String]
    private let body: Body?

    init(_ members: [LayerDefinition.Member]) {
        var parts: [String: Expression] = [:]
        var found: (inputs: [String], body: Body)?
        for member in members {
            switch member {
            case .part(let name, let e): parts[name.text] = e
            case .forward(let names, let body): found = (names.map(\.text), body)
            default: break
            }
        }
        (self.parts, inputs, body) = (parts, found?.inputs ?? [], found?.body)
    }

    /// The stages that the first input passes one after another, as far as the text is a plain chain of calls: of
    /// `f2(f1(flatten(x)))` they are flatten, f1, f2; parts stand for what they are made of.
    var stages: [Expression] {
        guard let input = inputs.first, let body else { return [] }
        var known: [String: [Expression]] = [input: []]
        var longest: [Expression] = []
        func look(_ e: Expression) {
            e.walk { if let chain = chain($0, known), chain.count > longest.count { longest = chain } }
        }
        switch body {
        case .expression(let e): look(e)
        case .block(let block):
            for s in block.statements {
                switch s.kind {
                case .assign(let targets, let value):
                    look(value)
                    guard targets.count == 1, case .name(let name)? = targets.first?.kind else { continue }
                    known[name] = chain(value, known)
                case .expression(let e), .returnValue(.some(let e)): look(e)
                default: break
                }
            }
        }
        return longest
    }

    private func chain(_ e: Expression, _ known: [String: [Expression]], _ depth: Int = 0) -> [Expression]? {
        guard depth < 40 else { return nil }
        switch e.kind {
        case .name(let name): return known[name]
        case .call(let f, let arguments, _):
            guard arguments.count == 1, case .name = f.kind else { return nil }
            return chain(arguments[0].value, known, depth + 1).map { $0 + [stage(f)] }
        case .apply(let input, let f): return chain(input, known, depth + 1).map { $0 + [stage(f)] }
        default: return nil
        }
    }

    private func stage(_ f: Expression) -> Expression {
        if case .name(let name) = f.kind, let part = parts[name] { return part }
        return f
    }
}
