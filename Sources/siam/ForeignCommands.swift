import SiamInterpreter
import SiamLanguage

/// Commands and options of other tools, with what siam has for them.
enum ForeignCommands {
    /// What an option that other languages have is here; nil of one that nobody has.
    static func option(_ option: String, _ words: [String]) -> String? {
        switch option {
        case "-c", "--eval", "--execute", "-r": return "code is run by -e:  siam -e 'print(1)'"
        case "-i", "--interactive": return "siam without a file opens the prompt; :load FILE runs a program there"
        case "-m": return "a program is run by its file:  siam FILE"
        case "-v", "-V": return "the version is shown by  siam --version"
        default: break
        }
        let name = option.drop { $0 == "-" }.split(separator: "=").first.map(String.init) ?? ""
        if ["check", "doctor", "fmt", "test", "doc", "learn", "watch", "inspect"].contains(name) {
            let rest = words.filter { !$0.hasPrefix("-") && $0 != "run" }.joined(separator: " ")
            return "it is a command:  siam \(name) \(rest.isEmpty || rest.utf8.count > 60 ? "FILE" : rest)"
        }
        if ["run", "exec", "execute"].contains(name) { return "a program is run by its file:  siam FILE" }
        let ofPrograms: Set<String> = [
            "epochs", "epoch", "lr", "learning-rate", "learning_rate", "batch-size", "batch_size", "batch", "steps",
            "device", "gpu", "cuda", "cpu", "data", "dataset", "output", "out", "model", "margin", "dim", "optimizer",
        ]
        guard ofPrograms.contains(name) else { return nil }
        let file = words.first { $0.hasSuffix(".siam") } ?? "FILE"
        let rest = words.filter { $0 != file && $0 != "run" }.joined(separator: " ")
        let whole = "siam \(file) \(rest)"
        return "settings of a program stand in it; what follows its file is its args:  "
            + (whole.utf8.count <= 60 ? whole : "siam FILE \(option)")
    }

    /// An option of siam that stands behind the file of a program that never looks at its args: nothing takes it.
    static func behindTheFile(_ given: [String], _ file: String) -> (message: String, repair: String)? {
        let own: Set<String> = [
            "--seed", "--threads", "--quiet", "--color", "--store", "--data-parallel", "--blocks", "--no-init",
        ]
        guard let option = given.first(where: { one in own.contains(String(one.prefix { $0 != "=" })) }),
            let text = try? Files.text(file), !text.contains("args")
        else { return nil }
        let rest = given.joined(separator: " ")
        return (
            "\(option) stands behind the file, so it is an argument of the program, which uses none",
            "options of siam come first:  siam \(rest.utf8.count <= 40 ? rest : option) \(file)"
        )
    }

    /// The message of the parser of the command line without a suggestion that has little in common with what was typed.
    static func withoutFarSuggestion(_ text: String) -> String {
        guard let start = text.firstRange(of: "Unknown option '"),
            let middle = text.firstRange(of: "'. Did you mean '"),
            start.upperBound < middle.lowerBound, let end = text[middle.upperBound...].firstRange(of: "'?")
        else { return text }
        func plain(_ option: Substring) -> String { String(option.drop { $0 == "-" }) }
        let typed = plain(text[start.upperBound..<middle.lowerBound])
        let offered = plain(text[middle.upperBound..<end.lowerBound])
        if closest(to: typed, in: [offered]) != nil { return text }
        return text[..<middle.lowerBound] + "'" + text[end.upperBound...]
    }

    /// What stands in the place of a subcommand and is none.
    static func command(_ word: String, _ rest: [String], known: [String]) -> String? {
        let others = [
            "train": "run", "fit": "run", "exec": "run", "execute": "run", "start": "run", "python": "run",
            "eval": "eval", "repl": "prompt", "shell": "prompt", "console": "prompt", "interactive": "prompt",
            "prompt": "prompt", "lint": "check", "verify": "check", "format": "fmt", "debug": "doctor",
            "diagnose": "doctor", "why": "doctor", "tutorial": "learn", "lesson": "learn", "lessons": "learn",
            "teach": "learn", "info": "doc", "man": "doc", "usage": "doc", "show": "inspect", "version": "version",
            "install": "install", "add": "install", "pip": "install", "compile": "run", "build": "run",
        ]
        let near = others[word] == nil ? closest(to: word, in: known + others.keys.sorted()) : nil
        guard let meant = others[word] ?? near.map({ others[$0] ?? $0 }) else { return nil }
        let given = rest.joined(separator: " ")
        let behind = given.isEmpty || given.utf8.count > 40 ? "" : " " + given
        switch meant {
        case "run": return "a program is run by its file:  siam\(behind.isEmpty ? " FILE" : behind)"
        case "eval": return "code is run by -e:  siam -e '\(behind.isEmpty ? "print(1)" : given)'"
        case "prompt": return "the prompt opens without a file:  siam"
        case "version": return "the version is shown by  siam --version"
        case "install": return "nothing is to be installed: layers, losses and data are built in"
        case let other where known.contains(other):
            return near == nil
                ? "the command is  siam \(other)\(behind)"
                : "there is a command with a similar name:  siam \(other)\(behind)"
        default: return nil
        }
    }
}
