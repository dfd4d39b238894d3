/// Numbers as text: shortest forms that read back, and the formats of `"{x:.3}"`.

/// The shortest text that reads back as the same number. Whole numbers up to 1e15 have no point; very large and very small
/// ones have an exponent, `1e-5`; `nan`, `inf`, `-inf`.
public func formatNumber(_ x: Double) -> String {
    if !x.isFinite { return x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }
    return layOut(x.description)
}

/// As `formatNumber`, for numbers of 32 bits: 0.1 and not 0.10000000149011612.
public func formatFloat(_ x: Float) -> String {
    if !x.isFinite { return x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }
    return layOut(x.description)
}

/// A number by a format such as `.3`, `8.2`, `>8`, `.1%`, `.3e`, `.3g`. An unknown format is a `Diagnostic` that says which exist.
public func formatNumber(_ x: Double, spec: String) throws -> String { try NumberSpec(parsing: spec).format(x) }

/// The shortest digits, as the standard library finds them, laid out in siam's way.
private func layOut(_ description: String) -> String {
    let (isNegative, digits, exponent) = decimal(description)
    let sign: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
    let zero = UInt8(ascii: "0")
    let point = UInt8(ascii: ".")
    if digits == [zero] { return isNegative ? "-0" : "0" }
    var text = sign
    let isWholeThousandTrillion = exponent == 15 && digits == [UInt8(ascii: "1")]
    if exponent < -4 || (exponent >= 15 && !isWholeThousandTrillion) {
        text.append(digits[0])
        if digits.count > 1 { text += [point] + digits[1...] }
        return String(decoding: text, as: UTF8.self) + "e\(exponent)"
    }
    if exponent < 0 {
        text += [zero, point] + [UInt8](repeating: zero, count: -exponent - 1) + digits
    } else if digits.count <= exponent + 1 {
        text += digits + [UInt8](repeating: zero, count: exponent + 1 - digits.count)
    } else {
        text += digits[0...exponent] + [point] + digits[(exponent + 1)...]
    }
    return String(decoding: text, as: UTF8.self)
}

/// Sign, significant digits without zeros at the ends, and the power of ten of the first of them.
private func decimal(_ description: String) -> (isNegative: Bool, digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var isNegative = false
    var point: Int?
    var shift = 0
    var bytes = Array(description.utf8)[...]
    if bytes.first == UInt8(ascii: "-") {
        isNegative = true
        bytes = bytes.dropFirst()
    }
    while let byte = bytes.first {
        bytes = bytes.dropFirst()
        if byte == UInt8(ascii: ".") {
            point = digits.count
        } else if byte == UInt8(ascii: "e") {
            shift = Int(String(decoding: bytes, as: UTF8.self)) ?? 0
            break
        } else {
            digits.append(byte)
        }
    }
    let zero = UInt8(ascii: "0")
    var exponent = (point ?? digits.count) - 1 + shift
    while digits.count > 1, digits.first == zero {
        digits.removeFirst()
        exponent -= 1
    }
    while digits.count > 1, digits.last == zero { digits.removeLast() }
    return (isNegative, digits, digits == [zero] ? 0 : exponent)
}

/// A format of numbers: alignment, width, precision and style.
public struct NumberSpec: Sendable, Equatable {
    public enum Alignment: String, Sendable {
        case left = "<"
        case right = ">"
        case center = "^"
    }
    public enum Style: String, Sendable {
        case shortest = ""
        case fixed = "f"
        case exponent = "e"
        case general = "g"
        case percent = "%"
    }

    public var alignment = Alignment.right
    public var width = 0
    public var precision: Int?
    public var style = Style.shortest

    /// What formats there are, for help and for the message about one that is none.
    public static let forms: [(form: String, help: String)] = [
        (".3", "three decimals"), ("8.3", "at least eight wide"), ("<8", "to the left, also >8 and ^8"),
        (".3e", "with an exponent"), (".3g", "three significant digits"), (".1%", "as a percentage"),
    ]

    public init(parsing text: String) throws {
        var rest = Array(text.utf8)[...]
        while rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
        while rest.last == UInt8(ascii: " ") { rest = rest.dropLast() }
        let isEmpty = rest.isEmpty
        if let first = rest.first, let alignment = Alignment(rawValue: String(Unicode.Scalar(first))) {
            self.alignment = alignment
            rest = rest.dropFirst()
        }
        func number() -> Int? {
            var value: Int?
            while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                value = min((value ?? 0) * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
                rest = rest.dropFirst()
            }
            return value
        }
        let hasZero = rest.first == UInt8(ascii: "0") && rest.count > 1
        width = number() ?? 0
        var isWhole = !isEmpty && width <= 1000 && !hasZero
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            precision = number()
            style = .fixed
            if precision == nil || (precision ?? 0) > 100 { isWhole = false }
        }
        if let last = rest.first, let style = Style(rawValue: String(Unicode.Scalar(last))), style != .shortest {
            self.style = style
            rest = rest.dropFirst()
        }
        guard isWhole, rest.isEmpty else {
            throw Diagnostic(
                code: "format.unknown", "numbers have no format \(text.isEmpty ? "that is empty" : text)",
                notes: ["there are  " + NumberSpec.forms.map { "\($0.form) (\($0.help))" }.joined(separator: ", ")])
        }
    }

    /// The number in this format, rounded to nearest from its exact value, ties to even.
    public func format(_ x: Double) -> String { pad(bare(x)) }

    /// Blanks up to the width, by the alignment.
    public func pad(_ text: String) -> String {
        let missing = width - text.count
        guard missing > 0 else { return text }
        let left: Int =
            switch alignment {
            case .left: 0
            case .right: missing
            case .center: missing / 2
            }
        return String(repeating: " ", count: left) + text + String(repeating: " ", count: missing - left)
    }

    private func bare(_ x: Double) -> String {
        guard x.isFinite else { return formatNumber(x) + (style == .percent ? "%" : "") }
        switch style {
        case .shortest: return formatNumber(x)
        case .fixed: return fixed(x, precision ?? 6)
        case .percent: return fixed(x, precision ?? 0, shift: 2) + "%"
        case .exponent:
            let (digits, exponent) = significant(x, (precision ?? 6) + 1)
            return sign(x) + scientific(digits, exponent)
        case .general:
            let count = max(1, precision ?? 6)
            var (digits, exponent) = significant(x, count)
            while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
            if exponent < -4 || exponent >= count { return sign(x) + scientific(digits, exponent) }
            let decimals = max(0, digits.count - 1 - exponent)
            return fixed(x, decimals)
        }
    }

    private func sign(_ x: Double) -> String { x.sign == .minus ? "-" : "" }

    private func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
        let first = String(decoding: digits.prefix(1), as: UTF8.self)
        let rest = String(decoding: digits.dropFirst(), as: UTF8.self)
        return first + (rest.isEmpty ? "" : "." + rest) + "e\(exponent)"
    }

    private func fixed(_ x: Double, _ decimals: Int, shift: Int = 0) -> String {
        var digits = WholeNumber.digits(of: x, timesTenTo: decimals + shift)
        while digits.count <= decimals { digits.insert(UInt8(ascii: "0"), at: 0) }
        let whole = String(decoding: digits.dropLast(decimals), as: UTF8.self)
        let part = String(decoding: digits.suffix(decimals), as: UTF8.self)
        // Nothing is minus nothing: -0.001 with two decimals is 0.00.
        let isZero = digits.allSatisfy { $0 == UInt8(ascii: "0") }
        return (isZero ? "" : sign(x)) + whole + (decimals > 0 ? "." + part : "")
    }

    /// So many digits that count, and the power of ten of the first.
    private func significant(_ x: Double, _ count: Int) -> (digits: [UInt8], exponent: Int) {
        guard x != 0 else { return ([UInt8](repeating: UInt8(ascii: "0"), count: count), 0) }
        var exponent = decimal(x.description).exponent
        while true {
            let digits = WholeNumber.digits(of: x, timesTenTo: count - 1 - exponent)
            // Rounding may carry into a further digit, and the shortest form may lie above the exact value.
            if digits.count > count {
                exponent += 1
            } else if digits.count < count {
                exponent -= 1
                let below = WholeNumber.digits(of: x, timesTenTo: count - 1 - exponent)
                if below.count > count { return (digits + [UInt8(ascii: "0")], exponent + 1) }
            } else {
                return (digits, exponent)
            }
        }
    }
}

/// A whole number of any size, lowest part first: the exact value of a double times a power of ten fits in no machine word.
private struct WholeNumber {
    var parts: [UInt32]

    init(_ value: UInt64) { parts = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)] }

    /// The decimal digits of |x| times 10 to a power, to the nearest whole number, ties to even.
    static func digits(of x: Double, timesTenTo power: Int) -> [UInt8] {
        var rest = inOneWord(x, timesTenTo: power)
        guard rest != nil else { return rounding(x, timesTenTo: power).digits }
        var found: [UInt8] = []
        while let more = rest, more > 0 || found.isEmpty {
            found.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: more % 10))
            rest = more / 10
        }
        return found.reversed()
    }

    private static let tens: [UInt64] = (0..<20).map { (0..<$0).reduce(1) { t, _ in t * 10 } }

    /// The same number where it and what it is made of have room in one and two machine words, as those of most texts do.
    private static func inOneWord(_ x: Double, timesTenTo power: Int) -> UInt64? {
        let shift = 1075 - Int(x.exponentBitPattern)
        guard power >= 0, power < tens.count, shift > 0, shift < 128, x.exponentBitPattern > 0 else { return nil }
        let (high, low) = (UInt64(x.significandBitPattern) | 1 << 52).multipliedFullWidth(by: tens[power])
        let (whole, rest, half): (UInt64, (UInt64, UInt64), (UInt64, UInt64))
        if shift < 64 {
            guard high >> UInt64(shift) == 0 else { return nil }
            whole = high << UInt64(64 - shift) | low >> UInt64(shift)
            rest = (0, low & (1 << UInt64(shift) - 1))
            half = (0, 1 << UInt64(shift - 1))
        } else {
            whole = shift == 64 ? high : high >> UInt64(shift - 64)
            rest = (shift == 64 ? 0 : high & (1 << UInt64(shift - 64) - 1), low)
            half = shift == 64 ? (0, 1 << 63) : (1 << UInt64(shift - 65), 0)
        }
        guard whole < .max else { return nil }
        return rest > half || (rest == half && whole & 1 == 1) ? whole + 1 : whole
    }

    /// |x| times 10 to a power, to the nearest whole number, ties to even.
    static func rounding(_ x: Double, timesTenTo power: Int) -> WholeNumber {
        guard x != 0 else { return WholeNumber(0) }
        let isNormal = x.exponentBitPattern != 0
        let mantissa = UInt64(x.significandBitPattern) | (isNormal ? 1 << 52 : 0)
        let binary = (isNormal ? Int(x.exponentBitPattern) : 1) - 1075
        var number = WholeNumber(mantissa)
        var divisor = WholeNumber(1)
        for _ in 0..<max(0, power) { number.multiply(by: 10) }
        for _ in 0..<max(0, -power) { divisor.multiply(by: 10) }
        if binary >= 0 { number.shiftLeft(binary) } else { divisor.shiftLeft(-binary) }
        return number.dividedToNearest(by: divisor)
    }

    mutating func multiply(by factor: UInt32) {
        var carry: UInt64 = 0
        for i in parts.indices {
            let product = UInt64(parts[i]) * UInt64(factor) + carry
            parts[i] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { parts.append(UInt32(truncatingIfNeeded: carry)) }
    }

    mutating func shiftLeft(_ bits: Int) {
        let factor = UInt32(1) << UInt32(bits % 32)
        multiply(by: factor)
        parts.insert(contentsOf: [UInt32](repeating: 0, count: bits / 32), at: 0)
    }

    private var bitCount: Int {
        var top = parts.count
        while top > 0, parts[top - 1] == 0 { top -= 1 }
        return top == 0 ? 0 : top * 32 - parts[top - 1].leadingZeroBitCount
    }

    private static func isLess(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        for i in stride(from: max(a.count, b.count) - 1, through: 0, by: -1) {
            let x = i < a.count ? a[i] : 0
            let y = i < b.count ? b[i] : 0
            if x != y { return x < y }
        }
        return false
    }

    private mutating func subtract(_ other: [UInt32]) {
        var borrow: Int64 = 0
        for i in parts.indices {
            var value = Int64(parts[i]) - Int64(i < other.count ? other[i] : 0) - borrow
            borrow = value < 0 ? 1 : 0
            if value < 0 { value += 1 << 32 }
            parts[i] = UInt32(truncatingIfNeeded: value)
        }
    }

    private mutating func halve() {
        for i in parts.indices {
            parts[i] = parts[i] >> 1 | (i + 1 < parts.count ? parts[i + 1] << 31 : 0)
        }
    }

    /// By long division, bit for bit.
    private func dividedToNearest(by divisor: WholeNumber) -> WholeNumber {
        var rest = self
        var quotient = WholeNumber(0)
        let bits = bitCount - divisor.bitCount
        if bits >= 0 {
            var shifted = divisor
            shifted.shiftLeft(bits)
            quotient.parts = [UInt32](repeating: 0, count: bits / 32 + 1)
            for bit in stride(from: bits, through: 0, by: -1) {
                if !WholeNumber.isLess(rest.parts, shifted.parts) {
                    rest.subtract(shifted.parts)
                    quotient.parts[bit / 32] |= 1 << UInt32(bit % 32)
                }
                shifted.halve()
            }
        }
        rest.multiply(by: 2)
        let isAbove = WholeNumber.isLess(divisor.parts, rest.parts)
        let isTie = !isAbove && !WholeNumber.isLess(rest.parts, divisor.parts)
        if isAbove || (isTie && quotient.parts[0] & 1 == 1) { quotient.increment() }
        return quotient
    }

    private mutating func increment() {
        for i in parts.indices {
            let (sum, overflow) = parts[i].addingReportingOverflow(1)
            parts[i] = sum
            if !overflow { return }
        }
        parts.append(1)
    }

    /// Decimal digits, highest first; a lone 0 for zero.
    var digits: [UInt8] {
        var rest = parts
        var found: [UInt8] = []
        while rest.contains(where: { $0 != 0 }) {
            var remainder: UInt64 = 0
            for i in stride(from: rest.count - 1, through: 0, by: -1) {
                let value = remainder << 32 | UInt64(rest[i])
                rest[i] = UInt32(value / 1_000_000_000)
                remainder = value % 1_000_000_000
            }
            for _ in 0..<9 {
                found.append(UInt8(ascii: "0") + UInt8(remainder % 10))
                remainder /= 10
            }
        }
        while found.count > 1, found.last == UInt8(ascii: "0") { found.removeLast() }
        return found.isEmpty ? [UInt8(ascii: "0")] : found.reversed()
    }
}
