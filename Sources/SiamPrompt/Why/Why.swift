/// The long form of an error, beside its rule's code: the idea in a few lines, a small program that fails so, and the same
/// one mended. `:why` prints it; the tests run both programs.
public struct Why: Sendable {
    public let code: String
    /// At most five lines.
    public let idea: String
    /// Nil where a program alone cannot bring it about: a file's content, a key, a machine without a library.
    public let fails: String?
    public let mended: String?
    /// Said instead of an example.
    public let told: String?

    /// The explanation of a rule.
    public static func of(_ code: String) -> Why? { byCode[code] }

    /// All of them, family by family.
    public static let all: [Why] =
        syntax + words + definitions + names + values + control + indexing + tensors + algebra + layers + gradients
        + training + doubts + forms + data + tables + metrics + figures + files + pictures + prompt + exchange + cluster
    private static let byCode: [String: Why] = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { a, _ in a })

    /// One idea, and what fails for want of it: a program and the same one mended, or a sentence.
    struct Case {
        var code: String
        var fails: String?
        var mended: String?
        var told: String?
        init(_ code: String, _ fails: String, _ mended: String) {
            self.code = code
            self.fails = fails
            self.mended = mended
        }
        init(_ code: String, told: String) {
            self.code = code
            self.told = told
        }
    }

    static func family(_ idea: String, _ cases: [Case]) -> [Why] {
        cases.map { Why(code: $0.code, idea: idea, fails: $0.fails, mended: $0.mended, told: $0.told) }
    }
}
