import CEditline
import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Commands that look: time, runs, variables, shapes, help.
extension PromptCommands {
    /// Values and what became of them.
    static let inspection: [PromptCommand] = [
        PromptCommand(
            "time", "[N times] CODE", takes: .expression, "runs code and shows how long it took",
            details:
                "With a number of times, `:time 20 times net(x)`, it prints the median and the range of the times, and no values."
        ) { prompt, rest in
            var code = try need(rest, "time", "something to run", "net(x)")
            let words = code.split(separator: " ", maxSplits: 2).map(String.init)
            if words.count >= 2, words[1] == "times", let count = Int(words[0]), count < 1 || words.count == 2 {
                throw Diagnostic(
                    code: "command.argument",
                    count < 1
                        ? ":time expects a count of at least 1, and got \(count)"
                        : ":time \(count) times expects something to run",
                    repair: ":time \(max(1, count)) times \(words.count > 2 ? words[2] : "net(x)")")
            }
            if words.count == 3, words[1] == "times", Int(words[0]) == nil, !prompt.session.globals.isUserName(words[0])
            {
                throw Diagnostic(
                    code: "command.argument", ":time expects a whole number before times, and got \(words[0])",
                    repair: ":time 20 times \(words[2])")
            }
            if words.count == 3, words[1] == "times", let count = Int(words[0]), count > 0 {
                code = words[2]
                var seconds: [Double] = []
                for _ in 0..<min(count, 1_000_000) {
                    let start = Clock.now()
                    _ = try prompt.session.evaluate(code, name: "prompt")
                    seconds.append(Clock.now() - start)
                }
                seconds.sort()
                prompt.output.message(
                    "\(seconds.count) times: median \(Clock.text(seconds[seconds.count / 2])), \(Clock.text(seconds[0])) to \(Clock.text(seconds[seconds.count - 1]))"
                )
                return .goOn
            }
            let start = Clock.now()
            let ran = prompt.runCode(code)
            if ran { prompt.output.message(Clock.text(Clock.now() - start)) }
            return .goOn
        },
        PromptCommand(
            "runs", "[FOLDER]", takes: .anyFile, "lists the runs of this session, or those saved in a folder",
            listing: .name
        ) { prompt, rest in
            let call = rest.isEmpty ? "runs()" : "runs(\(Show.inline(Value(path(rest)), quoted: true)))"
            let value = try prompt.session.evaluate(call, name: "prompt")
            if case .thing(let t) = value, t.length == 0 {
                prompt.output.message("no runs yet; ?train shows how one is made")
            } else {
                prompt.output.print(prompt.session.display(value, prompt.output.page))
            }
            return .goOn
        },
        PromptCommand(
            "debug", "", "shows the variables in each function of the last error's call stack",
            details: "The innermost function comes first. :why says what the error means.", listing: .name
        ) { prompt, _ in
            let frames = prompt.session.failed.filter { !$0.name.isEmpty || !$0.values.isEmpty }
            guard !frames.isEmpty else {
                prompt.output.message("the last error was not inside a function; :vars shows your names")
                return .goOn
            }
            let columns = prompt.output.page.columns
            for frame in frames {
                prompt.output.print(
                    "in \(frame.name.isEmpty ? "what was typed" : frame.name)\(frame.place.isEmpty ? "" : ", \(frame.place)")"
                )
                let width = min(24, frame.values.map { displayWidth($0.name) }.max() ?? 0)
                for (name, value) in frame.values {
                    let pad = String(repeating: " ", count: max(0, width - displayWidth(name)))
                    prompt.output.print(CandidateList.cut("  \(name)\(pad)  \(describe(value))", columns - 1))
                }
                if frame.values.isEmpty { prompt.output.print("  no variables of its own") }
            }
            return .goOn
        },
        PromptCommand(
            "vars", "", "lists your names and what they are"
        ) { prompt, _ in
            let names = prompt.session.globals.userNames.filter {
                $0 != "_" && $0 != "args" && !$0.hasPrefix("__") && !prompt.leftByRuns.contains($0)
            }
            guard !names.isEmpty else {
                prompt.output.message("no names yet; x = 1 makes one")
                return .goOn
            }
            let columns = prompt.output.page.columns
            let width = min(24, names.map(displayWidth).max() ?? 0)
            for name in names.sorted() {
                guard let value = prompt.session.globals.valueIfReady(name) else { continue }
                let pad = String(repeating: " ", count: max(0, width - displayWidth(name)))
                prompt.output.print(CandidateList.cut("\(name)\(pad)  \(describe(value))", columns - 1))
            }
            return .goOn
        },
        PromptCommand("shape", "EXPRESSION", takes: .expression, "shows the shape of a value, or of a net's parameters")
        {
            prompt, rest in
            let text = try need(rest, "shape", "an expression", "x @ w")
            let value = try prompt.session.evaluate(text, name: "prompt")
            switch value {
            case .tensor(let t): prompt.output.print("\(t.shape)")
            case .layer(let l):
                let parameters = l.parameters
                if parameters.isEmpty {
                    prompt.output.print("no parameters yet: a net gets its shapes at its first use")
                }
                for (path, p) in parameters { prompt.output.print("\(path)  \(p.value.shape)") }
            default: prompt.output.print(value.kindName)
            }
            return .goOn
        },
        PromptCommand(
            "page", "[EXPRESSION]", takes: .expression,
            "shows the whole of a value in a pager"
        ) { prompt, rest in
            let value = rest.isEmpty ? prompt.session.lastValue : try prompt.session.evaluate(rest, name: "prompt")
            var page = prompt.output.page
            page.all = true
            let text = prompt.session.display(value, page)
            guard prompt.isAtTerminal, prompt.output.isInteractive else {
                prompt.output.print(text)
                return .goOn
            }
            let path = "\(Environment.value("TMPDIR") ?? "/tmp")/siam-\(getpid())-page.txt"
            try Files.write(Array((text + "\n").utf8), to: path)
            defer { unlink(path) }
            let pager = Environment.value("PAGER") ?? "less -R"
            try OutsideEditor.run("\(pager) \(OutsideEditor.quoted(path))", what: pager)
            return .goOn
        },
        PromptCommand(
            "why", "", "explains the last error at length",
            details:
                "The whole message, the idea behind it, an example that fails and the same one corrected; where there was no error, of the last warning."
        ) {
            prompt, _ in
            guard let error = prompt.lastError ?? prompt.session.warnings.last else {
                prompt.output.message("there has been no error")
                return .goOn
            }
            prompt.output.print(WhyPage.text(error, columns: min(100, prompt.output.page.columns)))
            return .goOn
        },
        PromptCommand(
            "warnings", "", "lists all warnings so far"
        ) { prompt, _ in
            guard !prompt.session.warnings.isEmpty else {
                prompt.output.message("no warnings")
                return .goOn
            }
            var seen = Set<String>()
            for d in prompt.session.warnings {
                let text = DiagnosticRenderer(
                    isColored: prompt.output.colorOnOut, columns: prompt.output.page.columns
                ).render(d)
                if seen.insert(text).inserted { prompt.output.print(text) }
            }
            return .goOn
        },
        PromptCommand(
            "memory", "", "shows the memory of tensors, and your largest values"
        ) { prompt, _ in
            prompt.output.print("tensors take \(bytes(Memory.live)), at most \(bytes(Memory.peak)) so far")
            var sizes: [(String, Int)] = []
            for name in prompt.session.globals.userNames {
                guard let value = prompt.session.globals.valueIfReady(name) else { continue }
                switch value {
                case .tensor(let t): sizes.append((name, t.count * 4))
                case .layer(let l): sizes.append((name, l.parameters.reduce(0) { $0 + $1.parameter.value.count * 4 }))
                default: break
                }
            }
            for (name, size) in sizes.sorted(by: { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }).prefix(8) where size > 0
            {
                prompt.output.print("  \(name)  \(bytes(size))")
            }
            return .goOn
        },
    ]

    static func describe(_ value: Value) -> String {
        switch value {
        case .number, .bool, .text, .range: return Show.inline(value, quoted: true)
        case .thing(let t): return t.summary
        case .layer(let l):
            let n = l.parameters.reduce(0) { $0 + $1.parameter.value.count }
            return Show.inline(value, quoted: true) + (n > 0 ? "  (\(n) parameters)" : "")
        case .function(let f): return "\(f.code.role == .layer ? "layer " : "")\(f.code.signature)"
        case .tensor(let t) where t.count <= 6: return "\(value.kindName): \(Show.inline(value, quoted: true))"
        default: return value.kindName
        }
    }

    static func bytes(_ n: Int) -> String {
        if n < 10_000 { return "\(n) bytes" }
        if n < 10_000_000 { return "\(n / 1000) kB" }
        return "\(n / 1_000_000) MB"
    }
}
