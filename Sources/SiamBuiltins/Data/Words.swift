import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Vocabularies.
extension Builtins {
    static let words: [Builtin] = [
        Builtin(
            "tokens",
            "texts, column = none, max : whole >= 1 = 30, least : whole >= 1 = 1, most : whole >= 1 = 20000",
            family: "data",
            "A vocabulary, built from a list of texts or from columns of a data set by name, tokens(seen, \"question1\"), as a scaler is built from numbers. Called with texts (or a data set and a column) it returns the codes of their words, one row of length `max` per text: 0 is padding, 1 an unknown word. Words that occur fewer than `least` times are unknown, and only the `most` frequent words are kept. .count is the number of codes for embedding; save(t, \"a.words\") and load store it.",
            examples: [
                (
                    "t = tokens([\"a red rose\", \"a blue sky\"], max = 4); t([\"a green rose\"])",
                    "tensor 1x4\n[2  1  5  0]\nmin 0  max 5  mean 2  sd 1.8708"
                ),
                ("tokens([\"a red rose\", \"a blue sky\"]).count", "7"),
            ], seeAlso: ["embedding", "sentence", "csv"]
        ) { i, a in
            let texts = try TokensThing.texts(a[0], a[1], i)
            let length = try a.integer(2, atLeast: 1)
            guard length <= 1 << 16 else {
                throw Diagnostic(code: "tokens.length", "max can be at most 65536 words, and is \(length)")
            }
            return .thing(
                TokensThing(
                    Vocabulary(
                        of: texts, length: length, least: try a.integer(3, atLeast: 1),
                        most: try a.integer(4, atLeast: 1))))
        }
    ]
}
