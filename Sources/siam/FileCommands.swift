import ArgumentParser
import CEditline
import Glibc
import SiamServers
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamPrompt
import SiamRuntime
import SiamShapes
import SiamReports

/// A file's text as a source; the message of a missing file, and code 1, where there is none.
private func source(_ path: String, _ output: TerminalOutput) -> Source? {
    do {
        let text = path == "-" ? TerminalOutput.standardInput() : try Files.program(path)
        return Source(name: path, kind: .file, text: text)
    } catch {
        if let d = error as? Diagnostic { output.diagnostic(d) }
        return nil
    }
}

/// `siam test FILES`: programs with expectations, and transcripts in Markdown.
struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run tests, programs (.siam) and transcripts (.md), and show the differences.")
    @ArgumentParser.Argument(help: "Files, or folders that contain them.", completion: .file(extensions: ["siam"]))
    var files: [String]
    @Flag(help: "Write the present output of the programs into the files.")
    var record = false

    func run() throws {
        let output = TerminalOutput(color: .auto)
        var passed = 0
        var failed = 0
        for path in files.flatMap(Test.expand) {
            guard let source = source(path, output) else {
                failed += 1
                continue
            }
            let result = path.hasSuffix(".md") ? Transcript.run(source) : ProgramTest.run(source)
            if result.passed {
                passed += 1
                continue
            }
            if record {
                do {
                    try Files.write(Array(result.recorded.utf8), to: path)
                    output.print("recorded \(path)")
                    passed += 1
                } catch {
                    if let d = error as? Diagnostic { output.diagnostic(d) }
                    failed += 1
                }
                continue
            }
            failed += 1
            for d in result.differences {
                output.print("\(path):\(d.line)")
                for line in d.wanted { output.print("  - \(line)") }
                for line in d.got { output.print("  + \(line)") }
            }
        }
        output.print("\(passed) passed, \(failed) failed")
        output.leave(failed == 0 ? 0 : 1)
    }

    /// A folder's tests, sorted; of a file, the file itself.
    static func expand(_ path: String) -> [String] {
        let names = Files.names(in: path)
        guard !names.isEmpty else { return [path] }
        return names.flatMap { name -> [String] in
            let full = path + (path.hasSuffix("/") ? "" : "/") + name
            if name.hasSuffix(".siam") || name.hasSuffix(".md") { return [full] }
            return Files.names(in: full).isEmpty ? [] : expand(full)
        }
    }
}

/// `siam check FILES`: what can be found without running.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find faults without running: syntax, names, arguments, wiring.",
        discussion: "Exit code: 0 nothing found, 1 an error, 3 warnings alone, 2 wrong usage.")
    @ArgumentParser.Argument(help: "The .siam files.", completion: .file(extensions: ["siam"]))
    var files: [String]
    @Flag(help: "Print problems as JSON; the same as --format json.")
    var json = false
    @Option(help: "Format of the problems: text, json, github (annotations), sarif.")
    var format: DiagnosticFormat = .text

    func run() throws {
        let output = TerminalOutput(color: .auto)
        let format = json ? .json : format
        let session = Session(output: output, builtins: Builtin.all)
        let known = session.knownNames()
        var all: [Diagnostic] = []
        var missing = false
        for path in files.flatMap(Test.expand) where !path.hasSuffix(".md") {
            guard let source = source(path, output) else {
                missing = true
                continue
            }
            let (program, errors) = Parser.parse(source)
            all += session.findings(program, errors: errors, known: known)
        }
        if format != .text {
            let text = format.written(all)
            if !text.isEmpty { output.print(text) }
        } else {
            let renderer = DiagnosticRenderer(isColored: output.colorOnOut)
            for d in all { output.print(renderer.render(d)) }
        }
        output.leave(missing || all.contains { $0.severity == .error } ? 1 : all.isEmpty ? 0 : 3)
    }
}

/// `siam fmt FILES`: the one layout.
struct Format: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Rewrite programs in the canonical layout.")
    @ArgumentParser.Argument(
        help: "The .siam files; - reads standard input and prints.", completion: .file(extensions: ["siam"]))
    var files: [String]
    @Flag(help: "Change nothing; exit 1 if the layout of a file would change.")
    var check = false

    func run() throws {
        let output = TerminalOutput(color: .auto)
        var status: Int32 = 0
        for path in files {
            guard let source = source(path, output) else {
                status = 1
                continue
            }
            let (program, errors) = Parser.parse(source)
            if let first = errors.first(where: { $0.severity == .error }) {
                output.diagnostic(first)
                status = 1
                continue
            }
            let text = Formatter.format(program)
            if path == "-" {
                fputs(text, siam_stdout())
            } else if text != source.text {
                if check {
                    output.print("\(path) is not in the canonical layout")
                    status = 1
                } else {
                    do { try Files.write(Array(text.utf8), to: path) } catch {
                        if let d = error as? Diagnostic { output.diagnostic(d) }
                        status = 1
                    }
                }
            }
        }
        output.leave(status)
    }
}

/// `siam doc NAME`: help on the command line.
struct Doc: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the help of a name, or search all help.")
    @ArgumentParser.Argument(help: "A name of the language, a fault, or a word to search for.")
    var words: [String] = []
    func run() throws {
        let output = TerminalOutput(color: .auto)
        let session = Session(output: output, builtins: Builtin.all)
        let name = words.joined(separator: " ")
        guard !name.isEmpty else {
            for entry in session.help() { output.print("\(entry.name)  \(entry.firstLine)") }
            output.leave(0)
        }
        if let entry = session.help(name) {
            output.print(entry.rendered())
            if let text = entry.source { output.print("\n" + text) }
        } else {
            let found = session.search(name)
            if found.isEmpty {
                output.message("there is no help for \(name)")
                if let near = closest(to: name, in: session.help().map(\.name)) {
                    output.message("  = Did you mean \(near)?  siam doc \(near)")
                }
                output.leave(1)
            }
            for entry in found { output.print("\(entry.name)  \(entry.firstLine)") }
        }
        output.leave(0)
    }
}
