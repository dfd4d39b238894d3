/// Text that comes from outside, a class's name or a file's, with every sign that a terminal would obey written out:
/// control characters but for line ends and tabs as `^[`, those beyond ASCII and what turns the direction of writing as
/// `\u{9b}`.
public func visibleText(_ text: String) -> String {
    guard holdsControls(text) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars { shown += visible(scalar) }
    return shown
}

/// What is shown for one scalar: itself, or its name.
func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 9, 10: String(scalar)
    case 0..<32: "^" + String(Unicode.Scalar(UInt8(scalar.value) + 64))
    case 127: "^?"
    case 0x80...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: "\\u{" + String(scalar.value, radix: 16) + "}"
    default: String(scalar)
    }
}

private func holdsControls(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
        for (i, b) in bytes.enumerated() {
            if b < 32, b != 9, b != 10 { return true }
            if b == 127 { return true }
            // The first bytes of two-byte controls and of three-byte direction marks: the slow path distinguishes them.
            if b == 0xC2, i + 1 < bytes.count, bytes[i + 1] < 0xA0 { return true }
            if b == 0xE2, i + 1 < bytes.count, bytes[i + 1] == 0x80 || bytes[i + 1] == 0x81 { return true }
        }
        return false
    }
}

/// What is printed, with siam's own colours and nothing else that a terminal obeys.
/// - Parameter pictures: whether it may contain pictures in a terminal's own protocol.
public func terminalText(_ text: String, pictures: Bool = false) -> String {
    guard holdsControls(text) else { return text }
    let scalars = Array(text.unicodeScalars)
    var shown = ""
    var i = 0
    while i < scalars.count {
        let end = scalars[i] == "\u{1B}" ? sequenceEnd(scalars, i, pictures) : nil
        if let end {
            for k in i..<end { shown.unicodeScalars.append(scalars[k]) }
            i = end
        } else {
            shown += visible(scalars[i])
            i += 1
        }
    }
    return shown
}

/// Where an allowed control sequence ends that begins at an escape; nil where it is none.
private func sequenceEnd(_ s: [Unicode.Scalar], _ start: Int, _ pictures: Bool) -> Int? {
    guard start + 2 < s.count else { return nil }
    if s[start + 1] == "[" {
        var i = start + 2
        while i < s.count, s[i] == ";" || ("0"..."9").contains(s[i]) { i += 1 }
        return i < s.count && s[i] == "m" ? i + 1 : nil
    }
    guard pictures, ["_", "P", "]"].contains(s[start + 1]) else { return nil }
    let isKnown: Bool
    switch s[start + 1] {
    case "_": isKnown = s[start + 2] == "G"
    case "P": isKnown = s[start + 2] == "0" || s[start + 2] == "q"
    default:
        isKnown = String(String.UnicodeScalarView(s[(start + 2)..<min(s.count, start + 12)])).hasPrefix("1337;File=")
    }
    guard isKnown else { return nil }
    var i = start + 2
    var head = ""
    while i < s.count {
        if s[i] == "\u{07}" { return i + 1 }
        if s[i] == "\u{1B}" { return i + 1 < s.count && s[i + 1] == "\\" && !readsFile(head) ? i + 2 : nil }
        if s[i].value < 32 { return nil }
        if head.unicodeScalars.count < 80 { head.unicodeScalars.append(s[i]) }
        i += 1
    }
    return nil
}

/// Kitty's pictures may name a file for the terminal to read: siam's never do.
private func readsFile(_ head: String) -> Bool {
    let keys = head.prefix { $0 != ";" }
    return ["t=f", "t=t", "t=s"].contains { keys.contains($0) }
}
