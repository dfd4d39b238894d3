import Glibc
import SiamTensor
import Testing

@testable import SiamLab

@Suite(.serialized) struct BranchesTests {
    private func onTwoThreads<R>(_ body: () throws -> R) rethrows -> R {
        let count = Threads.count
        Threads.count = 2
        defer { Threads.count = count }
        return try body()
    }

    @Test func piecesAreDoneInCopies() throws {
        let own = getpid()
        var changed = 0
        let found = try onTwoThreads {
            try ForkedJobs.outcomes(5, patience: 60) { k -> ForkedJobs.Outcome? in
                changed += 1
                return k == 3 ? nil : .init(worth: Double(k), auc: getpid() == own ? 1 : 0)
            }
        }
        #expect(found == [0, 1, 2, nil, 4].map { $0.map { .init(worth: $0, auc: 0) } })
        #expect(changed == 0)
    }

    @Test func aCopyThatDoesNotAnswerIsGivenUp() throws {
        let own = getpid()
        let found = try onTwoThreads {
            try ForkedJobs.outcomes(2, patience: 0.2) { k -> ForkedJobs.Outcome? in
                if getpid() != own { while true { sleep(100) } }
                return .init(worth: Double(k), auc: 1)
            }
        }
        #expect(found == [.init(worth: 0, auc: 1), .init(worth: 1, auc: 1)])
    }

    @Test func whatFailsInACopyHasNoOutcome() throws {
        struct Failure: Error {}
        let found = try onTwoThreads {
            try ForkedJobs.outcomes(2, patience: 60) { k in
                if k == 1 { throw Failure() }
                return .init(worth: 0.5, auc: 0.5)
            }
        }
        #expect(found == [.init(worth: 0.5, auc: 0.5), nil])
    }

    @Test func aCopyThatTakesTooMuchHasNoOutcome() throws {
        let own = getpid()
        let size = (600 << 20) + 3 * Memory.peak
        let found = try onTwoThreads {
            try ForkedJobs.outcomes(2, patience: 60) { k in
                if k == 1 { _ = try Storage(count: size / 4, precision: .single, shape: Shape([size / 4])) }
                return .init(worth: 0, auc: getpid() == own ? 1 : 0)
            }
        }
        #expect(found == [.init(worth: 0, auc: 0), nil])
    }
}
