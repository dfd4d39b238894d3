import SiamCompiler
import SiamData
import SiamExchange
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Nets out of files that other tools write.
extension Builtins {
    static let exchange: [Builtin] = [
        Builtin(
            "onnx", "path : text, output : text = none", family: "files",
            "The net of an ONNX file as siam stages, named after the nodes of the file. It can be applied, traced, explained, stepped through, frozen, trained further, diagnosed and saved, and `source(net)` prints its definition. Its input images have channels last, as everywhere in siam. Two inputs that go through the same weights share one tower. `output` names an output or a node to end at: onnx(\"resnet.onnx\", output = \"/avgpool/GlobalAveragePool\").",
            seeAlso: ["load", "save", "summary"]
        ) { i, a in
            let path = try a.text(0)
            let sheet = try importedNet(path, output: a.isNone(1) ? nil : try a.text(1))
            let net = try i.layer(of: sheet, path)
            for note in sheet.notes { i.session.message(note) }
            return .layer(net)
        }
    ]
}

extension Interpreter {
    /// A net as a sheet has it: its text is compiled as the prelude's are, its weights are put in.
    func layer(of sheet: ImportedNet, _ path: String) throws -> Layer {
        let source = Source(name: path, kind: .prelude, text: sheet.text)
        let (program, diagnostics) = Parser.parse(source)
        if let first = diagnostics.first(where: { $0.severity == .error }) { throw first }
        guard let statement = program.statements.first else { throw unmade(path) }
        let code = try Compiler.top(statement, source: source, globals: globals, isPrelude: true)
        guard let inner = code.codes.first,
            case .layer(let made) = try call(.function(Function(code: inner, captures: [], layer: nil)), [])
        else { throw unmade(path) }
        if sheet.isChain {
            guard case .pipeline(let stages) = made.form else { throw unmade(path) }
            let names = sheet.chain.map(\.name)
            guard names.count == stages.count else { throw unmade(path) }
            made.form = .pipeline(zip(names, stages).map { Layer.Stage(name: $0, layer: $1.layer) })
            for (step, stage) in zip(sheet.steps, stages) {
                if case .part(let p) = step.kind { try fill(stage.layer, sheet.parts[p], path) }
            }
            return made
        }
        guard case .custom(let c) = made.form else { throw unmade(path) }
        for (k, part) in sheet.parts.enumerated() {
            guard let slot = c.slots.firstIndex(where: { $0.name == part.name }) else { throw unmade(path) }
            if let inside = sheet.inner[k]?.first {
                c.slots[slot].value = .layer(try layer(of: inside, path))
                continue
            }
            guard let stage = try asLayer(c.slots[slot].value) else { throw unmade(path) }
            try fill(stage, part, path)
            c.slots[slot].value = .layer(stage)
        }
        for own in sheet.owns {
            guard let slot = c.slots.firstIndex(where: { $0.name == own.name }) else { throw unmade(path) }
            if own.isParameter {
                c.slots[slot].parameter = SiamLearning.Parameter(name: own.name, value: own.tensor)
            } else {
                c.slots[slot].value = .tensor(own.tensor)
            }
        }
        c.isBuilt = true
        return made
    }

    /// Puts a stage's weights in, which takes its shape by them.
    private func fill(_ stage: Layer, _ part: ImportedNet.Part, _ path: String) throws {
        guard !part.weights.isEmpty else { return }
        guard case .custom(let c) = stage.form else { throw unmade(path) }
        for (name, tensor) in part.weights {
            guard let slot = c.slots.firstIndex(where: { $0.name == name }) else { throw unmade(path) }
            if c.slots[slot].kind == .parameter {
                c.slots[slot].parameter = SiamLearning.Parameter(name: name, value: tensor)
            } else {
                c.slots[slot].value = .tensor(tensor)
            }
        }
        c.isBuilt = true
        guard let first = part.weights.first?.tensor else { return }
        // The matrix and the kernel have their input next to last, depthwise kernels too; vectors are as wide as it.
        let width = first.rank > 1 ? first.shape[-2] : first.shape[-1]
        c.inputWidth = c.usesWidth ? width : nil
        stage.builtFrom = (Shape.vector(width), userPlace())
    }

    private func unmade(_ path: String) -> Diagnostic {
        Diagnostic(
            code: "onnx.unmade", "\(path) was read, and the net that it describes could not be made of siam's stages")
    }
}
