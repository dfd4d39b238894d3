import SiamData
import SiamGradient
import SiamLanguage
import SiamTensor

/// A data set as the language sees it.
public final class DatasetThing: Thing, @unchecked Sendable {
    public let dataset: Dataset
    public init(_ dataset: Dataset) { self.dataset = dataset }
    public override var form: Given.Form { .dataset }
    public override func adviceForField(_ name: String) -> String? {
        if ["shape", "size", "images", "data"].contains(name) {
            return "the examples are a tensor:  d.x" + (name == "shape" || name == "size" ? ".shape" : "")
        }
        if name == "classes" { return "the names of its classes are  d.names,  their numbers  d.y" }
        return ["labels", "targets", "target"].contains(name) ? "Did you mean y?" : nil
    }
    public override var kindName: String { "a data set" }
    public override var length: Int? { dataset.count }
    public override var summary: String {
        let item = dataset.itemDims.map(String.init).joined(separator: "x")
        let examples = "\(dataset.name): \(dataset.count) examples of \(item.isEmpty ? "number" : item)"
        if let targets = dataset.targets {
            return "\(examples), targets \(Dataset.span(targets)) (numbers, no classes)"
        }
        let classes = dataset.classes.count
        return "\(examples), \(classes) \(classes == 1 ? "class" : "classes")"
    }

    /// The data set, for who works by its classes.
    public func withClasses(_ who: String) throws -> DatasetThing {
        guard let targets = dataset.targets else { return self }
        throw Diagnostic(
            code: "data.targets", "\(who) needs classes, and \(dataset.name) has numbers to predict",
            notes: ["its targets are \(Dataset.span(targets))"],
            repair: isOneHot(targets)
                ? "class numbers of rows with a single 1:  dataset(d.x, argmax(d.y, axis = 1))"
                : !["pairs", "triplets", "balanced"].contains(who)
                    ? "of numbers:  r2(net, d),  rmse(net, d),  mae(net, d)"
                    : targets.rank == 1
                        ? Set(targets.floats) == [-1, 1]
                            ? "classes count from 0:  dataset(d.x, (d.y + 1) / 2)"
                            : "batches(d, 32) for a regression; classes of it:  dataset(d.x, d.y > median(d.y))"
                        : "batches(d, 32); class numbers of rows with a single 1:  dataset(d.x, argmax(d.y, axis = 1))")
    }
    /// Rows of zeros with a single 1.
    private func isOneHot(_ targets: Tensor) -> Bool {
        guard targets.rank == 2, targets.shape[1] > 1, targets.count > 0 else { return false }
        let (all, width) = (targets.doubles, targets.shape[1])
        return stride(from: 0, to: all.count, by: width).allSatisfy { k in
            let row = all[k..<(k + width)]
            return row.count { $0 == 1 } == 1 && row.count { $0 == 0 } == width - 1
        }
    }
    private func target(_ k: Int, _ interpreter: Interpreter) throws -> Value {
        guard let targets = dataset.targets else { return .number(Double(dataset.y[k])) }
        return try interpreter.row(targets, k)
    }
    public override func display(_ page: Page) -> String {
        var lines = [summary]
        if dataset.targets != nil { return lines[0] }
        let counts = dataset.classCounts
        let classes = dataset.classes
        let most = page.all ? classes.count : max(4, page.rows - 6)
        let width = classes.map { displayWidth(dataset.names[safe: $0] ?? "\($0)") }.max() ?? 0
        let high = max(1, counts.max() ?? 1)
        let bar = page.unicode ? "█" : "#"
        for c in classes.prefix(most) {
            let name = dataset.names[safe: c] ?? "\(c)"
            let n = counts[c]
            lines.append(
                "  " + name + String(repeating: " ", count: width - displayWidth(name)) + "  "
                    + String(repeating: " ", count: max(0, String(high).count - String(n).count)) + "\(n)  "
                    + String(repeating: bar, count: max(1, n * max(1, min(40, page.columns - width - 16)) / high)))
        }
        if classes.count > most {
            let rest = classes.count - most
            lines.append("  ... \(rest) more \(rest == 1 ? "class" : "classes"): show d, all = true")
        }
        return lines.joined(separator: "\n")
    }
    public override var fieldNames: [String] {
        ["x", "y", "names", "name", "columns", "where", "sample"] + (dataset.texts.isEmpty ? [] : ["texts"])
    }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "x": return .tensor(dataset.x)
        case "y": return .tensor(try dataset.labels())
        case "names": return Value(dataset.names.map { Value($0) })
        case "name": return Value(dataset.name)
        case "columns": return Value(dataset.columns.map { Value($0) })
        case "texts":
            return .record(Record(dataset.texts.map { ($0.name, Value($0.texts.map { Value($0) })) }))
        case "where": return .builtin(DatasetThing.whereMethod(self))
        case "sample": return .builtin(DatasetThing.sampleMethod(self))
        default: return nil
        }
    }
    public override func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard selectors.count == 1 else {
            let areNames = selectors.allSatisfy { if case .text = $0 { true } else { false } }
            throw Diagnostic(
                code: "index.count", "a data set has one axis, and got \(selectors.count) indices",
                repair: areNames ? "several columns are a list:  d[[\"a\", \"b\"]]" : nil)
        }
        if case .text(let name) = selectors[0] {
            if let own = dataset.texts.first(where: { $0.name == name.string }) {
                return Value(own.texts.map { Value($0) })
            }
            let column = try dataset.column(name.string)
            return try interpreter.index(.tensor(dataset.x), [.range(RangeValue(nil, nil)), .number(Double(column))])
        }
        if case .list(let l) = selectors[0], let names = DatasetThing.texts(l) {
            return .thing(DatasetThing(try dataset.choosing(names)))
        }
        switch try interpreter.selector(selectors[0]) {
        case .at(let i):
            let at = i < 0 ? i + dataset.count : i
            guard at >= 0, at < dataset.count else {
                throw Diagnostic(
                    code: "index.range", "index \(i) is out of range: the data set has \(dataset.count) examples")
            }
            return .record(Record([("x", try interpreter.row(dataset.x, at)), ("y", try target(at, interpreter))]))
        case .range(let low, let high):
            let (a, b) = TensorIndex.clamped(low, high, dataset.count)
            interpreter.warnOfEnd(.range(low, high), dataset.count, 0, false)
            return .thing(DatasetThing(try dataset.rows(a..<b)))
        case .vector(let v):
            if TensorIndex.isMask(v, dataset.count) {
                return .thing(DatasetThing(try dataset.subset(v.indices.filter { v[$0] == 1 })))
            }
            return .thing(DatasetThing(try dataset.subset(v.map { $0 < 0 ? $0 + dataset.count : $0 })))
        case .places(let v): return .thing(DatasetThing(try dataset.subset(v)))
        }
    }
    public override func iterator(_ interpreter: Interpreter) throws -> (() throws -> Value?)? {
        var i = 0
        return { [self, unowned interpreter] in
            guard i < dataset.count else { return nil }
            i += 1
            return Value([try interpreter.row(dataset.x, i - 1), try target(i - 1, interpreter)])
        }
    }

    /// A list of texts; nil for other values.
    private static func texts(_ l: List) -> [String]? {
        guard !l.items.isEmpty else { return nil }
        var found: [String] = []
        for case .text(let t) in l.items { found.append(t.string) }
        return found.count == l.items.count ? found : nil
    }

    private func classNumber(_ name: String) throws -> Int {
        if let number = dataset.names.firstIndex(of: name) { return number }
        let near = closest(to: name, in: dataset.names)
        throw Diagnostic(
            code: "data.name_unknown", "\(dataset.name) has no class \(name)",
            notes: [
                "its classes are \(dataset.names.prefix(12).joined(separator: ", "))\(dataset.names.count > 12 ? ", ..." : "")"
            ],
            repair: near.map { "Did you mean \($0)?" })
    }

    private static func whereMethod(_ d: DatasetThing) -> Builtin {
        Builtin(
            "where", "test", family: "data",
            "The examples whose class number passes the test, or whose class has that name or one of several names: `d.where(y -> y < 5)`, `d.where(\"cat\")`, `d.where([\"cat\", \"dog\"])`; or those where a tensor is 1: `d.where(d.y == 3)`."
        ) { i, a in
            _ = try d.withClasses("where")
            switch a[0] {
            case .text(let t):
                return .thing(DatasetThing(try d.dataset.where(classes: [try d.classNumber(t.string)])))
            case .tensor(let t)
            where TensorIndex.isMask(t.doubles.map { $0 == $0.rounded() && abs($0) < 2 ? Int($0) : 2 }, d.dataset.count):
                let kept = t.doubles
                return .thing(DatasetThing(try d.dataset.subset(kept.indices.filter { kept[$0] == 1 })))
            case .list(let l):
                guard let names = texts(l) else { throw a.wrong(0, "a function, or names of classes,") }
                return .thing(DatasetThing(try d.dataset.where(classes: try names.map(d.classNumber))))
            case .function, .builtin: break
            default: throw a.wrong(0, "a function, or names of classes,")
            }
            return .thing(
                DatasetThing(try d.dataset.where { try i.truth(try i.call(a[0], [.number(Double($0))])) }))
        }
    }
    private static func sampleMethod(_ d: DatasetThing) -> Builtin {
        Builtin(
            "sample", "n : whole >= 0", family: "data",
            "n different examples drawn at random; all examples if there are no more than n."
        ) { i, a in
            let count = min(try a.integer(0, atLeast: 0), d.dataset.count)
            return .thing(
                DatasetThing(try i.drawnInterruptibly(size: d.dataset.count) { try d.dataset.sample(count, &$0) }))
        }
    }
}

/// A source of batches as the language sees it: `.next()` gives one, a `for` loop an epoch.
public final class SourceThing: Thing, BatchProvider, @unchecked Sendable {
    public let source: DataSource
    /// The data it draws from, where it draws from a data set.
    public let dataset: DatasetThing?
    /// The program's own change of each batch, where it has one.
    package let augment: Value?
    public init(_ source: DataSource, dataset: DatasetThing?, augment: Value? = nil) {
        self.augment = augment
        self.source = source
        self.dataset = dataset
    }
    public override var form: Given.Form { .source }
    public override var kindName: String { "a source of batches" }
    public override var summary: String { source.summary }
    public var stepsPerEpoch: Int { source.stepsPerEpoch }
    public override var length: Int? { source.stepsPerEpoch }
    public override var fieldNames: [String] { ["next", "names", "data"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "next":
            return .builtin(
                Builtin("next", "", family: "data", "The next batch, as a list.") { [self] i, _ in Value(try drawn(i)) }
            )
        case "names": return Value(source.names.map { Value($0) })
        case "data": return dataset.map { .thing($0) }
        default: return nil
        }
    }
    public func next(_ interpreter: Interpreter) throws -> [Value] {
        // An `augment` written in the language draws from the session's stream itself, so that it is not held meanwhile.
        var stream = interpreter.session.stream
        defer { interpreter.session.stream = stream }
        return try source.next(&stream).map { .tensor($0) }
    }
    public override func iterator(_ interpreter: Interpreter) throws -> (() throws -> Value?)? {
        source.startEpoch()
        var left = source.stepsPerEpoch
        return { [self, unowned interpreter] in
            guard left > 0 else { return nil }
            left -= 1
            return Value(try drawn(interpreter))
        }
    }
    /// A batch for the program itself, not for `train`.
    private func drawn(_ interpreter: Interpreter) throws -> [Value] {
        let batch = try next(interpreter)
        return try interpreter.session.host.followedLoop?.drew(batch, from: self) ?? batch
    }
    public override func keepState() -> (() -> Void)? {
        let state = source.state
        return { [source] in source.state = state }
    }
}

/// Provides the batches of a training loop.
package protocol BatchProvider: Thing {
    func next(_ interpreter: Interpreter) throws -> [Value]
    var stepsPerEpoch: Int { get }
}
