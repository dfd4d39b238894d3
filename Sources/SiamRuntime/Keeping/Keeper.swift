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
}

/// What a combination said while it ran, to be said again where its outcome is taken from a store.
public struct SaidLine: Sendable, Equatable {
    public enum Kind: Int, Sendable { case printed, message, warning }
    public let kind: Kind
    public let text: String
    /// Of a warning: what it is said only once for.
    public let once: String
}

/// The outcome of a combination of a sweep.
public struct KeptRow {
    /// What was reported, and the axes; an axis whose value was not reported anew has none.
    public let fields: [(name: String, value: Value?)]
    public let said: [SaidLine]

    init(fields: [(name: String, value: Value?)], said: [SaidLine]) {
        self.fields = fields
        self.said = said
    }

    /// Nil of bytes that are none.
    public init?(_ bytes: [UInt8]) {
        var r = ByteReader(bytes[...])
        guard
            let fields = try? r.many({ r -> (name: String, value: Value?) in
                (try r.text(), try r.optional { try $0.value() })
            }),
            let said = try? r.many({ r -> SaidLine in
                let kind = try r.int()
                return SaidLine(kind: .init(rawValue: kind) ?? .message, text: try r.text(), once: try r.text())
            })
        else { return nil }
        self.init(fields: fields, said: said)
    }

    /// Throws `NotKeyed` where a value is more than data.
    func bytes() throws -> [UInt8] {
        var w = ByteWriter()
        try w.put(fields) {
            $0.put($1.name)
            $0.put($1.value != nil)
            guard let value = $1.value else { return }
            guard $0.put(plain: value) else {
                throw NotKeyed(reason: "it reports \($1.name), \(value.kindName), which a file cannot hold")
            }
        }
        w.put(said) {
            $0.put($1.kind.rawValue)
            $0.put($1.text)
            $0.put($1.once)
        }
        return w.bytes
    }
}

/// The error that a combination ended with.
public struct KeptFailure {
    public let code: String
    public let message: String
    public let notes: [String]
    public let repair: String?

    init(_ d: Diagnostic) {
        code = d.code
        message = d.message
        notes = (d.labels.first.map { ["it was at \($0.place.long)"] } ?? []) + d.notes
        repair = d.repair
    }
    /// Nil of bytes that are none.
    public init?(_ bytes: [UInt8]) {
        var r = ByteReader(bytes[...])
        guard let code = try? r.text(), let message = try? r.text(), let notes = try? r.many({ try $0.text() }),
            let hasRepair = try? r.flag()
        else { return nil }
        (self.code, self.message, self.notes) = (code, message, notes)
        repair = hasRepair ? try? r.text() : nil
    }
    var bytes: [UInt8] {
        var w = ByteWriter()
        w.put(code)
        w.put(message)
        w.put(notes) { $0.put($1) }
        w.put(optional: repair) { $0.put($1) }
        return w.bytes
    }
}
