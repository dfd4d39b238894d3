import Glibc
import Testing

@testable import SiamLanguage

/// The contents of a file of this repository, by its path from the top.
func repositoryFile(_ path: String, from file: StaticString = #filePath) -> String? {
    var parts = "\(file)".split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return readFile(parts.joined(separator: "/") + "/" + path)
}

func repositoryPath(_ path: String, from file: StaticString = #filePath) -> String {
    var parts = "\(file)".split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/") + "/" + path
}

func readFile(_ path: String) -> String? {
    guard let handle = fopen(path, "rb") else { return nil }
    defer { fclose(handle) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&buffer, 1, buffer.count, handle)
        guard count > 0 else { break }
        bytes += buffer[0..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
}

func writeFile(_ path: String, _ text: String) {
    guard let handle = fopen(path, "wb") else { return }
    defer { fclose(handle) }
    let bytes = Array(text.utf8)
    fwrite(bytes, 1, bytes.count, handle)
}

/// All files of a folder of this repository with an ending, sorted.
func repositoryFiles(_ folder: String, ending: String) -> [String] {
    let path = repositoryPath(folder)
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasSuffix(ending) { found.append(path + "/" + name) }
    }
    return found.sorted()
}

func source(_ text: String, _ name: String = "mine.siam") -> Source { Source(name: name, kind: .file, text: text) }

func parse(_ text: String) -> Program { Parser.parse(source(text)).program }

/// The messages of the errors of a text.
func messages(_ text: String) -> [String] { Parser.parse(source(text)).diagnostics.map(\.message) }
