import SiamFormats
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

    /// A text in which the end of a script cannot hide.
    static func text(_ s: String) -> String {
        JSON.quoted(s).replacing("<", with: "\\u003c").replacing("&", with: "\\u0026")
            .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
    }

    static func texts(_ xs: [String]) -> String { "[" + xs.map(text).joined(separator: ",") + "]" }
}
