import SiamData
import SiamFormats
import SiamLanguage

/// A tool as an assistant sees it: declared once, with all that its list and the check of its arguments say.
struct AssistantTool {
    struct Argument {
        enum Kind: String { case string, number, boolean }
        var name: String
        var kind: Kind
        var help: String
        var choices: [String] = []
        var isNeeded = false
    }

    var name: String
    var title: String
    var help: String
    var arguments: [Argument]
    /// Whether it changes nothing, in a session or on the disk.
    var isReading: Bool

    private static let session = Argument(
        name: "session", kind: .string,
        help: "Name of the session, whose variables are kept between calls; the default is main.")
    private static let seconds = Argument(
        name: "seconds", kind: .number, help: "Time after which it is stopped: up to 600, the default is 30.")
    private static let code = Argument(name: "code", kind: .string, help: "A program, instead of a file.")
    private static let file = Argument(name: "file", kind: .string, help: "Path of a .siam file, instead of code.")

    static let all: [AssistantTool] = [
        AssistantTool(
            name: "run", title: "Run siam",
            help:
                "Runs siam code or a file in a session and returns what it prints, with the values of its expressions; figures come as images. What ran before an error stays. `doc` explains names and words of the language.",
            arguments: [
                code, file, session,
                Argument(name: "fresh", kind: .boolean, help: "Forget the session's variables first."), seconds,
            ], isReading: false),
        AssistantTool(
            name: "check", title: "Check a program",
            help:
                "Finds faults without running: syntax, unknown names, arguments, shapes that do not fit, and training faults that are visible in the text. Returns the findings with lines and repairs.",
            arguments: [code, file], isReading: true),
        AssistantTool(
            name: "doctor", title: "Why does it not learn",
            help:
                "Finds out why a program's net does not learn or gives poor embeddings: replays its training with one change at a time over several seeds, and returns the confirmed fault with the repair of the program's lines. Use it instead of guessing. The program has to train a net with `train` or in a hand-written loop.",
            arguments: [
                code, file,
                Argument(
                    name: "budget", kind: .number, help: "Seconds to spend on replays: up to 600, the default is 60."),
            ], isReading: true),
        AssistantTool(
            name: "doc", title: "Look up help",
            help:
                "The help of a name of the language, of a word of the grammar or of a fault; or all entries that mention a word.",
            arguments: [
                Argument(name: "name", kind: .string, help: "A name, or a word to search for.", isNeeded: true)
            ],
            isReading: true),
        AssistantTool(
            name: "inspect", title: "Look at a value",
            help:
                "Shows a value of a session without changing anything: a variable or any expression, such as `run.loss.last` or `trace(run)`. Without an expression it lists the session's variables; without a session of that name, the sessions.",
            arguments: [
                Argument(name: "expression", kind: .string, help: "A variable or an expression."), session, seconds,
                Argument(name: "all", kind: .boolean, help: "Show everything: every number of a tensor."),
            ], isReading: true),
        AssistantTool(
            name: "figure", title: "Draw",
            help:
                "Draws the value of an expression as an image: a figure such as `plot(run.loss)` or `scatter(pca(net(d.x)), d.y)`, a run's curves, images of a data set.",
            arguments: [
                Argument(name: "expression", kind: .string, help: "What to draw.", isNeeded: true), session,
                Argument(
                    name: "format", kind: .string, help: "png (the default), or svg as text.",
                    choices: ["png", "svg"]),
                seconds,
            ], isReading: true),
    ]

    /// As `tools/list` has it.
    var described: JSON {
        let properties = arguments.map { a -> (String, JSON) in
            (
                a.name,
                .record([
                    "type": .text(a.kind.rawValue), "description": .text(a.help),
                    "enum": a.choices.isEmpty ? nil : .texts(a.choices),
                ])
            )
        }
        let needed = arguments.filter(\.isNeeded).map(\.name)
        return .record([
            "name": .text(name), "title": .text(title), "description": .text(help),
            "inputSchema": .record([
                "type": .text("object"), "properties": .object(properties),
                "required": needed.isEmpty ? nil : .texts(needed), "additionalProperties": .bool(false),
            ]),
            "annotations": .record([
                "title": .text(title), "readOnlyHint": .bool(isReading), "openWorldHint": .bool(false),
            ]),
        ])
    }

    /// What is wrong with arguments, in words; nil where nothing is.
    func fault(_ given: JSON) -> String? {
        guard case .object(let members) = given else { return "the arguments of \(name) are an object" }
        for (key, value) in members {
            guard let argument = arguments.first(where: { $0.name == key }) else {
                let near = closest(to: key, in: arguments.map(\.name)).map { ". Did you mean \($0)?" } ?? ""
                return "\(name) has no argument \(key)\(near)"
            }
            let fits =
                switch argument.kind {
                case .string: value.text != nil
                case .number: value.number != nil
                case .boolean: value.bool != nil
                }
            guard fits || value == .null else { return "\(key) of \(name) is a \(argument.kind.rawValue)" }
            if let text = value.text, !argument.choices.isEmpty, !argument.choices.contains(text) {
                return "\(key) of \(name) is \(argument.choices.joined(separator: " or ")), and got \(text)"
            }
        }
        for argument in arguments where argument.isNeeded && given[argument.name]?.text == nil {
            return "\(name) expects \(argument.name)"
        }
        return nil
    }
}
