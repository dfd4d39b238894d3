/// Calls in the words of other libraries as siam writes them, with the arguments of the user's own call: as data, a line each.
/// Before the first bar stand the words (a method has a point before it, a word with its package is `random.rand`), then the
/// call, then the arguments that siam has no need of, by place or by name. The first line of a word whose places can all be
/// filled serves.
///
/// In braces stand the places and names, in order, that may fill it, and behind a colon what stands there where none does:
/// `{1,lr:0.1}`. A place may want a plain number (`0#`), or open a list (`0~`); `{self}` is what stands before a method's point,
/// `{*}` all arguments without a name that nothing else uses, `{>>}` the same as stages. `{1-x}` is one less the argument x,
/// `{'0}` a text without its quotes, `{"0}` an argument that is a text. What stands between `(?` and `?)` is left out where it
/// cannot be filled.
public enum ForeignCalls {
    /// `net.fit(x, y, epochs = 5)`: the statement that trains on the same data.
    static func fit(_ receiver: String, _ arguments: [Argument], _ source: Source) -> String? {
        let plain = arguments.filter { $0.name == nil }.map { source.text($0.value.span) }
        func named(_ names: [String]) -> String? {
            arguments.first { $0.name.map { names.contains($0.text) } ?? false }.map { source.text($0.value.span) }
        }
        guard let x = plain.first, plain.count < 3 else { return nil }
        let batch = named(["batch_size"]) ?? "32"
        let length = named(["epochs", "n_epoch", "nb_epoch"]) ?? "5"
        let data = plain.count == 2 ? "batches(\(x), \(plain[1]), batch = \(batch))" : "batches(\(x), \(batch))"
        let whole =
            "train \(receiver) on \(data) as x, y for \(length) epochs using adam(0.001) { minimize mse(\(receiver)(x), y) }"
        return whole.utf8.count <= 150 && !whole.contains("\n") ? "training is  \(whole)" : nil
    }

    static let table = """
        Linear LazyLinear | dense({1,out_features}(?, bias = {bias}?)) | 0 in_features
        Linear LazyLinear Dense linear | dense({0#,out_features,units}(?, bias = {bias,use_bias}?)) |
        Dense fullyConnectedLayer | dense({0,units}(?, bias = {use_bias}?)) |
        F.normalize functional.normalize | l2norm({0}) | 1 p dim
        mm bmm | {0} @ {1} |
        cdist pdist2 | pairwise(euclidean, {0}, {1}) | p
        pairwise_distance | euclidean({0}, {1}) |
        numel nelement | count({0}) |
        length | len({0}) |
        heatmap pcolor contourf | heat({0}) | cmap annot
        barplot bar | bars({1}, names = {0}) |
        barplot bar | bars({0}) |
        imread | image({0}) |
        ifelse | where({*}) |
        rnorm | randn({0}) | 1=0 2=1 mean=0 sd=1
        runif | rand({0}) |
        contrastive_loss contrastiveLoss | contrastive({*}(?, margin = {margin}?)) |
        triplet_loss | triplet({*}(?, margin = {margin}?)) |
        fully_connected | dense({1,n_units}) | 0 incoming
        fully_connected | dense({0#,n_units}) |
        reduce_sum | sum({0}(?, {1}?)(?, axis = {axis}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_mean | mean({0}(?, {1}?)(?, axis = {axis}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_max amax | max({0}(?, {1}?)(?, axis = {axis,dim}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_min amin | min({0}(?, {1}?)(?, axis = {axis,dim}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_std | std({0}(?, axis = {axis}?)) |
        l2 dist euclidean_distance PairwiseDistance | euclidean({0}, {1}) |
        l1 cityblock | manhattan({0}, {1}) |
        cosine_distance | cosine({0}, {1}) |
        cosine_similarity | 1 - cosine({0}, {1}) | dim
        Conv2d | conv({1,out_channels}, {2,kernel_size:3}(?, stride = {3,stride}?)(?, padding = {padding}?)) | 0 in_channels
        Conv2D Convolution2D | conv({0,filters}, {1,kernel_size:3}(?, stride = {2,stride,strides}?)(?, padding = {padding}?)) |
        conv_2d | conv({0#}, {1#:3}(?, stride = {2#,strides}?)) |
        conv_2d | conv({1,nb_filter}, {2,filter_size:3}(?, stride = {3,strides}?)) | 0 incoming
        convolution2dLayer | conv({1}, {0}) |
        MaxPool2d MaxPool2D MaxPooling2D maxPooling2dLayer | maxpool({0,kernel_size,pool_size:2}(?, stride = {1,stride,strides}?)) |
        AvgPool2d AveragePooling2D | avgpool({0,kernel_size,pool_size:2}(?, stride = {1,stride,strides}?)) |
        AdaptiveAvgPool2d GlobalAveragePooling2D | globalpool | 0 output_size
        Flatten | flatten | 0 start_dim
        Dropout Dropout2d | dropout({0#,p,rate:0.5}) |
        BatchNorm1d BatchNorm2d | batchnorm() | 0 num_features
        BatchNormalization | batchnorm() | axis
        LayerNorm | layernorm() | 0 normalized_shape
        LayerNormalization | layernorm() | axis
        ReLU reluLayer | relu |
        Sigmoid | sigmoid |
        Tanh | tanh |
        GELU | gelu |
        ELU | elu |
        Softmax softmaxLayer | softmax | 0 dim axis
        LogSoftmax | log_softmax | 0 dim axis
        Softplus | softplus |
        Identity | identity | 0
        LeakyReLU | (x -> leaky_relu(x, {0#,negative_slope,alpha})) |
        LeakyReLU | leaky_relu |
        Activation | {'0} |
        Embedding | embedding({0,num_embeddings,input_dim}, {1,embedding_dim,output_dim}) |
        GRU LSTM RNN | gru({1#,hidden_size}) | 0 input_size batch_first num_layers
        GRU LSTM SimpleRNN | gru({0#,units}) | return_sequences
        Sequential chain Chain pipeline | {>>} |
        SGD GradientDescentOptimizer | sgd({1#,lr,learning_rate}(?, momentum = {momentum}?)(?, decay = {weight_decay}?)) | 0 params
        SGD GradientDescentOptimizer | sgd({0#}(?, momentum = {1#,momentum}?)(?, decay = {weight_decay}?)) |
        SGD | sgd() | 0 params
        Adam AdamOptimizer NAdam Nadam | adam({1#,lr,learning_rate}(?, decay = {weight_decay}?)) | 0 params
        Adam AdamOptimizer NAdam Nadam | adam({0#}(?, decay = {weight_decay}?)) |
        Adam AdamOptimizer NAdam Nadam | adam((?decay = {weight_decay}?)) | 0 params
        AdamW | adamw({1#,lr,learning_rate}(?, decay = {weight_decay}?)) | 0 params
        AdamW | adamw({0#}(?, decay = {weight_decay}?)) |
        AdamW | adamw((?decay = {weight_decay}?)) | 0 params
        RMSprop RMSProp RMSPropOptimizer | rmsprop({1#,lr,learning_rate}(?, momentum = {momentum}?)) | 0 params
        RMSprop RMSProp RMSPropOptimizer | rmsprop({0#}) |
        RMSprop RMSProp | rmsprop() | 0 params
        Adagrad AdagradOptimizer | adagrad({1#,lr,learning_rate}) | 0 params
        Adagrad AdagradOptimizer | adagrad({0#}) |
        StepLR step_lr | stairs({0#,lr}, {1#,step_size}(?, {2#,gamma}?)) |
        ExponentialLR | exponential({0#,lr}, {1#,gamma}) |
        CosineAnnealingLR CosineDecay | cosine_schedule({0#,initial_learning_rate}, {1#,T_max,decay_steps}) |
        ReduceLROnPlateau | plateau({0#}(?, patience = {patience}?)(?, factor = {factor}?)) | mode
        DataLoader | batches({0,dataset}, {1,batch_size:32}) | shuffle num_workers drop_last pin_memory
        TensorDataset | dataset({0}, {1}) |
        train_test_split | split({*}, {1-test_size}) | random_state shuffle stratify
        train_test_split | split({*}, {train_size:0.75}) | random_state shuffle stratify
        read_csv load_csv read_table loadtxt genfromtxt readtable readmatrix csvread fread | csv({0}(?, sep = {sep,delimiter}?)(?, label = {label,target}?)) | header index_col skiprows skip_header
        make_blobs | blobs({0,n_samples:100}(?, classes = {centers}?)(?, dim = {n_features}?)) | random_state
        make_moons | moons({0,n_samples:100}(?, noise = {noise}?)) | random_state
        make_circles | rings({0,n_samples:100}) | random_state noise
        unsqueeze expand_dims | expand({0}, {1,dim,axis}) |
        .unsqueeze | expand({self}, {0,dim}) |
        .permute | transpose({self}, [{*~}]) |
        permute | transpose({0}, [{1~,dims}]) |
        .view | reshape({self}, {*~}) |
        .size | {self}.shape[{0,dim}] |
        .size | {self}.shape |
        .numel .nelement | {self}.count |
        .item | number({self}) |
        .numpy .cpu .cuda .contiguous .tolist .float .double .long .half | {self} |
        .to .astype | {self} | 0 1 dtype device
        .t | {self}.transpose() |
        .mm .bmm | {self} @ {0} |
        .pow | {self} ^ {0,exponent} |
        .eq | {self} == {0} |
        .predict .forward .predict_proba | {self}({*}) | verbose batch_size
        .parameters .trainable_variables .state_dict | {self}.params |
        .num_params .count_params .num_parameters | count({self}) |
        .append .push_back | {self} = {self}.push({0}) |
        .extend | {self} = {self} + {0} |
        .batch .dataloader | batches({self}, {0}) |
        .head | {self}[0..{0#:5}] |
        .clip | clamp({self}, {0,min,a_min}, {1,max,a_max}) |
        clip clip_by_value | clamp({0}, {1,min,a_min,clip_value_min}, {2,max,a_max,clip_value_max}) |
        assert | expect {0} | 1
        c | [{*}] |
        collect | list({0}) |
        read.csv | csv({0}(?, sep = {sep}?)) | header stringsAsFactors
        gradient gradients compute_gradients | grad({0}, {1}) |
        .save_weights .save_model | save({self}, {0}) |
        .load_weights | load({0}, {self}) |
        arange | range({*}(?, step = {step}?)) | dtype
        cat concat concatenate | concatenate({0~}, axis = {1#,dim,axis}) |
        cat concat concatenate vcat vstack row_stack | concatenate({*~}, axis = 0) |
        hstack hcat column_stack | concatenate({*~}, axis = 1) |
        zeros_like | zeros({0}.shape) | dtype
        ones_like | ones({0}.shape) | dtype
        randint random_integers | choice({0#}..{1#}, {2~,size~}) |
        randint random_integers | choice(0..{0#}, {size~}) |
        randint random_integers | choice({0#}..{1#}) |
        random.normal | randn({2~,size}) | 0=0 1=1 loc=0 scale=1
        random.normal | {0#,loc:0} + {1#,scale:1} * randn({2~,size}) |
        random.uniform | uniform({0#,low}, {1#,high})([{2~,size}]) |
        random.uniform | rand({size}) | low=0 high=1
        random.rand | rand({*}) |
        random.randn | randn({*}) |
        random.random | rand({0~,size:1}) |
        random.choice | choice({0}(?, {1,size,k}?)(?, replace = {replace}?)) |
        random.shuffle | shuffle({0}) |
        random.permutation | permutation({0}) |
        manual_seed set_seed set_random_seed random.seed default_rng RandomState | seed({0}) |
        np.dot numpy.dot | {0} @ {1} |
        tensor array asarray as_tensor from_numpy FloatTensor | track({0}) | dtype device requires_grad=true
        tensor array asarray as_tensor from_numpy FloatTensor | tensor({0}) | dtype device requires_grad
        plt.plot | plot({1}, x = {0}) |
        plt.plot | plot({0}) |
        imshow matshow | image({0}) | cmap
        isnan | is_nan({0}) |
        isfinite | is_finite({0}) |
        sorted | sort({0}(?, reverse = {reverse}?)(?, by = {key}?)) |
        int float double str2num parseFloat | number({"0}) |
        int | floor({0}) |
        float double | number({0}) |
        str string String num2str | text({0}) |
        println echo disp console.log | print({*}) |
        to_categorical | one_hot({0}, {1,num_classes}) |
        mse_loss | mse({0}, {1}) |
        l1_loss | mae({0}, {1}) |
        smooth_l1_loss huber_loss | huber({0}, {1}) |
        binary_cross_entropy | bce({0}, {1}) |
        binary_cross_entropy_with_logits | bce_with_logits({0}, {1}) |
        categorical_crossentropy sparse_categorical_crossentropy | cross_entropy({1,y_pred}, {0,y_true}) | from_logits
        binary_crossentropy | bce({1,y_pred}, {0,y_true}) |
        mean_squared_error | mse({1,y_pred}, {0,y_true}) |
        softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits | cross_entropy({logits}, {labels}) |
        CrossEntropyLoss SparseCategoricalCrossentropy CategoricalCrossentropy | cross_entropy | from_logits
        MSELoss MeanSquaredError | mse |
        L1Loss MeanAbsoluteError | mae |
        BCELoss | bce |
        BCEWithLogitsLoss | bce_with_logits |
        TripletMarginLoss TripletLoss | (a, p, n) -> triplet(a, p, n, margin = {0#,margin}) |
        TripletMarginLoss TripletLoss | triplet |
        ContrastiveLoss | (a, b, same) -> contrastive(a, b, same, margin = {0#,margin}) |
        ContrastiveLoss | contrastive |
        accuracy_score | accuracy({1,y_pred}, {0,y_true}) |
        confusion_matrix | confusion({1,y_pred}, {0,y_true}) |
        f1_score | f1({1,y_pred}, {0,y_true}) | average
        """

    /// Arguments that say where or how exactly numbers are kept, and names of things: siam has no use for them anywhere.
    static let idle: Set<String> = [
        "dtype", "device", "inplace", "name", "input_shape", "input_dim", "padding_mode", "verbose", "random_state",
    ]

    /// Methods that a net has elsewhere, and a list; all others are a tensor's.
    static let ofNets: Set<String> = [
        "fit", "save_weights", "save_model", "load_weights", "predict", "forward", "predict_proba", "parameters",
        "trainable_variables", "state_dict", "num_params",
        "count_params", "num_parameters",
    ]
    /// Names of the number of a net's parameters.
    public static let counts: Set<String> = [
        "num_params", "count_params", "num_parameters", "n_params", "param_count", "parameter_count", "numel",
    ]
    /// Methods that anything may have.
    static let ofAny: Set<String> = ["head"]
    /// Methods that a data set has elsewhere.
    static let ofData: Set<String> = ["batch", "dataloader"]
    /// Calls of other libraries for which there is nothing to do here.
    static let shown: Set<String> = ["show", "figure", "tight_layout", "close", "legend", "grid", "draw"]
    static let ofLists: Set<String> = ["append", "push_back", "extend"]

    struct Row: Sendable {
        let template: [Piece]
        let dropped: [Substring]
    }

    /// A stretch of a template.
    enum Piece: Sendable {
        case text(String)
        case place(keys: [String], standard: String?)
        case optional([Piece])
    }

    static let rows: [String: [Row]] = {
        var rows: [String: [Row]] = [:]
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
            guard parts.count == 3 else { continue }
            var rest = parts[1][...]
            let row = Row(
                template: pieces(&rest, isInner: false), dropped: parts[2].split(separator: " "))
            for word in parts[0].split(separator: " ") { rows[String(word), default: []].append(row) }
        }
        return rows
    }()

    private static func pieces(_ rest: inout Substring, isInner: Bool) -> [Piece] {
        var found: [Piece] = []
        var text = ""
        func close() {
            if !text.isEmpty { found.append(.text(text)) }
            text = ""
        }
        while let c = rest.first {
            if rest.hasPrefix("?)"), isInner {
                rest = rest.dropFirst(2)
                break
            }
            if rest.hasPrefix("(?") {
                close()
                rest = rest.dropFirst(2)
                found.append(.optional(pieces(&rest, isInner: true)))
                continue
            }
            if c == "{", let end = rest.firstIndex(of: "}") {
                close()
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                let parts = inner.split(separator: ":", maxSplits: 1)
                found.append(
                    .place(
                        keys: (parts.first ?? "").split(separator: ",").map(String.init),
                        standard: parts.count > 1 ? String(parts[1]) : nil))
                rest = rest[rest.index(after: end)...]
                continue
            }
            text.append(c)
            rest = rest.dropFirst()
        }
        close()
        return found
    }
}
