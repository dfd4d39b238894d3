import SiamLanguage

/// Candidates as the lines of a list: with their descriptions where there is room, else in columns.
enum CandidateList {
    static func lines(_ candidates: [Candidate], columns: Int, rows: Int, faint: String) -> [String] {
        let longest = candidates.map { displayWidth($0.text) }.max() ?? 0
        if candidates.count <= rows, longest + 12 < columns {
            return candidates.map { c in
                let text = c.text + String(repeating: " ", count: longest - displayWidth(c.text))
                guard !c.help.isEmpty else { return c.text }
                return text + "  " + faint + cut(c.help, columns - longest - 3) + Painter.plain
            }
        }
        let width = min(longest + 2, max(1, columns - 1))
        let across = max(1, (columns - 1) / width)
        let down = (candidates.count + across - 1) / across
        let shown = min(down, rows)
        var lines: [String] = []
        for r in 0..<shown {
            var line = ""
            for c in 0..<across where r + c * down < candidates.count {
                let text = cut(candidates[r + c * down].text, columns - 1)
                if c > 0 { line += String(repeating: " ", count: max(1, c * width - displayWidth(line))) }
                line += text
            }
            lines.append(line)
        }
        if down > shown {
            let left =
                candidates.count
                - (0..<across).reduce(0) { sum, c in
                    sum + max(0, min(shown, candidates.count - c * down))
                }
            lines.append("\(faint)\(left) more; type another letter to see fewer\(Painter.plain)")
        }
        return lines
    }

    static func cut(_ text: String, _ width: Int) -> String {
        guard displayWidth(text) > width else { return text }
        var cut = text
        while !cut.isEmpty, displayWidth(cut) > width - 3 { cut.removeLast() }
        return cut + "..."
    }
}
