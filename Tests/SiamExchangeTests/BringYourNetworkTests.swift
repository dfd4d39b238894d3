import Foundation
import Testing

/// `tutorials/bring-your-network.md` from its first line to its last, where a Python with PyTorch is at hand.
@Suite struct BringYourNetworkTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func run(_ program: String, _ arguments: [String], in folder: URL, siam: String) -> (Int32, String) {
        let p = Process()
        p.executableURL = URL(fileURLWithPath: program)
        p.arguments = arguments
        p.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONPATH"] = root.appendingPathComponent("scripts/python").path
        environment["SIAM"] = siam
        p.environment = environment
        let pipe = Pipe()
        p.standardOutput = pipe
        p.standardError = pipe
        do { try p.run() } catch { return (-1, "\(error)") }
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        p.waitUntilExit()
        return (p.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    /// The blocks of a page by their language.
    private static func blocks(_ page: String) -> [(language: String, text: String)] {
        var found: [(String, String)] = []
        var open: String?
        var lines: [Substring] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let language = open {
                    found.append((language, lines.joined(separator: "\n")))
                    open = nil
                } else {
                    (open, lines) = (String(line.dropFirst(3)), [])
                }
            } else {
                lines.append(line)
            }
        }
        return found
    }

    @Test func page() throws {
        let candidates = [ProcessInfo.processInfo.environment["SIAM_PYTHON"], "/usr/bin/python3"]
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("siam-bring-\(getpid())")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: temporary) }
        let siam = ProcessInfo.processInfo.arguments[0].split(separator: "/").dropLast().joined(separator: "/")
        let binaries = ["/\(siam)/siam", Self.root.appendingPathComponent(".build/release/siam").path]
        let binary = binaries.first { FileManager.default.isExecutableFile(atPath: $0) }
        let python = candidates.compactMap { $0 }.first {
            Self.run($0, ["-c", "import torch, sklearn, safetensors, onnx"], in: temporary, siam: "").0 == 0
        }
        guard let python, let binary else {
            print("skipped: no Python with torch, scikit-learn, safetensors and onnx (SIAM_PYTHON names one)")
            return
        }
        let text = try String(
            contentsOf: Self.root.appendingPathComponent("tutorials/bring-your-network.md"), encoding: .utf8)
        let all = Self.blocks(text)
        let first = all.filter { $0.language == "python" }.map(\.text).joined(separator: "\n")
        let last = all.filter { $0.language == "python after" }.map(\.text).joined(separator: "\n")
        let (a, said) = Self.run(python, ["-c", first], in: temporary, siam: binary)
        #expect(a == 0, "\(said.suffix(3000))")
        let program = all.filter { $0.language == "siam" }.map(\.text).joined(separator: "\n")
        let (b, shown) = Self.run(binary, ["-e", program], in: temporary, siam: binary)
        #expect(b == 0, "\(shown.suffix(3000))")
        let (c, after) = Self.run(python, ["-c", first + "\n" + last], in: temporary, siam: binary)
        #expect(c == 0, "\(after.suffix(3000))")
    }
}
