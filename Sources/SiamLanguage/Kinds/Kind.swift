/// What a parameter takes, as its declaration says behind a colon: `margin : number >= 0 = 1`, `same : flags of a`,
/// `padding : "same" or "valid"`. Written once; the check of calls, `check`, help and completion read it.
public struct Kind: Sendable, Equatable {
    public enum Word: String, Sendable, CaseIterable {
        case any, number, whole, bool, text, function, net, list, record, tensor, dataset, optimizer, run, initialiser
        case schedule, none
        /// A function of two inputs.
        case distance
        /// Tensors by their axes: N x width, and one example alone.
        case rows, row
        /// Examples along the first axis: not one picture by itself.
        case batch
        /// One value for each row of another argument: 0 or 1, -1 or 1, a class number, the number of a column of it.
        case flags, signs, classes, columns
        /// Exactly the shape of another argument; that shape, or one that broadcasts to it.
        case like, matching
        /// Rows as long as those of another argument, however many.
        case wide
        /// Scores of any size: not what a softmax or a sigmoid has made of them.
        case logits

        /// Whether it speaks of another argument.
        public var isRelative: Bool {
            switch self {
            case .flags, .signs, .classes, .columns, .like, .matching, .wide: true
            default: false
            }
        }
    }

    public struct Bound: Sendable, Equatable {
        public enum Sign: String, Sendable { case above = ">", from = ">=", below = "<", upTo = "<=" }
        public var sign: Sign
        public var limit: Double
        /// The parameter that is the limit, where it is one: `< classes`.
        public var name: String?

        public func holds(_ x: Double) -> Bool {
            switch sign {
            case .above: x > limit
            case .from: x >= limit
            case .below: x < limit
            case .upTo: x <= limit
            }
        }
        /// Whether it is known to be broken: of a value that is not a number it is not.
        public func isBroken(by x: Double) -> Bool { !x.isNaN && !holds(x) }
    }

    public struct Alternative: Sendable, Equatable {
        /// Nil where it is one text, `literal`.
        public var word: Word?
        public var literal: String?
        /// The other parameter that a relative word speaks of.
        public var other: String?
        public var bounds: [Bound] = []
        /// Outside of these a value is allowed, and said to be unusual.
        public var usual: [Bound] = []
        /// Whether it is unusual for it to equal the other argument throughout.
        public var isUsuallyOther = false
    }

    public var alternatives: [Alternative]
    /// As written, blanks apart.
    public let text: String

    // MARK: Reading

    /// The kind that a text says; nil with the word that is none.
    public static func read(_ text: String) -> (kind: Kind?, wrong: String) {
        // Letter by letter in bytes: what all the built-ins take is read at every start.
        var words: [String] = []
        var current: [UInt8] = []
        var isQuoted = false
        func isSign(_ c: UInt8) -> Bool {
            c == UInt8(ascii: ">") || c == UInt8(ascii: "<") || c == UInt8(ascii: "=")
        }
        func close() {
            if !current.isEmpty { words.append(String(decoding: current, as: UTF8.self)) }
            current.removeAll(keepingCapacity: true)
        }
        for c in text.utf8 {
            if c == UInt8(ascii: "\"") {
                isQuoted.toggle()
                current.append(c)
            } else if isQuoted {
                current.append(c)
            } else if c == UInt8(ascii: " ") || c == UInt8(ascii: "\n") || c == UInt8(ascii: "\t") {
                close()
            } else {
                if let last = current.last, isSign(c) != isSign(last) { close() }
                current.append(c)
            }
        }
        close()
        var found: [Alternative] = []
        var rest = words[...]
        func bounds() -> [Bound]? {
            var bounds: [Bound] = []
            while let first = rest.first, let sign = Bound.Sign(rawValue: first) {
                guard rest.count > 1 else { return nil }
                let limit = rest[rest.startIndex + 1]
                if let number = Double(limit.filter { $0 != "_" }) {
                    bounds.append(Bound(sign: sign, limit: number))
                } else {
                    guard limit.first?.isLetter == true else { return nil }
                    bounds.append(Bound(sign: sign, limit: .nan, name: limit))
                }
                rest = rest.dropFirst(2)
            }
            return bounds
        }
        while let first = rest.popFirst() {
            var one = Alternative()
            if first.hasPrefix("\""), first.hasSuffix("\""), first.utf8.count >= 2 {
                one.literal = String(first.dropFirst().dropLast())
            } else if let word = Word(rawValue: first) {
                one.word = word
                if word.isRelative {
                    if rest.first == "of" || (word == .wide && rest.first == "as") { rest = rest.dropFirst() }
                    guard let other = rest.popFirst() else { return (nil, first) }
                    one.other = other
                }
                guard let limits = bounds() else { return (nil, rest.first ?? first) }
                one.bounds = limits
                if rest.first == "usually" {
                    rest = rest.dropFirst()
                    if rest.first == "other" {
                        rest = rest.dropFirst()
                        one.isUsuallyOther = true
                    } else {
                        guard let usual = bounds(), !usual.isEmpty else { return (nil, "usually") }
                        one.usual = usual
                    }
                }
            } else {
                return (nil, first)
            }
            found.append(one)
            if let next = rest.first {
                guard next == "or", rest.count > 1 else { return (nil, next) }
                rest = rest.dropFirst()
            }
        }
        guard !found.isEmpty else { return (nil, "") }
        return (Kind(alternatives: found, text: words.joined(separator: " ")), "")
    }

    /// What other languages call a kind.
    public static func meant(by word: String) -> String? {
        switch word.lowercased() {
        case "int", "integer", "int32", "int64", "long", "uint", "count": "whole"
        case "float", "float32", "float64", "double", "real", "num", "scalar": "number"
        case "str", "string": "text"
        case "boolean", "flag": "bool"
        case "array", "ndarray", "matrix", "vector": "tensor"
        case "module", "model", "layer", "network": "net"
        case "callable", "fn", "func", "closure": "function"
        case "dict", "dictionary", "map": "record"
        case "tuple", "sequence": "list"
        case "initializer": "initialiser"
        default: Word(rawValue: word.lowercased())?.rawValue ?? closest(to: word, in: Word.allCases.map(\.rawValue))
        }
    }

    /// Whether a function, or what one makes, may be given.
    public var takesFunctions: Bool {
        alternatives.contains { one in
            switch one.word {
            case .any, .function, .distance, .net, .initialiser, .schedule, .optimizer: true
            default: false
            }
        }
    }

    // MARK: Saying it

    /// In words: "a number above 0", "0 or 1 for each pair", "\"same\" or \"valid\"".
    public var described: String {
        let parts = alternatives.map(\.described)
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        let isOfTexts = alternatives.allSatisfy { $0.literal != nil }
        return parts.dropLast().joined(separator: ", ") + (isOfTexts ? " or " : ", or ") + last
    }
}

extension Kind.Alternative {
    var described: String {
        guard let word else { return "\"\(literal ?? "")\"" }
        let other = other ?? ""
        let noun =
            switch word {
            case .any: "anything"
            case .number: "a number"
            case .whole: "a whole number"
            case .bool: "true or false"
            case .text: "a text"
            case .function: "a function"
            case .net: "a net"
            case .list: "a list"
            case .record: "a record"
            case .tensor: "a tensor"
            case .dataset: "a data set"
            case .optimizer: "an optimizer"
            case .run: "a run"
            case .initialiser: "an initialiser"
            case .schedule: "a schedule"
            case .none: "none"
            case .distance: "a function of two inputs"
            case .rows: "a tensor N x width, a row each"
            case .row: "one row"
            case .batch: "a batch, examples along the first axis"
            case .flags: "0 or 1 for each pair"
            case .signs: "-1 or 1 for each number of \(other)"
            case .classes: "a class number for each row of \(other)"
            case .columns: "the number of a column of \(other) for each of its rows"
            case .like: "a tensor of the shape of \(other)"
            case .matching: "a tensor of the shape of \(other)"
            case .wide: "as wide as \(other)"
            case .logits: "logits, without softmax or sigmoid"
            }
        return noun + Kind.Alternative.said(bounds) + (usual.isEmpty ? "" : ", usually\(Kind.Alternative.said(usual))")
    }

    /// " >= 0, below 1".
    static func said(_ bounds: [Kind.Bound]) -> String {
        let limits = bounds.map { $0.name ?? formatNumber($0.limit) }
        if bounds.count == 2, bounds[0].sign == .from, bounds[1].sign == .upTo {
            return " from \(limits[0]) to \(limits[1])"
        }
        let parts = zip(bounds, limits).map { bound, limit in
            switch bound.sign {
            case .above: "above \(limit)"
            case .from: ">= \(limit)"
            case .below: "below \(limit)"
            case .upTo: "up to \(limit)"
            }
        }
        return parts.isEmpty ? "" : " " + parts.joined(separator: ", ")
    }
}
