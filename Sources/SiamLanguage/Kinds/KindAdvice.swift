/// What people mean who give an argument of another kind: repairs as data, by function, parameter and what was given.
public enum KindAdvice {
    /// What has to hold of the argument, beside its form, for a repair to be about it.
    private enum Condition: Sendable {
        case always
        /// A vector beside another argument: a second view, or one of two vectors, stands in no wrong place.
        case vector
        case twoAxes
        /// Rows of more than one number.
        case severalColumns
        /// The second argument is the parameters of a net.
        case ofParameters
        /// Of three arguments the last is the optimizer.
        case optimizerLast
        /// The number that is wanted stands second, or last.
        case numberSecond, numberLast
        /// No whole number above 1: in the place of `init` such a number is most often a width.
        case fraction
        /// A text that is a number, and any other text.
        case numeral, word
        /// An activation, by its name or as a text.
        case activation
        /// `d.x`, the examples of a data set.
        case examples
        /// The same and `d.y`, its classes, behind them; and those behind the data set itself.
        case examplesAndClasses, classesSecond
        /// `28x28`.
        case sides
        /// A count where a share is wanted.
        case count
        /// The first of two is a distance by its name.
        case distanceFirst
    }

    private struct Row: Sendable {
        /// The functions, blanks between them; `*` for any, `optimizer` for all of those.
        let who: String
        /// The parameters that were given another kind, blanks between them.
        let parameters: String
        let forms: [Given.Form]
        /// `{0}`, `{1}`: the arguments as written; `{rest}`: all but the first, with their names; `{name}`: the function that was
        /// given; `{owner}`: the data set whose examples were.
        let repair: String
        let condition: Condition
        init(
            _ who: String, _ parameters: String, _ forms: [Given.Form], _ repair: String,
            when condition: Condition = .always
        ) {
            (self.who, self.parameters, self.forms, self.repair) = (who, parameters, forms, repair)
            self.condition = condition
        }
        init(
            _ who: String, _ parameters: String, _ form: Given.Form, _ repair: String,
            when condition: Condition = .always
        ) {
            self.init(who, parameters, [form], repair, when: condition)
        }
    }

    private static let rows: [Row] = [
        Row("dense", "init", .number, "one value for all weights:  init = constant({number})", when: .fraction),
        Row("conv", "init", .number, "one value for all weights:  init = constant({number})", when: .fraction),
        Row("dense", "init", .number, "the width of the input is inferred at the first use:  dense({1})"),
        Row("dense", "init", .text, "an activation is a stage of its own:  dense({0}) >> {text}", when: .activation),
        Row(
            "dense", "init", [.other, .function], "an activation is a stage of its own:  dense({0}) >> {name}",
            when: .activation),
        Row("dense", "units", .text, "a number without quotes:  dense({text})", when: .numeral),
        Row("layernorm", "eps", .number, "the width is inferred at the first use:  layernorm()"),
        Row("instancenorm", "eps", .number, "the width is inferred at the first use:  instancenorm()"),
        Row("batchnorm", "momentum", .number, "the width is inferred at the first use:  batchnorm()"),
        Row(
            "flatten", "x", .number,
            "the batch axis always stays; write the stage without parentheses:  flatten"),
        Row("optimizer", "lr", .record, "an optimizer does not take the net, train names it:  {who}({rest})"),
        Row("optimizer", "lr", .record, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("optimizer", "lr", .net, "an optimizer does not take the net, train names it:  {who}({rest})"),
        Row("optimizer", "lr", .net, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("optimizer", "lr", .list, "an optimizer does not take the net, train names it:  {who}({rest})"),
        Row("optimizer", "lr", .list, "an optimizer does not take the net, train names it:  {who}(0.01)"),
        Row("compare", "b", .text, "load the run from its file:  compare({0}, load({1}))"),
        Row("compare", "a", .text, "load the run from its file:  compare(load({0}), load({1}))"),
        Row("pairwise", "d", .tensor, "the distance comes first:  pairwise({2}, {0}, {1})"),
        Row("update", "net", [.number, .tensor], "the net comes second:  update({0}, {2}, grad({1}, {2}))"),
        Row("update", "net", .record, "the net itself:  update({0}, {owner1}, {2})", when: .ofParameters),
        Row("update", "net", .record, "in the other order:  update({0}, {2}, {1})"),
        Row("conv", "size", .number, "the input channels are inferred at the first use:  conv({1}, {2})"),
        Row(
            "triplet", "margin", [.other, .function],
            "name the argument for the distance:  triplet({0}, {1}, {2}, distance = {name})"),
        Row("triplet", "distance", .number, "its distance is euclidean already:  triplet({0}, {1}, {2}, {3})"),
        Row(
            "update", "opt", .net, "the optimizer comes first, then the net:  update({2}, {0}, {1})",
            when: .optimizerLast),
        Row("update", "opt", .net, "the optimizer comes first, then the net:  update({1}, {0}, {2})"),
        Row("tsne", "perplexity", .dataset, "compute the embeddings of a data set with embed:  tsne(embed({0}, {1}))"),
        Row("conv", "size", .text, "an activation is a stage of its own:  conv({0}) >> {text}", when: .activation),
        Row("conv", "size", .other, "an activation is a stage of its own:  conv({0}) >> {name}", when: .activation),
        Row("conv", "size", [.tensor, .list], "one number for both sides:  conv({0}, {side})"),
        Row("maxpool", "size", [.tensor, .list], "one number for both sides:  maxpool({side})"),
        Row("conv", "padding", [.number, .tensor], "to keep the size, pad with zeros:  padding = \"same\""),
        Row("bce", "t", .tensor, "for several classes, one output per class:  cross_entropy({scores}, {1})"),
        Row(
            "bce_with_logits", "target", .tensor,
            "for several classes, one output per class:  cross_entropy({scores}, {1})"),
        Row("image_folder", "size", .text, "height and width are numbers:  size = [{sides}]", when: .sides),
        Row("dot", "b", .tensor, "the product of two matrices is  {0} @ {1}", when: .twoAxes),
        Row("*", "pairs", .tensor, "examples and classes are one data set:  {who}({0}, dataset({1}, {2}))"),
        Row(
            "*", "k", .dataset, "the number comes first, then the net:  {who}({2}, {1}, {0})", when: .numberLast),
        Row(
            "*", "k", .dataset, "the number comes first, then the net:  {who}({1}, {2}, {0})", when: .numberSecond),
        Row("*", "k", .tensor, "the number comes first:  {who}({1}, {0}, {2})", when: .numberSecond),
        Row("*", "k", .tensor, "the number comes first:  {who}({2}, {0}, {1})", when: .numberLast),
        Row("*", "k far", [.net, .other], "the number comes first:  {who}({1}, {0}, {2})", when: .numberSecond),
        Row("*", "k far", [.net, .other], "the number comes first:  {who}({2}, {0}, {1})", when: .numberLast),
        Row(
            "recall_at precision_at", "k", [.list, .tensor],
            "one number at a time:  [{who}(k, {1}, {2}) for k in {0}]"),
        Row("cosine", "floor", .tensor, "cosine is a distance; with labels:  cosine_contrastive({0}, {1}, {2})"),
        Row(
            "proxy_nca proxy_anchor arcface cosface sphereface center_loss", "classes", .tensor,
            "it has weights of its own, made once:  head = {who}(len(d.names)); head({0}, {1})"
        ),
        Row("split_classes", "share", .number, "8 of 10 classes are the share 0.8:  {who}({0}, 0.8)", when: .count),
        Row("linspace", "n", .number, "for numbers with a step:  range({0}, {1}, {2})"),
        Row("dropout", "rate", .text, "a number without quotes:  dropout({text})", when: .numeral),
        Row(
            "pairs triplets", "d", .tensor, "the data set has the classes too:  {who}({owner}, {rest2})",
            when: .examplesAndClasses),
        Row(
            "balanced", "d", .tensor, "the data set has the classes too:  {who}({owner}, {rest2})",
            when: .examplesAndClasses),
        Row(
            "pairs triplets", "batch", .tensor, "the data set has the classes already:  {who}({0}, {rest2})",
            when: .classesSecond),
        Row("pairs", "d", .tensor, "the data set has the classes too:  {who}({owner}, {rest})", when: .examples),
        Row(
            "pairs triplets", "d", .tensor,
            "examples and class numbers are one data set:  {who}(dataset({0}, {1}), {2})"),
        Row(
            "balanced", "d", .tensor,
            "examples and class numbers are one data set:  balanced(dataset({0}, {1}), {2}, {3})"),
        Row("pairs", "d", .tensor, "a data set of examples and class numbers:  pairs(dataset(x, y), 32)"),
        Row("triplets", "d", .tensor, "the data set has the classes too:  {who}({owner}, {rest})", when: .examples),
        Row("triplets", "d", .tensor, "a data set of examples and class numbers:  triplets(dataset(x, y), 32)"),
        Row("balanced", "d", .tensor, "the data set has the classes too:  {who}({owner}, {rest})", when: .examples),
        Row("balanced", "d", .tensor, "a data set of examples and class numbers:  balanced(dataset(x, y), 4, 8)"),
        Row("pairs", "d", .list, "split gives two data sets:  seen, unseen = split(d, 0.8), and pairs(seen, 32)"),
        Row("triplets", "d", .list, "split gives two data sets:  seen, unseen = split(d, 0.8), and triplets(seen, 32)"),
        Row(
            "siamese", "distance", [.constructor, .net], "the net comes first:  siamese({1}, {0})", when: .distanceFirst
        ),
        Row("siamese", "distance", [.constructor, .net], "one net is used for both inputs:  siamese({0})"),
        Row(
            "optimizer", "lr", .text, "a schedule needs the rate and the steps:  {who}(cosine(0.01, 500))", when: .word),
        Row("optimizer", "lr", .other, "a schedule needs the rate and the steps:  {who}(cosine(0.01, 500))"),
        Row("optimizer", "lr", .tensor, "use a schedule for a changing learning rate:  {who}(cosine(0.01, 500))"),
        Row("flatten", "x", .list, "a batch is a list of its parts; give them names:  on batches(d, 32) as x, y"),
        Row("gru", "units", .net, "the units alone:  gru(8)"),
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
            "paired", "y", .tensor, "for pairs contrastive(a, b, same); for a batch contrastive(z, y), y class numbers",
            when: .twoAxes),
        Row("tripled", "y", .tensor, "for triplets triplet(a, p, n); for a batch triplet(z, y), y class numbers"),
        Row("save", "path", [.net, .other, .tensor, .run, .dataset], "in the other order:  save({1}, {0})"),
        Row("conv", "stride", .text, "name the argument for padding:  conv({0}, {1}, padding = {2})"),
        Row("*", "z", .tensor, "embeddings come first, then class numbers:  {who}({1}, {0})", when: .vector),
        Row("paired", "z", .tensor, "for pairs contrastive(a, b, same); for a batch contrastive(z, y), z N x width"),
        Row("tripled", "z", .tensor, "for triplets triplet(a, p, n); for a batch triplet(z, y), z N x width"),
        Row(
            "bce", "p", .tensor, "for several classes, one output per class:  cross_entropy({scores}, {1})",
            when: .severalColumns),
        Row("bce", "p", [.tensor, .number], "for logits, the outputs of a dense layer:  bce_with_logits({0}, {1})"),
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
    /// - Parameter written: the values of the arguments as written.
    /// - Parameter named: the same, each with its name where it has one.
    /// - Parameter fault: what is said already: of arguments that are exchanged no more is to be said.
    public static func of(
        _ who: String, _ parameter: String, _ given: Given, _ written: [String], named: [String] = [],
        _ fault: KindFault? = nil
    ) -> String? {
        if fault?.code == "loss.turned" { return nil }
        let isOptimizer = optimizers.contains(who)
        for owner in isOptimizer ? [who, "optimizer", "*"] : [who, "*"] {
            for row in rows
            where row.parameters.split(separator: " ").contains(parameter[...]) && row.forms.contains(given.form)
                && row.who.split(separator: " ").contains(owner[...])
                && holds(row.condition, given, written)
            {
                if let text = filled(row, who, given, written, named) { return text }
            }
        }
        return nil
    }

    private static func holds(_ condition: Condition, _ given: Given, _ written: [String]) -> Bool {
        switch condition {
        case .always: true
        case .vector: given.dims?.count == 1 && written.count >= 2
        case .twoAxes: given.dims?.count == 2
        case .severalColumns: given.dims.map { $0.count == 2 && ($0[1] ?? 1) > 1 } ?? false
        case .ofParameters: written.count == 3 && written[1].hasSuffix(".params")
        case .optimizerLast:
            written.count == 3
                && (written[2].hasPrefix("opt") || written[1].hasPrefix("grad(")
                    || optimizers.contains(
                        String(written[2].prefix { $0 != "(" })))
        case .numberSecond: written.count == 3 && Double(written[1]) != nil
        case .numberLast: written.count == 3 && Double(written[2]) != nil
        case .fraction: given.number.map { $0 != $0.rounded() || $0 <= 1 } ?? false
        case .numeral: given.text.flatMap { Double($0) } != nil
        case .word: given.text.flatMap { Double($0) } == nil
        case .activation: (given.text ?? given.name).map(activations.contains) ?? false
        case .examples: owner(of: written) != nil
        case .sides: given.text.map { sides($0) != nil } ?? false
        case .examplesAndClasses: owner(of: written).map { written.count > 2 && written[1] == "\($0).y" } ?? false
        case .classesSecond: written.count > 2 && written[1] == "\(written[0]).y"
        case .distanceFirst:
            written.count == 2 && ["euclidean", "squared", "cosine", "manhattan"].contains(written[0])
        case .count: given.number.map { $0 > 1 && $0 == $0.rounded() } ?? false
        }
    }

    static let optimizers: Set<String> = ["sgd", "adam", "adamw", "rmsprop", "adagrad"]

    private static let activations: Set<String> = [
        "relu", "sigmoid", "tanh", "softmax", "elu", "gelu", "leaky_relu", "softplus", "flatten",
    ]

    /// `28x28`, as two numbers of a list.
    private static func sides(_ text: String) -> String? {
        let parts = text.split { "x,*× ".contains($0) }
        return 1...2 ~= parts.count && parts.allSatisfy { Int($0) != nil }
            ? (parts + parts).prefix(2).joined(separator: ", ") : nil
    }

    /// The `d` of a first argument `d.x`.
    private static func owner(of written: [String]) -> String? {
        guard let first = written.first, first.hasSuffix(".x") else { return nil }
        let name = first.dropLast(2)
        return !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? String(name) : nil
    }

    /// Whether a text between two parentheses is one argument, and they belong together.
    private static func isOneArgument(_ text: Substring) -> Bool {
        var depth = 0
        for c in text {
            if "([{".contains(c) { depth += 1 }
            if ")]}".contains(c) { depth -= 1 }
            if depth < 0 || depth == 0 && c == "," { return false }
        }
        return depth == 0
    }

    /// A row's repair for what was given; nil where a part of it is not known, or it would be too long.
    private static func filled(
        _ row: Row, _ who: String, _ given: Given, _ written: [String], _ named: [String]
    ) -> String? {
        var text = row.repair
        for (k, one) in written.enumerated() { text = text.replacing("{\(k)}", with: one) }
        let rest = named.dropFirst().joined(separator: ", ")
        if !rest.isEmpty { text = text.replacing("{rest}", with: rest) }
        let behind = named.dropFirst(2).joined(separator: ", ")
        if !behind.isEmpty { text = text.replacing("{rest2}", with: behind) }
        if written.count > 1, written[1].hasSuffix(".params") {
            text = text.replacing("{owner1}", with: String(written[1].dropLast(7)))
        }
        // `[3, 3]`, the same for both sides.
        for one in written.prefix(2) where one.hasPrefix("[") {
            let side = one.dropFirst().prefix { $0.isNumber }
            if !side.isEmpty { text = text.replacing("{side}", with: String(side)) }
        }
        if let first = written.first {
            // One column of them is no row of scores.
            let open = first.hasSuffix("]") ? first.firstRange(of: "[..,")?.lowerBound : nil
            var scores = String(open.map { first[..<$0] } ?? first[...])
            // cross_entropy takes scores, not what a sigmoid makes of them.
            for squashing in ["sigmoid(", "softmax("] where scores.hasPrefix(squashing) {
                let inner = scores.dropFirst(squashing.count).dropLast()
                if scores.hasSuffix(")"), isOneArgument(inner) { scores = String(inner) }
            }
            text = text.replacing("{scores}", with: scores)
        }
        if let owner = owner(of: written) { text = text.replacing("{owner}", with: owner) }
        text = text.replacing("{who}", with: who).replacing("{name}", with: given.name ?? "").replacing(
            "{text}", with: given.text ?? "")
        if let sides = given.text.flatMap(sides) { text = text.replacing("{sides}", with: sides) }
        if let number = given.number { text = text.replacing("{number}", with: formatNumber(number)) }
        return text.contains("{") || text.utf8.count > 90 ? nil : text
    }
}
