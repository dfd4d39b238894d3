import SiamRuntime

/// The table of all built-ins of the language itself: the sum of the families' lists. Those that look inside nets are in
/// SiamLab, those that draw in SiamFigures.
public enum Builtins {
    public static let core: [Builtin] =
        language + following + lists + texts + tensors + nets + learning + data + dataSets + tables + files + runLists
        + words + augmentations + metrics + miners + lossTools + widened + exchange
}
