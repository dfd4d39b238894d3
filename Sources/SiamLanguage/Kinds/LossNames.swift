/// Losses of the library, by what they take: the checks read a program's text without the library. A test compares these lists
/// with the declarations in the library.
public enum LossNames {
    /// Losses of two embeddings and `same`: which pairs belong together.
    public static let ofPairs: Set<String> = ["contrastive", "double_margin", "cosine_contrastive", "chopra"]
    /// Losses of an anchor, a positive and a negative.
    public static let ofTriplets: Set<String> = ["triplet", "soft_margin_triplet", "margin_triplet"]
    /// Losses of the embeddings of a batch with class numbers.
    public static let ofBatches: Set<String> = [
        "supcon", "nca", "circle", "multi_similarity", "batch_hard", "batch_all", "semi_hard", "lifted_structure",
        "angular",
    ]
    /// Losses of two views, each pair of which belongs together.
    public static let ofViews: Set<String> = ["nt_xent", "n_pair", "barlow_twins", "vicreg"]
    /// Losses of outputs and targets.
    public static let ofTargets: Set<String> = [
        "cross_entropy", "mse", "mae", "huber", "bce", "bce_with_logits", "hinge",
    ]
    /// Losses of pairs, triplets, batches and targets.
    static let all = ofPairs.union(ofTriplets).union(ofBatches).union(ofTargets)
    /// The activation that a loss of logits applies itself.
    static func ownActivation(_ loss: String) -> String { loss == "bce_with_logits" ? "sigmoid" : "softmax" }
    /// What to say of an activation before it.
    static func withoutActivation(_ loss: String, _ activation: String) -> String {
        activation == ownActivation(loss)
            ? "leave \(activation) out, and use it where probabilities are needed:  \(activation)(net(x))"
            : "leave \(activation) out; where probabilities are needed:  \(ownActivation(loss))(net(x))"
    }
    /// Losses that compare embeddings, and are of no use for scores of classes.
    public static let ofEmbeddings = ofPairs.union(ofTriplets).union(ofBatches).union(ofViews)
}
