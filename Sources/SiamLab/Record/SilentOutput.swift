import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A replay says nothing.
class SilentOutput: Output {
    var page = Page(columns: 80, rows: 24)
    var isInteractive: Bool { false }
    func print(_ text: String) {}
    func message(_ text: String) {}
    func diagnostic(_ d: Diagnostic) {}
    func progress(_ text: String?) {}
    var showsProgress: Bool { false }
}
