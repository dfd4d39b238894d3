import Glibc
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import SiamReports

@testable import SiamFigures

/// Other programs, where the machine has them.
enum Tools {
    static func path(_ names: [String]) -> String? {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin").split(separator: ":")
        for name in names {
            for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        }
        return nil
    }
    static let python = path(["python3"])
    static let browser = path(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])

    /// What a command line writes on both outputs.
    static func output(_ command: String) -> String {
        guard let pipe = popen(command + " 2>&1", "r") else { return "" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let n = fread(&buffer, 1, buffer.count, pipe)
            if n == 0 { break }
            bytes += buffer[..<n]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A folder of its own that goes away afterwards.
    static func withFolder<T>(_ body: (String) throws -> T) throws -> T {
        var template = Array("/tmp/siam-figures-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Diagnostic(code: "test.folder", "no folder can be made") }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = output("rm -r \(folder)") }
        return try body(folder)
    }
}

/// A session whose words are kept.
final class CapturedOutput: Output {
    var text = ""
    var page = Page(columns: 80, rows: 24)
    let isInteractive = false
    func print(_ text: String) { self.text += text + "\n" }
    func message(_ text: String) {}
    func diagnostic(_ d: Diagnostic) { text += d.message + "\n" }
    func progress(_ text: String?) {}
}

enum Programs {
    static func session() -> (Session, CapturedOutput) {
        let output = CapturedOutput()
        let session = Session(output: output, seed: 1, builtins: Builtin.all)
        Figures.attach(to: session)
        return (session, output)
    }

    /// What a program prints, its errors included.
    static func output(_ text: String) -> String {
        let (session, output) = session()
        do {
            try session.run(Source(name: "test", kind: .file, text: text))
        } catch {
            let d = session.describe(error)
            output.text += "error: \(d.message)\n" + (d.repair.map { "= \($0)\n" } ?? "")
        }
        return output.text
    }
}
