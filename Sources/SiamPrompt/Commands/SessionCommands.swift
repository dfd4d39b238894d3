import Glibc
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Commands of the session: reset, folders, history, settings.
extension PromptCommands {
    /// The session itself.
    static let session: [PromptCommand] = [
        PromptCommand(
            "reset", "", "forgets your names; the random stream starts again",
            details: "The history stays. To keep your work, save it first with :save."
        ) { prompt, _ in
            let count = prompt.session.globals.userNames.count { $0 != "_" && $0 != "args" }
            prompt.session.globals.reset()
            prompt.session.stream = RandomStream(seed: prompt.session.firstSeed)
            prompt.record.clear()
            prompt.keepForRecovery()
            prompt.output.message("forgot \(count == 1 ? "1 name" : "\(count) names")")
            return .goOn
        },
        PromptCommand(
            "cd", "[FOLDER]", takes: .anyFile, "changes the current folder, or shows it",
            details: "Paths in programs, as in :load, csv and save, are relative to it.", listing: .name
        ) { prompt, rest in
            if !rest.isEmpty {
                let folder = path(rest)
                guard chdir(folder) == 0 else {
                    throw Diagnostic(
                        code: "folder.none", "\(folder) is not a folder",
                        notes: ["the current folder is \(Files.currentFolder())"])
                }
            }
            prompt.output.message(Files.currentFolder())
            return .goOn
        },
        PromptCommand(
            "ls", "[FOLDER]", takes: .anyFile, "lists the files of a folder, by default of the current one",
            listing: .name
        ) {
            prompt, rest in
            let folder = rest.isEmpty ? "." : path(rest)
            let names = Files.names(in: folder).filter { !$0.hasPrefix(".") }
            guard !names.isEmpty else {
                prompt.output.message("there are no files in \(rest.isEmpty ? "this folder" : folder)")
                return .goOn
            }
            for line in columned(names, prompt.output.page.columns) { prompt.output.print(line) }
            return .goOn
        },
        PromptCommand(
            "history", "[WORD]", takes: .text, "shows earlier inputs, or those that contain a word"
        ) { prompt, rest in
            var entries = prompt.history.entries
            if let n = Int(rest) {
                entries = Array(entries.suffix(max(0, n)))
            } else if !rest.isEmpty {
                entries = entries.filter { $0.contains(rest) }
            }
            let most = Int(rest) ?? max(8, prompt.output.page.rows - 3)
            if entries.count > most {
                prompt.output.print("... \(entries.count - most) earlier: :history 1000 shows more")
            }
            for entry in entries.suffix(most) { prompt.output.print(entry) }
            return .goOn
        },
        PromptCommand(
            "set", "[NAME VALUE]", takes: .oneOf(Setting.all.map(\.choice)),
            "shows the settings, or changes one"
        ) { prompt, rest in
            let parts = rest.split(separator: " ").map(String.init)
            guard let name = parts.first else {
                for s in Setting.all {
                    let head = "\(s.name) \(s.read(prompt))"
                    prompt.output.print(head + String(repeating: " ", count: max(2, 22 - head.count)) + s.help)
                }
                return .goOn
            }
            guard let setting = Setting.all.first(where: { $0.name == name }) else {
                throw Diagnostic(
                    code: "setting.unknown", "there is no setting \(name)",
                    notes: ["there are \(Setting.all.map(\.name).joined(separator: ", "))"],
                    repair: closest(to: name, in: Setting.all.map(\.name)).map { "Did you mean \($0)?" })
            }
            guard parts.count >= 2 else {
                prompt.output.print("\(setting.name) \(setting.read(prompt))    \(setting.help)")
                return .goOn
            }
            // `:set memory 300 MB`
            let value = parts.dropFirst().joined()
            guard setting.write(prompt, value) else {
                throw Diagnostic(code: "setting.value", "\(name) expects \(setting.values), and got \(value)")
            }
            return .goOn
        },
    ]
}

/// Something that `:set` changes: declared once.
struct Setting: Sendable {
    let name: String
    let help: String
    let values: String
    /// Its name and what can be typed for it, for completion.
    var choice: CommandEntry.Choice {
        let words = values.replacing(" or ", with: ", ").split(separator: ", ").map(String.init)
        return CommandEntry.Choice(word: name, help: help, values: words.filter { !$0.contains(" ") })
    }
    let read: @Sendable (Prompt) -> String
    /// False where the value is none of the setting's.
    let write: @Sendable (Prompt, String) -> Bool

    static let all: [Setting] = [
        Setting(
            name: "color", help: "colour in the output", values: "on or off",
            read: { $0.output.colorOnOut ? "on" : "off" },
            write: { prompt, value in
                flag(value) {
                    prompt.output.colorOnOut = $0; prompt.output.colorOnError = $0
                }
            }),
        Setting(
            name: "live", help: "live curves during training", values: "on or off",
            read: { $0.output.isLive ? "on" : "off" },
            write: { prompt, value in flag(value) { prompt.output.isLive = $0 } }),
        Setting(
            name: "suggestions", help: "grey suggestions after the cursor", values: "on or off",
            read: { $0.suggests ? "on" : "off" }, write: { prompt, value in flag(value) { prompt.suggests = $0 } }),
        Setting(
            name: "graphics", help: "how figures are drawn: with characters or as images",
            values: Graphics.allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or "
                + (Graphics.allCases.last?.rawValue ?? ""),
            read: { $0.output.graphics.rawValue },
            write: { prompt, value in
                guard let graphics = Graphics(rawValue: value) else { return false }
                prompt.output.graphics = graphics
                return true
            }),
        Setting(
            name: "threads", help: "threads to compute with; results do not depend on it",
            values: "a number from 1 to 256",
            read: { _ in "\(Threads.count)" },
            write: { _, value in
                guard let n = Int(value), (1...256).contains(n) else { return false }
                Threads.count = n
                return true
            }),
        Setting(
            name: "memory", help: "the most that tensors, lists and texts may take",
            values: "a size such as 8GB or 500MB",
            read: { _ in
                let n = Memory.budget
                return n % 1_000_000_000 == 0 || n > 10_000_000_000 ? "\(n / 1_000_000_000)GB" : "\(n / 1_000_000)MB"
            },
            write: { _, value in
                let units = [("GB", 1_000_000_000), ("MB", 1_000_000)]
                for (unit, size) in units where value.uppercased().hasSuffix(unit) {
                    guard let n = Double(value.dropLast(2)), n > 0, n < 1e6 else { return false }
                    let bytes = Int(n * Double(size))
                    guard bytes >= 100_000_000 else { return false }
                    Memory.budget = bytes
                    return true
                }
                return false
            }),
    ]

    private static func flag(_ text: String, _ set: (Bool) -> Void) -> Bool {
        guard text == "on" || text == "off" else { return false }
        set(text == "on")
        return true
    }
}

extension PromptCommands {
    /// Names side by side, as many as the window has room for.
    static func columned(_ names: [String], _ columns: Int) -> [String] {
        let width = (names.map(displayWidth).max() ?? 0) + 2
        let each = max(1, (columns - 1) / width)
        let rows = (names.count + each - 1) / each
        return (0..<rows).map { row in
            var line = ""
            for k in stride(from: row, to: names.count, by: rows) {
                line += names[k] + String(repeating: " ", count: max(1, width - displayWidth(names[k])))
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
