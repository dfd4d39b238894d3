/// The arguments of one call, as the places of a template use them up.
struct ForeignPlaces {
    private let rewriter: ForeignRewriter
    private let receiver: Expression?
    private let positional: [Expression]
    private let named: [(name: String, value: Expression)]
    private var used: Set<String> = []
    /// Whether a size is one number for both sides: `[3, 3]` is 3.
    var hasOneSide = false

    init(_ rewriter: ForeignRewriter, _ arguments: [Argument], _ receiver: Expression?) {
        self.rewriter = rewriter
        self.receiver = receiver
        positional = arguments.filter { $0.name == nil }.map(\.value)
        named = arguments.compactMap { one in one.name.map { ($0.text, one.value) } }
    }

    /// The template with the arguments in it; nil where a place stays empty.
    mutating func fill(_ pieces: [ForeignCalls.Piece]) -> String? {
        var written = ""
        for piece in pieces {
            switch piece {
            case .text(let text): written += text
            case .place(let keys, let standard):
                guard let text = first(of: keys) ?? standard else { return nil }
                written += text
            case .optional(let inner):
                let before = used
                if let text = fill(inner) { written += text } else { used = before }
            }
        }
        return written.replacing("(, ", with: "(")
    }

    private mutating func first(of keys: [String]) -> String? {
        for key in keys {
            if let text = value(key) { return text }
        }
        return nil
    }

    /// The argument at a place, or of a name.
    private func argument(_ key: some StringProtocol) -> Expression? {
        if let place = Int(key) { return positional[safe: place] }
        return named.first { $0.name == key }?.value
    }

    private mutating func value(_ key: String) -> String? {
        switch key {
        case "self": return receiver.flatMap(primary)
        case "*", "*~", "*\"", ">>": return rest(key)
        case "pad": return padding()
        case "0>>":
            used.insert("0")
            return positional.first.map(rewriter.stages(before:)) ?? ""
        default: break
        }
        if key.hasPrefix("1-") {
            let name = String(key.dropFirst(2))
            guard let x = argument(name)?.plainNumber, x > 0, x < 1 else { return nil }
            used.insert(name)
            return formatNumber(((1 - x) * 1e6).rounded() / 1e6)
        }
        let signs: Set<Character> = ["'", "\"", "(", "%", "&"]
        let sign = key.first.flatMap { signs.contains($0) ? $0 : nil }
        let bare = sign == nil ? key[...] : key.dropFirst()
        let name = String(bare.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        guard let value = argument(name), let text = text(value, sign, String(bare.dropFirst(name.count))) else {
            return nil
        }
        used.insert(name)
        return text
    }

    /// An argument as a place wants it: by the sign before its key, and what follows the key.
    private func text(_ value: Expression, _ sign: Character?, _ form: String) -> String? {
        switch sign {
        case "'": return value.plainText.flatMap(stage)
        case "\"": return value.plainText == nil ? nil : rewriter.source.text(value.span)
        case "(": return primary(value)
        case "&" where form == ">0":
            guard case .call(_, let inner, _) = value.kind, let first = inner.first else { return nil }
            return path(first.value)
        case "&": return path(value)
        case "%":
            if let x = value.plainNumber { return formatNumber(((x / 100) * 1e9).rounded() / 1e9) }
            return primary(value).map { "\($0) / 100" }
        default: break
        }
        switch form {
        case "#" where value.plainNumber == nil: return nil
        case "#w":
            return value.plainNumber.flatMap { x in x == x.rounded() ? formatNumber(x) : nil }
        case "#-":
            return value.plainNumber.flatMap { x in x == x.rounded() && x >= 1 ? formatNumber(x - 1) : nil }
        case "#+":
            return value.plainNumber.flatMap { x in x == x.rounded() ? formatNumber(x + 1) : nil }
        case "~": return opened(value)
        case "@0", "@1":
            guard case .bracket(let items) = value.kind, items.count == 2 else { return nil }
            return (form == "@0" ? items.first : items.last).flatMap { rewriter.text($0) }
        case ".": return net(value)
        case ">0":
            guard case .call(_, let inner, _) = value.kind, let first = inner.first else { return nil }
            return rewriter.text(first.value)
        default: break
        }
        if hasOneSide, case .bracket(let sides) = value.kind, let side = sides.first?.plainNumber, sides.count == 2,
            sides[1].plainNumber == side
        {
            return formatNumber(side)
        }
        // A text's form of padding is the same in small letters.
        if let padding = value.plainText?.lowercased(), ["same", "valid"].contains(padding) { return "\"\(padding)\"" }
        return rewriter.text(value)
    }

    /// A path for a net: of a file in another library's form, the same with siam's ending.
    private func path(_ value: Expression) -> String? {
        guard let text = value.plainText, let dot = text.lastIndex(of: "."),
            ["pt", "pth", "pkl", "h5", "hdf5", "keras", "ckpt", "bin", "mat", "rds", "bson", "jld2"].contains(
                text[text.index(after: dot)...].lowercased())
        else { return rewriter.text(value) }
        return "\"\(text[..<dot]).npz\""
    }

    /// A net, also where its parameters are named: `net.state_dict()`.
    private func net(_ value: Expression) -> String? {
        var inner = value
        if case .call(let callee, let given, _) = inner.kind, given.isEmpty { inner = callee }
        if case .field(let owner, let name) = inner.kind,
            ["state_dict", "parameters", "params", "get_weights"].contains(name.text)
        {
            return rewriter.text(owner)
        }
        if case .record = value.kind { return nil }
        return rewriter.text(value)
    }

    /// Something that a point, a bracket or an operator may follow.
    private func primary(_ e: Expression) -> String? { rewriter.text(e).map { ForeignRewriter.enclosed($0) } }

    /// The items of a list that is written here; any other value as it is.
    private func opened(_ e: Expression) -> String? {
        guard case .bracket(let items) = e.kind, !items.isEmpty else { return rewriter.text(e) }
        let texts = items.compactMap { rewriter.text($0) }
        return texts.count == items.count ? texts.joined(separator: ", ") : nil
    }

    private mutating func rest(_ key: String) -> String? {
        var items: [Expression] = []
        for (k, value) in positional.enumerated() where !used.contains("\(k)") {
            used.insert("\(k)")
            if key.hasPrefix("*") == false || key == "*~", case .bracket(let inner) = value.kind, positional.count == 1
            {
                items += inner
            } else {
                items.append(value)
            }
        }
        // print ends its line by itself.
        if key == "*\"", let last = items.last, rewriter.source.text(last.span) == "\"\\n\"" { items.removeLast() }
        let texts = items.compactMap { rewriter.text($0) }
        guard texts.count == items.count, !items.isEmpty || key.hasPrefix("*") && key != "*~" else { return nil }
        return texts.joined(separator: key == ">>" ? " >> " : ", ")
    }

    /// Rows of zeros around an image: none where nothing is said, and siam's "same" where their number keeps the size.
    private mutating func padding() -> String? {
        let isFifth = argument("kernel_size") == nil && positional.count > 4
        guard let value = argument("padding") ?? (isFifth ? positional[4] : nil) else { return "\"valid\"" }
        used.insert("padding")
        if isFifth { used.insert("4") }
        if let text = value.plainText?.lowercased() { return ["same", "valid"].contains(text) ? "\"\(text)\"" : nil }
        var rows = value.plainNumber
        if case .bracket(let sides) = value.kind, sides.count == 2, sides[0].plainNumber == sides[1].plainNumber {
            rows = sides[0].plainNumber
        }
        if rows == 0 { return "\"valid\"" }
        // With a stride the zeros would lie at other sides than siam's.
        let stride = argument("stride") ?? argument("strides") ?? positional[safe: 3]
        guard (stride?.plainNumber ?? 1) == 1 else { return nil }
        var size = (argument("kernel_size") ?? positional[safe: 2])?.plainNumber
        if case .bracket(let sides)? = (argument("kernel_size") ?? positional[safe: 2])?.kind {
            size = sides.first?.plainNumber
        }
        let spread = argument("dilation")?.plainNumber ?? 1
        guard let rows, let size, rows * 2 == spread * (size - 1) else { return nil }
        return "\"same\""
    }

    private func stage(_ word: String) -> String? {
        let own = ForeignTable.byWord[word]?.name ?? word.lowercased()
        return rewriter.isKnown(own) ? own : nil
    }

    /// The stage behind a layer that was given its activation as an argument.
    var activation: String? {
        guard let value = named.first(where: { ForeignPlaces.activations.contains($0.name) })?.value else {
            return nil
        }
        var word = value.plainText
        if case .name(let name) = value.kind { word = name }
        if case .field(_, let last) = value.kind { word = last.text }
        let own = word.flatMap(stage)
        return own == "linear" || own == "identity" ? nil : own
    }

    private static let activations: Set<String> = ["activation", "activation_fn", "nonlinearity"]

    /// Whether an argument may be left out by one entry of a line.
    private func mayGo(_ one: Substring, _ key: String, _ value: Expression) -> Bool {
        let entry = one.first == "!" ? one.dropFirst() : one
        let parts = entry.split(separator: "=", maxSplits: 1)
        guard let head = parts.first else { return false }
        if parts.count == 1 {
            switch head {
            case "\(key)'":
                if case .bracket(let items) = value.kind { return items.count == 1 }
                return true
            case "\(key)#": return value.plainNumber != nil
            default: return head == key
            }
        }
        guard head == key, let wanted = parts.last else { return false }
        let text = rewriter.source.text(value.span).filter { $0 != " " }
        let plain = value.plainText.map { "\"\($0)\"" }
        return text == wanted || text.lowercased() == wanted || plain == String(wanted)
            || value.plainNumber != nil && value.plainNumber == Double(wanted)
    }

    /// Whether what a line demands in so many words is there.
    func isMeant(_ dropped: [Substring]) -> Bool {
        dropped.allSatisfy { one in
            guard one.first == "!" else { return true }
            let entry = one.dropFirst()
            if entry.first == "~" {
                return rewriter.source.kind == .file && !rewriter.source.text.contains(entry.dropFirst())
            }
            if entry == "^" { return !(named.isEmpty && ForeignCalls.startsWithNet(positional)) }
            if entry == "\"" { return positional.contains { $0.plainText != nil } }
            if entry.hasSuffix("->") {
                guard case .lambda? = argument(entry.dropLast(2))?.kind else { return false }
                return true
            }
            // A number of rows: `len(d)`, `x.shape[0]`.
            if entry.hasSuffix("()") {
                switch argument(entry.dropLast(2))?.kind {
                case .call(let callee, _, _)?: return callee.kind == .name("len")
                case .index(let owner, _)?:
                    if case .field(_, let name) = owner.kind { return name.text == "shape" }
                    return false
                default: return false
                }
            }
            // A vector of numbers, or a list that begins with one.
            if entry.hasSuffix("v") {
                guard case .bracket(let items)? = argument(entry.dropLast())?.kind else { return false }
                var first = items
                if case .bracket(let inner)? = items.first?.kind { first = inner }
                return !first.isEmpty && first.allSatisfy { $0.plainNumber != nil }
            }
            if entry.hasSuffix("[") { return argument(entry.dropLast()).map { $0.plainNumber == nil } ?? false }
            let key = entry.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return argument(key).map { mayGo(one, String(key), $0) } ?? false
        }
    }

    /// Whether every argument has been used, or may be left out.
    func isSpent(_ dropped: [Substring]) -> Bool {
        for (k, value) in positional.enumerated()
        where !used.contains("\(k)") && !dropped.contains(where: { mayGo($0, "\(k)", value) }) {
            return false
        }
        for (name, value) in named where !used.contains(name) && !ForeignCalls.idle.contains(name) {
            if ForeignPlaces.activations.contains(name), activation != nil || value.plainText == "linear" { continue }
            if !dropped.contains(where: { mayGo($0, name, value) }) { return false }
        }
        return true
    }

    /// What is known of the arguments that no line takes.
    var unspent: [String] { named.compactMap { ForeignCalls.unspent[$0.name] } }
}
