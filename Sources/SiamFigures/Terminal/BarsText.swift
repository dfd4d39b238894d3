import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Bars lying on their side, a name and a number to each.
struct BarsText {
    let panel: Panel
    let bars: Mark.Bars
    let width: Int
    let height: Int
    let look: TerminalStyle

    func draw() -> TextCanvas {
        let head = panel.title.isEmpty ? [] : [panel.title]
        let finite = bars.values.filter(\.isFinite)
        guard let most = finite.max(), let least = finite.min() else {
            return note(
                head + [
                    bars.values.isEmpty ? "nothing to draw: there are no values" : "nothing to draw: no value is finite"
                ])
        }
        var tail: [String] = []
        if finite.count < bars.values.count {
            let n = bars.values.count - finite.count
            tail.append(n == 1 ? "1 value is not finite" : "\(n) values are not finite")
        }
        if !panel.note.isEmpty { tail += wrapped(panel.note, width) }
        let label = panel.x.label.isEmpty ? panel.y.label : panel.x.label
        let room = max(3, height - head.count - tail.count - (label.isEmpty ? 0 : 1))
        var shown = bars.values.count
        if shown > room, !look.all {
            shown = max(2, room - 1)
            tail.insert("... \(bars.values.count - shown) more: show the figure with all = true", at: 0)
        }
        let names = bars.names.prefix(shown).map { shortened($0, max(6, width / 3)) }
        let numbers = bars.values.prefix(shown).map { Ticks.short($0) }
        let nameWidth = names.map(displayWidth).max() ?? 0
        let numberWidth = numbers.map(\.count).max() ?? 0
        let inside = max(4, min(60, width - nameWidth - numberWidth - 4))
        let low = min(0, least)
        let high = max(0, most)
        let span = high > low ? high - low : 1
        let zero = Int((-low / span * Double(inside)).rounded())
        var canvas = TextCanvas(
            width: width, height: head.count + shown + (label.isEmpty ? 0 : 1) + tail.count)
        for (k, text) in head.enumerated() { canvas.put(text, k, 0) }
        let ink = look.hasColor ? Palette.ofClass(0) : nil
        let down = look.hasColor ? Palette.ofClass(1) : nil
        for k in 0..<shown {
            let row = head.count + k
            canvas.put(names[k], row, nameWidth - displayWidth(names[k]))
            canvas.put(look.isASCII ? "|" : "│", row, nameWidth + 1 + zero)
            let v = bars.values[k]
            var end = nameWidth + 2 + zero
            if v.isFinite, v > 0 {
                let bar = positive(v / span * Double(inside))
                canvas.put(bar, row, end, ink: ink)
                end += bar.count
            } else if v.isFinite, v < 0 {
                let n = min(zero, max(1, Int((-v / span * Double(inside)).rounded())))
                canvas.put(
                    String(repeating: look.isASCII ? "=" : "█", count: n), row, nameWidth + 1 + zero - n, ink: down)
            }
            canvas.put(numbers[k], row, min(end + 1, width - numbers[k].count))
        }
        var at = head.count + shown
        if !label.isEmpty {
            canvas.put(label, at, nameWidth + 2)
            at += 1
        }
        for text in tail {
            canvas.put(text, at, 0)
            at += 1
        }
        return canvas
    }

    private func positive(_ length: Double) -> String {
        if look.isASCII { return String(repeating: "=", count: max(1, Int(length.rounded()))) }
        let eighths = max(1, Int((length * 8).rounded()))
        let parts = Array("▏▎▍▌▋▊▉")
        return String(repeating: "█", count: eighths / 8) + (eighths % 8 > 0 ? String(parts[eighths % 8 - 1]) : "")
    }

    private func note(_ texts: [String]) -> TextCanvas {
        var canvas = TextCanvas(width: width, height: texts.count)
        for (k, text) in texts.enumerated() { canvas.put(text, k, 0) }
        return canvas
    }
}
