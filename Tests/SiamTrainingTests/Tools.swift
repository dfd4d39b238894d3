import Glibc
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

func session(_ output: CapturedOutput = CapturedOutput()) -> Session { ProgramTest.session(output) }

extension Session {
    func siam(_ text: String, _ name: String = "test.siam") throws {
        try run(Source(name: name, kind: .file, text: text))
    }
    func theRun(_ name: String = "run") throws -> SiamRuntime.Run {
        guard case .thing(let t)? = globals.valueIfReady(name), let run = t as? SiamRuntime.Run else {
            throw Diagnostic(code: "test", "\(name) is no run")
        }
        return run
    }
}

/// All that two runs have to agree in, to the last bit.
struct Outcome: Equatable {
    let loss: [UInt32]
    let gradientNorm: [UInt32]
    let reports: [[UInt32]]
    let parameters: [[UInt32]]
    let samples: [[UInt32]]
    let stream: RandomStream
    let steps: Int

    init(_ run: SiamRuntime.Run, _ session: Session) {
        loss = run.loss.values.map(\.bitPattern)
        gradientNorm = run.gradientNorm.values.map(\.bitPattern)
        reports = run.reports.map { $0.series.values.map(\.bitPattern) }
        parameters = run.parameters.map { $0.value.floats.map(\.bitPattern) }
        samples = run.record.samples.map { s in
            s.stages.flatMap { [$0.mean, $0.sd].map(\.bitPattern) } + s.weights.map(\.update.bitPattern)
        }
        stream = session.stream
        steps = run.steps
    }
}

/// A folder of the test's own, gone behind it.
final class Folder {
    let path: String
    init() {
        var template = Array("/tmp/siam-training-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }
    deinit {
        guard path != "/tmp", let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink("\(path)/\(name)")
        }
        closedir(directory)
        rmdir(path)
    }
    subscript(_ name: String) -> String { "\(path)/\(name)" }
}
