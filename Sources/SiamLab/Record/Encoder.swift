import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// How the program of a run embeds an example, read from what it minimizes: of `contrastive(head(body(a)), ...)` it is
/// `a -> head(body(a))`, whatever part of that the run trains.
struct Encoder {
    /// The function as text; nil where the program does not tell.
    let text: String?
    /// Names of the run's nets that the text mentions, with their place among them.
    private let nets: [(name: String, index: Int)]

    /// Whether the embedding is a part of what one layer makes of two inputs.
    let isInside: Bool

    /// Of the first part of a batch, or of another: `b` of pairs `a, b`.
    init(_ wiring: TrainingModel, part: Int = 0) {
        guard part < wiring.train.names.count else {
            (text, nets, isInside) = (nil, [], false)
            return
        }
        let example = wiring.train.names[part].text
        let reading = Reading(wiring, example)
        let plain = wiring.losses.lazy.compactMap { reading.embedding($0.expression) }.first
        let inner = plain == nil ? reading.embeddingInside() : nil
        isInside = inner != nil
        let found = plain ?? inner
        text = found.map { "\(example) -> \($0.text)" }
        nets = wiring.train.nets.enumerated().compactMap { index, net in
            guard case .name(let name) = net.kind, found?.names.contains(name) == true else { return nil }
            return (name, index)
        }
    }

    /// The function in a session that has made the run; its first net where the text cannot be had there.
    func value(_ session: Session, _ run: SiamRuntime.Run) -> Value? {
        guard let text else { return nil }
        for (name, index) in nets {
            guard case .layer(let layer)? = session.globals.valueIfReady(name), index < run.nets.count,
                layer === run.nets[index]
            else { return nil }
        }
        return try? session.evaluate(text)
    }

    /// Finds the largest call that depends on one part of a batch and on no other.
    private struct Reading {
        let wiring: TrainingModel
        let document: Int
        let example: String
        let others: Set<String>
        /// Of a layer's own parts: how they are called from outside.
        var parts: [String: String] = [:]
        /// What the body gives its names, one value after another: `a = a / 255` goes on from the value before.
        var locals: [String: [Expression]] = [:]
        var mixed: Set<String> = []

        init(_ wiring: TrainingModel, _ example: String) {
            self.init(
                wiring, example, names: wiring.train.names.map(\.text), wiring.train.body.statements,
                document: wiring.trainDocument)
        }

        private init(
            _ wiring: TrainingModel, _ example: String, names: [String], _ statements: [Statement], document: Int
        ) {
            self.wiring = wiring
            self.example = example
            self.document = document
            others = Set(names).subtracting([example])
            for statement in statements {
                guard case .assign(let targets, let value) = statement.kind else { continue }
                let given = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                // Where a hand-written loop draws its batch.
                if given == names { continue }
                for name in given {
                    var goesOn = false
                    value.walk { if case .name(name) = $0.kind { goesOn = true } }
                    if targets.count == 1, locals[name] == nil && !others.contains(name) || goesOn {
                        locals[name, default: []].append(value)
                    } else {
                        mixed.insert(name)
                    }
                }
            }
        }

        /// Of `model(a, b)`, where model is a layer of the user's with two inputs: what its forward makes of this one.
        func embeddingInside() -> (text: String, names: Set<String>)? {
            var found: (text: String, names: Set<String>)?
            func look(_ e: Expression) {
                e.walk { x in
                    guard found == nil, case .call(let f, let arguments, _) = x.kind, case .name(let model) = f.kind,
                        let made = wiring.values[model]?.call?.name, let (layer, k) = wiring.layers[made],
                        case .members(let members) = layer.form,
                        let place = arguments.firstIndex(where: { mentions($0.value) })
                    else { return }
                    found = inside(members, k, model, place, arguments[place].value)
                }
            }
            wiring.losses.forEach { look($0.expression) }
            for s in wiring.train.body.statements { if case .assign(_, let value) = s.kind { look(value) } }
            return found
        }

        private func inside(
            _ members: [LayerDefinition.Member], _ document: Int, _ model: String, _ place: Int, _ given: Expression
        ) -> (text: String, names: Set<String>)? {
            var names: Set<String> = []
            guard let argument = unfolded(given, &names) else { return nil }
            for case .forward(let inputs, let body) in members where place < inputs.count {
                var (statements, last): ([Statement], [Expression]) = ([], [])
                switch body {
                case .expression(let e): last = [e]
                case .block(let block):
                    statements = block.statements
                    for s in statements { if case .expression(let e) = s.kind { last.append(e) } }
                }
                var reading = Reading(
                    wiring, inputs[place].text, names: inputs.map(\.text), statements, document: document)
                for case .part(let name, _) in members { reading.parts[name.text] = "\(model).\(name.text)" }
                reading.parts[inputs[place].text] = "(\(argument))"
                guard let found = last.lazy.compactMap({ reading.embedding($0) }).first else { continue }
                return (found.text, found.names.union([model]))
            }
            return nil
        }

        func embedding(_ e: Expression, _ depth: Int = 0) -> (text: String, names: Set<String>)? {
            guard depth < 24 else { return nil }
            if case .call(_, let arguments, _) = e.kind, arguments.count(where: { mentions($0.value) }) < 2 {
                var names: Set<String> = []
                if let text = unfolded(e, &names), names.contains(example) { return (text, names) }
            }
            if case .name(let name) = e.kind, let value = locals[name]?.last, !mixed.contains(name) {
                return before(name).embedding(value, depth + 1)
            }
            return e.parts.lazy.compactMap { embedding($0, depth + 1) }.first
        }

        /// Where a name was given its last value: it stands for the one before there.
        private func before(_ name: String) -> Reading {
            var other = self
            other.locals[name]?.removeLast()
            if other.locals[name]?.isEmpty == true { other.locals[name] = nil }
            return other
        }

        /// Whether an expression depends on the example, directly or by what the body gave its names.
        private func mentions(_ e: Expression, _ depth: Int = 0) -> Bool {
            guard depth < 8 else { return false }
            var found = false
            e.walk { x in
                guard case .name(let name) = x.kind else { return }
                if name == example || locals[name]?.contains(where: { mentions($0, depth + 1) }) == true {
                    found = true
                }
            }
            return found
        }

        /// The text with what the body gave its names put in; nil where another part of the batch is in it.
        private func unfolded(_ e: Expression, _ names: inout Set<String>, _ depth: Int = 0) -> String? {
            guard depth < 8 else { return nil }
            var pieces: [(span: Span, text: String)] = []
            var isClear = true
            func look(_ e: Expression) {
                switch e.kind {
                case .name(let name):
                    if others.contains(name) || mixed.contains(name) { isClear = false }
                    if let value = locals[name]?.last {
                        guard let inner = before(name).unfolded(value, &names, depth + 1) else {
                            isClear = false
                            return
                        }
                        pieces.append((e.span, "(\(inner))"))
                    } else {
                        names.insert(name)
                        if let outside = parts[name] { pieces.append((e.span, outside)) }
                    }
                case .lambda, .comprehension: isClear = false
                default: for part in e.parts { look(part) }
                }
            }
            look(e)
            guard isClear, e.blocks.isEmpty else { return nil }
            var bytes = Array(wiring.text(e, document).utf8)
            for piece in pieces.sorted(by: { $0.span.start > $1.span.start }) {
                let (start, end) = (piece.span.start - e.span.start, piece.span.end - e.span.start)
                guard start >= 0, start <= end, end <= bytes.count else { return nil }
                bytes.replaceSubrange(start..<end, with: Array(piece.text.utf8))
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
