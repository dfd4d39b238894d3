import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What `?` answers.
enum HelpPages {
    static func answer(_ line: String, _ prompt: Prompt) throws {
        let wantsSource = line.hasPrefix("??")
        let topic = (HelpQuestions.isQuestion(line) ? line.dropLast() : line.drop { $0 == "?" }).trimmedOfWhitespace
        guard !topic.isEmpty else {
            overview(prompt)
            return
        }
        if wantsSource { return try source(topic, prompt) }
        if topic.hasPrefix(":") {
            let word = String(topic.dropFirst())
            guard let command = PromptCommand.find(word, in: prompt.commands) else {
                throw PromptCommand.unknown(word, in: prompt.commands)
            }
            print(page(of: command, among: prompt.commands), prompt)
            return
        }
        // A sign may be a word too: `?and`; its page says more.
        if let sign = OperatorHelp.all.first(where: { $0.sign == topic }) {
            print(page(of: sign), prompt)
            return
        }
        if let entry = prompt.session.help(topic) {
            print(entry.rendered(), prompt)
            return
        }
        if prompt.session.globals.isUserName(topic), let value = prompt.session.globals.valueIfReady(topic) {
            prompt.output.print("\(topic) is your own name for \(value.kindName)")
            prompt.output.print(prompt.session.display(value, prompt.output.page))
            return
        }
        // `torch.nn.functional.relu`: the name behind the package's.
        if let dot = topic.lastIndex(of: "."), let first = topic.split(separator: ".").first,
            Foreign.packages.contains(String(first)),
            let entry = prompt.session.help(String(topic[topic.index(after: dot)...]))
        {
            print(entry.rendered(), prompt)
            return
        }
        try search(topic, prompt)
    }

    /// Prints prose folded to the window; examples, which are indented, as they are.
    private static func print(_ text: String, _ prompt: Prompt) {
        prompt.output.print(Folding.fold(text, columns: min(100, prompt.output.page.columns)))
    }

    /// Everything in whose name or text the word occurs.
    private static func search(_ topic: String, _ prompt: Prompt) throws {
        let wanted = topic.lowercased()
        var found = prompt.session.search(topic).filter { !$0.name.hasPrefix("__") }.map { ($0.name, $0.firstLine) }
        found += prompt.commands.filter { $0.name.contains(wanted) || $0.help.lowercased().contains(wanted) }.map {
            (":" + $0.name, $0.help)
        }
        found += OperatorHelp.all.filter { $0.help.lowercased().contains(wanted) }.map { ($0.sign, $0.help) }
        guard !found.isEmpty else {
            let names = prompt.session.help().map(\.name) + prompt.session.globals.userNames
            throw Diagnostic(
                code: "help.none", "there is no help for \(topic)", notes: [":help shows where to begin"],
                repair: closest(to: topic, in: names).map { "Did you mean ?\($0)" })
        }
        if let near = closest(to: topic, in: prompt.session.help().map(\.name)) {
            prompt.output.print("no \(topic) by that name (did you mean \(near)?); help that mentions it:")
        } else {
            prompt.output.print("no \(topic) by that name; help that mentions it:")
        }
        // Names that hold the word come first.
        found.sort { a, b in
            let (x, y) = (a.0.lowercased().contains(wanted), b.0.lowercased().contains(wanted))
            return x == y ? a.0 < b.0 : x
        }
        let columns = prompt.output.page.columns
        let most = max(8, prompt.output.page.rows - 4)
        let width = found.prefix(most).map(\.0.count).max() ?? 0
        for (name, help) in found.prefix(most) {
            let pad = String(repeating: " ", count: width - name.count)
            prompt.output.print(CandidateList.cut("  \(name)\(pad)  \(help)", columns - 1))
        }
        if found.count > most { prompt.output.print("  ... \(found.count - most) more; a longer word gives fewer") }
    }

    private static func source(_ topic: String, _ prompt: Prompt) throws {
        guard let entry = prompt.session.help(topic) else { return try answer("?" + topic, prompt) }
        if let text = entry.source {
            prompt.output.print(text)
        } else {
            print("\(entry.signature) is a primitive, written in Swift.\n\(entry.text)", prompt)
        }
    }

    static func page(of command: PromptCommand, among all: [PromptCommand]) -> String {
        let head = ":" + command.name + (command.form.isEmpty ? "" : " " + command.form)
        let shortest = shortest(command, among: all)
        var text = "\(head)\n\n\(command.help)"
        if !command.details.isEmpty { text += "\n" + command.details }
        if shortest != command.name { text += "\nshort: :\(shortest)" }
        return text
    }

    /// The shortest word that still means the command.
    static func shortest(_ command: PromptCommand, among all: [PromptCommand]) -> String {
        for n in 1...max(1, command.name.count) {
            let word = String(command.name.prefix(n))
            if PromptCommand.find(word, in: all)?.name == command.name { return word }
        }
        return command.name
    }

    private static func page(of sign: OperatorHelp.Entry) -> String {
        "\(sign.form)\n\n\(sign.help)\n\n    siam> \(sign.example.code)\n    \(sign.example.result)"
    }

    /// One screen: what can be typed.
    static func overview(_ prompt: Prompt) {
        var lines = [
            "Type an expression to see its value:  1 + 1   net = dense(8) >> relu", "",
        ]
        lines.append("?name help   ??name its siam text   ?word search   ?>> a sign   :help keys")
        // In a lesson its own commands are what is looked for; the others go on one line, to fit the screen.
        let shown =
            prompt.lesson == nil
            ? PromptCommands.all.filter { $0.listing == .line } : PromptCommands.lesson.filter { $0.listing != .none }
        let width = shown.map { $0.name.count + $0.form.count + 2 }.max() ?? 0
        for command in shown {
            let head = ":" + command.name + (command.form.isEmpty ? "" : " " + command.form)
            lines.append(head + String(repeating: " ", count: max(1, width + 1 - head.count)) + command.help)
        }
        if prompt.lesson != nil {
            let names = PromptCommands.all.map { ":" + $0.name }.joined(separator: " ")
            lines.append(Folding.fold("and, as ever, " + names, columns: prompt.output.page.columns))
        }
        let brief = PromptCommands.all.filter { $0.listing == .name && prompt.lesson == nil }.map { ":\($0.name) " }
            .joined()
        lines.append(
            brief.isEmpty
                ? "Tab completes, ^R searches, Alt-Enter opens a line, ^C stops, ^D leaves"
                : "\(brief)!shell  Tab completes, ^R searches, ^C stops, ^D leaves")
        let columns = prompt.output.page.columns
        let rows = lines.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false)
        prompt.output.print(rows.map { CandidateList.cut(String($0), columns - 1) }.joined(separator: "\n"))
    }

    static func keys(_ prompt: Prompt) {
        let rows = KeyCommand.allCases.compactMap(\.help)
        let width = rows.map { displayWidth($0.keys) }.max() ?? 0
        for row in rows {
            prompt.output.print(row.keys + String(repeating: " ", count: width + 2 - displayWidth(row.keys)) + row.does)
        }
        prompt.output.print("~/.editrc with  bind -v  gives vi keys")
    }
}
