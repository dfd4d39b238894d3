import SiamRuntime

/// All that the lab adds to the language.
public enum Laboratory {
    public static let builtins: [Builtin] = [summary, trace, explain, step, inspect, diagnose, flow, probe, embeddings]
}
