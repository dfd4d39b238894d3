import CPrelude
import SiamLanguage

/// The part of the standard library that is written in siam. Its texts are in the binary; a definition is compiled when it
/// is first used, so that starting costs nothing.
public enum Prelude {
    /// A definition as it stands in the prelude.
    public struct Definition: Sendable {
        public let name: String
        public let file: String
        /// With its help lines.
        public let text: String
        public let help: String
        public let role: String

        /// `contrastive(a, b, same, margin = 1)`.
        public var signature: String { "\(name)(\(Prelude.parameters(self).map(\.shown).joined(separator: ", ")))" }
    }

    public static let definitions: [Definition] = (0..<Int(siam_prelude_count())).flatMap { k -> [Definition] in
        let bytes = UnsafeBufferPointer(start: siam_prelude_text(Int32(k)), count: Int(siam_prelude_size(Int32(k))))
        return cut(String(decoding: bytes, as: UTF8.self), file: String(cString: siam_prelude_name(Int32(k))))
    }

    public static func definition(_ name: String) -> Definition? { definitions.first { $0.name == name } }

    /// Definitions begin at the margin with `fn`, `loss` or `layer`; the `##` lines above belong to them.
    private static func cut(_ text: String, file: String) -> [Definition] {
        var found: [Definition] = []
        var help: [Substring] = []
        var body: [Substring] = []
        func close() {
            guard let first = body.first else { return }
            let words = first.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let open = words[1].firstIndex(of: "(") else { return }
            while body.last?.isEmpty == true { body.removeLast() }
            found.append(
                Definition(
                    name: String(words[1][..<open]), file: file, text: (help + body).joined(separator: "\n"),
                    help: help.map { $0.hasPrefix("## ") ? $0.dropFirst(3) : $0.dropFirst(2) }.joined(separator: "\n"),
                    role: String(words[0])))
            help = []
            body = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("##") {
                if !body.isEmpty { close() }
                help.append(line)
            } else if line.hasPrefix("fn ") || line.hasPrefix("loss ") || line.hasPrefix("layer ") {
                if !body.isEmpty { close() }
                body = [line]
            } else if !body.isEmpty {
                body.append(line)
            } else if line.isEmpty {
                help = []
            }
        }
        close()
        return found
    }

    static func define(in globals: Globals) {
        for d in definitions {
            // The names call it themselves, and it must not hold them.
            globals.defineLazy(d.name) { [unowned globals] in try compile(d, globals) }
        }
    }

    private static func compile(_ d: Definition, _ globals: Globals) throws -> Value {
        let source = Source(name: "prelude/\(d.file)", kind: .prelude, text: d.text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        guard let statement = program.statements.first else { return .none }
        let code = try Compiler.top(statement, source: source, globals: globals, isPrelude: true)
        guard let inner = code.codes.first else { return .none }
        return .function(Function(code: inner, captures: [], layer: nil))
    }
}

extension Function {
    /// What the line `## plateaus:` above a loss says of where it stands still.
    var plateauLine: String? {
        let mark = "plateaus:"
        let lines = (code.help ?? Prelude.definition(name)?.help)?.split(separator: "\n")
        return lines?.first { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }
}
