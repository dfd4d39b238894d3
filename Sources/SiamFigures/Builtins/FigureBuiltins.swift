import SiamBuiltins
import SiamInterpreter
import SiamLab
import SiamRuntime

extension Figures {
    /// All built-ins that draw, project, and write figures and reports.
    public static let builtins: [Builtin] = drawing + writing + logs
}

extension Builtin {
    /// All functions written in Swift, as every front end of siam gives them to its sessions.
    public static let all: [Builtin] = Builtins.core + Laboratory.builtins + Figures.builtins
}
