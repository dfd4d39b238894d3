import Glibc

/// What the process was started with.
public enum Environment {
    /// An environment variable; nil where it is not set or empty.
    public static func value(_ name: String) -> String? {
        guard let text = getenv(name) else { return nil }
        let value = String(cString: text)
        return value.isEmpty ? nil : value
    }

    /// Whether drawings may use more than ASCII, by the locale and the terminal.
    public static let isUnicode: Bool = {
        setlocale(LC_CTYPE, "")
        let charset = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } ?? ""
        return charset.uppercased().contains("UTF") && value("TERM") != "dumb"
    }()
}
