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

/// The outcome of a piece, as bytes: a row, or the error that ended it.
public struct KeptOutcome: Sendable {
    public let bytes: [UInt8]
    /// The error in one line; nil for a piece that succeeded.
    public let error: String?
    public init(bytes: [UInt8], error: String? = nil) {
        self.bytes = bytes
        self.error = error
    }
}

/// Stores outcomes across runs and shares pieces with other workers. The language does not know how they are stored:
/// whatever starts
/// the session provides a store.
public protocol OutcomeStore: AnyObject {
    /// Has all pieces computed, here or by other workers, and delivers each outcome once, in order. An error that
    /// `compute` throws ends the study; a failure of a piece is an outcome instead.
    func outcomes(
        of study: KeptStudy, compute: (Int) throws -> KeptOutcome, deliver: (Int, KeptOutcome) throws -> Void,
        progress: (String?) -> Void) throws
    /// The outcomes of pieces that belong to no study: stored ones are taken, unclaimed ones are computed here,
    /// `atOnce`
    /// at a time, and the rest is waited for. Nil if `work` gave none.
    func shared(
        _ pieces: [KeptPiece], atOnce: Int, work: ([Int]) throws -> [KeptOutcome?]
    ) throws -> [KeptOutcome?]
    /// The outcome of one piece, if it is stored.
    func kept(_ key: String) -> KeptOutcome?
    func keep(_ outcome: KeptOutcome, _ piece: KeptPiece, seconds: Double) throws
}

/// Why something has no key, or why an outcome cannot be written to a file: the store then leaves it out.
public struct NotStorable: Error {
    /// As the end of a sentence.
    public let reason: String

    package init(reason: String) { self.reason = reason }
}
