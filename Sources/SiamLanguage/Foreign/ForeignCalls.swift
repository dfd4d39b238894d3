/// Calls in the words of other libraries as siam writes them, with the arguments of the user's own call: as data, a line each.
/// Before the first bar stand the words (a method has a point before it; a word with its package is `random.rand`, with all of
/// it `np.random.rand`), then the call, then the arguments that siam has no need of, by place or by name, then what is to be
/// said of a difference. The first line of a word whose places can all be filled serves; a call that is `!` has no equivalent.
///
/// In braces stand the places and names, in order, that may fill it, and behind a colon what stands there where none does:
/// `{1,lr:0.1}`. A place may want a plain number (`0#`; `0#w` a whole one; `0#+` adds one), or open a list (`0~`); `(0` is put into parentheses where
/// an operator needs them, `%0` is a hundredth, `0@1` an item of a list, `0>0` an argument of a call, `1-x` one less the argument
/// x, `'0` a text without its quotes, `"0` an argument that is a text, `&0` a path with an ending that siam writes, `0.` a net,
/// also where its parameters are named, `pad` the padding of a convolution. `{self}` is what stands before a method's point, `{*}`
/// all arguments without a name that nothing else uses, `{*"}` the same but a last line break, `{>>}` the same as stages,
/// `{0>>}` the net that is given, and goes on in this stage. What
/// stands between `(?` and `?)` is left out where it cannot be filled.
///
/// An argument that is left out may have to have a value (`p=2`), or to be no list of several (`0'`). What begins with `!` has to
/// be there: `!p=1`, `!0#` a plain number, `!0v` a vector as written, `!1[` no number, `!0->` a function, `!0()` a number of
/// rows, `!"` any text; with `!~softmax` the file must not have that word, and with `!^` the arguments must not be a net and a
/// data set, which the measure of siam takes in that order.
public enum ForeignCalls {
    /// Arguments that say where or how exactly numbers are kept, and names of things: siam has no use for them anywhere.
    static let idle: Set<String> = [
        "dtype", "device", "inplace", "name", "input_shape", "input_dim", "padding_mode", "verbose", "random_state",
    ]

    /// Methods that a net has elsewhere, and a list; all others are a tensor's.
    static let ofNets: Set<String> = [
        "fit", "compile", "save_weights", "save_model", "load_weights", "predict", "forward", "predict_proba",
        "parameters",
        "trainable_variables", "state_dict", "num_params",
        "count_params", "num_parameters",
    ]
    /// Names of the number of a net's parameters.
    public static let counts: Set<String> = [
        "num_params", "count_params", "num_parameters", "n_params", "param_count", "parameter_count", "numel",
    ]
    /// Methods that anything may have.
    static let ofAny: Set<String> = ["head"]
    /// Methods that a data set has elsewhere.
    static let ofData: Set<String> = ["batch", "dataloader"]
    /// Calls of other libraries for which there is nothing to do here.
    static let shown: Set<String> = ["show", "figure", "tight_layout", "close", "legend", "grid", "draw"]
    static let ofLists: Set<String> = ["append", "push_back", "extend"]

    /// Functions of the same name and meaning elsewhere, and how many arguments without a name mean the same.
    static let alike: [String: Int] = {
        var counts: [String: Int] = [:]
        for (count, names) in [
            1:
                "abs acos asin atan ceil floor round exp log log1p sqrt square sign sin cos tan sinh cosh tanh sigmoid relu gelu "
                + "softplus elu max min median argsort sort diag tril triu detach squeeze seed rand randn zeros ones unique",
            2:
                "atan2 leaky_relu softmax log_softmax sum mean prod all any argmax argmin maximum minimum matmul outer eye "
                + "cumsum transpose flip repeat full power logsumexp solve eigh bce mse expand where one_hot tile topk",
            3: "where quantile range linspace",
            9: "zeros ones rand randn reshape stack",
        ] {
            for name in names.split(separator: " ") { counts[String(name)] = max(count, counts[String(name)] ?? 0) }
        }
        return counts
    }()

    /// Arguments of calls that no line takes, and what siam has for them.
    static let unspent: [String: String] = [
        "reduction": "a loss of siam is the mean over the batch",
        "label_smoothing": "cross_entropy takes probabilities too:  0.9 * one_hot(y, 10) + 0.01",
        "ignore_index": "rows are left out by  weights = y != 0",
        "pos_weight": "a weight for each example is  weights = 1 + 2 * t",
        "average": "over several classes it is the mean of the classes",
        "num_layers": "one gru is one layer",
        "bidirectional": "gru goes forward alone",
        "return_sequences": "gru gives the state after the last position alone",
        "groups": "conv has no groups; one group for each channel is depthwise",
        "padding": "padding is \"same\" or \"valid\"; with a stride the zeros of PyTorch lie at other sides",
        "clipnorm": "clip limits the norm of the gradient over all parameters:  clip = 1",
        "clipvalue": "each element of the gradient is limited by  clip_value = 1",
        "padding_idx": "no row of an embedding is left out",
        "skiprows": "the first row of the file holds the titles, or values",
        "from_logits": "cross_entropy and bce_with_logits take scores, bce probabilities",
        "kernel_regularizer": "weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)",
    ]

    /// `np.random.rand` by all of its names, by its package, by the module that it stands in, and alone.
    static func keys(_ chain: [String]) -> [String] {
        guard let last = chain.last, let package = chain.first, chain.count > 1 else { return chain }
        var keys = [chain.joined(separator: "."), "\(package).\(last)", "\(chain[chain.count - 2]).\(last)", last]
        keys = keys.enumerated().filter { k, key in keys.firstIndex(of: key) == k }.map(\.element)
        return keys
    }

    /// Whether siam's function of the same name is known to be another one, or to take other things.
    static func isOther(_ chain: [String]) -> Bool {
        keys(chain).contains { rows[$0]?.contains(where: \.isNone) ?? false }
    }

    struct Row: Sendable {
        let template: [Piece]
        let dropped: [Substring]
        /// What differs, in words; empty where nothing does.
        let note: String
        /// Whether there is no such call: only the note says something.
        let isNone: Bool
    }

    /// Whether a measure is given a net and a data set, in this language's order: two names that say neither labels nor
    /// predictions.
    static func startsWithNet(_ arguments: [Expression]) -> Bool {
        guard arguments.count == 2, case .name(let first)? = arguments.first?.kind,
            case .name(let second)? = arguments.last?.kind
        else { return false }
        let labels = ["true", "label", "target", "test", "gold", "actual", "truth", "class"]
        let outputs = ["pred", "prob", "score", "hat", "out", "guess", "logit"]
        func says(_ name: String, _ words: [String]) -> Bool { words.contains { name.lowercased().contains($0) } }
        return !first.lowercased().hasPrefix("y") && !says(first, labels) && !says(second, outputs)
    }

    /// A stretch of a template.
    enum Piece: Sendable {
        case text(String)
        case place(keys: [String], standard: String?)
        case optional([Piece])
    }

    static let rows: [String: [Row]] = {
        var rows: [String: [Row]] = [:]
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
            guard parts.count == 3 || parts.count == 4 else { continue }
            var rest = parts[1][...]
            let row = Row(
                template: pieces(&rest, isInner: false), dropped: parts[2].split(separator: " "),
                note: parts.count == 4 ? parts[3] : "", isNone: parts[1] == "!")
            for word in parts[0].split(separator: " ") { rows[String(word), default: []].append(row) }
        }
        return rows
    }()

    private static func pieces(_ rest: inout Substring, isInner: Bool) -> [Piece] {
        var found: [Piece] = []
        var text = ""
        func close() {
            if !text.isEmpty { found.append(.text(text)) }
            text = ""
        }
        while let c = rest.first {
            if rest.hasPrefix("?)"), isInner {
                rest = rest.dropFirst(2)
                break
            }
            if rest.hasPrefix("(?") {
                close()
                rest = rest.dropFirst(2)
                found.append(.optional(pieces(&rest, isInner: true)))
                continue
            }
            if c == "{", let end = rest.firstIndex(of: "}") {
                close()
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                let parts = inner.split(separator: ":", maxSplits: 1)
                found.append(
                    .place(
                        keys: (parts.first ?? "").split(separator: ",").map(String.init),
                        standard: parts.count > 1 ? String(parts[1]) : nil))
                rest = rest[rest.index(after: end)...]
                continue
            }
            text.append(c)
            rest = rest.dropFirst()
        }
        close()
        return found
    }
}
