import Glibc

/// The rank of this process among the workers of one command, from the scheduler's environment variables.
public struct Worker: Sendable, Equatable {
    /// Who started it: `Slurm`, `Open MPI`, ...; nil if it is unknown.
    public let scheduler: String?
    /// From 0.
    public let number: Int
    /// The number of workers, if the scheduler gives it.
    public let count: Int?

    /// The worker that prints, where one is known to.
    public var isFirst: Bool { number == 0 }

    init(_ scheduler: String?, _ number: Int, of count: Int?) {
        (self.scheduler, self.number, self.count) = (scheduler, max(0, number), count.map { max(1, $0) })
    }

    /// Reads the variables of Slurm, Open MPI, PMIx and MPICH, Kubernetes, GNU parallel, SGE and LSF.
    public static func of(_ variable: (String) -> String?) -> Worker {
        // A number that no scheduler gives is none.
        func number(_ name: String) -> Int? {
            variable(name).flatMap { Int($0) }.flatMap { (0...1_000_000_000).contains($0) ? $0 : nil }
        }
        // An array of tasks: the task's place in the array, then its place in the task.
        if variable("SLURM_JOB_ID") != nil || variable("SLURM_PROCID") != nil {
            // What mpirun starts inside of a task counts by itself.
            let rank = processRank(number)
            let inside = rank?.number ?? number("SLURM_PROCID") ?? 0
            let tasks = max(1, rank?.count ?? number("SLURM_STEP_NUM_TASKS") ?? number("SLURM_NTASKS") ?? 1)
            guard let place = number("SLURM_ARRAY_TASK_ID") else {
                if let rank { return rank }
                return Worker("Slurm", inside, of: tasks)
            }
            let least = number("SLURM_ARRAY_TASK_MIN") ?? place
            let step = max(1, number("SLURM_ARRAY_TASK_STEP") ?? 1)
            return Worker(
                "Slurm", (place - least) / step * tasks + inside,
                of: number("SLURM_ARRAY_TASK_COUNT").map { $0 * tasks })
        }
        if let rank = processRank(number) { return rank }
        if let index = number("JOB_COMPLETION_INDEX") { return Worker("Kubernetes", index, of: nil) }
        if let place = number("SGE_TASK_ID") {
            let step = max(1, number("SGE_TASK_STEPSIZE") ?? 1)
            return Worker("Grid Engine", (place - (number("SGE_TASK_FIRST") ?? 1)) / step, of: nil)
        }
        if let place = number("LSB_JOBINDEX"), place > 0 { return Worker("LSF", place - 1, of: nil) }
        if let place = number("PARALLEL_SEQ"), place > 0 { return Worker("GNU parallel", place - 1, of: nil) }
        return Worker(nil, 0, of: nil)
    }

    private static func processRank(_ number: (String) -> Int?) -> Worker? {
        if let rank = number("OMPI_COMM_WORLD_RANK") {
            return Worker("Open MPI", rank, of: number("OMPI_COMM_WORLD_SIZE"))
        }
        if let rank = number("PMIX_RANK") { return Worker("PMIx", rank, of: nil) }
        if let rank = number("PMI_RANK") { return Worker("PMI", rank, of: number("PMI_SIZE")) }
        return nil
    }

    /// `worker 2 of 4 (Slurm)`.
    public var text: String {
        let place = count.map { "worker \(number + 1) of \($0)" } ?? "worker \(number + 1)"
        return scheduler.map { "\(place) (\($0))" } ?? place
    }
}

/// Identifies a process among all others on all machines that share the folder.
struct Process: Equatable {
    var host: String
    /// Of the machine's start, so that a number of before does not count.
    var start: String
    /// The process-id namespace: a container has its own.
    var space: String
    var number: Int
    /// When the process began, since numbers are given again.
    var began: String
    /// Drawn at random.
    var nonce: String

    static func here() -> Process {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        var random = SystemRandomNumberGenerator()
        let nonce = String(random.next(), radix: 36) + String(random.next(), radix: 36)
        return Process(
            host: host, start: Process.text("/proc/sys/kernel/random/boot_id"), space: Process.space,
            number: Int(getpid()), began: Process.began(Int(getpid())), nonce: nonce)
    }

    private static func text(_ path: String) -> String {
        (try? StoreFile.read(path)).map { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        } ?? ""
    }
    private static let space: String = {
        var link = [CChar](repeating: 0, count: 256)
        let n = readlink("/proc/self/ns/pid", &link, link.count - 1)
        return n > 0 ? String(decoding: link[..<n].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }()
    /// When a process of this machine began, in ticks; empty where there is none.
    private static func began(_ number: Int) -> String {
        let line = text("/proc/\(number)/stat")
        // The name is in parentheses and may contain anything.
        guard let end = line.lastIndex(of: ")") else { return "" }
        let fields = line[line.index(after: end)...].split(separator: " ")
        // What has ended and only waits to be asked for does nothing any more.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return "" }
        return String(fields[19])
    }

    /// Whether it is known to have ended; false of a process that cannot be seen from here.
    func hasEnded(seenFrom here: Process) -> Bool {
        guard !start.isEmpty, start == here.start, !space.isEmpty, space == here.space else { return false }
        return Process.began(number) != began
    }

    var lines: [String] { [host, start, space, "\(number)", began, nonce] }
    init?(lines: [String]) {
        guard lines.count >= 6, let number = Int(lines[3]) else { return nil }
        (host, start, space, self.number, began, nonce) = (lines[0], lines[1], lines[2], number, lines[4], lines[5])
    }
    init(host: String, start: String, space: String, number: Int, began: String, nonce: String) {
        (self.host, self.start, self.space, self.number) = (host, start, space, number)
        (self.began, self.nonce) = (began, nonce)
    }
}
