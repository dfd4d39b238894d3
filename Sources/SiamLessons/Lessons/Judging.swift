import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What became of an input.
public enum Verdict: Sendable, Equatable {
    /// It neither bound nor yielded what the task asks for.
    case notJudged
    /// It ended in an error, which is no answer.
    case failed
    case right
    /// With what was said about it.
    case wrong([String])
}

/// The values of a task's model answer and wrong answers, computed from the step's state.
struct Expectation {
    struct Values {
        var names: [String: Value] = [:]
        var last: Value?
    }
    var answer: Values?
    var wrongs: [Int: Values] = [:]
}

extension LessonPlayer {
    /// Runs the answers that only compute, aside, to know values that an input can be compared with.
    func expect(_ task: Lesson.Task) -> Expectation {
        var found = Expectation()
        guard task.options.isEmpty, task.file == nil else { return found }
        if let answer = task.answers.first { found.answer = values(of: answer.code, task) }
        for (k, wrong) in task.wrongs.enumerated() where wrong.conditions.isEmpty {
            found.wrongs[k] = values(of: wrong.code, task)
        }
        return found
    }

    private func values(of code: Lesson.Code, _ task: Lesson.Task) -> Expectation.Values? {
        guard code.isPlain else { return nil }
        return voice.quietly {
            session.aside {
                var values = Expectation.Values()
                for statement in code.program.statements {
                    guard (try? session.run(statement, of: code.program.source)) != nil else { return nil }
                }
                for name in task.asked { values.names[name] = session.globals.valueIfReady(name) }
                if task.asksValue, case .expression? = code.program.statements.last?.kind {
                    values.last = session.lastValue
                }
                return values
            }
        }
    }

    /// Whether all conditions hold of the values that are there; else the first that does not.
    func holds(_ task: Lesson.Task, typed: String) -> (holds: Bool, failing: Lesson.Check?) {
        guard !task.checks.isEmpty else { return (false, nil) }
        return voice.quietly {
            session.aside {
                try? session.globals.assign("typed", Value(typed))
                for check in task.checks {
                    if !check.isCondition {
                        guard (try? session.evaluate(check.text, name: lesson.file)) != nil else {
                            return (false, check)
                        }
                    } else if !isTrue(check.text) {
                        return (false, check)
                    }
                }
                return (true, nil)
            }
        }
    }

    /// Whether an expression holds; one that fails does not.
    func isTrue(_ text: String) -> Bool {
        guard let value = try? session.evaluate(text, name: lesson.file) else { return false }
        return LessonPlayer.isTrue(value)
    }

    static func isTrue(_ value: Value) -> Bool {
        switch value {
        case .bool(let b): b
        case .number(let x): x != 0
        case .tensor(let t): t.count > 0 && t.doubles.allSatisfy { $0 != 0 }
        default: false
        }
    }

    /// Checks the values after an input that ran, and continues or says what is wrong.
    func judge(_ task: Lesson.Task, typed: String, touched: Set<String>, last: Statement?) {
        // Some checks train a net: a message explains the wait.
        voice.progress("checking ...")
        let verdict = weigh(task, typed: typed, touched: touched, last: last)
        voice.progress(nil)
        switch verdict {
        case .right: succeed(stateWhenRight)
        case .wrong(let sentences): refuse(sentences)
        case .failed, .notJudged: break
        }
    }

    /// What the values after an input that ran amount to.
    func weigh(_ task: Lesson.Task, typed: String, touched: Set<String>, last: Statement?) -> Verdict {
        let (isRight, failing) = holds(task, typed: typed)
        if isRight { return .right }
        guard answers(task, touched, last) else { return .notJudged }
        return .wrong(sentences(task, typed: typed, failing: failing))
    }

    /// Whether an input is meant as an answer: it touches a name that is asked for, or yields a value of the kind that is.
    private func answers(_ task: Lesson.Task, _ touched: Set<String>, _ last: Statement?) -> Bool {
        if !touched.isDisjoint(with: task.asked) || task.file != nil { return true }
        guard task.asksValue, case .expression? = last?.kind else { return false }
        guard let wanted = expectation.answer?.last else { return false }
        return LessonPlayer.kind(session.lastValue) == LessonPlayer.kind(wanted)
    }

    private static func kind(_ value: Value) -> String {
        switch value {
        case .number, .bool: "number"
        case .tensor(let t): t.count == 1 ? "number" : "tensor"
        case .text: "text"
        case .list: "list"
        case .record: "record"
        default: value.kindName
        }
    }

    /// What is said of a wrong answer: the sentence of the wrong answer that it equals, else what does not hold and how the
    /// value differs.
    private func sentences(_ task: Lesson.Task, typed: String, failing: Lesson.Check?) -> [String] {
        for (k, wrong) in task.wrongs.enumerated() where earns(task, wrong, k, typed: typed) { return [wrong.sentence] }
        var said: [String] = []
        if let sentence = failing?.sentence { said.append(sentence) }
        if let difference = difference(task) { said.append(difference) }
        if said.isEmpty { said.append("That ran, but it is not what the task asks for.") }
        return said
    }

    private func earns(_ task: Lesson.Task, _ wrong: Lesson.Wrong, _ index: Int, typed: String) -> Bool {
        guard wrong.conditions.isEmpty else {
            return voice.quietly {
                session.aside {
                    try? session.globals.assign("typed", Value(typed))
                    return wrong.conditions.allSatisfy(isTrue)
                }
            }
        }
        guard let values = expectation.wrongs[index] else { return false }
        var compared = false
        for (name, value) in values.names {
            guard let yours = session.globals.valueIfReady(name), ValueComparison.same(yours, value) == true else {
                return false
            }
            compared = true
        }
        if let last = values.last {
            guard ValueComparison.same(session.lastValue, last) == true else { return false }
            compared = true
        }
        return compared
    }

    private func difference(_ task: Lesson.Task) -> String? {
        guard let wanted = expectation.answer else { return nil }
        for name in task.asked.sorted() {
            guard let value = wanted.names[name], let yours = session.globals.valueIfReady(name) else { continue }
            if let text = ValueComparison.text(yours, wanted: value) {
                return task.asked.count > 1 ? "`\(name)`: \(text)" : text
            }
        }
        if task.asked.isEmpty, let last = wanted.last { return ValueComparison.text(session.lastValue, wanted: last) }
        return nil
    }
}
