import Foundation

let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// The binary that was built beside the tests; SIAM_BINARY names another.
let siam: String = {
    if let named = ProcessInfo.processInfo.environment["SIAM_BINARY"] { return named }
    let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
    for folder in [bundle, bundle.deletingLastPathComponent()] {
        let candidate = folder.appendingPathComponent("siam").path
        if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return root.appendingPathComponent(".build/debug/siam").path
}()

struct Ended {
    var status: Int32
    var out: String
    var error: String
}

func run(_ program: String, _ arguments: [String], _ more: [String: String] = [:], in folder: String? = nil) throws
    -> Ended
{
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(more) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let (out, error) = (Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = error
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let printed = out.fileHandleForReading.readDataToEndOfFile()
    let said = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Ended(
        status: process.terminationStatus, out: String(decoding: printed, as: UTF8.self),
        error: String(decoding: said, as: UTF8.self))
}

func isThere(_ tool: String) -> Bool { (try? run("sh", ["-c", "command -v \(tool)"]).status) == 0 }
