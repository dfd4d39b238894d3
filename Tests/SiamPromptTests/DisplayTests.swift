import SiamFigures
import SiamLanguage
import SiamLessons
import Testing
import SiamReports

@testable import SiamInterpreter
@testable import SiamRuntime

/// Values as the prompt shows them: within the window, with a line that says how to see the rest.
@Suite struct DisplayTests {
    private func session() throws -> Session {
        let session = Session(output: CapturedOutput(), builtins: Builtin.all)
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    rows = sweep a in range(10), b in range(8) {
                      report c = a * b
                      report d = 1 / (a + b + 1)
                      report a_column_with_a_long_name = "a text of the row {a}, longer than a column ought to be"
                      report e = a
                      report f = b
                    }
                    record = {first: ["item {i}" for i in 0..30], 漢字: "漢字 " + "a long text, " * 20, z: 1}
                    wide = {a: 1, b: rows, c: "text", d: "another text that is long enough for a window of its own"}
                    list = ["number {i}, which is as long as a text may well be in a list of texts" for i in 0..90]
                    tensor = randn(40, 50)
                    shared = dense(9)
                    net = flatten >> dense(9)
                    for i in 0..60 { net = net >> shared }
                    net(ones(2, 3, 3));
                    """))
        return session
    }

    @Test(
        "38: what is shown fits the window, and says how to see all",
        arguments: ["rows", "record", "wide", "list", "net", "tensor"], [(24, 10), (40, 24), (80, 24), (200, 50)])
    func fits(_ name: String, _ size: (columns: Int, rows: Int)) throws {
        let session = try session()
        let value = try session.evaluate(name, name: "t")
        let cut = session.display(value, Page(columns: size.columns, rows: size.rows))
        let lines = cut.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= max(16, size.rows), "\(cut)")
        for line in lines where !line.contains("all = true") {
            #expect(displayWidth(String(line)) <= size.columns, "\(line)")
        }
        let all = session.display(value, Page(columns: size.columns, rows: size.rows, all: true))
        if cut != all, name != "tensor" {
            #expect(cut.contains("all = true") || cut.contains("..."), "\(cut)")
            #expect(all.split(separator: "\n").count >= lines.count)
        }
        if name == "rows" {
            #expect(lines.contains { $0.hasPrefix("... ") && $0.contains("more rows") && $0.hasSuffix("all = true") })
            #expect(all.split(separator: "\n").count == 81)
            #expect(all.contains("longer than a column ought to be"))
        }
        if name == "list" || name == "net" {
            #expect(lines.last?.contains("more") == true && lines.last?.contains("all = true") == true)
        }
    }

    @Test("parts that stand in two places are named by their paths") func sharedParts() throws {
        let session = try session()
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    layer pair(n) = dense(n) >> relu >> dense(n)
                    left = pair(4)
                    two = left >> pair(4) >> left
                    two(ones(2, 4));
                    """))
        let shown = session.display(try session.evaluate("two", name: "t"), Page(columns: 80, rows: 24))
        let lines = shown.split(separator: "\n").map(String.init)
        #expect(lines.first == "net: 80 parameters", "\(shown)")
        #expect(lines.contains("  pair3  shared with pair1"), "\(shown)")
        try session.run(
            Source(name: "t", kind: .file, text: "d = dense(4); deep = (pair(4) >> d) >> relu >> d\ndeep(ones(2, 4));"))
        let deep = session.display(try session.evaluate("deep", name: "t"), Page(columns: 80, rows: 24))
        #expect(deep.contains("shared with "), "\(deep)")
    }
}
