import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A program's file as it is now, in an editor or on the disk, with who is who in it.
struct CodeFile {
    let path: String
    let document: TextDocument
    let source: Source
    let errors: [Diagnostic]
    let names: Names
    var uri: String { document.uri }
    /// The files that it brings in.
    var imports: [String] { names.imports.map { CodeFile.resolved($0, from: source) } }

    /// A path in an import is relative to the importing file.
    static func resolved(_ path: String, from source: Source) -> String {
        guard !path.hasPrefix("/"), let slash = source.name.lastIndex(of: "/") else { return path }
        return clean(String(source.name[...slash]) + path)
    }

    /// A path without `.` and `..`, so that one file has one path.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// A name of the file's own top.
    func top(_ name: String) -> Int? {
        names.symbols.firstIndex { $0.name == name && $0.scope == 0 && $0.kind != .library && $0.whole != nil }
    }

    func definition(of name: String) -> Span? {
        top(name).flatMap { symbol in names.all(of: symbol).first(where: \.isDefinition)?.span }
    }
}

extension LanguageServer {
    /// More files than this are not looked through for uses of a name.
    private static let mostFiles = 1000
    private static let mostFolders = 400

    func own(_ subject: Subject) -> CodeFile {
        CodeFile(
            path: CodeFile.clean(subject.analysis.source.name), document: subject.document,
            source: subject.analysis.source, errors: subject.analysis.errors, names: subject.analysis.names)
    }

    /// The file of a path: as an editor has it where it is open.
    func file(_ path: String) -> CodeFile? {
        let countsBytes = documents.values.first?.countsBytes ?? false
        let uri = documents.keys.first { CodeFile.clean(TextDocument.path($0)) == path } ?? TextDocument.uri(path)
        if documents[uri] != nil, let analysis = analysis(uri), let document = documents[uri] {
            return CodeFile(
                path: path, document: document, source: analysis.source, errors: analysis.errors, names: analysis.names)
        }
        guard let text = try? Files.text(path) else { return nil }
        let source = Source(name: path, kind: .file, text: text)
        let (program, errors) = Parser.parse(source)
        return CodeFile(
            path: path, document: TextDocument(uri: uri, version: 0, text: text, countsBytes: countsBytes),
            source: source, errors: errors, names: Names(program))
    }

    func location(_ file: CodeFile, _ span: Span) -> JSON {
        .record(["uri": .text(file.uri), "range": file.document.range(span)])
    }

    /// The file that defines a name which one of its importers uses.
    func home(of name: String, from file: CodeFile) -> CodeFile? {
        var seen: Set<String> = [file.path]
        func look(_ file: CodeFile, _ depth: Int) -> CodeFile? {
            guard depth < 8 else { return nil }
            for path in file.imports where seen.insert(path).inserted {
                guard let other = self.file(path) else { continue }
                if other.top(name) != nil { return other }
                if let deeper = look(other, depth + 1) { return deeper }
            }
            return nil
        }
        return look(file, 0)
    }

    /// The files that bring one in, directly or through others: of those that are open, and of the folders of the editor.
    private func importers(of home: CodeFile) -> [CodeFile] {
        var files: [CodeFile] = []
        for path in around(home) where path != home.path { if let one = file(path) { files.append(one) } }
        var reached: Set<String> = [home.path]
        var found: [CodeFile] = []
        while true {
            let next = files.filter { !reached.contains($0.path) && $0.imports.contains(where: reached.contains) }
            if next.isEmpty { return found }
            found += next
            reached.formUnion(next.map(\.path))
        }
    }

    /// The program files that may bring this one in.
    private func around(_ home: CodeFile) -> [String] {
        var found = Set(documents.keys.map { CodeFile.clean(TextDocument.path($0)) })
        var waiting = folders
        if waiting.isEmpty, let slash = home.path.lastIndex(of: "/") { waiting = [String(home.path[..<slash])] }
        var visited = 0
        while let folder = waiting.popLast(), visited < LanguageServer.mostFolders,
            found.count < LanguageServer.mostFiles
        {
            visited += 1
            for name in (try? FolderList.files(folder)) ?? [] {
                let path = CodeFile.clean(folder + "/" + name)
                if name.hasSuffix(".siam") {
                    found.insert(path)
                } else if FolderList.isOwnFolder(path) {
                    waiting.append(path)
                }
            }
        }
        return found.sorted()
    }

    /// Where the thing is used that a name stands for: in its own file, and in those that bring that in. The file that
    /// defines it comes first.
    func uses(_ subject: Subject, _ found: Names.Occurrence) -> [(file: CodeFile, uses: [Names.Occurrence])] {
        let here = own(subject)
        let symbol = here.names.symbols[found.symbol]
        let own = here.names.all(of: found.symbol)
        var home = here
        var number = found.symbol
        if symbol.kind == .library {
            guard let other = self.home(of: symbol.name, from: here), let k = other.top(symbol.name) else {
                return [(here, own)]
            }
            (home, number) = (other, k)
        }
        let meant = home.names.symbols[number]
        // A parameter is named in the calls of its function too.
        let owner = home.names.symbols.first { $0.scope == 0 && $0.own[meant.name] == number }
        guard meant.scope == 0 || owner != nil else { return [(here, own)] }
        var all = [(home, home.names.all(of: number))]
        for file in importers(of: home) where file.top(owner?.name ?? meant.name) == nil {
            let name = owner?.name ?? meant.name
            guard let k = file.names.symbols.firstIndex(where: { $0.kind == .library && $0.name == name }) else {
                continue
            }
            // It may come from another file that this one brings in.
            guard self.home(of: name, from: file)?.path == home.path else { continue }
            let uses = owner == nil ? file.names.all(of: k) : file.names.named(meant.name, of: k)
            if !uses.isEmpty { all.append((file, uses)) }
        }
        return all
    }
}
