import Glibc
import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamShapes
import SiamReports

/// The language server: what the checks, the help and the completion of siam know, for editors. It runs nothing of the user's
/// but by command, and then as a process of its own.
public final class LanguageServer {
    var documents: [String: TextDocument] = [:]
    private var analyses: [String: (version: Int, analysis: Analysis)] = [:]
    private(set) var facts: [String: ShapeFacts] = [:]
    /// What reads data sets at the moment.
    var reader: DataReader?
    private let readsElsewhere: Bool
    /// The folders that the editor has open.
    private(set) var folders: [String] = []
    private(set) var refreshesHints = false
    private var asked = 0
    /// Documents whose findings have to be published again.
    private var waiting: [String] = []
    private var hasBegun = false
    private var isShutDown = false
    private var hasExited = false
    private var countsBytes = false
    var children: [ChildRun] = []
    /// Where the library's own text is put for who wants to read it.
    let libraryFolder: String?

    let session = Session(output: SilentOutput(), builtins: Builtin.all)
    private(set) lazy var known = session.knownNames()
    private(set) lazy var completer = Completer(session: session, commands: [])
    private(set) lazy var libraryNames: [String: KnownName] = Dictionary(
        known.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })

    /// - Parameters:
    ///   - libraryFolder: nil leaves definitions in the library unfound.
    ///   - readsElsewhere: whether data sets are read by a process of their own, for who serves an editor.
    public init(libraryFolder: String? = StateFolder.file("library"), readsElsewhere: Bool = false) {
        self.libraryFolder = libraryFolder
        self.readsElsewhere = readsElsewhere
    }

    private var lastEdit = 0.0
    /// How long nothing is typed before data sets are read, in milliseconds.
    private static let pause: Int32 = 200

    // MARK: The loop

    /// Serves standard input until the client leaves; the exit code.
    public func run() -> Int32 {
        let wire = Wire(.headed)
        while !hasExited {
            while let bytes = wire.next() {
                for answer in handle(bytes) { wire.send(answer) }
                if hasExited { return isShutDown ? 0 : 1 }
                // What is typed quickly is checked once.
                _ = wire.wait(0)
            }
            if wire.hasEnded { break }
            for message in idle() { wire.send(message) }
            let rest =
                unread.isEmpty ? -1 : max(0, LanguageServer.pause - Int32(min(1e6, 1000 * (Clock.now() - lastEdit))))
            if rest == 0 { startReading() }
            let others = children.map(\.file) + (reader.map { [$0.process.file] } ?? [])
            let ready = wire.wait(rest == 0 ? LanguageServer.pause : rest, others: others)
            if let reader, ready.contains(reader.process.file) {
                for message in hear(reader) { wire.send(message) }
            }
            for child in children where ready.contains(child.file) {
                for message in child.take() { wire.send(message) }
            }
            children.removeAll { $0.hasEnded }
        }
        for child in children { child.stop() }
        reader?.process.stop()
        return isShutDown ? 0 : 1
    }

    /// What there is to say when nothing is asked: the findings of what was changed.
    public func idle() -> [JSON] {
        let uris = waiting
        waiting = []
        return uris.compactMap { uri in
            guard let document = documents[uri], let analysis = analysis(uri) else { return nil }
            return RPC.notification(
                "textDocument/publishDiagnostics",
                .record([
                    "uri": .text(uri), "version": .whole(document.version),
                    "diagnostics": .array(analysis.findings.map { diagnostic($0, document, analysis) }),
                ]))
        }
    }

    /// Answers one message.
    public func handle(_ bytes: [UInt8]) -> [JSON] {
        do { return handle(try JSON.read(bytes)) } catch {
            return [RPC.failure(.null, -32700, "the message is not valid JSON")]
        }
    }

    public func handle(_ message: JSON) -> [JSON] {
        guard let method = message["method"]?.text else {
            // An answer to something that was asked of the client, or nothing that can be answered.
            guard let id = message["id"], message["result"] == nil, message["error"] == nil else { return [] }
            return [RPC.failure(id, -32600, "a request expects a method")]
        }
        let parameters = message["params"] ?? .null
        guard let id = message["id"], id != .null else {
            do { return try notified(method, parameters) } catch { return [] }
        }
        do {
            guard hasBegun || method == "initialize" else {
                throw RPCError(code: -32002, message: "initialize comes first")
            }
            guard !isShutDown else { throw RPCError(code: -32600, message: "the server was shut down") }
            return [RPC.result(id, try answer(method, parameters))] + messages()
        } catch let refusal as RPCError {
            return [RPC.failure(id, refusal.code, refusal.message)]
        } catch {
            return [RPC.failure(id, -32603, session.describe(error).message)]
        }
    }

    /// A request from the server; the answer is ignored.
    func ask(_ method: String) -> JSON {
        asked += 1
        return .record(["jsonrpc": .text("2.0"), "id": .text("siam-\(asked)"), "method": .text(method)])
    }

    /// What is said beside an answer.
    private var said: [JSON] = []
    func say(_ message: JSON) { said.append(message) }
    private func messages() -> [JSON] {
        defer { said = [] }
        return said
    }

    private func notified(_ method: String, _ p: JSON) throws -> [JSON] {
        switch method {
        case "exit": hasExited = true
        case "textDocument/didOpen":
            guard let uri = p["textDocument"]?["uri"]?.text, let text = p["textDocument"]?["text"]?.text else {
                return []
            }
            let version = p["textDocument"]?["version"]?.whole ?? 0
            documents[uri] = TextDocument(uri: uri, version: version, text: text, countsBytes: countsBytes)
            changed(uri)
        case "textDocument/didChange":
            guard let uri = p["textDocument"]?["uri"]?.text, var document = documents.removeValue(forKey: uri) else {
                return []
            }
            defer {
                documents[uri] = document
                changed(uri)
            }
            document.version = p["textDocument"]?["version"]?.whole ?? document.version + 1
            for change in p["contentChanges"]?.elements ?? [] { try document.apply(change) }
        case "textDocument/didClose":
            guard let uri = p["textDocument"]?["uri"]?.text, documents.removeValue(forKey: uri) != nil else {
                return []
            }
            analyses[uri] = nil
            facts[uri] = nil
            waiting.removeAll { $0 == uri }
            return [
                RPC.notification(
                    "textDocument/publishDiagnostics", .record(["uri": .text(uri), "diagnostics": .array([])]))
            ]
        case "textDocument/didSave", "workspace/didChangeWatchedFiles":
            // What is imported may be another text now, and so may data.
            for (uri, one) in facts {
                one.forgetLibrary()
                changed(uri)
            }
        default: break
        }
        return []
    }

    func changed(_ uri: String) {
        lastEdit = Clock.now()
        analyses[uri] = nil
        if documents[uri] != nil, !waiting.contains(uri) { waiting.append(uri) }
    }

    /// What is known of the present text of a document.
    func analysis(_ uri: String) -> Analysis? {
        guard let document = documents[uri] else { return nil }
        if let known = analyses[uri] { return known.analysis }
        let shapes = facts[uri] ?? ShapeFacts()
        shapes.readsElsewhere = readsElsewhere
        facts[uri] = shapes
        let made = Analysis(document, session: session, known: known, facts: shapes)
        analyses[uri] = (document.version, made)
        return made
    }

    // MARK: Requests

    /// A document that a request is about, with what is known of it.
    struct Subject {
        let document: TextDocument
        let analysis: Analysis
        var uri: String { document.uri }
    }

    private func subject(_ p: JSON) throws -> Subject {
        guard let uri = p["textDocument"]?["uri"]?.text else { throw RPCError.parameters("which textDocument?") }
        guard let document = documents[uri], let analysis = analysis(uri) else {
            throw RPCError.parameters("\(uri) is not open")
        }
        return Subject(document: document, analysis: analysis)
    }

    private func place(_ p: JSON) throws -> (Subject, Int) {
        let subject = try subject(p)
        return (subject, try subject.document.offset(p["position"]))
    }

    private func answer(_ method: String, _ p: JSON) throws -> JSON {
        switch method {
        case "initialize": return begin(p)
        case "shutdown":
            isShutDown = true
            return .null
        case "textDocument/hover":
            let (subject, offset) = try place(p)
            return hover(subject, offset)
        case "textDocument/completion":
            let (subject, offset) = try place(p)
            return completion(subject, offset)
        case "completionItem/resolve": return resolved(p)
        case "textDocument/signatureHelp":
            let (subject, offset) = try place(p)
            return signatures(subject, offset)
        case "textDocument/definition":
            let (subject, offset) = try place(p)
            return definition(subject, offset)
        case "textDocument/references":
            let (subject, offset) = try place(p)
            return references(subject, offset, withDefinition: p["context"]?["includeDeclaration"]?.bool ?? true)
        case "textDocument/documentHighlight":
            let (subject, offset) = try place(p)
            return highlights(subject, offset)
        case "textDocument/prepareRename":
            let (subject, offset) = try place(p)
            return subject.document.range(try renamed(subject, offset).span)
        case "textDocument/rename":
            let (subject, offset) = try place(p)
            guard let name = p["newName"]?.text else { throw RPCError.parameters("to which newName?") }
            return try rename(subject, offset, to: name)
        case "textDocument/documentSymbol": return symbols(try subject(p))
        case "textDocument/formatting": return try formatted(try subject(p))
        case "textDocument/semanticTokens/full": return colors(try subject(p), within: nil)
        case "textDocument/semanticTokens/range":
            let subject = try subject(p)
            return colors(subject, within: try subject.document.span(p["range"] ?? .null))
        case "textDocument/inlayHint":
            let subject = try subject(p)
            return hints(subject, try subject.document.span(p["range"] ?? .null))
        case "textDocument/foldingRange": return folds(try subject(p))
        case "textDocument/codeAction":
            let subject = try subject(p)
            return repairs(subject, try subject.document.span(p["range"] ?? .null))
        case "textDocument/codeLens": return lenses(try subject(p))
        case "workspace/executeCommand": return try execute(p)
        default: throw RPCError(code: -32601, message: "siam has no \(method)")
        }
    }

    private func begin(_ p: JSON) -> JSON {
        hasBegun = true
        let encodings = p["capabilities"]?["general"]?["positionEncodings"]?.elements.compactMap(\.text) ?? []
        countsBytes = encodings.contains("utf-8")
        refreshesHints = p["capabilities"]?["workspace"]?["inlayHint"]?["refreshSupport"]?.bool == true
        folders = p["workspaceFolders"]?.elements.compactMap { $0["uri"]?.text } ?? []
        if folders.isEmpty, let root = p["rootUri"]?.text { folders = [root] }
        folders = folders.map { TextDocument.path($0) }
        let sync = JSON.record([
            "openClose": .bool(true), "change": .whole(2), "save": .record(["includeText": .bool(false)]),
        ])
        let tokens = JSON.record([
            "legend": .record([
                "tokenTypes": .texts(SemanticColors.types), "tokenModifiers": .texts(SemanticColors.modifiers),
            ]), "full": .bool(true), "range": .bool(true),
        ])
        return .record([
            "capabilities": .record([
                "positionEncoding": .text(countsBytes ? "utf-8" : "utf-16"), "textDocumentSync": sync,
                "hoverProvider": .bool(true),
                "completionProvider": .record([
                    "triggerCharacters": .texts([".", "\\", "\"", "("]), "resolveProvider": .bool(true),
                ]),
                "signatureHelpProvider": .record(["triggerCharacters": .texts(["(", ","])]),
                "definitionProvider": .bool(true), "referencesProvider": .bool(true),
                "documentHighlightProvider": .bool(true), "documentSymbolProvider": .bool(true),
                "renameProvider": .record(["prepareProvider": .bool(true)]),
                "documentFormattingProvider": .bool(true), "foldingRangeProvider": .bool(true),
                "semanticTokensProvider": tokens, "inlayHintProvider": .bool(true),
                "codeActionProvider": .record(["codeActionKinds": .texts(["quickfix"])]),
                "codeLensProvider": .record(["resolveProvider": .bool(false)]),
                "executeCommandProvider": .record(["commands": .texts(LanguageServer.commands.map(\.name))]),
            ]),
            "serverInfo": .record(["name": .text("siam"), "version": .text(Version.number)]),
        ])
    }
}
