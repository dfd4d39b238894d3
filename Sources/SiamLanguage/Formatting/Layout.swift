/// A text with places where it may be broken, and the printer that breaks it where a line would be too long.
indirect enum Layout: Sendable {
    case text(String)
    /// A newline, or these characters where the group stays on its line.
    case line(String)
    /// Always a newline; an empty line before it where asked.
    case newline(isDouble: Bool)
    /// Behind a line, not counted in its width.
    case trailing(String)
    case row([Layout])
    case nest(Int, Layout)
    /// Broken at all its own lines, or at none.
    case group(Layout)

    static let space = Layout.text(" ")

    /// The text in lines of at most `width` columns, wherever there is a place to break.
    func print(width: Int) -> String {
        var out = ""
        var column = 0
        var pending: [(indent: Int, isFlat: Bool, layout: Layout)] = [(0, false, self)]
        func newline(_ indent: Int) {
            while out.last == " " { out.removeLast() }
            out += "\n" + String(repeating: " ", count: indent)
            column = indent
        }
        while let (indent, isFlat, layout) = pending.popLast() {
            switch layout {
            case .text(let text):
                out += text
                column += displayWidth(text)
            case .trailing(let text): out += text
            case .row(let parts): for part in parts.reversed() { pending.append((indent, isFlat, part)) }
            case .nest(let more, let inner): pending.append((indent + more, isFlat, inner))
            case .group(let inner):
                let fits = Layout.fits(inner, indent, width - column, rest: pending)
                pending.append((indent, fits, inner))
            case .line(let flat):
                if isFlat {
                    out += flat
                    column += displayWidth(flat)
                } else {
                    newline(indent)
                }
            case .newline(let isDouble):
                if isDouble { newline(0) }
                newline(indent)
            }
        }
        while out.last == " " { out.removeLast() }
        return out
    }

    /// Whether what follows, up to the next break, has room when the group stays whole.
    private static func fits(
        _ layout: Layout, _ indent: Int, _ room: Int, rest: [(indent: Int, isFlat: Bool, layout: Layout)]
    ) -> Bool {
        var room = room
        var pending: [(Bool, Layout)] = [(true, layout)]
        var next = rest.count - 1
        var isBehind = false
        while room >= 0 {
            let isFlat: Bool
            let layout: Layout
            if let top = pending.popLast() {
                (isFlat, layout) = top
            } else {
                guard next >= 0 else { return true }
                (isFlat, layout) = (rest[next].isFlat, rest[next].layout)
                next -= 1
                isBehind = true
            }
            switch layout {
            case .text(let text): room -= displayWidth(text)
            case .trailing: break
            case .row(let parts): for part in parts.reversed() { pending.append((isFlat, part)) }
            case .nest(_, let inner): pending.append((isFlat, inner))
            // Groups after this one will be free to break, whatever contains them.
            case .group(let inner): pending.append((isFlat && !isBehind, inner))
            case .line(let flat):
                if !isFlat { return true }
                room -= displayWidth(flat)
            case .newline: return true
            }
        }
        return false
    }
}
