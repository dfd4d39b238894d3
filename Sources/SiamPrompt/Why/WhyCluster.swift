/// Stores of results, and processes that train together.
extension Why {
    static let cluster: [Why] =
        family(
            """
            siam --store DIR keeps the result of each combination of a sweep in a folder: a file for each result, one for each
            working process, one that lists the combinations of a study. Any of them may be deleted; its combination is then
            computed again. siam store DIR shows what is there.
            """,
            [
                Case(
                    "store.file",
                    told:
                        "a file of the store could not be read or written: check the disk space and the permissions there"
                ),
                Case("store.none", told: "the folder was not made by siam --store: check its name"),
                Case("store.study", told: "a table shows one study: give a part of its title after --study"),
            ])
        + family(
            """
            siam --data-parallel cuts each batch into blocks of rows, distributes the blocks among the processes that mpirun
            started, and adds up their gradients in a fixed order. All processes have the whole net and must take the same
            decisions; a decision that depends on a part of a batch makes them differ.
            """,
            [
                Case(
                    "team.apart",
                    told:
                        "one process stopped, or counted, by the values of its own rows: decide it in every 1 steps { ... }"
                ),
                Case(
                    "team.blocks",
                    told: "the loss compares rows with one another: with smaller blocks it sees fewer of them at once"),
                Case(
                    "team.precision", told: "processes exchange gradients in 32 bits: train a 64-bit net in one process"
                ),
                Case(
                    "team.library",
                    told: "scripts/cluster/mpi builds siam's MPI library, if MPI is installed"),
                Case("team.start", told: "MPI refused to start: run a program of its own under mpirun first"),
                Case(
                    "team.size",
                    told:
                        "there are more processes than blocks that a batch is cut into: --blocks 16, or fewer processes"
                ),
                Case("team.gone", told: "another process has ended: the run is saved, and resume continues it"),
                Case(
                    "train.not_finite",
                    told: "another process got a loss that is NaN or infinite; its own message says why"),
            ])
}
