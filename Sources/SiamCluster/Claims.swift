import Glibc
import SiamLanguage

/// Who works at which piece. A claim is a file that only one can make; its holder touches it as long as it lives. One that
/// nobody has touched for the time of a lease, or that was given up, is taken over by a claim of the next generation, which
/// again only one can make. Nothing is taken away before the outcome is there, so that there is no moment at which two could
/// both think that they are next.
final class Claims: @unchecked Sendable {
    let folder: String
    let lease: Double
    let here: Process
    private var lock = pthread_mutex_t()
    /// What this process holds.
    private var held: [String: Int] = [:]
    private var isEnding = false
    private var isRenewing = false

    init(_ folder: String, lease: Double, here: Process) {
        (self.folder, self.lease, self.here) = (folder, lease, here)
        pthread_mutex_init(&lock, nil)
    }

    /// Someone's claim.
    struct Claim {
        let holder: Process?
        let label: String
        let generation: Int
        /// How long ago it was touched, in seconds.
        let age: Double
        let isStale: Bool
    }

    func path(_ key: String, _ generation: Int) -> String { "\(folder)/\(key).\(generation).claim" }
    private var clock: String { "\(folder)/.clock.\(here.nonce)" }

    /// Now, by the clock of whoever keeps the folder: the time of a file made this moment. That it is made anew also shows
    /// the folder's client what others have put there.
    func now() throws -> Double {
        unlink(clock)
        _ = try StoreFile.make(clock, [])
        defer { unlink(clock) }
        return StoreFile.touched(clock) ?? 0
    }

    /// The current claim; nil for a piece that is not claimed.
    func claim(_ key: String, now: Double) -> Claim? {
        var last: Claim?
        var generation = 0
        while let touched = StoreFile.touched(path(key, generation)) {
            let lines = (try? StoreFile.read(path(key, generation))).map {
                String(decoding: $0, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
                    String.init)
            }
            let holder = Process(lines: Array((lines ?? []).dropFirst()))
            let age = now - touched
            last = Claim(
                holder: holder, label: lines.map { $0.count > 7 ? $0[7] : "" } ?? "", generation: generation, age: age,
                isStale: age > lease || lines?.first == Claims.free || holder?.hasEnded(seenFrom: here) == true)
            guard last?.isStale == true else { break }
            generation += 1
        }
        return last
    }

    /// Claims a piece; false where somebody who lives has it.
    func take(_ key: String, label: String, now: Double) throws -> Bool {
        var generation = 0
        if let claim = claim(key, now: now) {
            guard claim.isStale else { return false }
            generation = claim.generation + 1
        }
        let text = ([Claims.held] + here.lines + [label]).joined(separator: "\n")
        guard try StoreFile.make(path(key, generation), Array(text.utf8)) else { return false }
        pthread_mutex_lock(&lock)
        held[key] = generation
        let starts = !isRenewing
        isRenewing = true
        pthread_mutex_unlock(&lock)
        if starts { renew() }
        return true
    }

    /// What a claim begins with.
    private static let held = "held"
    private static let free = "free"

    /// Gives a piece up. Files go only where its outcome is there: else somebody could begin anew beside a holder.
    func giveUp(_ key: String, isDone: Bool) {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        guard let generation = held.removeValue(forKey: key) else { return }
        if isDone {
            for g in (0...generation).reversed() { unlink(path(key, g)) }
        } else {
            StoreFile.mark(path(key, generation), Claims.free)
        }
    }

    func giveUpAll() {
        pthread_mutex_lock(&lock)
        let all = held
        pthread_mutex_unlock(&lock)
        for key in all.keys { giveUp(key, isDone: false) }
    }

    func end() {
        giveUpAll()
        pthread_mutex_lock(&lock)
        isEnding = true
        pthread_mutex_unlock(&lock)
        unlink(clock)
    }

    // MARK: Renewing

    /// A separate thread renews the claims that are held, also while a long step runs.
    private func renew() {
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { me in
                guard let me else { return nil }
                Unmanaged<Claims>.fromOpaque(me).takeRetainedValue().keepRenewing()
                return nil
            }, me.toOpaque())
        if code == 0 { pthread_detach(thread) } else { me.release() }
    }

    private func keepRenewing() {
        var waited = 0.0
        while true {
            usleep(100_000)
            waited += 0.1
            pthread_mutex_lock(&lock)
            let (all, ends) = (held, isEnding)
            pthread_mutex_unlock(&lock)
            if ends { return }
            guard waited >= min(lease / 5, 5) else { continue }
            waited = 0
            for (key, generation) in all {
                pthread_mutex_lock(&lock)
                if held[key] == generation { StoreFile.mark(path(key, generation), Claims.held) }
                pthread_mutex_unlock(&lock)
            }
        }
    }
}
