import ArgumentParser
import SiamData
import SiamFormats
import SiamPrompt

/// `siam manual`: the page for man(1), made from what `--help` is made from.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page, for man.", shouldDisplay: false)

    func run() throws {
        let tool = try JSON.read(Siam._dumpHelp())
        let output = TerminalOutput(color: .never)
        output.print(ManualPage(tool["command"] ?? .null).text)
        output.leave(0)
    }
}

/// The commands and their arguments as mdoc(7).
struct ManualPage {
    private let root: JSON
    private var lines: [String] = []

    init(_ root: JSON) { self.root = root }

    var text: String {
        var page = self
        page.write()
        return page.lines.joined(separator: "\n")
    }

    private mutating func write() {
        let commands = (root["subcommands"]?.elements ?? []).filter { $0["shouldDisplay"]?.bool != false }
        lines += [
            ".Dd $Mdocdate$", ".Dt SIAM 1", ".Os", ".Sh NAME", ".Nm siam",
            ".Nd \(plain(sentence(root["abstract"]?.text)))", ".Sh SYNOPSIS",
        ]
        for command in commands {
            let name = command["commandName"]?.text ?? ""
            lines.append(".Nm siam")
            if root["defaultSubcommand"]?.text == name {
                lines.append(".Op Cm \(name)")
            } else {
                lines.append(".Cm \(name)")
            }
            for argument in shown(command) { lines.append(synopsis(argument)) }
        }
        lines += [".Sh DESCRIPTION"]
        paragraph(root["discussion"]?.text)
        for command in commands {
            let name = command["commandName"]?.text ?? ""
            lines += [".Ss siam \(name)"]
            paragraph(command["abstract"]?.text)
            let arguments = shown(command)
            if !arguments.isEmpty {
                lines.append(".Bl -tag -width Ds")
                for argument in arguments { item(argument) }
                lines.append(".El")
            }
            if let more = command["discussion"]?.text {
                lines.append(".Pp")
                paragraph(more)
            }
        }
        lines += [
            ".Sh SEE ALSO", ".Lk https://microsoft.github.io/language-server-protocol \"Language Server Protocol\"",
        ]
    }

    /// A summary without its full stop, as this line has it.
    private func sentence(_ text: String?) -> String {
        guard let text, let first = text.first else { return "" }
        return first.lowercased() + (text.hasSuffix(".") ? text.dropLast() : text.dropFirst(text.count)).dropFirst()
    }

    private func shown(_ command: JSON) -> [JSON] {
        (command["arguments"]?.elements ?? []).filter {
            $0["shouldDisplay"]?.bool != false && !["help", "version"].contains($0["preferredName"]?["name"]?.text)
        }
    }

    private func flags(_ argument: JSON) -> [String] {
        (argument["names"]?.elements ?? []).compactMap { name in
            guard let text = name["name"]?.text else { return nil }
            return name["kind"]?.text == "long" ? "-\(text)" : text
        }
    }

    private func synopsis(_ argument: JSON) -> String {
        let value = argument["valueName"]?.text ?? "value"
        let repeats = argument["isRepeating"]?.bool == true ? " ..." : ""
        switch argument["kind"]?.text {
        case "positional":
            return (argument["isOptional"]?.bool == true ? ".Op " : ".") + "Ar \(value)\(repeats)"
        case "flag": return ".Op Fl \(flags(argument).first ?? "")"
        default: return ".Op Fl \(flags(argument).first ?? "") Ar \(value)"
        }
    }

    private mutating func item(_ argument: JSON) {
        let value = argument["valueName"]?.text ?? "value"
        switch argument["kind"]?.text {
        case "positional": lines.append(".It Ar \(value)")
        case "flag": lines.append(".It " + flags(argument).map { "Fl \($0)" }.joined(separator: " , "))
        default: lines.append(".It " + flags(argument).map { "Fl \($0) Ar \(value)" }.joined(separator: " , "))
        }
        paragraph(argument["abstract"]?.text)
        if let defaultValue = argument["defaultValue"]?.text, argument["kind"]?.text != "flag" {
            paragraph("Unless given: \(defaultValue).")
        }
    }

    private mutating func paragraph(_ text: String?) {
        for line in (text ?? "").split(separator: "\n") {
            // A sentence a line, as mdoc wants it.
            for sentence in String(line).replacing(". ", with: ".\n").split(separator: "\n") {
                lines.append(plain(String(sentence)))
            }
        }
    }

    /// Text that means no request.
    private func plain(_ text: String) -> String {
        let safe = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }
}
