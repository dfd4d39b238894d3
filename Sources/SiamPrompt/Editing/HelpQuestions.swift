/// Lines that ask for help, in the ways that people know from other prompts.
enum HelpQuestions {
    /// `contrastive?`, as other prompts write it.
    static func isQuestion(_ line: some StringProtocol) -> Bool {
        guard line.hasSuffix("?"), let first = line.first, first.isLetter || first == "_" else { return false }
        return line.dropLast().allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// `help`, `help contrastive` and `help(contrastive)`: what people type who know another prompt.
    static func isCallForHelp(_ line: some StringProtocol) -> Bool {
        guard line.hasPrefix("help") else { return false }
        let rest = line.dropFirst(4)
        if rest.isEmpty || rest == "()" { return true }
        let isCall = rest.hasPrefix("(") && rest.hasSuffix(")")
        guard isCall || rest.hasPrefix(" ") else { return false }
        let topic = isCall ? rest.dropFirst().dropLast() : rest.drop { $0 == " " }
        return !topic.isEmpty && topic.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" || $0 == "\"" }
    }

    /// `help(contrastive)` written as `?contrastive`.
    static func question(_ line: String) -> String {
        "?" + line.dropFirst(4).filter { $0 != "(" && $0 != ")" && $0 != "\"" && $0 != " " }
    }
}
