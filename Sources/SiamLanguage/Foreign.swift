/// Words of other languages and libraries that people try first, with what siam says instead.
public enum Foreign {
    public struct Word: Sendable {
        /// The name that serves in its place as it stands; nil where more has to change.
        public var name: String?
        /// The repair's line.
        public var says: String
    }

    /// What to write for a name that nothing in siam has.
    public static func word(_ name: String) -> Word? {
        if let other = renamed[name] { return Word(name: other, says: "siam calls it \(other)") }
        return told[name].map { Word(name: nil, says: $0) }
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
            case "betas": "beta1"
            case "out_features", "out_channels", "features": names.contains("filters") ? "filters" : "units"
            case "kernel_size": "size"
            case "epsilon": "eps"
            case "descending", "reversed": "reverse"
            case "key": "by"
            default: nil
            }
        return other.flatMap { names.contains($0) ? $0 : nil }
    }

    /// Words that open a statement elsewhere.
    static let openers: Set<String> = [
        "def", "func", "function", "class", "struct", "enum", "interface", "elif", "elseif", "switch", "match", "case",
        "try", "except", "catch", "finally", "do", "repeat", "loop", "until", "unless", "foreach", "with", "global",
        "nonlocal", "del", "raise", "throw", "begin", "end", "let", "var", "const", "auto", "new", "yield", "await",
        "async", "using", "module", "from",
    ]

    /// Libraries and modules whose name stands before a function elsewhere.
    public static let packages: Set<String> = [
        "torch", "nn", "F", "optim", "torchvision", "tensorflow", "tf", "keras", "layers", "jax", "jnp", "flax", "np",
        "numpy", "sp", "scipy", "sklearn", "pd", "pandas", "plt", "matplotlib", "math", "Math", "random", "os", "sys",
        "time", "console", "Flux", "Zygote", "Random", "Statistics", "LinearAlgebra", "Foundation", "fs",
    ]

    /// The error of `np.zeros` or `nn.functional.relu`, which names the function that stands by itself in siam. Nil where
    /// the package is no package here, or siam has no such function.
    public static func memberless(
        _ package: String, in value: Expression, _ source: Source, _ known: some Sequence<String>
    ) -> Diagnostic? {
        guard packages.contains(package) else { return nil }
        var found: (name: String, root: Span, whole: Span)?
        value.walk { e in
            guard case .field(let owner, let name) = e.kind else { return }
            var inner = owner
            while case .field(let next, _) = inner.kind { inner = next }
            guard case .name(package) = inner.kind, found == nil || e.span.start == found?.whole.start,
                e.span.end > (found?.whole.end ?? 0)
            else { return }
            found = (name.text, inner.span, e.span)
        }
        guard let found else { return nil }
        let siams = package == "console" ? "print" : member[found.name] ?? renamed[found.name] ?? found.name
        func error(_ says: String, _ edits: [Diagnostic.Edit] = []) -> Diagnostic {
            Diagnostic(
                code: "name.unknown", "there is nothing named \(package)", at: [.init(Place(source, found.root))],
                repair: says, edits: edits)
        }
        if known.contains(siams) {
            return error("names stand by themselves:  \(siams)", [.init(Place(source, found.whole), siams)])
        }
        return error(told[found.name] ?? "names stand by themselves in siam, with no \(package). before them")
    }

    /// What a package's function is called where its bare name means something else.
    private static let member: [String: String] = [
        "random": "rand", "uniform": "rand", "normal": "randn", "imshow": "image",
    ]

    private static let renamed: [String: String] = [
        "None": "none", "null": "none", "nil": "none", "undefined": "none", "True": "true", "False": "false",
        "arange": "range", "concat": "concatenate", "cat": "concatenate", "push_back": "push", "length": "len",
        "str": "text", "string": "text", "float": "number", "array": "tensor", "Tensor": "tensor",
        "println": "print", "echo": "print", "puts": "print", "printf": "print", "clip": "clamp",
        "Dense": "dense", "Linear": "dense", "linear": "dense", "Conv2d": "conv", "Conv2D": "conv",
        "Flatten": "flatten", "Dropout": "dropout", "ReLU": "relu", "Sigmoid": "sigmoid", "BatchNorm": "batchnorm",
        "Adam": "adam", "SGD": "sgd", "Siamese": "siamese", "fold": "reduce", "toupper": "upper", "tolower": "lower",
        "strip": "trim", "permute": "transpose", "stddev": "std", "sd": "std", "variance": "var", "average": "mean",
        "avg": "mean", "assert": "expect", "normalize": "l2norm", "normalise": "l2norm",
        "contrastive_loss": "contrastive", "ContrastiveLoss": "contrastive", "triplet_loss": "triplet",
        "triplet_margin_loss": "triplet", "TripletMarginLoss": "triplet", "semihard": "semi_hard",
        "infonce": "nt_xent", "info_nce": "nt_xent", "InfoNCE": "nt_xent", "ntxent": "nt_xent", "NTXentLoss": "nt_xent",
        "supcon_loss": "supcon", "SupConLoss": "supcon", "npair": "n_pair", "npairs": "n_pair", "NPairsLoss": "n_pair",
        "multiple_negatives_ranking": "n_pair", "lifted": "lifted_structure", "proxynca": "proxy_nca",
        "ArcFaceLoss": "arcface", "CosFaceLoss": "cosface", "memory_bank": "cross_batch", "xbm": "cross_batch",
        "accuracy": "pair_accuracy", "roc_auc": "auc", "roc_auc_score": "auc", "recall_at_k": "recall_at",
        "precision_at_k": "precision_at", "mean_ap": "mean_average_precision", "silhouette_score": "silhouette",
        "pairwise_distances": "pairwise", "cdist": "pairwise", "knn": "nearest", "l1": "manhattan", "l2": "euclidean",
        "sorted": "sort", "reversed": "reverse", "typeof": "type", "pow": "power", "ln": "log", "hstack": "concatenate",
        "MaxPool2d": "maxpool", "MaxPooling2D": "maxpool",
        "BatchNorm1d": "batchnorm", "BatchNorm2d": "batchnorm", "BatchNormalization": "batchnorm",
        "LayerNorm": "layernorm", "Identity": "identity", "Softmax": "softmax", "Tanh": "tanh", "GELU": "gelu",
        "manual_seed": "seed", "RMSprop": "rmsprop", "AdamW": "adamw", "MSELoss": "mse", "mse_loss": "mse",
        "hardest": "hard_triplets", "nll": "cross_entropy", "TSNE": "tsne", "PCA": "pca", "KMeans": "kmeans",
    ]

    private static let told: [String: String] = [
        "let": "a name needs no word before it:  x = 3", "var": "the variance is var(x); a name needs no word:  x = 3",
        "const": "a name needs no word before it:  x = 3", "auto": "a name needs no word before it:  x = 3",
        "def": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "func": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "function": "a function is  fn f(x) = x^2  or  fn f(x) { ... }",
        "lambda": "a function as a value is  x -> x^2", "class": "a layer is  layer gated(units) { ... }",
        "elif": "another condition is  else if c { ... }", "elseif": "another condition is  else if c { ... }",
        "switch": "one of several is  if a { ... } else if b { ... } else { ... }",
        "match": "one of several is  if a { ... } else if b { ... } else { ... }",
        "append": "push gives a new list:  x = x.push(...)", "extend": "two lists are one by +:  x = x + y",
        "struct": "a record is  {lr: 0.1, name: \"a\"}", "enum": "a record is  {lr: 0.1, name: \"a\"}",
        "interface": "a layer is  layer gated(units) { ... }", "foreach": "a loop is  for x in xs { ... }",
        "case": "one of several is  if a { ... } else if b { ... } else { ... }",
        "catch": "a failure that is meant is  expect_error \"part of the message\" { ... }",
        "finally": "a failure that is meant is  expect_error \"part of the message\" { ... }",
        "until": "a loop is  while not c { ... }", "unless": "a condition is  if not c { ... }",
        "then": "a condition is  if c { ... }", "begin": "a block is  { ... }", "end": "a block is  { ... }",
        "with": "a value gets its name by =:  f = open; no block closes it",
        "global": "a function reads the names around it, and gives what it makes as its value",
        "nonlocal": "a function reads the names around it, and gives what it makes as its value",
        "self": "a layer's own names stand by themselves:  w, body(x)",
        "this": "a layer's own names stand by themselves:  w, body(x)",
        "new": "things are made by a call:  net = tower(64)", "yield": "a list is  [f(x) for x in xs]",
        "await": "calls are not awaited:  f(x)", "async": "a function is  fn f(x) { ... }",
        "error": "a condition that must hold is  expect c", "panic": "a condition that must hold is  expect c",
        "help": "help is  ?name  at the prompt, and  siam doc name  in a shell",
        "exit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "quit": "a file ends with its last line; at the prompt Ctrl-D leaves",
        "random": "random numbers are  rand(3, 4)  and  randn(3, 4)",
        "bool": "a comparison gives a bool:  x != 0",
        "tuple": "a list is  [1, \"a\"]", "set": "a list is  [1, \"a\"]",
        "isinstance": "the kind of a value is  type(x)", "input": "a program's arguments are  args",
        "zeros_like": "zeros of the same shape are  zeros(x.shape)",
        "ones_like": "ones of the same shape are  ones(x.shape)",
        "size": "the lengths of the axes are  x.shape,  of the first alone  len(x)",
        "get": "a field is  r[\"a\"];  whether there is one says  \"a\" in r",
        "has": "whether there is such a field says  \"a\" in r",
        "hasOwnProperty": "whether there is such a field says  \"a\" in r",
        "items": "names and values are walked over by  for k, v in r { ... }",
        "entries": "names and values are walked over by  for k, v in r { ... }",
        "open": "files are read by  csv(path), npy(path), load(path)  and the like",
        "view": "another shape is  reshape(x, [2, 3])", "vstack": "rows are joined by  concatenate([a, b], axis = 0)",
        "to": "nets and tensors are where they have to be; leave it out",
        "cuda": "nets and tensors are where they have to be; leave it out",
        "cpu": "nets and tensors are where they have to be; leave it out",
        "numpy": "a tensor is an array as it stands; leave it out",
        "requires_grad": "a tensor with a gradient is  track(x)",
        "try": "a failure that is meant is  expect_error \"part of the message\" { ... }",
        "except": "a failure that is meant is  expect_error \"part of the message\" { ... }",
        "raise": "a condition that must hold is  expect c", "throw": "a condition that must hold is  expect c",
        "pass": "an empty block is  { }", "del": "a name goes by another value:  x = none",
        "do": "a loop is  while c { ... }  or  for x in xs { ... }", "repeat": "a loop is  for i in 0..3 { ... }",
        "loop": "a loop is  for i in 0..3 { ... }  or  while c { ... }",
        "T": "the transposed matrix is  x.transpose()", "t": "the transposed matrix is  x.transpose()",
        "item": "the one element is  number(x)", "backward": "gradients are  g = grad(l, net)",
        "zero_grad": "grad(l, net) gives new gradients each time; nothing is to be set to zero",
        "no_grad": "every block is without gradients, and so is all outside of grad and train",
        "fit":
            "training is  train net on pairs(data, 32) as a, b, same for 5 epochs using adam(0.001) { minimize ... }",
        "compile":
            "training is  train net on pairs(data, 32) as a, b, same for 5 epochs using adam(0.001) { minimize ... }",
        "Sequential": "stages are joined by >>:  dense(64) >> relu >> dense(8)",
        "eval": "nets are in evaluation mode outside of train; training(net)(x) is the other",
        "parameters": "a net's parameters are  net.params", "state_dict": "a net's parameters are  net.params",
        "int": "round, floor and ceil make whole numbers, number reads a text",
        "dict": "a record is  {lr: 0.1, name: \"a\"}",
    ]
}

/// What was probably meant by a name that nothing has: a word of another language, or one nearby.
public func meant(by name: String, in candidates: some Sequence<String>) -> Foreign.Word? {
    if let foreign = Foreign.word(name) { return foreign }
    return closest(to: name, in: candidates).map { Foreign.Word(name: $0, says: "Did you mean \($0)?") }
}
