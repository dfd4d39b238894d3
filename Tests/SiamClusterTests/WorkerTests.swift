import SiamCluster
import Testing

/// What schedulers tell their processes through the environment.
@Suite struct WorkerTests {
    private func worker(_ variables: [String: String]) -> Worker { Worker.of { variables[$0] } }

    @Test func nothingIsKnownWithoutAScheduler() {
        let w = worker([:])
        #expect(w.isFirst && w.scheduler == nil && w.count == nil)
    }

    @Test func slurmArraysBeginAnywhere() {
        var v = [
            "SLURM_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "5", "SLURM_ARRAY_TASK_COUNT": "4",
            "SLURM_PROCID": "0", "SLURM_NTASKS": "1",
        ]
        #expect(worker(v).isFirst)
        v["SLURM_ARRAY_TASK_ID"] = "7"
        #expect(worker(v).text == "worker 3 of 4 (Slurm)")
        v["SLURM_ARRAY_TASK_STEP"] = "2"
        #expect(worker(v).number == 1)
    }

    @Test func slurmTasksInsideAnArray() {
        let v = [
            "SLURM_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "3",
            "SLURM_PROCID": "1", "SLURM_NTASKS": "4",
        ]
        #expect(worker(v).number == 5)
        #expect(worker(v).count == 12)
    }

    @Test func mpirunInsideSlurmCountsItsOwn() {
        let v = [
            "SLURM_JOB_ID": "9", "SLURM_PROCID": "0", "SLURM_NTASKS": "1", "OMPI_COMM_WORLD_RANK": "3",
            "OMPI_COMM_WORLD_SIZE": "4",
        ]
        #expect(worker(v).text == "worker 4 of 4 (Open MPI)")
        let second = v.merging(["SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "2"])
        { $1 }
        #expect(worker(second).text == "worker 8 of 8 (Slurm)")
    }

    @Test(arguments: [
        (["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"], "Open MPI", 1), (["PMIX_RANK": "2"], "PMIx", 2),
        (["PMI_RANK": "2", "PMI_SIZE": "8"], "PMI", 2), (["JOB_COMPLETION_INDEX": "0"], "Kubernetes", 0),
        (["SGE_TASK_ID": "4", "SGE_TASK_FIRST": "4"], "Grid Engine", 0), (["LSB_JOBINDEX": "2"], "LSF", 1),
        (["PARALLEL_SEQ": "3"], "GNU parallel", 2),
    ])
    func others(_ variables: [String: String], _ scheduler: String, _ number: Int) {
        let w = worker(variables)
        #expect(w.scheduler == scheduler)
        #expect(w.number == number)
    }

    @Test func whatIsNoNumberIsNotTaken() {
        #expect(worker(["SGE_TASK_ID": "undefined"]).scheduler == nil)
        #expect(worker(["LSB_JOBINDEX": "0"]).scheduler == nil)
        #expect(worker(["PARALLEL_SEQ": "x"]).scheduler == nil)
    }
}
