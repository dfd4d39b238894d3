import Foundation
import Testing

/// The doctor on its ward, through the binary as a user calls it: what it names, what it alarms at, and that every repair
/// that it writes is a program that runs and is laid out as `siam fmt` would.
@Suite(.serialized) struct WardTests {
    struct Patient {
        var name: String
        var truth: String
        var text: String
        var isHealthy: Bool { truth == "healthy" }
    }
    struct Answer {
        var names: [String]
        var isRepaired: Bool
        var complaint: String?
    }

    /// Every fourth program of the ward, all of them in the long campaign.
    private static func ward() throws -> [Patient] {
        let folder = testsFolder.appendingPathComponent("Programs/sick")
        let all = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".siam") }
            .sorted()
            .map { name in
                let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
                let head = text.split(separator: "\n")[0].dropFirst("# ward: ".count)
                return Patient(name: name, truth: head.components(separatedBy: ", half")[0], text: text)
            }
        return isLongCampaign ? all : all.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
    }

    @Test func theDoctorKnowsItsWardAndItsRepairsRun() async throws {
        let patients = try Self.ward()
        #expect(patients.count { !$0.isHealthy } >= 30 && patients.count(where: \.isHealthy) >= 8)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ward-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var answers: [(Patient, Answer)] = []
        await withTaskGroup(of: (Patient, Answer).self) { group in
            var waiting = patients[...]
            func next() {
                guard let patient = waiting.popFirst() else { return }
                group.addTask { (patient, Self.examine(patient, in: folder)) }
            }
            for _ in 0..<2 { next() }
            for await done in group {
                answers.append(done)
                next()
            }
        }
        for (patient, answer) in answers {
            if let complaint = answer.complaint { Issue.record("\(patient.name): \(complaint)") }
        }
        let sick = answers.filter { !$0.0.isHealthy }
        let missed = sick.filter { $0.1.names.first != $0.0.truth }.map(\.0.name)
        let notAmongThree = sick.filter { !$0.1.names.prefix(3).contains($0.0.truth) }.map(\.0.name)
        #expect(missed.count * 10 <= sick.count, "the seeded cause is not named first: \(missed)")
        #expect(notAmongThree.count * 100 <= 3 * sick.count, "nor among the first three: \(notAmongThree)")
        let alarms = answers.filter { $0.0.isHealthy && !$0.1.names.isEmpty }.map { "\($0.0.name): \($0.1.names)" }
        #expect(alarms.isEmpty, "alarms at healthy programs: \(alarms)")
        #expect(sick.count(where: \.1.isRepaired) >= sick.count / 2)
    }

    private static func examine(_ patient: Patient, in folder: URL) -> Answer {
        let file = folder.appendingPathComponent(patient.name)
        do {
            try patient.text.write(to: file, atomically: true, encoding: .utf8)
            let answer = try run(["doctor", file.path, "--json", "--fix", "--budget", "600", "--threads", "1"])
            guard
                let found = try? JSONSerialization.jsonObject(with: Data(answer.out.utf8)) as? [String: Any],
                let names = found["names"] as? [String], answer.status == (names.isEmpty ? 0 : 3)
            else { return Answer(names: [], isRepaired: false, complaint: "no answer: \(answer.out)\(answer.error)") }
            let text = try String(contentsOf: file, encoding: .utf8)
            if text == patient.text { return Answer(names: names, isRepaired: false) }
            guard try String(contentsOf: URL(fileURLWithPath: file.path + ".orig"), encoding: .utf8) == patient.text
            else {
                return Answer(names: names, isRepaired: true, complaint: "the original was not kept")
            }
            let repaired = try run(["--threads", "1", file.path])
            guard repaired.status == 0, !repaired.error.contains("is not finite") else {
                return Answer(
                    names: names, isRepaired: true, complaint: "the repaired program fails: \(repaired.error)")
            }
            guard try run(["fmt", "--check", file.path]).status == 0 else {
                return Answer(names: names, isRepaired: true, complaint: "the repaired program is not laid out")
            }
            return Answer(names: names, isRepaired: true)
        } catch { return Answer(names: [], isRepaired: false, complaint: "\(error)") }
    }
}
