import SiamBuiltins
import SiamFigures
import SiamInterpreter
import SiamLab

extension Builtin {
    /// All functions written in Swift, as every front end of siam gives them to its sessions.
    public static let all: [Builtin] =
        Builtins.core + Laboratory.builtins + Figures.builtins + Reports.builtins + Reports.logs
}
