import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The output of a lesson; silent while values are recomputed.
final class LessonOutput: Output {
    private let outer: any Output
    private var depth = 0
    init(_ outer: any Output) { self.outer = outer }
    func quietly<T>(_ body: () throws -> T) rethrows -> T {
        depth += 1
        defer { depth -= 1 }
        return try body()
    }
    func print(_ text: String) { if depth == 0 { outer.print(text) } }
    func show(_ value: Value, as text: String) { if depth == 0 { outer.show(value, as: text) } }
    func message(_ text: String) { if depth == 0 { outer.message(text) } }
    func diagnostic(_ d: Diagnostic) { if depth == 0 { outer.diagnostic(d) } }
    func progress(_ text: String?) { if depth == 0 { outer.progress(text) } }
    func wrote(_ path: String) { if depth == 0 { outer.wrote(path) } }
    var page: Page { outer.page }
    var isInteractive: Bool { outer.isInteractive && depth == 0 }
}
