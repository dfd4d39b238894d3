import SiamBuiltins
import SiamInterpreter
import SiamMeasures
import SiamRuntime

extension Builtins {
    /// All built-ins but those that inspect nets, which are here, and those that draw, in SiamFigures.
    public static let core: [Builtin] = general + metrics + miners
}

/// All built-ins of this target.
public enum Laboratory {
    public static let builtins: [Builtin] = [summary, trace, explain, step, inspect, diagnose, flow, probe, embeddings]
}
