import Glibc

/// Another siam process, started with command-line arguments; its output is read as it arrives.
final class ChildProcess {
    let file: Int32
    private let process: pid_t
    private(set) var hasEnded = false
    /// At the end: its exit code, and the signal that ended it, 0 for none.
    private(set) var code: Int32 = 0
    private(set) var signal: Int32 = 0

    init?(_ words: [String], takesErrors: Bool) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if takesErrors {
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = (["siam"] + words).map { strdup($0) } + [nil]
        defer { for one in arguments { free(one) } }
        var child = pid_t()
        let failed = posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, environ)
        close(ends[1])
        guard failed == 0 else {
            close(ends[0])
            return nil
        }
        (file, process) = (ends[0], child)
    }

    /// Whether it was asked to end early, however it then ended.
    private(set) var isStopped = false

    func stop() {
        isStopped = true
        if !hasEnded { kill(process, SIGTERM) }
    }

    /// What has been said since; waits for it. Nothing at the end.
    func take() -> ArraySlice<UInt8> {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        let n = read(file, &buffer, buffer.count)
        if n > 0 { return buffer[..<n] }
        if n < 0, errno == EINTR { return [] }
        hasEnded = true
        close(file)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        signal = status & 0x7F
        code = (status >> 8) & 0xFF
        return []
    }
}
