import SiamData
import SiamFormats
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Data sets as they are made, parted, joined and looked at.
extension Builtins {
    static let dataSets: [Builtin] = [
        Builtin(
            "split", "d, share = none, axis = 0, by = none", family: "data",
            "Parts of a data set with equal class proportions: split(digits(), 0.8), or split(d, [0.7, 0.15, 0.15]). With `by`, the name of a column or a value for each row, rows with the same value stay in one part: split(d, 0.8, by = \"person\"). Tensors with equally many rows are split together: x, held_x, y, held_y = split(x, y, 0.8). With a tensor and a whole number: that many equal parts along `axis`. With a text: its parts between the separator `share`, or its words.",
            examples: [
                ("[len(d) for d in split(digits(), 0.8)].sum()", "1797"),
                ("[len(d) for d in split(digits(), [0.5, 0.25, 0.25])].sum()", "1797"),
                ("[len(x) for x in split(ones(8, 3), zeros(8), 0.75)]", "[6, 2, 6, 2]"),
                ("split([1, 2, 3, 4], 2)", "[[1, 2], [3, 4]]"),
                ("split(\"a-b\", \"-\")", "[\"a\", \"b\"]"),
            ], seeAlso: ["split_classes", "fold", "shuffle", "concatenate", "join"], traits: .draws
        ) { i, a in
            switch a[0] {
            case .text(let t):
                if case .number = a[1] {
                    let texts = i.argumentTexts
                    throw Diagnostic(
                        code: "argument.kind", "split of a text expects a text as separator, and got a number",
                        repair: texts.count > 1 && texts[0].utf8.count + texts[1].utf8.count < 50
                            ? "read the file first:  split(\(reader(t.string))(\(texts[0])), \(texts[1]))"
                            : "read the file first:  split(csv(\"table.csv\", label = \"y\"), 0.8)")
                }
                return Value(pieces(t.string, between: a.isNone(1) ? nil : try a.text(1)))
            case .thing(let thing as DatasetThing):
                guard !a.isNone(1) else {
                    throw a.wrong(1, "a share from 0 to 1, like 0.8, or several that add up to 1,")
                }
                try oneShare(a, 1, i)
                let groups = a.isNone(3) ? nil : try groups(a, 3, thing.dataset, i)
                let shares = try shares(a[1], groups != nil, i)
                let parts = try i.drawnInterruptibly(size: thing.dataset.x.count) {
                    try SiamData.split(thing.dataset, shares, groups: groups, &$0)
                }
                return Value(parts.map { .thing(DatasetThing($0)) })
            case .list(let l) where !l.items.isEmpty && l.items.allSatisfy({ Interpreter.tensor($0) != nil }):
                return try together(l.items, a[1], a, i)
            default:
                guard let t = Interpreter.tensor(a[0]), let op = Operators.named("split") else {
                    throw a.wrong(0, "a data set, a tensor or a text")
                }
                if case .tensor(let other) = a[1], other.rank > 0, t.rank > 0 {
                    try oneShare(a, 2, i)
                    return try together([a[0], a[1]], a[2], a, i)
                }
                guard !a.isNone(1) else { throw a.wrong(1, "a number of parts") }
                if t.rank > 0, case .number(let share) = a[1], share > 0, share < 1 {
                    try oneShare(a, 1, i)
                    return try together([a[0]], a[1], a, i)
                }
                if case .number(let n) = a[1], n != n.rounded() || n < 1 {
                    throw Diagnostic(
                        code: "argument.kind",
                        "split expects a share below 1, or a whole number of parts, and got \(formatNumber(n))")
                }
                return try i.apply(op, a)
            }
        },
        Builtin(
            "fold", "d : dataset, parts : whole >= 2 = 5, by = none", family: "data",
            "Cross-validation: a list of pairs, training part and held-out part, in which every row is held out once; classes are distributed evenly, and rows with the same value in the column `by` stay together. for pair in fold(d, 5) { seen, held = pair ... }",
            examples: [("[len(pair[1]) for pair in fold(digits(), 3)].sum()", "1797")], seeAlso: ["split"],
            traits: [.draws, .folds]
        ) { i, a in
            let d = try a.thing(0, DatasetThing.self, "a data set").dataset
            let groups = a.isNone(2) ? nil : try groups(a, 2, d, i)
            let count = try a.integer(1)
            let parts = try i.drawnInterruptibly(size: d.x.count) { try SiamData.fold(d, count, groups: groups, &$0) }
            return Value(parts.map { Value([.thing(DatasetThing($0.seen)), .thing(DatasetThing($0.held))]) })
        },
        Builtin(
            "shuffle", "d, more...", family: "data",
            "The examples of a data set, or the rows of a tensor, in a new random order; several tensors with equally many rows in the same order: x, y = shuffle(x, y).",
            examples: [("shuffle([1, 2, 3]).sum()", "6")], seeAlso: ["split", "permutation"], traits: .draws
        ) { i, a in
            if case .thing(let thing as DatasetThing) = a[0] {
                return .thing(
                    DatasetThing(
                        try i.drawnInterruptibly(size: thing.dataset.x.count) {
                            try thing.dataset.subset($0.permutation(thing.dataset.count))
                        }))
            }
            let tensors = try alike([a[0]] + (try a.list(1)), a)
            let count = tensors[0].shape[0]
            let order = try i.drawnInterruptibly(size: count) { $0.permutation(count) }
            let shuffled = try tensors.map { Value.tensor(try $0.gathered(order)) }
            return shuffled.count == 1 ? shuffled[0] : Value(shuffled)
        },
        Builtin(
            "balance", "d : dataset, each : whole >= 1 = none", family: "data",
            "A data set with equally many examples of each class, drawn at random: as many as the smallest class has, or `each`, for which examples of a small class are repeated.",
            examples: [("len(balance(digits(), each = 5))", "50")], seeAlso: ["balanced", "split", "cross_entropy"],
            traits: .draws
        ) { i, a in
            let d = try a.thing(0, DatasetThing.self, "a data set").withClasses("balance").dataset
            let each = a.isNone(1) ? nil : try a.integer(1, atLeast: 1)
            return .thing(
                DatasetThing(
                    try i.drawnInterruptibly(size: max(d.x.count, each ?? 0)) {
                        try SiamData.balance(d, each: each, &$0)
                    }))
        },
        Builtin(
            "describe", "d : dataset", family: "data",
            "Describes a data set column by column: kind, range, mean, standard deviation, cells that are not numbers, and a histogram; below that anything unusual: repeated rows, constant columns, columns that reveal the class, unbalanced classes.",
            examples: [("len(describe(rings(100)))", "2")], seeAlso: ["csv", "standardize", "show"]
        ) { i, a in
            let d = try a.thing(0, DatasetThing.self, "a data set")
            let unicode = i.session.output.page.unicode
            return .thing(try InterruptibleWork.run(size: d.dataset.x.count) { Description(d, unicode: unicode) })
        },
        Builtin(
            "split_classes", "d : dataset, share : number > 0 < 1", family: "data",
            "Two parts of a data set with no class in common.",
            examples: [("seen, unseen = split_classes(digits(), 0.7); len(seen) + len(unseen)", "")],
            seeAlso: ["split"], traits: .draws
        ) { i, a in
            let d = try a.thing(0, DatasetThing.self, "a data set").withClasses("split_classes").dataset
            let share = try a.number(1)
            let (first, second) = try i.drawnInterruptibly(size: d.x.count) { try splitClasses(d, share, &$0) }
            return Value([.thing(DatasetThing(first)), .thing(DatasetThing(second))])
        },
        Builtin(
            "dataset", "x, y, names : list = none", family: "data",
            "A data set of examples (along the first axis) with their classes, as numbers or texts, or with targets to predict: fractions, or a row of numbers per example, are targets.",
            examples: [
                ("dataset([[1, 2], [3, 4]], [0, 1])", ""), ("dataset([[1, 2], [3, 4]], [0.5, 1.5])", ""),
                ("dataset([[1, 2], [3, 4]], [\"cat\", \"dog\"]).names", "[\"cat\", \"dog\"]"),
            ]
        ) { i, a in
            let x = try a.tensor(0).detached()
            if a.isNone(2), x.rank == 1, let t = Interpreter.tensor(a[1]), t.rank > 1,
                t.shape.dims.dropFirst().contains(where: { $0 != 1 }),
                x.doubles.allSatisfy({ $0 == $0.rounded() && $0 >= 0 })
            {
                i.session.warn(
                    Diagnostic(
                        .warning, code: "argument.unusual",
                        "dataset expects examples first and then their classes, and the examples here are whole numbers",
                        at: i.userPlace().map { [.init($0)] } ?? [],
                        repair: i.turnedCall.map { "in the other order:  \($0)" }))
            }
            if let t = Interpreter.tensor(a[1]), t.rank == 1, x.rank == 2, x.shape[0] != t.count, x.shape[1] == t.count
            {
                let texts = i.argumentTexts
                let call = texts.count > 1 ? "dataset(transpose(\(texts[0])), \(texts[1]))" : ""
                throw Diagnostic(
                    code: "data.lengths",
                    "a data set needs one class for each row, and got \(x.shape[0]) rows and \(t.count) classes",
                    repair: "examples are the rows:  "
                        + (call.isEmpty || call.utf8.count > 80 ? "dataset(transpose(x), y)" : call))
            }
            if a.isNone(2), let t = Interpreter.tensor(a[1]), t.rank >= 1,
                t.shape.dims.dropFirst().contains(where: { $0 != 1 })
                    || t.doubles.contains(where: { $0 != $0.rounded() || $0 < 0 })
            {
                return .thing(DatasetThing(try Dataset(x: x, targets: t.detached(), name: "data")))
            }
            if a.isNone(2), case .list(let l) = a[1], !l.items.isEmpty,
                let texts = try? l.items.map({ v -> String in
                    guard case .text(let t) = v else { throw a.wrong(1, "texts") }
                    return t.string
                })
            {
                return .thing(DatasetThing(try Dataset(x: x, labels: texts, name: "data")))
            }
            let labels = Interpreter.tensor(a[1]).flatMap {
                $0.rank > 1 ? try? $0.reshaped(to: .vector($0.count)) : nil
            }
            let y = try (try labels.map { try i.items(.tensor($0)) } ?? a.list(1)).map {
                try i.wholeNumber($0, "a class")
            }
            if a.isNone(2) { return .thing(DatasetThing(try Dataset(x: x, y: y, name: "data"))) }
            return .thing(
                DatasetThing(try Dataset(x: x, y: y, names: try a.list(2).map { i.inline($0) }, name: "data")))
        },
    ]

    /// Shares as they are given: one for two parts, or several.
    /// What reads the file of a path.
    private static func reader(_ path: String) -> String {
        let found = FileForm.of(path)?.reader ?? "idx"
        return found.contains(" ") ? "image_folder" : found
    }

    private static func shares(_ v: Value, _ inGroups: Bool, _ i: Interpreter) throws -> [Double] {
        let given: [Double]
        switch v {
        case .number(let x): given = [x]
        case .tensor(let t): given = t.doubles
        default:
            throw Diagnostic(
                code: "argument.kind", "split expects shares such as 0.8 or [0.7, 0.15, 0.15], and got \(v.kindName)")
        }
        guard given.count == 1, let one = given.first else { return given }
        // The rest is worked out only of what is a share: another number is refused as it was given.
        guard one > 0, one < 1 else { return [one, one] }
        return [one, 1 - one]
    }

    /// Refuses numbers behind the share, which stands in the given place: `split(d, 0.7, 0.3)`.
    private static func oneShare(_ a: Arguments, _ place: Int, _ i: Interpreter) throws {
        let more = (place + 1...3).contains { k in
            guard case .number(let x) = a[k] else { return false }
            return k == 3 || x != 0
        }
        guard more, case .number = a[place] else { return }
        let texts = i.argumentTexts
        let whole = texts.prefix(place).joined(separator: ", ")
        let shares = texts.dropFirst(place).filter { $0.utf8.count <= 12 }
        let part = if case .thing = a[0] { "data set" } else { "part" }
        throw Diagnostic(
            code: "argument.kind", "split expects its shares in a list, and got several numbers",
            repair: "one \(part) for each share:  split(\(whole), [\(shares.joined(separator: ", "))])")
    }

    /// Tensors with one first axis.
    private static func alike(_ values: [Value], _ a: Arguments) throws -> [Tensor] {
        let tensors = try values.enumerated().map { k, v -> Tensor in
            guard let t = Interpreter.tensor(v), t.rank > 0 else {
                throw Diagnostic(
                    code: "argument.kind", "\(a.builtin.name) expects tensors of rows, and got \(v.kindName)")
            }
            return t.detached()
        }
        if let other = tensors.first(where: { $0.shape[0] != tensors[0].shape[0] }) {
            throw Diagnostic(
                code: "data.lengths",
                "\(a.builtin.name) expects tensors with equally many rows, and got \(tensors[0].shape) and \(other.shape)"
            )
        }
        return tensors
    }

    private static func together(_ values: [Value], _ share: Value, _ a: Arguments, _ i: Interpreter) throws -> Value {
        let tensors = try alike(values, a)
        let rows = try splitRows(tensors[0].shape[0], try shares(share, false, i), &i.session.stream)
        return Value(try tensors.flatMap { t in try rows.map { .tensor(try t.gathered($0)) } })
    }

    /// A number for each row, the same for rows that agree in what is named or given.
    private static func groups(_ a: Arguments, _ k: Int, _ d: Dataset, _ i: Interpreter) throws -> [Int] {
        if case .text(let t) = a[k] { return try d.groups(by: t.string) }
        let values = try a.list(k)
        guard values.count == d.count else {
            throw Diagnostic(
                code: "data.lengths", "by expects a value for each of the \(d.count) rows, and got \(values.count)")
        }
        return SiamData.groups(values.map { i.inline($0) })
    }

    /// A text split at a separator: into letters if it is empty, into words if there is none.
    private static func pieces(_ text: String, between sign: String?) -> [Value] {
        guard let sign else { return text.split(whereSeparator: \.isWhitespace).map { Value(String($0)) } }
        if sign.isEmpty { return text.map { Value(String($0)) } }
        var parts: [Value] = []
        var rest = Substring(text)
        while let found = rest.firstRange(of: sign) {
            parts.append(Value(String(rest[..<found.lowerBound])))
            rest = rest[found.upperBound...]
        }
        return parts + [Value(String(rest))]
    }
}
