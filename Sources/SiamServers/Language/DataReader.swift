import Glibc
import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamRuntime
import SiamShapes
import SiamReports

/// Reads data sets in the background of the server, for their shapes: a file may be large, on a slow disk, or damaged, and no answer waits
/// for it.
final class DataReader {
    let process: ChildProcess
    /// The calls that it was given, and those of them that it has reported.
    let calls: [String]
    private var isTold: Set<String> = []
    private var text: [UInt8] = []

    /// Seconds after which a file counts as unreadable.
    private static let patience: UInt32 = 60
    /// More calls than this are read in turn.
    private static let most = 32

    init?(_ calls: [String]) {
        self.calls = Array(calls.prefix(DataReader.most))
        let words = self.calls.flatMap { ["--shapes-of", $0] }
        guard let process = ChildProcess(["lsp"] + words, takesErrors: false) else { return nil }
        self.process = process
    }

    /// The facts reported so far; at the end, nothing for calls that were not reported.
    func take() -> [(call: String, shape: JSON)] {
        text.append(contentsOf: process.take())
        var found: [(String, JSON)] = []
        while let end = text.firstIndex(of: 10) {
            if let line = try? JSON.read(Array(text[..<end])), let call = line["call"]?.text {
                found.append((call, line["shape"] ?? .null))
                isTold.insert(call)
            }
            text.removeSubrange(...end)
        }
        if process.hasEnded { found += calls.filter { !isTold.contains($0) }.map { ($0, .null) } }
        return found
    }

    /// In the reading process: reports each call as soon as it is known.
    static func tell(_ calls: [String]) {
        alarm(patience)
        let session = Session(output: SilentOutput(), builtins: Builtin.all)
        for call in calls {
            let line = JSON.record(["call": .text(call), "shape": ShapeFacts.told(call, in: session)])
            guard Wire.write(Array((line.line + "\n").utf8), to: STDOUT_FILENO) else { return }
        }
    }
}

extension LanguageServer {
    /// For the process that reads data sets in the server's place.
    public static func tellShapes(of calls: [String]) { DataReader.tell(calls) }

    /// Calls of open files that are not being read yet.
    var unread: [String] {
        var all: [String] = []
        for one in facts.values { for call in one.wanted where !all.contains(call) { all.append(call) } }
        return all.filter { reader?.calls.contains($0) != true }.sorted()
    }

    /// Nothing is typed for the moment: what is wanted is read.
    func startReading() {
        let calls = unread
        guard !calls.isEmpty else { return }
        if let reader {
            // What is still wanted is read on.
            guard !facts.values.contains(where: { $0.wanted.contains(where: reader.calls.contains) }) else { return }
            reader.process.stop()
            return
        }
        reader = DataReader(calls)
        if reader == nil { for one in facts.values { for call in calls { one.learn(call, .null) } } }
    }

    /// Takes over what the reader knows; findings that change are published again.
    func hear(_ reader: DataReader) -> [JSON] {
        var messages: [JSON] = []
        for (call, shape) in reader.take() {
            for (uri, one) in facts where one.wanted.contains(call) {
                // A call that was stopped before its turn, or while it was read, is still to be read.
                if reader.process.isStopped, shape == .null { continue }
                one.learn(call, shape)
                changed(uri)
                if messages.isEmpty, refreshesHints { messages.append(ask("workspace/inlayHint/refresh")) }
            }
        }
        if reader.process.hasEnded { self.reader = nil }
        return messages
    }
}
