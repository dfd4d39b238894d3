import CEditline
import SiamLanguage

/// What the keys of the line editor do.
extension KeyCommand {
    var isKill: Bool {
        switch self {
        case .killToEnd, .killToStart, .killWord, .killWordBack, .killBlankBack: true
        default: false
        }
    }
}

/// What each key does to the text.
extension LineEditor {
    private static let refresh = Int32(SIAM_EDIT_REFRESH)
    private static let beep = Int32(SIAM_EDIT_BEEP)

    func perform(_ command: KeyCommand, _ key: Int32, _ before: EditBuffer, goesOnKilling: Bool) -> Int32 {
        var buffer = before
        let start = buffer.lineStart(of: buffer.cursor)
        let end = buffer.lineEnd(of: buffer.cursor)
        switch command {
        case .enter: return enter(before)
        case .newLine: buffer = Blocks.broken(buffer)
        case .complete: return complete(before)
        case .left: buffer.move(to: buffer.previous(buffer.cursor))
        case .right:
            if takeSuggestion(whole: true) { return LineEditor.refresh }
            buffer.move(to: buffer.next(buffer.cursor))
        case .wordRight:
            if takeSuggestion(whole: false) { return LineEditor.refresh }
            buffer.move(to: buffer.wordEnd(after: buffer.cursor))
        case .wordLeft: buffer.move(to: buffer.wordStart(before: buffer.cursor))
        case .lineStart:
            // To the first character, and from there to the margin.
            let first = start + buffer.scalars[start..<end].prefix { $0 == " " }.count
            buffer.move(to: buffer.cursor == first ? start : first)
        case .lineEnd:
            if takeSuggestion(whole: true) { return LineEditor.refresh }
            buffer.move(to: end)
        case .textStart: buffer.move(to: 0)
        case .textEnd: buffer.move(to: buffer.scalars.count)
        case .up, .down: return vertical(command == .up ? -1 : 1, before)
        case .historyBack: return recall(-1, before)
        case .historyForward: return recall(1, before)
        case .backspace: buffer = removeMarker(before) ?? Blocks.backspace(before)
        case .delete: buffer.remove(buffer.cursor, buffer.next(buffer.cursor))
        case .deleteOrEnd:
            if before.isEmpty { return Int32(SIAM_EDIT_END) }
            buffer.remove(buffer.cursor, buffer.next(buffer.cursor))
        case .killToEnd: kill(&buffer, buffer.cursor, buffer.cursor == end ? buffer.next(end) : end, goesOnKilling)
        case .killToStart:
            kill(&buffer, buffer.cursor == start ? max(0, start - 1) : start, buffer.cursor, goesOnKilling)
        case .killWord: kill(&buffer, buffer.cursor, buffer.wordEnd(after: buffer.cursor), goesOnKilling)
        case .killWordBack: kill(&buffer, buffer.wordStart(before: buffer.cursor), buffer.cursor, goesOnKilling)
        case .killBlankBack: kill(&buffer, buffer.blankBefore(buffer.cursor), buffer.cursor, goesOnKilling)
        case .yank: buffer.insert(killed)
        case .undo:
            guard let earlier = undo.back() else { return LineEditor.beep }
            buffer = earlier
        case .search: return search(before)
        case .paste: return paste(before)
        case .openInEditor: return openInEditor(before)
        case .closeBrace: buffer = Blocks.close("}", in: buffer)
        case .closeParen: buffer = Blocks.close(")", in: buffer)
        case .closeBracket: buffer = Blocks.close("]", in: buffer)
        case .clearScreen:
            Terminal.write("\u{1B}[H\u{1B}[2J")
            Terminal.flush()
            forgetPainting()
            return Int32(SIAM_EDIT_REDISPLAY)
        }
        put(buffer)
        return LineEditor.refresh
    }

    // MARK: Enter

    private func enter(_ before: EditBuffer) -> Int32 {
        // The text of a marker may be finished or unfinished, like any other.
        var whole = before
        let text = expanded(before.text)
        if text != before.text { whole = EditBuffer(text) }
        let isPaste = !Terminal.marksPastes && keys.hasMore
        switch Blocks.enter(whole, pasting: isPaste) {
        case .run:
            repaint(isFinal: true)
            var end = before
            end.move(to: before.scalars.count)
            put(end)
            return accept(before.text)
        case .broken:
            if isPaste {
                var broken = before
                broken.insert("\n")
                put(broken)
            } else {
                put(Blocks.broken(before))
            }
            return LineEditor.refresh
        }
    }

    // MARK: Moves

    /// The grey text, or its first word, becomes part of the line; false where there is none.
    private func takeSuggestion(whole: Bool) -> Bool {
        let now = buffer
        guard now.isAtEnd, !now.isEmpty, let full = services.suggest(now) else { return false }
        let longer = EditBuffer(full)
        guard longer.scalars.count > now.scalars.count else { return false }
        let end = whole ? longer.scalars.count : longer.wordEnd(after: now.scalars.count)
        put(EditBuffer(EditBuffer.string(longer.scalars[..<end])))
        return true
    }

    private func vertical(_ direction: Int, _ before: EditBuffer) -> Int32 {
        let column = keptColumn ?? before.cursor - before.lineStart(of: before.cursor)
        if let place = before.vertical(direction, column: column) {
            keptColumn = column
            var buffer = before
            buffer.move(to: place)
            put(buffer)
            return LineEditor.refresh
        }
        return recall(direction, before)
    }

    private func recall(_ direction: Int, _ before: EditBuffer) -> Int32 {
        keptColumn = nil
        var from = before
        let text = expanded(before.text)
        if text != before.text { from = EditBuffer(text) }
        guard let entry = walk.step(direction, from: from, in: services.history()) else { return LineEditor.beep }
        put(entry)
        return LineEditor.refresh
    }

    // MARK: Killing

    private func kill(_ buffer: inout EditBuffer, _ start: Int, _ end: Int, _ goesOn: Bool) {
        let isBack = end == buffer.cursor && start < end
        let taken = buffer.remove(start, end)
        guard !taken.isEmpty else { return }
        killed = goesOn ? (isBack ? taken + killed : killed + taken) : taken
    }

    /// Backspace behind a marker drops the whole of it.
    private func removeMarker(_ before: EditBuffer) -> EditBuffer? {
        let head = before.beforeCursor
        guard let marker = asides.keys.first(where: { head.hasSuffix($0) }) else { return nil }
        var buffer = before
        buffer.remove(before.cursor - marker.unicodeScalars.count, before.cursor)
        return buffer
    }

    // MARK: Pastes and editors

    private func paste(_ before: EditBuffer) -> Int32 {
        guard let bytes = keys.paste() else { return LineEditor.refresh }
        let text = Pasting.cleaned(bytes)
        guard !text.isEmpty else { return LineEditor.refresh }
        var buffer = before
        let lines = text.utf8.count { $0 == 10 } + 1
        if lines > max(4, Terminal.size.rows - 3) || text.utf8.count > 8000 {
            buffer.insert(aside(text, "pasted"))
        } else {
            buffer.insert(text)
        }
        put(buffer)
        return LineEditor.refresh
    }

    private func openInEditor(_ before: EditBuffer) -> Int32 {
        let text = expanded(before.text)
        Terminal.write(belowText())
        let changed = outside { services.editOutside(text) }
        put(EditBuffer(changed ?? text))
        forgetPainting()
        Terminal.write(String(repeating: "\r\n", count: rows().cursor))
        Terminal.flush()
        return Int32(SIAM_EDIT_REDISPLAY)
    }

    // MARK: Completion

    private func complete(_ before: EditBuffer) -> Int32 {
        let head = before.scalars[before.lineStart(of: before.cursor)..<before.cursor]
        if before.line > 0, head.allSatisfy({ $0 == " " }) {
            var buffer = before
            buffer.insert(String(repeating: " ", count: Blocks.step))
            put(buffer)
            return LineEditor.refresh
        }
        let completion = services.complete(before)
        guard let first = completion.candidates.first else { return LineEditor.beep }
        var buffer = before
        if completion.candidates.count == 1 {
            buffer.replace(completion.start, completion.end, with: first.text + first.tail)
            completedText = nil
            put(buffer)
            return LineEditor.refresh
        }
        let typed = EditBuffer.string(before.scalars[completion.start..<max(completion.start, completion.end)])
        let common = completion.commonPrefix
        if common.unicodeScalars.count > typed.unicodeScalars.count {
            buffer.replace(completion.start, completion.end, with: common)
            put(buffer)
            completedText = self.buffer
            return LineEditor.refresh
        }
        if completedText == before {
            return list(completion.candidates)
        }
        completedText = before
        return LineEditor.beep
    }

    /// Lists candidates below the text and redraws the text below them.
    private func list(_ candidates: [Candidate]) -> Int32 {
        let size = Terminal.size
        let lines = CandidateList.lines(
            candidates, columns: size.columns, rows: min(40, max(4, size.rows - 3)),
            faint: Painter(isColored: isColored).faint)
        let cursorRow = rows().cursor
        Terminal.write(belowText() + lines.joined(separator: "\r\n") + "\r\n")
        // libedit clears as many rows above as it has drawn; these are for it.
        Terminal.write(String(repeating: "\r\n", count: cursorRow))
        Terminal.flush()
        forgetPainting()
        return Int32(SIAM_EDIT_REDISPLAY)
    }

    // MARK: Search

    /// ^R: keys go to the search until one ends it.
    private func search(_ before: EditBuffer) -> Int32 {
        var search = HistorySearch(services.history())
        let rows = rows()
        let width = Terminal.size.columns
        let down = rows.last - rows.cursor
        let place = ScreenLayout(
            BlockPadding.applied(to: before, width: promptWidth).scalars, start: promptWidth, width: width)
        let shown = BlockPadding.applied(to: before, width: promptWidth)
        let column = place.column(shown.cursor)
        Terminal.write(Terminal.down(down) + "\r\n")
        func back() -> String {
            "\r" + Terminal.clearBelow + Terminal.up(down + 1) + "\r" + Terminal.right(column)
        }
        func draw() {
            let found = (search.match ?? "").replacing("\n", with: " ")
            let label = search.isFailing ? "no such entry" : "search"
            var line = "\(label) '\(search.wanted)': \(found)"
            while displayWidth(line) > width - 1 { line.removeLast() }
            Terminal.write("\r" + line + Terminal.clearToEnd)
            Terminal.flush()
        }
        var taken: EditBuffer?
        var after: KeyCommand?
        loop: while true {
            let key = awaitKeyInSearch(draw)
            switch key {
            case nil:
                break loop
            case 0x12?, KeyCommand.up.code?:
                _ = search.older()
            case 0x13?, KeyCommand.down.code?:
                _ = search.newer()
            case 0x7F?, 8?:
                search.backspace()
            case 7?, 27?:
                break loop
            case 13?, 10?:
                if let match = search.match { taken = EditBuffer(match) }
                after = .enter
                break loop
            case let key? where key >= 32 && !(0x80..<0xA0).contains(key):
                if let scalar = Unicode.Scalar(UInt32(key)) { search.type(String(Character(scalar))) }
            default:
                // Any other key takes the entry and does what it does.
                if let match = search.match { taken = EditBuffer(match) }
                if let key, let command = KeyCommand.allCases.first(where: { $0.hasCode && $0.code == key }) {
                    after = command
                }
                break loop
            }
        }
        Terminal.write(back())
        Terminal.flush()
        forgetPainting()
        if let taken { put(taken) }
        // The entry is put on the line first; one more Enter runs it, as it should be seen before.
        if let after, after != .enter, after != .paste { return perform(after, 0, self.buffer, goesOnKilling: false) }
        return LineEditor.refresh
    }

    private func awaitKeyInSearch(_ draw: () -> Void) -> Int32? {
        draw()
        while true {
            if InterruptFlag.take() { return nil }
            switch keys.next() {
            case .scalar(let key): return key
            case .end: return nil
            case .signal, .timeout: draw()
            }
        }
    }
}
