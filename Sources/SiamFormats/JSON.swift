import SiamData

/// JSON (RFC 8259), of file headers and of messages; read strictly: no duplicate keys, a bounded depth.
public indirect enum JSON: Equatable, Sendable {
    case object([(String, JSON)])
    case array([JSON])
    case text(String)
    case number(Double)
    case bool(Bool)
    case null

    public static func == (a: JSON, b: JSON) -> Bool {
        switch (a, b) {
        case (.object(let x), .object(let y)): x.elementsEqual(y) { $0.0 == $1.0 && $0.1 == $1.1 }
        case (.array(let x), .array(let y)): x == y
        case (.text(let x), .text(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.bool(let x), .bool(let y)): x == y
        case (.null, .null): true
        default: false
        }
    }

    /// A member of an object.
    public subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == key }?.1
    }

    public var text: String? { if case .text(let value) = self { value } else { nil } }

    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// A whole number that any index may be compared with.
    public var whole: Int? {
        guard case .number(let value) = self, value == value.rounded(), abs(value) < 9e15 else { return nil }
        return Int(value)
    }

    public var number: Double? { if case .number(let value) = self { value } else { nil } }

    /// The elements of a list; none of anything else.
    public var elements: [JSON] { if case .array(let values) = self { values } else { [] } }

    /// The members of an object; none of anything else.
    public var members: [(String, JSON)] { if case .object(let members) = self { members } else { [] } }

    /// A list of whole numbers from 0.
    var wholeNumbers: [Int]? {
        guard case .array(let elements) = self else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .number(let value) = element, value >= 0, value == value.rounded(), value < 9e15 else {
                return nil
            }
            result.append(Int(value))
        }
        return result
    }

    /// A text in quotes. All JSON that siam writes gets its texts from here.
    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension JSON {
    /// A whole number as JSON.
    public static func whole(_ value: Int) -> JSON { .number(Double(value)) }

    /// An object without the members that are nil.
    public static func record(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }

    public static func texts(_ values: [String]) -> JSON { .array(values.map(JSON.text)) }

    /// The value in a text.
    public static func read(_ text: String) throws -> JSON { try read(Array(text.utf8)) }

    /// The value in the bytes of a message.
    public static func read(_ bytes: [UInt8]) throws -> JSON {
        var reader = JSONReader(bytes[...], path: "", deepest: 128)
        return try reader.value()
    }

    /// The value as text, on one line.
    public var line: String {
        var out = ""
        write(into: &out)
        return out
    }

    private func write(into out: inout String) {
        switch self {
        case .object(let members):
            out += "{"
            for (k, member) in members.enumerated() {
                if k > 0 { out += "," }
                out += JSON.quoted(member.0) + ":"
                member.1.write(into: &out)
            }
            out += "}"
        case .array(let elements):
            out += "["
            for (k, element) in elements.enumerated() {
                if k > 0 { out += "," }
                element.write(into: &out)
            }
            out += "]"
        case .text(let text): out += JSON.quoted(text)
        case .number(let x):
            if !x.isFinite {
                out += "null"
            } else if x == x.rounded(), abs(x) < 9e15 {
                out += String(Int(x))
            } else {
                out += "\(x)"
            }
        case .bool(let value): out += value ? "true" : "false"
        case .null: out += "null"
        }
    }
}

/// Reads JSON; a slice keeps the indices of the file, which messages name.
package struct JSONReader {
    let bytes: ArraySlice<UInt8>
    let path: String
    /// The greatest depth of nested brackets.
    private let deepest: Int
    private var at: Int
    /// Where the members of the outermost object begin.
    private(set) var places: [String: Int] = [:]

    package init(_ bytes: ArraySlice<UInt8>, path: String, deepest: Int = 32) {
        self.bytes = bytes
        self.deepest = deepest
        self.path = path
        at = bytes.startIndex
    }

    /// The one value; only blanks may follow.
    package mutating func value() throws -> JSON {
        let result = try value(depth: 0)
        blanks()
        guard at == bytes.endIndex else { throw bad("more follows after the header's end") }
        return result
    }

    private func bad(_ message: String) -> DataError {
        DataError(code: "json.form", message: "the header is not valid JSON: \(message)", path: path, place: .byte(at))
    }

    private mutating func blanks() {
        while at < bytes.endIndex, [32, 9, 10, 13].contains(bytes[at]) { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        blanks()
        guard at < bytes.endIndex, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard take(byte) else { throw bad("\(Character(UnicodeScalar(byte))) is expected here") }
    }

    private mutating func value(depth: Int) throws -> JSON {
        guard depth < deepest else { throw bad("it is nested too deeply") }
        blanks()
        guard at < bytes.endIndex else { throw bad("it ends too early") }
        switch bytes[at] {
        case 123: return try object(depth)
        case 91:
            at += 1
            var elements: [JSON] = []
            if take(93) { return .array([]) }
            repeat { elements.append(try value(depth: depth + 1)) } while take(44)
            try expect(93)
            return .array(elements)
        case 34: return .text(try text())
        case 45, 48...57:
            let from = at
            while at < bytes.endIndex, [43, 45, 46, 69, 101].contains(bytes[at]) || 48...57 ~= bytes[at] { at += 1 }
            guard let value = number(String(decoding: bytes[from..<at], as: UTF8.self)) else {
                at = from
                throw bad("this is not a number")
            }
            return .number(value)
        default:
            for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
            where bytes[at...].starts(with: word.utf8) {
                at += word.utf8.count
                return value
            }
            throw bad("a value is expected here")
        }
    }

    private mutating func object(_ depth: Int) throws -> JSON {
        at += 1
        var members: [(String, JSON)] = []
        var seen = Set<String>()
        if take(125) { return .object([]) }
        repeat {
            blanks()
            guard at < bytes.endIndex, bytes[at] == 34 else { throw bad("a name in quotes is expected here") }
            let place = at
            let name = try text()
            if depth == 0 { places[name] = place }
            guard seen.insert(name).inserted else { throw bad("the name \(name.prefix(40)) comes twice") }
            try expect(58)
            members.append((name, try value(depth: depth + 1)))
        } while take(44)
        try expect(125)
        return .object(members)
    }

    private mutating func text() throws -> String {
        at += 1
        var content: [UInt8] = []
        while at < bytes.endIndex, bytes[at] != 34 {
            if bytes[at] < 32 { throw bad("a text holds a control character") }
            if bytes[at] == 92 {
                at += 1
                content += String(try escaped()).utf8
            } else {
                content.append(bytes[at])
                at += 1
            }
        }
        guard at < bytes.endIndex else { throw bad("a text is not closed") }
        guard let text = String(validating: content, as: UTF8.self) else { throw bad("a text is not UTF-8") }
        at += 1
        return text
    }

    private mutating func escaped() throws -> Character {
        guard at < bytes.endIndex else { throw bad("a text is not closed") }
        let code = bytes[at]
        at += 1
        let plain: [UInt8: Character] = [
            34: "\"", 92: "\\", 47: "/", 98: "\u{8}", 102: "\u{c}", 110: "\n", 114: "\r", 116: "\t",
        ]
        if let character = plain[code] { return character }
        guard code == 117 else { throw bad("there is no such escape") }
        var unit = try hexUnit()
        if 0xD800..<0xDC00 ~= unit {
            guard bytes[at...].starts(with: [92, 117]) else { throw bad("an incomplete surrogate pair") }
            at += 2
            let low = try hexUnit()
            guard 0xDC00..<0xE000 ~= low else { throw bad("an incomplete surrogate pair") }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = UnicodeScalar(unit) else { throw bad("an incomplete surrogate pair") }
        return Character(scalar)
    }

    private mutating func hexUnit() throws -> UInt32 {
        guard at + 4 <= bytes.endIndex,
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw bad("four hexadecimal digits are expected here") }
        at += 4
        return value
    }
}
