/// Writes diagnostics as text: what, where, why, repair, each on lines of its own and none repeated.
public struct DiagnosticRenderer: Sendable {
    public static let lineLimit = 14
    public static let columnLimit = 100

    public var isColored: Bool
    /// Columns of the window; lines are folded to them, and to `columnLimit` where it is wider.
    public let columns: Int
    private var room: Int { min(columns, DiagnosticRenderer.columnLimit) }
    /// A little more than the limit is left whole.
    private static let longest = columnLimit + 20

    public init(isColored: Bool = false, columns: Int = .max) {
        self.isColored = isColored
        self.columns = max(40, columns)
    }

    /// The text of a diagnostic, without a newline at its end.
    public func render(_ diagnostic: Diagnostic) -> String {
        let color: Color =
            switch diagnostic.severity {
            case .error: .red
            case .warning: .yellow
            case .note: .cyan
            }
        var lines = wrap(
            paint(diagnostic.severity.rawValue + ":", color) + " ", diagnostic.message,
            first: diagnostic.severity.rawValue.count + 2, indent: "  ", bold: true)
        let excerpts = excerpts(of: diagnostic.labels)
        let numbers = excerpts.flatMap { $0.lines.map(\.number) }
        let gutter = max(2, String(numbers.max() ?? 0).count)
        let blank = String(repeating: " ", count: gutter)
        for excerpt in excerpts {
            lines.append(paint(blank + "--> ", .blue) + excerpt.place)
            lines.append(paint(blank + " |", .blue))
            for line in excerpt.lines {
                let number = String(line.number)
                let text = paint(String(repeating: " ", count: gutter - number.count) + number + " |", .blue)
                let (cut, marks) = drawn(line, width: room - gutter - 3, color)
                lines.append(cut.isEmpty ? text : text + " " + cut)
                for mark in marks { lines.append(paint(blank + " |", .blue) + " " + mark) }
            }
        }
        let reasons = diagnostic.notes + [diagnostic.kept, diagnostic.repair].compactMap { $0 }
        guard !reasons.isEmpty else { return limited(lines, [], 0).joined(separator: "\n") }
        if !excerpts.isEmpty { lines.append(paint(blank + " |", .blue)) }
        let sign = paint(blank + " = ", .blue)
        let blocks = reasons.enumerated().map { k, reason in
            wrap(
                sign, reason, first: gutter + 3, indent: blank + "   ",
                isRepair: diagnostic.repair != nil && k == reasons.count - 1)
        }
        let last = (diagnostic.kept == nil ? 0 : 1) + (diagnostic.repair == nil ? 0 : 1)
        return limited(lines, blocks, last).joined(separator: "\n")
    }

    /// At most `lineLimit` lines: the notes in the middle go first, what was kept and the repair stay.
    private func limited(_ head: [String], _ blocks: [[String]], _ kept: Int) -> [String] {
        let limit = DiagnosticRenderer.lineLimit
        let all = head + blocks.flatMap { $0 }
        guard all.count > limit else { return all }
        let tail = blocks.suffix(kept).flatMap { $0 }
        var shown = Array(head.prefix(max(1, limit - tail.count)))
        for block in blocks.dropLast(kept) where shown.count + block.count + tail.count <= limit { shown += block }
        return Array((shown + tail).prefix(limit))
    }

    // MARK: Source lines

    private struct Mark {
        /// Columns of the shown line, from 0.
        var column: Int
        var width: Int
        var text: String
        var goesOn: Bool
    }

    private struct Line {
        var number: Int
        var text: String
        var marks: [Mark]
    }

    private struct Excerpt {
        var place: String
        var lines: [Line]
    }

    /// Labels by source, and in it by line; the first label's source first.
    private func excerpts(of labels: [Diagnostic.Label]) -> [Excerpt] {
        var sources: [Source] = []
        for label in labels where !sources.contains(label.place.source) { sources.append(label.place.source) }
        return sources.map { source in
            let own = labels.filter { $0.place.source == source }
            var lines: [Int: [Mark]] = [:]
            for label in own {
                let span = label.place.span
                let (number, _) = source.position(span.start)
                let start = source.lineStarts[number - 1]
                let text = source.line(number)
                let before = expanded(source.text(Span(start, span.start)))
                let inside = source.text(Span(span.start, max(span.start, min(span.end, start + text.utf8.count))))
                let goesOn = span.end > start + text.utf8.count + 1
                lines[number, default: []].append(
                    Mark(
                        column: displayWidth(before), width: max(1, displayWidth(expanded(inside))),
                        text: visibleText(label.text),
                        goesOn: goesOn))
            }
            let shown = lines.keys.sorted().map { number in
                var gutterNumber = number
                if case .prompt(let input) = source.kind, source.lineStarts.count == 1 { gutterNumber = input }
                return Line(number: gutterNumber, text: expanded(source.line(number)), marks: lines[number] ?? [])
            }
            return Excerpt(place: visibleText(own.first?.place.long ?? source.name), lines: shown)
        }
    }

    /// Tabs as four blanks, control characters as a mark of their own, no blanks at the end.
    private func expanded(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 9: shown += "    "
            case 13: break
            case 0..<32, 127: shown += "\u{FFFD}"
            default: shown += visible(scalar)
            }
        }
        return shown
    }

    /// A line cut to a width around its first mark, and the lines of marks and labels under it.
    private func drawn(_ line: Line, width: Int, _ color: Color) -> (String, [String]) {
        var marks = line.marks
        var text = line.text
        let whole = displayWidth(text)
        if whole > width {
            let first = marks.map(\.column).min() ?? 0
            let start = first + 20 < width ? 0 : max(0, min(first - 20, whole - width + 3))
            (text, marks) = cut(text, from: start, width: width, marks)
        }
        while text.last == " " { text.removeLast() }
        marks.sort { $0.column < $1.column }
        var row = Row()
        for mark in marks {
            let carets = String(repeating: "^", count: mark.width) + (mark.goesOn ? "..." : "")
            row.put(carets, at: mark.column, paint: { paint($0, color) })
        }
        var rows: [String] = []
        var waiting = marks.filter { !$0.text.isEmpty }
        if let last = waiting.last, last.column == marks.last?.column {
            waiting.removeLast()
            row.put(last.text, at: row.width + 1, paint: { paint($0, color) })
        }
        rows.append(row.text)
        while let mark = waiting.popLast() {
            var row = Row()
            for other in waiting where other.column < mark.column {
                row.put("|", at: other.column, paint: { paint($0, color) })
            }
            row.put(mark.text, at: mark.column, paint: { paint($0, color) })
            rows.append(row.text)
        }
        return (text, rows)
    }

    private func cut(_ text: String, from start: Int, width: Int, _ marks: [Mark]) -> (String, [Mark]) {
        var shown = start > 0 ? "..." : ""
        var column = 0
        let room = width - (start > 0 ? 3 : 0) - 3
        var isCut = false
        for character in text {
            let wide = displayWidth(of: character)
            if column >= start {
                if column + wide > start + room {
                    isCut = true
                    break
                }
                shown.append(character)
            }
            column += wide
        }
        let shift = start - (start > 0 ? 3 : 0)
        let moved = marks.map { mark in
            var mark = mark
            mark.column = min(max(0, mark.column - shift), width - 1)
            mark.width = max(1, min(mark.width, width - mark.column))
            return mark
        }
        return (shown + (isCut ? "..." : ""), moved)
    }

    /// A line written from left to right at columns.
    private struct Row {
        var text = ""
        var width = 0
        mutating func put(_ part: String, at column: Int, paint: (String) -> String) {
            guard column >= width else { return }
            text += String(repeating: " ", count: column - width) + paint(part)
            width = column + displayWidth(part)
        }
    }

    // MARK: Text

    /// Breaks what is longer than the window or much longer than a line. A repair is left whole, so that it can be copied.
    /// - Parameter first: columns that the head takes; the other rows begin behind `indent`.
    private func wrap(
        _ head: String, _ text: String, first: Int, indent: String, bold: Bool = false, isRepair: Bool = false
    ) -> [String] {
        let text = visibleText(text)
        let most = isRepair ? DiagnosticRenderer.longest : min(columns - first, DiagnosticRenderer.longest)
        guard displayWidth(text) > most else {
            return [head + (bold ? strong(text) : text)]
        }
        let indented = DiagnosticRenderer.columnLimit - displayWidth(indent)
        var rows: [String] = [""]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let last = rows[rows.count - 1]
            let room = min(indented, columns - (rows.count == 1 ? first : displayWidth(indent)))
            if !last.isEmpty, displayWidth(last) + 1 + displayWidth(String(word)) > room {
                rows.append(String(word))
            } else {
                rows[rows.count - 1] = last.isEmpty ? String(word) : last + " " + word
            }
        }
        return rows.enumerated().map { ($0.offset == 0 ? head : indent) + (bold ? strong($0.element) : $0.element) }
    }

    private enum Color: String {
        case red = "31"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    private func paint(_ text: String, _ color: Color) -> String {
        isColored ? "\u{1B}[1;\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    private func strong(_ text: String) -> String { isColored ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
}
