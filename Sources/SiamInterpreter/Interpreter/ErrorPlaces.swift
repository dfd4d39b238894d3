import SiamGradient
import SiamLanguage
import SiamTensor

/// Errors get a place in the text of the user, and repairs that fit it.
extension Interpreter {
    /// An error with a place in the user's text: the innermost call that the user wrote.
    func locate(_ error: any Error) -> any Error {
        if error is any ControlFlowError { return error }
        var d = diagnostic(error)
        guard d.labels.isEmpty, frameCount > 0 else { return d }
        var k = frameCount - 1
        while k >= 0 {
            let code = frames[k].code.takeUnretainedValue()
            if code.source.kind != .prelude || session.isPreludeUnderTest { break }
            k -= 1
        }
        guard k >= 0 else { return d }
        let frame = frames[k]
        let code = frame.code.takeUnretainedValue()
        guard let site = code.site(frame.pc - 1) else { return d }
        d.labels = labels(for: site, code, error as? EngineError, isInner: k == frameCount - 1, k)
        if d.labels.isEmpty { d.labels = [.init(Place(code.source, site.span))] }
        d.notes += madeNotes(site, code, error as? EngineError)
        mend(&d, site, code)
        d.notes += chain(k)
        return d
    }

    /// How the place was reached, the innermost call first: where each function of the user's was called.
    func chain(_ innermost: Int) -> [String] {
        var lines: [String] = []
        var k = innermost
        while k > 0 {
            let code = frames[k].code.takeUnretainedValue()
            guard code.source.kind != .prelude, [.fn, .loss, .layer, .forward, .lambda].contains(code.role) else {
                k -= 1
                continue
            }
            var caller = k - 1
            while caller > 0, frames[caller].code.takeUnretainedValue().source.kind == .prelude { caller -= 1 }
            let outer = frames[caller].code.takeUnretainedValue()
            if outer.source.kind != .prelude, let site = outer.site(frames[caller].pc - 1) {
                let name = code.role == .lambda || code.name.isEmpty ? "a function" : code.name
                lines.append("in \(name), called at \(Place(outer.source, site.span).short)")
            }
            k = caller
        }
        // Repeated frames of the same call are listed once.
        var runs: [(line: String, count: Int)] = []
        for line in lines {
            if runs.last?.line == line { runs[runs.count - 1].count += 1 } else { runs.append((line, 1)) }
        }
        lines = runs.map { $0.count > 1 ? "\($0.line), \($0.count) times" : $0.line }
        if lines.count > 5 { lines = lines.prefix(3) + ["... \(lines.count - 4) calls between"] + lines.suffix(1) }
        return lines
    }

    /// Repairs that show in how the expression was written: an argument without its parentheses, a misspelt field.
    func mend(_ d: inout Diagnostic, _ site: Expression, _ code: Code) {
        /// `print (a).b` and `print [1]` were meant as commands: the text behind the name belongs in parentheses.
        func call(_ name: Expression) -> Bool {
            guard case .name(let word) = name.kind, name.span.end < code.source.bytes.count,
                code.source.bytes[name.span.end] == UInt8(ascii: " ")
            else { return false }
            // What follows the index belongs to the argument too.
            let end =
                code.expressions.filter { $0.span.start == name.span.start }.map(\.span.end).max() ?? site.span.end
            let rest = code.source.text(Span(name.span.end + 1, end))
            guard rest.utf8.count <= 60, !rest.contains("\n") else { return false }
            d.repair = "put all arguments of \(word) in parentheses:  \(word)(\(rest))"
            d.edits = [.init(Place(code.source, Span(name.span.start, end)), "\(word)(\(rest))")]
            return true
        }
        guard d.repair == nil || d.code == "field.unknown" else { return }
        if d.repair == nil, let (name, written) = CallRepairs.call(site, code.source) {
            d.repair = CallRepairs.of(d.code, name, written, message: d.message + " " + d.notes.joined(separator: " "))
            if d.repair != nil { return }
        }
        switch (d.code, site.kind) {
        case ("call.many", .call(let callee, let given, _)),
            ("layer.inputs", .call(let callee, let given, _))
        where given.count == 2:
            guard case .name(let net) = callee.kind, case .layer? = globals.valueIfReady(net), given.count == 2,
                given.allSatisfy({ $0.name == nil })
            else { return }
            let calls = given.map { "\(net)(\(code.source.text($0.value.span)))" }
            if calls.joined().utf8.count < 70 { d.repair = "one input at a time:  \(calls[0]),  \(calls[1])" }
        case ("layer.inputs", .call(let callee, let given, _)) where given.count == 1:
            guard case .bracket(let items) = given[0].value.kind, items.count == 2 else { return }
            let texts = items.map { code.source.text($0.span) }.joined(separator: ", ")
            if texts.utf8.count <= 50 { d.repair = "as two arguments:  \(code.source.text(callee.span))(\(texts))" }
        case ("index.kind", .index(let owner, _)): _ = call(owner)
        case (_, .comparison(let sides, let signs, _))
        where signs.count == 1 && sides.count == 2 && d.message.contains(" needs shapes that can be broadcast"):
            guard case .call(let callee, let given, _) = sides[0].kind, given.count == 1,
                case .name(let net) = callee.kind,
                case .layer? = globals.valueIfReady(net)
            else { return }
            let call = "accuracy(\(code.source.text(sides[0].span)), \(code.source.text(sides[1].span)))"
            if call.utf8.count < 80 { d.repair = "of scores and class numbers:  \(call)" }
        case ("operand.kind", .binary(_, let left, let right, _)) where d.message.contains("none"):
            for side in [left, right] {
                guard case .call(let callee, _, _) = side.kind, case .name(let name) = callee.kind,
                    let (line, bound) = endsInAssignment(name, code.source)
                else { continue }
                d.notes.append("\(name) ends in an assignment, in line \(line), and so gives none")
                d.repair = "its last line is its value:  \(bound)"
            }
        case ("number.whole", .index(let owner, let items)):
            guard d.message.hasPrefix("an index "), items.count == 1, items[0].plainNumber == nil else { return }
            let call = "\(code.source.text(owner.span))[floor(\(code.source.text(items[0].span)))]"
            if call.utf8.count < 60 { d.repair = "rounded down:  \(call)" }
        case ("operand.kind", .binary(.remainder, _, let right, _)):
            guard d.message.hasSuffix("a function") || d.message.hasSuffix("a layer"), case .name = right.kind else {
                return
            }
            d.repair = "a comment begins with #:  # \(code.source.text(right.span))"
        case ("operand.kind", .binary(.multiply, let left, let right, _)):
            if d.message == "cannot multiply a text by a text" {
                let joined = "\(code.source.text(left.span)) + \(code.source.text(right.span))"
                if joined.utf8.count < 60 { d.repair = "texts are joined by +:  \(joined)" }
                return
            }
            guard d.message == "cannot multiply a number by a text" else { return }
            let turned = "\(code.source.text(right.span)) * \(code.source.text(left.span))"
            guard turned.utf8.count < 60 else { return }
            d.repair = "the text comes first:  \(turned)"
            d.edits = [.init(Place(code.source, site.span), turned)]
        case ("argument.kind", .apply(let left, let right)):
            guard d.message.hasSuffix("got a layer") || d.message.hasSuffix("got a net") else { return }
            let net = "\(code.source.text(left.span)) >> \(code.source.text(right.span))"
            guard net.utf8.count < 60 else { return }
            d.repair = "join stages with >>:  \(net)"
            d.edits = [.init(Place(code.source, site.span), net)]
        case ("operand.kind", .binary(.subtract, let left, _, let sign)):
            // `print -2`: there is a blank before the minus and none after it.
            if sign.end < code.source.bytes.count, code.source.bytes[sign.end] != UInt8(ascii: " ") { _ = call(left) }
        case ("compose.kind", .compose(_, let right)):
            if case .bracket = right.kind, let whole = site.joinedStages(in: code.source) {
                d.repair = "join stages with >>:  \(whole)"
                d.edits = [.init(Place(code.source, site.span), whole)]
                return
            }
            if case .text = right.kind {
                let word = code.source.text(right.span).filter { $0 != "\"" }
                if isOfLibrary(word) {
                    d.repair = "write the function's name without quotes:  \(word)"
                    d.edits = [.init(Place(code.source, right.span), word)]
                }
                return
            }
            guard case .call(let callee, let given, _) = right.kind, case .name(let word) = callee.kind, !given.isEmpty
            else { return }
            let rest = code.source.text(
                Span(given[0].name?.span.start ?? given[0].value.span.start, right.span.end - 1))
            if word == "relu", given.count == 1, let slope = given[0].value.plainNumber, slope > 0, slope < 1 {
                let stage = "(x -> leaky_relu(x, \(rest)))"
                d.repair = "with a slope below 0 it is leaky_relu:  \(stage)"
                d.edits = [.init(Place(code.source, right.span), stage)]
                return
            }
            let takes = session.host.knownNames(session).first { $0.name == word }?.parameters?.count ?? 2
            let stage = takes > given.count ? "(x -> \(word)(x, \(rest)))" : word
            guard stage.utf8.count < 60 else { return }
            d.repair =
                takes > given.count
                ? "a function with settings as a stage:  \(stage)"
                : "as a stage of a net it is written without parentheses:  \(word)"
            d.edits = [.init(Place(code.source, right.span), stage)]
        case ("layer.input", .call(let callee, let given, _))
        where given.count == 1 && d.message.hasSuffix("a data set"):
            let call = "\(code.source.text(callee.span))(\(code.source.text(given[0].value.span)).x)"
            if call.utf8.count < 60 { d.repair = "its examples as a tensor:  \(call)" }
        case ("layer.input", .call) where d.message.hasSuffix("a list of 2") || d.message.hasSuffix("a list of 3"):
            d.repair = "name the parts of a batch with as:  on batches(d, 32) as x, y"
        case ("metric.data", .call(let callee, let given, _)) where d.message.hasSuffix("got a run"):
            var written = given.map { code.source.text($0.value.span) }
            guard
                let place = given.firstIndex(where: {
                    if case .name(let n) = $0.value.kind, case .thing(let t)? = globals.valueIfReady(n) {
                        return t.form == .run
                    }
                    return false
                })
            else { return }
            written[place] += ".net"
            let call = "\(code.source.text(callee.span))(\(written.joined(separator: ", ")))"
            if call.utf8.count < 80 { d.repair = "a run contains its net:  \(call)" }
        case ("layer.input", .call(let callee, let given, _)):
            guard given.count == 1, d.message.contains(", and got a function") || d.message.contains("and got a layer")
            else { return }
            let net = "\(code.source.text(given[0].value.span)) >> \(code.source.text(callee.span))"
            if net.utf8.count < 60 { d.repair = "join stages with >>:  \(net)" }
        case ("axis.range", .call(let callee, let given, _)):
            guard case .name(let word) = callee.kind, given.count == 2, given[1].name == nil else { return }
            let (x, y) = (code.source.text(given[0].value.span), code.source.text(given[1].value.span))
            guard x.utf8.count + y.utf8.count < 50 else { return }
            if let n = Int(y), n > 0, d.message.hasSuffix("has axes 0 to \(n - 1)") {
                d.repair = "axes count from 0:  \(word)(\(x), \(n - 1))"
            } else if word == "max" || word == "min", Double(y) == nil || d.message.hasSuffix("has only axis 0") {
                d.repair = "of two, number by number:  \(word)imum(\(x), \(y))"
            } else if word == "norm" {
                d.repair =
                    "the second is an axis:  norm(\(x))  or  sum(abs(\(x))), of order 1"
            }
        case ("call.kind", .call(let callee, _, _)): if case .call(let name, _, _) = callee.kind { _ = call(name) }
        case ("field.unknown", .field(let owner, let name)):
            let isFunction = d.repair?.hasSuffix(" is a function") == true
            if isFunction, let function = d.repair?.split(separator: " ").first.map(String.init) {
                let whole = "\(code.source.text(owner.span)).\(function)()"
                d.repair = "\(function) is a function:  \(whole.utf8.count < 50 ? whole : "x.\(function)()")"
                d.edits = [.init(Place(code.source, name.span), "\(function)()")]
                return
            }
            if case .call(let callee, _, _) = owner.kind, d.message.hasPrefix("none "), call(callee) { return }
            if case .name(let function) = owner.kind, d.message.hasPrefix("a function has"), d.repair == nil {
                d.repair = "\(function) is a function; of what it gives:  \(function)().\(name.text)"
                d.edits = [.init(Place(code.source, owner.span), "\(function)()")]
            }
            edit(&d, name, code)
        case ("field.unknown", .call(let callee, _, _)):
            if case .field(_, let name) = callee.kind { edit(&d, name, code) }
        default: break
        }
    }

    /// The line in which a function of the program ends in `y = ...`, and the y.
    private func endsInAssignment(_ name: String, _ source: Source) -> (line: Int, bound: String)? {
        let (program, _) = Parser.parse(source)
        for case .function(let f) in program.statements.map(\.kind) where f.name.text == name {
            guard case .block(let block) = f.body, let last = block.statements.last,
                case .assign(let targets, _) = last.kind, targets.count == 1, case .name(let bound) = targets[0].kind
            else { return nil }
            return (source.position(last.span.start).line, bound)
        }
        return nil
    }

    func edit(_ d: inout Diagnostic, _ name: Name, _ code: Code) {
        guard d.edits.isEmpty, let repair = d.repair else { return }
        let near =
            repair.hasPrefix("Did you mean ")
            ? String(repair.dropFirst(13).dropLast())
            : Foreign.word(name.text)?.name
        if let near { d.edits = [.init(Place(code.source, name.span), near)] }
    }

    func diagnostic(_ error: any Error) -> Diagnostic {
        switch error {
        case let d as Diagnostic: return d
        default: return session.host.describe(error, session)
        }
    }

    /// The label under the failing expression: the shapes of its operands.
    func labels(for site: Expression, _ code: Code, _ error: EngineError?, isInner: Bool, _ k: Int)
        -> [Diagnostic.Label]
    {
        func shape(_ i: Int) -> String {
            guard let dims = error?.dims[safe: i] else { return "" }
            return dims.isEmpty ? "number" : dims.map(String.init).joined(separator: "x")
        }
        func place(_ e: Expression) -> Place { Place(code.source, e.span) }
        switch site.kind {
        case .binary(_, let l, let r, _) where isInner && error?.dims.count == 2:
            return [.init(place(l), shape(0)), .init(place(r), shape(1))]
        case .call(_, let arguments, _) where isInner:
            if let error, let guilty = error.guilty, guilty < arguments.count {
                // Of many parts two are shown: the first, and the one that does not fit it.
                let k = error.dims.indices.contains(guilty) ? guilty : error.dims.count - 1
                return [.init(place(arguments[guilty].value), shape(k))]
            }
            if let error, error.dims.count >= 2, arguments.count >= 2 {
                return (0..<min(2, arguments.count)).map { .init(place(arguments[$0].value), shape($0)) }
            }
            return [.init(place(site))]
        case .call(_, let arguments, _):
            // The failure is inside what was called: say what went in.
            // Of a net the frame is that of the stage that failed, whose input is another: `labelled` says what the net was given.
            guard k + 1 < frameCount, !isStage(of: site, k + 1) else { return [.init(place(site))] }
            let base = frames[k + 1].base
            var said: [String] = []
            for (i, a) in arguments.enumerated() where a.name == nil && i < 3 {
                if case .tensor(let t) = stack[base + i] {
                    let text = code.source.text(a.value.span)
                    if text.utf8.count <= 20 { said.append("\(text) is \(t.shape)") }
                }
            }
            return [.init(place(site), said.joined(separator: ", "))]
        case .field(_, let name) where isInner: return [.init(Place(code.source, name.span))]
        default: return [.init(place(site))]
        }
    }

    /// Whether a frame is that of a stage of the net that a call applies, and not of the layer itself.
    private func isStage(of site: Expression, _ frame: Int) -> Bool {
        guard let layer = frames[frame].layer?.takeUnretainedValue(), case .call(let callee, _, _) = site.kind else {
            return false
        }
        switch callee.kind {
        case .name(let name):
            guard case .layer(let net)? = globals.valueIfReady(name) else { return true }
            return net !== layer
        case .call(let maker, _, _):
            guard case .name(let word) = maker.kind else { return true }
            return word != layer.kind
        default: return true
        }
    }

    func madeNotes(_ site: Expression, _ code: Code, _ error: EngineError?) -> [String] {
        guard let error, error.dims.count >= 2, case .binary(_, let l, let r, _) = site.kind else { return [] }
        var notes: [String] = []
        for e in [l, r] {
            guard case .name(let n) = e.kind, let slot = try? globals.userSlot(n), let made = globals.madeAt[slot]
            else { continue }
            notes.append("\(n) was made at \(made.short)")
        }
        return notes
    }
}
