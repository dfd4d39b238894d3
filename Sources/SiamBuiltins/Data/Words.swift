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
            "A vocabulary, made of some texts as a scaler is made of some numbers: of a list of texts, or of columns of a data set by name, tokens(seen, \"question1\"). Called with texts (or a data set and a column) it gives their words' codes, a row a text of `max`: 0 fills up, 1 is a word that it does not know. Words that occur fewer than `least` times are not known, nor more than the `most` frequent. .count goes into embedding; save(t, \"a.words\") and load keep it.",
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
                throw Diagnostic(code: "tokens.length", "a text has at most 65536 words, and max is \(length)")
            }
            return .thing(
                TokensThing(
                    Vocabulary(
                        of: texts, length: length, least: try a.integer(3, atLeast: 1),
                        most: try a.integer(4, atLeast: 1))))
        }
    ]
}
