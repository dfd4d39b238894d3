import SiamLanguage
import SiamRuntime

/// The long form of an error: the idea behind its rule, an example that fails, the same one mended.
enum WhyPage {
    static func text(_ error: Diagnostic, _ session: Session) -> String {
        var lines = ["\(error.message)"]
        for note in error.notes + [error.kept, error.repair].compactMap({ $0 }) { lines.append("  " + note) }
        if let idea = ideas.first(where: { error.code == $0.code || error.code.hasPrefix($0.code + ".") }) {
            lines.append("")
            lines.append(idea.idea)
            lines.append("")
            lines.append("fails:   \(idea.fails)")
            lines.append("mended:  \(idea.mended)")
        }
        return lines.joined(separator: "\n")
    }

    struct Idea: Sendable {
        /// A rule's code, or the family that it begins with.
        var code: String
        var idea: String
        var fails: String
        var mended: String
    }

    static let ideas: [Idea] = [
        Idea(
            code: "name",
            idea: """
                A name stands for a value from the moment something is assigned to it.
                Names are letters, digits and _, capitals differ from small letters, and functions see the file's names.
                :vars lists yours, Tab completes all.
                """, fails: "nett(x)", mended: "net(x)"),
        Idea(
            code: "field",
            idea: """
                Behind a point stands a field: of a record its names, of a net its stages and parameters, of a run its series.
                Where there is no such field the word is taken for a function, x.abs() for abs(x).
                Tab behind the point lists the fields.
                """, fails: "net.dens1.w", mended: "net.dense1.w"),
        Idea(
            code: "argument",
            idea: """
                A call gives arguments by place first, then by name. Those with a default may be left out.
                ?name shows which there are, Tab inside the brackets completes their names.
                """, fails: "contrastive(a, b, same, marign = 2)", mended: "contrastive(a, b, same, margin = 2)"),
        Idea(
            code: "layer",
            idea: """
                A layer takes its shapes from the first input that it sees, and keeps them: its weights are one matrix from then on.
                An input of another width needs another net, or a stage before it that makes the width fit, such as flatten.
                summary(net, x) shows every stage's shapes up to the break.
                """, fails: "net = dense(4); net(ones(2, 3)); net(ones(2, 5))",
            mended: "net = dense(4); net(ones(2, 3)); net(ones(7, 3))"),
        Idea(
            code: "matmul",
            idea: """
                a @ b multiplies rows of a with columns of b, so a's width has to be b's height: [n, k] @ [k, m] is [n, m].
                The k of both sides meets in the middle and goes.
                """, fails: "ones(2, 3) @ ones(2, 3)", mended: "ones(2, 3) @ ones(2, 3).transpose()"),
        Idea(
            code: "broadcast",
            idea: """
                Elementwise operators line shapes up at the right. Axes of one length, or where one of both is 1, fit; the 1 is repeated.
                [4, 3] and [3] fit, [4, 3] and [4] do not: the 4 stands under the 3.
                """, fails: "ones(4, 3) + ones(4)", mended: "ones(4, 3) + ones(4, 1)"),
        Idea(
            code: "bracket",
            idea: """
                Every ( [ { is closed by its partner, innermost first.
                At the prompt an open bracket keeps the input open; in a file the next statement then looks wrong.
                """, fails: "net = tower(64", mended: "net = tower(64)"),
        Idea(
            code: "index",
            idea: """
                Elements count from 0, and from the end with -1, -2. A range 1..3 takes 1 and 2.
                An axis of length n has places 0 to n - 1.
                """, fails: "[5, 6, 7][3]", mended: "[5, 6, 7][2]"),
        Idea(
            code: "loss",
            idea: """
                A loss that is NaN or infinite has no slope to follow. Most often a square root or a logarithm met 0, an exponential
                ran over, or the learning rate was so large that the weights grew without end.
                trace(net, x) shows the first stage whose numbers are not finite.
                """, fails: "sqrt(sum((a - b)^2, axis = -1))", mended: "euclidean(a, b)"),
        Idea(
            code: "file",
            idea: """
                Paths count from the folder that siam was started in; imports from the folder of the importing file.
                Tab inside quotes completes them.
                """, fails: "import \"tower\"", mended: "import \"tower.siam\""),
    ]
}
