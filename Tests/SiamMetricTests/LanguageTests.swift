import Foundation
import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamTensor
import Testing

@Suite struct LossLanguageTests {
    private func run(_ text: String) throws -> [String] {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        do { try session.run(Source(name: "test", kind: .file, text: text)) } catch { throw session.describe(error) }
        return output.take()
    }

    private func fails(_ text: String) -> String {
        do {
            _ = try run(text)
            return ""
        } catch { return (error as? Diagnostic)?.message ?? "\(error)" }
    }

    /// A new loss is added to the list of its kind too, or the checks do not know it.
    @Test func lossesAreListedByWhatTheyTake() {
        for d in Prelude.definitions where d.role == "loss" {
            // What stands before the colons of the parameters.
            let parameters = Set(
                d.signature.split { "(,".contains($0) }.dropFirst().compactMap {
                    $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }.first.map(String.init)
                })
            let list =
                parameters.contains("same")
                ? LossNames.ofPairs
                : parameters.isSuperset(of: ["a", "p", "n"])
                    ? LossNames.ofTriplets
                    : !parameters.isDisjoint(with: ["target", "t"]) && d.name != "uniformity"
                        ? LossNames.ofTargets : LossNames.ofBatches.union(LossNames.ofViews)
            // Of one embedding, or of positive pairs alone: parts of a loss.
            if ["uniformity", "alignment"].contains(d.name) { continue }
            #expect(list.contains(d.name), "\(d.name) is missing from LossNames")
        }
    }

    /// The `>>>` lines of the prelude's help.
    static let examples = Prelude.definitions.flatMap { d in
        d.help.split(separator: "\n").filter { $0.hasPrefix(">>> ") }.map { "\($0.dropFirst(4))" }
    }
    @Test(arguments: examples)
    func exampleOfTheHelpRuns(_ text: String) throws {
        let lines = try run(text)
        #expect(!lines.isEmpty && lines != ["false"], "\(text) gives \(lines)")
    }

    /// Every loss says what it computes, where it comes from or what it is, and shows an example.
    @Test func everyLossHasItsFormulaAndAnExample() {
        let layers = [
            "koch_head", "margin_loss", "proxy_nca", "proxy_anchor", "cosface", "arcface", "sphereface", "center_loss",
        ]
        #expect(Prelude.definitions.count { layers.contains($0.name) } == layers.count)
        for d in Prelude.definitions where d.role == "loss" || layers.contains(d.name) {
            #expect(d.help.contains(">>> "), "\(d.name) has no example")
            let first = d.help.split(separator: "\n").first ?? ""
            #expect(first.contains { "=+-/^|(".contains($0) }, "\(d.name) begins without a formula")
        }
    }

    /// What a collapsed embedding really scores is what the help says.
    @Test(arguments: [
        ("contrastive", ""), ("batch_hard", ""), ("batch_all", ""), ("supcon", ""),
        ("nt_xent", ""), ("nca", ""), ("lifted_structure", ""), ("angular", ""), ("uniformity", ""), ("triplet", ""),
        ("soft_margin_triplet", ""), ("multi_similarity", ""), ("circle", ""), ("semi_hard", ""), ("double_margin", ""),
        ("cosine_contrastive", ""), ("chopra", ""), ("margin_loss()", ""),
    ])
    func collapsedPlateauIsWhatACollapsedBatchScores(_ name: String, _ settings: String) throws {
        let arguments = name == "uniformity" ? "z" : "z, y"
        let lines = try run(
            """
            z = ones(16, 4)
            y = tensor([k % 4 for k in 0..16])
            share = sum(positives(y)) / (16 * 15)
            wanted = plateaus(\(name.filter { $0 != "(" && $0 != ")" }), share = number(share), batch = 16, classes = 4, each = 4).collapsed
            print(close(\(name)(\(arguments)), wanted, tol = 1e-4), \(name)(\(arguments)), wanted)
            """)
        #expect(lines.first?.hasPrefix("true") == true, "\(name): \(lines)")
    }

    @Test func plateausAreThoseOfTheTable() throws {
        #expect(
            try run("print(plateaus(contrastive), plateaus(triplet, margin = 0.5).collapsed)")
                == ["{collapsed: 0.5, constant: 0.25} 0.5"])
        #expect(try run("print(plateaus(bce).constant)").first?.hasPrefix("0.693147") == true)
        #expect(try run("print(plateaus(n_pair, batch = 64).constant)").first?.hasPrefix("4.158883") == true)
        #expect(fails("fn f(x) = x\nplateaus(f)").contains("no") || fails("plateaus(3)").contains("loss"))
    }

    /// Class vectors orthogonal to the one point that all embeddings are: every cosine 0.
    @Test(arguments: ["arcface", "cosface", "sphereface", "proxy_anchor", "proxy_nca"])
    func collapsedPlateauOfALossWithLearntPartsIsItsValueAtEqualCosines(_ name: String) throws {
        let lines = try run(
            """
            z = 1e-3 * tensor([[1, 0, 0, 0, 0] for _ in 0..8])
            y = tensor([k % 4 for k in 0..8])
            head = \(name)(4)
            head(z, y)
            side = gather(eye(5, 5), [1, 2, 3, 4], axis = 0)
            if "\(name)"[0..5] == "proxy" { head.proxies = side } else { head.w = side }
            wanted = plateaus(\(name), batch = 8, classes = 4, each = 2).collapsed
            print(close(head(z, y), wanted, tol = 0.003 * wanted), head(z, y), wanted)
            """)
        #expect(lines.last?.hasPrefix("true") == true, "\(name): \(lines)")
    }

    /// No constant distance does better than the `constant` that the help gives.
    @Test(arguments: [
        ("contrastive", "[[0]] * ones(10, 1), [[d]] * ones(10, 1), same"),
        ("double_margin", "[[0]] * ones(10, 1), [[d]] * ones(10, 1), same"), ("mse", "d * ones(10), same"),
        ("mae", "d * ones(10), same"), ("huber", "d * ones(10), same"), ("bce", "d * ones(10), same"),
        ("hinge", "(3 * d - 1) * ones(10), 2 * same - 1"),
    ])
    func constantPlateauIsTheBestConstant(_ name: String, _ arguments: String) throws {
        let lines = try run(
            """
            same = tensor([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
            tried = [k / 1000 for k in 0..1001]
            found = min(tensor([number(\(name)(\(arguments))) for d in tried]))
            wanted = plateaus(\(name), share = 0.3).constant
            print(close(found, wanted, tol = 1e-3), found, wanted)
            """)
        #expect(lines.first?.hasPrefix("true") == true, "\(name): \(lines)")
    }

    /// A dead tower gives zeros: no distance and no loss may answer with a gradient that ends the training.
    @Test(arguments: [
        "squared(z, x)", "euclidean(z, x)", "manhattan(z, x)", "chebyshev(z, x)", "minkowski(z, x)", "cosine(z, x)",
        "dot(z, x)", "snr(z, x)", "pairwise(cosine, z, x)", "l2norm(z)", "supcon(z, y)", "nt_xent(z, y)",
        "circle(z, y)",
        "angular(z, y)", "multi_similarity(z, y)", "margin_loss()(z, y)", "arcface(2)(z, y)", "sphereface(2)(z, y)",
        "proxy_nca(2)(z, y)", "alignment(z, x)", "uniformity(z)", "contrastive(z, x, y)", "double_margin(z, x, y)",
        "cosine_contrastive(z, x, y)", "chopra(z, x, y)", "koch_head()(z, x)", "triplet(z, y)",
        "soft_margin_triplet(z, y)", "batch_hard(z, y)", "batch_hard(z, y, soft = true)", "batch_all(z, y)",
        "semi_hard(z, y)", "lifted_structure(z, y)", "n_pair(z, x)", "nca(z, y)", "barlow_twins(z, x)", "vicreg(z, x)",
        "center_loss(2)(z, y)", "cosface(2)(z, y)", "proxy_anchor(2)(z, y)",
    ])
    func gradientsAtZeroAreSmall(_ text: String) throws {
        let lines = try run(
            """
            seed 4
            x = randn(4, 3)
            y = [0, 0, 1, 1]
            z = track(zeros(4, 3))
            g = max(abs(grad(sum(\(text)), z)))
            print(g < 1e3, g)
            """)
        #expect(lines.first?.hasPrefix("true") == true, "\(text): \(lines)")
    }

    /// A number that looks like one would be believed: nan, and a warning that says why. One cell of a sweep must not end
    /// the others.
    @Test(arguments: [
        ("auc(z, y)", "auc is nan: 2 of 4 embeddings are not finite"),
        ("recall_at(1, z, y)", "recall_at is nan: 2 of 4 embeddings are not finite"),
        ("map_at_r(z, y)", "map_at_r is nan: 2 of 4 embeddings are not finite"),
        ("mrr(z, y)", "mrr is nan: 2 of 4 embeddings are not finite"),
        ("pair_accuracy(z, y)", "pair_accuracy is nan: 2 of 4 embeddings are not finite"),
        ("eer(z, y)", "eer is nan: 2 of 4 embeddings are not finite"),
        ("silhouette(z, y)", "silhouette is nan: 2 of 4 embeddings are not finite"),
        ("nmi(z, y)", "nmi is nan: 2 of 4 embeddings are not finite"),
        ("few_shot(z, y, ways = 2)", "few_shot is nan: 2 of 4 embeddings are not finite"),
        ("effective_rank(z)", "effective_rank is nan: 2 of 4 embeddings are not finite"),
        ("hubness(z, k = 1)", "hubness is nan: 2 of 4 embeddings are not finite"),
        ("auc([1, nan, 2], [1, 0, 1])", "auc is nan: 1 of 3 numbers are not finite"),
        ("auc([1, 2], [1, 1])", "auc is nan: all 2 pairs are positive"),
        ("eer([1, 2], [0, 0])", "eer is nan: all 2 pairs are negative"),
        ("recall_at(1, eye(3, 3), [0, 1, 2])", "recall_at is nan: none of 3 examples has another of its class"),
        ("silhouette(eye(3, 3), [1, 1, 1])", "silhouette is nan: all 3 examples are of one class"),
        (
            "auc(sick, d, baseline = true).net",
            "auc is nan: 60 of 60 embeddings are not finite"
        ),
    ])
    func whatCannotBeMeasuredIsNanAndSaysWhy(_ text: String, _ reason: String) throws {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        let program = """
            seed 1
            d = blobs(60)
            z, y = [[[0, 1], [nan, 2], [1, inf], [3, 3]], [0, 0, 1, 1]]
            sick = dense(2)
            first = sick(d.x)
            sick.w = sick.w + nan
            score = \(text)
            print(score)
            """
        do { try session.run(Source(name: "test", kind: .file, text: program)) } catch { throw session.describe(error) }
        #expect(output.lines == ["nan"])
        #expect(output.diagnostics.map(\.message) == [reason])
        #expect(output.diagnostics.allSatisfy { $0.severity == .warning })
    }

    @Test func placesOfRowsThatAreNotFiniteAreRefused() {
        #expect(
            fails("kmeans([[nan, 1], [2, 3]], 1)")
                == "kmeans expects finite numbers for x, and 1 of 2 embeddings are not finite")
        #expect(fails("nearest([[1, 1]], [[inf, 1], [2, 3]])").hasPrefix("nearest expects finite numbers for z"))
    }

    @Test func oneClassHasNoNegativeDistance() throws {
        let lines = try run(
            """
            print(class_distances([[0, 0], [3, 4]], [2, 2]), class_distances([[0, 0], [3, 4]], [0, 1]).positive)
            print(neural_collapse([[0, 0], [3, 4]], [0, 0]))
            """)
        #expect(
            lines == [
                "{positive: 5, negative: nan, separation: nan} nan", "{cosine: nan, ideal: nan, within_between: nan}",
            ])
    }

    @Test func weightedTripletsAreTriplets() throws {
        let lines = try run(
            """
            seed 5
            z = l2norm(randn(12, 3))
            y = tensor([k % 3 for k in 0..12])
            d = pairwise(euclidean, z, z)
            a, p, n = distance_weighted_triplets(d, y, 3)
            print(all(gather(y, a) == gather(y, p)), all(gather(y, a) != gather(y, n)), all(tensor(a) != tensor(p)))
            print(max(tensor([d[a[k], n[k]] for k in 0..len(a)])) <= 1.4, len(a) > 20)
            for y in [zeros(4), range(0, 4)] { print(len(distance_weighted_triplets(d[0..4, 0..4], y, 3)[0])) }
            """)
        #expect(lines == ["1 1 1", "true true", "0", "0"])
    }

    @Test func batchesOfOneOrNoneAreNoTrap() throws {
        let lines = try run(
            """
            one, none_at_all = [ones(1, 3), zeros(0, 3)]
            print(uniformity(one), uniformity(none_at_all), n_pair(none_at_all, none_at_all))
            print(is_nan(vicreg(one, one)), vicreg(one, one), supcon(one, [0]), batch_hard(one, [0]), triplet(one, [0]))
            """)
        #expect(lines == ["0 0 0", "0 24.75 0 0 0"])
    }

    /// `?losses` lists the losses, and `?infonce` finds what it is called here.
    @Test func helpIsFoundByFamilyAndByOtherNames() {
        let session = ProgramTest.session(CapturedOutput())
        let losses = session.search("losses").map(\.name)
        for name in ["contrastive", "triplet", "supcon", "arcface", "hinge"] {
            #expect(losses.contains(name), "\(name)")
        }
        #expect(!losses.contains("digits"))
        #expect(session.search("mining").contains { $0.name == "hard_triplets" })
        #expect(session.search("npair").contains { $0.name == "n_pair" })
        #expect(fails("infonce(1, 2)") != "" && meant(by: "infonce", in: [])?.name == "nt_xent")
        let known = Set(session.help().map(\.name))
        for other in ["triplet_loss", "npairs", "xbm", "recall_at_k", "mean_ap", "knn", "f1_score", "cdist", "l2"] {
            #expect(meant(by: other, in: []).map { known.contains($0.name ?? "") } == true, "\(other)")
        }
    }

    @Test func activeShareIsReportedInTraining() throws {
        let lines = try run(
            """
            seed 3
            d = blobs(60, classes = 3)
            net = dense(4)
            run = train net on balanced(d, 3, 4) as x, y for 5 steps using adam(0.01) { minimize batch_all(net(x), y) }
            print(len(run.active), 0 <= run.active.last, run.active.last <= 1)
            print(active_share(batch_all, [[0], [0], [9]], [0, 0, 1]))
            """)
        #expect(lines == ["5 true true", "0"])
    }

    /// The loss that most begin with is computed in one pass where it can be: it reports what its text does.
    @Test func contrastiveReportsItsActiveShareInOnePassToo() throws {
        let lines = try run(
            """
            seed 3
            loss mine(a, b, same) {
              d = euclidean(a, b)
              mean(active(same * d^2 + (1 - same) * relu(1 - d)^2))
            }
            fn trained(f) {
              seed 4
              net = dense(4)
              train net on pairs(blobs(60, classes = 3), 8) as a, b, same for 5 steps using adam(0.1) {
                minimize f(net(a), net(b), same)
              }
            }
            print(all(tensor([x for x in trained(contrastive).active]) == tensor([x for x in trained(mine).active])), len(trained(contrastive).active))
            a, b = [[[0.0], [0], [0]], [[0.0], [0.5], [3]]]
            print(active_share(contrastive, tensor(a), tensor(b), tensor([1, 0, 0])))
            """)
        #expect(lines == ["1 5", "0.3333333333333333"])
    }

    @Test func lossesWithLearntPartsLearn() throws {
        for loss in [
            "proxy_nca(3)", "proxy_anchor(3)", "cosface(3, scale = 8)", "arcface(3, scale = 8)",
            "sphereface(3, margin = 2)",
            "margin_loss()",
        ] {
            let lines = try run(
                """
                seed 4
                d = blobs(90, classes = 3, dim = 4)
                net = dense(4)
                head = \(loss)
                run = train net, head on balanced(d, 3, 8) as x, y for 80 steps using adam(0.02) { minimize head(net(x), y) }
                print(run.loss[-10..].mean() < run.loss[0..5].mean())
                """)
            #expect(lines == ["true"], "\(loss): \(lines)")
        }
    }

    @Test func memoryHandsOnEarlierBatches() throws {
        let lines = try run(
            """
            m = cross_batch(3)
            t = training(m)
            a, b = t([[1, 1], [2, 2]], [0, 1])
            a, b = t([[3, 3], [4, 4]], [2, 3])
            print(b)
            a, b = t([[5, 5]], [4])
            print(b, a[1])
            print(len(m([[9, 9]], [7])[1]))
            """)
        #expect(lines == ["[2, 3, 0, 1]", "[4, 2, 3, 0] [3, 3]", "4"])
    }

    @Test func weightedDrawsRepeatWithTheSeed() throws {
        let text = """
            seed 5
            z = l2norm(randn(12, 3))
            y = tensor([k % 3 for k in 0..12])
            d = pairwise(euclidean, z, z)
            seed 9
            print(distance_weighted_triplets(d, y, 3)[2])
            """
        let once = try run(text)
        #expect(once == (try run(text)))
        #expect(once.first?.count ?? 0 > 20)
    }

    @Test func wrongShapesAreErrorsInWords() {
        #expect(fails("hard_triplets(zeros(3, 2), [0, 1, 2])").contains("3x3"))
        #expect(fails("few_shot(randn(4, 2), [0, 0, 1, 1], ways = 5)").contains("5 classes"))
        #expect(fails("kmeans([[1, 2]], 3)").contains("1 to 1"))
        #expect(fails("map_at_r(randn(4, 2), [0, 1])").contains("2 class numbers"))
        #expect(fails("all_triplets(zeros(5000))").contains("too many"))
        #expect(fails("save(3 -> 4, \"x.npz\")") != "")
    }

    @Test func baselineShowsTheUntrainedNetAndTheInputs() throws {
        let lines = try run(
            """
            seed 2
            seen, unseen = split(digits(), 0.8)
            net = flatten >> dense(32) >> relu >> dense(8)
            before = net(unseen.x)
            b = map_at_r(net, unseen, baseline = true)
            print(keys(b), b.raw > 0.3, b.untrained > 0.05, b.net == map_at_r(net, unseen))
            """)
        #expect(lines == ["[\"net\", \"untrained\", \"raw\"] true true true"])
    }

    @Test func wilsonIsThePublishedInterval() throws {
        #expect(
            try run("w = wilson(0.9, 400)\nprint(close(w[0], 0.8667, 1e-4), close(w[1], 0.9258, 1e-4))") == [
                "true true"
            ])
    }

    @Test func augmentationsComposeAndRepeat() throws {
        let lines = try run(
            """
            seed 1
            d = digits().sample(100)
            s = pairs(d, 8, augment = shift(1) >> rotate(10) >> noise(0.1) >> flip)
            a, b, same = s.next()
            t = pairs(d, 8, augment = [scale(1.2), shear(8), elastic(2, 2), cutout(3), mirror()])
            c = t.next()
            print(a.shape, c[0].shape, shift(1)(d.x[0..2]).shape)
            u = pairs(d, 8, augment = x -> 2 * x)
            print(max(u.next()[0]) > 1)
            """)
        #expect(lines == ["[8, 8, 8, 1] [8, 8, 8, 1] [2, 8, 8, 1]", "true"])
    }

    @Test func netsDataAndTensorsComeBackFromFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-metric-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let lines = try run(
            """
            seed 6
            x = randn(5, 3)
            for ending in ["npz", "safetensors"] {
              net = dense(4) >> batchnorm >> dense(2)
              training(net)(x)
              save(net, "\(folder.path)/net." + ending)
              other = dense(4) >> batchnorm >> dense(2)
              other(x)
              load("\(folder.path)/net." + ending, other)
              print(max(abs(net(x) - other(x))), keys(load("\(folder.path)/net." + ending))[0])
              save(digits()[0..20], "\(folder.path)/d." + ending)
              print(len(load("\(folder.path)/d." + ending)))
              save(dataset(x, [0, 1, 0, 1, 1], names = ["cat", "dog"]), "\(folder.path)/n." + ending)
              print(load("\(folder.path)/n." + ending).names)
              save({w: x, title: "two words", kinds: ["a", "b"]}, "\(folder.path)/r." + ending)
              r = load("\(folder.path)/r." + ending)
              print(r.title, r.kinds, max(abs(r.w - x)))
            }
            save(x, "\(folder.path)/x.npy")
            print(max(abs(npy("\(folder.path)/x.npy") - x)))
            """)
        let once = ["0 dense1.w", "20", "[\"cat\", \"dog\"]", "two words [\"a\", \"b\"] 0"]
        #expect(lines == once + once + ["0"])
    }

    @Test func glyphsAreDrawnOnDemand() throws {
        #expect(try run("g = glyphs(5, each = 3)\nprint(len(g), g.x.shape, len(g.names))") == ["15 [15, 28, 28, 1] 5"])
    }

    /// What drawn characters teach serves for real handwriting: one-shot runs of alphabets that the net has never seen.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["SIAM_DATA"] != nil, "SIAM_DATA names no folder of data sets"))
    func glyphsTransferToHandwriting() throws {
        let lines = try run(
            """
            seed 5
            drawn = glyphs(100, each = 10)
            trials = one_shot_runs(data("omniglot/one-shot"))
            net = conv(8, 3) >> relu >> maxpool(2) >> conv(16, 3) >> relu >> maxpool(2) >> flatten >> dense(32) >> l2norm
            run = train net on balanced(drawn, classes = 12, each = 4) as x, y for 100 steps using adam(0.003) {
              minimize supcon(net(x), y)
            }
            score = one_shot(net, trials, baseline = true)
            print(score.net > score.untrained + 0.05, score.net > score.raw + 0.05, score.net, score.untrained, score.raw)
            """)
        #expect(lines.first?.hasPrefix("true true") == true, "\(lines)")
    }

    @Test func tsneKeepsCloudsApart() throws {
        let lines = try run(
            """
            seed 3
            d = blobs(90, classes = 3, dim = 8, spread = 0.3)
            y = tsne(d.x, perplexity = 10)
            print(y.shape, recall_at(1, y, d.y) > 0.95, silhouette(y, d.y) > 0.5)
            """)
        #expect(lines.first?.hasPrefix("[90, 2] true true") == true, "\(lines)")
    }
}
