import Foundation
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamCluster

/// Who works at what, when holders live, die and come late.
@Suite struct ClaimTests {
    private func claims(_ folder: String, lease: Double = 5, host: String = "elsewhere") throws -> Claims {
        try StoreFile.makeFolder(folder)
        var here = Process.here()
        // Seen from another machine, nothing is known of a process but its claim's time.
        here.start = host
        return Claims(folder, lease: lease, here: here)
    }
    private func age(_ path: String, _ seconds: Double) {
        var times = [timespec(), timespec()]
        let then = Date().timeIntervalSince1970 - seconds
        for k in 0..<2 { times[k].tv_sec = Int(then) }
        _ = utimensat(AT_FDCWD, path, times, 0)
    }

    @Test func onlyOneHolds() throws {
        try withFolder { folder in
            let (a, b) = (try claims(folder, host: "a"), try claims(folder, host: "b"))
            #expect(try a.take("k", label: "k = 1", now: a.now()))
            #expect(try !b.take("k", label: "k = 1", now: b.now()))
            #expect(b.claim("k", now: try b.now())?.label == "k = 1")
            a.giveUp("k", isDone: false)
            #expect(try b.take("k", label: "k = 1", now: b.now()))
            a.end()
            b.end()
        }
    }

    @Test func aStaleClaimIsTakenOverByOneAlone() throws {
        try withFolder { folder in
            let all = try (0..<4).map { try claims(folder, host: "\($0)") }
            #expect(try all[0].take("k", label: "", now: all[0].now()))
            age(all[0].path("k", 0), 60)
            let takers = try all[1...].map { try $0.take("k", label: "", now: $0.now()) }
            #expect(takers.filter { $0 }.count == 1)
            // The late holder gives up, and nobody can begin beside the one who took over.
            all[0].giveUp("k", isDone: false)
            #expect(try all[1...].allSatisfy { try !$0.take("k", label: "", now: $0.now()) })
            for c in all { c.end() }
        }
    }

    @Test func nothingIsLeftOnceItIsDone() throws {
        try withFolder { folder in
            let (a, b) = (try claims(folder, host: "a"), try claims(folder, host: "b"))
            _ = try a.take("k", label: "", now: a.now())
            age(a.path("k", 0), 60)
            #expect(try b.take("k", label: "", now: b.now()))
            b.giveUp("k", isDone: true)
            #expect(b.claim("k", now: try b.now()) == nil)
            #expect(StoreFile.names(in: folder).isEmpty)
            a.end()
            b.end()
        }
    }

    @Test func anEndedProcessOfThisMachineIsKnownAtOnce() throws {
        try withFolder { folder in
            try StoreFile.makeFolder(folder)
            let here = Process.here()
            var dead = here
            dead.number = 4_194_303
            let gone = Claims(folder, lease: 1000, here: dead)
            #expect(try gone.take("k", label: "", now: gone.now()))
            let mine = Claims(folder, lease: 1000, here: here)
            #expect(try mine.take("k", label: "", now: mine.now()))
            gone.end()
            mine.end()
        }
    }

    /// A machine whose clock is wrong sees the same ages: both times come from the folder.
    @Test func timesAreTheFoldersOwn() throws {
        try withFolder { folder in
            let a = try claims(folder, host: "a")
            _ = try a.take("k", label: "", now: a.now())
            let age = try #require(a.claim("k", now: try a.now())?.age)
            #expect(abs(age) < 60)
            a.end()
        }
    }
}
