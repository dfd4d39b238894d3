import ArgumentParser
import CEditline
import Glibc
import SiamData
import SiamFormats
import SiamFigures
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamTensor
import SiamReports

/// `siam inspect FILE`: the health of embeddings, or of scored pairs, that another tool computed.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspect embeddings or scored pairs that another tool computed.",
        discussion:
            "FILE: .npz or .safetensors with z and y, .npy with labels beside it, .csv or .tsv with a column of classes; or a table of pairs with columns score (or distance) and same; or a training recorded by siam.record of the Python package (.siamrecord). Exit code: 0 nothing suspicious, 3 something suspected, 1 the file cannot be read, 2 wrong usage."
    )
    @ArgumentParser.Argument(help: "The embeddings, or a table of scored pairs.")
    var file: String
    @Option(help: "A file with the class labels, one per row.")
    var labels: String?
    @Option(help: "Embeddings of the same net before training, for comparison.")
    var before: String?
    @Option(help: "The margin of the loss.")
    var margin: Double?
    @Option(help: "Write a page with figures and pictures.")
    var report: String?
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup var color: ColorOption

    func validate() throws {
        if let margin, !(margin > 0) { throw ValidationError("--margin expects a number above 0, and got \(margin)") }
    }

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: "the inspection of \(file)")
        let output = color.output
        let session = Session(output: output, builtins: Builtin.all)
        Figures.attach(to: session, output.display)
        var status: Int32 = 0
        do {
            if file.hasSuffix(".siamrecord") {
                guard case .thing(let t) = try session.evaluate("load(\"\(file)\")"), let run = t as? SiamRuntime.Run
                else {
                    throw Diagnostic(code: "record.form", "\(file) contains no run")
                }
                let signs = run.signs
                if json {
                    output.print(
                        "{\"steps\":\(run.steps),\"suspicions\":[\(signs.map(JSON.quoted).joined(separator: ","))]}")
                } else {
                    output.print(t.display(output.page))
                    output.print(
                        signs.isEmpty
                            ? "nothing suspicious in the record"
                            : "suspected, not confirmed:\n" + signs.map { "  " + $0 }.joined(separator: "\n"))
                }
                status = signs.isEmpty ? 0 : 3
            } else if ScoredPairs.isOne(file) {
                let pairs = try ScoredPairs(file)
                output.print(json ? pairs.json : pairs.display(output.page))
                status = pairs.suspicions.isEmpty ? 0 : 3
            } else {
                let health = try EmbeddingHealth(file, labels: labels, before: before, margin: margin, in: session)
                if json {
                    output.print(health.json)
                } else {
                    output.print(health.display(output.page))
                    for remark in ForeignEmbeddings.remarks(file) { output.message(remark) }
                    if let figure = health.illustration {
                        output.print(session.display(.thing(FigureThing(figure)), output.page))
                    }
                }
                if let report { try EmbeddingReport.write(health, to: report) }
                status = health.suspicions.isEmpty ? 0 : 3
            }
        } catch {
            output.show(error, in: session)
            status = error is Interrupted ? 130 : 1
        }
        output.leave(status)
    }
}
