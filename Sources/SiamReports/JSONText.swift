import SiamLanguage

/// JSON that may be embedded in a page's script.
enum JSONText {
    static func number(_ x: Double) -> String { x.isFinite ? formatNumber(x) : "null" }

    static func numbers(_ xs: [Double]) -> String { "[" + xs.map(number).joined(separator: ",") + "]" }

    /// Six digits that count are enough for what is shown.
    static func short(_ xs: [Double]) -> String {
        "["
            + xs.map { x in
                guard x.isFinite else { return "null" }
                return ((try? formatNumber(x, spec: ".6g")) ?? formatNumber(x)).replacing("e+", with: "e")
            }.joined(separator: ",") + "]"
    }

    static func text(_ s: String) -> String {
        var out = "\""
        for scalar in s.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            // The end of a script could hide in a name.
            case "<": out += "\\u003c"
            case "&": out += "\\u0026"
            case "\u{2028}": out += "\\u2028"
            case "\u{2029}": out += "\\u2029"
            default:
                if scalar.value < 32 {
                    out += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }

    static func texts(_ xs: [String]) -> String { "[" + xs.map(text).joined(separator: ",") + "]" }
}
