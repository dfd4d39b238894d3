import CKernels
import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamRuntime
import SiamShapes
import SiamTensor
import SiamReports

/// What the tools do, in sessions with names.
final class AssistantTools {
    static let instructions = """
        siam is a small language for exploring, debugging and repairing Siamese networks. Call doctor on a program whose net does \
        not learn: it proves the fault by replays and names the repair. Call check before run; doc explains names and words.
        """

    private var sessions: [String: (session: Session, output: AssistantOutput)] = [:]
    private lazy var checker = Session(output: AssistantOutput(), builtins: Builtin.all)
    private lazy var known = checker.knownNames()
    /// Called with the progress of a long call.
    var onProgress: ((String) -> Void)?
    private static let mostSessions = 32
    private static let mostSeconds = 600.0

    /// Does a call.
    /// - Parameter limited: called with the number of seconds that the call may take, when it begins.
    func call(_ name: String, _ arguments: JSON, limited: (Double) -> Void) throws -> JSON {
        guard let tool = AssistantTool.all.first(where: { $0.name == name }) else {
            let near = closest(to: name, in: AssistantTool.all.map(\.name)).map { "; did you mean \($0)?" } ?? ""
            throw RPCError.parameters("there is no tool \(name)\(near)")
        }
        if let fault = tool.fault(arguments) { return failed(fault) }
        let seconds = arguments["seconds"]?.number ?? 30
        guard seconds > 0, seconds <= AssistantTools.mostSeconds else {
            return failed("seconds is over 0 and at most 600")
        }
        do {
            switch name {
            case "run": return try run(arguments, seconds, limited)
            case "check": return try check(arguments)
            case "doctor": return try doctor(arguments, limited)
            case "doc": return doc(arguments["name"]?.text ?? "")
            case "inspect": return try inspect(arguments, seconds, limited)
            default: return try figure(arguments, seconds, limited)
            }
        } catch is Interrupted {
            return failed("stopped: it reached its time limit, or was cancelled")
        } catch {
            return failed(rendered(checker.describe(error)))
        }
    }

    // MARK: Answers

    private func text(_ text: String) -> JSON { .record(["type": .text("text"), "text": .text(text)]) }

    private func answered(_ content: [JSON], isError: Bool = false, structure: JSON? = nil) -> JSON {
        .record([
            "resultType": .text("complete"), "content": .array(content), "isError": .bool(isError),
            "structuredContent": structure,
        ])
    }

    private func failed(_ message: String) -> JSON { answered([text(message)], isError: true) }

    private func rendered(_ d: Diagnostic) -> String { DiagnosticRenderer(columns: 120).render(d) }

    // MARK: Sessions

    private func world(_ arguments: JSON, isNew: Bool = false) throws -> (session: Session, output: AssistantOutput) {
        let name = arguments["session"]?.text ?? "main"
        if let known = sessions[name], !isNew { return known }
        if let old = sessions.removeValue(forKey: name) { old.session.end() }
        guard sessions.count < AssistantTools.mostSessions else {
            throw Diagnostic(
                code: "assistant.sessions", "there are \(sessions.count) sessions, which is the limit",
                repair: "use one of \(sessions.keys.sorted().prefix(4).joined(separator: ", ")), with fresh = true")
        }
        let output = AssistantOutput()
        let session = Session(output: output, builtins: Builtin.all)
        Figures.attach(to: session, output.display)
        sessions[name] = (session, output)
        return (session, output)
    }

    /// The text that a call is about.
    private func source(_ arguments: JSON) throws -> Source {
        let code = arguments["code"]?.text
        guard let file = arguments["file"]?.text else {
            guard let code else { throw Diagnostic(code: "assistant.program", "code or file is needed") }
            return Source(name: "code", kind: .file, text: code)
        }
        guard code == nil else { throw Diagnostic(code: "assistant.program", "give either code or file") }
        return Source(name: file, kind: .file, text: try Files.text(file))
    }

    // MARK: Tools

    private func run(_ arguments: JSON, _ seconds: Double, _ limited: (Double) -> Void) throws -> JSON {
        let source = try source(arguments)
        let (session, output) = try world(arguments, isNew: arguments["fresh"]?.bool == true)
        output.begin(onProgress)
        limited(seconds)
        var hasFailed = false
        do { try session.run(source) } catch let stop as Interrupted {
            _ = stop
            _ = siam_interrupt_take()
            output.print("stopped after \(Clock.text(seconds)): variables are as they were before the last statement")
            hasFailed = true
        } catch {
            output.diagnostic(session.describe(error))
            hasFailed = true
        }
        return answered(output.taken(), isError: hasFailed)
    }

    private func check(_ arguments: JSON) throws -> JSON {
        let (program, errors) = Parser.parse(try source(arguments))
        let found = checker.findings(program, errors: errors, known: known)
        let structure = JSON.record(["findings": .array(found.map(\.json))])
        return answered(
            [text(found.isEmpty ? "nothing found" : found.map(rendered).joined(separator: "\n\n"))],
            structure: structure)
    }

    private func doctor(_ arguments: JSON, _ limited: (Double) -> Void) throws -> JSON {
        let budget = arguments["budget"]?.number ?? 60
        guard budget > 0, budget <= AssistantTools.mostSeconds else {
            return failed("budget is over 0 and at most 600")
        }
        let (program, errors) = Parser.parse(try source(arguments))
        if let first = errors.first(where: { $0.severity == .error }) { throw first }
        let output = AssistantOutput()
        output.begin(onProgress)
        output.isMuted = true
        let session = Session(output: output, builtins: Builtin.all)
        defer { session.end() }
        // The program itself runs before the replays, and may take its time too.
        limited(2 * budget + 60)
        guard let diagnosis = try session.examined(program, budget: budget) else {
            let found = checker.findings(program, known: known)
            let told = found.isEmpty ? "" : "\n\n" + found.map(rendered).joined(separator: "\n\n")
            return answered([text("the program trains nothing; these findings are from its text alone" + told)])
        }
        var report = [text(diagnosis.display(output.page))]
        for (name, edits) in diagnosis.repairedTexts where arguments["code"] != nil {
            var bytes = program.source.bytes
            guard name == program.source.name else { continue }
            for edit in edits.reversed() where edit.start <= edit.end && edit.end <= bytes.count {
                bytes.replaceSubrange(edit.start..<edit.end, with: Array(edit.text.utf8))
            }
            report.append(text("the repaired program:\n" + String(decoding: bytes, as: UTF8.self)))
        }
        return answered(report, structure: diagnosis.json)
    }

    private func doc(_ name: String) -> JSON {
        if let entry = checker.help(name) {
            return answered([text(entry.rendered() + (entry.source.map { "\n\n" + $0 } ?? ""))])
        }
        let found = checker.search(name)
        guard !found.isEmpty else { return failed("there is no help for \(name)") }
        let lines = found.prefix(40).map { "\($0.name)  \($0.firstLine)" }
        let more = found.count > 40 ? ["... \(found.count - 40) more; a longer word gives fewer"] : []
        return answered([text((lines + more).joined(separator: "\n"))])
    }

    private func inspect(_ arguments: JSON, _ seconds: Double, _ limited: (Double) -> Void) throws -> JSON {
        let name = arguments["session"]?.text ?? "main"
        guard let (session, output) = sessions[name] else {
            let known = sessions.isEmpty ? "none yet: run makes one" : sessions.keys.sorted().joined(separator: ", ")
            return failed("there is no session \(name); there are \(known)")
        }
        guard let expression = arguments["expression"]?.text, !expression.isEmpty else {
            let names = session.globals.userNames.filter { $0 != "_" && $0 != "args" && !$0.hasPrefix("__") }.sorted()
            let lines = names.map { one in
                "\(one)  \(session.globals.valueIfReady(one).map { Show.cut(Show.inline($0, quoted: true), 100, output.page) } ?? "")"
            }
            return answered([text(lines.isEmpty ? "no variables yet" : lines.joined(separator: "\n"))])
        }
        output.begin(onProgress)
        limited(seconds)
        var page = output.page
        page.all = arguments["all"]?.bool == true
        do {
            let value = try session.aside { try session.evaluate(expression, name: "expression") }
            output.print(session.display(value, page))
            return answered(output.taken())
        } catch let stop as Interrupted {
            throw stop
        } catch { return failed(rendered(session.describe(error))) }
    }

    private func figure(_ arguments: JSON, _ seconds: Double, _ limited: (Double) -> Void) throws -> JSON {
        let (session, output) = try world(arguments)
        output.begin(onProgress)
        limited(seconds)
        do {
            let value = try session.aside {
                try session.evaluate(arguments["expression"]?.text ?? "", name: "expression")
            }
            guard let figure = Figures.figure(of: value) else {
                return failed(
                    "\(value.kindName) cannot be drawn; plot, scatter, histogram, heatmap and image make figures")
            }
            let words = text(visibleText(Figures.text(figure, output.page, output.display)))
            if arguments["format"]?.text == "svg" { return answered([text(Figures.svg(figure)), words]) }
            return answered([AssistantOutput.image(try Figures.png(figure)), words])
        } catch let stop as Interrupted {
            throw stop
        } catch { return failed(rendered(session.describe(error))) }
    }
}

/// What a session says, kept for the answer to a call: text up to a limit, and figures as images.
final class AssistantOutput: Output {
    let display = FigureDisplay(graphics: .braille, depth: .none)
    var page: Page { Page(columns: 100, rows: 40, unicode: true, color: false) }
    var isInteractive: Bool { false }
    var isMuted = false
    private var text = ""
    private var length = 0
    private var images: [[UInt8]] = []
    private var onProgress: ((String) -> Void)?
    private var toldAt = 0.0

    static let longest = 40_000
    private static let mostImages = 8

    func begin(_ onProgress: ((String) -> Void)?) {
        (text, length, images, self.onProgress) = ("", 0, [], onProgress)
    }

    /// What was said, as the content of an answer.
    func taken() -> [JSON] {
        if length > text.utf8.count {
            text += "\n... \(length - text.utf8.count) more bytes of output are left out"
        }
        if text.hasSuffix("\n") { text.removeLast() }
        let words = text.isEmpty && images.isEmpty ? "it ran, and printed nothing" : text
        let content = words.isEmpty ? [] : [JSON.record(["type": .text("text"), "text": .text(words)])]
        return content + images.map(AssistantOutput.image)
    }

    static func image(_ png: [UInt8]) -> JSON {
        .record(["type": .text("image"), "data": .text(Base64.text(png)), "mimeType": .text("image/png")])
    }

    func print(_ line: String) {
        guard !isMuted else { return }
        length += line.utf8.count + 1
        let room = AssistantOutput.longest - text.utf8.count
        guard room > 0 else { return }
        text += line.utf8.count < room ? line + "\n" : String(decoding: line.utf8.prefix(room), as: UTF8.self)
    }

    func show(_ value: Value, as text: String) {
        print(text)
        guard !isMuted, images.count < AssistantOutput.mostImages, let figure = Figures.figure(of: value),
            let png = try? Figures.png(figure)
        else { return }
        images.append(png)
    }

    func message(_ text: String) { print(text) }
    func diagnostic(_ d: Diagnostic) { print(DiagnosticRenderer(columns: 120).render(d)) }
    func epoch(_ text: String) { print(text) }
    func progress(_ text: String?) {
        guard let text, let onProgress, Clock.now() - toldAt > 0.5 else { return }
        toldAt = Clock.now()
        onProgress(text)
    }
}
