import Foundation
import SiamPrompt
import Testing

/// What is said of the house is of now: its picture, its version.
@Suite struct HouseTests {
    private static let root = testsFolder.deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// tutorials/house.svg is drawn from Package.swift; scripts/house draws it anew.
    @Test func pictureIsOfThePackageOfNow() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", Self.root.appendingPathComponent("scripts/house").path, "--check"]
        let error = Pipe()
        process.standardError = error
        try process.run()
        let said = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // 127: there is no python3 here, and nothing to check with.
        guard process.terminationStatus != 127 else {
            print("the picture of the house is not checked: it takes python3")
            return
        }
        #expect(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }

    @Test func versionNamesTheCommit() throws {
        let said = try run(["--version"]).out
        #expect(said.contains(/^siam \d+\.\d+\.\d+ \((unknown|[0-9a-f]{7,}\+?)\)\n$/), "\(said)")
        #expect(said == Version.full + "\n")
    }

    /// The newest entry of the changes is of the version that this is.
    @Test func changesBeginWithThisVersion() throws {
        let first = try #require(try text("tutorials/changes.md").split(separator: "\n").first { $0.hasPrefix("## ") })
        #expect(first.dropFirst(3).split(separator: ",").first.map { "siam \($0)" } == Version.name)
    }

    /// Files and folders that the page for contributors names are there.
    @Test func contributorsFindWhatTheyAreTold() throws {
        let page = try text("tutorials/contributing.md")
        var count = 0
        for match in page.matches(of: /(?:Sources|Tests|scripts|tutorials)\/[A-Za-z0-9_.\/-]*[A-Za-z0-9]/) {
            let path = String(match.0)
            // `NAME`, `NN-name` and `13-name` stand for what is new.
            guard !path.contains("NAME"), !path.contains("-name") else { continue }
            count += 1
            let full = Self.root.appendingPathComponent(path).path
            #expect(FileManager.default.fileExists(atPath: full), "\(path)")
        }
        #expect(count > 30)
    }

    /// README's sick program gets the report that stands there, up to numbers and pictures, which hang on the processor.
    @Test func readmeShowsTheReportOfNow() throws {
        let page = try text("README.md")
        let parts = page.components(separatedBy: "## A sick program")
        let blocks = try #require(parts.last).components(separatedBy: "```")
        try #require(parts.count == 2 && blocks.count > 4)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("sick.siam")
        try Data(blocks[1].dropFirst("siam\n".count).utf8).write(to: file)
        let said = try run(["doctor", file.path], environment: ["LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"])
        func plain(_ text: String) -> [String] {
            text.replacing(folder.path + "/", with: "").split(separator: "\n").map {
                String($0).replacing(/[0-9.]+|[\u{2581}-\u{2588}]+/, with: "#")
            }
        }
        #expect(said.status == 3)
        #expect(plain(said.out) == plain(blocks[3]))
    }
}
