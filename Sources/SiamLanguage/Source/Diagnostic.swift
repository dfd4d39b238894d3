/// An error or a warning as data: made beside the rule that raises it, rendered in one place.
public struct Diagnostic: Error, Sendable {
    public enum Severity: String, Sendable { case error, warning, note }

    /// A stretch of source with what it is written under it. The first label is the place of the message.
    public struct Label: Sendable {
        public var place: Place
        public var text: String
        public init(_ place: Place, _ text: String = "") {
            self.place = place
            self.text = text
        }
    }

    /// A change of the user's text that mends the fault.
    public struct Edit: Sendable {
        public var place: Place
        public var replacement: String
        public init(_ place: Place, _ replacement: String) {
            self.place = place
            self.replacement = replacement
        }
    }

    public var severity: Severity
    /// The rule's stable name, `name.unknown`; `:why` finds the long explanation by it.
    public var code: String
    /// One sentence without a full stop.
    public var message: String
    public var labels: [Label]
    /// `=` lines: where the other side was made, the stages up to the break.
    public var notes: [String]
    /// One `=` line that says how to mend it; where `edits` are given, applying them is that repair.
    public var repair: String?
    public var edits: [Edit]
    /// Said when something was running: what was kept.
    public var kept: String?

    public init(
        _ severity: Severity = .error, code: String, _ message: String, at labels: [Label] = [], notes: [String] = [],
        repair: String? = nil, edits: [Edit] = [], kept: String? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.labels = labels
        self.notes = notes
        self.repair = repair
        self.edits = edits
        self.kept = kept
    }
}
