/// Steps against a gradient that other libraries write with `-=`.
extension Parser {
    /// `net.params -= 0.1 * g`: the same step by an optimizer.
    func handStep(of net: String, _ change: String) -> String? {
        let parts = change.split(separator: "*").map { $0.trimmed }
        guard parts.count == 2,
            parts.allSatisfy({ $0.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) } }),
            let k = parts.firstIndex(where: { Double($0) != nil || $0.hasPrefix("lr") || $0.hasPrefix("rate") })
        else { return nil }
        return "a hand-written step:  update(sgd(\(parts[k])), \(net), \(parts[1 - k]))"
    }

    /// `w.data -= lr * w.grad`: the same step in siam's words; nil where no gradient of the name is in it.
    func trackedStep(_ target: String, _ change: String) -> String? {
        let name = target.hasSuffix(".data") ? String(target.dropLast(5)) : target
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
            change.contains("\(name).grad"), change.utf8.count <= 50
        else { return nil }
        // The loss is what the program calls backward of.
        var loss = "l"
        if let call = source.text.firstRange(of: ".backward()") {
            let before = source.text[..<call.lowerBound].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if !before.isEmpty { loss = String(before.reversed()) }
        }
        let gradient = "grad(\(loss), \(name))"
        let step = change.trimmed.replacing("\(name).grad.data", with: gradient).replacing(
            "\(name).grad", with: gradient)
        return "\(name) = \(name) - \(step)"
    }

    /// The name on the left of the comparison before `and`: `x` of `x > 3 and < 10`.
    func comparedBefore(_ sign: Token) -> String? {
        guard let place = tokens.firstIndex(where: { $0.start == sign.start }), place > 3,
            [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal].contains(tokens[place - 2].kind),
            tokens[place - 3].kind == .name,
            [.less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal].contains(current.kind),
            tokens[place - 3].startsLine
                || [.if, .while, .leftParen, .assign, .and, .or, .comma].contains(tokens[place - 4].kind)
        else { return nil }
        return text(tokens[place - 3])
    }
}
