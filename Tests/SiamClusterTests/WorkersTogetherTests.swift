import Foundation
import Testing

/// Several processes of the binary at one study, and at one run.
@Suite(.serialized) struct WorkersTogetherTests {
    /// scripts/cluster/kills does the same with 30 kills and 60 combinations.
    @Test func killedWorkersLoseNothing() throws {
        guard isThere("python3") else {
            print("kills of workers are not tried: it takes python3")
            return
        }
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let program = """
                layer tower(dim) = dense(24) >> relu >> dense(dim)
                d = dataset(rand(64, 8), range(64) % 4)
                t = sweep dim in [2, 4], lr in [0.001, 0.01], trial in range(5) {
                  net = tower(dim)
                  run = train net on pairs(d, 16) as a, b, same for 600 steps using adam(lr) { minimize contrastive(net(a), net(b), same) }
                  report loss = run.loss[-1]
                  print "dim {dim}, lr {lr}, trial {trial}"
                }
                print sum(t.loss)
                """
            let path = folder + "/study.siam"
            try Data(program.utf8).write(to: URL(fileURLWithPath: path))
            let o = try run(
                root.appendingPathComponent("scripts/cluster/kills").path,
                ["--siam", siam, "--workers", "3", "--kills", "5", "--seed", "1", "--store", folder + "/results", path])
            #expect(o.status == 0, "\(o.out)\(o.error)")
            #expect(o.out.contains("20 combinations"))
        }
    }

    @Test func onlyTheFirstWorkerPrints() throws {
        try withFolder { folder in
            let code = ["--store", folder, "-e", "t = sweep k in [1, 2] { report x = k }; print sum(t.x)"]
            let first = try run(siam, code, ["OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"])
            #expect(first.out == "3\n")
            let second = ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"]
            let other = try run(siam, code, second)
            #expect(other.out.isEmpty && other.status == 0)
            #expect(other.error == "worker 2 of 2 (Open MPI): worker 1 prints\n")
            #expect(try run(siam, ["--prints"] + code, second).out == "3\n")
            #expect(try run(siam, ["--quiet"] + code).out.isEmpty)
            let view = try run(siam, ["store", folder])
            #expect(view.status == 0 && view.out.contains("done     2  100 %"), "\(view.out)")
        }
    }

    private static let training = """
        seed 1
        d = dataset(rand(60, 6, 6, 1), range(60) % 3)
        net = conv(4, 3) >> batchnorm() >> relu >> flatten >> dense(8) >> dropout(0.3) >> dense(4)
        run = train net on pairs(d, 20) as a, b, same for 12 steps using adam(0.01) {
          minimize contrastive(net(a), net(b), same)
          report size = mean(net(a)^2)
          every 4 steps { report held = mean(net(d.x)) }
        }
        print run.loss, run.size, run.held
        print sum(net(d.x)), rand(2)
        """

    /// The blocks and their tree are the same on one process; a batch of 20 does not divide by 8.
    @Test func processesGiveEqualBits() throws {
        let alone = try run(siam, ["--data-parallel", "-e", Self.training])
        #expect(alone.status == 0, "\(alone.error)")
        #expect(try run(siam, ["--data-parallel", "--threads", "1", "-e", Self.training]).out == alone.out)
        guard isThere("mpirun"), isThere("mpicc") else {
            print("training on several processes is not tried: it takes openmpi-bin and libopenmpi-dev")
            return
        }
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let library = folder + "/libsiam_mpi.so"
            let built = try run(
                "mpicc",
                [
                    "-shared", "-fPIC", "-O1", root.appendingPathComponent("scripts/cluster/siam_mpi.c").path, "-o",
                    library,
                ])
            #expect(built.status == 0, "\(built.error)")
            let allowed = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "SIAM_MPI": library]
            for n in [2, 3, 4, 5] {
                let o = try run(
                    "mpirun",
                    [
                        "--oversubscribe", "--bind-to", "none", "-n", "\(n)", siam, "--threads", "1", "--data-parallel",
                        "-e", Self.training,
                    ],
                    allowed)
                #expect(o.out == alone.out, "\(n) processes: \(o.error)")
            }
            let few = ["--oversubscribe", "-n", "3", siam, "--data-parallel", "--blocks", "2", "-e", "1"]
            let three = try run("mpirun", few, allowed)
            #expect(three.status != 0 && three.error.contains("a batch of 2 blocks is shared by"), "\(three.error)")
            #expect(three.error.contains("--blocks 4"), "\(three.error)")
        }
    }

    @Test func aLossThatComparesRowsIsNamed() throws {
        let o = try run(
            siam,
            [
                "--data-parallel", "-e",
                "d = dataset(rand(64, 6), range(64) % 4); net = dense(4)",
                "-e",
                "train net on balanced(d, 4, 8) as x, y for 2 steps using sgd(0.01) { minimize batch_hard(net(x), y) }",
            ])
        #expect(o.error.contains("the loss of this batch is"), "\(o.error)")
    }

    @Test func whatDoesNotGoTogetherIsSaid() throws {
        #expect(try run(siam, ["--data-parallel", "--blocks", "3", "-e", "1"]).error.contains("a power of two"))
        #expect(try run(siam, ["--data-parallel", "--store", "x", "-e", "1"]).status == 2)
        #expect(try run(siam, ["store", "/nowhere"]).error.contains("is not a store of results"))
    }
}
