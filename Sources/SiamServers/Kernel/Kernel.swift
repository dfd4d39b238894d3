import CKernels
import Glibc
import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamReports

/// A notebook's kernel: the prompt, whose inputs are cells. What reads them waits for requests, at pauses of a training too;
/// so a cell ends where the next input is wanted.
public final class Kernel: LineReader {
    private let post: KernelPost
    private let output: KernelOutput
    /// The cell that runs now.
    private var current: KernelMessage?
    private var count = 0
    private var inputs: [String] = []
    private weak var prompt: Prompt?
    /// What is left of a cell, to be read before the next.
    private var prepared: String?

    static var info: JSON {
        .record([
            "status": .text("ok"), "protocol_version": .text(KernelMessage.version), "implementation": .text("siam"),
            "implementation_version": .text(Version.number),
            "language_info": .record([
                "name": .text("siam"), "version": .text(Version.number), "mimetype": .text("text/x-siam"),
                "file_extension": .text(".siam"), "pygments_lexer": .text("siam"),
                // Where the colours that --install brings are not there, those of a language with the same comments and texts.
                "codemirror_mode": .record(["name": .text("siam"), "mime": .text("text/x-python")]),
                "nbconvert_exporter": .text("script"),
            ]),
            "banner": .text("\(Version.name)  :help shows what can be typed"), "debugger": .bool(false),
            "help_links": .array([]),
        ])
    }

    /// - Parameter file: Jupyter's connection file.
    public init(_ file: String, allowsOthers: Bool) throws {
        let json: JSON
        do { json = try JSON.read(try Files.bytes(file)) } catch let error as Diagnostic { throw error } catch {
            throw Diagnostic(
                code: "kernel.connection", "\(file) is not a Jupyter connection file: it is not valid JSON")
        }
        post = try KernelPost(try ConnectionFile(json, allowsOthers: allowsOthers))
        output = KernelOutput()
        output.tell = { [weak self] type, content in self?.publish(type, content) }
    }

    /// Serves until it is asked to end; returns the exit code.
    public func run() -> Int32 {
        let session = Session(output: output, builtins: Builtin.all)
        Figures.attach(to: session, output.display)
        let prompt = Prompt(session: session, output: output, reader: self, ask: { [weak self] in self?.ask($0) })
        self.prompt = prompt
        post.begin()
        publishStarting()
        _ = prompt.run()
        // `exit` in a cell ends the kernel; the front end is informed.
        finish()
        usleep(200_000)
        return 0
    }

    // MARK: Inputs

    public func prepare(_ text: String) {}

    public func read(_ prompt: String) -> Reading {
        finish()
        while let request = post.next() {
            publish("status", .record(["execution_state": .text("busy")]), parent: request)
            if request.type == "execute_request" {
                current = request
                return .input(begin(request))
            }
            answer(request)
            publish("status", .record(["execution_state": .text("idle")]), parent: request)
        }
        return .hangup
    }

    private func begin(_ request: KernelMessage) -> String {
        let code = request.content["code"]?.text ?? ""
        let isSilent = request.content["silent"]?.bool ?? false
        output.begin(isSilent: isSilent)
        prompt?.beginInput()
        if !isSilent {
            if request.content["store_history"]?.bool ?? true {
                count += 1
                inputs.append(code)
            }
            publish("execute_input", .record(["code": .text(code), "execution_count": .whole(count)]), parent: request)
        }
        output.count = count
        return code
    }

    /// The cell is done, or the training that it began is paused: either way the next may come.
    private func finish() {
        guard let request = current else { return }
        current = nil
        output.finish()
        let error = prompt?.error
        let isInterrupted = prompt?.wasInterrupted == true
        // What waits behind an error is dropped, and nothing that is sent by somebody who has heard of the error.
        let stops = (isInterrupted || error != nil) && request.content["stop_on_error"]?.bool ?? true
        let waiting = stops ? post.dropExecutions() : []
        var content: JSON
        if isInterrupted || error != nil {
            content = .record([
                "status": .text("error"), "execution_count": .whole(count),
                "ename": .text(error?.code ?? "interrupted"), "evalue": .text(error?.message ?? "interrupted"),
                "traceback": .texts(error.map { [KernelOutput.rendered($0)] } ?? ["interrupted"]),
            ])
            if error == nil {
                publish(
                    "error",
                    .record([
                        "ename": .text("interrupted"), "evalue": .text("interrupted"),
                        "traceback": .texts(["interrupted; variables are as they were before this input"]),
                    ]), parent: request)
            }
        } else {
            content = .record([
                "status": .text("ok"), "execution_count": .whole(count), "payload": .array([]),
                "user_expressions": expressions(request.content["user_expressions"]),
            ])
        }
        reply(request, content)
        publish("status", .record(["execution_state": .text("idle")]), parent: request)
        for dropped in waiting {
            publish("status", .record(["execution_state": .text("busy")]), parent: dropped)
            reply(dropped, .record(["status": .text("aborted"), "execution_count": .whole(count)]))
            publish("status", .record(["execution_state": .text("idle")]), parent: dropped)
        }
    }

    /// Values that the front end wants beside what the cell shows.
    private func expressions(_ wanted: JSON?) -> JSON {
        .object(
            (wanted?.members ?? []).map { name, text in
                guard let session = prompt?.present, let text = text.text else { return (name, .null) }
                do {
                    let value = try session.aside { try session.evaluate(text) }
                    let data = RichValue.bundle(value, session.display(value, output.page))
                    return (name, .record(["status": .text("ok"), "data": data, "metadata": .object([])]))
                } catch {
                    let d = session.describe(error)
                    return (
                        name,
                        .record([
                            "status": .text("error"), "ename": .text(d.code), "evalue": .text(d.message),
                            "traceback": .texts([KernelOutput.rendered(d)]),
                        ])
                    )
                }
            })
    }

    /// Puts a question of the program to the user of the notebook; nil if the front end does not allow it.
    private func ask(_ question: String) -> String? {
        guard let request = current, request.content["allow_stdin"]?.bool ?? true else { return nil }
        post.forgetAnswers()
        post.send(
            .input,
            KernelMessage(
                identities: request.identities, header: KernelMessage.header("input_request", session: post.session),
                parent: request.header, content: .record(["prompt": .text(question), "password": .bool(false)])))
        return post.answer()?.content["value"]?.text
    }

    // MARK: Other requests

    private func answer(_ request: KernelMessage) {
        let content = request.content
        let code = content["code"]?.text ?? ""
        let cursor = content["cursor_pos"]?.whole ?? code.unicodeScalars.count
        switch request.type {
        case "kernel_info_request": reply(request, Kernel.info)
        case "complete_request":
            let found = prompt?.completion(code, at: cursor) ?? .none
            let isNone = found.candidates.isEmpty
            reply(
                request,
                .record([
                    "status": .text("ok"), "matches": .texts(found.candidates.map(\.text)),
                    "cursor_start": .whole(isNone ? cursor : found.start),
                    "cursor_end": .whole(isNone ? cursor : found.end),
                    "metadata": .record([
                        "_jupyter_types_experimental": .array(
                            found.candidates.map {
                                .record([
                                    "text": .text($0.text), "type": .text(""), "signature": .text($0.help),
                                    "start": .whole(found.start), "end": .whole(found.end),
                                ])
                            })
                    ]),
                ]))
        case "inspect_request":
            let page = prompt?.explanation(code, at: cursor, withSource: content["detail_level"]?.whole == 1)
            reply(
                request,
                .record([
                    "status": .text("ok"), "found": .bool(page != nil),
                    "data": page.map { .record(["text/plain": .text($0)]) } ?? .object([]), "metadata": .object([]),
                ]))
        case "is_complete_request":
            switch Prompt.completeness(code) {
            case .complete: reply(request, .record(["status": .text("complete")]))
            case .invalid: reply(request, .record(["status": .text("invalid")]))
            case .incomplete(let blanks):
                let indent = String(repeating: " ", count: blanks)
                reply(request, .record(["status": .text("incomplete"), "indent": .text(indent)]))
            }
        case "history_request": reply(request, history(content))
        case "comm_info_request": reply(request, .record(["status": .text("ok"), "comms": .object([])]))
        case "comm_open":
            publish("comm_close", .record(["comm_id": content["comm_id"], "data": .object([])]), parent: request)
        case "comm_msg", "comm_close": break
        default:
            reply(
                request,
                .record([
                    "status": .text("error"), "ename": .text("request"), "evalue": .text("siam has no \(request.type)"),
                    "traceback": .array([]),
                ]))
        }
    }

    private func history(_ content: JSON) -> JSON {
        var found = inputs.enumerated().map { ($0.offset + 1, $0.element) }
        switch content["hist_access_type"]?.text {
        case "tail": found = Array(found.suffix(max(0, content["n"]?.whole ?? 0)))
        case "search":
            let pattern = content["pattern"]?.text ?? "*"
            found = found.filter { fnmatch(pattern, $0.1, 0) == 0 }
            if content["unique"]?.bool == true {
                var seen = Set<String>()
                found = found.reversed().filter { seen.insert($0.1).inserted }.reversed()
            }
            found = Array(found.suffix(max(0, content["n"]?.whole ?? found.count)))
        default:
            let start = max(0, content["start"]?.whole ?? 0)
            let stop = content["stop"]?.whole ?? .max
            found = found.filter { $0.0 >= start && $0.0 < stop }
        }
        let withOutput = content["output"]?.bool == true
        return .record([
            "status": .text("ok"),
            "history": .array(
                found.map { number, text in
                    let entry: JSON = withOutput ? .array([.text(text), .null]) : .text(text)
                    return .array([.whole(0), .whole(number), entry])
                }),
        ])
    }

    // MARK: Messages

    private func reply(_ request: KernelMessage, _ content: JSON) {
        let type = request.type.replacing("_request", with: "_reply")
        post.send(
            .shell,
            KernelMessage(
                identities: request.identities, header: KernelMessage.header(type, session: post.session),
                parent: request.header, content: content))
    }

    private func publish(_ type: String, _ content: JSON, parent: KernelMessage? = nil) {
        post.send(
            .iopub,
            KernelMessage(
                header: KernelMessage.header(type, session: post.session),
                parent: (parent ?? current)?.header ?? .object([]), content: content))
    }

    private func publishStarting() { publish("status", .record(["execution_state": .text("starting")])) }
}
