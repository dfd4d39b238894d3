import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension Figures {
    /// Writes a figure as SVG, PNG or PDF, by the path's ending; what is to be said of letters that it could not draw.
    @discardableResult
    package static func write(_ figure: Figure, _ path: String, isDark: Bool = false) throws -> Diagnostic? {
        let lower = path.lowercased()
        let drawing = try InterruptibleWork.run(size: .max) { Plan.drawing(figure) }
        if lower.hasSuffix(".svg") {
            let text = SVG.text(drawing)
            // Drawing stops at an interrupt: an incomplete picture is not written.
            try Interrupt.poll()
            try WholeFile.write(Array(text.utf8), path)
            return nil
        } else if lower.hasSuffix(".png") {
            let png = try InterruptibleWork.run(size: .max) { try Raster(drawing, isDark: isDark).picture().png() }
            try WholeFile.write(png, path)
        } else if lower.hasSuffix(".pdf") {
            let bytes = PDF.bytes(drawing)
            try Interrupt.poll()
            try WholeFile.write(bytes, path)
        } else {
            let folder = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            let stem = path[folder...].lastIndex(of: ".").map { String(path[..<$0]) } ?? path
            throw Diagnostic(
                code: "save.form", "a figure is saved as .svg, .png or .pdf, and got \"\(path)\"",
                repair: "with one of these endings:  \"\(stem).svg\"")
        }
        return MissingLetters.warning(of: drawing)
    }
}
