import SiamData
import SiamFormats
import SiamLanguage

/// A file as an editor has it, changed piece by piece. Places come as line and column, from 0.
struct TextDocument {
    let uri: String
    var version: Int
    private(set) var bytes: [UInt8]
    private(set) var lineStarts: [Int]
    /// Whether columns count bytes; else they count UTF-16 units, which is the default of the protocol.
    let countsBytes: Bool

    init(uri: String, version: Int, text: String, countsBytes: Bool) {
        self.uri = uri
        self.version = version
        self.countsBytes = countsBytes
        bytes = Array(text.utf8)
        lineStarts = TextDocument.starts(bytes)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    private static func starts(_ bytes: [UInt8], from: Int = 0) -> [Int] {
        var starts: [Int] = []
        bytes.withUnsafeBufferPointer { all in
            var i = from
            while i < all.count {
                // A carriage return ends a line too, alone or before a newline.
                if all[i] == 10 || all[i] == 13 && !(i + 1 < all.count && all[i + 1] == 10) { starts.append(i + 1) }
                i += 1
            }
        }
        return from == 0 ? [0] + starts : starts
    }

    // MARK: Changes

    /// Applies one change of `contentChanges`: of a range, or the whole text.
    mutating func apply(_ change: JSON) throws {
        guard let text = change["text"]?.text else { throw RPCError.parameters("a change expects its text") }
        guard let range = change["range"], range != .null else {
            bytes = Array(text.utf8)
            lineStarts = TextDocument.starts(bytes)
            return
        }
        let span = try self.span(range)
        bytes.replaceSubrange(span.start..<span.end, with: Array(text.utf8))
        // The line before may have ended in a return that a newline now follows.
        let line = max(0, self.line(at: span.start) - 1)
        let from = lineStarts[line]
        lineStarts.removeLast(lineStarts.count - line - (from == 0 ? 0 : 1))
        lineStarts += TextDocument.starts(bytes, from: from)
    }

    // MARK: Places

    func line(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Where a line ends, its newline left out.
    private func lineEnd(_ line: Int) -> Int {
        var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
        while end > lineStarts[line], bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
        return end
    }

    /// The offset of a place; one behind a line's end is the line's end, one behind the last line the end of the text.
    func offset(line: Int, character: Int) -> Int {
        guard line >= 0 else { return 0 }
        guard line < lineStarts.count else { return bytes.count }
        let end = lineEnd(line)
        var at = lineStarts[line]
        var left = max(0, character)
        while at < end {
            let first = bytes[at]
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            let units = countsBytes ? length : length == 4 ? 2 : 1
            guard left >= units else { break }
            left -= units
            at = min(end, at + length)
        }
        return at
    }

    func offset(_ position: JSON?) throws -> Int {
        guard let line = position?["line"]?.whole, let character = position?["character"]?.whole else {
            throw RPCError.parameters("a position expects line and character")
        }
        return offset(line: line, character: character)
    }

    func span(_ range: JSON) throws -> Span {
        let start = try offset(range["start"])
        return Span(start, max(start, try offset(range["end"])))
    }

    func position(_ offset: Int) -> JSON {
        let at = min(max(offset, 0), bytes.count)
        let line = line(at: at)
        return .record(["line": .whole(line), "character": .whole(units(from: lineStarts[line], to: at))])
    }

    /// How many columns a stretch of one line takes.
    func units(from start: Int, to end: Int) -> Int {
        guard !countsBytes else { return end - start }
        var units = 0
        for byte in bytes[start..<max(start, end)] where byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
        return units
    }

    func range(_ span: Span) -> JSON {
        .record(["start": position(span.start), "end": position(max(span.start, span.end))])
    }

    // MARK: Names of files

    /// The path that a `file:` address means; the address itself where it is another.
    static func path(_ uri: String) -> String {
        guard uri.hasPrefix("file://") else { return uri }
        let rest = uri.dropFirst(7)
        // There may be a host in between.
        let path = rest.hasPrefix("/") ? rest : rest.drop { $0 != "/" }
        var bytes: [UInt8] = []
        var input = Array(path.utf8)[...]
        while let byte = input.popFirst() {
            if byte == 37, input.count >= 2,
                let code = UInt8(String(decoding: input.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                input = input.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func uri(_ path: String) -> String { "file://" + DiagnosticFormat.uri(path) }
}
