/// Words of other languages and libraries that people try first, with what siam says instead.
public enum Foreign {
    public struct Word: Sendable {
        /// The name that can replace it directly; nil if more has to change.
        public var name: String?
        /// The repair's line.
        public var says: String
        /// Whether the name alone may be put in the word's place: what is called takes the very same arguments.
        public var fits = true
    }

    /// What to write for a name that nothing in siam has.
    /// - Parameter given: what it is called with, as written; nil where it is not called.
    public static func word(_ name: String, given: [String]? = nil) -> Word? {
        // Of one thing it is a penalty, of two a distance.
        if ["l1", "l2", "L1", "L2", "l2_loss", "l2_penalty", "l2_regularization"].contains(name), given?.count == 1 {
            return Word(name: nil, says: "weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)")
        }
        if let row = ForeignTable.byWord[name] {
            guard let other = row.name else { return Word(name: nil, says: row.call) }
            var call = row.call
            // Where both take the same arguments, the call is the user's own.
            if row.takesTheSame, let given, !given.isEmpty {
                let own = "\(other)(\(given.joined(separator: ", ")))"
                if own.utf8.count <= 70, !own.contains("\n") { call = own }
            }
            return Word(
                name: other, says: call == other ? "siam calls it \(other)" : "siam calls it \(other):  \(call)",
                fits: row.takesTheSame || given == nil)
        }
        if name.count > 1, name.first == "e", name.dropFirst().allSatisfy(\.isNumber) {
            return Word(name: nil, says: "an exponent follows its number directly:  1e-\(name.dropFirst())")
        }
        return told[name].map { Word(name: nil, says: $0) }
    }

    /// `data.csv` without quotes, where a text was meant: the repair; nil if no file extension follows the name.
    public static func path(at span: Span, _ source: Source) -> String? {
        let bytes = source.bytes
        var end = span.end
        guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
        end += 1
        while end < bytes.count, (97...122).contains(bytes[end]) || (48...57).contains(bytes[end]) { end += 1 }
        guard endings.contains(source.text(Span(span.end + 1, end))) else { return nil }
        // `load work.siam`: a session, which the prompt's own commands read and write.
        let place = source.position(span.start)
        let line = source.line(place.line).prefix(place.column - 1).filter { $0 != " " }
        if case .prompt = source.kind, source.text(Span(span.end + 1, end)) == "siam",
            ["load", "save", "run"].contains(line)
        {
            return "at the prompt it is  :\(line == "run" ? "load" : line) \(source.text(Span(span.start, end)))"
        }
        return "a path is a text:  \"\(source.text(Span(span.start, end)))\""
    }
    private static let endings: Set<String> = [
        "csv", "tsv", "txt", "npz", "npy", "png", "jpg", "jpeg", "pgm", "svg", "pdf", "siam", "siamrun", "safetensors",
        "onnx", "h5", "pt", "pth", "pkl", "gz", "zip", "json", "parquet",
    ]

    /// The equivalent of a statement of another language that begins with this word; `line` is the whole statement.
    static func opened(_ word: String, _ line: String) -> String? {
        if word == "with" {
            if ["no_grad", "inference_mode", "set_grad_enabled"].contains(where: line.contains) {
                return
                    "leave this line out: gradients are recorded only in train and for grad(l, net)"
            }
            if line.contains("GradientTape") { return "gradients are  g = grad(l, net)" }
        }
        if word == "class" {
            let name = line.dropFirst(word.utf8.count).trimmed.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if !name.isEmpty, name.utf8.count <= 40 { return "a layer is  layer \(name) { ... }" }
        }
        return Foreign.word(word)?.says
    }

    /// Whether the very word is one of the table.
    public static func isKnown(_ word: String) -> Bool { ForeignTable.byWord[word] != nil }

    /// All words of the table.
    public static var words: [String] { ForeignTable.rows.flatMap(\.words) }

    /// A word from elsewhere as it is looked up: where it is known, siam's name for it, and the line to write.
    public struct Entry: Sendable {
        public let word: String
        public let origin: String
        public let name: String?
        public let says: String
    }

    /// Words from elsewhere that are a text, capitals, blanks and underscores apart; those that only hold it where none is.
    public static func entries(_ text: String) -> [Entry] {
        func plain(_ t: String) -> String { t.lowercased().filter { $0.isLetter || $0.isNumber } }
        let wanted = plain(text)
        guard wanted.count > 1 else { return [] }
        var exact: [Entry] = []
        var near: [Entry] = []
        for row in ForeignTable.rows {
            let found = row.words.first { plain($0) == wanted } ?? row.words.first { plain($0).contains(wanted) }
            guard let found else { continue }
            let entry = Entry(word: found, origin: row.origin, name: row.name, says: word(found)?.says ?? row.call)
            if plain(found) == wanted { exact.append(entry) } else { near.append(entry) }
        }
        return exact.isEmpty ? near : exact
    }

    /// A loss with its arguments, as it is written after `minimize`; nil for another function.
    public static func lossCall(_ name: String) -> String? {
        switch name {
        case "contrastive", "double_margin", "cosine_contrastive", "chopra": "\(name)(net(a), net(b), same)"
        case "triplet", "soft_margin_triplet", "margin_triplet": "\(name)(net(a), net(p), net(n))"
        case "cross_entropy", "supcon", "nt_xent", "batch_hard", "batch_all", "semi_hard", "nca", "circle",
            "multi_similarity", "lifted_structure", "angular":
            "\(name)(net(x), y)"
        case "mse", "mae", "huber", "bce", "bce_with_logits", "hinge": "\(name)(net(x)[.., 0], y)"
        default: nil
        }
    }

    /// A call of a loss with settings alone, as an object would be made elsewhere: the call as it is written here.
    public static func lossCall(_ name: String, settings: [Argument], in source: Source) -> String? {
        guard let call = lossCall(name) else { return nil }
        let texts = settings.map { source.text(Span(($0.name?.span ?? $0.value.span).start, $0.value.span.end)) }
        return texts.isEmpty ? call : "\(call.dropLast()), \(texts.joined(separator: ", ")))"
    }

    /// What more arguments than a function takes are for elsewhere; `texts` are the arguments as written.
    public static func superfluous(_ name: String, _ texts: [String]) -> String? {
        if texts.count == 3, texts.allSatisfy({ $0.utf8.count <= 12 }) {
            let shape = texts[2].hasPrefix("[") ? texts[2] : "[\(texts[2])]"
            switch name {
            case "uniform": return "uniform random numbers:  uniform(\(texts[0]), \(texts[1]))(\(shape))"
            case "normal" where texts[0] == "0":
                return "normal random numbers with that standard deviation:  normal(\(texts[1]))(\(shape))"
            default: break
            }
        }
        guard texts.count == 2, texts.allSatisfy({ $0.utf8.count <= 24 && !$0.contains("\n") }) else { return nil }
        let (x, n) = (texts[0], texts[1])
        switch name {
        case "round":
            let digits = Int(n).flatMap { 1...9 ~= $0 ? $0 : nil } ?? 2
            let power = "1" + String(repeating: "0", count: digits)
            return "to \(digits) decimals:  round(\(power) * \(x)) / \(power)  or  \"{\(x):.\(digits)}\", a text"
        case "log": return "to another base:  log(\(x)) / log(\(n))"
        case "relu", "sigmoid", "tanh", "gelu", "abs", "exp", "sqrt", "floor", "ceil":
            return "\(name) works elementwise:  \(name)(\(x))"
        default: return nil
        }
    }

    /// `step(net, x)`, where `step net(x)` walks through the call.
    public static func stepped(_ name: String, _ texts: [String]) -> String? {
        guard name == "step", texts.count == 2, texts.allSatisfy({ $0.utf8.count <= 40 && !$0.contains("\n") }) else {
            return nil
        }
        if texts.allSatisfy({ Double($0) != nil }) {
            return "a rate that falls every so many steps:  stairs(\(texts[0]), \(texts[1]))"
        }
        return "step walks through a call:  step \(texts[0])(\(texts[1]))"
    }

    /// The advice for a function with a missing argument; `texts` are the arguments as written.
    public static func lacking(_ name: String, _ texts: [String]) -> String? {
        let first = texts.first.flatMap { $0.utf8.count <= 24 && !$0.contains("\n") ? $0 : nil } ?? "x"
        // `summary(net(x))`: the net and its input.
        if name == "inspect" || name == "summary", texts.count == 1, first == "run" {
            return "a run contains its net:  \(name)(run.net, \(name == "inspect" ? "d" : "d.x"))"
        }
        if name == "summary" || name == "inspect", texts.count == 1, let (net, input) = applied(texts[0]) {
            return "the net and its input are two arguments:  \(name)(\(net), \(input))"
        }
        switch (name, texts.count) {
        case ("summary", 0...1):
            return "give an example input:  summary(\(texts.isEmpty ? "net" : first), d.x)"
        case ("save", 1) where first.hasPrefix("\""):
            return first.hasSuffix(".siam\"")
                ? "the inputs of a session, at the prompt:  :save \(first.dropFirst().dropLast())"
                : "what is saved comes first:  save(net, \(first))"
        case ("save", 1): return "give a file name:  save(\(first), \"net.npz\")"
        case ("inspect", 0...1): return "give a net and data:  inspect(\(texts.isEmpty ? "net" : first), d)"
        case ("update", 2):
            if ["g", "gs", "grad", "grads", "gradient", "gradients"].contains(texts[1]) || texts[1].hasPrefix("grad(") {
                return "the net stands between them:  update(\(texts[0]), net, \(texts[1]))"
            }
            if texts[1].hasSuffix(")") || ["l", "loss"].contains(texts[1]) {
                return "the net and the gradients of the loss:  update(\(texts[0]), net, grad(\(texts[1]), net))"
            }
            return "the gradients of the loss come last:  update(\(texts[0]), \(texts[1]), grad(l, \(texts[1])))"
        case ("split", 1) where Double(first) != nil: return "the data comes first:  split(d, \(first))"
        case ("accuracy", 1), ("pair_accuracy", 1), ("map_at_r", 1), ("mrr", 1), ("auc", 1), ("eer", 1),
            ("confusion", 1),
            ("f1", 1), ("nmi", 1), ("ami", 1), ("silhouette", 1):
            return applied(texts[0]).map { _, input in
                input.hasSuffix(".x")
                    ? "its class numbers come second:  \(name)(\(first), \(input.dropLast(2)).y)"
                    : "its class numbers come second:  \(name)(\(first), y)"
            } ?? "the data comes second:  \(name)(\(first), unseen)"
        case ("embedding", 1): return "how many codes there are comes first:  embedding(1000, \(first))"
        case ("trace", 0): return "give a net and an input:  trace(net, d.x)"
        case ("where", 1):
            // `where(x > 0)` most often wants x itself; of a mask alone the places are asked for.
            let name = first.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let sign = first.dropFirst(name.count).first { $0 != " " }
            if !name.isEmpty, name.first?.isNumber == false, let sign, "<>=!".contains(sign) {
                return "give both alternatives:  where(\(first), \(name), 0)"
            }
            return first.utf8.count <= 24
                ? "the places where it holds:  [k for k in 0..len(\(first)) if (\(first))[k]]"
                : "give both alternatives:  where(\(first), x, 0)"
        case ("pairs", 1), ("triplets", 1): return "give the batch size:  \(name)(\(first), 32)"
        case ("standardize", 0), ("normalize", 0), ("divide_by_largest", 0):
            return "build it from data, and put it before the first layer:  \(name)(seen) >> dense(8)"
        case ("cosine_schedule", 1), ("warmup", 1):
            return "give the number of steps, most often those of the run:  \(name)(\(first), 500)"
        case ("exponential", 1): return "give the factor of each step:  exponential(\(first), 0.99)"
        case ("stairs", 1): return "give the steps between two falls:  stairs(\(first), 100)"
        case ("cosine", 1) where first.hasSuffix(")"), ("euclidean", 1) where first.hasSuffix(")"):
            return "of each row with each other:  pairwise(\(name), \(first), \(first))"
        case ("linspace", 2): return "give the number of elements:  linspace(\(texts[0]), \(texts[1]), 100)"
        case ("one_hot", 1): return "give the number of classes:  one_hot(\(first), 10), or len(d.names)"
        default: break
        }
        guard name == "cosine", texts.count == 1, let rate = Double(texts[0]) else { return nil }
        return
            "a schedule also needs the number of steps:  adam(cosine(\(formatNumber(rate)), 500))  or  cosine(a, b)"
    }

    /// The parts of `net(x)`.
    private static func applied(_ text: String) -> (net: String, input: String)? {
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "("), text.utf8.count <= 50, !text.contains("\n")
        else {
            return nil
        }
        let name = text[..<open]
        let input = text[text.index(after: open)...].dropLast()
        guard !name.isEmpty, !input.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
            !["tower", "dense", "conv"].contains(name)
        else { return nil }
        return (String(name), String(input))
    }

    /// What siam calls an argument; nil where it has the same name, or none of the kind.
    public static func argument(_ name: String, in names: [String]) -> String? {
        let other: String? =
            switch name {
            case "dim", "dims", "axes": "axis"
            case "keepdim", "keepdims", "keep_dims": "keep"
            case "learning_rate", "step_size": names.contains("lr") ? "lr" : nil
            case "weight_decay": "decay"
            case "p", "prob": "rate"
            case "out_features", "out_channels", "features": names.contains("filters") ? "filters" : "units"
            case "kernel_size", "pool_size": "size"
            case "strides": "stride"
            case "use_bias": "bias"
            case "kernel_initializer", "weight_init": "init"
            case "batch_size", "batchsize", "bs": "batch"
            case "train", "train_share", "frac", "proportion": "share"
            case "centers", "n_centers": "classes"
            case "n_features": names.contains("dim") ? "dim" : nil
            case "positive", "positive_ratio", "pos_ratio", "positives", "p_same": "same"
            case "kernel": "size"
            case "nesterov_momentum": "nesterov"
            case "dilation_rate": "dilation"
            case "nb_filter": "filters"
            case "temp", "tau": "temperature"
            case "gamma", "s": names.contains("scale") ? "scale" : nil
            case "m", "alpha": names.contains("margin") ? "margin" : nil
            case "epsilon": "eps"
            case "descending", "reversed": "reverse"
            case "key": "by"
            case "train_size", "ratio", "fraction": "share"
            case "n_splits", "k_folds": "parts"
            case "clip_norm", "clipnorm", "max_norm", "grad_clip", "max_grad_norm": "clip"
            case "clipvalue": "clip_value"
            case "n_components", "ndim", "output_dim": "dim"
            case "n_clusters", "n_neighbors", "top_k": "k"
            case "c", "hue": "classes"
            case "ddof": "correction"
            case "html", "file", "filename", "output", "fname", "filepath": "path"
            case "resize", "image_size", "img_size", "target_size": "size"
            case "y_true", "flag", "is_same", "similar": names.contains("same") ? "same" : nil
            case "label", "labels", "legend":
                names.contains("same")
                    ? "same"
                    : names.contains("series")
                        ? "names"
                        : names.contains("classes") ? "classes" : names.first == "x" && names.contains("y") ? "y" : nil
            case "xlabel": "x_label"
            case "ylabel": "y_label"
            case "xlim": "x_range"
            case "ylim": "y_range"
            case "color", "palette", "cmap": "colors"
            case "figsize": "size"
            case "delimiter", "separator": "sep"
            case "usecols": "columns"
            case "index_col": "drop"
            case "na_values": "missing"
            case "class_weight", "sample_weight", "weight": "weights"
            case "num_classes", "n_classes": "classes"
            case "n_samples": "n"
            case "target", "targets", "y", "y_col", "class", "target_column":
                names.contains("label") ? "label" : names.contains("same") ? "same" : nil
            case "random_state": nil
            default: nil
            }
        return other.flatMap { names.contains($0) ? $0 : nil }
    }

    /// Whether an argument corresponds to several of siam's, of which no single one is meant.
    public static func hasSeveral(_ name: String) -> Bool { name == "betas" }

    /// An argument that stands for several of siam's, with the values that it was given.
    static func parted(_ name: String, _ values: [String]) -> String {
        let plain = values.map { $0.filter { $0 != " " && $0 != "[" && $0 != "]" } }
        let (a, b) = plain.count == 2 ? (plain[0], plain[1]) : ("0.9", "0.999")
        return "each has its name:  adam(0.001, beta1 = \(a), beta2 = \(b))"
    }

    /// What is done elsewhere by an argument that siam does not have.
    public static func argumentTold(_ name: String) -> String? {
        switch name {
        case "activation", "activation_fn", "nonlinearity": "an activation is a stage of its own:  dense(8) >> relu"
        case "input_shape", "input_dim", "in_features", "in_channels", "input_size", "n_inputs":
            "the width of the input is inferred at the first use; leave it out"
        case "start_dim", "end_dim": "flatten keeps the first axis and joins all others; leave it out"
        case "shuffle": "batches come in a new random order each epoch; leave it out"
        case "epochs", "n_epochs", "nb_epoch": "train has the length:  for 5 epochs"
        case "regularizer", "kernel_regularizer", "weights_init":
            "weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)"
        case "device", "dtype", "requires_grad", "inplace": "siam has no devices or types to choose; leave it out"
        case "pos_weight": "give one weight per example:  weights = 1 + 2 * t"
        case "average": "the result is the mean over the classes; for one class use  of = \"name\""
        case "schedule", "scheduler", "lr_scheduler": "the learning rate can be a schedule:  adam(cosine(1e-3, 500))"
        case "reuse", "scope": "sharing is using one net twice:  net(a), net(b)"
        case "validation_data", "validation_split":
            "measure held-out data in the body:  every epoch { report accuracy = pair_accuracy(net, unseen) }"
        case "verbose", "name": "leave it out"
        case "betas": parted(name, ["0.9", "0.999"])
        case "momentum", "beta": "the momentum of adam is beta1; sgd has momentum:  sgd(0.1, momentum = 0.9)"
        case "random_state", "seed": "set the random seed before:  seed 7"
        case "stratify": "split always keeps the class proportions; leave it out"
        case "end", "flush": "print ends each line itself: values of one line are one text; leave it out"
        case "sep", "delimiter": "write the separator in the text:  print(\"{a}, {b}\")"
        case "params", "parameters", "model": "an optimizer does not take the net; train names it"
        default: nil
        }
    }

    /// Words that open a statement elsewhere.
    static let openers: Set<String> = [
        "def", "func", "function", "class", "struct", "enum", "interface", "elif", "elseif", "switch", "match", "case",
        "try", "except", "catch", "finally", "do", "repeat", "loop", "until", "unless", "foreach", "with", "global",
        "nonlocal", "del", "raise", "throw", "begin", "end", "let", "var", "const", "auto", "new", "yield", "await",
        "async", "using", "module", "from",
    ]

    /// Libraries and modules whose names precede functions in other languages.
    public static let packages: Set<String> = [
        "torch", "nn", "F", "optim", "torchvision", "tensorflow", "tf", "keras", "layers", "jax", "jnp", "flax", "np",
        "numpy", "sp", "scipy", "sklearn", "pd", "pandas", "plt", "matplotlib", "math", "Math", "random", "os", "sys",
        "time", "console", "Flux", "Zygote", "Random", "Statistics", "LinearAlgebra", "Foundation", "fs", "tfa",
    ]

    /// Modules whose names a program may well give to things of its own: only before what such a module holds.
    static let modules: Set<String> = [
        "K", "read", "set", "losses", "miners", "metrics", "models", "datasets", "transforms", "tflearn", "cv2", "sns",
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

    private static let told: [String: String] = [
        "let": "a name needs no keyword before it:  x = 3",
        "var": "the variance is var(x); a name needs no word:  x = 3",
        "const": "a name needs no keyword before it:  x = 3",
        "auto": "a name needs no keyword before it:  x = 3",
        "def": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "func": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "function": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "lambda": "a function as a value is  x -> x^2",
        "class": "a layer is  layer gated(units) { ... }",
        "elif": "another condition is  else if c { ... }",
        "elseif": "another condition is  else if c { ... }",
        "switch": "one of several is  if a { ... } else if b { ... } else { ... }",
        "match": "one of several is  if a { ... } else if b { ... } else { ... }",
        "append": "push returns a new list:  x = x.push(...)",
        "extend": "join lists with +:  x = x + y",
        "struct": "a record is  {lr: 0.1, name: \"a\"}",
        "enum": "a record is  {lr: 0.1, name: \"a\"}",
        "interface": "a layer is  layer gated(units) { ... }",
        "foreach": "a loop is  for x in xs { ... }",
        "case": "one of several is  if a { ... } else if b { ... } else { ... }",
        "catch": "to expect an error:  expect_error \"part of the message\" { ... }",
        "finally": "to expect an error:  expect_error \"part of the message\" { ... }",
        "until": "a loop is  while not c { ... }",
        "unless": "a condition is  if not c { ... }",
        "then": "a condition is  if c { ... }",
        "begin": "a block is  { ... }",
        "end": "the last element is  x[-1];  a block is  { ... }",
        "with": "give a value a name with =, without a block:  x = 3",
        "global": "a function can read the names around it, and returns its results",
        "nonlocal": "a function can read the names around it, and returns its results",
        "self": "a layer uses its own names directly:  w, body(x)",
        "this": "a layer uses its own names directly:  w, body(x)",
        "new": "call the constructor:  net = tower(64)",
        "yield": "a list is  [f(x) for x in xs]",
        "await": "calls are not awaited:  f(x)",
        "async": "a function is  fn f(x) { ... }",
        "error": "a condition that must hold is  expect c",
        "panic": "a condition that must hold is  expect c",
        "dir": "at the prompt  x.  and Tab list the fields of x,  and  :vars  lists your names",
        "help": "help is  ?name  at the prompt, and  siam doc name  in a shell",
        "exit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "quit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "random": "random numbers are  rand(3, 4)  and  randn(3, 4)",
        "bool": "a comparison gives a bool:  x != 0",
        "tuple": "a list is  [1, \"a\"]",
        "set": "a list is  [1, \"a\"]",
        "isinstance": "the kind of a value is  type(x)",
        "input": "a program's arguments are  args",
        "get": "a field is  r[\"a\"];  to test for it:  \"a\" in r",
        "has": "to test for a field:  \"a\" in r",
        "hasOwnProperty": "to test for a field:  \"a\" in r",
        "items": "iterate over names and values with  for k, v in r { ... }",
        "entries": "iterate over names and values with  for k, v in r { ... }",
        "open": "read files with  csv(path), npy(path), load(path)  and the like",
        "try": "to expect an error:  expect_error \"part of the message\" { ... }",
        "except": "to expect an error:  expect_error \"part of the message\" { ... }",
        "write": "write a text to a file with  save(text, \"a.txt\")",
        "raise": "a condition that must hold is  expect c",
        "throw": "a condition that must hold is  expect c",
        "pass": "an empty block is  { }",
        "del": "to free a value, assign another one:  x = none",
        "do": "a loop is  while c { ... }  or  for x in xs { ... }",
        "repeat": "a loop is  for i in 0..3 { ... }",
        "loop": "a loop is  for i in 0..3 { ... }  or  while c { ... }",
        "T": "the transposed matrix is  x.transpose()",
        "t": "the transposed matrix is  x.transpose()",
        "grad": "gradients are  g = grad(y, x)",
        "int": "round, floor and ceil make whole numbers, number reads a text",
        "dict": "a record is  {lr: 0.1, name: \"a\"}",
        "train": "training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }",
        "stop": "end a run with break, or with a condition:  stop when l < 0.1",
        "validate":
            "held-out data is measured in the body:  every epoch { report held = pair_accuracy(net, unseen) }",
        "minimise": "siam writes it minimize",
        "maximize": "to maximize, minimize the negative:  minimize -mean(s)",
        "maximise": "to maximize, minimize the negative:  minimize -mean(s)",
        "go": "go continues a paused run, and no run is paused here",
        "head": "the first five are  d[0..5]",
        "tail": "the last five are  d[-5..]",
        "ans": "the last value is  _",
        "clear": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "clc": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "cls": "at the prompt Ctrl-L clears the screen, and  :reset  forgets all names",
        "who": "at the prompt  :vars  lists your names",
        "whos": "at the prompt  :vars  lists your names",
        "vars": "at the prompt  :vars  lists your names",
        "locals": "at the prompt  :vars  lists your names",
        "globals": "at the prompt  :vars  lists your names",
        "ls": "at the prompt it is  :ls",
        "cd": "at the prompt it is  :cd FOLDER",
        "pwd": "at the prompt  :cd  shows the current folder",
        "weight": "a layer's weights are  net.dense1.w",
        "weights": "a layer's weights are  net.dense1.w",
        "bias": "a layer's biases are  net.dense1.b",
        "kernel": "a layer's weights are  net.dense1.w",
    ]
}

/// What was probably meant by a name that nothing has: a word of another language, or one nearby.
public func meant(
    by name: String, in candidates: some Sequence<String>, given: [String]? = nil
) -> Foreign.Word? {
    if let foreign = Foreign.word(name, given: given) { return foreign }
    return closest(to: name, in: candidates).map { Foreign.Word(name: $0, says: "Did you mean \($0)?") }
}
