import SiamLanguage

/// The output of a session. The language does not know the terminal: the command line and the prompt provide one of
/// these.
public protocol Output: AnyObject {
    /// The program's own output.
    func print(_ text: String)
    /// A value that is shown, with its text: where only text can be shown, the text is printed.
    func show(_ value: Value, as text: String)
    /// What siam itself has to say: progress, notes, warnings.
    func message(_ text: String)
    func diagnostic(_ d: Diagnostic)
    /// One line, or several, that are rewritten; nil takes them away.
    func progress(_ text: String?)
    /// Whether anyone sees those.
    var showsProgress: Bool { get }
    /// Progress without a terminal, where no line can be rewritten: a plain line for each epoch of a run.
    func epoch(_ text: String)
    /// What is worth saying at the prompt, and only once.
    func hint(_ text: String)
    /// A file was written by the program: where files can be shown, it may be.
    func wrote(_ path: String)
    var page: Page { get }
    /// Whether values and notes are shown as at the prompt.
    var isInteractive: Bool { get }
    /// Whether a run draws its curves live above its progress line.
    var isLive: Bool { get }
}

extension Output {
    public func show(_ value: Value, as text: String) { print(text) }
    public func epoch(_ text: String) {}
    public func hint(_ text: String) {}
    public var isLive: Bool { false }
    public var showsProgress: Bool { true }
    public func wrote(_ path: String) {}
}
