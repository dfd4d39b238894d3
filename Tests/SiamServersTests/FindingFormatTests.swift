import SiamData
import SiamFormats
import SiamLanguage
import SiamLessons
import Testing

@testable import SiamServers

/// The formats of findings: text, JSON, GitHub annotations, SARIF.
@Suite struct FindingFormatTests {
    private let source = Source(name: "a b,c.siam", kind: .file, text: "x = 1\ny = é + nothere\n")

    private var finding: Diagnostic {
        let place = Place(source, Span(15, 22))
        return Diagnostic(
            code: "name.unknown", "there is nothing\nnamed 100%", at: [.init(place)], repair: "there",
            edits: [.init(place, "there")])
    }

    @Test func annotations() {
        #expect(
            DiagnosticFormat.github.written([finding])
                == "::error file=a b%2Cc.siam,line=2,endLine=2,col=9,endColumn=16,title=name.unknown::there is nothing%0Anamed 100%25%0Athere"
        )
        #expect(DiagnosticFormat.github.written([]) == "")
    }

    @Test func json() {
        let source = Source(name: "mine.siam", kind: .file, text: "a +\n\"b\"")
        let place = Place(source, Span(4, 7))
        let diagnostic = Diagnostic(code: "c", "say \"x\"\n\u{1}", at: [.init(place, "two")], repair: "r")
        #expect(
            DiagnosticFormat.json.written([diagnostic])
                == "[\n{\"severity\":\"error\",\"code\":\"c\",\"message\":\"say \\\"x\\\"\\n\\u0001\",\"labels\":[{\"file\":\"mine.siam\",\"line\":2,\"column\":1,\"endLine\":2,\"endColumn\":4,\"text\":\"two\"}],\"notes\":[],\"repair\":\"r\",\"edits\":[]}\n]"
        )
        #expect(DiagnosticFormat.json.written([]) == "[]")
    }

    @Test func sarif() throws {
        let all = try JSON.read(DiagnosticFormat.sarif.written([finding]))
        #expect(all["version"]?.text == "2.1.0")
        let run = try #require(all["runs"]?.elements.first)
        let result = try #require(run["results"]?.elements.first)
        #expect(run["tool"]?["driver"]?["rules"]?.elements.first?["id"]?.text == "name.unknown")
        let place = try #require(result["locations"]?.elements.first?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"]?.text == "a%20b%2Cc.siam")
        #expect(place["region"]?["startLine"]?.whole == 2 && place["region"]?["startColumn"]?.whole == 9)
        #expect(result["fixes"]?.elements.count == 1)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ]) func hashes(_ text: String, _ wanted: String) {
        var hash = SHA256()
        for byte in text.utf8 { hash.update([byte]) }
        #expect(SHA256.hex(hash.digest()) == wanted)
    }

    @Test func signatures() {
        // RFC 4231, the second and the sixth case.
        #expect(
            SHA256.signature([Array("what do ya want ".utf8), Array("for nothing?".utf8)], key: Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            SHA256.signature(
                [Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)],
                key: [UInt8](repeating: 0xaa, count: 131))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        let key = Array("k".utf8)
        let message = KernelMessage(
            identities: [[1, 2]], header: KernelMessage.header("status", session: "s"), parent: .object([]),
            content: .record(["a": .whole(1)]))
        let read = KernelMessage(message.parts(key: key), key: key)
        #expect(read?.type == "status" && read?.content["a"]?.whole == 1 && read?.identities == [[1, 2]])
        #expect(KernelMessage(message.parts(key: Array("l".utf8)), key: key) == nil)
        #expect(KernelMessage([[1], [2]], key: key) == nil)
    }

    @Test func onlyThisMachineIsListenedTo() throws {
        var text =
            "{\"ip\":\"10.0.0.1\",\"transport\":\"tcp\",\"key\":\"k\",\"shell_port\":1,\"iopub_port\":2,\"stdin_port\":3,\"control_port\":4,\"hb_port\":5}"
        #expect(throws: Diagnostic.self) { try ConnectionFile(try JSON.read(text), allowsOthers: false) }
        #expect(try ConnectionFile(try JSON.read(text), allowsOthers: true).addresses["hb"] == "tcp://10.0.0.1:5")
        text = text.replacing("10.0.0.1", with: "127.0.0.1")
        #expect(try ConnectionFile(try JSON.read(text), allowsOthers: false).addresses["shell"] == "tcp://127.0.0.1:1")
        text = text.replacing("\"hb_port\":5", with: "\"hb_port\":70000")
        #expect(throws: Diagnostic.self) { try ConnectionFile(try JSON.read(text), allowsOthers: false) }
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
    func base64(_ text: String, _ wanted: String) { #expect(Base64.text(Array(text.utf8)) == wanted) }

    @Test func lessonsBecomeNotebooks() throws {
        for lesson in LessonSource(named: nil).lessons {
            let page = try JSON.read(LessonNotebook(lesson, withAnswers: true).json.line)
            let cells = try #require(page["cells"]?.elements)
            #expect(cells.count > lesson.steps.count * 2)
            let judged = cells.count {
                $0["source"]?.text?.contains(":judge") == true && $0["cell_type"]?.text == "code"
            }
            #expect(judged == lesson.steps.count { $0.task != nil }, "\(lesson.file)")
        }
    }

    @Test func toolsCheckTheirArguments() throws {
        let tools = AssistantTools()
        let answer = try tools.call("run", .record(["code": .text("x = 6\nx * 7")]), limited: { _ in })
        #expect(answer["content"]?.elements.first?["text"]?.text == "42")
        let bad = try tools.call("run", .record(["cod": .text("1")]), limited: { _ in })
        #expect(bad["isError"]?.bool == true)
        #expect(throws: RPCError.self) { try tools.call("runn", .object([]), limited: { _ in }) }
        for tool in AssistantTool.all { #expect(tool.described["inputSchema"]?["type"]?.text == "object") }
    }
}
