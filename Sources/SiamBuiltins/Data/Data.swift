import SiamData
import SiamFormats
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Data sets that are shipped or made on demand, and sources of batches, pairs and triplets.
extension Builtins {
    static let data: [Builtin] = [
        Builtin(
            "digits", "", family: "data",
            "1,797 handwritten digits of 8x8x1, ink 0 to 1, shipped with siam. UCI Optical Recognition of Handwritten Digits (Alpaydin, Kaynak 1998), CC BY 4.0.",
            examples: [("len(digits())", "1797")], seeAlso: ["split", "pairs"]
        ) { _, _ in .thing(DatasetThing(try SiamData.digits())) },
        Builtin(
            "rings", "n : whole >= 1, classes : whole >= 1 = 2, noise : number >= 0 = 0.1", family: "data",
            "Points on rings around one centre, one ring per class.", examples: [("rings(100)", "")],
            seeAlso: ["moons"], traits: [.draws, .synthetic]
        ) { i, a in
            .thing(
                DatasetThing(
                    try SiamData.rings(
                        try a.integer(0, atLeast: 1), classes: try a.integer(1, atLeast: 1), noise: try a.number(2),
                        &i.session.stream)))
        },
        Builtin(
            "moons", "n : whole >= 1, noise : number >= 0 = 0.1", family: "data",
            "Two interleaved half moons.",
            examples: [("moons(100)", "")], seeAlso: ["rings"], traits: [.draws, .synthetic]
        ) { i, a in
            .thing(
                DatasetThing(
                    try SiamData.moons(try a.integer(0, atLeast: 1), noise: try a.number(1), &i.session.stream)))
        },
        Builtin(
            "spirals", "n : whole >= 1, classes : whole >= 1 = 2, noise : number >= 0 = 0.05", family: "data",
            "Points on spirals, one arm per class.",
            examples: [("spirals(100)", "")],
            seeAlso: ["rings"], traits: [.draws, .synthetic]
        ) { i, a in
            .thing(
                DatasetThing(
                    try SiamData.spirals(
                        try a.integer(0, atLeast: 1), classes: try a.integer(1, atLeast: 1), noise: try a.number(2),
                        &i.session.stream)))
        },
        Builtin(
            "blobs", "n : whole >= 1, classes : whole >= 1 = 3, dim : whole >= 1 = 2, spread : number >= 0 = 1",
            family: "data", "Clouds of points, one cloud per class.",
            examples: [("blobs(90, classes = 3)", "")],
            seeAlso: ["rings"], traits: [.draws, .synthetic]
        ) { i, a in
            .thing(
                DatasetThing(
                    try SiamData.blobs(
                        try a.integer(0, atLeast: 1), classes: try a.integer(1, atLeast: 1),
                        dim: try a.integer(2, atLeast: 1),
                        spread: try a.number(3), &i.session.stream)))
        },
        Builtin(
            "pairs",
            "d : dataset, batch : whole >= 1, same : number >= 0 <= 1 = 0.5, augment : function or list = none",
            family: "sources",
            "Batches a, b, same: pairs of examples. A share `same` of them is positive (1: the same class), the others are negative (0).",
            examples: [("a, b, same = pairs(digits(), 16).next(); a.shape", "")],
            seeAlso: ["triplets", "balanced", "batches"]
        ) { i, a in
            try source(a, 3) { try PairSource($0, try a.integer(1, atLeast: 1), same: try a.number(2)) }
        },
        Builtin(
            "triplets", "d : dataset, batch : whole >= 1, augment : function or list = none", family: "sources",
            "Batches a, p, n: an anchor, a positive (another example of its class) and a negative (an example of another class).",
            examples: [("a, p, n = triplets(digits(), 16).next(); n.shape", "")], seeAlso: ["pairs"]
        ) { i, a in
            try source(a, 2) { try TripletSource($0, try a.integer(1, atLeast: 1)) }
        },
        Builtin(
            "balanced", "d : dataset, classes : whole >= 1, each : whole >= 1, augment : function or list = none",
            family: "sources",
            "Batches x, y of `classes` classes with `each` examples of each.",
            examples: [("x, y = balanced(digits(), classes = 2, each = 3).next(); y.shape", "")], seeAlso: ["pairs"]
        ) { i, a in
            try source(a, 3) {
                try BalancedSource($0, classes: try a.integer(1, atLeast: 1), each: try a.integer(2, atLeast: 1))
            }
        },
        Builtin(
            "batches", "x, y..., batch : whole >= 1 = 32, augment : function or list = none", family: "sources",
            "Batches of a data set (x and class numbers), or of tensors with one first axis, in a new random order each epoch.",
            examples: [("x, y = batches(digits(), 16).next(); x.shape", "")],
            seeAlso: ["pairs"]
        ) { i, a in
            var rest = try a.list(1)
            if case .thing(let d as DatasetThing) = a[0] {
                var n = try a.integer(2, atLeast: 1)
                if let given = rest.first { n = try size(given) }
                return try withAugment(a, 3, BatchSource(d.dataset, n), d)
            }
            var n = try a.integer(2, atLeast: 1)
            if rest.count >= 1, case .number = rest[rest.count - 1] {
                n = try size(rest.removeLast())
            }
            if let k = rest.firstIndex(where: { if case .thing(is DatasetThing) = $0 { true } else { false } }) {
                let texts = i.argumentTexts
                throw Diagnostic(
                    code: "batches.kind", "batches expects the data set first, and got \(i.brief(a[0]))",
                    repair: texts.count > k + 1 && k == 0 ? "batches(\(texts[1]), \(texts[0]))" : nil)
            }
            let tensors = try ([a[0]] + rest).map { v -> Tensor in
                guard let t = Interpreter.tensor(v) else {
                    var repair: String?
                    if case .layer(let l) = v,
                        ["standardize", "normalize", "scale", "divide_by_largest"].contains(l.kind)
                    {
                        repair = Interpreter.scalerAdvice(v)
                    }
                    if case .list(let l) = v, let text = i.argumentTexts.first, text.utf8.count <= 20, !l.items.isEmpty,
                        l.items.allSatisfy({ if case .thing(is DatasetThing) = $0 { true } else { false } })
                    {
                        repair =
                            "\(text) is a list of \(l.items.count) data sets; the first is  batches(\(text)[0], 32)"
                    }
                    if case .text = v {
                        repair =
                            "read the file first:  batches(idx(\(i.argumentTexts.first ?? "path")), 32), or csv, image_folder, npz"
                    }
                    throw Diagnostic(
                        code: "batches.kind", "batches expects a data set or tensors, and got \(v.kindName)",
                        repair: repair)
                }
                return t.detached()
            }
            return try withAugment(a, 3, BatchSource(tensors, n), nil)
        },
        Builtin(
            "idx", "images, labels = none, part = none", family: "files",
            "A data set from files in MNIST's format, gzipped or not: two files, or a folder that contains them; from a folder with several parts the training part, or part = \"test\"."
        ) { i, a in
            if a.isNone(1) {
                // MNIST's own files call the test part t10k.
                let part = a.isNone(2) ? nil : try a.text(2)
                return .thing(
                    DatasetThing(try SiamFormats.idx(folder: try a.text(0), part: part == "test" ? "t10k" : part)))
            }
            return .thing(DatasetThing(try SiamFormats.idx(images: try a.text(0), labels: try a.text(1))))
        },
        Builtin(
            "data", "name", family: "files",
            "The path of a data set in the folder that the environment variable SIAM_DATA names."
        ) { i, a in
            Value(try DataFolder.locate(try a.text(0)))
        },
    ]

    /// The batch size given as the second positional argument.
    private static func size(_ v: Value) throws -> Int {
        if case .number(let n) = v, n == n.rounded(), n >= 1, n < 1e15 { return Int(n) }
        let shown = if case .number(let n) = v { formatNumber(n) } else { v.kindName }
        throw Diagnostic(
            code: "argument.kind", "batches expects batch to be a whole number >= 1, and got \(shown)")
    }

    private static func source(_ a: Arguments, _ augment: Int, _ make: (Dataset) throws -> DataSource) throws -> Value {
        let d = try a.thing(0, DatasetThing.self, "a data set").withClasses(a.builtin.name)
        return try withAugment(a, augment, try make(d.dataset), d)
    }

    private static func withAugment(_ a: Arguments, _ k: Int, _ made: DataSource, _ d: DatasetThing?) throws -> Value {
        let source = try a.interpreter.session.interventions?.sourceMade?(made, d) ?? made
        defer {
            // A second thread pays where a batch takes longer to make than to hand over.
            if let d {
                let item = d.dataset.itemDims.reduce(1, *)
                source.preparesAhead = !source.augmentations.isEmpty || item >= 4096
            }
        }
        guard !a.isNone(k) else { return .thing(SourceThing(source, dataset: d)) }
        let f = a[k]
        let interpreter = a.interpreter
        if case .builtin(let b) = f, b.family == "augmentations" {
            let needed = b.parameters.contains { if case .unbound = $0.defaultValue { true } else { false } }
            throw Diagnostic(
                code: "argument.kind", "augment expects an augmentation, and got \(b.name), which makes one",
                repair: "give its size:  augment = \(b.name)(\(needed ? "2" : ""))")
        }
        if let known = try augmentations(interpreter, f) {
            if d != nil {
                source.augmentations = known
                return .thing(SourceThing(source, dataset: d))
            }
            source.augment = { x, stream in try known.reduce(x) { try $1.applied(to: $0, &stream) } }
            return .thing(SourceThing(source, dataset: d, augment: f))
        }
        source.augment = { [unowned interpreter] x, stream in
            // The function draws from the batch's own stream, and noise acts as in training.
            let outer = (interpreter.session.stream, interpreter.isTraining)
            interpreter.session.stream = stream
            interpreter.isTraining = true
            defer {
                stream = interpreter.session.stream
                (interpreter.session.stream, interpreter.isTraining) = outer
            }
            guard let t = Interpreter.tensor(try interpreter.call(f, [.tensor(x)])) else {
                throw Diagnostic(
                    code: "augment.kind", "augment must return the changed images, and returned something else")
            }
            return t
        }
        return .thing(SourceThing(source, dataset: d, augment: f))
    }
}
