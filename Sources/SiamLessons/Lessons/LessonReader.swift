import SiamLanguage

/// Reads a page into a lesson. What is wrong with the page is noted in the lesson and does not end the reading.
public struct LessonReader {
    private var lesson: Lesson
    private var paragraph: [String] = []
    private var paragraphLine = 0
    /// Set once the fences of a task have begun.
    private var isAfter = false
    private let file: String
    /// Functions of the page that train.
    private var trainers: Set<String> = []

    /// - Parameter name: the page's path; `03-sharing.md` is lesson 3, kept as `sharing`.
    public static func read(_ text: String, name: String) -> Lesson {
        var reader = LessonReader(name)
        reader.walk(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        return reader.lesson
    }

    private init(_ name: String) {
        file = name
        var stem = name.split(separator: "/").last.map(String.init) ?? name
        if stem.hasSuffix(".md") { stem.removeLast(3) }
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        let number = Int(digits)
        if number != nil, stem.dropFirst(digits.count).first == "-" {
            stem = String(stem.dropFirst(digits.count + 1))
        }
        lesson = Lesson(key: stem, number: number, file: name)
    }

    private mutating func problem(_ line: Int, _ text: String) { lesson.problems.append(.init(line: line, text: text)) }

    private mutating func walk(_ lines: [String]) {
        var at = 0
        while at < lines.count {
            let line = lines[at]
            if line.hasPrefix("```") {
                closeParagraph()
                let ticks = line.prefix { $0 == "`" }
                let end =
                    lines[(at + 1)...].firstIndex {
                        $0.hasPrefix(ticks) && $0.drop { $0 == "`" }.allSatisfy { $0 == " " }
                    }
                if end == nil { problem(at + 1, "this fence is never closed") }
                let body = Array(lines[(at + 1)..<(end ?? lines.count)])
                fence(String(line.dropFirst(ticks.count)), body, line: at + 2)
                at = (end ?? lines.count) + 1
                continue
            }
            if line.hasPrefix("## ") {
                finishStep()
                isAfter = false
                lesson.steps.append(.init(heading: line.dropFirst(3).trimmedOfWhitespace, line: at + 1))
            } else if line.hasPrefix("# ") {
                closeParagraph()
                lesson.title = line.dropFirst(2).trimmedOfWhitespace
            } else if line.allSatisfy({ $0 == " " }) || line.hasPrefix("<") {
                // Marks such as <details> fold the page for a viewer; the lesson does without.
                closeParagraph()
            } else {
                if paragraph.isEmpty { paragraphLine = at + 1 }
                paragraph.append(line)
            }
            at += 1
        }
        finishStep()
        finish()
    }

    private mutating func closeParagraph() {
        guard !paragraph.isEmpty else { return }
        add(.prose(paragraph.joined(separator: "\n"), line: paragraphLine))
        paragraph = []
    }

    private mutating func add(_ part: Lesson.Part) {
        guard !lesson.steps.isEmpty else {
            lesson.opening.append(part)
            return
        }
        let k = lesson.steps.count - 1
        if isAfter { lesson.steps[k].after.append(part) } else { lesson.steps[k].before.append(part) }
    }

    /// The open step's task, which begins with the first fence that belongs to one.
    private mutating func task(_ line: Int, _ change: (inout Lesson.Task) -> Void) {
        guard let k = lesson.steps.indices.last else { return problem(line, "this fence stands before the first step") }
        var task = lesson.steps[k].task ?? Lesson.Task(line: line)
        if lesson.steps[k].task == nil {
            // The task is the bold paragraph nearest above; what follows it is shown with it.
            let found = lesson.steps[k].before.lastIndex { part in
                if case .prose(let text, _) = part { return text.hasPrefix("**") }
                return false
            }
            if let found, case .prose(let text, let at) = lesson.steps[k].before[found] {
                task.text = text
                task.line = at
                lesson.steps[k].before.remove(at: found)
            } else {
                problem(line, "no paragraph in bold above says what is to be done")
            }
            isAfter = true
        }
        change(&task)
        lesson.steps[k].task = task
    }

    private mutating func fence(_ info: String, _ body: [String], line: Int) {
        let words = info.split(separator: " ").map(String.init)
        let text = body.joined(separator: "\n")
        switch words.first {
        case "siam":
            if let named = words.dropFirst().first, named.hasPrefix("file=") {
                let file = Lesson.ProgramFile(name: String(named.dropFirst(5)), text: text + "\n", line: line)
                return task(line) { $0.file = file }
            }
            let kinds: [String: Lesson.Code.Kind] = ["run": .run, "fails": .fails]
            if words.count > 1, kinds[words[1]] == nil {
                problem(line - 1, "siam is followed by run, fails or file=NAME")
            }
            add(.code(code(text, line, words.count > 1 ? kinds[words[1]] ?? .shown : .shown)))
        case "claim": add(.claim(code(text, line)))
        case "guess": add(.guess(text))
        case "check":
            let checks = conditions(text, line)
            task(line) { $0.checks += checks }
        case "answer":
            let (code, sentence, _) = divided(body, line)
            task(line) { $0.answers.append(.init(code: code, sentence: sentence)) }
        case "wrong":
            let (code, sentence, conditions) = divided(body, line)
            if sentence == nil { problem(line, "a wrong answer needs the sentence it earns, after ---") }
            if conditions.isEmpty, !code.isPlain {
                problem(line, "a wrong answer that trains or changes a thing needs a line `when CONDITION`")
            }
            task(line) { $0.wrongs.append(.init(code: code, conditions: conditions, sentence: sentence ?? "")) }
        case "hint":
            let hints = Items.read(body).map(\.whole)
            task(line) { $0.hints += hints }
        case "choice":
            let options = options(body, line)
            task(line) { $0.options += options }
        case "text": add(.prose(body.map { "    " + $0 }.joined(separator: "\n"), line: line))
        default:
            problem(
                line - 1,
                "there is no fence `\(words.first ?? "")`: siam, check, answer, wrong, hint, choice, claim, guess, text"
            )
        }
    }

    private mutating func code(_ text: String, _ line: Int, _ kind: Lesson.Code.Kind = .run) -> Lesson.Code {
        var code = Lesson.Code(text, line: line, file: file, kind: kind)
        trainers = ChangedNames.trainers(code.program, known: trainers)
        code.isPlain = ChangedNames.isPlain(code.program, trainers)
        if kind != .fails {
            for e in Parser.parse(code.program.source).diagnostics where e.severity == .error {
                problem(line, "this is not siam: \(e.message)")
                break
            }
        }
        return code
    }

    /// Code, the lines `when CONDITION`, and the sentence after `---`.
    private mutating func divided(_ body: [String], _ line: Int) -> (Lesson.Code, String?, [String]) {
        let cut = body.firstIndex { $0.hasPrefix("---") } ?? body.count
        var lines = Array(body[..<cut])
        var conditions: [String] = []
        while let last = lines.last, last.hasPrefix("when ") {
            conditions.insert(String(last.dropFirst(5)), at: 0)
            lines.removeLast()
        }
        let said = body[cut...].map { ($0.hasPrefix("---") ? $0.dropFirst(3) : $0[...]).trimmedOfWhitespace }
        let sentence = said.joined(separator: " ")
        return (code(lines.joined(separator: "\n"), line), sentence.isEmpty ? nil : sentence, conditions)
    }

    private mutating func conditions(_ text: String, _ line: Int) -> [Lesson.Check] {
        let code = code(text, line)
        let source = code.program.source
        return code.program.statements.map { statement in
            let at = source.position(max(statement.span.start, statement.span.end - 1)).line
            let rest = source.text(
                Span(statement.span.end, source.lineStarts.dropFirst(at).first ?? source.bytes.count))
            var sentence: String?
            if let hash = rest.firstIndex(of: "#") { sentence = rest[rest.index(after: hash)...].trimmedOfWhitespace }
            var isCondition = false
            if case .expression = statement.kind { isCondition = true }
            return Lesson.Check(
                text: source.text(statement.span), isCondition: isCondition, sentence: sentence,
                line: source.position(statement.span.start).line)
        }
    }

    private mutating func options(_ body: [String], _ line: Int) -> [Lesson.Option] {
        let items = Items.read(body)
        if items.contains(where: { !$0.first.hasPrefix("[ ]") && !$0.first.hasPrefix("[x]") }) {
            problem(line, "each line of a choice begins with `- [ ]` or `- [x]`")
        }
        let options = items.map { item in
            Lesson.Option(
                text: item.first.dropFirst(3).trimmedOfWhitespace, sentence: item.more,
                isRight: item.first.hasPrefix("[x]"))
        }
        if options.count(where: \.isRight) != 1 { problem(line, "a choice has exactly one [x]") }
        if options.contains(where: \.sentence.isEmpty) {
            problem(line, "each choice has a sentence, indented below it")
        }
        return options
    }

    private mutating func finishStep() {
        closeParagraph()
        guard let k = lesson.steps.indices.last, var task = lesson.steps[k].task else { return }
        let line = task.line
        if task.checks.isEmpty, task.options.isEmpty { problem(line, "the task has neither a check nor a choice") }
        if !task.checks.isEmpty, !task.options.isEmpty { problem(line, "the task has both a check and a choice") }
        if task.options.isEmpty {
            if task.answers.isEmpty { problem(line, "the task has no answer") }
            if task.hints.isEmpty { problem(line, "the task has no hint") }
        }
        if task.hints.contains(where: \.isEmpty) { problem(line, "a hint is empty") }
        var bound: Set<String> = []
        for answer in task.answers { bound.formUnion(ChangedNames.names(answer.code.program.statements)) }
        var read: Set<String> = []
        for check in task.checks {
            read.formUnion(ChangedNames.read(Parser.parse(Source(name: file, kind: .file, text: check.text)).program))
        }
        task.asked = bound.intersection(read)
        task.asksValue = read.contains("_")
        lesson.steps[k].task = task
    }

    private mutating func finish() {
        if lesson.title.isEmpty { problem(1, "the page has no title: # Title") }
        if lesson.steps.isEmpty { problem(1, "the page has no step: ## Step") }
        var seen: Set<String> = []
        for step in lesson.steps where !seen.insert(step.heading).inserted {
            problem(step.line, "two steps are called \"\(step.heading)\"")
        }
    }
}

/// Items of a list: `- first line` and the lines indented below it.
enum Items {
    struct Item {
        var first: String
        var more: String
        var whole: String { more.isEmpty ? first : first + " " + more }
    }

    static func read(_ lines: [String]) -> [Item] {
        var items: [Item] = []
        for line in lines {
            if line.hasPrefix("- ") || line == "-" {
                items.append(Item(first: line.dropFirst(1).trimmedOfWhitespace, more: ""))
            } else if let k = items.indices.last {
                let text = line.trimmedOfWhitespace
                if !text.isEmpty { items[k].more += (items[k].more.isEmpty ? "" : " ") + text }
            }
        }
        return items
    }
}
