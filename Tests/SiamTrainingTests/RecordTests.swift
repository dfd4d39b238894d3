import SiamGradient
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// What a run measures of itself.
@Suite struct RecordTests {
    private let text = """
        seed 6
        d = digits().sample(100)
        net = flatten >> dense(12) >> relu >> dense(5) >> tanh
        run = train net on pairs(d, 8) as a, b, same for 30 steps using sgd(0.1, momentum = 0.9) {
          minimize contrastive(net(a), net(b), same)
        }
        """

    @Test func theFirstSampleIsWhatTheDefinitionsSay() throws {
        let session = session()
        try session.siam(text)
        let run = try session.theRun()
        #expect(run.record.samples.map(\.step) == [1, 2, 3, 5, 8, 13, 20, 25])
        #expect(run.record.stagePaths == ["flatten1", "dense1", "relu1", "dense2", "tanh1"])
        #expect(run.record.weightPaths == ["dense1.w", "dense1.b", "dense2.w", "dense2.b"])
        // The same step by hand: back to the start, where the net has no shapes yet, and on with the same draws.
        try session.siam(
            """
            rewind(run, 30);
            a, b, same = run.source.next()
            h = net[0..2](concatenate(a, b))
            r = relu(h)
            z = net[2..5](r)
            za, zb = [net(a), net(b)]
            g = grad(contrastive(za, zb, same), net)
            w = net.dense1.w + 0
            """)
        func number(_ code: String) throws -> Double {
            guard let t = Interpreter.tensor(try session.evaluate(code)), t.count == 1 else { return .nan }
            return t.item
        }
        let sample = run.record.samples.first
        #expect(sample == nil, "going back lets go of what was measured since")
        let whole = SiamTrainingTests.session()
        try whole.siam(text)
        let first = try #require(try whole.theRun().record.samples.first)
        func stage(_ path: String) throws -> RunRecord.Stage { try #require(first.stages.first { $0.path == path }) }
        func close(_ a: Float?, _ code: String) throws {
            let (x, y) = (Double(try #require(a)), try number(code))
            #expect(abs(x - y) <= 1e-4 * max(1, abs(y)), "\(code): \(x) against \(y)")
        }
        try close(try stage("dense1").mean, "mean(h)")
        try close(try stage("dense1").sd, "std(h)")
        try close(try stage("relu1").zeros, "mean(r == 0)")
        try close(try stage("relu1").dead, "mean(sum(r, axis = 0) == 0)")
        try close(try stage("tanh1").spread, "sqrt(mean(sum((z - mean(z, axis = 0))^2, axis = 1)))")
        try close(first.spread, "sqrt(mean(sum((z - mean(z, axis = 0))^2, axis = 1)))")
        try close(first.pairs?.same, "sum(same * euclidean(za, zb)) / sum(same)")
        try close(first.pairs?.different, "sum((1 - same) * euclidean(za, zb)) / sum(1 - same)")
        try close(first.pairs?.farthest, "max((1 - same) * euclidean(za, zb))")
        try close(first.batch?.mean, "mean(a)")
        try close(first.batch?.sd, "std(a)")
        try close(first.batch?.same, "mean(same)")
        let weight = try #require(first.weights.first)
        try close(weight.norm, "sqrt(sum(w^2))")
        try close(weight.gradient, "sqrt(sum(g.dense1.w^2))")
        try close(weight.update, "0.1 * sqrt(sum(g.dense1.w^2))")
        #expect(first.width == 5)
        #expect(first.batch?.rows == 8)
    }

    @Test func theLanguageReadsIt() throws {
        let output = CapturedOutput()
        let session = session(output)
        try session.siam(text)
        try session.siam(
            """
            expect len(run.stages.dense1.sd) == 8
            expect run.weights.dense1.w.ratio.last == trace(run).dense1.w.ratio
            expect trace(run, 13).relu1.zeros == run.stages.relu1.zeros[5]
            expect run.update_ratio[0] == max([run.weights.dense1.w.ratio[0], run.weights.dense2.w.ratio[0]])
            expect len(run.spread) == 8 and len(run.distances.same) == 8
            expect run["update_ratio"] == run.update_ratio
            trace run
            """)
        let lines = output.take()
        #expect(lines.first?.hasPrefix("step 25, loss ") == true)
        #expect(lines.contains { $0.hasPrefix("dense1.w ") })
    }

    @Test func severalNetsAreToldApart() throws {
        let session = session()
        try session.siam(
            """
            d = digits().sample(60)
            f = flatten >> dense(4)
            g = flatten >> dense(4)
            run = train f, g on pairs(d, 8) as a, b, same for 2 steps using sgd(0.1) {
              minimize contrastive(f(a), g(b), same)
            }
            """)
        let record = try session.theRun().record
        #expect(record.stagePaths == ["f.flatten1", "f.dense1", "g.flatten1", "g.dense1"])
        #expect(record.weightPaths == ["f.dense1.w", "f.dense1.b", "g.dense1.w", "g.dense1.b"])
        #expect(record.samples.first?.pairs?.same != nil)
    }

    @Test func oddNetsAreMeasuredToo() throws {
        let session = session()
        try session.siam(
            """
            d = digits().sample(60)
            net = siamese(conv(4) >> relu >> maxpool(2) >> flatten >> dense(3))
            run = train net on pairs(d, 8) as a, b, same for 3 steps using adam(0.01) {
              d = net(a, b)
              minimize mean(same * d^2 + (1 - same) * relu(1 - d)^2)
            }
            one = dense(1)
            line = train one on batches(randn(9, 1), randn(9), batch = 3) as x, y for 3 steps using adam(0.01) {
              minimize mse(one(x)[.., 0], y)
            }
            custom = residual(4) >> fn1
            """.replacing("custom = residual(4) >> fn1", with: ""))
        let record = try session.theRun().record
        #expect(record.samples.last?.width == 3)
        #expect(record.samples.last?.pairs?.different != nil)
        #expect(record.stagePaths.contains("tower.dense1"))
        #expect(try session.theRun("line").record.stagePaths == ["dense"])
    }

    /// A measured step takes `dense >> relu` apart: that must not change a bit of the run.
    @Test func takingAnActivationApartChangesNoBit() throws {
        var stream = RandomStream(seed: 3)
        for word in ["relu", "tanh", "sigmoid"] {
            let x = try Draw.uniform(try Shape([33, 20]), from: -1, to: 1, &stream, .single).tracked()
            let w = try Draw.uniform(try Shape([20, 17]), from: -1, to: 1, &stream, .single).tracked()
            let b = try Draw.uniform(.vector(17), from: -1, to: 1, &stream, .single).tracked()
            let c = try Draw.uniform(try Shape([33, 17]), from: -1, to: 1, &stream, .single)
            let op = try #require(Operators.named(word))
            let joined = try Operators.affine(x, w, b, [.text(word)])
            let apart = try op.apply([try Operators.affine(x, w, b, [.text("none")])])
            #expect(joined.floats.map(\.bitPattern) == apart.floats.map(\.bitPattern), "\(word)")
            let (p, q) = (
                try gradients(of: try Operators.sum(try Operators.multiply(joined, c)), at: [x, w, b]),
                try gradients(of: try Operators.sum(try Operators.multiply(apart, c)), at: [x, w, b])
            )
            for (l, r) in zip(p, q) {
                #expect(l?.floats.map(\.bitPattern) == r?.floats.map(\.bitPattern), "\(word)")
            }
        }
    }

    @Test func numbersThatAreNotFiniteAreCountedAndLeftOut() throws {
        for width in [3, 16] {
            var values = (0..<4 * width).map { Float($0 % 5) }
            values[1] = .nan
            values[width + 2] = .infinity
            var meter = StageMeter(path: "p", kind: "relu")
            meter.add(try Tensor(try Shape([4, width]), values))
            let figures = meter.figures
            let finite = values.filter(\.isFinite)
            #expect(figures.notFinite == 2)
            #expect(abs(figures.mean - finite.reduce(0, +) / Float(finite.count)) < 1e-5)
            #expect(abs(figures.zeros - Float(finite.count { $0 == 0 }) / Float(finite.count)) < 1e-6)
        }
    }

    @Test func aLongSeriesKeepsOneValueInSoMany() {
        var series = Run.Series()
        for step in 1...9 { series.add(Double(step) / 2, step) }
        series.thin(to: 1)
        #expect(series.values.count == 9)
        series.thin(to: 2)
        #expect(series.steps == [2, 4, 6, 8])
        #expect(series.values == [1, 2, 3, 4])
        series.add(5, 10)
        series.thin(to: 2)
        #expect(series.steps == [2, 4, 6, 8, 10])
        series.thin(to: 4)
        #expect(series.steps == [4, 8])
    }
}
