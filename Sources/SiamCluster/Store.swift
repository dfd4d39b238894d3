import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A folder of outcomes that any number of workers fill and read, on one machine or on many that see it.
///
/// `pieces/KEY` is the outcome of a piece, `pieces/KEY.N.claim` says who works at it, `studies/NAME` lists the pieces of a
/// sweep. Nothing else is needed to go on: any file may be taken away at any time, and its piece is worked out anew.
public final class Store: OutcomeStore {
    public let folder: String
    public let worker: Worker
    /// Seconds after which a claim that its holder has not touched is taken over.
    public let lease: Double
    let here = Process.here()
    private let claims: Claims
    private var writes = 0
    /// Reports notable events: a damaged file, a claim that was taken over.
    public var message: (String) -> Void = { _ in }

    public static let standardLease = 30.0

    /// Makes the folder where there is none.
    public init(_ folder: String, worker: Worker, lease: Double = Store.standardLease) throws {
        self.folder = folder
        self.worker = worker
        self.lease = lease
        try StoreFile.makeFolder(folder)
        for inner in ["pieces", "studies"] { try StoreFile.makeFolder("\(folder)/\(inner)") }
        claims = Claims("\(folder)/pieces", lease: lease, here: here)
        // A folder that cannot be written to is known before anything is worked out for it.
        let now = try claims.now()
        // What a killed worker was about to rename or to read the time of. An hour is longer than any write takes.
        for name in StoreFile.names(in: "\(folder)/pieces") where name.hasPrefix(".") {
            let path = "\(folder)/pieces/\(name)"
            if let touched = StoreFile.touched(path), now - touched > max(3600, lease) { unlink(path) }
        }
    }

    /// Gives up what is held; nothing is kept from here on.
    public func end() { claims.end() }

    func path(_ key: String) -> String { "\(folder)/pieces/\(key)" }
    private func beside() -> String {
        writes += 1
        return "\(folder)/pieces/.\(here.nonce).\(writes).new"
    }

    /// The outcome of a piece; nil if there is none or if it is damaged; a damaged one is removed.
    public func outcome(_ key: String) -> StoredOutcome? {
        guard let bytes = try? StoreFile.read(path(key)) else { return nil }
        if let found = StoredOutcome(bytes) { return found }
        message("\(path(key)) is damaged: its result is computed again")
        unlink(path(key))
        return nil
    }

    public func kept(_ key: String) -> KeptOutcome? { outcome(key)?.outcome }

    public func keep(_ outcome: KeptOutcome, _ piece: KeptPiece, seconds: Double) throws {
        let stored = StoredOutcome(outcome, label: piece.label, host: here.host, seconds: seconds)
        try StoreFile.write(stored.bytes, to: path(piece.key), beside: beside())
    }

    private func has(_ key: String) -> Bool { access(path(key), F_OK) == 0 }

    public func outcomes(
        of study: KeptStudy, compute: (Int) throws -> KeptOutcome, deliver: (Int, KeptOutcome) throws -> Void,
        progress: (String?) -> Void
    ) throws {
        try StudyFile(study).write(in: folder, beside: beside())
        let total = study.pieces.count
        var isDone = [Bool](repeating: false, count: total)
        var done = 0
        var delivered = 0
        func settle(_ k: Int) {
            if !isDone[k] {
                isDone[k] = true
                done += 1
            }
        }
        // In order, as far as they are there: what is printed comes as one worker alone would print it.
        func handOver() throws {
            while delivered < total, isDone[delivered] {
                guard let found = outcome(study.pieces[delivered].key) else {
                    isDone[delivered] = false
                    done -= 1
                    return
                }
                try deliver(delivered, found.outcome)
                delivered += 1
            }
        }
        defer { claims.giveUpAll() }
        // Each begins elsewhere, so that many do not ask for the same files.
        let first = worker.count.map { total / max(1, $0) * (worker.number % max(1, $0)) } ?? 0
        var wait = 0.05
        while delivered < total {
            var worked = false
            var now = try claims.now()
            var asked = Clock.now()
            let known = Set(StoreFile.names(in: "\(folder)/pieces"))
            for turn in 0..<total {
                let k = (first + turn) % total
                if isDone[k] { continue }
                try Interrupt.poll()
                let piece = study.pieces[k]
                if known.contains(piece.key) || has(piece.key) {
                    settle(k)
                    if k == delivered { try handOver() }
                    continue
                }
                if Clock.now() - asked > lease / 10 {
                    (now, asked) = (try claims.now(), Clock.now())
                }
                guard try claims.take(piece.key, label: piece.label, now: now) else { continue }
                // Whoever held it may have finished between the two looks.
                if has(piece.key) {
                    claims.giveUp(piece.key, isDone: true)
                    settle(k)
                    continue
                }
                progress("\(done)/\(total) done, working at \(piece.label)")
                let started = Clock.now()
                do {
                    let outcome = try compute(k)
                    try keep(outcome, piece, seconds: Clock.now() - started)
                } catch let error as NotStorable {
                    // It is run as if there were no store, and nothing is left of it here.
                    claims.giveUp(piece.key, isDone: true)
                    unlink("\(folder)/studies/\(StudyFile(study).name)")
                    throw error
                } catch {
                    claims.giveUp(piece.key, isDone: false)
                    throw error
                }
                claims.giveUp(piece.key, isDone: true)
                worked = true
                settle(k)
                try handOver()
            }
            try handOver()
            if worked {
                wait = 0.05
            } else if delivered < total {
                progress("\(done)/\(total) done, waiting for other workers")
                try pause(wait)
                wait = min(wait * 1.5, 1)
            }
        }
    }

    public func shared(
        _ pieces: [KeptPiece], atOnce: Int, work: ([Int]) throws -> [KeptOutcome?]
    ) throws -> [KeptOutcome?] {
        var found = [KeptOutcome?](repeating: nil, count: pieces.count)
        var open = Array(pieces.indices)
        var wait = 0.05
        // What an error or an interrupt leaves claimed is free for others.
        defer { claims.giveUpAll() }
        while true {
            try Interrupt.poll()
            open.removeAll { k in
                found[k] = kept(pieces[k].key)
                return found[k] != nil
            }
            guard !open.isEmpty else { return found }
            let now = try claims.now()
            var mine: [Int] = []
            for k in open where mine.count < max(1, atOnce) {
                guard try claims.take(pieces[k].key, label: pieces[k].label, now: now) else { continue }
                // Whoever held it may have finished between the two looks.
                if has(pieces[k].key) { claims.giveUp(pieces[k].key, isDone: true) } else { mine.append(k) }
            }
            guard !mine.isEmpty else {
                try pause(wait)
                wait = min(wait * 1.5, 0.5)
                continue
            }
            wait = 0.05
            let started = Clock.now()
            let made = try work(mine)
            let each = (Clock.now() - started) / Double(mine.count)
            for (k, outcome) in zip(mine, made) {
                found[k] = outcome
                if let outcome { try keep(outcome, pieces[k], seconds: each) }
                claims.giveUp(pieces[k].key, isDone: outcome != nil)
            }
            let settled = Set(mine)
            open.removeAll { settled.contains($0) }
        }
    }

    private func pause(_ seconds: Double) throws {
        let end = Clock.now() + seconds
        while Clock.now() < end {
            try Interrupt.poll()
            usleep(20_000)
        }
    }
}
