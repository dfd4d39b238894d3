import Foundation
import Glibc
import SiamLessons
import Testing

/// Lesson 1 as a person goes through it, at a terminal.
@Suite("Lessons in a terminal") struct LessonPlayTests {
    private func open(_ home: Home, _ arguments: [String] = ["learn", "1"]) throws -> PseudoTerminal {
        try PseudoTerminal(arguments, columns: 100, rows: 40, home: home, waits: false)
    }

    @Test("34: a typing error, a wrong answer, a hint, :back, :play, leaving in the middle and coming back")
    func lessonOne() throws {
        let home = try Home()
        let t = try open(home)
        try t.line("siam 1.1>")
        try t.see("Lesson 1  A fully connected layer is a matrix and a bias")
        #expect(!t.screen.text.contains("which is the first") && t.screen.text.contains("[Enter]"))
        t.send("\r")
        try t.see("▸ Work it out in your head")
        // Anything may be typed; it just runs.
        try t.enter("sum(x)", prompt: "siam 1.1>")
        try t.see("\n6\n")
        try t.enter("3", prompt: "siam 1.1>")
        try t.see("That is the second sum")
        try t.enter("2", prompt: "siam 1.2>")
        try t.see("1.2  All sums at once")
        t.send("\r")
        try t.see("▸ Compute both sums with one product")
        // A typing error is shown as anywhere else, and is no answer.
        try t.enter("h = x @@ w", prompt: "siam 1.2>")
        try t.see("error:")
        try t.enter("h = w.transpose() @ x.transpose()", prompt: "siam 1.2>")
        try t.see("Yours is 2x1 instead of 1x2: transposed.")
        try t.enter("hint", prompt: "siam 1.2>")
        try t.see("a hint is  :hint")
        try t.enter(":answer", prompt: "siam 1.2>")
        try t.see("the answer is shown by  :skip")
        try t.enter(":hint", prompt: "siam 1.2>")
        try t.see("Which of `x` and `w` comes first?")
        // Help and completion are those of the prompt, and know the lesson's words.
        t.send(":hi" + Key.tab)
        try t.wait("both") {
            $0.current == "siam 1.2> :hi" || $0.current == "siam 1.2> :hint" || $0.text.contains(":history")
        }
        t.send(Key.interrupt)
        try t.line("siam 1.2>")
        try t.enter("?:hint", prompt: "siam 1.2>")
        try t.see("a hint for this step, one at a time")
        try t.enter("h = x @ w", prompt: "siam 1.3>")
        try t.see("the 3 in the middle disappears")
        try t.enter(":back", prompt: "siam 1.2>")
        try t.enter("h", prompt: "siam 1.2>")
        try t.see("there is nothing named h")
        try t.enter(":next", prompt: "siam 1.3>")
        try t.enter("h", prompt: "siam 1.3>")
        try t.see("[4  -1]")
        try t.enter(":play", prompt: "siam 1.3 play>")
        try t.enter("h = 17; x = 0", prompt: "siam 1.3 play>")
        try t.enter(":task", prompt: "siam 1.3>")
        try t.see("The lesson's names are as they were before `:play`.")
        try t.enter("mine = x + 1", prompt: "siam 1.3>")
        t.send(Key.end)
        #expect(try t.end() == 0)
        #expect(t.screen.text.contains("Your place in the lesson is saved: siam learn 1 comes back to it."))
        #expect(home.mode(".local/state/siam/progress") == 0o600)

        let again = try open(home)
        try again.line("siam 1.3>")
        try again.see("You come back to step 1.3")
        try again.see("▸ Compute the whole layer on `x`")
        try again.enter("mine", prompt: "siam 1.3>")
        try again.see("[2  3  4]")
        try again.enter("y = x @ w + b", prompt: "siam 1.4>")
        // Killed outright, nothing is lost either.
        again.signal(SIGKILL)
        _ = try again.end()
        let third = try open(home)
        try third.line("siam 1.4>")
        try third.enter(":list", prompt: "siam 1.4>")
        try third.see("1.3   done     The bias\n1.4   here")
    }

    /// Lesson 1 at its second step, where `h` is asked for.
    private func secondStep() throws -> PseudoTerminal {
        let t = try open(try Home(), ["learn", "1"])
        try t.line("siam 1.1>")
        t.send("\r")
        try t.see("▸ Work it out")
        try t.enter("2", prompt: "siam 1.2>")
        t.send("\r")
        try t.see("▸ Compute both sums")
        return t
    }

    @Test(
        "32: every expression that gives the right value is accepted, numbers with a tolerance",
        arguments: [
            "h = x @ w", "h = [[4, -1]]", "h = x.matmul(w)", "h = [[4.000001, -0.999999]]",
            "h = (w.transpose() @ x.transpose()).transpose()", "k = 2; h = [[k * k, 1 - k]]",
        ])
    func rightAnswers(answer: String) throws {
        let t = try secondStep()
        try t.enter(answer, prompt: "siam 1.3>")
        try t.see("the 3 in the middle disappears")
    }

    @Test("32: shapes are judged as numbers are, and a typing error is no wrong answer") func typingErrors() throws {
        let offer = ":hint gives a hint"
        let t = try secondStep()
        for mistake in ["h = x @@ w", "h = (x @ w", "h = x @ ww", "h = x @ x"] {
            // An unfinished input opens a line; ^C drops it.
            if mistake.contains("(") {
                t.send(mistake + "\r")
                try t.wait("a line more") { !$0.current.hasPrefix("siam") }
                t.send(Key.interrupt)
                try t.line("siam 1.2>")
            } else {
                try t.enter(mistake, prompt: "siam 1.2>")
            }
        }
        #expect(!t.screen.text.contains(offer), "\(t.screen.text)")
        for (k, wrong) in ["h = [4, -1]", "h = [[4, -1.01]]", "h = [[4, -1], [4, -1]]"].enumerated() {
            #expect(!t.screen.text.contains(offer), "after \(k) wrong answers")
            try t.enter(wrong, prompt: "siam 1.2>")
        }
        // Three wrong ones have been counted, and no more: a hint is offered, never forced.
        try t.see(offer)
        #expect(!t.screen.text.contains("Which of `x` and `w` comes first?"))
        try t.enter("h = x @ w", prompt: "siam 1.3>")
    }

    @Test("33: a wrong answer is told how it differs, hints come singly, :skip shows the answer, :back goes back")
    func wrongAnswers() throws {
        let t = try secondStep()
        try t.enter("h = w.transpose() @ x.transpose()", prompt: "siam 1.2>")
        try t.see("Yours is 2x1 instead of 1x2: transposed.")
        try t.enter("h = [[4, 1]]", prompt: "siam 1.2>")
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam 1.2>" }
        let hints = ["Which of `x` and `w` comes first?", "1x3 with 3x2", "h = x @ w"]
        for k in hints.indices {
            try t.enter(":hint", prompt: "siam 1.2>")
            for (other, hint) in hints.enumerated() { #expect(t.screen.text.contains(hint) == (other <= k), "\(k)") }
        }
        try t.enter(":hint", prompt: "siam 1.2>")
        try t.see("That was the last hint. `:skip` shows the answer.")
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam 1.2>" }
        try t.enter(":skip", prompt: "siam 1.3>")
        try t.see("siam> h = x @ w")
        // The answer was run: the next step has its value.
        try t.enter("h", prompt: "siam 1.3>")
        try t.see("[4  -1]")
        try t.enter(":back", prompt: "siam 1.2>")
        try t.see("1.2  All sums at once")
        try t.enter("h", prompt: "siam 1.2>")
        try t.see("there is nothing named h")
    }

    @Test("31: siam learn lists lessons with progress") func list() throws {
        let home = try Home()
        let before = try open(home, ["learn"])
        #expect(try before.end() == 0)
        #expect(before.screen.line(0) == " 1            A fully connected layer is a matrix and a bias")
        let t = try open(home)
        try t.line("siam 1.1>")
        try t.enter(":skip", prompt: "siam 1.2>")
        t.send(":stop\r")
        #expect(try t.end() == 0)
        let after = try open(home, ["learn", "--list"])
        #expect(try after.end() == 0)
        #expect(after.screen.line(0).hasPrefix(" 1  1 of \(LessonSource.shipped[0].steps.count)"))
    }

    @Test("34: a lesson has names of its own; the learner's wait outside") func ownNames() throws {
        let home = try Home()
        let t = try open(home, ["--no-init"])
        try t.line("siam>")
        try t.enter("x = 42; mine = 1")
        t.send(":learn 1\r")
        try t.line("siam 1.1>")
        t.send("\r")
        try t.see("▸ Work it out")
        try t.enter("mine", prompt: "siam 1.1>")
        try t.see("there is nothing named mine")
        try t.enter("x = 7", prompt: "siam 1.1>")
        try t.enter(":stop")
        try t.see("Your place in the lesson is saved: :learn 1 comes back to it.")
        try t.enter("x + mine")
        try t.see("\n43\n")
        t.send(":hint\r")
        try t.see("there is no command :hint")
        t.send(":learn 1\r")
        try t.line("siam 1.1>")
        try t.enter("x", prompt: "siam 1.1>")
        try t.see("\n7\n")
        t.send(Key.end)
        try t.line("siam>")
        t.send(":learn 99\r")
        try t.see("there is no lesson 99")
    }

    @Test("a program in a file is run at each save") func watching() throws {
        let home = try Home()
        try home.write(
            """
            # Files
            ## Mend
            **Make `k` 4.**
            ```siam file=mend.siam
            k = 3
            ```
            ```check
            k == 4  # `k` is not 4.
            ```
            ```answer
            k = 4
            ```
            ```hint
            - `k = 4`
            ```
            That is it.
            """, to: "01-files.md")
        let t = try open(home, ["learn", "01-files.md"])
        try t.line("siam 1.1>")
        try t.see("mend.siam")
        t.send("\r")
        try t.see("`k` is not 4.")
        try home.write("k = 4\nprint \"ran\"\n", to: ".local/state/siam/mend.siam")
        try t.see("ran")
        try t.see("That is it.")
    }
}
