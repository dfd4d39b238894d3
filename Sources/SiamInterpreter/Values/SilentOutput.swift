import SiamLanguage

/// An output that shows nothing: for replays, and for sessions that only look names up.
open class SilentOutput: Output {
    public init() {}

    public var page = Page()
    public var isInteractive: Bool { false }
    public var showsProgress: Bool { false }
    open func print(_ text: String) {}
    open func message(_ text: String) {}
    open func diagnostic(_ d: Diagnostic) {}
    open func progress(_ text: String?) {}
}
