import CEditline
import Glibc
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor
import SiamReports

/// Commands of files: load, reload, run, edit, save.
extension PromptCommands {
    /// Files in and out.
    static let files: [PromptCommand] = [
        PromptCommand(
            "load", "FILE", takes: .file, "runs a file in this session and keeps its names",
            details: "An error in it leaves every name as it was. :reload runs it again."
        ) { prompt, rest in
            let path = path(try need(rest, "load", "a file", "tower.siam"))
            try prompt.load(path)
            return .goOn
        },
        PromptCommand(
            "reload", "", "runs the last loaded file again and says what changed",
            details: "Files that it imports are read again. After an error the old definitions stay."
        ) { prompt, _ in
            guard let loaded = prompt.loaded else {
                throw Diagnostic(code: "reload.none", "no file has been loaded yet", repair: ":load tower.siam")
            }
            try prompt.load(loaded.path, before: loaded.text)
            return .goOn
        },
        PromptCommand(
            "run", "FILE", takes: .file, "runs a file in a session of its own; nothing here changes"
        ) { prompt, rest in
            let path = path(try need(rest, "run", "a file", "tower.siam"))
            let source = Source(name: path, kind: .file, text: try Files.text(path))
            let other = Session(output: prompt.output, builtins: Builtin.all)
            other.pauseHandler = prompt
            other.ask = prompt.session.ask
            try other.run(source)
            return .goOn
        },
        PromptCommand(
            "edit", "[NAME]", takes: .topic, "opens the last input, or a definition, in your editor",
            details:
                "The environment variable VISUAL or EDITOR names the editor. The edited text is put on the input line and not run."
        ) { prompt, rest in
            guard prompt.isAtTerminal else {
                throw Diagnostic(code: "edit.terminal", "an editor needs a terminal, and there is none here")
            }
            // A lesson's program is edited where it lies; the save runs it.
            if rest.isEmpty, let path = prompt.lesson?.player.watchedFile {
                try OutsideEditor.open(path)
                return .goOn
            }
            var text = prompt.lastInput
            if !rest.isEmpty {
                guard let source = prompt.session.help(rest)?.source ?? prompt.session.sourceText(rest) else {
                    let isKnown =
                        prompt.session.globals.isUserName(rest) || prompt.session.globals.baseNames.contains(rest)
                    throw Diagnostic(
                        code: "edit.source",
                        isKnown ? "\(rest) has no source text to edit" : "there is nothing named \(rest)",
                        repair: closest(to: rest, in: prompt.session.globals.userNames).map {
                            "Did you mean :edit \($0)?"
                        })
                }
                text = source
            }
            prompt.reader.prepare(try OutsideEditor.edit(text))
            return .goOn
        },
        PromptCommand(
            "save", "FILE", takes: .anyFile, "writes the inputs that succeeded as a program",
            details:
                "An existing file is not overwritten, except by :save! FILE. When run, the program gives the same values, bit for bit. A run that was changed at a pause is written in parts: up to the pause, what was typed there, and the rest."
        ) { prompt, rest in
            let mayReplace = rest == "!" || rest.hasPrefix("! ")
            let path = path(
                try need(mayReplace ? rest.dropFirst().trimmedOfWhitespace : rest, "save", "a file", "work.siam"))
            if !mayReplace, FileState.exists(path) {
                throw Diagnostic(
                    code: "save.exists", "the file \(path) already exists, and was not changed",
                    repair: "to overwrite it:  :save! \(path)")
            }
            let text = prompt.lesson?.player.program ?? prompt.record.text
            try Files.write(Array(text.utf8), to: path)
            prompt.output.message("saved to \(path); siam \(path) runs it")
            if prompt.lesson == nil, prompt.record.hasPauses {
                prompt.output.message(
                    "inputs at a pause of a run are in the file as comments: that run will not be repeated exactly")
            }
            return .goOn
        },
    ]
}

extension Session {
    /// The text that defines a value of the user's; nil where it has none.
    func sourceText(_ name: String) -> String? {
        switch globals.valueIfReady(name) {
        case .function(let f)?: f.code.sourceText
        case .layer(let l)?: l.constructor?.sourceText
        default: nil
        }
    }
}

extension Prompt {
    /// Runs a file here, all of it or nothing; given its previous text, reports what changed.
    func load(_ path: String, before: String? = nil) throws {
        let text = try Files.program(path)
        let source = Source(name: path, kind: .file, text: text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) {
            loaded = (path, before ?? text)
            throw first
        }
        let stream = session.stream
        do {
            try session.wholly { try session.run(program) }
        } catch {
            session.stream = stream
            loaded = (path, before ?? text)
            show(error)
            if before != nil, !(error is Interrupted) { output.message("the old definitions stay") }
            return
        }
        if let before {
            output.message(Definitions.changes(from: before, to: text))
        }
        loaded = (path, text)
        record.add(program.statements, of: source, all: true, run: nil)
        keepForRecovery()
    }
}

/// What the names of a file were made by, for saying what an edit changed.
enum Definitions {
    /// Top names in order, with the text of the statement that makes each.
    static func texts(_ text: String) -> [(name: String, text: String)] {
        let source = Source(name: "", kind: .file, text: text)
        var found: [(name: String, text: String)] = []
        for statement in Parser.parse(source).program.statements {
            var names: [String] = []
            switch statement.kind {
            case .function(let f): names = [f.name.text]
            case .layer(let l): names = [l.name.text]
            case .assign(let targets, _):
                for target in targets { if case .name(let n) = target.kind { names.append(n) } }
            default: break
            }
            for name in names {
                let text = source.text(statement.span)
                if let known = found.firstIndex(where: { $0.name == name }) {
                    found[known].text += "\n" + text
                } else {
                    found.append((name, text))
                }
            }
        }
        return found
    }

    /// `changed: net, tower; new: run; gone: old`.
    static func changes(from old: String, to new: String) -> String {
        let before = texts(old)
        let after = texts(new)
        func names(_ list: [(name: String, text: String)]) -> String { list.map(\.name).joined(separator: ", ") }
        let changed = after.filter { a in before.contains { $0.name == a.name && $0.text != a.text } }
        let made = after.filter { a in !before.contains { $0.name == a.name } }
        let gone = before.filter { b in !after.contains { $0.name == b.name } }
        var parts: [String] = []
        if !changed.isEmpty { parts.append("changed: " + names(changed)) }
        if !made.isEmpty { parts.append("new: " + names(made)) }
        if !gone.isEmpty { parts.append("gone: " + names(gone)) }
        if parts.isEmpty { return old == new ? "nothing changed" : "no definition changed" }
        return parts.joined(separator: "; ")
    }
}
