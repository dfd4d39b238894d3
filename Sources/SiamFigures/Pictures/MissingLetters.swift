import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Letters of a figure that no font of this machine has: they are boxes in a PNG or PDF, and that is said.
enum MissingLetters {
    static func warning(of drawing: Drawing) -> Diagnostic? {
        var missing: [Unicode.Scalar] = []
        for item in drawing.items {
            guard case .text(let text, _, _, _, _, _) = item, !text.allSatisfy(StrokeFont.has) else { continue }
            for letter in text where !StrokeFont.has(letter) {
                for scalar in letter.unicodeScalars where !FontOutlines.has(scalar) && !missing.contains(scalar) {
                    missing.append(scalar)
                }
            }
        }
        guard let first = missing.first else { return nil }
        let shown = missing.prefix(6).map { String(Character($0)) }.joined(separator: " ")
        let (are, them) = missing.count == 1 ? ("it is a box", "it") : ("they are boxes", "them")
        return Diagnostic(
            .warning, code: "figure.letters",
            "no installed font has \(shown)\(missing.count > 6 ? " ..." : ""): \(are) in PNG and PDF",
            repair: "\(package(for: first)) has \(them), and an .svg uses the fonts of its viewer")
    }

    /// The Debian package of a font with the letter.
    static func package(for scalar: Unicode.Scalar) -> String {
        guard FontOutlines.has("\u{e9}") else { return "Debian's libfreetype6 with fonts-dejavu-core" }
        return switch scalar.value {
        case 0x2E80...0x9FFF, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFF:
            "Debian's fonts-noto-cjk"
        case 0x1F000...0x1FAFF, 0x2600...0x27BF: "Debian's fonts-symbola"
        default: "Debian's fonts-noto-core"
        }
    }
}
