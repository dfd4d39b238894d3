import Foundation
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamFigures

/// The language's words for figures, as programs use them.
@Suite struct WordTests {
    @Test func everyWordHasHelpAndItsExamplesHold() throws {
        for b in Figures.builtins {
            #expect(!b.help.isEmpty && b.help.hasSuffix("."), "\(b.name)")
            for (code, result) in b.examples {
                let (session, _) = Programs.session()
                let value = try session.evaluate(code)
                #expect(session.display(value, Page()) == result, "\(code)")
            }
        }
    }

    /// Letters that no font has are boxes in a picture, and that is said once; an SVG leaves them to who shows it.
    @Test func boxesInPicturesAreSaid() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-letters-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func said(_ program: String) -> [String] {
            Programs.output(program).split(separator: "\n").map(String.init).filter { $0.contains("font") }
        }
        // A letter that no standard has given a meaning to.
        let figure = "f = plot([1, 2], title = \"a \u{378} b\")\n"
        let both = said(figure + "save(f, \"\(folder)/f.png\"); save(f, \"\(folder)/g.pdf\")")
        #expect(both == ["no installed font has \u{378}: it is a box in PNG and PDF"])
        #expect(said(figure + "save(f, \"\(folder)/f.svg\")") == [])
        #expect(said("save(plot([1, 2], title = \"plain\"), \"\(folder)/h.png\")") == [])
        #expect(MissingLetters.package(for: "漢").contains("Debian's "))
    }

    @Test(arguments: [
        ("plot([3, 1, 2])", "3.0 ┤"), ("a = [1, 2]; plot(a, [2, 1], names = [\"x\", \"y\"])", "a x  b y"),
        ("plot(x -> x^2, x = [0, 2])", "x -> x^2"),
        ("first = [2, 1]; second = [1, 2]; plot(first, second)", "a first  b second"),
        ("plot([1, 2], mark = {plateau: 1.5})", "plateau 1.5"), ("plot([1, 10, 100], log = \"y\")", "100 ┤"),
        ("plot(0..5)", "4 ┤"), ("plot([[1, 4], [2, 5], [3, 6]])", "a column 0  b column 1"),
        ("plot({up: [1, 2], down: [2, 1]})", "a up  b down"), ("hist([1, 2, 2, 3])", "count"),
        ("hist({same: [0.1, 0.2, 0.3], other: [0.8, 0.9, 1]}, mark = {margin: 0.5})", "margin 0.5"),
        ("heat([[1, -2], [3, 4]])", "-2"), ("heat([1, 2, 3])", "3"), ("scatter([[0, 0], [1, 1]], [0, 1])", "1"),
        ("scatter(blobs(20), names = [\"p\", \"q\", \"r\"])", "p"), ("image(digits().x[0])", "██"),
        ("image(digits()[0..2])", "1"), ("bars({recall: 0.5})", "recall │"),
        ("bars([1, 2], names = [\"a\", \"b\"])", "b │"),
        ("beside(plot([1, 2]), hist([1, 2]))", "count"), ("overlay(plot([1, 2]), plot([2, 1]))", "┤"),
        ("show(pairs(digits(), 4))", "different"), ("show(pairs(digits(), 4).next())", "same"),
        ("show(pairs(digits(), 4), net = flatten)", "different "),
        ("show(triplets(digits(), 2))", "anchor, same, other"),
        ("scatter(pca(digits()[0..50].x.reshape([50, 64])), digits()[0..50].y)", "┤"),
        ("f = plot([1, 2]); f.title = \"mine\"; print f", "figure: mine"),
    ]) func programsDraw(_ program: String, _ wanted: String) {
        let output = Programs.output(program)
        #expect(output.contains(wanted), "\(program):\n\(output)")
        #expect(!output.contains("error:"), "\(program):\n\(output)")
    }

    @Test(arguments: [
        ("plot(\"a\")", "plot draws numbers, and got a text"), ("plot()", "plot expects something to draw"),
        ("plot([1, 2], x = [1])", "as many places x as values"), ("plot(zeros(20, 20))", "heat(zeros(20, 20))"),
        ("plot(zeros(2, 3, 4))", "plot draws vectors"), ("plot([1], log = \"z\")", "\"x\", \"y\" or \"xy\""),
        ("plot(plot([1]))", "overlay(a, b)"), ("plot([1], [2], names = [\"a\"])", "1 names for 2"),
        ("hist()", "hist expects something to draw"), ("hist([1], bins = 0)", "at least 1"),
        ("hist([1], bins = 1e9)", "at most 10000"), ("heat(zeros(2, 3, 4))", "heat(zeros(2, 3, 4)[0])"),
        ("scatter(zeros(4, 3))", "scatter(pca(zeros(4, 3)))"), ("scatter(zeros(4, 2), [1])", "a class for each point"),
        ("image([1, 2, 3, 4])", "image([1, 2, 3, 4].reshape([2, 2]))"), ("image(zeros(2, 8, 8, 5))", "1 or 3 channels"),
        ("image({a: 1})", "image draws tensors"), ("bars([1, 2], names = [\"a\"])", "a name for each value"),
        ("bars([\"a\"])", "bars draws numbers"), ("beside(1)", "beside expects figures"),
        ("overlay(heat([[1]]), plot([1]))", "beside(a, b)"), ("pca([1, 2])", "rows of embeddings"),
        ("pca([[1, 2]], dim = 3)", "at most as many components"), ("save(3, \"x.svg\")", "a figure or another thing"),
        ("report(\"x.html\")", "no run to report on"),
        ("f = plot([1]); f.title = 3", "title of a figure must be a text"),
    ]) func mistakesAreTold(_ program: String, _ wanted: String) {
        let output = Programs.output(program)
        #expect(output.contains("error: ") && output.contains(wanted), "\(program):\n\(output)")
        #expect(output.split(separator: "\n").allSatisfy { !$0.hasSuffix(".") })
    }

    @Test func repairsThatArePrintedRun() {
        for program in ["plot(zeros(20, 20))", "heat(zeros(2, 3, 4))", "scatter(zeros(4, 3))", "image([1, 2, 3, 4])"] {
            let output = Programs.output(program)
            let repair = output.split(separator: "\n").first { $0.hasPrefix("= ") } ?? ""
            let code = repair.split(separator: ":  ").last.map(String.init) ?? ""
            let typed = code.hasPrefix("= ") ? String(code.dropFirst(2)) : code
            #expect(!Programs.output(typed).contains("error:"), "\(program): \(typed)")
        }
    }

    @Test func lookingAtASourceTakesNothingFromIt() {
        let look = "d = digits()\ns = pairs(d, 4)\n"
        let rest = "\na, b, same = s.next()\nprint sum(a)\nprint rand(2)"
        let plain = Programs.output(look + rest)
        let looked = Programs.output(look + "show(s);" + rest)
        #expect(looked.hasSuffix(plain))
        #expect(!plain.isEmpty)
    }

    @Test func awkwardTensorsMakeNoTrap() {
        for x in [
            "zeros(0)", "[nan]", "[inf, -inf]", "[1e30, -1e30]", "[nan, 1]", "zeros(3, 0)", "[0]", "zeros(1, 1)", "[]",
            "[1e-40, 2e-40]", "full([5], 3)",
        ] {
            for word in ["plot", "hist", "heat", "bars", "scatter", "image"] {
                for call in ["\(word)(\(x))", "f = \(word)(\(x)); save(f, \"/dev/null/f.svg\")"] {
                    _ = Programs.output(call)
                }
            }
        }
        #expect(Programs.output("plot([nan, nan])").contains("nothing to draw"))
        #expect(Programs.output("hist([nan, nan])").contains("nothing to draw"))
    }
}
