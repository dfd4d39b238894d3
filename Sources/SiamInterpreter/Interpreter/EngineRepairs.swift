import SiamGradient
import SiamLanguage
import SiamTensor

/// The repairs and long words that belong to the engine's errors.
package enum EngineRepairs {
    /// Whether the program joins its images into rows before a layer for images, as far as its text tells.
    private static func flattensBefore(_ interpreter: Interpreter) -> Bool {
        for k in (0..<interpreter.frameCount).reversed() {
            let code = interpreter.frames[k].code.takeUnretainedValue()
            guard code.source.kind != .prelude else { continue }
            let text = code.source.text
            guard let flatten = text.firstRange(of: "flatten")?.lowerBound else { return false }
            return ["conv(", "maxpool(", "avgpool(", "depthwise("].contains { layer in
                text.firstRange(of: layer).map { $0.lowerBound > flatten } ?? false
            }
        }
        return false
    }

    /// Where flatten belongs in a net whose scores are no rows: before a first layer for rows, behind the last one for images.
    private static func rowsBefore(_ interpreter: Interpreter, _ classes: Int) -> String {
        let says = "scores are rows, one an example"
        for k in (0..<interpreter.frameCount).reversed() {
            let code = interpreter.frames[k].code.takeUnretainedValue()
            guard code.source.kind != .prelude else { continue }
            let text = code.source.text
            if ["conv(", "maxpool(", "avgpool(", "depthwise("].contains(where: text.contains) {
                return text.contains("flatten")
                    ? says : "\(says), at the net's end:  flatten >> dense(\(classes))"
            }
            guard !text.contains("flatten") else { return says }
            // The one net that begins with a layer for rows, in full.
            let program = Parser.parse(code.source).program
            var nets: [String] = []
            for case .assign(let targets, let value) in program.statements.map(\.kind) where targets.count == 1 {
                var first = value
                while case .compose(let left, _) = first.kind { first = left }
                guard case .call(let callee, _, _) = first.kind, callee.kind == .name("dense") else { continue }
                nets.append("\(code.source.text(targets[0].span)) = flatten >> \(code.source.text(value.span))")
            }
            if nets.count == 1, let net = nets.first, net.utf8.count <= 80, !net.contains("\n") {
                return "each picture becomes a row before the first layer:  \(net)"
            }
            return "\(says): flatten is the first stage of a net of pictures"
        }
        return says
    }

    package static func describe(_ e: EngineError, _ interpreter: Interpreter) -> Diagnostic {
        var d = Diagnostic(code: e.code, e.message, notes: e.notes)
        guard interpreter.frameCount > 0 else { return d }
        let frame = interpreter.currentFrame
        let code = frame.code.takeUnretainedValue()
        if e.code == "conv.rank", let dims = e.dims.first {
            let lengths = dims.map(String.init).joined(separator: ", ")
            switch dims.count {
            case 3 where dims[2] == 1 || dims[2] == 3:
                d.repair = "a single image is a batch of 1:  reshape(x, 1, \(lengths)), or expand(x, 0)"
            case 3: d.repair = "images with one channel need an axis for it:  reshape(x, \(lengths), 1)"
            case 2:
                d.repair =
                    flattensBefore(interpreter)
                    ? "layers for images come before flatten:  maxpool(2) >> flatten >> dense(8)"
                    : "layers for images take images; rows of numbers go through dense"
            default: break
            }
        }
        if e.code == "reshape.count", e.message.contains("-1"), let asked = e.message.split(separator: " ").last {
            let sides = asked.split(separator: "x").compactMap { Int($0) }.filter { $0 > 0 }
            let product = sides.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
            d.notes.append("-1 stands for what is left, and the elements are no multiple of \(product)")
        }
        if e.code == "cross_entropy.labels", let dims = e.dims.first, dims.count > 2 {
            d.repair = rowsBefore(interpreter, dims.last ?? 10)
        }
        if let site = code.site(frame.pc - 1), case .call(let callee, let given, _) = site.kind,
            case .name(let name) = callee.kind
        {
            let texts = given.map { code.source.text($0.value.span) }
            let isShort = texts.joined().utf8.count <= 50 && !texts.contains { $0.contains("\n") }
            if e.code == "concatenate.shapes" || e.code == "stack.shapes", let last = given.last, last.name == nil,
                case .number = last.value.kind, given.count > 1, isShort
            {
                d.repair =
                    "name the axis:  \(name)(\(texts.dropLast().joined(separator: ", ")), axis = \(texts[texts.count - 1]))"
            }
            if e.code == "concatenate.shapes", d.repair == nil, isShort, given.allSatisfy({ $0.name == nil }),
                e.dims.count == 2, e.dims.allSatisfy({ $0.count == 2 }), e.dims[0][0] == e.dims[1][0]
            {
                d.repair = "side by side, along axis 1:  \(name)(\(texts.joined(separator: ", ")), axis = 1)"
            }
            if e.dims.count == 2, e.dims.allSatisfy({ $0.count == 2 }), e.dims[0][1] == e.dims[1][1], given.count == 2,
                ["euclidean", "squared", "cosine", "dot", "manhattan"].contains(name), isShort
            {
                d.repair =
                    "each row of the one with each of the other:  pairwise(\(name), \(texts.joined(separator: ", ")))"
            }
        }
        if e.code == "broadcast", let site = code.site(frame.pc - 1), case .comparison(let sides, _, _) = site.kind,
            let side = sides.first(where: {
                let text = code.source.text($0.span)
                return text.contains("arg") && text.hasSuffix("axis = 0)")
            })
        {
            let text = code.source.text(side.span)
            d.repair = "axis 0 goes over the rows; the class of each:  \(text.dropLast("axis = 0)".count))axis = 1)"
        }
        guard let site = code.site(frame.pc - 1) else { return d }
        mend(&d, site, code.source, e.dims)
        return d
    }

    /// The repair of two sides whose shapes do not go together, where another order or shape of them does.
    package static func mend(_ d: inout Diagnostic, _ site: Expression, _ source: Source, _ dims: [[Int]]) {
        guard case .binary(let op, let l, let r, _) = site.kind, dims.count == 2 else { return }
        let (a, b) = (dims[0], dims[1])
        let left = source.text(l.span)
        let right = source.text(r.span)
        func shape(_ dims: [Int]) -> String { dims.map(String.init).joined(separator: "x") }
        func say(_ words: String, _ whole: String) {
            d.repair = "\(words):  \(whole)"
            d.edits = [.init(Place(source, site.span), whole)]
        }
        if op == .matmul, a.count == 2, b.count == 2 {
            if a[1] == b[1] {
                say("transposed it fits and gives \(shape([a[0], b[0]]))", "\(left) @ \(right).transpose()")
            } else if a[0] == b[0] {
                say("transposed it fits and gives \(shape([a[1], b[1]]))", "\(left).transpose() @ \(right)")
            } else if a[0] == b[1] {
                say("in the other order it fits and gives \(shape([b[0], a[1]]))", "\(right) @ \(left)")
            }
        } else if op == .matmul, a.count == 2, b.count == 1, a[0] == b[0] {
            say("in the other order it fits and gives \(a[1])", "\(right) @ \(left)")
        } else if op == .matmul, a.count == 1, b.count == 2, b[1] == a[0] {
            say("in the other order it fits and gives \(b[0])", "\(right) @ \(left)")
        } else if op == .multiply, a.count == 2, b.count == 2, a[1] == b[0] {
            say("the matrix product fits and gives \(shape([a[0], b[1]]))", "\(left) @ \(right)")
        } else if d.code == "broadcast", op != .matmul, b.count == 1, a.count == 2, a[0] == b[0] {
            say("one number for each row needs a column", "\(left) \(op.rawValue) expand(\(right), 1)")
        } else if a.count == b.count, a.count == 2, a == b.reversed() {
            d.repair = "transposed they have the same shape:  \(right).transpose()"
        }
    }
}
