import Glibc
import SiamTensor
import Synchronization

/// One batch being prepared on another thread: the one that prepares batches, or, of a batch that takes less time than it
/// takes to wake a thread, a helper of the engine's while it has nothing else to do. Whoever comes first does the work: a
/// caller that needs the batch before the thread has begun makes it itself and waits for nobody.
final class Preparation: Sendable {
    private enum Stage {
        case waiting, working
        case done(Result<[Tensor], any Error>)
    }

    private let plan: any BatchPlan
    private let k: Int
    private let key: UInt64
    private let epochs: EpochOrders
    private let changes: [Augmentation]
    private let stage = Mutex(Stage.waiting)
    private let finished = Semaphore(0)
    private let isLittle: Bool

    init(
        _ plan: any BatchPlan, _ k: Int, _ key: UInt64, _ epochs: EpochOrders, _ changes: [Augmentation],
        isLittle: Bool = false
    ) {
        self.plan = plan
        self.k = k
        self.key = key
        self.epochs = epochs
        self.changes = changes
        self.isLittle = isLittle
        if isLittle {
            Threads.offer { [weak self] in PreparationWorker.shared.whileQuiet { self?.work() } }
        } else {
            PreparationWorker.shared.add(self)
        }
    }

    /// Takes the work from the thread where it has not begun.
    func cancel() { _ = claim() }

    func matches(_ k: Int, _ key: UInt64) -> Bool { self.k == k && self.key == key }

    private func claim() -> Bool {
        stage.withLock { stage in
            guard case .waiting = stage else { return false }
            stage = .working
            return true
        }
    }

    fileprivate func work() {
        guard claim() else { return }
        let result = Result { try plan.prepared(k, key, epochs, changes) }
        stage.withLock { $0 = .done(result) }
        finished.raise()
    }

    /// The batch: made here if no thread has begun it, else waited for.
    func result() throws -> [Tensor] {
        if claim() { return try plan.prepared(k, key, epochs, changes) }
        if isLittle {
            // A helper that the system does not run is not waited for: the batch is made once more. Nor is the processor given
            // away meanwhile, which a busy neighbour would keep for long.
            for _ in 0..<Preparation.looks { if case .success(let batch)? = outcome { return batch } }
        } else {
            finished.wait()
            finished.raise()
            if let outcome { return try outcome.get() }
        }
        return try plan.prepared(k, key, epochs, changes)
    }

    /// How often a caller looks for a little batch that is under way: for some tens of microseconds.
    private static let looks = 3000
    private var outcome: Result<[Tensor], any Error>? {
        stage.withLock { stage in
            guard case .done(let result) = stage else { return nil }
            return result
        }
    }
}

/// The thread that prepares batches, for those who need it to hold nothing for a moment.
public enum PreparationThread {
    /// Does something while no batch is being prepared: a copy of the process made then finds no lock held.
    public static func whileQuiet<R>(_ body: () -> R) -> R { PreparationWorker.shared.whileQuiet(body) }
}

/// The one thread that prepares batches: begun at the first and kept, so that the memory a thread keeps for itself is
/// kept once. Where it cannot be had, callers make their batches themselves.
private final class PreparationWorker: Sendable {
    static let shared = PreparationWorker()

    private let waiting = Mutex<[Preparation]>([])
    private let bell = Semaphore(0)
    private let begun = Mutex(false)
    /// Down while the thread has work in hand. A mutex would know its owner, who is another thread in a copy of the process.
    private let quiet = Semaphore(1)

    func add(_ work: Preparation) {
        let runs = begun.withLock { begun in
            if !begun { begun = begin() }
            return begun
        }
        guard runs else { return }
        waiting.withLock { $0.append(work) }
        bell.raise()
    }

    private func begin() -> Bool {
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { _ in
                // Signals belong to the threads that wait for the user.
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                while true { PreparationWorker.shared.serve() }
            }, nil)
        if failed == 0 { pthread_detach(thread) }
        return failed == 0
    }

    private func serve() {
        bell.wait()
        whileQuiet {
            let next = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            next?.work()
        }
    }

    func whileQuiet<R>(_ body: () -> R) -> R {
        quiet.wait()
        defer { quiet.raise() }
        return body()
    }
}

/// A count that can be waited for.
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init(_ count: UInt32) { sem_init(semaphore, 0, count) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func raise() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}
