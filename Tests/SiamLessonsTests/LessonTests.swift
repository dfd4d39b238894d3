import Foundation
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamLessons

let tutorials = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("tutorials").path

/// A page for tests of the player: three steps, small and quick.
let smallPage = """
    # A small lesson

    Opening words.

    ## Add
    First paragraph.

    ```siam run
    x = [[1, 2, 3], [4, 5, 6]]
    ```

    Second paragraph.

    **Transpose `x` and name it `t`.**

    ```check
    close(t, x.transpose()) and shape(t)[0] == 3  # `t` is not `x` turned.
    ```
    ```answer
    t = x.transpose()
    --- Rows became columns.
    ```
    ```answer
    t = [[1, 4], [2, 5], [3, 6]]
    ```
    ```wrong
    t = x * 2
    --- That doubles it.
    ```
    ```hint
    - The word is `transpose`.
    - `t = x.transpose()`
    ```

    Words after.

    ## Choose
    **Which is it?**

    ```choice
    - [ ] this
      Not this.
    - [x] that
      That it is.
    - [ ] neither
      Not neither.
    ```

    ## Guess
    Some words.

    ```guess
    What is 2 + 2?
    ```

    ```siam run
    k = 2 + 2
    ```

    **Draw one number and name it `r`.**

    ```check
    r == r and len(shape(r)) <= 1 and "rand" in typed
    ```
    ```answer
    r = rand(1)
    ```
    ```hint
    - `rand(1)`
    ```
    """

func player(
    _ page: String = smallPage, _ output: CapturedOutput = CapturedOutput(),
    _ progress: LessonProgress = .init(path: nil),
    path: @escaping (String) -> String? = { _ in nil }
) -> LessonPlayer {
    let lesson = LessonReader.read(page, name: "07-small.md")
    #expect(lesson.problems.isEmpty)
    return LessonPlayer(lesson, output: output, progress: progress, path: path, session: ProgramTest.session)
}

@Suite("Lessons") struct LessonTests {
    @Test(
        "every shipped lesson plays: answers pass, wrong ones earn their sentences, claims hold",
        arguments: LessonSource(named: tutorials).lessons.map(\.file))
    func shippedLessonPlays(file: String) throws {
        let lesson = try #require(LessonSource(named: tutorials).lessons.first { $0.file == file })
        let problems = LessonCheck.problems(lesson).map { "\(file):\($0.line): \($0.text)" }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
        #expect((8...20).contains(lesson.steps.count), "\(lesson.steps.count) steps")
    }

    @Test("the binary has the lessons that stand in the folder") func shipped() throws {
        let inFolder = LessonSource(named: tutorials).lessons
        #expect(LessonSource.shipped.map(\.key) == inFolder.map(\.key))
        #expect(LessonSource.shipped.map(\.number) == (1...15).map { $0 })
        for (a, b) in zip(LessonSource.shipped, inFolder) { #expect(a.steps.map(\.heading) == b.steps.map(\.heading)) }
    }

    @Test(
        "the article's examples, as they were meant, run and hold",
        arguments: ["seed-1-overfit", "seed-2-dropout", "seed-3-sweep"])
    func examples(name: String) throws {
        let path = tutorials + "/../scripts/examples/\(name).siam"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let result = ProgramTest.run(Source(name: name, kind: .file, text: text))
        #expect(result.passed, "\(result.differences)")
    }

    @Test("the template of the authors' page plays") func template() throws {
        let page = try String(contentsOfFile: tutorials + "/README.md", encoding: .utf8)
        let start = try #require(page.range(of: "````markdown\n"))
        let end = try #require(page.range(of: "\n````", range: start.upperBound..<page.endIndex))
        let lesson = LessonReader.read(String(page[start.upperBound..<end.lowerBound]), name: "99-template.md")
        #expect(LessonCheck.problems(lesson) == [])
    }

    @Test("a paragraph at a time, the task after the last") func paragraphs() {
        let output = CapturedOutput()
        let p = player(smallPage, output)
        p.open()
        var seen = output.take().joined(separator: "\n")
        #expect(seen.contains("Opening words.") && seen.contains("First paragraph.") && seen.contains("siam> x ="))
        #expect(!seen.contains("Second paragraph.") && seen.hasSuffix("[Enter]"))
        p.enter("")
        seen = output.take().joined(separator: "\n")
        #expect(seen.contains("Second paragraph.") && seen.contains("▸ Transpose `x` and name it `t`."))
        #expect(p.prompt == "siam 7.1> ")
    }

    @Test("what binds nothing that is asked just runs; an error is no answer") func notJudged() {
        let output = CapturedOutput()
        let p = player(smallPage, output)
        p.open()
        p.enter("")
        p.enter("x + 1")
        #expect(p.verdict == .notJudged)
        p.enter("other = x")
        #expect(p.verdict == .notJudged)
        p.enter("t = x.transpos()")
        #expect(p.verdict == .failed)
        #expect(output.takeDiagnostics().count == 1)
        #expect(p.wrongCount == 0)
    }

    @Test("a wrong answer is told how it differs; after three a hint is offered") func wrongAnswers() {
        let output = CapturedOutput()
        let p = player(smallPage, output)
        p.open()
        p.enter("")
        p.enter("t = x + x")
        #expect(p.verdict == .wrong(["That doubles it."]))
        p.enter("t = x")
        #expect(p.verdict == .wrong(["`t` is not `x` turned.", "yours is 2x3, wanted 3x2: transposed"]))
        _ = output.take()
        p.enter("t = x[0]")
        #expect(output.take().last == ":hint gives a hint, one at a time")
        p.command("hint")
        p.command("hint")
        p.command("hint")
        #expect(
            output.take() == [
                "The word is `transpose`.", "`t = x.transpose()`", "That was the last hint. `:skip` shows the answer.",
            ])
        p.enter("u = x; t = [[1, 4], [2, 5], [3, 6]]")
        #expect(p.verdict == .right)
        #expect(output.take().contains("Rows became columns."))
    }

    @Test("choices: a sentence for each, a hint strikes one out") func choices() {
        let output = CapturedOutput()
        let p = player(smallPage, output)
        p.open()
        p.command("skip")
        p.enter("")
        #expect(p.prompt == "siam 7.2> ")
        _ = output.take()
        p.enter("1")
        #expect(p.verdict == .wrong(["Not this."]))
        p.enter("9")
        #expect(p.verdict == .notJudged)
        p.command("hint")
        #expect(output.take() == ["Not this.", "9", "It is not 1."])
        p.enter("2")
        #expect(output.take().contains("That it is."))
        #expect(p.stepIndex == 2)
    }

    @Test("a guess is not run, not kept and not scored") func guesses() {
        let p = player()
        p.open()
        p.command("skip")
        p.enter("")
        p.command("skip")
        #expect(p.isGuessing)
        p.enter("five, (I think")
        #expect(!p.isGuessing)
        #expect(p.verdict == .notJudged)
        #expect(p.inputs.isEmpty)
        #expect(p.phase == .task)
    }

    @Test("back, next and again make the names anew") func moving() throws {
        let p = player()
        p.open()
        p.enter("")
        p.enter("extra = 5")
        p.enter("t = x.transpose()")
        p.enter("")
        #expect(p.stepIndex == 1)
        p.command("back")
        #expect(p.stepIndex == 0)
        #expect(!p.session.globals.isUserName("t"))
        p.command("next")
        #expect(p.stepIndex == 1)
        #expect(p.session.globals.isUserName("t") && p.session.globals.isUserName("extra"))
        p.command("next")
        #expect(p.stepIndex == 1)
        p.enter("2")
        #expect(p.stepIndex == 2)
        p.command("again")
        #expect(p.stepIndex == 2 && p.phase == .reading)
    }

    @Test("playing changes nothing that the lesson has") func playing() throws {
        let p = player()
        p.open()
        p.enter("")
        p.enter("mine = 1")
        p.command("play")
        #expect(p.prompt == "siam 7.1 play> ")
        p.enter("x = 7; mine = 2")
        p.enter("t = x")
        #expect(p.verdict == .notJudged)
        p.command("task")
        #expect(try p.session.evaluate("shape(x)[0] == 2 and mine == 1").isTrueForTests)
        #expect(!p.session.globals.isUserName("t"))
        p.enter("t = x.transpose()")
        #expect(p.verdict == .right)
    }

    @Test("coming back stands at the same step with the same variables, random ones too") func comingBack() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/progress"
        let progress = LessonProgress(path: path)
        LessonProgress(path: path).keep(.init(), of: "another")
        var other = LessonProgress.Standing()
        other.set(StepRecord("Some\tstep", .done, inputs: ["a = 1\nb = \"\\t\""]))
        progress.keep(other, of: "another")
        let p = player(smallPage, CapturedOutput(), progress)
        p.open()
        p.enter("")
        p.enter("u = randn(3)")
        p.enter("t = nothere")
        p.enter("v = randn(3)")
        let wanted = try p.session.evaluate("[u, v]")
        let q = player(smallPage, CapturedOutput(), progress)
        q.open()
        #expect(q.stepIndex == 0 && q.phase == .task)
        #expect(q.session.interpreter.same(try q.session.evaluate("[u, v]"), wanted))
        q.enter("t = x.transpose()")
        q.enter("")
        q.enter("2")
        // As a program it leads to the same values.
        let saved = ProgramTest.session(CapturedOutput())
        try saved.run(Source(name: "saved.siam", kind: .file, text: q.program))
        #expect(saved.interpreter.same(try saved.evaluate("[u, v]"), wanted))
        let r = player(smallPage, CapturedOutput(), progress)
        r.open()
        #expect(r.stepIndex == 2)
        #expect(r.session.interpreter.same(try r.session.evaluate("[u, v]"), wanted))
        // A page whose steps were moved keeps what was done, by the headings.
        let steps = smallPage.components(separatedBy: "\n## ")
        let moved = ([steps[0], steps[2], steps[1]] + steps[3...]).joined(separator: "\n## ")
        let s = player(moved, CapturedOutput(), progress)
        s.open()
        #expect(s.standing.record("Add")?.state == .done)
        #expect(progress.standing("another") == other)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["progress", "progress.lock"])
    }

    @Test("a read-only place for progress is no error") func readOnly() {
        let p = player(smallPage, CapturedOutput(), LessonProgress(path: "/proc/nowhere/progress"))
        p.open()
        p.enter("")
        p.enter("t = x.transpose()")
        #expect(p.verdict == .right)
        // Who leaves is not told that it is kept.
        #expect(!p.isKept)
    }

    @Test("a program in a file is judged each time it is run, in a world of its own") func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let page = """
            # A file
            ## Mend
            **Make `k` 4.**
            ```siam file=mend.siam
            k = 3
            ```
            ```check
            k == 4
            ```
            ```answer
            k = 4
            ```
            ```wrong
            k = 5
            when k == 5
            --- One too many.
            ```
            ```hint
            - `k = 4`
            ```
            """
        let p = player(page, CapturedOutput(), path: { folder + "/" + $0 })
        p.open()
        let file = try #require(p.watchedFile)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "k = 3\n")
        p.enter("")
        #expect(p.verdict == .wrong(["That ran, but it is not what the task asks for."]))
        try "k = 5".write(toFile: file, atomically: true, encoding: .utf8)
        p.enter("")
        #expect(p.verdict == .wrong(["One too many."]))
        try "k = 4 +".write(toFile: file, atomically: true, encoding: .utf8)
        p.enter("")
        #expect(p.verdict == .failed)
        try "k = 4".write(toFile: file, atomically: true, encoding: .utf8)
        p.enter("")
        #expect(p.verdict == .right)
        #expect(p.watchedFile == nil)
        #expect(LessonCheck.problems(p.lesson) == [])
    }
}

extension Value {
    var isTrueForTests: Bool { LessonPlayer.isTrue(self) }
}
