/// Losses and measures of other libraries as siam writes them; `ForeignCalls` says how a line is read.
extension ForeignCalls {
    private static let mean = #"reduction="mean""#
    private static let pairLabel =
        "same is 1 where both are of one class; where the label is 0 for that, it is  1 - label"

    static let losses = """
        contrastive_loss contrastiveLoss | contrastive({*}(?, margin = {margin}?)) | | \(pairLabel)
        triplet_loss | triplet({*}(?, margin = {margin}?)) | | d is the squared distance; distance = euclidean  takes its root
        F.triplet_margin_loss functional.triplet_margin_loss triplet_margin_loss | triplet({0}, {1}, {2}, margin = {3#,margin:1}, distance = euclidean) | p=2 \(mean)
        F.cosine_embedding_loss functional.cosine_embedding_loss cosine_embedding_loss | cosine_contrastive({0}, {1}, {(2} > 0(?, margin = {3#,margin}?)) | \(mean)
        F.margin_ranking_loss functional.margin_ranking_loss margin_ranking_loss | mean(relu({margin:0} - {(2} * ({(0} - {(1}))) | \(mean)
        F.hinge_embedding_loss functional.hinge_embedding_loss hinge_embedding_loss | mean(where({(1} == 1, {0}, relu({margin:1} - {(0}))) | \(mean)
        mse_loss | mse({0}, {1}) | \(mean)
        mse_loss | sum(({(0} - {(1}) ^ 2) | !reduction="sum"
        mse_loss | ({(0} - {(1}) ^ 2 | !reduction="none"
        l1_loss | mae({0}, {1}) | \(mean)
        l1_loss | sum(abs({(0} - {(1})) | !reduction="sum"
        l1_loss | abs({(0} - {(1}) | !reduction="none"
        smooth_l1_loss | huber({0}, {1}) | beta=1 \(mean)
        huber_loss | huber({0}, {1}(?, delta = {delta}?)) | \(mean)
        binary_cross_entropy | bce({0}, {1}) | \(mean)
        binary_cross_entropy_with_logits | bce_with_logits({0}, {1}) | \(mean)
        F.cross_entropy functional.cross_entropy | cross_entropy({0}, {1}, weights = gather({weight}, {1})) | \(mean)
        F.cross_entropy functional.cross_entropy | cross_entropy({0}, {1}) | \(mean)
        nll_loss | cross_entropy({0}, {1}) | \(mean)
        categorical_crossentropy sparse_categorical_crossentropy | cross_entropy({1,y_pred}, {0,y_true}) | !from_logits=true
        categorical_crossentropy sparse_categorical_crossentropy | cross_entropy({1,y_pred}, {0,y_true}) | !~softmax from_logits=false
        categorical_crossentropy sparse_categorical_crossentropy | cross_entropy(log({1,y_pred}), {0,y_true}) | from_logits=false | without log where the outputs are scores, not probabilities
        binary_crossentropy | bce_with_logits({1,y_pred}, {0,y_true}) | !from_logits=true
        binary_crossentropy | bce({1,y_pred}, {0,y_true}) | from_logits=false
        mean_squared_error | mse({1,y_pred}, {0,y_true}) |
        mean_absolute_error | mae({1,y_pred}, {0,y_true}) |
        softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits | cross_entropy({logits}, {labels}) | | cross_entropy is the mean already
        sigmoid_cross_entropy_with_logits | bce_with_logits({logits}, {labels}) | | bce_with_logits is the mean already
        CrossEntropyLoss | (x, y) -> cross_entropy(x, y, weights = gather({0,weight}, y)) | \(mean)
        CrossEntropyLoss | cross_entropy | \(mean)
        NLLLoss | cross_entropy | \(mean)
        SparseCategoricalCrossentropy CategoricalCrossentropy | (y, x) -> cross_entropy(x, y) | !from_logits=true
        SparseCategoricalCrossentropy CategoricalCrossentropy | (y, x) -> cross_entropy(x, y) | !~softmax from_logits=false
        SparseCategoricalCrossentropy CategoricalCrossentropy | (y, p) -> cross_entropy(log(p), y) | from_logits=false | without log where the outputs are scores, not probabilities
        BinaryCrossentropy | (t, x) -> bce_with_logits(x, t) | !from_logits=true
        BinaryCrossentropy | (t, p) -> bce(p, t) | from_logits=false
        MSELoss MeanSquaredError | mse | \(mean)
        MSELoss | (p, t) -> sum((p - t) ^ 2) | !reduction="sum"
        MSELoss | (p, t) -> (p - t) ^ 2 | !reduction="none"
        L1Loss MeanAbsoluteError | mae | \(mean)
        L1Loss | (p, t) -> sum(abs(p - t)) | !reduction="sum"
        L1Loss | (p, t) -> abs(p - t) | !reduction="none"
        SmoothL1Loss | huber | beta=1 \(mean)
        HuberLoss Huber | (p, t) -> huber(p, t, delta = {delta}) | \(mean)
        HuberLoss Huber | huber | \(mean)
        BCELoss | bce | \(mean)
        BCEWithLogitsLoss | bce_with_logits | \(mean)
        Hinge | (t, s) -> hinge(s, t) |
        CosineEmbeddingLoss | (a, b, y) -> cosine_contrastive(a, b, y > 0(?, margin = {0#,margin}?)) | \(mean)
        MarginRankingLoss | (s, t, y) -> mean(relu({0#,margin:0} - y * (s - t))) | \(mean)
        HingeEmbeddingLoss | (d, y) -> mean(where(y == 1, d, relu({0#,margin:1} - d))) | \(mean)
        losses.TripletMarginLoss | (z, y) -> batch_all(l2norm(z), y, margin = {0#,margin:0.05}) |
        TripletMarginLoss | (a, p, n) -> triplet(a, p, n, margin = {0#,margin:1}, distance = euclidean) | p=2 \(mean)
        TripletLoss | (a, p, n) -> triplet(a, p, n, margin = {0#,margin}) | | d is the squared distance; distance = euclidean  takes its root
        TripletLoss | triplet | | d is the squared distance; distance = euclidean  takes its root
        TripletSemiHardLoss | (y, z) -> semi_hard(z, y, margin = {0#,margin:1}) | | its negatives lie within the margin; TensorFlow takes farther ones where there are none
        TripletHardLoss | (y, z) -> batch_hard(z, y, margin = {0#,margin:1}, soft = {soft}) |
        TripletHardLoss | (y, z) -> batch_hard(z, y, margin = {0#,margin:1}) | soft=false
        losses.ContrastiveLoss | (z, y) -> contrastive(l2norm(z), y, margin = {neg_margin:1}) | pos_margin=0 | distances are squared here, and the mean is that of all pairs of the batch
        ContrastiveLoss | (a, b, same) -> contrastive(a, b, same, margin = {0#,margin}) | | \(pairLabel)
        ContrastiveLoss | contrastive | | \(pairLabel)
        losses.NTXentLoss NTXentLoss | (z, y) -> nt_xent(z, y, temperature = {0#,temperature:0.07}) |
        losses.SupConLoss SupConLoss | (z, y) -> supcon(z, y, temperature = {0#,temperature:0.1}) |
        ArcFaceLoss | arcface({0,num_classes}(?, margin = {2,margin} * pi / 180?)(?, scale = {3,scale}?)) | 1 embedding_size | it has weights of its own, and is trained beside the net:  train net, loss on ...
        CosFaceLoss | cosface({0,num_classes}(?, margin = {2,margin}?)(?, scale = {3,scale}?)) | 1 embedding_size | it has weights of its own, and is trained beside the net:  train net, loss on ...
        ProxyAnchorLoss | proxy_anchor({0,num_classes}(?, margin = {2,margin}?)(?, alpha = {3,alpha}?)) | 1 embedding_size | it has weights of its own, and is trained beside the net:  train net, loss on ...
        ProxyNCALoss | proxy_nca({0,num_classes}(?, scale = {2,softmax_scale}?)) | 1 embedding_size | it has weights of its own, and is trained beside the net:  train net, loss on ...
        info_nce infonce InfoNCE | nt_xent({0}, {1}(?, temperature = {2,temperature}?)) |
        miners.MultiSimilarityMiner MultiSimilarityMiner | (z, y) -> multi_similarity_pairs(pairwise(cosine, z, z), y(?, epsilon = {0#,epsilon}?)) |
        """

    static let measures = """
        accuracy_score | accuracy({1,y_pred}, {0,y_true}) | !^ normalize=true
        confusion_matrix confusionmat | confusion({1,y_pred}, {0,y_true}) | !^
        f1_score | f1({1,y_pred}, {0,y_true}(?, of = {pos_label}?)) | !^ average="binary" average="macro" zero_division=0
        precision_score | precision({1,y_pred}, {0,y_true}(?, of = {pos_label}?)) | !^ average="binary" average="macro" zero_division=0
        recall_score | recall({1,y_pred}, {0,y_true}(?, of = {pos_label}?)) | !^ average="binary" average="macro" zero_division=0
        roc_auc_score | roc({1,y_score}, {0,y_true}).area | !^
        roc_curve | roc({1,y_score}, {0,y_true}) | !^
        average_precision_score | pr({1,y_score}, {0,y_true}).area | !^
        precision_recall_curve | pr({1,y_score}, {0,y_true}) | !^
        r2_score | r2({1,y_pred}, {0,y_true}) |
        metrics.log_loss | log_loss({1,y_pred}, {0,y_true}) |
        silhouette_score | silhouette({0}, {1}) | metric="euclidean"
        normalized_mutual_info_score | nmi({0}, {1}) |
        adjusted_mutual_info_score | ami({0}, {1}) |
        """
}
