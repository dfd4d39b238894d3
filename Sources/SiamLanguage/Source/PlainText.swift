extension Expression {
    /// A text without values in it, without its quotes.
    var plainText: String? {
        guard case .text(let parts) = kind, parts.count < 2 else { return nil }
        guard let first = parts.first else { return "" }
        if case .literal(let text) = first { return text }
        return nil
    }
}
