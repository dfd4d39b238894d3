import Glibc
import SiamData
import SiamFormats

/// Commands of the editor: running the file, the doctor and the lessons from it.
extension LanguageServer {
    struct Command {
        var name: String
        var title: String
        /// The arguments of siam.
        var word: String
    }

    static let commands = [
        Command(name: "siam.run", title: "Run", word: "run"),
        Command(name: "siam.doctor", title: "Ask the doctor", word: "doctor"),
    ]

    /// Starts a command on a file; its output is reported as it comes.
    func execute(_ p: JSON) throws -> JSON {
        guard let command = LanguageServer.commands.first(where: { $0.name == p["command"]?.text }) else {
            throw RPCError.parameters("the commands are \(LanguageServer.commands.map(\.name).joined(separator: ", "))")
        }
        guard let uri = p["arguments"]?.elements.first?.text else { throw RPCError.parameters("which file?") }
        let path = TextDocument.path(uri)
        guard access(path, R_OK) == 0 else { throw RPCError.parameters("\(path) has to be saved first") }
        // One at a time on a file: the new one takes the place of the old.
        for child in children where child.path == path { child.stop() }
        guard let child = ChildRun(command.word, path) else {
            throw RPCError(code: -32603, message: "siam cannot start itself")
        }
        children.append(child)
        return .null
    }
}

/// Another siam at work on a file, whose words go to the editor.
final class ChildRun {
    let path: String
    private let process: ChildProcess
    private let word: String
    private var text: [UInt8] = []
    private var told = 0
    var file: Int32 { process.file }
    var hasEnded: Bool { process.hasEnded }
    /// The greatest size of reported output.
    private static let most = 1 << 20

    init?(_ word: String, _ path: String) {
        guard let process = ChildProcess([word, path], takesErrors: true) else { return nil }
        (self.process, self.word, self.path) = (process, word, path)
    }

    func stop() { process.stop() }

    /// Takes the output so far; at the end reports the result.
    func take() -> [JSON] {
        let new = process.take()
        if !hasEnded {
            if text.count < ChildRun.most { text.append(contentsOf: new) }
            return lines(all: false)
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let code = process.code
        var type = 3
        let outcome: String
        if process.signal != 0 {
            outcome = "\(name) was stopped"
        } else if word == "run" {
            type = code == 0 ? 3 : 1
            outcome = code == 0 ? "\(name) ran to its end" : "\(name) failed: the log of siam says why"
        } else {
            type = code == 0 ? 3 : code == 3 ? 2 : 1
            outcome =
                code == 0
                ? "the doctor found nothing in \(name)"
                : code == 3
                    ? "the doctor on \(name): \(firstLine)" : "\(name) could not be examined: the log of siam says why"
        }
        let shown = JSON.record(["type": .whole(type), "message": .text(outcome)])
        return lines(all: true) + [RPC.notification("window/showMessage", shown)]
    }

    private var firstLine: String {
        String(decoding: text, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    }

    private func lines(all: Bool) -> [JSON] {
        let end = all ? text.count : (text.lastIndex(of: 10) ?? -1) + 1
        guard end > told else { return [] }
        let new = String(decoding: text[told..<end], as: UTF8.self)
        told = end
        let shown = new.hasSuffix("\n") ? String(new.dropLast()) : new
        return [RPC.notification("window/logMessage", .record(["type": .whole(3), "message": .text(shown)]))]
    }
}
