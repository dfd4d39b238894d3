import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Processes that mpirun started. MPI itself is reached through a small library that `scripts/cluster/mpi` builds where MPI is
/// installed, opened when it is asked for: siam needs none.
public final class MPITeam: Team {
    public let rank: Int
    public let size: Int
    public let blocks: Int
    private typealias Swap =
        @convention(c) (
            Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, @convention(c) () -> Int32
        ) -> Int32
    public let takesCallsFromThreads: Bool
    private let swap: Swap
    private let finish: @convention(c) () -> Void

    /// The name of the library.
    static let library = "libsiam_mpi.so"

    /// Joins the others; nil where no launcher of MPI has started this process.
    public static func joined(blocks: Int) throws -> MPITeam? {
        let names: [String] = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
        let launched = names.contains { name in getenv(name) != nil }
        guard launched else { return nil }
        return try MPITeam(blocks: blocks)
    }

    private init(blocks: Int) throws {
        self.blocks = blocks
        var open: UnsafeMutableRawPointer?
        for path in MPITeam.places where open == nil { open = dlopen(path, RTLD_NOW | RTLD_GLOBAL) }
        guard let open else {
            let why = dlerror().map { String(cString: $0) } ?? ""
            throw Diagnostic(
                code: "team.library", "these processes were started by MPI, and siam's MPI library is missing",
                notes: ["\(MPITeam.library) cannot be opened: \(why)"],
                repair:
                    "where libopenmpi-dev is installed, scripts/cluster/mpi builds it beside siam; SIAM_MPI can name another path"
            )
        }
        func symbol<T>(_ name: String, _ type: T.Type) throws -> T {
            guard let found = dlsym(open, name) else {
                throw Diagnostic(
                    code: "team.library", "\(MPITeam.library) does not fit this version of siam: it has no \(name)",
                    repair: "scripts/cluster/mpi builds it again")
            }
            return unsafeBitCast(found, to: type)
        }
        typealias Begin = @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
        let begin = try symbol("siam_mpi_begin", Begin.self)
        swap = try symbol("siam_mpi_swap", Swap.self)
        let threads = try symbol("siam_mpi_threads", (@convention(c) () -> Int32).self)
        finish = try symbol("siam_mpi_end", (@convention(c) () -> Void).self)
        var (number, count): (Int32, Int32) = (0, 1)
        guard begin(&number, &count) == 0 else {
            throw Diagnostic(code: "team.start", "MPI did not start")
        }
        takesCallsFromThreads = threads() != 0
        rank = Int(number)
        size = Int(count)
        guard size <= blocks else {
            throw Diagnostic(
                code: "team.size",
                "a batch of \(blocks) blocks is shared by 1 to \(blocks) processes, and there are \(size)",
                repair: size <= 1024
                    ? "--blocks \(1 << (Int.bitWidth - (size - 1).leadingZeroBitCount))" : "mpirun -n \(blocks)")
        }
    }

    /// Where the library may be: named by the environment, beside the program, where the system keeps such.
    private static var places: [String] {
        var found: [String] = []
        if let named = getenv("SIAM_MPI") { found.append(String(cString: named)) }
        var path = [CChar](repeating: 0, count: 4096)
        let n = readlink("/proc/self/exe", &path, path.count - 1)
        if n > 0 {
            let own = String(decoding: path[..<n].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if let slash = own.lastIndex(of: "/") {
                found.append(own[...slash] + library)
                found.append(own[...slash] + "../lib/siam/" + library)
            }
        }
        return found + ["/usr/lib/siam/" + library, library]
    }

    public func exchange(
        with partner: Int, _ send: UnsafeRawBufferPointer, _ receive: UnsafeMutableRawBufferPointer
    ) throws {
        let code = swap(
            Int32(truncatingIfNeeded: partner), send.baseAddress, receive.baseAddress, send.count, receive.count
        ) { Interrupt.isRequested ? 1 : 0 }
        switch code {
        case 0: return
        case 1: throw Interrupted()
        default:
            throw Diagnostic(
                code: "team.gone", "process \(partner + 1) of \(size) does not answer any more",
                notes: ["MPI says \(code)"])
        }
    }

    /// All are done.
    public func end() { finish() }
}
