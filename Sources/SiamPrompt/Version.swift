import CVersion

/// Which siam this is.
public enum Version {
    /// `0.3.0`.
    public static let number = String(cString: siam_version())
    /// `siam 0.3.0`.
    public static let name = "siam " + number
    /// `siam 0.3.0 (a1b2c3d)`, the commit as far as the build was told.
    public static let full = name + " (" + String(cString: siam_commit()) + ")"
}
