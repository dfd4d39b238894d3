import SiamLanguage

/// One change of the program that would undo a fault, as edits of its text.
struct Change {
    /// In words: `lr = 2 instead of 20`.
    var label: String
    var edits: [TextEdit]
    /// Made in replays only: the program's text has no place for it, and the repair is said in words.
    var isExperiment = false
    /// A general improvement that repairs no particular fault; not used to confirm one where a specific change does as well.
    var isGeneric = false
    /// Removes the symptom by construction, although the measurement of the symptom is taken before the change acts.
    var isCertain = false
    /// The factor by which it makes the run longer.
    var lengthens = 1.0
    /// Might help by training less. That is a repair only where the net then beats its untrained copy.
    var trainsLess = false

    func with(edits: [TextEdit]) -> Change {
        var other = self
        other.edits = edits
        return other
    }
}

/// A number as a person writes it in a program: three digits.
func tidy(_ x: Double) -> String {
    guard x.isFinite else { return "1" }
    let text = (try? formatNumber(x, spec: ".3g")) ?? formatNumber(x)
    return Double(text).map { formatNumber($0) } ?? text
}
