import Glibc
import SiamInterpreter
import SiamLanguage

/// Sums over the processes of a team that go on while the backward pass does: stretches of numbers are handed over as they
/// become final, and a thread of their own adds them up, one after the other.
final class GradientBuckets: @unchecked Sendable {
    /// Numbers in one, about; smaller ones cost more messages, larger ones wait longer for their last number.
    static let size = 1 << 16

    private let team: any Team
    private let numbers: FlatNumbers
    private var lock = pthread_mutex_t()
    private var bell = pthread_cond_t()
    private var waiting: [Range<Int>] = []
    private var isClosed = false
    private var failure: (any Error)?
    private var thread: pthread_t?

    /// Without a thread, where there is none to be had or MPI takes no calls from another, sums are made when they are asked for.
    init(_ team: any Team, _ numbers: FlatNumbers) {
        self.team = team
        self.numbers = numbers
        pthread_mutex_init(&lock, nil)
        pthread_cond_init(&bell, nil)
        guard team.size > 1, team.takesCallsFromThreads, numbers.count > GradientBuckets.size else { return }
        var made = pthread_t()
        let me = Unmanaged.passRetained(self)
        let code = pthread_create(
            &made, nil,
            { me in
                guard let me else { return nil }
                Unmanaged<GradientBuckets>.fromOpaque(me).takeRetainedValue().work()
                return nil
            }, me.toOpaque())
        if code == 0 { thread = made } else { me.release() }
    }

    deinit {
        pthread_mutex_destroy(&lock)
        pthread_cond_destroy(&bell)
    }

    /// These numbers are final here.
    func send(_ range: Range<Int>) {
        pthread_mutex_lock(&lock)
        waiting.append(range)
        pthread_cond_signal(&bell)
        pthread_mutex_unlock(&lock)
    }

    /// All have been sent: returns when they are those of all processes. Throws what went wrong on the way.
    func finish() throws {
        pthread_mutex_lock(&lock)
        isClosed = true
        pthread_cond_signal(&bell)
        pthread_mutex_unlock(&lock)
        if let thread {
            pthread_join(thread, nil)
            self.thread = nil
        } else {
            work()
        }
        if let failure { throw failure }
    }

    private func work() {
        while true {
            pthread_mutex_lock(&lock)
            while waiting.isEmpty, !isClosed { pthread_cond_wait(&bell, &lock) }
            let next = waiting.isEmpty ? nil : waiting.removeFirst()
            pthread_mutex_unlock(&lock)
            guard let next else { return }
            // After a failure the others are gone or on their way out.
            guard failure == nil else { continue }
            do { try team.combine(numbers, next) } catch { failure = error }
        }
    }
}
