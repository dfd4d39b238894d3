import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Reading and writing tensors, nets and data sets; data from files and made on demand.
extension Builtins {
    static let files: [Builtin] = [
        Builtin(
            "npy", "path", family: "files", "The tensor of a NumPy .npy file.", seeAlso: ["npz", "load"]
        ) { _, a in .tensor(try SiamFormats.npy(try a.text(0))) },
        Builtin(
            "npz", "path", family: "files",
            "The arrays of a NumPy .npz file, as a record of name to tensor (or to texts); as a data set if its arrays are x and y: y holds class numbers, whose names may be in the array `names`, or texts.",
            seeAlso: ["npy", "save", "load"]
        ) { _, a in
            let path = try a.text(0)
            return try opened(try SiamFormats.npz(path), path)
        },
        Builtin(
            "image_folder",
            "path : text, size : list or whole >= 1 = none, invert : bool = false, part : text = none", family: "files",
            "A data set of images with one folder per class: PNG, JPEG or PGM, grey 0 to 1, resized to size = [height, width]; `invert` makes ink white. If the folder has parts (train/cat, test/cat), `part` selects one: image_folder(\"pets\", part = \"train\"); classes have the same numbers in all of them.",
            seeAlso: ["image", "idx", "data"]
        ) { _, a in
            .thing(
                DatasetThing(
                    try imageFolder(
                        try a.text(0), size: try pictureSize(a, 1), invert: try a.flag(2),
                        part: a.isNone(3) ? nil : try a.text(3))))
        },
        Builtin(
            "glyphs", "classes : whole >= 1 = 200, each : whole >= 1 = 20, size : whole >= 4 = 28", family: "data",
            "Drawn characters, generated on demand: `classes` classes of `each` images, each image in another handwriting; ink 0 to 1 on black, size x size x 1.",
            examples: [("len(glyphs(5, 4))", "20")],
            seeAlso: ["digits", "split_classes"], traits: .draws
        ) { i, a in
            .thing(
                DatasetThing(
                    try SiamData.glyphs(
                        try a.integer(0, atLeast: 1), each: try a.integer(1, atLeast: 1),
                        size: try a.integer(2, atLeast: 1),
                        &i.session.stream)))
        },
        Builtin(
            "save", "x, path : text, layout : text = none", family: "files",
            "Writes a tensor (.npy), a record of tensors, a net or a data set (.npz or .safetensors), a data set as a table (.csv) or a text (.txt, .csv) to a file; the tensors of a net, states included, are named by their paths. A net saved as .onnx is written completely, in evaluation mode, for any batch size, with channels first as in other tools; with `layout = \"torch\"` a net's .safetensors or .npz is a state dict for PyTorch. Figures go to .svg or .png, runs to .siamrun. Written atomically.",
            seeAlso: ["load", "npz"], traits: .shows
        ) { i, a in
            let path = try a.text(1)
            // A program that is run again writes nothing again.
            if i.session.isKeptBack("save to \(path)") { return .none }
            if case .tensor(let t) = a[0], path.hasSuffix(".npy") {
                try writeNPY(t.detached(), path)
                return wrote(i, path)
            }
            if let table = try written(a[0], path) {
                try writeText(table, path)
                return wrote(i, path)
            }
            let named: NamedTensors
            switch a[0] {
            case .tensor(let t): named = NamedTensors([("x", t.detached())])
            case .record(let r):
                var parts = NamedTensors()
                for (name, v) in zip(r.names, r.values) {
                    if let lines = texts(v) {
                        parts.notes[name] = lines.joined(separator: "\n")
                    } else if let t = Interpreter.tensor(v) {
                        parts[name] = t.detached()
                    } else {
                        throw Diagnostic(
                            code: "save.kind", "save writes tensors and texts, and \(name) is \(v.kindName)")
                    }
                }
                named = parts
            case .thing(let d as DatasetThing): named = try d.dataset.namedTensors()
            case .layer(let l) where !a.isNone(2):
                named = try ForeignWeights.torch(l, try a.text(2), i)
            case .layer(let l) where path.hasSuffix(".onnx"):
                try WholeFile.write(try OnnxExport.bytes(of: l, path, i), path)
                return wrote(i, path)
            case .layer(let l):
                for part in l.everyLayer {
                    guard case .custom(let c) = part.form, !c.isBuilt else { continue }
                    throw Diagnostic(
                        code: "layer.unbuilt", "\(part.kind) has no shapes yet: a net gets them at its first use",
                        repair: "apply the net once:  net(x)")
                }
                named = NamedTensors(tensors(of: l).map { ($0.path, $0.get()) }, notes: ["siam": "net"])
            case .thing(let t):
                if try t.save(to: path, i) { return wrote(i, path) }
                throw Diagnostic(code: "save.kind", "save does not write \(t.kindName)")
            case .text:
                throw Diagnostic(
                    code: "save.kind", "save writes a text to a file whose name ends in .txt, .md or .csv",
                    repair: "another ending:  \"\(path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)).txt\"")
            default: throw Diagnostic(code: "save.kind", "save does not write \(a[0].kindName)")
            }
            if path.hasSuffix(".npz") {
                try writeNPZ(named, path)
            } else if path.hasSuffix(".safetensors") {
                try writeSafetensors(named, path)
            } else {
                throw Diagnostic(
                    code: "save.ending",
                    "save chooses the format by the ending of the file name, and that of \(path) is unknown",
                    repair: endedPath(i, path)
                        ?? "a name that ends in .npz or .safetensors, or for one tensor .npy")
            }
            return wrote(i, path)
        },
        Builtin(
            "load", "path, net = none, layout : text = none, order : list = none", family: "files",
            "Reads a file written by save: a tensor (.npy), a data set or a record of tensors (.npz, .safetensors). With a net, its parameters and states get the values of the same paths: load(\"net.npz\", net). A state dict of PyTorch or Keras (.safetensors, .npz, .weights.h5) is matched by name, else by order or shape, converted to siam's layout, and the matches are printed; `layout` is \"torch\" or \"keras\" if the shapes fit both, `order` lists the file's layers in the order of the net's stages. Loading a run (.siamrun) runs no code: its series, trace, report, `.net`, `.best` and `.program` are available at once, without any other file; applying its net runs the functions that the net is made of. `resume` runs its program again, with everything that the program does and reads, so look at `.program` first if the file is not your own; the names of the program are then available, and the run continues exactly as if it had not stopped.",
            seeAlso: ["save"]
        ) { i, a in
            if case .text = a[1], case .layer = a[0] {
                let texts = i.argumentTexts
                throw Diagnostic(
                    code: "argument.kind", "load expects the file first, and got a layer",
                    notes: ["it takes \(a.builtin.signature)"],
                    repair: texts.count == 2 ? "in the other order:  load(\(texts[1]), \(texts[0]))" : nil)
            }
            let path = try a.text(0)
            if path.hasSuffix(".npy") { return .tensor(try SiamFormats.npy(path)) }
            if path.hasSuffix(TokensThing.ending) { return .thing(TokensThing(try Vocabulary(path: path))) }
            if path.hasSuffix(RunFile.ending), case .layer = a[1] {
                throw Diagnostic(
                    code: "argument.kind", "a run contains its own nets, and load cannot copy its weights into another",
                    repair: "its net:  net = load(\"\(path)\").net")
            }
            if path.hasSuffix(RecordedRun.ending) { return .thing(try Run(try RecordedRun.read(path), path, i)) }
            if path.hasSuffix(RunFile.ending) { return .thing(try Run(try RunFile.read(path), path, i)) }
            let named: NamedTensors
            if path.hasSuffix(".npz") {
                named = try SiamFormats.npz(path)
            } else if path.hasSuffix(".safetensors") {
                named = try safetensors(path)
            } else if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
                named = try HDF5.tensors(path)
            } else if let refusal = ForeignWeights.refused(path) {
                throw refusal
            } else {
                let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
                let readers = [
                    "csv": "csv", "tsv": "csv", "txt": "csv", "png": "image", "jpg": "image", "jpeg": "image",
                    "pgm": "image", "onnx": "onnx", "gz": "idx",
                ]
                throw Diagnostic(
                    code: "load.ending",
                    "load chooses the format by the ending of the file name, and knows .npy, .npz, .safetensors, .siamrun and .words",
                    repair: readers[ending].map { "\($0) reads such a file:  \($0)(\"\(path)\")" }
                        ?? (ending == "siam" ? "to use the definitions of a file:  import \"\(path)\"" : nil))
            }
            if a.isNone(1) { return try opened(named, path) }
            let net = try a.layer(1)
            let places = tensors(of: net)
            if named.notes["siam"] != "net" || !a.isNone(2) || !a.isNone(3),
                !places.isEmpty, !places.allSatisfy({ named[$0.path]?.shape == $0.get().shape }) || !a.isNone(2)
            {
                try ForeignWeights.load(named, path, net, a, i)
                return a[1]
            }
            for (k, place) in places.enumerated() {
                guard let t = named[place.path] else {
                    throw Diagnostic(
                        code: "load.path", "\(path) has no \(place.path)",
                        notes: ["it has \(named.names.prefix(8).joined(separator: ", "))"])
                }
                let own = places[k].get()
                guard t.shape == own.shape else {
                    throw Diagnostic(
                        code: "load.shape", "\(place.path) is \(own.shape), and in \(path) it is \(t.shape)")
                }
            }
            guard !places.isEmpty || named.count == 0 else {
                let own = i.argumentTexts.count > 1 && i.argumentTexts[1].utf8.count <= 20 ? i.argumentTexts[1] : "net"
                throw Diagnostic(
                    code: "layer.unbuilt", "\(own) has no shapes yet: a net gets them at its first use",
                    repair: "apply \(own) once before:  \(own)(x)")
            }
            for place in places {
                if let t = named[place.path] { try place.set(t) }
            }
            return a[1]
        },
    ]

    /// The text to write: a text, or a data set as a table; nil for other values.
    private static func written(_ v: Value, _ path: String) throws -> String? {
        let end = path.lowercased()
        switch v {
        case .text(let t) where [".csv", ".tsv", ".txt", ".md"].contains { end.hasSuffix($0) }: return t.string
        case .thing(let d as DatasetThing) where end.hasSuffix(".csv"): return try d.dataset.table()
        default: return nil
        }
    }

    /// `[28, 28]`, or 28 for both.
    public static func pictureSize(_ a: Arguments, _ k: Int) throws -> (Int, Int)? {
        if a.isNone(k) { return nil }
        let given = try a.integers(k)
        guard given.count == 1 || given.count == 2, let height = given.first, let width = given.last else {
            throw a.wrong(k, "a size such as [28, 28]")
        }
        return (height, width)
    }

    /// Says at the prompt what was written, and where.
    public static func wrote(_ i: Interpreter, _ path: String) -> Value {
        i.session.output.wrote(path)
        guard i.session.output.isInteractive else { return .none }
        let size = Files.size(path).map {
            $0 < 10_000 ? "\($0) bytes" : $0 < 10_000_000 ? "\($0 / 1000) KB" : "\($0 / 1_000_000) MB"
        }
        let folder = path.hasPrefix("/") ? "" : " in \(Files.currentFolder())"
        i.session.message("wrote \(path)\(folder)\(size.map { ", \($0)" } ?? "")")
        return .none
    }

    private static func opened(_ named: NamedTensors, _ path: String) throws -> Value {
        if let x = named["X"], let y = named["y"] ?? named["Y"], named.count == 2 {
            return try opened(NamedTensors([("x", x), ("y", y)], notes: named.notes), path)
        }
        if named["x"] != nil, named["y"] != nil, named.count == 2,
            let d = try? Dataset(named, name: path.split(separator: "/").last.map(String.init) ?? path)
        {
            return .thing(DatasetThing(d))
        }
        // Classes by their names, as NumPy writes an array of texts.
        if let x = named["x"] ?? named["X"], named.count == 1, x.rank > 0,
            let note = named.notes["y"] ?? named.notes["Y"]
        {
            let labels = note.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if labels.count == x.shape[0] {
                return .thing(DatasetThing(try Dataset(x: x, labels: labels, name: name, provenance: path)))
            }
        }
        let texts = named.notes.filter { $0.key != "siam" }.sorted { $0.key < $1.key }.map { name, note in
            let lines = note.split(separator: "\n", omittingEmptySubsequences: false).map { Value(String($0)) }
            return (name, lines.count == 1 ? Value(note) : Value(lines))
        }
        return .record(Record(named.entries.map { ($0.name, .tensor($0.tensor)) } + texts))
    }

    /// The texts of a text or of a list of texts; nil for other values.
    private static func texts(_ v: Value) -> [String]? {
        switch v {
        case .text(let t): return [t.string]
        case .list(let l) where !l.items.isEmpty:
            var found: [String] = []
            for item in l.items {
                guard case .text(let t) = item else { return nil }
                found.append(t.string)
            }
            return found
        default: return nil
        }
    }

    private struct TensorPlace {
        let path: String
        let get: () -> Tensor
        let set: (Tensor) throws -> Void
    }

    /// Every tensor of a net that training changes, parameters and states, with its path, each once.
    private static func tensors(of net: Layer) -> [TensorPlace] {
        var found: [TensorPlace] = []
        var seen = Set<ObjectIdentifier>()
        func visit(_ layer: Layer, _ prefix: String) {
            guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
            if case .training(let inner) = layer.form { return visit(inner, prefix) }
            guard case .custom(let c) = layer.form else {
                for (name, child) in layer.children { visit(child, prefix + name + ".") }
                return
            }
            for k in c.slots.indices {
                let slot = c.slots[k]
                if let p = slot.parameter {
                    found.append(
                        TensorPlace(
                            path: prefix + slot.name, get: { p.value.detached() }, set: { p.value = try $0.copied() }))
                } else if slot.kind == .state, case .tensor(let t) = slot.value {
                    found.append(
                        TensorPlace(
                            path: prefix + slot.name, get: { t }, set: { c.slots[k].value = .tensor(try $0.copied()) }))
                } else if case .layer(let l) = slot.value {
                    visit(l, prefix + slot.name + ".")
                }
            }
        }
        visit(net, "")
        return found
    }
}

/// The call of `save` with an ending that it knows: none, or one of another library, becomes that of weights.
private func endedPath(_ i: Interpreter, _ path: String) -> String? {
    let texts = i.argumentTexts
    guard texts.count == 2, texts.allSatisfy({ $0.utf8.count <= 90 && !$0.contains("\n") }), texts[1].hasSuffix("\""),
        let last = path.split(separator: "/").last
    else { return nil }
    let plain = texts[1].dropLast()
    let ending = last.contains(".") ? last.split(separator: ".").last.map(String.init) ?? "" : ""
    guard
        ending.isEmpty
            || ["pt", "pth", "h5", "hdf5", "keras", "ckpt", "pkl", "pickle", "bin", "mat", "rds"].contains(ending)
    else { return nil }
    let stem = ending.isEmpty ? plain : plain.dropLast(ending.count + 1)
    return "by its ending:  save(\(texts[0]), \(stem).npz\")"
}
