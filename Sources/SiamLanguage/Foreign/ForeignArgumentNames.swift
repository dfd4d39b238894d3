/// Arguments by the names that they have elsewhere, and what siam does instead of those that it does not have.
extension Foreign {
    /// What siam calls an argument; nil where it has the same name, or none of the kind.
    public static func argument(_ name: String, in names: [String]) -> String? {
        let other: String? =
            switch name {
            case "dim", "dims", "axes": "axis"
            case "keepdim", "keepdims", "keep_dims": "keep"
            case "learning_rate", "step_size": names.contains("lr") ? "lr" : nil
            case "weight_decay": "decay"
            case "p", "prob": "rate"
            case "out_features", "out_channels", "features": names.contains("filters") ? "filters" : "units"
            case "kernel_size", "pool_size": "size"
            case "strides": "stride"
            case "use_bias": "bias"
            case "kernel_initializer", "weight_init": "init"
            case "batch_size", "batchsize", "bs": "batch"
            case "train", "train_share", "frac", "proportion": "share"
            case "centers", "n_centers": "classes"
            case "n_features": names.contains("dim") ? "dim" : nil
            case "positive", "positive_ratio", "pos_ratio", "positives", "p_same": "same"
            case "kernel": "size"
            case "nesterov_momentum": "nesterov"
            case "dilation_rate": "dilation"
            case "nb_filter": "filters"
            case "temp", "tau": "temperature"
            case "gamma", "s": names.contains("scale") ? "scale" : nil
            case "m", "alpha": names.contains("margin") ? "margin" : nil
            case "epsilon": "eps"
            case "descending", "reversed": "reverse"
            case "key": "by"
            case "train_size", "ratio", "fraction": "share"
            case "n_splits", "k_folds": "parts"
            case "clip_norm", "clipnorm", "max_norm", "grad_clip", "max_grad_norm": "clip"
            case "clipvalue": "clip_value"
            case "n_components", "ndim", "output_dim": "dim"
            case "n_clusters", "n_neighbors", "top_k": "k"
            case "c", "hue": "classes"
            case "ddof": "correction"
            case "html", "file", "filename", "output", "fname", "filepath": "path"
            case "resize", "image_size", "img_size", "target_size": "size"
            case "y_true", "flag", "is_same", "similar": names.contains("same") ? "same" : nil
            case "label", "labels", "legend":
                names.contains("same")
                    ? "same"
                    : names.contains("series")
                        ? "names"
                        : names.contains("classes") ? "classes" : names.first == "x" && names.contains("y") ? "y" : nil
            case "xlabel": "x_label"
            case "ylabel": "y_label"
            case "xlim": "x_range"
            case "ylim": "y_range"
            case "color", "palette", "cmap": "colors"
            case "figsize": "size"
            case "delimiter", "separator": "sep"
            case "usecols": "columns"
            case "index_col": "drop"
            case "na_values": "missing"
            case "class_weight", "sample_weight", "weight": "weights"
            case "num_classes", "n_classes": "classes"
            case "n_samples": "n"
            case "target", "targets", "y", "y_col", "class", "target_column":
                names.contains("label") ? "label" : names.contains("same") ? "same" : nil
            case "random_state": nil
            default: nil
            }
        return other.flatMap { names.contains($0) ? $0 : nil }
    }

    /// Whether an argument corresponds to several of siam's, of which no single one is meant.
    public static func hasSeveral(_ name: String) -> Bool { name == "betas" }

    /// An argument that stands for several of siam's, with the values that it was given.
    static func parted(_ name: String, _ values: [String]) -> String {
        let plain = values.map { $0.filter { $0 != " " && $0 != "[" && $0 != "]" } }
        let (a, b) = plain.count == 2 ? (plain[0], plain[1]) : ("0.9", "0.999")
        return "each has its name:  adam(0.001, beta1 = \(a), beta2 = \(b))"
    }

    /// What is done elsewhere by an argument that siam does not have.
    public static func argumentTold(_ name: String) -> String? {
        switch name {
        case "activation", "activation_fn", "nonlinearity": "an activation is a stage of its own:  dense(8) >> relu"
        case "input_shape", "input_dim", "in_features", "in_channels", "input_size", "n_inputs":
            "the width of the input is inferred at the first use; leave it out"
        case "start_dim", "end_dim": "flatten keeps the first axis and joins all others; leave it out"
        case "shuffle": "batches come in a new random order each epoch; leave it out"
        case "epochs", "n_epochs", "nb_epoch": "train has the length:  for 5 epochs"
        case "regularizer", "kernel_regularizer", "weights_init":
            "weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)"
        case "device", "dtype", "requires_grad", "inplace": "siam has no devices or types to choose; leave it out"
        case "label_smoothing": "cross_entropy takes probabilities too:  0.9 * one_hot(y, 10) + 0.01"
        case "pos_weight": "give one weight per example:  weights = 1 + 2 * t"
        case "average": "the result is the mean over the classes; for one class use  of = \"name\""
        case "schedule", "scheduler", "lr_scheduler": "the learning rate can be a schedule:  adam(cosine(1e-3, 500))"
        case "reuse", "scope": "sharing is using one net twice:  net(a), net(b)"
        case "validation_data", "validation_split":
            "hold rows out before, and report a measure of them in the body:  seen, unseen = split(d, 0.8)"
        case "verbose", "name": "leave it out"
        case "betas": parted(name, ["0.9", "0.999"])
        case "momentum", "beta": "the momentum of adam is beta1; sgd has momentum:  sgd(0.1, momentum = 0.9)"
        case "random_state", "seed": "set the random seed before:  seed 7"
        case "stratify": "split always keeps the class proportions; leave it out"
        case "end", "flush": "print ends each line itself: values of one line are one text; leave it out"
        case "sep", "delimiter": "write the separator in the text:  print(\"{a}, {b}\")"
        case "params", "parameters", "model": "an optimizer does not take the net; train names it"
        default: nil
        }
    }
}
