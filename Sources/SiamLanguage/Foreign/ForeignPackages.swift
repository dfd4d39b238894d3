/// Libraries and modules of other languages, and calls of what they hold.
extension Foreign {
    /// Libraries and modules whose names precede functions in other languages.
    public static let packages: Set<String> = [
        "torch", "nn", "F", "optim", "torchvision", "tensorflow", "tf", "keras", "layers", "jax", "jnp", "flax", "np",
        "numpy", "sp", "scipy", "sklearn", "pd", "pandas", "plt", "matplotlib", "math", "Math", "random", "os", "sys",
        "time", "console", "Flux", "Zygote", "Random", "Statistics", "LinearAlgebra", "Foundation", "fs", "tfa",
        "tflearn",
    ]

    /// Other packages that a program begins by importing, for which siam has nothing to import either.
    static let imported: Set<String> = packages.union(modules).union([
        "pytorch_metric_learning", "lightning", "pytorch_lightning", "faiss", "timm", "tqdm", "PIL", "collections",
        "typing",
        "itertools", "functools", "copy", "warnings", "pathlib", "seaborn", "umap", "Plots", "Images", "MLDatasets",
    ])

    /// Modules whose names a program may well give to things of its own: only before what such a module holds.
    static let modules: Set<String> = [
        "K", "read", "set", "losses", "miners", "metrics", "models", "datasets", "transforms", "cv2", "sns",
        "seaborn",
    ]

    /// The error of `np.zeros` or `nn.functional.relu`, which names the function that stands by itself in siam. Nil where
    /// the package is no package here, or siam has no such function.
    public static func memberless(
        _ package: String, in value: Expression, _ source: Source, _ known: some Sequence<String>,
        given: [Argument]? = nil
    ) -> Diagnostic? {
        guard packages.contains(package) else { return nil }
        var found: (name: String, root: Span, whole: Span)?
        var arguments: [Int: [Argument]] = [:]
        value.walk { e in
            if case .call(let callee, let given, _) = e.kind { arguments[callee.span.end] = given }
            guard case .field(let owner, let name) = e.kind else { return }
            var inner = owner
            while case .field(let next, _) = inner.kind { inner = next }
            guard case .name(package) = inner.kind, found == nil || e.span.start == found?.whole.start,
                e.span.end > (found?.whole.end ?? 0)
            else { return }
            found = (name.text, inner.span, e.span)
        }
        guard let found else { return nil }
        if ["plt", "matplotlib", "sns", "cv2"].contains(package), ForeignCalls.shown.contains(found.name) {
            return Diagnostic(
                code: "name.unknown", "there is nothing named \(package)", at: [.init(Place(source, found.root))],
                repair: "figures are shown as they are made; leave this line out")
        }
        // What is called otherwise, and given other things: the line as it is written here.
        if package != "console", member[found.name] == nil,
            !(keywordsHere.contains(found.name) && known.contains(found.name)),
            let word = word(found.name, given: (given ?? arguments[found.whole.end])?.map { $0.text(in: source) })
        {
            return Diagnostic(
                code: "name.unknown", "there is nothing named \(package)", at: [.init(Place(source, found.root))],
                repair: word.says)
        }
        let siams = package == "console" ? "print" : member[found.name] ?? found.name
        func error(_ says: String, _ edits: [Diagnostic.Edit] = []) -> Diagnostic {
            Diagnostic(
                code: "name.unknown", "there is nothing named \(package)", at: [.init(Place(source, found.root))],
                repair: says, edits: edits)
        }
        if known.contains(siams) {
            // Arguments that mean something else there are not taken over.
            let own = given ?? arguments[found.whole.end]
            let chain = source.text(found.whole).split(separator: ".").map(String.init)
            if member[found.name] == nil, package != "console",
                ForeignCalls.isOther(chain)
                    || (own ?? []).filter({ $0.name == nil }).count > ForeignCalls.alike[siams] ?? 0
            {
                return error("siam has one of that name, with arguments of its own:  ?\(siams)")
            }
            return error("use the names without a package:  \(siams)", [.init(Place(source, found.whole), siams)])
        }
        return error(
            word(found.name)?.says ?? (package == "Flux" ? nil : word(package)?.says)
                ?? "names in siam have no \(package). before them")
    }

    /// What a package's function is called where its bare name means something else.
    private static let member: [String: String] = [
        "random": "rand", "uniform": "rand", "normal": "randn", "imshow": "image",
    ]

    /// Words that begin a statement in other languages and are functions in siam: behind a package they are functions.
    private static let keywordsHere: Set<String> = ["var"]
}
