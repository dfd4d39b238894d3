import Glibc
import Testing

@testable import SiamPrompt

@Suite struct EditBufferTests {
    @Test func marksGoWithTheirLetter() {
        let decomposed = EditBuffer("e\u{301}x")
        #expect(decomposed.previous(2) == 0)
        #expect(decomposed.next(0) == 2)
    }

    @Test func wordMovesStopAtWordsEnds() {
        let b = EditBuffer("net.dense1 + λx")
        #expect(b.wordEnd(after: 0) == 3)
        #expect(b.wordEnd(after: 3) == 10)
        #expect(b.wordStart(before: b.scalars.count) == 13)
        #expect(b.blankBefore(12) == 11)
    }

    @Test func removalKeepsTheCursorAtItsText() {
        var b = EditBuffer("abcdef", cursor: 4)
        #expect(b.remove(1, 3) == "bc")
        #expect(b.text == "adef")
        #expect(b.cursor == 2)
        b.remove(1, 3)
        #expect(b.cursor == 1)
        b.remove(-5, 100)
        #expect(b.isEmpty && b.cursor == 0)
    }

    @Test func verticalMovesKeepTheColumn() {
        var b = EditBuffer("abcdef\nxy\nghijkl", cursor: 5)
        #expect(b.vertical(1) == 9)
        b.move(to: 9)
        #expect(b.vertical(1, column: 5) == 15)
        #expect(b.vertical(-1, column: 5) == 5)
        b.move(to: 0)
        #expect(b.vertical(-1) == nil)
        b.move(to: 12)
        #expect(b.vertical(1) == nil)
    }
}

@Suite struct BlockTests {
    @Test func enterRunsAFinishedTextAndBreaksAnUnfinishedOne() {
        #expect(Blocks.enter(EditBuffer("1 + 2"), pasting: false) == .run)
        #expect(Blocks.enter(EditBuffer("fn f(x) {"), pasting: false) == .broken(EditBuffer("fn f(x) {\n  ")))
        #expect(Blocks.enter(EditBuffer("x = (1 +"), pasting: false) == .broken(EditBuffer("x = (1 +\n  ")))
        #expect(Blocks.enter(EditBuffer("1 +"), pasting: false) == .broken(EditBuffer("1 +\n")))
        #expect(Blocks.enter(EditBuffer(":load (x"), pasting: false) == .run)
    }

    @Test func keysThatComeAllAtOnceAreAPaste() {
        #expect(Blocks.enter(EditBuffer("  a = {"), pasting: true) == .broken(EditBuffer("  a = {\n")))
        #expect(Blocks.enter(EditBuffer(":vars"), pasting: true) == .run)
    }

    @Test func aBracketBehindTheCursorGetsALineOfItsOwn() {
        let broken = Blocks.broken(EditBuffer("fn f(x) {}", cursor: 9))
        #expect(broken.text == "fn f(x) {\n  \n}")
        #expect(broken.cursor == 12)
    }

    @Test func aClosingBracketGoesBackAStep() {
        #expect(Blocks.close("}", in: EditBuffer("{\n  ")).text == "{\n}")
        #expect(Blocks.close("}", in: EditBuffer("{\n  x")).text == "{\n  x}")
        #expect(Blocks.close("}", in: EditBuffer("  ")).text == "  }")
    }

    @Test func bracketsInTextsAndCommentsDoNotIndent() {
        #expect(Blocks.broken(EditBuffer("print \"{\"")).text == "print \"{\"\n")
        #expect(Blocks.broken(EditBuffer("x # {")).text == "x # {\n")
    }

    @Test func backspaceInIndentationGoesBackAStep() {
        #expect(Blocks.backspace(EditBuffer("{\n    ")).text == "{\n  ")
        #expect(Blocks.backspace(EditBuffer("{\n   ")).text == "{\n  ")
        #expect(Blocks.backspace(EditBuffer("{\n")).text == "{")
        #expect(Blocks.backspace(EditBuffer("e\u{301}")).text == "")
    }

    @Test func paddingComesOffAsItWentOn() {
        for text in ["", "one", "fn f {\n  x\n}", "a\n\n\nb", "λ\n漢"] {
            for cursor in 0...text.unicodeScalars.count {
                let b = EditBuffer(text, cursor: cursor)
                #expect(BlockPadding.removed(from: BlockPadding.applied(to: b, width: 6), width: 6) == b)
            }
        }
    }

    @Test func layoutFollowsTheRowsOfTheScreen() {
        let exact = ScreenLayout(Array("abcd".unicodeScalars), start: 6, width: 10)
        #expect(exact.row(3) == 0 && exact.column(3) == 9)
        #expect(exact.row(4) == 1 && exact.column(4) == 0)
        // Widths are the locale's, as they are for libedit.
        setlocale(LC_CTYPE, "C.UTF-8")
        let wide = ScreenLayout(Array("abc漢".unicodeScalars), start: 6, width: 10)
        #expect(wide.row(3) == 1 && wide.column(3) == 0)
    }
}

@Suite struct UndoTests {
    @Test func aWordTypedInOneGoIsOneStep() {
        var undo = Undo()
        undo.reset()
        for text in ["a", "ab", "abc", "abc ", "abc d"] { undo.note(EditBuffer(text)) }
        #expect(undo.back()?.text == "abc ")
        #expect(undo.back()?.text == "abc")
        #expect(undo.back()?.text == "")
        #expect(undo.back() == nil)
    }
}

@Suite struct HistoryWalkTests {
    let entries = ["x = 1", "net = dense(3)", "x = 2", "plot x"]

    @Test func upFindsOnlyWhatBeginsWithTheText() {
        var walk = HistoryWalk()
        var b = EditBuffer("x")
        b = walk.step(-1, from: b, in: entries) ?? b
        #expect(b.text == "x = 2")
        b = walk.step(-1, from: b, in: entries) ?? b
        #expect(b.text == "x = 1")
        #expect(walk.step(-1, from: b, in: entries) == nil)
        b = walk.step(1, from: b, in: entries) ?? b
        #expect(b.text == "x = 2")
        b = walk.step(1, from: b, in: entries) ?? b
        #expect(b.text == "x")
    }

    @Test func anEditEndsTheWalk() {
        var walk = HistoryWalk()
        var b = walk.step(-1, from: EditBuffer(), in: entries) ?? EditBuffer()
        #expect(b.text == "plot x")
        b.insert("y")
        #expect(walk.step(1, from: b, in: entries) == nil)
        #expect(walk.step(-1, from: EditBuffer("net"), in: entries)?.text == "net = dense(3)")
    }

    @Test func searchGoesOnToOlderEntries() {
        var search = HistorySearch(entries)
        search.type("x")
        #expect(search.match == "plot x")
        let first = search.older()
        #expect(first && search.match == "x = 2")
        let second = search.older()
        #expect(second && search.match == "x = 1")
        let third = search.older()
        #expect(!third)
        let back = search.newer()
        #expect(back && search.match == "x = 2")
        search.type("q")
        #expect(search.isFailing && search.match == nil)
        search.backspace()
        #expect(search.match == "plot x")
    }

    @Test func theNewestThatGoesOnIsSuggested() {
        #expect(HistoryWalk.suggestion(for: "x =", in: entries) == "x = 2")
        #expect(HistoryWalk.suggestion(for: "plot x", in: entries) == nil)
        #expect(HistoryWalk.suggestion(for: "", in: entries) == nil)
    }
}

@Suite struct PastingTests {
    @Test func lineEndsAndControlCharactersAreCleaned() {
        #expect(Pasting.cleaned(Array("a\r\nb\rc\n\u{1}d\te\n\n".utf8)) == "a\nb\nc\nd    e")
        #expect(Pasting.cleaned(Array("λ漢".utf8)) == "λ漢")
    }

    @Test func ofATranscriptOnlyInputsStay() {
        let transcript = """
            siam> x = 3
            siam> fn f(a) {
              ...   a * x
              ... }
            siam> f(2)
            6
            siam(132)> step 2
            """
        #expect(Pasting.inputs(transcript) == "x = 3\nfn f(a) {\n  a * x\n}\nf(2)\nstep 2")
    }

    @Test func textWithoutPromptsStaysAsItIs() {
        #expect(Pasting.inputs("siamese = 3\nsiam > 2") == "siamese = 3\nsiam > 2")
    }

    @Test func inputsThatMixCodeAndCommandsAreTakenApart() {
        #expect(
            Prompt.pieces("x = 1\n:vars\nfn f(a) {\n  a\n}\n?f")
                == [.code("x = 1"), .command(":vars"), .code("fn f(a) {\n  a\n}"), .command("?f")])
        #expect(Prompt.pieces("\n\n") == [])
    }
}

@Suite struct CandidateTests {
    @Test func columnsHoldAllThatFits() {
        let many = (0..<30).map { Candidate("name\($0)") }
        let lines = CandidateList.lines(many, columns: 40, rows: 10, faint: "")
        #expect(lines.count == 8)
        #expect(lines.allSatisfy { $0.count < 40 })
        let fewRows = CandidateList.lines(many, columns: 20, rows: 5, faint: "")
        #expect(fewRows.count == 6)
        #expect(fewRows[5].hasPrefix("20 more"))
    }

    @Test func theSharedBeginningIsFound() {
        #expect(Completion(0, 0, [Candidate("dense"), Candidate("den")]).commonPrefix == "den")
        #expect(Completion.none.commonPrefix == "")
    }
}
