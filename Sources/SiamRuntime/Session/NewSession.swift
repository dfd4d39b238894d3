import SiamCompiler
import SiamInterpreter
import SiamLanguage

/// Making sessions.
extension Session {
    /// A session that knows the whole language.
    /// - Parameter builtins: all functions written in Swift, beside the operators: `Builtin.all`.
    public convenience init(output: any Output, seed: UInt64 = Session.standardSeed, builtins: [Builtin]) {
        self.init(output: output, seed: seed, builtins: builtins, host: TrainingState())
        Prelude.define(in: globals)
    }
}
