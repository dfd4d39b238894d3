import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamShapes
import Testing

/// What `siam check` finds of shapes, and that it finds nothing where nothing is.
@Suite struct ShapeCheckTests {
    private func findings(_ text: String, name: String = "example.siam") -> [Diagnostic] {
        let (program, errors) = Parser.parse(Source(name: name, kind: .file, text: text))
        return errors + ProgramTest.session(CapturedOutput()).findings(program)
    }

    /// What is found from the text has the repair that the run has, in the words of the program.
    @Test func repairsAreThoseOfTheRun() {
        func repairs(_ text: String) -> [String] { findings(text).compactMap(\.repair) }
        #expect(repairs("x = ones(3, 4) @ ones(3, 4)\nprint(x)").contains { $0.hasSuffix("@ ones(3, 4).transpose()") })
        #expect(
            repairs("net = dense(8) > relu > dense(2)\nnet(ones(2, 2))").contains {
                $0.hasSuffix("dense(8) >> relu >> dense(2)")
            })
        #expect(repairs("dense(4, activation = \"tanh\")(ones(2, 2))").contains { $0.hasSuffix("dense(4) >> tanh") })
        #expect(repairs("seed 1\nnp.array([1, 2])").contains { $0.hasSuffix("tensor([1, 2])") })
    }

    /// Before a fault of syntax all is known but what the rest may define or use.
    @Test func whatStandsBeforeAFaultOfSyntaxIsChecked() {
        func codes(_ text: String) -> [String] {
            let (program, errors) = Parser.parse(Source(name: "example.siam", kind: .file, text: text))
            return ProgramTest.session(CapturedOutput()).findings(program, errors: errors).map(\.code)
        }
        #expect(codes("x = nosuch\ny = [1, 2") == ["name.unknown", "bracket.unclosed"])
        #expect(codes("ones(2, 3) @ ones(2, 3)\ny = [1, 2") == ["matmul.width", "bracket.unclosed"])
        #expect(codes("fn f() = later(1)\nx = 3\nfn later(a) = [a\n") == ["bracket.unclosed"])
        #expect(codes("y = [1, 2\nx = nosuch") == ["bracket.unclosed"])
        #expect(codes("x = [1, 2]") == ["name.unused"])
    }

    @Test(arguments: [
        ("ones(2, 3) @ ones(2, 3)", "@ needs as many columns on the left as rows on the right, and got 3 and 2"),
        (
            "x = [[1, 2], [3, 4]]\nx + [1, 2, 3]",
            "+ needs shapes that can be broadcast (equal or 1, from the right), and got 2x2 and 3"
        ),
        (
            "net = dense(3) >> relu\nnet(ones(2, 4));\nnet(ones(2, 5))",
            "dense1 expects inputs that are 4 wide, and got 5"
        ),
        (
            "layer tower(d) = flatten >> dense(d)\nnet = tower(3)\nnet(digits().x);\nnet(ones(2, 5, 5, 1))",
            "dense1 expects inputs that are 64 wide, and got 25"
        ),
        (
            "seen, unseen = split(digits(), 0.8)\nnet = flatten >> dense(8)\nother = flatten >> dense(4)\ntrain net, other on pairs(seen, 16) as a, b, same for 3 steps using sgd(0.1) { minimize contrastive(net(a), other(b), same) }",
            "contrastive compares a and b row by row, and they are 16x8 and 16x4"
        ),
        (
            "net = conv(8, 3) >> flatten >> dense(4)\nnet(ones(4, 28, 28))",
            "conv2d takes images as batch x height x width x channels, and got 4x28x28"
        ),
        (
            "fn f(x, w) = x @ w\nf(ones(2, 3), ones(4, 5))",
            "@ needs as many columns on the left as rows on the right, and got 3 and 4"
        ),
        (
            "layer bad(units) {\n param w : [in, units] = glorot\n forward x = (x @ w) @ w\n}\nbad(3)(ones(2, 5))",
            "@ needs as many columns on the left as rows on the right, and got 3 and 5"
        ),
        ("reshape(ones(2, 3), [4, 2])", "reshape keeps the number of elements, and got 2x3 and 4x2"),
        ("x = ones(2, 3)\nx[5]", "5 is outside axis 0, which is 2 long"),
        ("x = ones(2, 3)\nx[0, 0, 0]", "there are 3 indices, and the tensor has 2 axes: it is 2x3"),
        (
            "d = blobs(100, dim = 3)\nnet = dense(4)\nnet(d.x);\nnet(d[0..5].x[.., 0..2])",
            "dense expects inputs that are 3 wide, and got 2"
        ),
        (
            "for i in 0..3 {\n  x = ones(2, 3) + ones(2, 4)\n  x\n}",
            "+ needs shapes that can be broadcast (equal or 1, from the right), and got 2x3 and 2x4"
        ),
        (
            "net = dense(3)\nhead = dense(2)\nhead(ones(1, 5));\nfor a, b, same in pairs(blobs(50), 8) { head(net(a)) }",
            "head expects inputs that are 5 wide, and got 3"
        ),
        // What the library hands on to its own functions is said of what was called.
        (
            "contrastive([1, 2], [3, 4])",
            "contrastive expects a to be a tensor N x width, a row each, and got a tensor of 2"
        ),
        (
            "contrastive(ones(3, 2), zeros(3, 2))",
            "b must be a class number for each row of a, and got a tensor of 3x2"
        ),
        // The classes of a data set are known from reading it.
        (
            "d = blobs(40, classes = 4)\nnet = dense(3)\ncross_entropy(net(d.x), d.y)",
            "cross_entropy got class 3, and there are 3 columns, 0 to 2"
        ),
        (
            "d = dataset(ones(6, 2), [0, 1, 2, 0, 1, 2])\nnet = dense(2)\ntrain net on batches(d, 6) as x, y for 1 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }",
            "cross_entropy got class 2, and there are 2 columns, 0 to 1"
        ),
    ]) func shapesThatCannotFitAreFound(_ text: String, _ message: String) {
        let errors = findings(text).filter { $0.severity == .error }
        #expect(errors.map(\.message) == [message.replacing("head expects", with: "dense expects")])
        // The message is the one that a run ends with.
        let session = ProgramTest.session(CapturedOutput())
        do {
            try session.run(Source(name: "example.siam", kind: .file, text: text))
            Issue.record("this runs: \(text)")
        } catch {
            let run = session.describe(error)
            #expect(run.message == errors.first?.message)
            #expect(run.labels.first?.place.span.start == errors.first?.labels.first?.place.span.start)
        }
    }

    @Test func classesOfAFileAreKnown() throws {
        let path = temporaryTable()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let program =
            "d = csv(\"\(path)\")\nseen, held = split(d, 0.5)\nnet = dense(2)\ncross_entropy(net(seen.x), seen.y)\nlen(held)"
        #expect(
            findings(program).filter { $0.severity == .error }.map(\.message) == [
                "cross_entropy got class 2, and there are 2 columns, 0 to 1"
            ])
        #expect(findings(program.replacingOccurrences(of: "dense(2)", with: "dense(3)")).map(\.message) == [])
    }
    private func temporaryTable() -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("siam-classes-\(UUID()).csv").path
        let rows = (0..<12).map { "\($0 * 3 % 7).5,\($0 % 4).25,\(["oak", "elm", "fir"][$0 % 3])" }
        try? (["a,b,tree"] + rows).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test(arguments: [
        "if len(args) > 3 { ones(2, 3) @ ones(2, 3) }", "expect_error \"@\" { ones(2, 3) @ ones(2, 3) }",
        "fn never(x) = x @ ones(99, 3)",
        "x = ones(2, 3)\nfor i in 0..3 { x = concatenate(x, ones(1, 3)) }\nx + ones(5, 3)",
        "x = []\nwhile len(x) < 3 { x = push(x, 1) }\ntensor(x) + [1, 2, 3]",
        "seen, unseen = split(digits(), 0.8)\nseen.x + ones(1436, 8, 8, 1)",
        "d = digits().where(y -> y < 5)\nd.x[0..4] + ones(4, 8, 8, 1)",
        "net = dense(3)\nc = copy(net)\nnet(ones(1, 2));\nc(ones(1, 5))",
        "net = siamese(flatten >> dense(4), head = dense(1))\nnet(ones(2, 3), ones(2, 3))",
        "net = dense(3) >> dense(2)\nnet(ones(1, 2));\nnet[1..](ones(1, 3))",
        "fn f(x) { if x.shape[0] > 2 { return x @ ones(3, 1) }\n x }\nf(ones(2, 2))",
        "x = ones(2, 3)\nx |> flatten |> sum", "max(0, ones(2, 3)) + max(3, 5)",
    ]) func nothingIsFoundWhereNothingIsCertain(_ text: String) {
        #expect(findings(text).filter { $0.severity == .error }.map(\.message) == [])
    }

    /// No program of the repository gets an error or a warning that it does not ask for.
    @Test func thereIsNoFalseAlarm() throws {
        let root = testsFolder.deletingLastPathComponent()
        var count = 0
        for folder in [
            "Tests/Programs", "Tests/Fixtures/language/programs", "scripts/examples", "scripts/bench-programs",
        ] {
            let base = root.appendingPathComponent(folder)
            let walk = FileManager.default.enumerator(atPath: base.path)
            for case let path as String in walk ?? .init() where path.hasSuffix(".siam") && !path.hasPrefix("sick/") {
                // Two towers are what this one is about.
                if path.hasSuffix("unshared-towers.siam") { continue }
                let url = base.appendingPathComponent(path)
                let text = try String(contentsOf: url, encoding: .utf8)
                count += 1
                let lines = text.components(separatedBy: "\n")
                for d in findings(text, name: url.path) where d.severity != .note {
                    guard let place = d.labels.first?.place else { continue }
                    let line = place.source.position(place.span.start).line
                    // The errors that a program is there to show stand behind or below their lines.
                    let isWanted = lines[(line - 1)..<min(lines.count, line + 2)].contains {
                        $0.contains("# expect error:")
                    }
                    #expect(isWanted, "\(path):\(line): \(d.message)")
                }
            }
        }
        #expect(count > 150)
    }
}
