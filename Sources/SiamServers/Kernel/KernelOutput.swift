import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime

/// What a session says, as messages to a notebook.
final class KernelOutput: PromptOutput {
    var colorOnOut = false
    var colorOnError = true
    var isLive = false
    let display = FigureDisplay(graphics: .braille, depth: .none)
    var graphics: Graphics {
        get { display.graphics }
        set { display.graphics = newValue }
    }
    var isInteractive: Bool { true }
    var page: Page { Page(columns: 100, rows: 40, unicode: graphics != .ascii, color: colorOnOut) }

    /// Sends a message that belongs to the cell that runs.
    var tell: (String, JSON) -> Void = { _, _ in }
    /// The number of the cell that runs.
    var count = 0
    private var isSilent = false
    private var hints = Set<String>()
    /// The line that is rewritten in place: its name, when it was written last, and what it is to say.
    private var line: (name: String, since: Double, text: String, isTold: Bool)?

    func begin(isSilent: Bool) {
        self.isSilent = isSilent
        line = nil
    }

    func finish() { progress(nil) }

    private func publish(_ type: String, _ content: JSON) { if !isSilent { tell(type, content) } }

    private func stream(_ name: String, _ text: String) {
        publish("stream", .record(["name": .text(name), "text": .text(text + "\n")]))
    }

    func print(_ text: String) {
        settle()
        stream("stdout", text)
    }

    func message(_ text: String) {
        settle()
        stream("stdout", text)
    }

    static func rendered(_ d: Diagnostic) -> String { DiagnosticRenderer(isColored: true, columns: 100).render(d) }

    func diagnostic(_ d: Diagnostic) {
        settle()
        guard d.severity == .error else { return stream("stderr", KernelOutput.rendered(d)) }
        publish(
            "error",
            .record([
                "ename": .text(d.code), "evalue": .text(d.message), "traceback": .texts([KernelOutput.rendered(d)]),
            ]))
    }

    func show(_ value: Value, as text: String) {
        settle()
        let data = RichValue.bundle(value, text)
        // Pictures are shown separately; other values are the result of the cell.
        if data["image/svg+xml"] != nil || data["image/png"] != nil {
            publish("display_data", .record(["data": data, "metadata": .object([]), "transient": .object([])]))
        } else {
            publish(
                "execute_result",
                .record(["execution_count": .whole(count), "data": data, "metadata": .object([])]))
        }
    }

    func hint(_ text: String) { if hints.insert(text).inserted { message(text) } }

    func wrote(_ path: String) {
        guard path.lowercased().hasSuffix(".html"), let bytes = try? Files.bytes(path), bytes.count < 8_000_000 else {
            return
        }
        let page = RichValue.frame(String(decoding: bytes, as: UTF8.self))
        publish(
            "display_data",
            .record([
                "data": .record(["text/plain": .text("the report \(path)"), "text/html": .text(page)]),
                "metadata": .object([]), "transient": .object([]),
            ]))
    }

    /// The line of a training is one output that changes; its last state stays.
    func progress(_ text: String?) {
        guard let text else {
            settle()
            line = nil
            return
        }
        let now = Clock.now()
        if let known = line {
            line?.text = text
            line?.isTold = false
            // A notebook takes some changes a second.
            if now - known.since < 0.1 { return }
        } else {
            line = (KernelMessage.name(), 0, text, false)
        }
        settle()
    }

    private func settle() {
        guard let known = line, !known.isTold else { return }
        let isFirst = known.since == 0
        line?.since = Clock.now()
        line?.isTold = true
        publish(
            isFirst ? "display_data" : "update_display_data",
            .record([
                "data": .record(["text/plain": .text(known.text)]), "metadata": .object([]),
                "transient": .record(["display_id": .text(known.name)]),
            ]))
    }
}
