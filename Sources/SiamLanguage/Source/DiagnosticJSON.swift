/// Diagnostics as JSON.
extension Diagnostic {
    /// One line of JSON for editors: severity, code, message, labels with lines and columns from 1 (end excluded), notes,
    /// repair, edits, kept.
    public var json: String {
        func place(_ place: Place) -> String {
            let start = place.source.position(place.span.start)
            let end = place.source.position(place.span.end)
            return "\"file\":\(quoted(place.source.name)),\"line\":\(start.line),\"column\":\(start.column),"
                + "\"endLine\":\(end.line),\"endColumn\":\(end.column)"
        }
        var parts = [
            "\"severity\":\(quoted(severity.rawValue))", "\"code\":\(quoted(code))", "\"message\":\(quoted(message))",
            "\"labels\":[" + labels.map { "{\(place($0.place)),\"text\":\(quoted($0.text))}" }.joined(separator: ",")
                + "]",
            "\"notes\":[" + notes.map(quoted).joined(separator: ",") + "]",
        ]
        if let repair { parts.append("\"repair\":\(quoted(repair))") }
        let edits = edits.map { "{\(place($0.place)),\"replacement\":\(quoted($0.replacement))}" }
        parts.append("\"edits\":[" + edits.joined(separator: ",") + "]")
        if let kept { parts.append("\"kept\":\(quoted(kept))") }
        return "{" + parts.joined(separator: ",") + "}"
    }

    /// A JSON array, one diagnostic a line.
    public static func json(_ all: [Diagnostic]) -> String {
        all.isEmpty ? "[]" : "[\n" + all.map(\.json).joined(separator: ",\n") + "\n]"
    }
}

private func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": out += "\\\""
        case "\\": out += "\\\\"
        case "\n": out += "\\n"
        case "\t": out += "\\t"
        case "\r": out += "\\r"
        default:
            if scalar.value < 32 || scalar.value == 127 {
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }
    return out + "\""
}
