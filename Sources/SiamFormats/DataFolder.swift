import Glibc
import SiamData

/// The folder of a user's data sets, named by the environment variable `SIAM_DATA`.
public enum DataFolder {
    /// The folder. Throws where the variable is not set or names no folder.
    public static func root() throws -> String {
        guard let value = getenv("SIAM_DATA"), value.pointee != 0 else {
            throw DataError(
                code: "data.root", message: "data looks in the folder named by SIAM_DATA, and SIAM_DATA is not set",
                notes: ["digits() needs no folder: it is part of siam"])
        }
        let path = String(cString: value)
        guard FileBytes.isFolder(path) else {
            throw DataError(code: "data.root", message: "SIAM_DATA names \(path), which is not a folder", path: path)
        }
        return path
    }

    /// Where the set `name` lies: a folder or file of that name, a `.csv` of that name, or one in `tables`. Throws with
    /// the list of what is there.
    public static func locate(_ name: String) throws -> String { try locate(name, under: root()) }

    static func locate(_ name: String, under root: String) throws -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.isEmpty, !parts.contains(where: { $0 == ".." || $0 == "." || $0.isEmpty }) else {
            throw DataError(
                code: "data.name",
                message: "data expects a name such as \"mnist\" or \"omniglot/background\", and got \"\(name)\"",
                candidates: available(root))
        }
        for place in [name, "\(name).csv", "tables/\(name)", "tables/\(name).csv"] {
            let path = "\(root)/\(place)"
            if FileBytes.isFolder(path) || FileBytes.isFile(path) { return path }
        }
        // What is there on the way, as far as it goes.
        for count in (1..<max(1, parts.count)).reversed() {
            let folder = parts.prefix(count).joined(separator: "/")
            guard FileBytes.isFolder("\(root)/\(folder)") else { continue }
            let inside = ((try? FileBytes.list("\(root)/\(folder)")) ?? []).sorted(by: naturallyBefore)
            let shown = inside.count > 12 ? inside.prefix(6) + ["..."] + inside.suffix(1) : inside[...]
            throw DataError(
                code: "data.missing",
                message: "there is no \(parts.dropFirst(count).joined(separator: "/")) in the set \(folder)",
                notes: inside.isEmpty ? ["it is empty"] : ["there are: \(shown.joined(separator: ", "))"],
                candidates: inside)
        }
        let there = available(root)
        throw DataError(
            code: "data.missing", message: "there is no set \(name) in the folder named by SIAM_DATA",
            notes: there.isEmpty ? ["the folder is empty"] : ["there are: \(there.joined(separator: ", "))"],
            candidates: there)
    }

    /// The names that `locate` knows: sets, parts of sets, tables.
    static func available(_ root: String) -> [String] {
        var names: [String] = []
        for entry in (try? FileBytes.list(root)) ?? [] {
            let path = "\(root)/\(entry)"
            guard FileBytes.isFolder(path) else {
                if entry.hasSuffix(".csv") { names.append(stem(entry)) }
                continue
            }
            let inside = (try? FileBytes.list(path)) ?? []
            if entry == "tables" {
                names += inside.filter { $0.hasSuffix(".csv") }.map(stem)
                continue
            }
            names.append(entry)
            let parts = inside.filter { FileBytes.isFolder("\(path)/\($0)") }
            if parts.count <= 12 { names += parts.map { "\(entry)/\($0)" } }
        }
        return names
    }

    /// Opens what lies at `path` by what it is: a CSV file, a folder of IDX files, of one CSV file, or of folders of
    /// pictures.
    public static func open(_ path: String, part: String? = nil) throws -> Dataset {
        guard FileBytes.isFolder(path) else { return try csv(path) }
        let files = try FileBytes.list(path)
        if files.contains(where: { $0.contains("images") && $0.contains("idx") }) {
            return try idx(folder: path, part: part)
        }
        let tables = files.filter { $0.hasSuffix(".csv") }
        if tables.count == 1, let table = tables.first { return try csv("\(path)/\(table)") }
        return try imageFolder(path)
    }
}
