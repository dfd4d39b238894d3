import SiamInterpreter
import SiamRuntime

extension Builtins {
    /// The families of this target.
    public static let general: [Builtin] =
        language + following + lists + texts + tensors + nets + learning + data + dataSets + tables + files + runLists
        + words + augmentations + lossTools + widened + exchange
}
