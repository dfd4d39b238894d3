import CPrelude
import SiamInterpreter
import SiamLanguage

/// The part of the standard library that is written in siam. Its texts are in the binary; a definition is compiled when it
/// is first used, so that starting costs nothing.
public enum Prelude {
    /// A definition of the prelude, as source text.
    public struct Definition: Sendable {
        public let name: String
        public let file: String
        public let role: String
        /// The prelude text that contains it, and its position there.
        fileprivate let source: Int32
        fileprivate let place: Range<Int>

        /// With its help lines.
        public var text: String { String(decoding: Prelude.bytes(source)[place], as: UTF8.self) }
        public var help: String {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("##") }
            return lines.map { $0.hasPrefix("## ") ? $0.dropFirst(3) : $0.dropFirst(2) }.joined(separator: "\n")
        }

        /// `contrastive(a, b, same, margin = 1)`.
        public var signature: String { "\(name)(\(Prelude.parameters(self).map(\.shown).joined(separator: ", ")))" }
    }

    public static let definitions: [Definition] = (0..<siam_prelude_count()).flatMap(cut)
    fileprivate static func bytes(_ k: Int32) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: siam_prelude_text(k), count: Int(siam_prelude_size(k)))
    }

    public static func definition(_ name: String) -> Definition? { definitions.first { $0.name == name } }

    /// Definitions begin at the margin with `fn`, `loss` or `layer`; the `##` lines above belong to them. They are found among
    /// the bytes, and read where they are used: this is done at every start.
    private static func cut(_ k: Int32) -> [Definition] {
        let bytes = bytes(k)
        let file = String(cString: siam_prelude_name(k))
        func begins(_ at: Int, _ word: StaticString) -> Bool {
            guard at + word.utf8CodeUnitCount <= bytes.count else { return false }
            for i in 0..<word.utf8CodeUnitCount where bytes[at + i] != word.utf8Start[i] { return false }
            return true
        }
        let newline = UInt8(ascii: "\n")
        var found: [Definition] = []
        // Where its help begins, or it does; where its own line does, and its role ends; where its last line with anything in it ends.
        var (start, own, role, end): (Int?, Int?, Int, Int) = (nil, nil, 0, 0)
        func close() {
            defer { (start, own) = (nil, nil) }
            guard let start, let own, let open = bytes[role..<end].firstIndex(of: UInt8(ascii: "(")) else { return }
            found.append(
                Definition(
                    name: String(decoding: bytes[role + 1..<open], as: UTF8.self), file: file,
                    role: String(decoding: bytes[own..<role], as: UTF8.self), source: k, place: start..<end))
        }
        var at = 0
        while at < bytes.count {
            let lineEnd = bytes[at...].firstIndex(of: newline) ?? bytes.count
            let isEmpty = lineEnd == at
            if begins(at, "##") {
                if own != nil { close() }
                if start == nil { start = at }
            } else if let length = begins(at, "fn ") ? 2 : begins(at, "loss ") ? 4 : begins(at, "layer ") ? 5 : nil {
                if own != nil { close() }
                (own, role, end) = (at, at + length, lineEnd)
                if start == nil { start = at }
            } else if own != nil {
                if !isEmpty { end = lineEnd }
            } else if isEmpty {
                start = nil
            }
            at = lineEnd + 1
        }
        close()
        return found
    }

    /// The parameters of a definition, with their defaults as written and their kinds.
    package static func parameters(_ d: Definition) -> [KnownName.Parameter] {
        let (program, _) = Parser.parse(Source(name: d.file, kind: .prelude, text: d.text))
        let parameters: [Parameter] =
            switch program.statements.first?.kind {
            case .function(let f)?: f.parameters
            case .layer(let l)?: l.parameters
            default: []
            }
        return parameters.map { p in
            KnownName.Parameter(
                p.name.text, hasDefault: p.defaultValue != nil,
                defaultValue: p.defaultValue.map { program.source.text($0.span) },
                kind: p.kind)
        }
    }

    /// Gives names to all definitions, which are compiled at their first use.
    package static func define(in globals: Globals) {
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
    /// The plateau values of a loss, from the line `## plateaus:` above it.
    package var plateauLine: String? {
        let mark = "plateaus:"
        let lines = (code.help ?? Prelude.definition(name)?.help)?.split(separator: "\n")
        return lines?.first { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }
}
