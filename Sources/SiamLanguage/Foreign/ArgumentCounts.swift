/// What to write where a function of siam is given too few or too many arguments.
extension Foreign {
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
        case "dropout":
            return "in a net it is a stage, and its number is the share that is set to 0:  \(x) >> dropout(0.5)"
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
        case ("balanced", 1):
            return "give the number of classes in a batch and of examples of each:  balanced(\(first), 8, 4)"
        case ("balanced", 2):
            return "give the number of classes in a batch and of examples of each:  balanced(\(first), \(texts[1]), 4)"
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
            return "of to compare all rows with all rows:  pairwise(\(name), \(first), \(first))"
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
}
