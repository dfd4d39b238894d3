import CEditline
import Glibc
import SiamLanguage

/// Edits inputs at a terminal: libedit draws and keeps the text, the keys' meaning is here.
public final class LineEditor: LineReader {
    /// What the editor asks of its surroundings.
    public struct Services {
        public var history: () -> [String] = { [] }
        public var complete: (EditBuffer) -> Completion = { _ in .none }
        /// A longer text that the typed one may become.
        public var suggest: (EditBuffer) -> String? = { _ in nil }
        /// Lets the user's editor change a text; nil where it cannot.
        public var editOutside: (String) -> String? = { _ in nil }
        /// Asked now and then while nothing is typed: true is as good as Enter.
        public var wakes: (() -> Bool)?
        public init() {}
    }

    public var services = Services()
    let isColored: Bool
    private var editor: OpaquePointer?
    private let isVi: Bool
    var keys = KeyStream()

    var prompt = ""
    var promptWidth: Int { displayWidth(prompt) }
    private var prepared: String?
    private var reading = Reading.end
    var undo = Undo()
    var walk = HistoryWalk()
    var killed = ""
    private var isKilling = false
    /// Pastes and blocks that are too large for the screen, by the markers that replace them.
    var asides: [String: String] = [:]
    /// The text after the last Tab; a second Tab on the same text lists.
    var completedText: EditBuffer?
    /// The column that Up and Down keep.
    var keptColumn: Int?

    private var painted: (text: EditBuffer, brackets: [Int], width: Int)?
    var suggestion = ""
    private var isSuggesting = false
    private var columns = 80

    /// Nil where the terminal is not supported.
    public init?(isColored: Bool) {
        self.isColored = isColored
        // libedit decodes keys by the locale; in one without UTF-8 it would drop λ silently.
        // What the user's own locale says of drawings is asked before another takes its place.
        _ = Environment.isUnicode
        guard siam_locale_set() == 1 else { return nil }
        let box = Box()
        let calls = siam_editor_calls(
            context: Unmanaged.passUnretained(box).toOpaque(),
            read: { context in
                guard let context else { return -1 }
                return Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().editor?.nextKey() ?? -1
            },
            command: { context, number, key in
                guard let context,
                    let editor = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().editor
                else { return Int32(SIAM_EDIT_BEEP) }
                return editor.run(number, key)
            })
        guard let opened = siam_editor_open("siam", calls) else { return nil }
        for command in KeyCommand.allCases {
            siam_editor_add(opened, command.rawValue, command.name, command.help?.does ?? "siam")
        }
        siam_editor_read_settings(opened)
        let vi = siam_editor_is_vi(opened) == 1
        for command in KeyCommand.allCases {
            if !vi || command.isForVi {
                for key in command.keys { siam_editor_bind(opened, 0, key, command.name) }
            }
            if command.hasCode {
                let octal = "\\" + String(command.code, radix: 8)
                siam_editor_bind(opened, 0, octal, command.name)
                if vi { siam_editor_bind(opened, 1, octal, command.name) }
            }
        }
        if vi {
            for (key, command) in [
                ("^M", KeyCommand.enter), ("^J", .enter), ("k", .up), ("j", .down), ("/", .search), ("^R", .search),
                ("^L", .clearScreen),
            ] { siam_editor_bind(opened, 1, key, command.name) }
        }
        isVi = vi
        editor = opened
        self.box = box
        box.editor = self
    }

    /// What C holds of this object.
    private final class Box { weak var editor: LineEditor? }
    private let box: Box

    deinit { if let editor { siam_editor_close(editor) } }

    public func prepare(_ text: String) { prepared = text }

    // MARK: Reading

    public func read(_ prompt: String) -> Reading {
        guard let editor else { return .end }
        self.prompt = prompt
        // The name may be coloured, the blank that ends it is not: the delimiter must not end the prompt.
        let name = prompt.hasSuffix(" ") ? String(prompt.dropLast()) : prompt
        siam_editor_set_prompt(editor, isColored ? "\u{1}\u{1B}[1m\u{1}\(name)\u{1}\u{1B}[0m\u{1} " : name + " ")
        undo.reset()
        walk = HistoryWalk()
        asides = [:]
        completedText = nil
        painted = nil
        keptColumn = nil
        isKilling = false
        reading = .end
        let size = Terminal.size
        if size.columns != columns {
            columns = size.columns
            siam_editor_resize(editor)
        }
        siam_signals_watch(1)
        Terminal.write(Terminal.pasteOn)
        Terminal.flush()
        let outcome = siam_editor_edit(editor)
        Terminal.write(Terminal.pasteOff)
        Terminal.flush()
        siam_signals_watch(0)
        return outcome == 0 ? .end : reading
    }

    /// The text as it was typed, without the padding of later lines.
    var buffer: EditBuffer { BlockPadding.removed(from: display, width: promptWidth) }

    private var display: EditBuffer {
        guard let editor else { return EditBuffer() }
        var length = 0
        var cursor = 0
        guard let bytes = siam_editor_text(editor, &length, &cursor) else { return EditBuffer() }
        let raw = UnsafeRawBufferPointer(start: bytes, count: length)
        let head = String(decoding: raw[..<min(cursor, length)], as: UTF8.self)
        let tail = String(decoding: raw[min(cursor, length)...], as: UTF8.self)
        let before = Array(head.unicodeScalars)
        return EditBuffer(scalars: before + Array(tail.unicodeScalars), cursor: before.count)
    }

    /// Puts a text on the line. A part that would not fit the screen is replaced by a marker.
    func put(_ new: EditBuffer) {
        guard let editor else { return }
        let shown = BlockPadding.applied(to: fitting(new), width: promptWidth)
        let head = shown.beforeCursor
        let text = head + shown.afterCursor
        siam_editor_replace(editor, text, text.utf8.count, head.utf8.count)
    }

    /// Whether the text with the prompt has room on the screen.
    private func fits(_ buffer: EditBuffer) -> Bool {
        let shown = BlockPadding.applied(to: buffer, width: promptWidth)
        let size = Terminal.size
        return ScreenLayout(shown.scalars, start: promptWidth, width: size.columns).lastRow < size.rows - 1
    }

    private func fitting(_ buffer: EditBuffer) -> EditBuffer {
        guard buffer.lineCount > 2 || buffer.scalars.count > 200, !fits(buffer) else { return buffer }
        // While a block is typed its last line stays in sight; anything else goes aside whole.
        let start = buffer.lineStart(of: buffer.cursor)
        let line = buffer.scalars[start...]
        if start > 0, buffer.isAtEnd, line.allSatisfy({ $0 == " " }) {
            let above = EditBuffer.string(buffer.scalars[..<(start - 1)])
            return EditBuffer(aside(above, "block of") + "\n" + EditBuffer.string(line))
        }
        return EditBuffer(aside(buffer.text, "block of"))
    }

    /// A marker that replaces a text.
    func aside(_ text: String, _ what: String) -> String {
        let whole = expanded(text)
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false).count
        var marker = "[\(what) \(lines) \(lines == 1 ? "line" : "lines")]"
        var n = 2
        while let known = asides[marker], known != whole {
            marker = "[\(what) \(lines) lines, \(n)]"
            n += 1
        }
        asides[marker] = whole
        return marker
    }

    /// The text with the markers replaced by their texts.
    func expanded(_ text: String) -> String {
        var text = text
        for (marker, whole) in asides { text = text.replacing(marker, with: whole) }
        return text
    }

    func accept(_ text: String) -> Int32 {
        reading = .input(expanded(text))
        return Int32(SIAM_EDIT_ACCEPT)
    }

    // MARK: Keys

    private func nextKey() -> Int32 {
        if let prepared {
            self.prepared = nil
            put(EditBuffer(prepared))
            Terminal.write("\r" + Terminal.clearBelow)
            if let editor { siam_editor_redraw(editor) }
        }
        undo.note(buffer)
        return awaitKey { self.repaint() }
    }

    /// The next key, after `draw` when nothing is pending; sees to signals meanwhile. 0 at the end, -1 when broken off.
    func awaitKey(_ draw: () -> Void) -> Int32 {
        if !keys.hasMore { draw() }
        while true {
            if InterruptFlag.take() {
                leave(.interrupted(expanded(buffer.text)))
                return -1
            }
            if siam_signal_take(Int32(SIAM_SIGNAL_END)) > 0 {
                leave(.hangup)
                return -1
            }
            if siam_signal_take(Int32(SIAM_SIGNAL_STOP)) > 0 { stop() }
            if siam_signal_take(Int32(SIAM_SIGNAL_CONTINUE)) > 0 { comeBack() }
            if siam_signal_take(Int32(SIAM_SIGNAL_RESIZE)) > 0 { resize() }
            switch keys.next(wait: services.wakes == nil ? -1 : 200) {
            case .scalar(let key):
                eraseSuggestion()
                return key
            case .end:
                leave(.end)
                return 0
            case .signal: continue
            case .timeout:
                // As if Enter had been pressed, where nothing is being typed.
                if buffer.isEmpty, services.wakes?() == true { return 13 }
            }
        }
    }

    private func leave(_ how: Reading) {
        eraseSuggestion()
        reading = how
        Terminal.write(belowText() + Terminal.clearBelow)
        Terminal.flush()
    }

    /// Runs the command of a key; what libedit is to do then.
    private func run(_ number: Int32, _ key: Int32) -> Int32 {
        guard let command = KeyCommand(rawValue: number) else { return Int32(SIAM_EDIT_BEEP) }
        let before = buffer
        let wasKilling = isKilling
        isKilling = false
        if command != .complete { completedText = nil }
        if command != .up, command != .down { keptColumn = nil }
        defer { if command.isKill { isKilling = true } }
        return perform(command, key, before, goesOnKilling: wasKilling)
    }

    // MARK: The screen

    /// Draws the text with colour, and a suggestion behind it.
    func repaint(isFinal: Bool = false) {
        let shown = display
        let typed = BlockPadding.removed(from: shown, width: promptWidth)
        let size = Terminal.size
        guard shown.scalars.count < Painter.longest else { return }
        let layout = ScreenLayout(shown.scalars, start: promptWidth, width: size.columns)
        guard layout.isCertain, layout.lastRow < size.rows else { return }
        let brackets = isFinal ? [] : Painter.brackets(typed)
        suggestion = isFinal ? "" : suggested(typed, layout.column(shown.scalars.count), size.columns)
        if suggestion.isEmpty, let painted, painted.text.scalars == typed.scalars, painted.brackets == brackets,
            painted.width == size.columns
        {
            return
        }
        let painter = Painter(isColored: isColored)
        if !isColored, suggestion.isEmpty, typed.lineCount == 1, brackets.isEmpty, painted?.brackets.isEmpty ?? true {
            painted = (typed, brackets, size.columns)
            return
        }
        Terminal.write(
            painter.paint(
                typed, display: shown, layout: layout, start: promptWidth, width: size.columns, padding: promptWidth,
                brackets: brackets, suggestion: suggestion))
        Terminal.flush()
        isSuggesting = !suggestion.isEmpty
        painted = (typed, brackets, size.columns)
    }

    /// Nothing that was drawn is there any more.
    func forgetPainting() { painted = nil }

    /// The rest of what the text may become, cut at the right edge: were it to wrap, the screen might scroll under libedit.
    private func suggested(_ typed: EditBuffer, _ column: Int, _ width: Int) -> String {
        guard typed.isAtEnd, !typed.isEmpty, let whole = services.suggest(typed) else { return "" }
        var rest = ""
        var room = width - column - 1
        for scalar in whole.unicodeScalars.dropFirst(typed.scalars.count) {
            let size = scalar.value < 127 ? 1 : Int(siam_scalar_width(scalar.value))
            guard scalar != "\n", scalar.value >= 32, size > 0, room >= size else { break }
            rest.unicodeScalars.append(scalar)
            room -= size
        }
        return rest
    }

    private func eraseSuggestion() {
        guard isSuggesting else { return }
        isSuggesting = false
        Terminal.write(Terminal.clearToEnd)
        Terminal.flush()
    }

    /// Rows between the first row and the cursor's, and to the last.
    func rows() -> (cursor: Int, last: Int) {
        let shown = display
        let layout = ScreenLayout(shown.scalars, start: promptWidth, width: Terminal.size.columns)
        return (layout.row(shown.cursor), layout.lastRow)
    }

    /// Goes to the row below the text.
    func belowText() -> String {
        let rows = rows()
        return Terminal.down(rows.last - rows.cursor) + "\r\n"
    }

    private func redraw(_ editor: OpaquePointer) {
        siam_editor_redraw(editor)
        forgetPainting()
        isSuggesting = false
        repaint()
    }

    private func resize() {
        guard let editor else { return }
        eraseSuggestion()
        let shown = display
        let size = Terminal.size
        let width = Terminal.wrapsAnew ? size.columns : columns
        columns = size.columns
        let row = ScreenLayout(shown.scalars, start: promptWidth, width: width).row(shown.cursor)
        Terminal.write(Terminal.up(row) + "\r" + Terminal.clearBelow)
        siam_editor_resize(editor)
        let typed = buffer
        let fit = fitting(typed)
        if fit != typed { put(fit) }
        redraw(editor)
    }

    /// ^Z: leaves the terminal as other programs want it, stops, and takes it again when continued.
    private func stop() {
        guard let editor else { return }
        eraseSuggestion()
        Terminal.write(belowText() + Terminal.clearBelow + Terminal.pasteOff)
        Terminal.flush()
        siam_editor_set_raw(editor, 0)
        siam_terminal_restore()
        siam_stop_process()
        comeBack()
    }

    private func comeBack() {
        guard let editor else { return }
        _ = siam_signal_take(Int32(SIAM_SIGNAL_CONTINUE))
        siam_editor_set_raw(editor, 1)
        columns = Terminal.size.columns
        siam_editor_resize(editor)
        Terminal.write(Terminal.pasteOn + "\r" + Terminal.clearBelow)
        redraw(editor)
    }

    /// Runs something that needs the terminal for itself.
    func outside<T>(_ body: () -> T) -> T {
        guard let editor else { return body() }
        Terminal.write(Terminal.pasteOff)
        Terminal.flush()
        siam_editor_set_raw(editor, 0)
        siam_signals_watch(0)
        defer {
            siam_signals_watch(1)
            siam_editor_set_raw(editor, 1)
            Terminal.write(Terminal.pasteOn)
            Terminal.flush()
        }
        return body()
    }
}
