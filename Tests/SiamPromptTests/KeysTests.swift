import Testing

/// The keys of the prompt, and what it does to lines that wrap, blocks, pastes and windows, in a terminal of its own.
@Suite struct KeysTests {
    @Test("keys: the cursor moves in every terminal's form, and text is inserted")
    func theCursorMovesAndTextIsInserted() throws {
        let t = try PseudoTerminal()
        t.send("13")
        try t.line("siam> 13")
        t.send(Key.left + "2")
        try t.line("siam> 123")
        for key in ["\u{1}", "\u{1B}[H", "\u{1B}[1~", "\u{1B}[7~", "\u{1B}OH"] {
            t.send("\u{5}" + key)
            try t.wait("the start of the line") { $0.column == 6 }
        }
        for key in ["\u{5}", "\u{1B}[F", "\u{1B}[4~", "\u{1B}[8~", "\u{1B}OF"] {
            t.send("\u{1}" + key)
            try t.wait("the end of the line") { $0.column == 9 }
        }
        t.send("\u{1}\u{1B}[3~")
        try t.line("siam> 23")
        t.send("\r")
        try t.see("\n23\n")
    }

    @Test("keys: killed text comes back") func killedTextComesBack() throws {
        let t = try PseudoTerminal()
        t.send("alpha beta gamma")
        try t.line("siam> alpha beta gamma")
        t.send("\u{17}\u{17}")
        try t.line("siam> alpha")
        t.send("\u{19}")
        try t.line("siam> alpha beta gamma")
        t.send("\u{15}")
        try t.line("siam>")
        t.send("\u{19}\u{1B}b\u{B}")
        try t.line("siam> alpha beta")
        t.send("\u{1}\u{1B}d")
        try t.line("siam>  beta")
    }

    @Test("keys: undo goes back") func undoGoesBack() throws {
        let t = try PseudoTerminal()
        t.send("alpha")
        try t.line("siam> alpha")
        t.send("\u{15}")
        try t.line("siam>")
        t.send("\u{1F}")
        try t.line("siam> alpha")
    }

    @Test("keys: by word") func wordMoves() throws {
        let t = try PseudoTerminal()
        t.send("alpha beta")
        try t.line("siam> alpha beta")
        t.send("\u{1B}[1;5D")
        try t.wait("the word's start") { $0.column == 12 }
        t.send("\u{1B}b")
        try t.wait("the first word's start") { $0.column == 6 }
        t.send("\u{1B}[1;5C")
        try t.wait("the first word's end") { $0.column == 11 }
    }

    @Test("37: lines wrap at the window's edge", arguments: [20, 80]) func linesWrapAtTheWindowsEdge(columns: Int)
        throws
    {
        let t = try PseudoTerminal(columns: columns)
        for extra in [-1, 0, 1] {
            let digits = String(repeating: "1", count: columns - 6 + extra)
            t.send(digits)
            try t.wait("\(digits.count) digits") { s in
                s.text.replacing("\n", with: "").hasSuffix("siam> " + digits)
            }
            t.send(Key.left + Key.left + "+" + "\u{5}")
            let changed = digits.dropLast(2) + "+11"
            try t.wait("a sign among them") { s in s.text.replacing("\n", with: "").hasSuffix("siam> " + changed) }
            t.send(Key.interrupt)
            try t.line("siam>")
        }
    }

    @Test("keys: λ, 漢 and é in both forms keep their places") func wideAndDecomposedLettersKeepTheirPlaces() throws {
        let t = try PseudoTerminal()
        t.send("λ = \"漢字e\u{301}é\"")
        try t.wait("the letters") { $0.current.hasPrefix("siam> λ = \"漢字") }
        t.send(Key.left + Key.left + Key.left + Key.backspace + "x" + Key.enter)
        try t.enter("λ")
        try t.see("\"漢xe\u{301}é\"")
    }

    @Test("keys: a wide letter at the window's edge") func ofAWideLetterNothingIsLeftAtTheEdge() throws {
        let t = try PseudoTerminal(columns: 20)
        // Fourteen columns are left in the first row: the seventh letter ends it, the eighth begins the next.
        t.send("\"漢漢漢漢漢漢漢")
        try t.see("siam> \"漢漢漢漢漢漢\n漢")
        t.send("\"\r")
        try t.see("\"漢漢漢漢漢漢漢\"")
    }

    @Test("8: Up and Down move in a block") func upAndDownMoveInABlock() throws {
        let t = try PseudoTerminal()
        t.send("fn f(x) {\rx + 1\r}")
        try t.see("  ... }")
        t.send(Key.up)
        try t.wait("the row above") { $0.current == "  ...   x + 1" }
        t.send("\u{5}00" + Key.down + "\r")
        try t.enter("f(1)")
        try t.see("101")
    }

    @Test("8: Alt-Enter always opens a line") func altEnterAlwaysOpensALine() throws {
        let t = try PseudoTerminal()
        t.send("x = 1" + Key.altEnter)
        try t.line("  ...")
        t.send("x + 1\r")
        try t.see("\n2\n")
    }

    @Test("5: ^C on each row of a block leaves nothing behind") func interruptOnEachRowOfABlockLeavesNothingBehind()
        throws
    {
        let t = try PseudoTerminal()
        for ups in 0...2 {
            t.send("fn f(x) {\rx + 1\r}")
            try t.see("  ... }")
            t.send(String(repeating: Key.up, count: ups) + Key.interrupt)
            try t.line("siam>")
            #expect(t.screen.line(t.screen.row - 1) == "  ... }")
            t.send("\u{C}")
            try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
        }
        // The dropped text is one Up away, as a block.
        t.send(Key.up)
        try t.see("  ... }")
    }

    @Test("11: a block is recalled on the bottom row") func aBlockIsRecalledOnTheBottomRow() throws {
        let t = try PseudoTerminal(rows: 10)
        t.send("fn f(x) {\rx + 1\r}\r")
        for i in 0..<10 { try t.enter("\(i)") }
        #expect(t.screen.row == 9)
        t.send("fn" + Key.up)
        try t.see("siam> fn f(x) {\n  ...   x + 1\n  ... }")
        t.send("\u{5}\r")
        try t.wait("the prompt") { $0.current == "siam>" }
    }

    @Test("11: ^R searches anywhere") func searchFindsAnywhere() throws {
        let t = try PseudoTerminal()
        try t.enter("alpha = 41")
        try t.enter("beta = 2")
        t.send("\u{12}pha")
        try t.see("search 'pha': alpha = 41")
        t.send("\r")
        try t.line("siam> alpha = 41")
        t.send("\u{15}\u{12}a =")
        try t.see("search 'a =': beta = 2")
        t.send("\u{12}")
        try t.see("search 'a =': alpha = 41")
        t.send("\u{7}")
        try t.line("siam>")
    }

    @Test("37: a resize in mid-block, narrower and wider, keeps the text") func aResizeInMidBlockKeepsTheText() throws {
        let t = try PseudoTerminal(columns: 60)
        t.send("fn f(x) {\rx + 100000000000000000000\r}")
        try t.see("  ... }")
        t.resize(columns: 24, rows: 24)
        try t.wait("the narrow block") { s in
            s.text.contains("siam> fn f(x) {") && s.text.contains("  ...   x + 100000000000")
                && s.text.contains("  ... }")
        }
        t.resize(columns: 100, rows: 30)
        try t.wait("the wide block") { $0.text.contains("  ...   x + 100000000000000000000\n  ... }") }
        t.send("\r")
        try t.enter("f(0) > 1")
        try t.see("true")
    }

    @Test("37: twenty columns are enough") func twentyColumnsAreEnough() throws {
        let t = try PseudoTerminal(columns: 20, rows: 10)
        try t.enter("x = 1")
        t.send("fn longname(first, second) {\rfirst + second\r}\r")
        try t.enter("longname(x, 2)")
        try t.see("\n3\n")
    }

    @Test("9: a lone end of a paste does nothing") func aLoneEndOfPasteDoesNothing() throws {
        let t = try PseudoTerminal()
        t.send("1\u{1B}[201~2")
        try t.line("siam> 12")
    }

    @Test("9: pastes arrive as they are and run at Enter") func pastesArriveAsTheyAre() throws {
        let t = try PseudoTerminal()
        t.paste("x = 5\r")
        try t.line("siam> x = 5")
        t.send("\r")
        try t.wait("the prompt") { $0.current == "siam>" }
        t.paste("\tx *\n  2")
        try t.see("siam>     x *")
        t.send("\r")
        try t.see("10")
    }

    @Test("keys: vi's by ~/.editrc") func viKeysByTheUsersSettings() throws {
        let home = try Home()
        try home.write("bind -v\n", to: ".editrc")
        let t = try PseudoTerminal(home: home)
        t.send("12")
        try t.line("siam> 12")
        t.send("\u{1B}")
        try t.wait("command mode") { $0.column == 7 }
        t.send("x")
        try t.line("siam> 1")
        t.send("a5\r")
        try t.see("15")
        t.send("\u{1B}k")
        try t.line("siam> 15")
    }
}
