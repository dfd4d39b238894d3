import SiamLanguage
import SiamTensor

/// Calls that were meant differently: the message, and what to write instead.
extension Interpreter {
    /// What takes an element of a tensor that was called, `x(1, 2)`, in words and as code.
    func elementMeant() -> String {
        guard let (code, isMoved) = indexed() else { return "for an element:  x[0]" }
        return "for an element\(isMoved ? ", counted from 0" : ""):  \(code)"
    }
    private func indexed() -> (code: String, isMoved: Bool)? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, let arguments, _) = site.kind,
            case .name(let name) = callee.kind, !arguments.isEmpty, arguments.allSatisfy({ $0.name == nil })
        else { return nil }
        let texts = arguments.map { code.source.text($0.value.span) }.joined(separator: ", ")
        // Where elements are called, they count from 1.
        let places = arguments.compactMap { $0.value.plainNumber }
        if places.count == arguments.count, places.allSatisfy({ $0 >= 1 && $0 == $0.rounded() }) {
            return ("\(name)[\(places.map { formatNumber($0 - 1) }.joined(separator: ", "))]", true)
        }
        return texts.utf8.count > 40 || texts.contains("\n") ? nil : ("\(name)[\(texts)]", false)
    }

    /// `x.shape()`: a field that is called as methods are elsewhere.
    func calledField() -> String? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard let site = code.site(currentFrame.pc - 1), case .call(let callee, let arguments, _) = site.kind,
            case .field = callee.kind, arguments.isEmpty
        else { return nil }
        let text = code.source.text(callee.span)
        return text.utf8.count > 40 || text.contains("\n")
            ? nil : "it is a value, so write it without parentheses:  \(text)"
    }

    /// The path of `weights = load("a.npz")`, where `weights` is what is called, as it is written.
    func loadedPath() -> String? {
        guard let name = calledName, frameCount > 0 else { return nil }
        let text = currentFrame.code.takeUnretainedValue().source.text
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == ";" }).reversed() {
            let parts = line.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2, parts[0] == name, parts[1].hasPrefix("load(\""), parts[1].hasSuffix("\")") else {
                continue
            }
            return String(parts[1].dropFirst(5).dropLast())
        }
        return nil
    }

    /// `tower(x)` where `tower` makes a net, and the net takes x.
    func madeFirst(_ code: Code, _ positional: [Value]) -> String? {
        guard code.role == .layer, case .tensor(let t)? = positional.first, t.rank > 1 else { return nil }
        let given = code.parameters.filter { !$0.hasDefault }.map(\.name).joined(separator: ", ")
        return "\(code.name) makes a net; call the net with inputs:  net = \(code.name)(\(given))"
    }

    /// The function that a call means whose name holds a number by now, as after `report accuracy = accuracy(net, d)`.
    func functionBehind(_ value: Value, _ name: String) throws -> Value? {
        guard Interpreter.isNoFunction(value) else { return nil }
        // The user's own first, else the library's.
        for found in [try globals.value(name), globals.baseValueIfReady(name)] {
            switch found {
            case .function?, .builtin?: return found
            default: continue
            }
        }
        return nil
    }

    static func isNoFunction(_ value: Value) -> Bool {
        switch value {
        case .number, .bool, .text, .none, .tensor, .unbound: true
        default: false
        }
    }
}
