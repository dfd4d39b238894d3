/// What people look for by the words of the field, as data in the form of the other tables: `siam doc gradient clipping`.
extension ForeignTable {
    static let topics = """
        gradient_clipping clip_gradients | the literature | - | an optimizer clips:  adam(0.001, clip = 1)
        nearest_neighbours nearest_neighbors nearest_neighbour nearest_neighbor | the literature | nearest | nearest(x, z, k = 5)
        freeze_layers freezing fine_tuning finetuning transfer_learning | the literature | freeze | freeze(net[0..3])
        batch_size minibatch mini_batch | the literature | batches | batches(d, 32)
        hard_negative_mining hard_mining semi_hard_mining mining | the literature | batch_hard | batch_hard(net(x), y)
        matrix_multiplication matrix_product dot_product_of_matrices | the literature | matmul | a @ b
        dot_product inner_product scalar_product | the literature | dot | dot(a, b)
        inverse matrix_inverse | the literature | solve | solve(a, b)
        eigenvalues eigenvectors | the literature | eigh | w, v = eigh(a)
        data_augmentation augmentation augment | the literature | - | pictures are varied by  pairs(d, 32, augment = shift(2) >> rotate(10))
        overfitting regularization regularisation | the literature | - | it is seen by measuring what is held back:  diagnose(run);  dropout(0.2) and adamw(0.001, decay = 0.01) work against it
        learning_curve loss_curve training_curve | the literature | plot | plot(run.loss)
        learning_rate_schedule learning_rate_decay | the literature | cosine | adam(cosine(1e-3, 500))
        random_seed reproducible reproducibility deterministic | the literature | seed | seed(7)
        grayscale greyscale resize_images image_size | the literature | image_folder | image_folder("faces", size = [28, 28])
        crop cropping center_crop random_crop | the literature | - | a part of each picture is taken by its places:  x[.., 2..26, 2..26, ..];  in training  augment = shift(2)
        l2_regularization l2_regularisation l2_penalty ridge weight_penalty | the literature | - | weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)
        bias_add | tflearn | - | dense and conv have a bias of their own:  dense(128)
        residual_block resnet_block bottleneck | tflearn, Keras | residual | residual(64)
        set_seed seed_everything | TensorFlow, NumPy | seed | seed(7)
        gpu accelerator | the literature | - | siam works on the processor alone; there is nothing to move
        parquet feather excel xlsx | the literature | - | export such a table as CSV first:  csv("table.csv", label = "y")
        class_imbalance imbalanced imbalance oversampling undersampling | the literature | balance | balance(seen)
        standard_deviation stdev | the literature | std | std(x, axis = 0)
        shared_weights weight_sharing sharing | the literature | siamese | siamese(dense(64) >> relu)
        one_shot_learning few_shot_learning | the literature | few_shot | few_shot(net, d)
        save_model_weights checkpoint checkpointing | the literature | save | save(net, "net.npz")
        missing_values impute imputation | the literature | csv | csv("table.csv", label = "y", missing = "mean")
        feature_scaling standardization standardisation whitening | the literature | standardize | standardize(seen) >> dense(8)
        dimensionality_reduction | the literature | pca | pca(z)
        hyperparameter_search hyperparameter_tuning | the literature | - | many settings are tried by  table = sweep lr in [0.1, 0.01] { ... }
        """
}
