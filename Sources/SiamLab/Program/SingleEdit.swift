import Glibc
import SiamLanguage

/// A change of one place of a program's text, made without knowing what it is for.
struct SingleEdit {
    enum Kind: CaseIterable {
        /// A number, larger or smaller.
        case number
        /// A sign, a comparison, the order of operands, arguments or names.
        case order
        /// An axis: over the rows in place of the columns.
        case axis
        /// A sum in place of a mean, or the other way round; a mean inside in place of outside.
        case reduction
        /// A statement before another in place of behind it.
        case sequence
        /// An operation left out, or two that follow one another exchanged.
        case operation
        /// The size or the square of a difference in place of the difference.
        case difference
        /// Another variable of the same function, loop or training.
        case name
    }
    var kind: Kind
    var edits: [TextEdit]
    var label: String
    /// Of a number: where it stands, and what it is.
    var number: (place: TextEdit, value: Double)?
    /// An exchange of product and quotient, which switches a term off as easily as it turns it.
    var isFarFetched = false
    /// What people often confuse, as a squared distance with the distance.
    var isLikely = false
    /// `temperature = ` of a number, a flag or an axis that is given to a name.
    var owner = ""
    /// Other places of the same function or loop where the same number stands, that change with it.
    var beside: [TextEdit] = []

    /// The same place with the number times so much; nil where that would be no other number.
    func scaled(by factor: Double) -> SingleEdit? {
        guard let number else { return nil }
        var value = SingleEdit.roundest(number.value * factor)
        // A whole number may have to be one.
        if number.value == number.value.rounded(), abs(value) >= 1 { value = value.rounded() }
        guard value != number.value, value.isFinite else { return nil }
        var other = self
        let text = formatNumber(value)
        var place = number.place
        place.replacement = text
        other.edits =
            [place]
            + beside.map {
                var edit = $0
                edit.replacement = text
                return edit
            }
        other.label =
            owner + "\(text) instead of \(formatNumber(number.value))"
            + (beside.isEmpty ? "" : " in \(beside.count + 1) places")
        return other
    }

    private static func roundest(_ x: Double) -> Double { x < 0 ? -round(-x) : round(x) }

    /// How many letters are taken away and written; 2 of a number.
    var letters: Int {
        number == nil ? edits.reduce(0) { $0 + ($1.end - $1.start) + $1.replacement.utf8.count } : 2
    }
    func isOfSameNumber(as other: SingleEdit) -> Bool {
        guard let a = number?.place, let b = other.number?.place else { return false }
        return a.document == b.document && a.start == b.start && beside.count == other.beside.count
    }
    /// By how many decades a number is changed; 0 of anything else.
    var decades: Double {
        guard let number, let new = edits.first.flatMap({ Double($0.replacement) }), new != 0, number.value != 0 else {
            return 0
        }
        return abs(log10(abs(new / number.value)))
    }
    /// Whether a number is so much farther from 1 than before that its term is as good as switched off or all that counts:
    /// what is wrong may then stand elsewhere.
    var isRemote: Bool {
        if isFarFetched { return true }
        guard let number, let new = edits.first.flatMap({ Double($0.replacement) }), new != 0, number.value != 0 else {
            return false
        }
        return decades > 2 && abs(log10(abs(new))) > abs(log10(abs(number.value)))
    }
}

extension SingleEdit {
    /// Numbers first, then what turns something round, then what leaves something out.
    var rank: Int {
        switch kind {
        case .number: 0
        case .axis, .reduction: 1
        case .order: 2
        case .operation, .difference: 3
        case .name: 4
        case .sequence: 5
        }
    }
}
