/// What people mean who give an argument of another kind: repairs as data, by function, parameter and what was given.
public enum KindAdvice {
    private struct Row: Sendable {
        let who: String
        let parameter: String
        let form: Given.Form
        /// `{0}`, `{1}`: the arguments as written; `{name}`: the function that was given.
        let repair: String
        init(_ who: String, _ parameter: String, _ form: Given.Form, _ repair: String) {
            (self.who, self.parameter, self.form, self.repair) = (who, parameter, form, repair)
        }
    }

    private static let rows: [Row] = [
        Row("dense", "init", .number, "one value for all weights:  init = constant({number})"),
        Row("conv", "init", .number, "one value for all weights:  init = constant({number})"),
        Row("dense", "init", .number, "the width of the input is inferred at the first use:  dense({1})"),
        Row("dense", "init", .text, "an activation is a stage of its own:  dense({0}) >> {text}"),
        Row("dense", "init", .other, "an activation is a stage of its own:  dense({0}) >> {name}"),
        Row("dense", "init", .function, "an activation is a stage of its own:  dense({0}) >> {name}"),
        Row("dense", "units", .text, "a number without quotes:  dense({text})"),
        Row("layernorm", "eps", .number, "the width is inferred at the first use:  layernorm()"),
        Row("instancenorm", "eps", .number, "the width is inferred at the first use:  instancenorm()"),
        Row("batchnorm", "momentum", .number, "the width is inferred at the first use:  batchnorm()"),
        Row(
            "flatten", "x", .number,
            "the batch axis always stays; write the stage without parentheses:  flatten"),
        Row("optimizer", "lr", .record, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("optimizer", "lr", .net, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("optimizer", "lr", .list, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("compare", "b", .text, "load the run from its file:  compare({0}, load({1}))"),
        Row("compare", "a", .text, "load the run from its file:  compare(load({0}), load({1}))"),
        Row("pairwise", "d", .tensor, "the distance comes first:  pairwise({2}, {0}, {1})"),
        Row("update", "net", .record, "in the other order:  update({0}, {2}, {1})"),
        Row("conv", "size", .number, "the input channels are inferred at the first use:  conv({1}, {2})"),
        Row(
            "triplet", "margin", .other,
            "name the argument for the distance:  triplet({0}, {1}, {2}, distance = {name})"),
        Row(
            "triplet", "margin", .function,
            "name the argument for the distance:  triplet({0}, {1}, {2}, distance = {name})"),
        Row("triplet", "distance", .number, "its distance is euclidean already:  triplet({0}, {1}, {2}, {3})"),
        Row("update", "opt", .net, "the optimizer comes first, then the net:  update(opt, net, grad(l, net))"),
        Row("tsne", "perplexity", .dataset, "compute the embeddings of a data set with embed:  tsne(embed({0}, {1}))"),
        Row("conv", "size", .text, "an activation is a stage of its own:  conv({0}) >> {text}"),
        Row("conv", "size", .other, "an activation is a stage of its own:  conv({0}) >> {name}"),
        Row("conv", "size", .tensor, "one number for both sides:  conv({0}, 3)"),
        Row("conv", "size", .list, "one number for both sides:  conv({0}, 3)"),
        Row("maxpool", "size", .tensor, "one number for both sides:  maxpool(2)"),
        Row("maxpool", "size", .list, "one number for both sides:  maxpool(2)"),
        Row("conv", "padding", .number, "to keep the size, pad with zeros:  padding = \"same\""),
        Row("conv", "padding", .tensor, "to keep the size, pad with zeros:  padding = \"same\""),
        Row("bce", "t", .tensor, "for several classes, one output per class:  cross_entropy(net(x), y)"),
        Row(
            "bce_with_logits", "target", .tensor, "for several classes, one output per class:  cross_entropy(net(x), y)"
        ),
        Row("*", "pairs", .tensor, "examples and classes are one data set:  {who}({0}, dataset({1}, {2}))"),
        Row("*", "k", .net, "the number comes first:  {who}({2}, {0}, {1})"),
        Row("*", "k", .other, "the number comes first:  {who}({2}, {0}, {1})"),
        Row("*", "far", .net, "the number comes first:  {who}({2}, {0}, {1})"),
        Row("*", "far", .other, "the number comes first:  {who}({2}, {0}, {1})"),
        Row("linspace", "n", .number, "for numbers with a step:  range({0}, {1}, {2})"),
        Row("dropout", "rate", .text, "a number without quotes:  dropout({text})"),
        Row("pairs", "d", .tensor, "a data set of examples and class numbers:  pairs(dataset(x, y), 32)"),
        Row("triplets", "d", .tensor, "a data set of examples and class numbers:  triplets(dataset(x, y), 32)"),
        Row("balanced", "d", .tensor, "a data set of examples and class numbers:  balanced(dataset(x, y), 4, 8)"),
        Row("pairs", "d", .list, "split gives two data sets:  seen, unseen = split(d, 0.8), and pairs(seen, 32)"),
        Row("triplets", "d", .list, "split gives two data sets:  seen, unseen = split(d, 0.8), and triplets(seen, 32)"),
        Row("siamese", "distance", .constructor, "one net is used for both inputs:  siamese({0})"),
        Row("siamese", "distance", .net, "one net is used for both inputs:  siamese({0})"),
        Row("optimizer", "lr", .text, "a schedule needs the rate and the steps:  {who}(cosine(0.01, 500))"),
        Row("optimizer", "lr", .other, "a schedule needs the rate and the steps:  {who}(cosine(0.01, 500))"),
        Row("optimizer", "lr", .tensor, "use a schedule for a changing learning rate:  {who}(cosine(0.01, 500))"),
        Row("flatten", "x", .list, "a batch is a list of its parts; give them names:  on batches(d, 32) as x, y"),
        Row("nearest", "x", .net, "use the embeddings of both:  nearest({0}({1}), {0}({2}))"),
        Row("nearest", "x", .net, "compute the embeddings of a data set with embed:  nearest(embed({0}, {1}), z)"),
        Row("kmeans", "x", .net, "compute the embeddings of a data set with embed:  kmeans(embed({0}, {1}), 10)"),
        Row("pairs", "d", .text, "read the file first:  pairs(idx({0}), 32), or csv, image_folder, npz"),
        Row("triplets", "d", .text, "read the file first:  triplets(idx({0}), 32), or csv, image_folder, npz"),
        Row("siamese", "tower", .other, "construct the net once:  siamese(dense(8) >> relu)"),
        Row("plot", "log", .bool, "one of \"x\", \"y\" and \"xy\":  log = \"y\""),
        Row("flatten", "x", .dataset, "the examples of a data set:  d.x"),
        Row(
            "triplet", "n", .tensor,
            "triplets(d, 32) gives a, p, n; pairs and their labels go with contrastive(a, b, same)"),
        Row(
            "paired", "y", .tensor, "for pairs contrastive(a, b, same); for a batch contrastive(z, y), y class numbers"),
        Row("tripled", "y", .tensor, "for triplets triplet(a, p, n); for a batch triplet(z, y), y class numbers"),
        Row("save", "path", .net, "in the other order:  save({1}, {0})"),
        Row("save", "path", .other, "in the other order:  save({1}, {0})"),
        Row("save", "path", .tensor, "in the other order:  save({1}, {0})"),
        Row("save", "path", .run, "in the other order:  save({1}, {0})"),
        Row("save", "path", .dataset, "in the other order:  save({1}, {0})"),
        Row("conv", "stride", .text, "name the argument for padding:  conv({0}, {1}, padding = {2})"),
        Row("*", "z", .tensor, "embeddings come first, then class numbers:  {who}({1}, {0})"),
        Row("paired", "z", .tensor, "for pairs contrastive(a, b, same); for a batch contrastive(z, y), z N x width"),
        Row("tripled", "z", .tensor, "for triplets triplet(a, p, n); for a batch triplet(z, y), z N x width"),
        Row("bce", "p", .tensor, "for logits, the outputs of a dense layer:  bce_with_logits({0}, {1})"),
        Row("bce", "p", .number, "for logits, the outputs of a dense layer:  bce_with_logits({0}, {1})"),
        Row(
            "contrastive", "b", .none,
            "for pairs contrastive(a, b, same); for a batch contrastive(z, y), y class numbers"
        ),
    ]

    /// A message of a helper in the words of who called it: its parameters by the names that were handed to them.
    public static func renamed(_ message: String, _ parameters: [String], _ handed: [String]) -> String {
        var names: [String: String] = [:]
        // `a` is a word of every sentence.
        for (parameter, name) in zip(parameters, handed) where parameter != "a" && name.allSatisfy(\.isLetter) {
            names[parameter] = name
        }
        guard !names.isEmpty else { return message }
        var text = ""
        var word = ""
        for c in message + " " {
            if c.isLetter || c.isNumber || c == "_" {
                word.append(c)
                continue
            }
            text += names[word] ?? word
            text.append(c)
            word = ""
        }
        return String(text.dropLast())
    }

    /// The repair for what was given; nil where nothing better than the kind itself is known.
    /// - Parameter fault: what is said already: of arguments that are exchanged no more is to be said.
    public static func of(
        _ who: String, _ parameter: String, _ given: Given, _ written: [String], _ fault: KindFault? = nil
    ) -> String? {
        if fault?.code == "loss.turned" { return nil }
        let isOptimizer = ["sgd", "adam", "adamw", "rmsprop", "adagrad"].contains(who)
        for owner in isOptimizer ? [who, "optimizer", "*"] : [who, "*"] {
            for row in rows where row.who == owner && row.parameter == parameter && row.form == given.form {
                if let text = filled(row, who, given, written) { return text }
            }
        }
        return nil
    }

    /// A row's repair for what was given; nil where it says something of another case.
    private static func filled(_ row: Row, _ who: String, _ given: Given, _ written: [String]) -> String? {
        // With a second view, or two vectors, nothing is in the wrong place.
        if row.who == "*", row.parameter == "z" || row.parameter == "y",
            given.dims?.count != 1 || written.count < 2 || who == "paired"
        {
            return nil
        }
        // A number in the place of init is most often a width, and one by the name of init a value.
        if row.repair.hasPrefix("one value"), given.number.map({ $0 == $0.rounded() && $0 > 1 }) ?? true {
            return nil
        }
        if row.who == "paired", row.parameter == "y", given.dims?.count != 2 { return nil }
        if row.repair.hasPrefix("a schedule"), given.text.flatMap({ Double($0) }) != nil { return nil }
        // A text is read as its content only if it is not empty.
        if row.repair.hasPrefix("a number without"), given.text.flatMap({ Double($0) }) == nil { return nil }
        if row.repair.hasPrefix("an activation"), let word = given.text ?? given.name,
            !["relu", "sigmoid", "tanh", "softmax", "elu", "gelu", "leaky_relu", "softplus", "flatten"].contains(word)
        {
            return nil
        }
        var text = row.repair
        for (k, one) in written.enumerated() { text = text.replacing("{\(k)}", with: one) }
        text = text.replacing("{who}", with: who).replacing("{name}", with: given.name ?? "").replacing(
            "{text}", with: given.text ?? "")
        if let number = given.number { text = text.replacing("{number}", with: formatNumber(number)) }
        return text.contains("{") || text.utf8.count > 90 ? nil : text
    }
}
