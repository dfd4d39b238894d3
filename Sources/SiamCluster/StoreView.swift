import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A read-only view of a store; only `prune` changes anything in it.
public struct StoreView {
    public struct Study {
        public let title: String
        public let pieces: [KeptPiece]
        public let lastUsed: Double
        /// Whether it is the one of its title that was used last.
        public var isPresent: Bool
        let name: String
    }
    /// A piece that somebody works at.
    public struct Running {
        public let label: String
        public let place: String
        public let since: Double
        public let isStale: Bool
    }
    public struct Count {
        public var done = 0
        public var failed: [(label: String, error: String, host: String)] = []
        public var running: [Running] = []
        public var waiting = 0
        /// Of the pieces that are done, together.
        public var seconds = 0.0
        public var hosts: [String: Int] = [:]
    }

    public let folder: String
    public let studies: [Study]
    private let claims: Claims
    private let now: Double
    private let names: Set<String>

    public init(_ folder: String, lease: Double = Store.standardLease) throws {
        self.folder = folder
        guard access("\(folder)/studies", F_OK) == 0, access("\(folder)/pieces", F_OK) == 0 else {
            throw Diagnostic(
                code: "store.none", "\(folder) is not a store of results",
                repair: "siam --store \(folder) study.siam makes one and fills it with the combinations of its sweeps")
        }
        var found: [Study] = []
        for name in StoreFile.names(in: "\(folder)/studies") where !name.hasPrefix(".") {
            let path = "\(folder)/studies/\(name)"
            guard let bytes = try? StoreFile.read(path), let file = StudyFile(bytes) else { continue }
            found.append(
                Study(
                    title: file.study.title, pieces: file.study.pieces, lastUsed: StoreFile.touched(path) ?? 0,
                    isPresent: false, name: name))
        }
        found.sort { $0.lastUsed == $1.lastUsed ? $0.name < $1.name : $0.lastUsed > $1.lastUsed }
        var titles = Set<String>()
        for k in found.indices { found[k].isPresent = titles.insert(found[k].title).inserted }
        studies = found.sorted { $0.title == $1.title ? $0.lastUsed > $1.lastUsed : $0.title < $1.title }
        claims = Claims("\(folder)/pieces", lease: lease, here: Process.here())
        // Where nothing may be written, this machine's own clock has to do.
        now = (try? claims.now()) ?? Double(time(nil))
        names = Set(StoreFile.names(in: "\(folder)/pieces"))
    }

    /// Those that are not what remains of a program that was changed since.
    public var present: [Study] { studies.filter(\.isPresent) }

    public func outcome(_ key: String) -> StoredOutcome? {
        guard names.contains(key) else { return nil }
        return (try? StoreFile.read("\(folder)/pieces/\(key)")).flatMap { StoredOutcome($0) }
    }

    public func count(_ study: Study) throws -> Count {
        var count = Count()
        for piece in study.pieces {
            try Interrupt.poll()
            if let found = outcome(piece.key) {
                if let error = found.outcome.error {
                    count.failed.append((piece.label, error, found.host))
                } else {
                    count.done += 1
                    count.seconds += found.seconds
                    count.hosts[found.host, default: 0] += 1
                }
                continue
            }
            if let claim = claims.claim(piece.key, now: now) {
                let place = claim.holder.map { "\($0.host), process \($0.number)" } ?? "somewhere"
                // The claim's number is drawn when it is made, and its file's time is that of the last touch.
                count.running.append(
                    Running(label: piece.label, place: place, since: claim.age, isStale: claim.isStale))
                if claim.isStale { count.waiting += 1 }
            } else {
                count.waiting += 1
            }
        }
        return count
    }

    // MARK: As text

    /// What there is and what is missing, study by study.
    public func text() throws -> String {
        let replays = names.count { $0.hasPrefix("replay-") && !$0.hasSuffix(".claim") }
        let trials = names.count { $0.hasPrefix("trials-") && !$0.hasSuffix(".claim") }
        guard !studies.isEmpty || replays + trials > 0 else { return "\(folder) contains no study yet" }
        var lines: [String] = []
        for study in present {
            let c = try count(study)
            let total = study.pieces.count
            lines.append("\(study.title): \(total) combinations")
            let share = total == 0 ? "" : "  \(100 * (c.done + c.failed.count) / total) %"
            lines.append("  done     \(c.done)\(share)")
            let live = c.running.filter { !$0.isStale }
            if !live.isEmpty {
                lines.append("  running  \(live.count)")
                for r in live.prefix(16) { lines.append("    \(r.label)  on \(r.place)") }
                if live.count > 16 { lines.append("    ... \(live.count - 16) more") }
            }
            let dead = c.running.filter(\.isStale)
            if !dead.isEmpty {
                lines.append("  left     \(dead.count), by workers that are gone; the next worker takes them over")
            }
            if !c.failed.isEmpty {
                lines.append("  failed   \(c.failed.count)")
                for f in c.failed.prefix(16) { lines.append("    \(f.label)  on \(f.host): \(f.error)") }
                if c.failed.count > 16 { lines.append("    ... \(c.failed.count - 16) more") }
            }
            let open = c.waiting + live.count
            if c.waiting > 0 { lines.append("  waiting  \(c.waiting)") }
            if c.done > 0 {
                let each = c.seconds / Double(c.done)
                lines.append("  time     \(Clock.text(each)) per combination, \(Clock.text(c.seconds)) together")
                if open > 0, !live.isEmpty {
                    // Those under way are half done, as far as is known.
                    let left = each * (Double(c.waiting) + Double(live.count) / 2) / Double(live.count)
                    lines.append(
                        "  left     about \(Clock.text(left)) with \(live.count) \(live.count == 1 ? "worker" : "workers")"
                    )
                }
            }
            if c.hosts.count > 1 {
                lines.append(
                    "  hosts    "
                        + c.hosts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
            }
        }
        if replays > 0 { lines.append("\(replays) \(replays == 1 ? "replay" : "replays") of siam doctor") }
        if trials > 0 { lines.append("\(trials) \(trials == 1 ? "outcome" : "outcomes") of few_shot") }
        let old = try spare()
        if !old.isEmpty {
            lines.append(
                "\(old.count) \(old.count == 1 ? "file" : "files") not needed by any present study: siam store \(folder) --prune"
            )
        }
        return lines.joined(separator: "\n")
    }

    /// Whether every piece of every present study has an outcome.
    public var isWhole: Bool {
        present.allSatisfy { study in study.pieces.allSatisfy { names.contains($0.key) } }
    }

    // MARK: Taking away

    /// Files that are no longer needed: outcomes of programs that have changed since, and temporary files of writers
    /// that died.
    private func spare() throws -> [String] {
        let needed = Set(present.flatMap { $0.pieces.map(\.key) })
        var old: [String] = []
        for name in names.sorted() {
            if name.hasSuffix(".claim") {
                let key = String(name.prefix { $0 != "." })
                // Of a piece that is done, or of a program that has been changed since, by a worker that is gone.
                let isOver =
                    names.contains(key) || !needed.contains(key) && claims.claim(key, now: now)?.isStale != false
                if isOver { old.append("pieces/\(name)") }
            } else if name.hasPrefix(".") {
                let touched = StoreFile.touched("\(folder)/pieces/\(name)") ?? now
                if now - touched > 20 * claims.lease { old.append("pieces/\(name)") }
            } else if !needed.contains(name), !name.hasPrefix("replay-"), !name.hasPrefix("trials-") {
                old.append("pieces/\(name)")
            }
        }
        return old + studies.filter { !$0.isPresent }.map { "studies/\($0.name)" }
    }

    /// Takes away what nothing needs, and failures, so that they are tried again; what it did, in a line.
    public func prune() throws -> String {
        let old = try spare()
        var failures = 0
        for study in present {
            for piece in study.pieces where outcome(piece.key)?.outcome.error != nil {
                if unlink("\(folder)/pieces/\(piece.key)") == 0 { failures += 1 }
            }
        }
        var gone = 0
        for name in old where unlink("\(folder)/\(name)") == 0 { gone += 1 }
        return "\(gone) files removed, and \(failures) \(failures == 1 ? "failure" : "failures")"
    }
}
