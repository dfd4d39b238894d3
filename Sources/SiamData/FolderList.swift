import Glibc

/// What a folder holds, for those above the readers.
public enum FolderList {
    /// The names in a folder but for hidden ones, in natural order.
    public static func files(_ folder: String) throws -> [String] { try FileBytes.list(folder) }

    /// Whether a path is a folder and no link to one, which may lead back.
    public static func isOwnFolder(_ path: String) -> Bool {
        var about = stat()
        return lstat(path, &about) == 0 && about.st_mode & S_IFMT == S_IFDIR
    }
}
