import Glibc
import SiamTensor
import Testing

@testable import SiamData

/// The folder of this target's fixtures; see scripts/fixtures/data.py.
func fixture(_ name: String, _ file: String = #filePath) -> String {
    let root = file.split(separator: "/").dropLast(2).joined(separator: "/")
    return "/\(root)/Fixtures/data/\(name)"
}

/// The user's data sets, where the environment names them.
let dataFolder: String? = getenv("SIAM_DATA").map { String(cString: $0) }

/// Runs `body` with a folder of its own, removed afterwards with the files in it.
func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    var template = Array("/tmp/siam-data-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    try #require(made != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in (try? FileBytes.list(path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    return try body(path)
}

/// The error of `body`, as data.
func refusal(_ body: () throws -> Void) -> DataError? {
    do { try body() } catch let error as DataError { return error } catch { return nil }
    return nil
}

func close(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-6) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

/// A dataset whose row i holds the number i, with the given classes.
func numbered(_ y: [Int], name: String = "rows") throws -> Dataset {
    try Dataset(x: Tensor.of([y.count, 1], y.indices.map { Float($0) }), y: y, name: name)
}
