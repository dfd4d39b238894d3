import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamShapes
import Testing

/// Words from other libraries, help by other names, and what `check` says and does not say.
@Suite struct AdviceTests {
    private let session = ProgramTest.session(CapturedOutput())

    @Test(arguments: [
        ("cross entropy", "cross_entropy"), ("one hot", "one_hot"), ("mean squared error", "mse"),
        ("train test split", "split"), ("conv_2d", "conv"), ("fully_connected", "dense"), ("AdamOptimizer", "adam"),
        ("reduce_sum", "sum"), ("nearest neighbours", "nearest"), ("confusion matrix", "confusion"), ("lstm", "gru"),
        ("freeze layers", "freeze"), ("dot product", "dot"), ("gradient clipping", "gradient_clipping"),
        ("cross validation", "cross_validation"),
    ])
    func helpKnowsOtherNames(_ asked: String, _ name: String) {
        #expect(session.help(asked)?.name == name)
    }

    @Test func searchKnowsSynonyms() {
        #expect(session.search("early stopping").contains { $0.text.contains("break") })
        #expect(session.search("crossentropy").contains { $0.name == "cross_entropy" })
    }

    /// Every name that a word leads to is one of siam's, and no word of the table is one already.
    @Test func tableLeadsToWhatThereIs() {
        let all = session.help()
        let words = Set(all.map(\.name))
        let names = Set(all.filter { $0.kind != "word" }.map(\.name))
        let entries = ["conv_2d", "placeholder", "Session", "get_layer_output", "input_data", "max_pool_2d"]
        for word in entries { #expect(Foreign.word(word) != nil, "\(word)") }
        for word in Foreign.words {
            #expect(!names.contains(word), "\(word) is a name of siam")
            if let name = Foreign.word(word)?.name { #expect(words.contains(name), "\(word) leads to \(name)") }
        }
        #expect(Foreign.words.count > 300)
    }

    /// The code that a word's advice shows can be read, whatever it is part of.
    @Test func allCodeOfTheTablesReads() {
        for word in Foreign.words {
            if let says = Foreign.word(word)?.says { #expect(RepairCode.reads(says), "\(word): \(says)") }
        }
        #expect(!RepairCode.reads("give the range of a function as one argument:  plot(, x = [3, 4])"))
        #expect(RepairCode.reads("a layer is  layer gated(units) { ... }"))
        #expect(RepairCode.reads("all(...) where every element must hold, any(...) where one is enough"))
        #expect(RepairCode.reads("name the parts of a batch with as:  on batches(d, 32) as x, y"))
    }

    @Test func examplesTakeTheNamesOfTheProgram() {
        let own = ["net": "tower", "d": "test"]
        #expect(
            RepairCode.renamed("a d:  recall_at(1, net, d), d.x", own: { own[$0] })
                == "a d:  recall_at(1, tower, test), test.x")
        #expect(RepairCode.renamed("net:  net = net >> relu", own: { own[$0] }) == "net:  net = net >> relu")
        #expect(RepairCode.renamed("x:  load(\"net.npz\", net)", own: { own[$0] }) == "x:  load(\"net.npz\", tower)")
        #expect(RepairCode.renamed("x:  head = f(d.x)", own: { own[$0] }) == "x:  head = f(test.x)")
        #expect(RepairCode.renamed("x:  run.net(d.d)", own: { own[$0] }) == "x:  run.net(test.d)")
    }

    private func found(_ text: String) -> [String] {
        let (program, errors) = Parser.parse(Source(name: "a.siam", kind: .file, text: text))
        return (errors + session.findings(program)).map(\.code)
    }

    @Test func declaredKindsAreChecked() {
        #expect(found("net = dense(-3)").contains("argument.range"))
        #expect(found("net = dense(4, 8)").contains("argument.kind"))
        #expect(found("opt = sgd(0.1, 5)").contains("argument.range"))
        #expect(found("l = contrastive(zeros(2, 2), ones(2, 2), [1, 7])").contains("loss.same"))
        #expect(found("l = contrastive(zeros(2, 2), ones(2, 3), [1, 0])").contains("loss.shapes"))
        #expect(found("opt = adam(0)").contains("argument.unusual"))
        #expect(
            found("loss mine(a : rows, m : number > 0 = 1) = sum(a) * m\nmine(ones(2, 2), m = -1)").contains(
                "argument.range"))
        #expect(!found("l = contrastive(zeros(2, 2), ones(2, 2), [1, 0])").contains { $0.hasPrefix("argument") })
    }

    private func body(_ text: String, _ source: String = "pairs(digits(), 8) as a, b, same", length: String = "1 steps")
        -> [String]
    {
        found("net = flatten >> dense(4)\ntrain net on \(source) for \(length) using sgd(0.1) { minimize \(text) }")
    }

    @Test func partsOfABatchAreKnown() {
        #expect(body("cross_entropy(net(x), y)", "batches(digits(), 8)").isEmpty)
        #expect(!body("contrastive(net(a), net(b), same)", "pairs(digits(), 8)").contains("name.unknown"))
        let turned = body("triplet(net(a), net(p), net(n))", "triplets(digits(), 8) as a, n, p")
        #expect(turned.contains("train.order"))
        #expect(!body("triplet(net(x), net(y), net(z))", "triplets(digits(), 8) as x, y, z").contains("train.order"))
        #expect(body("contrastive(net(a), net(b), same)", length: "0 epochs").contains("train.length"))
        #expect(
            !found("train net on pairs(d, 8) for 10 iterations using sgd(1) { minimize l }").contains("train.nothing"))
    }

    /// What running says, `check` finds too.
    @Test func whatARunNeedsIsChecked() {
        let net = "net = flatten >> dense(10)\nd = digits()\n"
        func train(_ source: String, _ names: String, _ body: String, _ opt: String = "adam(0.1)") -> [String] {
            found(net + "train net on \(source) as \(names) for 1 steps using \(opt) { \(body) }")
        }
        let loss = "minimize cross_entropy(net(x), y)"
        #expect(train("batches(d, 8)", "x, y", loss).isEmpty)
        #expect(train("batches(d, 8)", "a, b, same", "minimize mse(net(a), net(b))").contains("train.names"))
        #expect(!train("batches(d.x, d.y, d.y)", "x, y, z", loss).contains("train.names"))
        #expect(train("batches(d, 8)", "x, y", loss, "adam").contains("train.optimizer"))
        #expect(train("batches(d, 8)", "x, y", loss, "\"adam\"").contains("train.optimizer"))
        #expect(train("batches(d, 8)", "x, y", "minimize accuracy(net(x), y)").contains("train.slopeless"))
        #expect(!train("batches(d, 8)", "x, y", loss + " * accuracy(net(x), y)").contains("train.slopeless"))
        #expect(train("batches(d, 8)", "x, y", loss + "; lr = 0.1").contains("train.setting"))
        #expect(!train("batches(d, 8)", "x, y", loss + "; lr = 0.1; print lr").contains("train.setting"))
        #expect(train("batches(d, 8)", "x, y", loss + "; report accuracy(net(x), y)").contains("report.kind"))
        let anew = "g = grad(cross_entropy(net(x), y), net); update(adam(0.1), net, g)"
        #expect(train("batches(d, 8)", "x, y", anew).contains("update.anew"))
    }

    @Test func stagesAndFilesThatAreNotThereAreFound() {
        #expect(found("net = dense(8) >> dense(2)\nprint net.dense3.w").contains("field.unknown"))
        #expect(!found("net = dense(8) >> dense(2)\nprint net.dense2.w").contains("field.unknown"))
        #expect(!found("layer t(dim) = dense(dim) >> relu\nprint t(3).dim").contains("field.unknown"))
        #expect(found("import \"nothere.siam\"").contains("import.missing"))
        #expect(found("import \"helpers.siam\"\nx = helpers.f(2)").contains("name.unknown"))
        // What a package of another library is given is no fault of siam's function of that name.
        #expect(found("net = dense(2)\ntorch.save(net, \"a.npz\")") == ["name.unknown"])
    }

    @Test func placesAndDrawsAreReadRight() {
        let net = "net = flatten >> dense(4)\nd = digits()\n"
        #expect(found(net + "mean(argmax(net(d.x)) == d.y)").contains("argmax.axis"))
        #expect(!found(net + "mean(argmax(net(d.x), axis = 1) == d.y)").contains("argmax.axis"))
        #expect(!found("contrastive(rand(2, 2), rand(2, 2), [1, 0])").contains("loss.same_input"))
        #expect(found("seed = 42\nrand(2)").contains("name.unused"))
        #expect(found(net + "bce_with_logits((net >> sigmoid)(d.x)[.., 0], d.y > 4)").contains("loss.squashed"))
    }

    /// What is near by its letters alone is not offered where the words have nothing to do with each other.
    @Test(arguments: ["clear", "stop", "train", "head", "vars"])
    func nearByChanceIsNotMeant(_ word: String) {
        #expect(meant(by: word, in: ["shear", "step", "trace", "heat", "var"])?.says.hasPrefix("Did you mean") != true)
    }

    @Test func towersInsideAFunctionAreSeen() {
        let text = """
            layer tower(d) = flatten >> dense(d)
            fn go() {
              left = tower(4)
              right = tower(4)
              train left, right on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) {
                minimize contrastive(left(a), right(b), same)
              }
            }
            go()
            """
        #expect(found(text).contains("towers.unshared"))
    }

    @Test func rootsAndAngles() {
        #expect(found("fn d(a, b) = sqrt(sum((a - b)^2, axis = -1))\nd([1], [2])").contains("distance.root"))
        #expect(!found("fn d(a, b) = sqrt(sum((a - b + 1e-6)^2, axis = -1))\nd([1], [2])").contains("distance.root"))
        #expect(found("fn d(a, b) = acos(dot(a, b))\nd([1], [2])").contains("angle.ends"))
        #expect(!found("fn d(a, b) = acos(clamp(dot(a, b), -0.9, 0.9))\nd([1], [2])").contains("angle.ends"))
    }

    /// A classifier and a head end as they like; an embedding does not.
    @Test func notesAreOfEmbeddingsAlone() {
        let head = """
            net = flatten >> dense(8) >> relu
            head = dense(1) >> sigmoid
            train net, head on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) {
              minimize bce(head(abs(net(a) - net(b))), same)
            }
            """
        #expect(!found(head).contains("embedding.activation"))
        let embedding = """
            net = flatten >> dense(8) >> relu
            train net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) {
              minimize contrastive(net(a), net(b), same)
            }
            """
        #expect(found(embedding).contains("embedding.activation"))
    }

    @Test func kindsReadAndSayThemselves() {
        let kind = Kind.read("number >= 0 usually > 0 or schedule").kind
        #expect(kind?.described == "a number >= 0, usually above 0, or a schedule")
        #expect(Kind.read("number >= 0 usually > 0 or schedule").kind?.text == "number >= 0 usually > 0 or schedule")
        #expect(Kind.read("whole >=1").kind?.alternatives.first?.bounds.first?.limit == 1)
        for wrong in ["", "int", "number >", "flags of", "number or", "flags a b"] {
            #expect(Kind.read(wrong).kind == nil, "\(wrong)")
        }
        let text = "fn f(a : rows, k : number > 0 = 1) = k * a\n"
        let (program, errors) = Parser.parse(Source(name: "a.siam", kind: .file, text: text))
        #expect(errors.isEmpty)
        #expect(Formatter.format(program) == text)
    }
}
