import SiamInterpreter
import SiamLanguage

/// A line that a combination printed while it ran; it is printed again when the outcome is taken from a store.
public struct OutputLine: Sendable, Equatable {
    public enum Kind: Int, Sendable { case printed, message, warning }
    public let kind: Kind
    public let text: String
    /// Of a warning: the key under which it is printed only once.
    public let once: String
}

/// The outcome of a combination of a sweep.
public struct KeptRow {
    /// The reported values and the axes; an axis whose value was not reported again has none.
    public let fields: [(name: String, value: Value?)]
    public let said: [OutputLine]

    init(fields: [(name: String, value: Value?)], said: [OutputLine]) {
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
            let said = try? r.many({ r -> OutputLine in
                let kind = try r.int()
                return OutputLine(kind: .init(rawValue: kind) ?? .message, text: try r.text(), once: try r.text())
            })
        else { return nil }
        self.init(fields: fields, said: said)
    }

    /// Throws `NotStorable` where a value is more than data.
    func bytes() throws -> [UInt8] {
        var w = ByteWriter()
        try w.put(fields) {
            $0.put($1.name)
            $0.put($1.value != nil)
            guard let value = $1.value else { return }
            guard $0.put(plain: value) else {
                throw NotStorable(reason: "it reports \($1.name), \(value.kindName), which a file cannot store")
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
