/// A global name as the checks see it: data, so that the language knows nothing of what the library holds.
public struct KnownName: Sendable {
    public struct Parameter: Sendable {
        public var name: String
        public var hasDefault: Bool
        /// The default as written, for messages.
        public var defaultValue: String?
        /// What it takes, as declared.
        public var kind: Kind?
        public init(_ name: String, hasDefault: Bool = false, defaultValue: String? = nil, kind: Kind? = nil) {
            self.kind = kind
            self.name = name
            self.hasDefault = hasDefault
            self.defaultValue = defaultValue
        }

        /// `margin = 1`.
        public var shown: String { hasDefault ? "\(name) = \(defaultValue ?? "...")" : name }
    }

    public var name: String
    /// Nil for a name that is no function, or that takes any arguments.
    public var parameters: [Parameter]?
    /// Takes further positional arguments.
    public var isVariadic: Bool
    public var help: String
    /// Whether it is pure: it prints, draws random numbers, stores and calls nothing.
    public var isPure: Bool
    /// A number or the like: it cannot be called.
    public var isValue: Bool

    public init(
        name: String, parameters: [Parameter]?, isVariadic: Bool = false, help: String = "", isPure: Bool = false,
        isValue: Bool = false
    ) {
        self.isValue = isValue
        self.name = name
        self.parameters = parameters
        self.isVariadic = isVariadic
        self.help = help
        self.isPure = isPure
    }

    /// `a, b, same, margin = 1`.
    var signature: String {
        (parameters ?? []).map(\.shown).joined(separator: ", ")
    }
}

/// What can be found without running: names, arguments, misplaced words, and faults of training that the text shows.
/// Errors are certain; warnings are likely; notes are worth knowing.
public func check(_ program: Program, known: [KnownName]) -> [Diagnostic] {
    var found: [Diagnostic] = []
    found += inSiamsWords(NameCheck.run(program, known: known), known)
    found += PlacementCheck.run(program)
    found += PrintedCheck.run(program)
    found += TrainingCheck.run(program)
    found += LossCheck.run(program)
    found += LossInputCheck.run(program)
    found += LintCheck.run(program)
    found += UnusedCheck.run(program)
    found += HeldOutCheck.run(program)
    found += UnusedValueCheck.run(program, known: known)
    let names = ProgramNames(program)
    return found.map(names.named).enumerated().sorted { a, b in
        let first = a.element.labels.first?.place.span.start ?? 0
        let second = b.element.labels.first?.place.span.start ?? 0
        return first == second ? a.offset < b.offset : first < second
    }.map(\.element)
}

/// Words of other libraries, with the line that they stand in as siam writes it, where that is known to be right.
private func inSiamsWords(_ found: [Diagnostic], _ known: [KnownName]) -> [Diagnostic] {
    guard found.contains(where: { $0.code == "name.unknown" }) else { return found }
    let names = Set(known.map(\.name))
    return found.map { d in
        guard let own = d.inSiamsWords(names.contains) else { return d }
        let tried = own.vetted { program in
            NameCheck.run(program, known: known)
        }
        return tried.repair == nil ? d : tried
    }
}
