import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What completes behind a command, inside quotes, and of letters with names.
extension Completer {
    // MARK: Commands, files, letters

    func command(_ buffer: EditBuffer, from start: Int) -> Completion {
        let head = buffer.scalars[(start + 1)..<buffer.cursor]
        guard let blank = head.firstIndex(of: " ") else {
            return matching(buffer, from: start, among: commands.map { Candidate(":" + $0.name, $0.help) })
        }
        let word = EditBuffer.string(buffer.scalars[(start + 1)..<blank])
        guard let index = CommandEntry.index(of: word, in: commands.map(\.name)) else { return .none }
        var from = buffer.cursor
        while from > blank + 1, buffer.scalars[from - 1] != " " { from -= 1 }
        switch commands[index].takes {
        case .nothing, .text: return .none
        case .file: return files(buffer, from: from, quoted: false, only: ".siam")
        case .anyFile: return files(buffer, from: from, quoted: false, only: nil)
        case .topic: return matching(buffer, from: from, among: helpTopics())
        case .expression:
            let inner = EditBuffer(scalars: Array(buffer.scalars[(blank + 1)...]), cursor: buffer.cursor - blank - 1)
            var found = complete(inner)
            found.start += blank + 1
            found.end += blank + 1
            return found
        case .oneOf(let choices):
            // `:set graphics `: the values of the setting that is named.
            let name = EditBuffer.string(buffer.scalars[(blank + 1)..<max(blank + 1, from - 1)]).filter { $0 != " " }
            if let choice = choices.first(where: { $0.word == name }) {
                return matching(buffer, from: from, among: choice.values.map { Candidate($0, "") })
            }
            return matching(buffer, from: from, among: choices.map { Candidate($0.word, $0.help) })
        }
    }

    /// The place of the brace that a text leaves open.
    func openBrace(_ text: ArraySlice<Unicode.Scalar>) -> Int? {
        var open: [Int] = []
        for i in text.indices {
            if text[i] == "{" { open.append(i) }
            if text[i] == "}" { _ = open.popLast() }
        }
        return open.last
    }

    /// The place of the quote that the line leaves open.
    func openQuote(_ line: [Unicode.Scalar]) -> Int? {
        var open: Int?
        var i = 0
        while i < line.count {
            if line[i] == "\\", open != nil {
                i += 1
            } else if line[i] == "\"" {
                open = open == nil ? i : nil
            } else if line[i] == "#", open == nil {
                return nil
            }
            i += 1
        }
        return open
    }

    func files(_ buffer: EditBuffer, from start: Int, quoted: Bool, only: String?) -> Completion {
        let typed = EditBuffer.string(buffer.scalars[start..<buffer.cursor])
        let slash = typed.lastIndex(of: "/")
        let folder = slash.map { String(typed[...$0]) } ?? ""
        let prefix = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
        let place = StateFolder.expanded(folder.isEmpty ? "." : folder)
        var found: [Candidate] = []
        for name in Files.names(in: place)
        where name.hasPrefix(prefix) && (prefix.hasPrefix(".") || !name.hasPrefix(".")) {
            let full = (place.hasSuffix("/") ? place : place + "/") + name
            if Files.isFolder(full) {
                found.append(Candidate(folder + name + "/", "folder"))
            } else if only.map({ name.hasSuffix($0) }) ?? true {
                found.append(Candidate(folder + name, "", tail: quoted ? "\"" : ""))
            }
        }
        return Completion(start, buffer.cursor, found)
    }

    func letters(_ buffer: EditBuffer, from start: Int) -> Completion {
        let typed = EditBuffer.string(buffer.scalars[(start + 1)..<buffer.cursor])
        if let exact = Letters.table.first(where: { $0.name == typed }) {
            return Completion(start, buffer.cursor, [Candidate(exact.letter, exact.name)])
        }
        let found = Letters.table.filter { $0.name.hasPrefix(typed) }
        if found.count == 1 { return Completion(start, buffer.cursor, [Candidate(found[0].letter, found[0].name)]) }
        return Completion(start, buffer.cursor, found.map { Candidate("\\" + $0.name, $0.letter) })
    }
}
