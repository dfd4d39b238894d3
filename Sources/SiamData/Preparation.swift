import Glibc
import SiamTensor
import Synchronization

/// One batch being prepared on a second thread. Whoever comes first does the work: a caller that needs the batch before
/// the thread has begun makes it itself and waits for nobody.
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
    private let finished = Gate()

    init(_ plan: any BatchPlan, _ k: Int, _ key: UInt64, _ epochs: EpochOrders, _ changes: [Augmentation]) {
        self.plan = plan
        self.k = k
        self.key = key
        self.epochs = epochs
        self.changes = changes
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let failed = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Preparation>.fromOpaque(argument).takeRetainedValue().work() }
                return nil
            }, box.toOpaque())
        if failed == 0 { pthread_detach(thread) } else { box.release() }
    }

    func matches(_ k: Int, _ key: UInt64) -> Bool { self.k == k && self.key == key }

    private func claim() -> Bool {
        stage.withLock { stage in
            guard case .waiting = stage else { return false }
            stage = .working
            return true
        }
    }

    private func work() {
        guard claim() else { return }
        let result = Result { try plan.prepared(k, key, epochs, changes) }
        stage.withLock { $0 = .done(result) }
        finished.open()
    }

    /// The batch: made here where nobody has begun, else waited for.
    func result() throws -> [Tensor] {
        if claim() { return try plan.prepared(k, key, epochs, changes) }
        finished.wait()
        let result: Result<[Tensor], any Error>? = stage.withLock { stage in
            guard case .done(let result) = stage else { return nil }
            return result
        }
        if let result { return try result.get() }
        return try plan.prepared(k, key, epochs, changes)
    }
}

/// A door that is opened once and then stays open.
private final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func open() { sem_post(semaphore) }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
        sem_post(semaphore)
    }
}
