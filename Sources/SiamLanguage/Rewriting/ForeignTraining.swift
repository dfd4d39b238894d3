/// `net.compile(...)` and `net.fit(...)` of other libraries as one `train`: the data and the length are those of `fit`, the
/// optimizer and the loss those of `compile`.
struct ForeignTraining {
    let rewriter: ForeignRewriter
    let names: ProgramNames
    private var compiled: [String: [Argument]] = [:]
    private var fitted: [String: [Argument]] = [:]
    /// The names that the program gives its things, by the place of the value.
    private var assigned: [(name: String, value: Expression)] = []

    init(_ program: Program, _ rewriter: ForeignRewriter) {
        self.rewriter = rewriter
        names = ProgramNames(program)
        var calls: [(String, String, [Argument])] = []
        for statement in program.statements {
            statement.walk { e in
                guard case .call(let callee, let given, _) = e.kind, case .field(let owner, let word) = callee.kind,
                    case .name(let net) = owner.kind
                else { return }
                calls.append((word.text, net, given))
            }
        }
        for (word, net, given) in calls {
            if word == "compile" { compiled[net] = given }
            if word == "fit" || word == "fit_transform" { fitted[net] = given }
        }
        for statement in program.statements {
            guard case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(let name) = targets[0].kind
            else { continue }
            assigned.append((name, value))
        }
    }

    /// The statement that trains, and what is to be said of its loss; nil where the text does not show what it is.
    func statement(_ net: String) -> (says: String, note: String?)? {
        guard let (data, targets) = data(net) else { return nil }
        let length = argument(["epochs", "n_epoch", "nb_epoch"], of: fitted[net])
        let (loss, note) = loss(net, targets)
        let steps = length.map { rewriter.source.text($0.span) } ?? "5"
        let whole =
            "train \(net) on \(data) for \(steps) epochs using \(optimizer(net)) { minimize \(loss) }"
        return whole.utf8.count <= 150 && !whole.contains("\n") ? ("training is  \(whole)", note) : nil
    }

    /// `scaler = StandardScaler()`, which elsewhere learns from the data later: the layer by the program's own name.
    func scaler(_ word: String, _ span: Span) -> String? {
        guard let own = ["StandardScaler": "standardize", "MinMaxScaler": "normalize"][word],
            let (name, value) = assigned.first(where: {
                $0.value.span.start <= span.start && span.end <= $0.value.span.end
            })
        else { return nil }
        var given = fitted[name]
        value.walk { e in
            if case .call(let callee, let inner, _) = e.kind, case .field(_, let word) = callee.kind,
                word.text.hasPrefix("fit")
            {
                given = inner
            }
        }
        guard let x = given?.first.map({ rewriter.source.text($0.value.span) }), x.utf8.count <= 30 else {
            return "it is made of the data, and called with what is to be scaled:  \(name) = \(own)(seen)"
        }
        if case .call(let callee, _, _) = value.kind, case .field(_, let word) = callee.kind,
            word.text == "fit_transform"
        {
            return "it is made of the data, and called with it:  \(name) = \(own)(\(x))(\(x))"
        }
        return "it is made of the data, and called with it:  \(name) = \(own)(\(x)),  \(name)(\(x))"
    }

    private func argument(_ words: [String], of given: [Argument]?) -> Expression? {
        given?.first { $0.name.map { words.contains($0.text) } ?? false }?.value
    }

    private func data(_ net: String) -> (text: String, targets: Expression?)? {
        guard let given = fitted[net] else { return ("batches(d, 32) as x, y", nil) }
        let plain = given.filter { $0.name == nil }.map(\.value)
        let x = argument(["x"], of: given) ?? plain.first
        let y = argument(["y"], of: given) ?? (plain.count > 1 ? plain[1] : nil)
        guard let x, plain.count < 3 else { return nil }
        let batch = argument(["batch_size"], of: given).map { rewriter.source.text($0.span) } ?? "32"
        let text = rewriter.source.text(x.span)
        guard let y else { return ("batches(\(text), \(batch)) as x, y", x) }
        if let set = names.dataSet(x, y) { return ("batches(\(set), \(batch)) as x, y", y) }
        return ("batches(\(text), \(rewriter.source.text(y.span)), batch = \(batch)) as x, y", y)
    }

    private func optimizer(_ net: String) -> String {
        let given = compiled[net]
        let first = given?.first.flatMap { $0.name == nil ? $0.value : nil }
        guard let value = argument(["optimizer"], of: given) ?? first else { return "adam(0.001)" }
        if let word = value.plainText?.lowercased() {
            return ["sgd": "sgd(0.01)", "rmsprop": "rmsprop(0.001, rho = 0.9)"][word] ?? "adam(0.001)"
        }
        guard case .call = value.kind, let text = rewriter.text(value), text.utf8.count <= 40 else {
            return "adam(0.001)"
        }
        return text
    }

    // MARK: The loss

    /// The loss that was named, or the one that fits the targets; where neither is known, both in words.
    private func loss(_ net: String, _ targets: Expression?) -> (text: String, note: String?) {
        let scores = "\(net)(x)"
        let last = last(net)
        let isOne = last.units == 1
        let column = isOne ? "\(scores)[.., 0]" : scores
        switch named(net) {
        case "categoricalcrossentropy", "sparsecategoricalcrossentropy", "crossentropyloss", "crossentropy":
            return (
                "cross_entropy(\(scores), y)",
                last.word == "softmax" ? "cross_entropy contains the softmax: leave it out of \(net)" : nil
            )
        case "binarycrossentropy", "bceloss", "bcewithlogitsloss":
            return (last.word == "sigmoid" ? "bce(\(column), y)" : "bce_with_logits(\(column), y)", nil)
        case "mse", "meansquarederror", "mseloss": return ("mse(\(column), y)", nil)
        case "mae", "meanabsoluteerror", "l1loss": return ("mae(\(column), y)", nil)
        case nil:
            if !isOne, let targets, names.isOfClasses(targets) { return ("cross_entropy(\(scores), y)", nil) }
        default: break
        }
        return (
            "...",
            isOne
                ? "the loss is  mse(\(column), y)  for numbers, bce_with_logits(\(column), y)  for 0 and 1"
                : "the loss is  cross_entropy(\(scores), y)  for class numbers,  mse(\(scores), y)  for other targets"
        )
    }

    /// The loss that `compile` names, in small letters alone.
    private func named(_ net: String) -> String? {
        let plain = compiled[net]?.filter { $0.name == nil }.map(\.value) ?? []
        guard var value = argument(["loss"], of: compiled[net]) ?? (plain.count > 1 ? plain[1] : nil) else {
            return nil
        }
        var word = value.plainText
        if case .call(let callee, _, _) = value.kind { value = callee }
        if case .field(_, let name) = value.kind { word = name.text }
        if case .name(let name) = value.kind { word = name }
        return (word ?? "?").lowercased().filter(\.isLetter)
    }

    /// The last stage of a net, and how many numbers it gives.
    private func last(_ net: String) -> (word: String?, units: Double?) {
        var stages: [Expression] = []
        func gather(_ e: Expression, _ depth: Int) {
            switch e.kind {
            case .compose(let a, let b) where depth < 40:
                gather(a, depth + 1)
                gather(b, depth + 1)
            default: stages.append(e)
            }
        }
        if let value = names.value(net) { gather(value, 0) }
        var units: Double?
        for case .call(let callee, let given, _) in stages.reversed().map(\.kind) where callee.kind == .name("dense") {
            units = given.first?.value.plainNumber
            break
        }
        switch stages.last?.kind {
        case .name(let name)?: return (name, units)
        case .call(let callee, _, _)?: if case .name(let name) = callee.kind { return (name, units) }
        default: break
        }
        return (nil, units)
    }
}
