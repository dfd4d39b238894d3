import Glibc
import SiamInterpreter
import SiamRuntime

/// Where siam keeps what outlives a session: history and progress in `$XDG_STATE_HOME/siam`, settings in `$XDG_CONFIG_HOME/siam`.
public enum StateFolder {
    static var home: String? { Environment.value("HOME") }

    private static func base(_ variable: String, _ defaultValue: String) -> String? {
        // A relative path there means nothing, says the specification of these variables.
        if let given = Environment.value(variable), given.hasPrefix("/") { return given }
        return home.map { $0 + "/" + defaultValue }
    }

    public static var state: String? { base("XDG_STATE_HOME", ".local/state").map { $0 + "/siam" } }
    public static var initFile: String? { base("XDG_CONFIG_HOME", ".config").map { $0 + "/siam/init.siam" } }

    /// Whether the state folder is there, or could be made, and takes files.
    static var takesFiles: Bool {
        guard let folder = state, make(folder) else { return false }
        return access(folder, W_OK | X_OK) == 0
    }

    /// A file in the state folder, which is made where there is none; nil where that cannot be.
    public static func file(_ name: String) -> String? {
        guard let folder = state, make(folder) else { return nil }
        return folder + "/" + name
    }

    private static func make(_ folder: String) -> Bool {
        var status = stat()
        if stat(folder, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        if let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            guard make(String(folder[..<slash])) else { return false }
        }
        return mkdir(folder, 0o700) == 0 || errno == EEXIST
    }

    /// `~/x` as a full path.
    public static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home else { return path }
        return home + path.dropFirst(1)
    }
}
