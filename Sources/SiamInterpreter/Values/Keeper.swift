import SiamLanguage

/// One piece of a study: a computation that needs nothing of the others.
public struct KeptPiece: Sendable {
    /// The name of what it means: equal keys give equal outcomes.
    public let key: String
    /// `dim = 2, lr = 0.1`.
    public let label: String
    public init(key: String, label: String) {
        self.key = key
        self.label = label
    }
}

/// Pieces that belong together: the combinations of a sweep.
public struct KeptStudy: Sendable {
    /// `study.siam, sweep 1 over dim, lr`: what it is called from one edit of the program to the next.
    public let title: String
    public let pieces: [KeptPiece]
    public init(title: String, pieces: [KeptPiece]) {
        self.title = title
        self.pieces = pieces
    }
}

/// What a piece came to, as bytes: a row, or the error that it ended with.
public struct KeptOutcome: Sendable {
    public let bytes: [UInt8]
    /// One line; nil of a piece that came to its end.
    public let error: String?
    public init(bytes: [UInt8], error: String? = nil) {
        self.bytes = bytes
        self.error = error
    }
}

/// Keeps outcomes from one run to the next, and shares pieces with other workers. The language knows no files: whoever starts
/// the session gives it one.
public protocol Keeper: AnyObject {
    /// Sees to it that all pieces are worked out, here or elsewhere, and hands over each outcome once, in order. An error that
    /// `compute` throws ends it: what went wrong in a piece is an outcome.
    func outcomes(
        of study: KeptStudy, compute: (Int) throws -> KeptOutcome, deliver: (Int, KeptOutcome) throws -> Void,
        progress: (String?) -> Void) throws
    /// The outcomes of pieces that belong to no study: what is known is taken, what nobody else is at is worked out here, so many
    /// at a time, and the rest is waited for. Nil where `work` gave none.
    func shared(
        _ pieces: [KeptPiece], atOnce: Int, work: ([Int]) throws -> [KeptOutcome?]
    ) throws -> [KeptOutcome?]
    /// The outcome of one piece, where it is known.
    func kept(_ key: String) -> KeptOutcome?
    func keep(_ outcome: KeptOutcome, _ piece: KeptPiece, seconds: Double) throws
}

/// Why something has no key, or an outcome that no file can hold: a keeper lets it pass, and forgets the study.
public struct NotKeyed: Error {
    /// As the end of a sentence.
    public let reason: String

    package init(reason: String) { self.reason = reason }
}
