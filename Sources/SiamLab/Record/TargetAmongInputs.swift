import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A column of the inputs that the program works out from the target: nobody has it for a new row. It is told from a task
/// whose rows are generated from their classes by the target's own formula, which has other inputs in it.
struct TargetAmongInputs {
    /// The column's expression or name, the target's name, and how closely they go together.
    let column: String
    let target: String
    let correlation: Double
    /// The line that makes the column.
    let line: Int

    var words: String {
        "\(column) is worked out from \(target), the target, in line \(line), and is a column of the inputs: its correlation with the target is \(short(correlation))"
    }

    /// Nil where the program makes no column so.
    init?(_ rows: WrittenRows, _ session: Session) {
        let targets = Set(rows.targets)
        let others = rows.closure(rows.inputs, without: targets)
        guard let first = rows.targets.last else { return nil }
        let data = first.split(separator: ".").first.map(String.init) ?? first
        guard
            rows.formula.map({ rows.closure($0).contains { others.contains($0) && rows.isMany($0) } })
                ?? others.contains(where: { $0.hasPrefix(data + ".") })
        else { return nil }
        // The columns that are put side by side.
        var columns: [Expression] = []
        func gather(_ e: Expression) {
            e.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                    ["stack", "concatenate"].contains(n)
                else { return }
                for a in arguments where a.name == nil {
                    var list = a.value
                    if case .name(let n) = list.kind, let made = rows.value(n) { list = made }
                    if case .bracket(let items) = list.kind { columns += items } else { columns.append(a.value) }
                }
            }
        }
        gather(rows.inputs)
        for n in others.sorted() { if let e = rows.value(n) { gather(e) } }
        for column in columns {
            // A name stands for what it was given, and may be scaled where it is put into the inputs.
            var made = column
            var target = TargetAmongInputs.mentioned(targets, in: made)
            for _ in 0..<4 where target == nil {
                let next = rows.names(made).filter(rows.isMany).compactMap { rows.value($0) }.first { e in
                    TargetAmongInputs.mentioned(targets, in: e) != nil || !rows.names(e).filter(rows.isMany).isEmpty
                }
                guard let next else { break }
                made = next
                target = TargetAmongInputs.mentioned(targets, in: made)
            }
            guard let target,
                let r = session.aside({ () -> Double? in
                    guard case .tensor(let a)? = Replay.value(column, rows.source, session),
                        case .tensor(let b)? = Replay.value(target, rows.source, session), a.count == b.count,
                        a.count >= 20
                    else { return nil }
                    return TargetAmongInputs.correlation(a.doubles, b.doubles)
                }), abs(r) > 0.5
            else { continue }
            self.column = rows.source.text(column.span)
            self.target = rows.source.text(target.span)
            correlation = r
            line = rows.line(made)
            return
        }
        return nil
    }

    /// Where an expression names the target that it is worked out from, row by row: rows picked by it or shifted along it are
    /// something else.
    private static func mentioned(_ targets: Set<String>, in e: Expression) -> Expression? {
        var found: [Expression] = []
        var picked = Set<Int>()
        e.walk { x in
            switch x.kind {
            case .name(let n) where targets.contains(n): found.append(x)
            case .field(let owner, let f):
                if case .name(let n) = owner.kind, targets.contains("\(n).\(f.text)") { found.append(x) }
            case .index(let owner, let places):
                for inner in [owner] + places { inner.walk { picked.insert($0.span.start) } }
            default: break
            }
        }
        return found.first { !picked.contains($0.span.start) }
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
        let n = Double(a.count)
        let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var (aa, bb, ab) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            aa += (x - ma) * (x - ma)
            bb += (y - mb) * (y - mb)
            ab += (x - ma) * (y - mb)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
    }
}
