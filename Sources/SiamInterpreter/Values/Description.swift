import SiamData
import SiamLanguage

/// The result of `describe`: a row for each column of a data set, with remarks on unusual ones below.
package final class Description: Table, @unchecked Sendable {
    private let head: String
    private let remarks: [String]

    package init(_ d: DatasetThing, unicode: Bool) {
        let facts = DatasetFacts(d.dataset)
        head = d.summary
        remarks = facts.remarks
        super.init(
            facts.columns.map { c in
                Record([
                    ("column", Value(c.name)), ("kind", Value(c.kind)), ("least", .number(c.least)),
                    ("mean", .number(c.mean)), ("most", .number(c.most)), ("sd", .number(c.sd)),
                    ("missing", .number(Double(c.missing))),
                    ("distribution", Value(Description.bars(c.bars, unicode))),
                ])
            })
        classes = d.dataset.targets == nil && d.dataset.classes.count > 1 ? Description.counts(d.dataset) : nil
        texts = d.dataset.texts.map { column in
            let kinds = Set(column.texts).count
            return "not an input: \(column.name), \(kinds) different \(kinds == 1 ? "text" : "texts")"
        }
    }
    private var classes: String?
    private var texts: [String] = []

    private static func bars(_ counts: [Int], _ unicode: Bool) -> String {
        guard let high = counts.max(), high > 0 else { return "" }
        let marks = Array(unicode ? " ▁▂▃▄▅▆▇█" : " ._-=+*#@")
        return String(counts.map { marks[$0 == 0 ? 0 : 1 + $0 * (marks.count - 2) / high] })
    }

    private static func counts(_ d: Dataset) -> String {
        let all = d.classes
        let shown = all.prefix(12).map { "\(d.names[safe: $0] ?? "\($0)") \(d.classCounts[$0])" }
        return "classes: " + shown.joined(separator: ", ") + (all.count > 12 ? " and \(all.count - 12) more" : "")
    }

    package override var kindName: String {
        "a description of \(rows.count == 1 ? "1 column" : "\(rows.count) columns")"
    }

    package override var fieldNames: [String] { super.fieldNames + ["remarks"] }
    package override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        name == "remarks" ? Value(remarks.map { Value($0) }) : try super.field(name, interpreter)
    }

    package override func display(_ page: Page) -> String {
        var lines = [head]
        if let classes {
            lines += Folding.fold(classes, columns: page.columns + 1).split(separator: "\n").map(String.init)
        }
        lines += super.display(page).split(separator: "\n").map(String.init)
        lines += texts
        for remark in remarks {
            lines += Folding.fold("- " + remark, columns: page.columns + 1).split(separator: "\n").map(String.init)
        }
        return lines.joined(separator: "\n")
    }
}
