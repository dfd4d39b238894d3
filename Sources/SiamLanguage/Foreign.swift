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

    private static let renamed: [String: String] = [
        "None": "none", "null": "none", "nil": "none", "undefined": "none", "True": "true", "False": "false",
        "arange": "range", "concat": "concatenate", "cat": "concatenate", "append": "push", "length": "len",
        "size": "len", "str": "text", "string": "text", "float": "number", "array": "tensor", "Tensor": "tensor",
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
        "int": "round, floor and ceil make whole numbers", "dict": "a record is  {lr: 0.1, name: \"a\"}",
    ]
}

/// What was probably meant by a name that nothing has: a word of another language, or one nearby.
public func meant(by name: String, in candidates: some Sequence<String>) -> Foreign.Word? {
    if let foreign = Foreign.word(name) { return foreign }
    return closest(to: name, in: candidates).map { Foreign.Word(name: $0, says: "Did you mean \($0)?") }
}
