import SiamLanguage
import SiamTensor

/// What the arguments of the call under way are called in the text, for messages.
extension Interpreter {
    /// The program's own words for the arguments without a name of the call being made: what curves are called when
    /// nothing else names them. Empty where the call stands in no program.
    public var argumentTexts: [String] {
        guard frameCount > 0 else { return [] }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, let arguments, _) = site.kind else {
            return []
        }
        var texts = arguments.filter { $0.name == nil }.map { code.source.text($0.value.span) }
        // x.f(a) is f(x, a).
        if case .field(let receiver, _) = callee.kind { texts.insert(code.source.text(receiver.span), at: 0) }
        return texts
    }

    /// `w = track(w)` of what `grad(l, w)` asks for, in the program's own words.
    package var trackedArgument: String {
        let texts = argumentTexts
        guard texts.count == 2, texts[1].utf8.count <= 20,
            texts[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        else { return "x = track(x)" }
        return "\(texts[1]) = track(\(texts[1]))"
    }

    /// The function of the current call as written in the program; nil if the call is not part of a program.
    public var calledName: String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .call(let callee, _, _) = site.kind
        else { return nil }
        return if case .field(_, let name) = callee.kind { name.text } else { code.source.text(callee.span) }
    }

    /// `y = number(sum(x)) * 2`: where in the program a name, or an expression, leaves what gradients follow; nil where the text
    /// does not tell.
    public func cut(in written: String?) -> String? {
        guard frameCount > 0, let written else { return nil }
        let source = currentFrame.code.takeUnretainedValue().source
        let lines = source.text.split(separator: "\n").map(String.init)
        let made = lines.last { line in line.filter { $0 != " " }.hasPrefix("\(written)=") } ?? written
        for word in ["number(", "detach("] {
            guard let start = made.firstRange(of: word) else { continue }
            let inner = made[start.upperBound...]
            var depth = 1
            let end = inner.firstIndex { c in
                depth += c == "(" ? 1 : c == ")" ? -1 : 0
                return depth == 0
            }
            guard let end else { continue }
            let whole = made[..<start.lowerBound] + inner[..<end] + inner[inner.index(after: end)...]
            var said = String(whole)
            while said.first == " " { said.removeFirst() }
            return said.utf8.count > 80 ? nil : "without \(word.dropLast()):  \(said)"
        }
        return nil
    }

    /// The layer of the library whose `forward` is running; nil otherwise.
    var layerOfLibrary: String? {
        guard frameCount > 0 else { return nil }
        let frame = currentFrame
        let code = frame.code.takeUnretainedValue()
        guard code.source.kind == .prelude, code.role == .forward, !session.isPreludeUnderTest else { return nil }
        return frame.layer?.takeUnretainedValue().kind
    }

    /// The function that the program itself calls, which may have come here by others of the library.
    public var outerCall: String? {
        for k in (0..<frameCount).reversed() {
            let code = frames[k].code.takeUnretainedValue()
            guard code.source.kind != .prelude else { continue }
            guard let site = code.site(frames[k].pc - 1), case .call(let callee, _, _) = site.kind else { return nil }
            return if case .field(_, let name) = callee.kind { name.text } else { code.source.text(callee.span) }
        }
        return nil
    }

    /// The call being made with two of its arguments in each other's places, as it is written; nil of one that is too long
    /// to be shown.
    public func call(turning a: Int, _ b: Int) -> String? {
        var texts = argumentTexts
        guard let name = calledName, texts.indices.contains(a), texts.indices.contains(b), name.utf8.count <= 30,
            texts.joined().utf8.count <= 60, !texts.contains(where: { $0.contains("\n") })
        else { return nil }
        texts.swapAt(a, b)
        return "\(name)(\(texts.joined(separator: ", ")))"
    }

    /// The call being made with its last two arguments the other way round, as the program writes them; nil of a call that
    /// is too long to be shown, or that names its arguments.
    public var turnedCall: String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, _, _) = site.kind else { return nil }
        var texts = argumentTexts
        guard texts.count >= 2, texts.joined().utf8.count <= 60, !texts.contains(where: { $0.contains("\n") }) else {
            return nil
        }
        let name = if case .field(_, let n) = callee.kind { n.text } else { code.source.text(callee.span) }
        texts.swapAt(texts.count - 1, texts.count - 2)
        return "\(name)(\(texts.joined(separator: ", ")))"
    }
}

extension Interpreter {
    /// For long work in Swift: throws where Ctrl-C was pressed.
    /// Something made with random numbers out of much data, where it can be left behind: the stream of random numbers has
    /// moved on once it is made.
    package func drawnInterruptibly<T>(size count: Int, _ make: @escaping (inout RandomStream) throws -> T) throws -> T
    {
        let before = session.stream
        let (made, after) = try InterruptibleWork.run(size: count) { () throws -> (T, RandomStream) in
            var stream = before
            let made = try make(&stream)
            return (made, stream)
        }
        session.stream = after
        return made
    }
    public func checkInterrupt() throws { if interrupt.pointee != 0 { try interrupted() } }
}
