import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// A session that was ended is gone with all that it made: the doctor makes one a replay.
@Suite struct SessionLifeTests {
    private static let train = """
        seen, unseen = split(blobs(60), 0.5)
        net = dense(8) >> relu >> dense(4)
        run = train net on pairs(seen, 8) as a, b, same for 4 steps using adam(0.01) {
          minimize contrastive(net(a), net(b), same)
        }

        """

    @Test(arguments: [
        "1 + 1", "x = randn(3, 3)", "fn f(x) = x + 1\nf(2)", "f = x -> x + 1\nf(2)",
        "layer t(d) = dense(d) >> relu\nn = t(3)\nn(ones(2, 2))",
        "fn outer(k) { fn inner(x) = x * k\n inner }\ng = outer(3)\ng(2)", train,
        train
            + "for i in 0..2 { a, b, same = pairs(seen, 8).next()\n l = contrastive(net(a), net(b), same)\n update(adam(0.1), net, grad(l, net)) }",
    ])
    func goesWithItsHolder(_ program: String) throws {
        for ends in [true, false] { try trial(program, ends: ends) }
    }

    private func trial(_ program: String, ends: Bool) throws {
        weak var left: Session?
        weak var names: Globals?
        do {
            let session = ProgramTest.session(CapturedOutput())
            (left, names) = (session, session.globals)
            try session.run(Source(name: "life", kind: .file, text: program))
            if ends { session.end() }
        }
        #expect(left == nil, "session")
        #expect(names == nil, "its names")
    }
}
