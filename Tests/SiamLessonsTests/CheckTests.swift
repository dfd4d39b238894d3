import SiamInterpreter
import SiamRuntime
import SiamTensor
import Testing

@testable import SiamLessons

/// The check of pages has to find each thing that it promises to find.
@Suite("Checking pages") struct CheckTests {
    static let good = """
        # Page
        ## Step
        Half of three is 1.5.
        ```claim
        close(3 / 2, 1.5)
        ```

        **Name four `k`.**
        ```check
        k == 4
        ```
        ```answer
        k = 4
        ```
        ```wrong
        k = 5
        --- Too many.
        ```
        ```hint
        - `k = 4`
        ```
        """

    static func problems(_ page: String) -> [String] {
        LessonCheck.problems(LessonReader.read(page, name: "page.md")).map { "\($0.line): \($0.text)" }
    }

    @Test("a good page has none") func good() { #expect(CheckTests.problems(CheckTests.good) == []) }

    @Test(
        "one change, one finding",
        arguments: [
            ("## Step\n", "## Step\n```siam run\nk = 4\n```\n", "done before anything was typed"),
            ("k = 4\n```\n```wrong", "k = 3\n```\n```wrong", "this answer is refused"),
            ("k = 5\n---", "k = 4\n---", "this wrong answer passes"),
            ("k = 5\n---", "j = 5\n---", "this wrong answer is not judged"),
            ("k = 5\n---", "k = nothere\n---", "this wrong answer ends in an error"),
            ("k = 5\n---", "k = 5\nwhen k == 6\n---", "instead of earning its sentence"),
            ("--- Too many.\n", "", "needs the sentence it earns"),
            ("- `k = 4`\n", "", "the task has no hint"),
            ("- `k = 4`\n", "-\n", "a hint is empty"),
            ("close(3 / 2, 1.5)", "close(3 / 2, 1.6)", "this is false"),
            ("close(3 / 2, 1.5)", "nothere > 1.5", "this claim fails"),
            ("```claim\nclose(3 / 2, 1.5)\n```\n", "", "the prose says 1.5"),
            ("**Name four `k`.**", "Name four `k`.", "no paragraph in bold"),
            ("```answer\nk = 4\n```\n", "", "the task has no answer"),
            ("```hint", "```hints", "there is no fence `hints`"),
            ("# Page\n", "", "the page has no title"),
            ("## Step\n", "## Step\nWords.\n## Step\n", "two steps are called"),
            ("## Step\n", "## Step\n```siam run\nnothere\n```\n", "this code fails"),
            ("## Step\n", "## Step\n```siam\nnothere\n```\n", "this code fails"),
            ("## Step\n", "## Step\n```siam fails\n1\n```\n", "this code is to fail"),
            ("## Step\n", "## Step\n```siam run\n1 +\n```\n", "this is not siam"),
            ("k = 5\n---", "train k on pairs(k, 2) using sgd(1) { }\n---", "needs a line `when"),
            ("```hint\n- `k = 4`\n```", "```hint\n- `k = 4`\n", "never closed"),
        ]) func found(change: (from: String, to: String, finding: String)) throws
    {
        let page = CheckTests.good.replacing(change.from, with: change.to, maxReplacements: 1)
        #expect(page != CheckTests.good)
        let found = CheckTests.problems(page)
        #expect(found.contains { $0.contains(change.finding) }, "\(found)")
    }

    @Test("choices need one right line, and a sentence each") func choices() {
        func page(_ lines: String) -> String { "# P\n## S\n**Which?**\n```choice\n\(lines)\n```\n" }
        #expect(CheckTests.problems(page("- [x] a\n  Yes.\n- [ ] b\n  No.")) == [])
        #expect(CheckTests.problems(page("- [ ] a\n  Yes.\n- [ ] b\n  No.")).first?.contains("exactly one") == true)
        #expect(CheckTests.problems(page("- [x] a\n- [ ] b\n  No.")).first?.contains("a sentence") == true)
        #expect(CheckTests.problems(page("- a\n- [x] b\n  No.")).first?.contains("begins with") == true)
    }

    @Test(
        "how values differ",
        arguments: [
            ("[[1, 2, 3], [4, 5, 6]]", "[[1, 4], [2, 5], [3, 6]]", "yours is 2x3, wanted 3x2: transposed"),
            (
                "[1, 2, 3, 4]", "[[1, 2], [3, 4]]",
                "yours is 4, wanted 2x2: the same number of elements in another shape"
            ),
            ("[1, 2]", "[1, 2, 3]", "yours is 2, wanted 3"),
            ("[1, 2]", "3", "yours is a tensor of 2, wanted a number"),
            ("[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]", "the numbers are right, but transposed"),
            ("[-1, 2]", "[1, -2]", "the sign is wrong"),
            ("[2, 4]", "[1, 2]", "yours is 2 times what was wanted"),
            ("[1, 7, 3]", "[1, 2, 3]", "the shape is right; 1 of 3 numbers differ, the first at [1], where yours is 7"),
            ("3", "5", "yours is 3: too small"),
            ("\"a\"", "5", "yours is a text, wanted a number"),
            ("[\"a\"]", "[\"a\", \"b\"]", "yours has 1 elements, wanted 2"),
            ("nan", "5", "there is NaN in yours"),
        ]) func differences(yours: String, wanted: String, said: String) throws
    {
        let session = ProgramTest.session(CapturedOutput())
        #expect(ValueComparison.text(try session.evaluate(yours), wanted: try session.evaluate(wanted)) == said)
        #expect(ValueComparison.text(try session.evaluate(wanted), wanted: try session.evaluate(wanted)) == nil)
    }
}
