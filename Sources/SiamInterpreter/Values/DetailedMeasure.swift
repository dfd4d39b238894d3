import SiamLanguage
import SiamTensor

/// The result of a measure that is more than one number: named parts and a figure.
public final class DetailedMeasure: Thing, @unchecked Sendable {
    private let kind: String
    private let lines: [String]
    private let fields: [(String, Value)]
    private let figure: Figure

    /// - Parameters:
    ///   - kind: with its article, `a ROC curve`.
    ///   - lines: its text; the first line is the summary.
    package init(_ kind: String, _ lines: [String], _ fields: [(String, Value)], _ figure: Figure) {
        self.kind = kind
        self.lines = lines
        self.fields = fields
        self.figure = figure
    }

    /// The same of other outputs beside it: a panel each, and a field.
    package func beside(_ others: [(name: String, judgement: DetailedMeasure)]) -> DetailedMeasure {
        var all = figure
        all.panels = ([("net", self)] + others).flatMap { name, one in
            one.figure.panels.map { panel in
                var panel = panel
                panel.title = panel.title.isEmpty ? name : "\(name), \(panel.title)"
                return panel
            }
        }
        return DetailedMeasure(
            kind, lines + others.map { "\($0.name): \($0.judgement.summary)" },
            fields + others.map { ($0.name, .thing($0.judgement)) }, all)
    }

    public override var kindName: String { kind }
    public override var summary: String { lines.first ?? kind }
    public override func display(_ page: Page) -> String {
        lines.map { Folding.fold($0, columns: page.columns + 1) }.joined(separator: "\n")
    }
    public override var illustration: Figure? { figure }
    public override var fieldNames: [String] { fields.map(\.0) }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        fields.first { $0.0 == name }?.1
    }

    package static func short(_ x: Double) -> String { (try? formatNumber(x, spec: ".4g")) ?? "\(x)" }
    package static func vector(_ x: [Double]) throws -> Value {
        .tensor(try Tensor(Shape.vector(x.count), doubles: x, .single))
    }
}
