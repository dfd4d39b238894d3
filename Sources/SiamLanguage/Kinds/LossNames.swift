/// Losses of the library, by what they take.
public enum LossNames {
    /// Losses that compare two embeddings; then those of three, those with class numbers, and those of outputs and targets.
    static let ofPairs: Set<String> = ["contrastive", "double_margin", "cosine_contrastive", "chopra"]
    static let ofTriplets: Set<String> = ["triplet", "soft_margin_triplet"]
    public static let ofBatches: Set<String> = [
        "supcon", "nca", "circle", "multi_similarity", "batch_hard", "batch_all", "semi_hard", "lifted_structure",
        "angular", "margin_triplet",
    ]
    static let ofTargets: Set<String> = ["cross_entropy", "mse", "mae", "huber", "bce", "bce_with_logits", "hinge"]
    /// Losses of pairs and triplets, of batches and of targets.
    static let all = takingSame.union(ofTriplets).union(ofBatches).union(ofTargets)
    /// Losses that compare embeddings, and are of no use for scores of classes.
    public static let ofEmbeddings = ofPairs.union(ofTriplets).union(ofBatches).union(ofViews)
    /// Losses that are given which pairs belong together.
    static let takingSame = ofPairs
    /// Losses of two views, each pair of which belongs together.
    public static let ofViews: Set<String> = ["nt_xent", "n_pair", "barlow_twins", "vicreg"]
}
