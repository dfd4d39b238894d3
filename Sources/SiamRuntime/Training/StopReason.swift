/// Why a run ended before its time.
public enum StopReason: Equatable, Sendable {
    /// `break` or `stop when` in its body.
    case broken
    /// An interrupt, where nobody could be asked.
    case interrupted
    /// `stop` at a pause.
    case atPause
    /// An error in its body.
    case failed
    /// A loss, a gradient or a weight that is NaN or infinite.
    case notFinite(String)
    /// As a file says it that another version wrote.
    case other(String)

    /// As programs and files have it.
    public var text: String {
        switch self {
        case .broken: "break"
        case .interrupted: "interrupted"
        case .atPause: "stopped"
        case .failed: "an error"
        case .notFinite(let what): what + StopReason.ending
        case .other(let text): text
        }
    }
    private static let ending = " is not finite"

    init(text: String) {
        let known = [StopReason.broken, .interrupted, .atPause, .failed].first { $0.text == text }
        self =
            known
            ?? (text.hasSuffix(StopReason.ending)
                ? .notFinite(String(text.dropLast(StopReason.ending.count))) : .other(text))
    }

    public var isNotFinite: Bool { if case .notFinite = self { true } else { false } }
}
