/// The words of the language, each with one line of help: highlighter, completion, help and the editors' grammars come from here.
public enum Words {
    public struct Word: Sendable {
        public var text: String
        public var help: String
        /// What it looks like in use.
        public var form: String
    }

    public static let hard: [Word] = [
        Word(text: "fn", help: "defines a function", form: "fn f(x, k = 1) = k * x"),
        Word(text: "if", help: "chooses; also as an expression", form: "if c { a } else { b }"),
        Word(text: "else", help: "what happens otherwise", form: "if c { a } else { b }"),
        Word(
            text: "for", help: "repeats for each item; also in [e for x in xs], and the length of train",
            form: "for x in xs { }"),
        Word(
            text: "in", help: "separates a name from the values it takes; also tests whether a list contains a value",
            form: "\"a\" in names"),
        Word(text: "while", help: "repeats as long as a condition holds", form: "while c { }"),
        Word(text: "break", help: "leaves the innermost loop, or ends the run inside train", form: "break"),
        Word(text: "continue", help: "continues with the next iteration of the loop", form: "continue"),
        Word(text: "return", help: "leaves the function with a value", form: "return x"),
        Word(text: "true", help: "the bool for yes", form: "true"),
        Word(text: "false", help: "the bool for no", form: "false"),
        Word(text: "none", help: "no value", form: "none"),
        Word(
            text: "and", help: "true if both are true; the right side is not evaluated when the left is false",
            form: "a and b"),
        Word(
            text: "or", help: "true if one is true; the right side is not evaluated when the left is true",
            form: "a or b"),
        Word(text: "not", help: "the opposite", form: "not a"),
    ]

    /// Words of the grammar only where a statement of their form begins; ordinary names elsewhere.
    public static let soft: [Word] = [
        Word(
            text: "layer", help: "defines a layer: a pipeline, or one with parameters of its own",
            form: "layer head(dim) = dense(128) >> relu >> dense(dim)"),
        Word(
            text: "loss", help: "defines a loss: a function of a batch's embeddings", form: "loss f(a, b, same) { ... }"
        ),
        Word(text: "param", help: "a layer's own parameter, trained", form: "param w : [in, units] = glorot"),
        Word(text: "state", help: "a non-trainable buffer of a layer", form: "state m : [in] = zeros"),
        Word(text: "forward", help: "computes the output of a layer from its input", form: "forward x = x @ w + b"),
        Word(
            text: "train", help: "trains nets on batches with an optimizer",
            form: "train net on pairs(d, 32) as a, b, same for 5 epochs using adam(0.001) { minimize l }"),
        Word(text: "on", help: "of train: the source of batches", form: "on pairs(d, 32)"),
        Word(text: "as", help: "of train: names for the parts of a batch", form: "as a, b, same"),
        Word(text: "using", help: "of train: the optimizer", form: "using adam(0.001)"),
        Word(text: "epochs", help: "of train and every: passes through the data", form: "for 5 epochs"),
        Word(text: "epoch", help: "of every: each pass through the data", form: "every epoch { }"),
        Word(text: "steps", help: "of train and every: batches", form: "for 300 steps"),
        Word(
            text: "minimize", help: "inside train: the loss for the optimizer",
            form: "minimize contrastive(net(a), net(b), same)"),
        Word(
            text: "report", help: "inside train and sweep: records a series or a column",
            form: "report accuracy = pair_accuracy(net, unseen)"),
        Word(
            text: "every", help: "inside train: runs a block every N steps or epochs, in evaluation mode",
            form: "every 10 steps { }"),
        Word(
            text: "stop", help: "inside train: ends the run when a condition is true",
            form: "stop when stalled(run.held, patience = 3)"),
        Word(
            text: "pause",
            help:
                "inside train: opens the prompt inside the run, where go continues it, step N goes on, rewind N goes back, stop ends it",
            form: "pause"),
        Word(
            text: "sweep", help: "runs a block for every combination of values and returns a table",
            form: "sweep dim in [2, 8], lr in [1e-4, 1e-3] { }"),
        Word(text: "time", help: "runs a block and shows how long it took", form: "time { }"),
        Word(text: "import", help: "loads the definitions of a file, once", form: "import \"towers.siam\""),
        Word(text: "expect", help: "raises an error if a condition is false", form: "expect run.loss.last < 0.1"),
        Word(
            text: "expect_error", help: "raises an error unless the block fails with this message",
            form: "expect_error \"3 wide\" { net(x) }"),
    ]

    /// The hard word that these bytes spell.
    @inline(__always) static func hardKind(_ bytes: ArraySlice<UInt8>) -> Token.Kind? {
        guard bytes.count >= 2, bytes.count <= 8, let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "f"): return match(bytes, ["fn", "for", "false"], [.fn, .for, .false])
        case UInt8(ascii: "i"): return match(bytes, ["if", "in"], [.if, .in])
        case UInt8(ascii: "e"): return match(bytes, ["else"], [.else])
        case UInt8(ascii: "w"): return match(bytes, ["while"], [.while])
        case UInt8(ascii: "b"): return match(bytes, ["break"], [.break])
        case UInt8(ascii: "c"): return match(bytes, ["continue"], [.continue])
        case UInt8(ascii: "r"): return match(bytes, ["return"], [.return])
        case UInt8(ascii: "t"): return match(bytes, ["true"], [.true])
        case UInt8(ascii: "n"): return match(bytes, ["none", "not"], [.none, .not])
        case UInt8(ascii: "a"): return match(bytes, ["and"], [.and])
        case UInt8(ascii: "o"): return match(bytes, ["or"], [.or])
        default: return nil
        }
    }

    private static func match(_ bytes: ArraySlice<UInt8>, _ words: [StaticString], _ kinds: [Token.Kind]) -> Token.Kind?
    {
        for (word, kind) in zip(words, kinds) where word.utf8CodeUnitCount == bytes.count {
            let same = word.withUTF8Buffer { buffer in bytes.elementsEqual(buffer) }
            if same { return kind }
        }
        return nil
    }
}
