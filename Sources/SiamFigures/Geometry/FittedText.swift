import SiamLanguage

/// The text cut to a number of terminal columns.
func shortened(_ text: String, _ most: Int) -> String {
    guard displayWidth(text) > most else { return text }
    var out = ""
    var used = 0
    for sign in text {
        let wide = displayWidth(String(sign))
        if used + wide > most - 2 { break }
        out.append(sign)
        used += wide
    }
    return out + ".."
}

/// A sentence wrapped at blanks into lines of at most `width` columns.
func wrapped(_ text: String, _ width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
        if let last = lines.last, displayWidth(last) + 1 + displayWidth(String(word)) <= width {
            lines[lines.count - 1] = last + " " + word
        } else {
            lines.append(shortened(String(word), width))
        }
    }
    return lines
}
