import Glibc
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamFigures

/// The text forms of all kinds of figures are held by files: drawn the same on every machine.
/// `SIAM_RECORD=1` writes them anew, to be looked at before they are kept.
@Suite struct TextTests {
    static let folder = #filePath.split(separator: "/").dropLast(2).map(String.init)
    static func path(_ name: String) -> String {
        "/" + (folder + ["Fixtures", "figures", name]).joined(separator: "/")
    }
    static let isRecording = getenv("SIAM_RECORD") != nil

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let n = fread(&buffer, 1, buffer.count, file)
            if n == 0 { break }
            bytes += buffer[..<n]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
    static func write(_ text: String, _ path: String) {
        guard let file = fopen(path, "wb") else { return }
        fputs(text, file)
        fclose(file)
    }

    static let looks: [(name: String, page: Page, graphics: Graphics, depth: ColorDepth)] = [
        ("plain", Page(columns: 80, rows: 24), .braille, .none),
        ("ascii", Page(columns: 60, rows: 24, unicode: false), .braille, .none),
        ("color", Page(columns: 80, rows: 24, color: true), .braille, .full),
        ("palette", Page(columns: 80, rows: 30, color: true), .blocks, .palette),
        ("sixteen", Page(columns: 80, rows: 24, color: true), .braille, .sixteen),
    ]

    static func drawn(_ page: Page, _ graphics: Graphics, _ depth: ColorDepth) -> String {
        Gallery.figures.map { name, figure in
            "== \(name)\n"
                + Figures.text(figure, page, FigureDisplay(graphics: graphics, depth: depth)).replacing(
                    "\u{1B}", with: "\\e")
        }.joined(separator: "\n\n") + "\n"
    }

    @Test(arguments: looks.indices) func everyKindIsDrawnAsRecorded(_ k: Int) throws {
        let look = Self.looks[k]
        let text = Self.drawn(look.page, look.graphics, look.depth)
        let path = Self.path("\(look.name).txt")
        if Self.isRecording { Self.write(text, path) }
        let kept = try #require(Self.read(path))
        let pairs = zip(text.split(separator: "\n== "), kept.split(separator: "\n== "))
        for (now, then) in pairs where now != then {
            Issue.record("drawn otherwise than recorded:\n\(now)\nrecorded:\n\(then)")
        }
        #expect(text.count == kept.count)
    }

    @Test(arguments: [20, 33, 47, 80, 100, 200]) func noFigureIsLargerThanThePage(_ columns: Int) {
        for (name, figure) in Gallery.figures {
            for rows in [12, 24, 50] {
                for (isUnicode, depth) in [(true, ColorDepth.none), (true, .full), (false, .none)] {
                    let text = Figures.text(
                        figure, Page(columns: columns, rows: rows, unicode: isUnicode, color: depth != .none),
                        FigureDisplay(graphics: .braille, depth: depth))
                    let lines = Self.withoutColor(text).split(separator: "\n", omittingEmptySubsequences: false)
                    let widest = lines.map { displayWidth(String($0)) }.max() ?? 0
                    #expect(widest <= columns, "\(name) at \(columns)x\(rows) is \(widest) wide")
                    #expect(lines.count <= max(8, rows * 2 / 3), "\(name) at \(columns)x\(rows) is \(lines.count) high")
                    if !isUnicode, name != "wide names" {
                        #expect(text.utf8.allSatisfy { $0 < 128 }, "\(name) has signs beyond ASCII")
                    }
                }
            }
        }
    }

    static func withoutColor(_ text: String) -> String {
        var out = ""
        var inside = false
        for sign in text {
            if sign == "\u{1B}" { inside = true }
            if !inside { out.append(sign) }
            if inside, sign == "m" { inside = false }
        }
        return out
    }

    @Test func withoutColorNoControlSequenceIsWritten() {
        for (_, figure) in Gallery.figures {
            let text = Figures.text(figure, Page(columns: 80, rows: 24, color: false))
            #expect(!text.contains("\u{1B}"))
        }
    }

    @Test func awkwardDataSaysWhatItIs() {
        func text(_ name: String) -> String {
            Gallery.figures.first { $0.name == name }.map { Figures.text($0.figure, Page(columns: 80, rows: 24)) } ?? ""
        }
        #expect(text("one point").contains("one point: 3, 0.5"))
        #expect(text("constant").contains("constant: all 4 values are 0.5"))
        #expect(text("gaps").contains("2 values are not finite and left out"))
        #expect(text("nothing").contains("nothing to draw: all 2 values are NaN or infinite"))
        #expect(text("empty").contains("nothing to draw: there are no values"))
        #expect(text("nan matrix").contains("nothing to draw: all 2 values are NaN or infinite"))
        #expect(text("flat matrix").contains("constant: all values are 2"))
    }
}
