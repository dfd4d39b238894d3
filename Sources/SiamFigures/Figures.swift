import SiamRuntime

/// All that figures add to the language.
public enum Figures {
    public static let builtins: [Builtin] = []
}
