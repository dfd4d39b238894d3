import Foundation
import Testing

/// Figures at the prompt and in files: expectations 28 and 29, and `:set graphics`, in a terminal.
@Suite struct FigureScreenTests {
    private func prompt(_ environment: [String: String] = [:]) throws -> PseudoTerminal {
        let t = try PseudoTerminal(columns: 80, rows: 50, environment: environment)
        try t.enter("data = digits().sample(120); net = flatten >> dense(8) >> relu >> dense(3); net(data.x);")
        try clear(t)
        return t
    }
    private func clear(_ t: PseudoTerminal) throws {
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
    }

    @Test("28: show pairs puts two images side by side, says same or different, and with a net the distance")
    func pairs() throws {
        let t = try prompt()
        try t.enter("show pairs(data, 2), net = net")
        let said = t.screen.text
        #expect(said.contains("different") && said.contains("same"))
        #expect(said.firstMatch(of: /(same|different)\S* +\d+\.\d+/) != nil, "\(said)")
        // Two pictures of eight columns each stand in the same rows.
        #expect(t.screen.lines.contains { $0.firstMatch(of: /▀{8} ?▀{8}/) != nil }, "\(said)")
    }

    @Test("28: inspect overlays the two distance histograms and draws the margin as a line") func inspect() throws {
        let t = try prompt()
        try t.enter("inspect(net, data, margin = 0.5)")
        for part in ["a same", "b different", "margin 0.5", "distance"] { try t.see(part) }
        // The margin's line stands in one column, several rows high.
        let columns = t.screen.lines.compactMap { line in
            line.firstIndex { $0 == "┊" || $0 == "┆" || $0 == "╎" || $0 == ":" }.map {
                line.distance(from: line.startIndex, to: $0)
            }
        }
        let margin = Dictionary(grouping: columns) { $0 }.values.map(\.count).max() ?? 0
        #expect(margin >= 4, "\(t.screen.text)")
        // Notes go on under themselves, between words.
        #expect(t.screen.lines.allSatisfy { $0.count <= 80 })
        #expect(
            t.screen.lines.contains { $0.hasPrefix(String(repeating: " ", count: 24)) && $0.hasSuffix("untrained 0.1") }
        )
    }

    @Test("29: figures go to files, a report is one page that asks for nothing else") func files() throws {
        let t = try prompt()
        try t.enter("figure = plot([1, 3, 2]);")
        try t.enter("save(figure, \"f.svg\"); save(figure, \"f.png\")")
        #expect(t.home.read("f.svg").hasPrefix("<svg") || t.home.read("f.svg").hasPrefix("<?xml"))
        #expect(t.home.read("f.svg").contains("</svg>"))
        let png = try Data(contentsOf: URL(fileURLWithPath: t.home.path + "/f.png"))
        #expect(png.prefix(8) == Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        try t.enter(
            "run = train net on pairs(data, 8) as a, b, same for 5 steps using sgd(0.1) "
                + "{ minimize contrastive(net(a), net(b), same) };")
        try t.enter("report(run, \"run.html\")")
        let page = t.home.read("run.html")
        #expect(page.hasPrefix("<!") && page.contains("</html>"))
        for outside in ["src=\"http", "href=\"http", "@import", "url(http"] { #expect(!page.contains(outside)) }
    }

    @Test(
        "22: colours are as many as the terminal has", arguments: ["xterm", "xterm-256color", "truecolor", "NO_COLOR"])
    func depths(_ kind: String) throws {
        let environment =
            switch kind {
            case "truecolor": ["COLORTERM": "truecolor"]
            case "NO_COLOR": ["NO_COLOR": "1"]
            default: ["TERM": kind]
            }
        let t = try prompt(environment)
        try t.enter("heat(net.dense2.w)")
        let bytes = String(decoding: t.output, as: UTF8.self)
        #expect(bytes.contains("8;2;") == (kind == "truecolor"))
        #expect(bytes.contains("8;5;") == (kind == "xterm-256color"))
        #expect(t.screen.text.contains("net.dense2.w"))
    }

    @Test("22: :set graphics chooses what figures are made of") func graphics() throws {
        let t = try prompt(["COLORTERM": "truecolor"])
        func drawn(_ graphics: String) throws -> String {
            try t.enter(":set graphics \(graphics)")
            try clear(t)
            let before = t.output.count
            try t.enter("plot([1, 3, 2, 5, 4])")
            return String(decoding: t.output[before...], as: UTF8.self)
        }
        func holds(_ text: String, _ range: ClosedRange<Unicode.Scalar>) -> Bool {
            text.unicodeScalars.contains { range.contains($0) }
        }
        let braille = try drawn("braille")
        #expect(holds(braille, "\u{2801}"..."\u{28FF}"))
        let blocks = try drawn("blocks")
        #expect(!holds(blocks, "\u{2801}"..."\u{28FF}") && holds(blocks, "\u{2580}"..."\u{259F}"))
        let ascii = try drawn("ascii")
        #expect(!holds(ascii, "\u{2500}"..."\u{28FF}"))
        #expect(try drawn("kitty").contains("\u{1B}_G"))
        #expect(try drawn("iterm").contains("\u{1B}]1337;File="))
        #expect(try drawn("sixel").contains("\u{1B}P0;1q"))
        try t.enter(":set graphics crayon")
        try t.see("graphics expects")
    }
}
