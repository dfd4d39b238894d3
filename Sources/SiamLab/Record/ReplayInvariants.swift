import Glibc
import SiamRuntime

/// What a changed program must have in common with the unchanged one, if their outcomes are to be compared: the rows of a
/// batch, the weights, and the data that it is judged on.
struct ReplayInvariants {
    var rows: Int
    var weights: Int
    var held: UInt64
    /// Of the same data what it is judged by alone: labels or targets.
    var heldTargets: UInt64
    /// Whether the inputs may be prepared in another way, so that only the targets have to be the same.
    var comparesTargets = false
    /// Of a denoising net: how far its inputs are from what it is to give back. Less noise would be another task.
    var noise = 0.0
    /// Share of the held-out rows that an earlier training of the net had: a change must not let it see more of them.
    var trainedBefore = 0.0

    /// Whether another has the same rows and weights, and about as much noise.
    func isLike(_ other: ReplayInvariants) -> Bool {
        rows == other.rows && weights == other.weights
            && (comparesTargets ? heldTargets == other.heldTargets : held == other.held)
            && other.trainedBefore < trainedBefore + 0.05
            && (noise == 0 || abs(log(max(other.noise, 1e-9) / noise)) < 0.3)
    }
}

/// Ends a replay whose invariants differ from those of the run.
struct InvariantsDiffer: Error {}

extension Replay {
    func invariants(_ run: SiamRuntime.Run) -> ReplayInvariants {
        var all: UInt64 = 0xCBF2_9CE4_8422_2325
        var targets = all
        func mix(_ x: UInt64, into h: inout UInt64) { h = (h ^ x) &* 0x100_0000_01B3 }
        var before = 0.0
        if let session, let held = heldData(run, session) {
            before = shareTrainedBefore(run, held)
            for (x, y) in zip(Replay.hashes(held), held.y) {
                mix(x, into: &all)
                mix(UInt64(bitPattern: Int64(y)), into: &all)
                mix(UInt64(bitPattern: Int64(y)), into: &targets)
            }
        }
        for rows in heldRows {
            for (k, t) in rows.tensors.enumerated() {
                t.withFloats { values in
                    for x in values {
                        mix(UInt64(x.bitPattern), into: &all)
                        if k == rows.tensors.count - 1 { mix(UInt64(x.bitPattern), into: &targets) }
                    }
                }
            }
        }
        return ReplayInvariants(
            rows: evidence.batch,
            // A stage that normalises each row by itself may be left out.
            weights: run.parameterPaths.reduce(0) {
                $0 + ($1.path.contains("layernorm") ? 0 : $1.parameter.value.count)
            }, held: all,
            heldTargets: targets, trainedBefore: before)
    }
}
