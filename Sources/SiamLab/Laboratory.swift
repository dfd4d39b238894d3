import SiamBuiltins
import SiamInterpreter
import SiamMeasures
import SiamRuntime

extension Builtins {
    /// All but those that look inside nets, which are here, and those that draw, in SiamFigures.
    public static let core: [Builtin] = general + metrics + miners
}

/// All that the lab adds to the language.
public enum Laboratory {
    public static let builtins: [Builtin] = [summary, trace, explain, step, inspect, diagnose, flow, probe, embeddings]
}
