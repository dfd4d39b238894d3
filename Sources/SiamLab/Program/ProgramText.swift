import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A replacement in one of a program's texts.
struct TextEdit: Equatable {
    var document: Int
    var start: Int
    var end: Int
    var replacement: String
}

/// The program that made a run: the texts up to and with the statement whose `train` it was, and the files they import.
struct ProgramText {
    struct Document {
        var source: Source
        /// The path under which it is imported; nil of what is run itself.
        var importedAs: String?
        /// What stands behind the run in the same text.
        var rest: [UInt8] = []
        /// The text with what stands behind the run: edits of that have their places in it.
        var whole: Source {
            rest.isEmpty
                ? source
                : Source(
                    name: source.name, kind: source.kind, text: String(decoding: source.bytes + rest, as: UTF8.self))
        }
    }
    var documents: [Document]
    let run: Int
    /// Tells which of its statements only show something.
    let shown: ShownStatements
    /// What the program did behind the run: it tells what it is judged on, and is not repeated.
    private(set) var tail: [(statement: Statement, source: Source)] = []
    var later: [Statement] { tail.map(\.statement) }

    /// Of a run of this session; nil where its statements are not known.
    init?(_ run: SiamRuntime.Run, _ session: Session) {
        guard run.statement < session.journal.count else { return nil }
        shown = ShownStatements(session.builtins)
        var documents: [Document] = []
        var last: Source?
        for entry in session.journal[...run.statement] {
            let text = String(
                decoding: entry.source.bytes[..<min(entry.statement.span.end, entry.source.bytes.count)], as: UTF8.self)
            let document = Document(source: Source(name: entry.source.name, kind: entry.source.kind, text: text))
            if last === entry.source, !documents.isEmpty {
                documents[documents.count - 1] = document
            } else {
                documents.append(document)
            }
            last = entry.source
        }
        self.run = run.ordinal
        // The rest of its own text, whether it has run or not, and what was typed after it.
        let made = session.journal[run.statement]
        documents[documents.count - 1].rest = Array(
            made.source.bytes[min(made.statement.span.end, made.source.bytes.count)...])
        self.documents = documents
        tail = Parser.parse(made.source).program.statements.filter { $0.span.start >= made.statement.span.end }
            .map { ($0, made.source) }
        tail += session.journal[(run.statement + 1)...].filter { $0.source !== made.source }
            .map { ($0.statement, $0.source) }
        addImports()
    }

    /// Of a program that makes no run in this session.
    init(_ source: Source, _ session: Session) {
        shown = ShownStatements(session.builtins)
        documents = [Document(source: source)]
        run = -1
        addImports()
    }

    private mutating func addImports() {
        var k = 0
        while k < documents.count, documents.count < 200 {
            let source = documents[k].source
            for statement in Parser.parse(source).program.statements {
                guard case .importFile(let path) = statement.kind, case .text(let parts) = path.kind, parts.count == 1,
                    case .literal(let relative)? = parts.first
                else { continue }
                var full = relative
                if !relative.hasPrefix("/"), case .file = source.kind, let slash = source.name.lastIndex(of: "/") {
                    full = String(source.name[...slash]) + relative
                }
                guard !documents.contains(where: { $0.importedAs == full }), let text = try? Files.text(full) else {
                    continue
                }
                documents.append(
                    Document(source: Source(name: full, kind: .file, text: text), importedAs: full))
            }
            k += 1
        }
    }

    /// The same program with the edits made; edits that overlap an earlier one are left out.
    func applying(_ edits: [TextEdit]) -> ProgramText {
        var changed = self
        for (k, document) in documents.enumerated() {
            let own = ProgramText.settled(edits.filter { $0.document == k })
            guard !own.isEmpty else { continue }
            var bytes = document.source.bytes
            let cut = bytes.count
            for edit in own.reversed() where edit.start <= edit.end {
                let text = Array(edit.replacement.utf8)
                if edit.end <= cut {
                    bytes.replaceSubrange(edit.start..<edit.end, with: text)
                } else if edit.start >= cut, edit.end - cut <= document.rest.count {
                    changed.documents[k].rest.replaceSubrange(edit.start - cut..<edit.end - cut, with: text)
                }
            }
            changed.documents[k].source = Source(
                name: document.source.name, kind: document.source.kind, text: String(decoding: bytes, as: UTF8.self))
        }
        return changed
    }

    /// Edits of the changed program as edits of this one: their places before `edits` were made. Nil where one of them
    /// touches what an edit wrote.
    func before(_ edits: [TextEdit], _ later: [TextEdit]) -> [TextEdit]? {
        var out: [TextEdit] = []
        for edit in later {
            var shift = 0
            for made in ProgramText.settled(edits.filter { $0.document == edit.document }) {
                let start = made.start + shift
                let end = start + made.replacement.utf8.count
                if edit.end <= start { break }
                guard edit.start >= end else { return nil }
                shift += made.replacement.utf8.count - (made.end - made.start)
            }
            var moved = edit
            (moved.start, moved.end) = (edit.start - shift, edit.end - shift)
            out.append(moved)
        }
        return out
    }

    /// Edits in the order of the text, none over another; of two at one place the earlier given comes first.
    static func settled(_ edits: [TextEdit]) -> [TextEdit] {
        var out: [TextEdit] = []
        let order = edits.enumerated().sorted {
            ($0.element.start, $0.element.end, $0.offset) < ($1.element.start, $1.element.end, $1.offset)
        }
        for (_, edit) in order {
            if let last = out.last, edit.start < last.end || last == edit && edit.end > edit.start { continue }
            out.append(edit)
        }
        return out
    }

    /// The lines that edits change, as a diff: `- old`, `+ new`, with file and line.
    /// Names that are given a value inside of a loop.
    var namesOfLoops: Set<String> {
        var found = Set<String>()
        func look(_ statements: [Statement], _ isInside: Bool) {
            for s in statements {
                if isInside, case .assign(let targets, _) = s.kind {
                    for t in targets { if case .name(let n) = t.kind { found.insert(n) } }
                }
                var inner = isInside
                switch s.kind {
                case .forIn(let names, _, _):
                    inner = true
                    found.formUnion(names.map(\.text))
                case .whileLoop: inner = true
                case .function: continue
                default: break
                }
                for block in s.innerBlocks { look(block.statements, inner) }
            }
        }
        for document in documents { look(Parser.parse(document.source).program.statements, false) }
        return found
    }

    /// Names that the loop around a training gives values before it in the same round, as `tr, te = split(d, 0.8)` does: in
    /// that round they are what the training was made with.
    func namesOfRound(_ training: Span, in document: Int) -> Set<String> {
        var found = Set<String>()
        func look(_ statements: [Statement]) {
            guard
                let k = statements.firstIndex(where: { $0.span.start <= training.start && training.end <= $0.span.end })
            else { return }
            for s in statements[..<k] {
                guard case .assign(let targets, _) = s.kind else { continue }
                for t in targets { if case .name(let n) = t.kind { found.insert(n) } }
            }
            for block in statements[k].innerBlocks { look(block.statements) }
        }
        look(Parser.parse(documents[document].whole).program.statements)
        return found
    }

    func diff(_ edits: [TextEdit]) -> [String] {
        let after = applying(edits)
        var lines: [String] = []
        for k in documents.indices where edits.contains(where: { $0.document == k }) {
            let old = documents[k].whole.text.split(separator: "\n", omittingEmptySubsequences: false)
            let new = after.documents[k].whole.text.split(separator: "\n", omittingEmptySubsequences: false)
            var head = 0
            while head < old.count, head < new.count, old[head] == new[head] { head += 1 }
            var tail = 0
            while tail < old.count - head, tail < new.count - head,
                old[old.count - 1 - tail] == new[new.count - 1 - tail]
            {
                tail += 1
            }
            lines.append("\(documents[k].source.name):\(head + 1)")
            // Between the first and the last changed line, lines that stayed are left out where the count is the same.
            let (o, n) = (Array(old[head..<old.count - tail]), Array(new[head..<new.count - tail]))
            if o.count == n.count {
                for (a, b) in zip(o, n) where a != b { lines += ["- \(a)", "+ \(b)"] }
            } else {
                lines += o.map { "- \($0)" } + n.map { "+ \($0)" }
            }
        }
        return lines
    }
}
