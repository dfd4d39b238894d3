import CCodecs

/// The outlines of a text in a font of the system.
public struct FontOutlines: Sendable {
    public struct Path: Sendable {
        public let points: [(x: Double, y: Double)]
    }
    /// Closed paths, the beginning of the ground line at 0, down positive, for letters of size 1.
    public let paths: [Path]
    public let width: Double

    /// Whether some font of the system has the letter.
    public static func has(_ scalar: Unicode.Scalar) -> Bool {
        isSilent(scalar) || siam_letter_is_known(scalar.value) != 0
    }

    /// Characters that join or turn their neighbours have no outline.
    private static func isSilent(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .format || scalar.properties.isVariationSelector
    }

    /// Nil where no font of the system has every letter, or FreeType is not installed.
    public init?(_ text: String) {
        var paths: [Path] = []
        var along = 0.0
        let letter = UnsafeMutablePointer<siam_letter>.allocate(capacity: 1)
        letter.initialize(to: siam_letter())
        defer { letter.deallocate() }
        for scalar in text.unicodeScalars {
            if FontOutlines.isSilent(scalar) { continue }
            guard siam_letter_outline(scalar.value, letter) != 0 else { return nil }
            var from = 0
            for c in 0..<Int(letter.pointee.contour_count) {
                let to = withUnsafeBytes(of: &letter.pointee.ends) { Int($0.bindMemory(to: Int32.self)[c]) }
                var points: [(x: Double, y: Double)] = []
                withUnsafeBytes(of: &letter.pointee.x) { xs in
                    withUnsafeBytes(of: &letter.pointee.y) { ys in
                        let (x, y) = (xs.bindMemory(to: Float.self), ys.bindMemory(to: Float.self))
                        for k in from..<max(from, to) { points.append((along + Double(x[k]), Double(y[k]))) }
                    }
                }
                paths.append(Path(points: points))
                from = to
            }
            along += Double(letter.pointee.advance)
        }
        self.paths = paths
        width = along
    }
}
