import Testing

@testable import SiamLanguage

/// Who is who in a program.
@Suite struct NamesTests {
    private func uses(_ text: String, _ name: String, _ nth: Int = 0) -> [String] {
        let source = Source(name: "t", kind: .file, text: text)
        let names = Names(Parser.parse(source).program)
        var at = text.utf8.startIndex
        for _ in 0...nth {
            guard let found = text[at...].firstRange(of: name) else { return [] }
            at = found.lowerBound
            if nth > 0 { at = text.index(after: at) }
        }
        if nth > 0 { at = text.index(before: at) }
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: at)
        guard let found = names.at(offset) else { return [] }
        return names.all(of: found.symbol).map {
            "\($0.span.start)\(source.text($0.span))\($0.isDefinition ? "=" : "")"
        }
    }

    @Test(arguments: [
        // A parameter is another thing than the name outside of the function.
        ("x = 1\nfn f(x) = x + 1\nf(x)", 0, ["0x=", "24x"]), ("x = 1\nfn f(x) = x + 1\nf(x)", 1, ["11x=", "16x"]),
        // Named arguments mean the parameter; texts hold uses.
        ("fn f(xx, kk = 2) = kk\nprint f(1, kk = 3)", 0, []), ("xx = 1\nprint \"{xx} {y}\"", 0, ["0xx=", "15xx"]),
        // A function's own variable.
        ("fn f() { x = 1; x }\nx = 2", 0, ["9x=", "16x"]), ("y = [x for x in 0..3]\nx = 5", 0, ["5x", "11x="]),
        ("f = x -> x * 2\nx = 1", 0, ["4x=", "9x"]),
    ]) func scopes(_ text: String, _ nth: Int, _ wanted: [String]) {
        guard !wanted.isEmpty else {
            #expect(uses(text, "kk") == ["9kk=", "19kk", "33kk"])
            return
        }
        let name = text.contains("xx") ? "xx" : "x"
        #expect(uses(text, name, nth) == wanted)
    }

    @Test func layersHaveParts() {
        let text = "layer t(d) {\n  body = dense(d)\n  forward a = body(a)\n}\nbody = 3\n"
        #expect(uses(text, "body") == ["15body=", "45body"])
        let names = Names(Parser.parse(Source(name: "t", kind: .file, text: text)).program)
        #expect(names.symbols.contains { $0.name == "dense" && $0.kind == .library })
    }
}
