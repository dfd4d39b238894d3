import SiamData
import SiamFormats
import SiamLanguage
import SiamLessons

/// A lesson as a notebook: its paragraphs as Markdown, its code in cells, and below each task a cell for the answer, which the
/// kernel judges.
public struct LessonNotebook {
    private let lesson: Lesson
    private let withAnswers: Bool
    private var cells: [JSON] = []

    public init(_ lesson: Lesson, withAnswers: Bool) {
        self.lesson = lesson
        self.withAnswers = withAnswers
        write()
    }

    /// What the file is called.
    public static func name(_ lesson: Lesson) -> String {
        let number = lesson.number.map { ($0 < 10 ? "0" : "") + "\($0)-" } ?? ""
        return "lesson-\(number)\(lesson.key).ipynb"
    }

    public var json: JSON {
        .record([
            "nbformat": .whole(4), "nbformat_minor": .whole(5),
            "metadata": .record([
                "kernelspec": .record([
                    "name": .text("siam"), "display_name": .text("siam"), "language": .text("siam"),
                ]), "language_info": .record(["name": .text("siam"), "file_extension": .text(".siam")]),
            ]), "cells": .array(cells),
        ])
    }

    private mutating func write() {
        let head = lesson.number.map { "# Lesson \($0): \(lesson.title)" } ?? "# \(lesson.title)"
        markdown(
            head + "\n\nRun the cells in order. Write the answer to each task into the cell below it: the line "
                + "`:judge` at its end checks the answer.")
        parts(lesson.opening)
        for (k, step) in lesson.steps.enumerated() {
            markdown("## \(lesson.stepName(k)) \(step.heading)")
            // The numbers that the lesson speaks of come from this step's own random stream.
            code(lesson.seedStatement(k))
            parts(step.before)
            if let task = step.task { self.task(task, lesson.stepName(k)) }
            parts(step.after)
        }
    }

    private mutating func parts(_ all: [Lesson.Part]) {
        for part in all {
            switch part {
            case .prose(let text, _): markdown(text)
            case .guess(let question): markdown(question + "\n\n*A guess, not scored.*")
            case .code(let one):
                switch one.kind {
                case .run: code(one.text)
                case .fails: code(one.text, fails: true)
                case .shown: markdown("```siam\n\(one.text)\n```")
                }
            case .claim: break
            }
        }
    }

    private mutating func task(_ task: Lesson.Task, _ name: String) {
        var text = "**\(task.text)**"
        if !task.options.isEmpty {
            text +=
                "\n\n"
                + task.options.enumerated().map { "\($0.offset + 1). \($0.element.text)" }.joined(separator: "\n")
        }
        if !task.hints.isEmpty {
            let hints = task.hints.map { "- \($0)" }.joined(separator: "\n")
            text += "\n\n<details>\n<summary>Hints</summary>\n\n\(hints)\n\n</details>"
        }
        markdown(text)
        guard task.options.isEmpty else {
            let right = task.options.firstIndex(where: \.isRight).map { " \($0 + 1)" } ?? ""
            return code(":judge \(name)" + (withAnswers ? right : ""))
        }
        let answer = withAnswers ? task.answers.first?.code.text : task.file?.text
        code((answer ?? "# your answer") + "\n\n:judge \(name)")
    }

    private mutating func markdown(_ text: String) {
        cells.append(
            .record([
                "cell_type": .text("markdown"), "id": .text("cell-\(cells.count)"), "metadata": .object([]),
                "source": .text(text),
            ]))
    }

    private mutating func code(_ text: String, fails: Bool = false) {
        let tags: JSON = fails ? .record(["tags": .texts(["raises-exception"])]) : .object([])
        cells.append(
            .record([
                "cell_type": .text("code"), "id": .text("cell-\(cells.count)"), "metadata": tags, "source": .text(text),
                "outputs": .array([]), "execution_count": .null,
            ]))
    }
}
