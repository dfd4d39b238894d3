extension StringProtocol {
    /// Without the characters at both ends that are to be left out.
    public func trimmed(where isLeftOut: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isLeftOut($0) }), let last = lastIndex(where: { !isLeftOut($0) }) else {
            return ""
        }
        return String(self[first...last])
    }

    /// Without the blanks around it.
    public var trimmed: String { trimmed(where: { $0 == " " }) }

    /// Without the blanks, tabs and line ends around it.
    public var trimmedOfWhitespace: String { trimmed(where: { $0 == " " || $0 == "\t" || $0.isNewline }) }
}
