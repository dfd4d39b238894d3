/// What a folder holds, for those above the readers.
public enum FolderList {
    /// The names in a folder but for hidden ones, in natural order.
    public static func files(_ folder: String) throws -> [String] { try FileBytes.list(folder) }
}
