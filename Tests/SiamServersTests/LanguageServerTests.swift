import Foundation
import SiamData
import SiamFormats
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import SiamShapes
import Testing
import SiamReports

@testable import SiamServers

/// The language server, spoken to in one process.
@Suite struct LanguageServerTests {
    private final class Client {
        let server = LanguageServer(libraryFolder: nil)
        var count = 0

        init() { _ = request("initialize", .record(["capabilities": .object([])])) }

        func request(_ method: String, _ parameters: JSON) -> JSON {
            count += 1
            return server.handle(
                .record(["id": .whole(count), "method": .text(method), "params": parameters])
            ).first { $0["id"]?.whole == count } ?? .null
        }

        func notify(_ method: String, _ parameters: JSON) {
            _ = server.handle(.record(["method": .text(method), "params": parameters]))
        }

        func open(_ text: String, _ uri: String = "file:///t.siam") {
            notify(
                "textDocument/didOpen",
                .record(["textDocument": .record(["uri": .text(uri), "version": .whole(1), "text": .text(text)])]))
        }

        func change(_ from: (Int, Int), _ to: (Int, Int), _ text: String) {
            func place(_ p: (Int, Int)) -> JSON { .record(["line": .whole(p.0), "character": .whole(p.1)]) }
            notify(
                "textDocument/didChange",
                .record([
                    "textDocument": .record(["uri": .text("file:///t.siam"), "version": .whole(2)]),
                    "contentChanges": .array([
                        .record(["range": .record(["start": place(from), "end": place(to)]), "text": .text(text)])
                    ]),
                ]))
        }

        func at(_ method: String, _ line: Int, _ character: Int, _ more: [(String, JSON)] = []) -> JSON {
            request(
                "textDocument/" + method,
                .object(
                    [
                        ("textDocument", .record(["uri": .text("file:///t.siam")])),
                        ("position", .record(["line": .whole(line), "character": .whole(character)])),
                    ] + more))
        }

        /// The findings that are told now, by address.
        func findings() -> [String: [JSON]] {
            Dictionary(
                server.idle().map { ($0["params"]?["uri"]?.text ?? "", $0["params"]?["diagnostics"]?.elements ?? []) },
                uniquingKeysWith: { $1 })
        }
    }

    @Test func findingsFollowTheText() throws {
        let client = Client()
        client.open("x = 1\nprint(y)\n")
        let first = try #require(client.findings()["file:///t.siam"]?.first { $0["severity"]?.whole == 1 })
        #expect(first["code"]?.text == "name.unknown")
        #expect(first["range"]?["start"]?.line == "{\"line\":1,\"character\":6}")
        client.change((1, 6), (1, 7), "x")
        #expect(client.findings()["file:///t.siam"]?.isEmpty == true)
        #expect(client.server.idle().isEmpty)
    }

    @Test func columnsAreUTF16() {
        var document = TextDocument(uri: "", version: 0, text: "a𝄞é\r\nb\rc", countsBytes: false)
        #expect(document.lineStarts == [0, 9, 11])
        #expect(document.offset(line: 0, character: 3) == 5)
        // The middle of a character is its beginning; behind the line's end is its end.
        #expect(document.offset(line: 0, character: 2) == 1)
        #expect(document.offset(line: 0, character: 99) == 7)
        #expect(document.position(7).line == "{\"line\":0,\"character\":4}")
        try? document.apply(
            .record([
                "text": .text("\n"),
                "range": .record([
                    "start": .record(["line": .whole(2), "character": .whole(0)]),
                    "end": .record(["line": .whole(2), "character": .whole(0)]),
                ]),
            ]))
        #expect(document.lineStarts == [0, 9, 12])
    }

    @Test func helpShapesAndOtherNames() {
        let client = Client()
        client.open("net = dense(8) >> relu\nz = ones(2, 3) |> net\nprint(z, \"{net}\")\n")
        #expect(client.at("hover", 1, 0)["result"]?["contents"]?["value"]?.text?.contains("2x8") == true)
        #expect(client.at("hover", 0, 8)["result"]?["contents"]?["value"]?.text?.contains("dense(") == true)
        let hints = client.request(
            "textDocument/inlayHint",
            .record([
                "textDocument": .record(["uri": .text("file:///t.siam")]),
                "range": .record([
                    "start": .record(["line": .whole(0), "character": .whole(0)]),
                    "end": .record(["line": .whole(9), "character": .whole(0)]),
                ]),
            ]))
        #expect(hints["result"]?.elements.compactMap { $0["label"]?.text } == ["2x8", "2x8", "2x8"])
        let renamed = client.at("rename", 0, 1, [("newName", .text("tower"))])
        #expect(renamed["result"]?["changes"]?["file:///t.siam"]?.elements.count == 3)
        #expect(client.at("rename", 0, 1, [("newName", .text("z"))])["error"] != nil)
        #expect(client.at("rename", 0, 1, [("newName", .text("for"))])["error"] != nil)
    }

    @Test func namesChangeInFilesThatBringThemIn() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-names-\(getpid())")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws -> String {
            let url = folder.appendingPathComponent(name)
            try text.write(to: url, atomically: true, encoding: .utf8)
            return "file://" + url.path
        }
        let text = "fn double(x, by = 2) = by * x\n"
        let home = try write("towers.siam", text)
        let user = try write("sub/user.siam", "import \"../towers.siam\"\nprint(double(3, by = 4))\n")
        _ = try write("alike.siam", "fn double(x) = x\nprint(double(2))\n")
        let client = Client()
        client.open(text, home)
        func rename(_ uri: String, _ line: Int, _ character: Int, _ name: String) -> JSON {
            client.request(
                "textDocument/rename",
                .record([
                    "textDocument": .record(["uri": .text(uri)]), "newName": .text(name),
                    "position": .record(["line": .whole(line), "character": .whole(character)]),
                ]))
        }
        func changed(_ answer: JSON) -> [String: Int] {
            Dictionary(
                (answer["result"]?["changes"]?.members ?? []).map { ($0.0, $0.1.elements.count) },
                uniquingKeysWith: { $1 })
        }
        #expect(changed(rename(home, 0, 4, "twofold")) == [home: 1, user: 1])
        #expect(changed(rename(home, 0, 13, "factor")) == [home: 2, user: 1])
        #expect(rename(home, 0, 4, "print")["error"] != nil)
        client.open("import \"../towers.siam\"\nprint(double(3, by = 4))\n", user)
        #expect(changed(rename(user, 1, 7, "twofold")) == [home: 1, user: 1])
    }

    @Test func whatIsReadElsewhereIsToldLater() throws {
        let session = Session(output: SilentOutput(), builtins: Builtin.all)
        let program = Parser.parse(
            Source(name: "t", kind: .file, text: "d = moons(50)\nz = dense(3)(d.x)\nprint(z)\n")
        ).program
        let facts = ShapeFacts()
        facts.readsElsewhere = true
        _ = session.findings(program, facts: facts)
        #expect(facts.wanted == ["moons(50)"])
        let place = try #require(program.statements.dropFirst().first?.span)
        facts.learn("moons(50)", ShapeFacts.told("moons(50)", in: session))
        _ = session.findings(program, facts: facts)
        #expect(facts.wanted.isEmpty && facts.known(Span(place.start + 4, place.end)) == "50x3")
        // What may have changed is asked for again, and known until then.
        facts.forgetLibrary()
        _ = session.findings(program, facts: facts)
        #expect(facts.wanted == ["moons(50)"] && facts.known(Span(place.start + 4, place.end)) == "50x3")
    }

    @Test func oddMessagesAreAnswered() {
        let client = Client()
        #expect(client.server.handle(Array("{".utf8)).first?["error"]?["code"]?.whole == -32700)
        #expect(client.request("nothing", .null)["error"]?["code"]?.whole == -32601)
        #expect(client.at("hover", 0, 0)["error"]?["code"]?.whole == -32602)
        client.open("")
        for line in [-1, 0, 7] {
            #expect(client.at("hover", line, -5)["error"] == nil)
            #expect(client.at("completion", line, 1_000_000)["error"] == nil)
        }
        client.notify("textDocument/didChange", .array([]))
        client.notify("textDocument/didChange", .record(["textDocument": .record(["uri": .text("file:///t.siam")])]))
        #expect(client.request("shutdown", .null)["result"] == .null)
    }

    /// A stream of edits: after each the server knows the text as if it had just been opened. `scripts/torture editor` does this
    /// with more of them.
    @Test func editsAgreeWithAFreshText() {
        let client = Client()
        var text = Array("fn f(a) = a\nnet = dense(8) >> relu\nx = ones(2, 3)\ny = net(x) # é\n".utf16)
        let pieces = [
            "x", "(", ")", "{", "}", "\n", "\r\n", "\"", " >> relu", "é", "𝄞", "#", "fn g(b) = b\n", "net(x)",
        ]
        client.open(String(decoding: text, as: UTF16.self))
        var state: UInt64 = 7
        func random(_ n: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, n)
        }
        func isInside(_ k: Int) -> Bool {
            k > 0 && k < text.count && (0xDC00...0xDFFF ~= text[k] || text[k - 1] == 13 && text[k] == 10)
        }
        func place(_ k: Int) -> (Int, Int) {
            var (line, start) = (0, 0)
            for i in 0..<k where text[i] == 10 || text[i] == 13 && !(i + 1 < text.count && text[i + 1] == 10) {
                line += 1
                start = i + 1
            }
            return (line, k - start)
        }
        for round in 0..<200 {
            let start = random(text.count + 1)
            let end = min(text.count, start + [0, 0, 1, 4][random(4)])
            if isInside(start) || isInside(end) { continue }
            let piece = pieces[random(pieces.count)]
            client.change(place(start), place(end), piece)
            text.replaceSubrange(start..<end, with: Array(piece.utf16))
            guard round % 10 == 0 else { continue }
            client.open(String(decoding: text, as: UTF16.self), "file:///u.siam")
            let found = client.findings()
            func told(_ name: String) -> String? {
                found["file:///\(name).siam"].map { JSON.array($0).line.replacing("/\(name).siam", with: "") }
            }
            #expect(told("t") == told("u"), "\(String(decoding: text, as: UTF16.self))")
        }
    }
}
