import CEditline
import SiamLanguage

/// Writes the text that libedit has drawn again, with colour: same characters, same places, so that libedit's picture of the
/// screen stays true.
struct Painter {
    var isColored: Bool
    /// Longer texts are left plain.
    static let longest = 30_000

    /// How a scalar looks, as an escape sequence; colours that can be read on light and dark.
    private func style(_ kind: Highlighter.Class) -> String {
        guard isColored else { return "" }
        switch kind {
        case .hardWord, .softWord: return "\u{1B}[35m"
        case .number: return "\u{1B}[36m"
        case .text: return "\u{1B}[32m"
        case .comment: return "\u{1B}[90m"
        case .definition: return "\u{1B}[1m"
        case .call: return "\u{1B}[94m"
        case .fault: return "\u{1B}[31m"
        case .sign: return ""
        }
    }

    var faint: String { isColored ? "\u{1B}[90m" : "\u{1B}[2m" }
    static let plain = "\u{1B}[0m"

    /// - Parameters:
    ///   - buffer: the text as it was typed.
    ///   - display: the same with later lines indented by `padding`, as libedit has it.
    ///   - start: columns of the prompt.
    ///   - brackets: byte offsets of a pair to be marked.
    /// - Returns: what to write at the cursor's position; the cursor returns there.
    func paint(
        _ buffer: EditBuffer, display: EditBuffer, layout: ScreenLayout, start: Int, width: Int, padding: Int,
        brackets: [Int], suggestion: String
    ) -> String {
        let styles = styles(buffer, brackets)
        let cursorRow = layout.row(display.cursor)
        var out = Terminal.hideCursor + Terminal.save
        var row = start / max(1, width)
        out += Terminal.up(cursorRow - row) + "\r" + Terminal.right(start % max(1, width))
        var last = ""
        var logical = 0
        var padLeft = 0
        for (i, scalar) in display.scalars.enumerated() {
            if padLeft > 0 {
                padLeft -= 1
                if padLeft == 0 {
                    out += "\r" + faint + PlainReader.more(String(repeating: " ", count: padding)) + Painter.plain
                    last = ""
                }
                continue
            }
            defer { logical += 1 }
            let wanted = layout.row(i)
            if wanted != row {
                out += "\r" + Terminal.down(wanted - row)
                row = wanted
            }
            if scalar == "\n" {
                row += 1
                out += "\r" + Terminal.down(1)
                padLeft = padding
                continue
            }
            let style = logical < styles.count ? styles[logical] : ""
            if style != last {
                if !last.isEmpty { out += Painter.plain }
                out += style
                last = style
            }
            out.unicodeScalars.append(scalar)
        }
        if !last.isEmpty { out += Painter.plain }
        if !suggestion.isEmpty {
            let end = layout.row(display.scalars.count)
            if end != row { out += "\r" + Terminal.down(end - row) }
            out += faint + suggestion + Painter.plain
        }
        return out + Terminal.restore + Terminal.showCursor
    }

    /// The style of each scalar.
    private func styles(_ buffer: EditBuffer, _ brackets: [Int]) -> [String] {
        let text = buffer.text
        let stretches = Blocks.isCommand(text) ? [] : Highlighter.stretches(text)
        var styles = [String](repeating: "", count: buffer.scalars.count)
        var k = 0
        var byte = 0
        for (i, scalar) in buffer.scalars.enumerated() {
            while k < stretches.count, stretches[k].end <= byte { k += 1 }
            if k < stretches.count, stretches[k].start <= byte { styles[i] = style(stretches[k].kind) }
            if brackets.contains(byte) { styles[i] += "\u{1B}[7m" }
            byte += UTF8.width(scalar)
        }
        return styles
    }

    /// Byte offsets of the bracket at the cursor and its partner.
    static func brackets(_ buffer: EditBuffer) -> [Int] {
        func isBracket(_ i: Int) -> Bool {
            buffer.scalars.indices.contains(i) && "()[]{}".unicodeScalars.contains(buffer.scalars[i])
        }
        guard isBracket(buffer.cursor) || isBracket(buffer.cursor - 1) else { return [] }
        let before = buffer.scalars[..<buffer.cursor].reduce(0) { $0 + UTF8.width($1) }
        guard let pair = Highlighter.matchingBracket(buffer.text, at: before) else { return [] }
        return [pair.here, pair.there]
    }
}
