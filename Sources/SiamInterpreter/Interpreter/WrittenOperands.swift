import SiamLanguage

/// Repairs of an operator that are made of its operands as the program writes them.
extension Interpreter {
    /// The operator under way, and the text that it stands in.
    private var operation: (site: Expression, code: Code)? {
        guard frameCount > 0 else { return nil }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1) else { return nil }
        return (site, code)
    }

    /// Whether a record holds what belongs to the weights of a net, such as their gradients.
    static func isOfWeights(_ r: Record) -> Bool {
        !r.names.isEmpty
            && zip(r.names, r.values).allSatisfy { name, value in
                guard name.contains(".") || name == "w" || name == "b" else { return false }
                if case .tensor = value { return true }
                return false
            }
    }

    /// The name on the right of the operator.
    func rightText() -> String? {
        guard let (site, code) = operation, case .binary(_, _, let right, _) = site.kind, case .name = right.kind else {
            return nil
        }
        return code.source.text(right.span)
    }

    /// `"step " + step + "."` as one text with its values in it.
    func valueInText() -> String? {
        guard let (site, code) = operation else { return nil }
        // A chain is worked out pair by pair: its widest part tells all of it.
        let whole =
            code.expressions.filter { e in
                guard case .binary(.add, _, _, _) = e.kind else { return false }
                return e.span.start <= site.span.start && site.span.end <= e.span.end
            }.max { $0.span.end - $0.span.start < $1.span.end - $1.span.start } ?? site
        var text = ""
        func gather(_ e: Expression) -> Bool {
            if case .binary(.add, let l, let r, _) = e.kind { return gather(l) && gather(r) }
            let written = code.source.text(e.span)
            if case .text = e.kind {
                guard written.hasPrefix("\""), written.hasSuffix("\""), written.utf8.count >= 2 else { return false }
                text += written.dropFirst().dropLast()
            } else {
                guard !written.contains("\""), !written.contains("{") else { return false }
                // A call that only made a text of its value is not needed.
                if case .call(let callee, let given, _) = e.kind, given.count == 1, given[0].name == nil,
                    case .name("text") = callee.kind
                {
                    text += "{\(code.source.text(given[0].value.span))}"
                } else {
                    text += "{\(written)}"
                }
            }
            return true
        }
        return gather(whole) && text.utf8.count <= 70 && !text.contains("\n") ? "\"\(text)\"" : nil
    }

    /// `"loss: %.3f" % x` as a text with its value in it.
    func formattedText() -> String? {
        guard let (site, code) = operation, case .binary(_, let left, let right, _) = site.kind else { return nil }
        let (form, value) = (code.source.text(left.span), code.source.text(right.span))
        guard form.hasPrefix("\""), let sign = form.firstIndex(of: "%"), !value.contains("\""), !value.contains("{")
        else { return nil }
        var rest = form[form.index(after: sign)...]
        var digits = ""
        while let c = rest.first, c.isNumber || c == "." {
            digits.append(c)
            rest = rest.dropFirst()
        }
        guard let letter = rest.first, "fdsgi".contains(letter), !rest.dropFirst().contains("%") else { return nil }
        let precision = digits.contains(".") && letter == "f" ? ":\(digits.drop { $0 != "." })" : ""
        let whole = "\(form[..<sign]){\(value)\(precision)}\(rest.dropFirst())"
        return whole.utf8.count <= 70 && !whole.contains("\n") ? whole : nil
    }

    /// What a loop goes over, as it is written.
    var iterated: String? {
        guard let (site, code) = operation else { return nil }
        let text = code.source.text(site.span)
        return text.utf8.count <= 30 && !text.contains("\n") ? text : nil
    }

    /// `table["lr"]`: a column is a field.
    func columnByName(_ v: Value) -> String? {
        guard case .text(let t) = v, let (site, code) = operation, case .index(let owner, _) = site.kind,
            case .name(let name) = owner.kind
        else { return nil }
        if case .layer(let net)? = globals.valueIfReady(name) {
            return net.children.contains { $0.name == t.string } ? "a stage is a field:  \(name).\(t.string)" : nil
        }
        guard case .thing(let table)? = globals.valueIfReady(name),
            table.fieldNames.contains(t.string)
        else { return nil }
        return "a column is a field:  \(code.source.text(owner.span)).\(t.string)"
    }

    /// Both sides of the operator, as they are written.
    var operandTexts: String? {
        guard let (site, code) = operation, case .binary(_, let left, let right, _) = site.kind else { return nil }
        let texts = "\(code.source.text(left.span)), \(code.source.text(right.span))"
        return texts.utf8.count <= 50 && !texts.contains("\n") ? texts : nil
    }

    /// `losses + [l]` of a list: the element is pushed.
    var pushed: String? {
        guard let (site, code) = operation, case .binary(_, let left, let right, _) = site.kind,
            case .name(let name) = left.kind, case .bracket(let items) = right.kind, items.count == 1
        else { return nil }
        let item = code.source.text(items[0].span)
        return item.utf8.count <= 40 && !item.contains("\n") ? "\(name) = \(name).push(\(item))" : nil
    }
}
