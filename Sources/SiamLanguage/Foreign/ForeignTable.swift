/// The words that people bring, as data: a line each. Before the first bar the words, then where they come from, then the
/// name that serves in their place as it stands (or -), then the line of siam that does it, or what to do instead. A name with
/// a star takes the very arguments of the word.
enum ForeignTable {
    struct Row: Sendable {
        let words: [String]
        let origin: String
        /// The name in siam that may replace the word in the text; nil where more has to change.
        let name: String?
        /// Whether it takes what the word takes, in the same order.
        let takesTheSame: Bool
        /// The call as it would be written, or a sentence that ends in one.
        let call: String
    }

    static let rows: [Row] = [
        tensorflow, keras, torch, metricLearning, scikit, numpy, elsewhere, topics,
    ].flatMap(read)

    private static func read(_ text: String) -> [Row] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "|", maxSplits: 3).map(\.trimmed)
            guard parts.count == 4 else { return nil }
            return Row(
                words: parts[0].split(separator: " ").map(String.init), origin: parts[1],
                name: parts[2] == "-" ? nil : parts[2].filter { $0 != "*" }, takesTheSame: parts[2].hasSuffix("*"),
                call: parts[3])
        }
    }

    /// The first row of each word.
    static let byWord: [String: Row] = Dictionary(
        rows.flatMap { row in row.words.map { ($0, row) } }, uniquingKeysWith: { a, _ in a })

    private static let tensorflow = """
        fully_connected | tflearn | dense | dense(128)
        conv_1d conv_3d | tflearn | - | images are batch x height x width x channels:  conv(32, 3)
        conv_2d conv2d_layer | tflearn | conv | conv(32, 3)
        max_pool_2d maxpool_2d max_pool2d maxpooling max_pooling | tflearn, PyTorch | maxpool | maxpool(2)
        avg_pool_2d average_pool_2d avg_pool2d | tflearn, PyTorch | avgpool | avgpool(2)
        global_avg_pool global_average_pool | tflearn | globalpool | conv(32, 3) >> globalpool
        input_data input_layer InputLayer | tflearn, Keras | - | a net finds the shape of its input at the first use; leave this line out
        dropout_layer | tflearn | dropout | dropout(0.5)
        batch_normalization local_response_normalization | tflearn | batchnorm | batchnorm()
        activation | tflearn | - | an activation is a stage:  dense(128) >> relu
        regression | tflearn | - | training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }
        DNN | tflearn | - | training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }
        get_layer_output get_layer_by_name | tflearn | - | what a stage gives is  net[0..2](x),  and all of them  trace(net, x)
        get_weights get_layer_variables_by_name get_layer_variables | tflearn, Keras | - | a layer's weights are  net.dense1.w
        set_weights | tflearn, Keras | - | weights are assigned:  net.dense1.w = w
        reuse | tflearn | - | sharing is using one net twice:  net(a), net(b)
        merge_outputs merge_layers | tflearn | concatenate | concatenate(a, b, axis = -1)
        placeholder | TensorFlow 1 | - | siam has no graph to feed: give the name the data themselves
        Session InteractiveSession sess | TensorFlow 1 | - | there is no session; a line is run as it is read:  y = net(x)
        run_session feed_dict | TensorFlow 1 | - | a net is called with its input:  net(x)
        Variable get_variable | TensorFlow | - | a parameter is declared in a layer:  param w : [in, units] = glorot
        variable_scope name_scope | TensorFlow 1 | - | sharing is using one net twice:  net(a), net(b)
        global_variables_initializer initialize_all_variables | TensorFlow 1 | - | weights are made at the first use; leave it out
        reduce_sum | TensorFlow | sum | sum(x, axis = 1)
        reduce_mean | TensorFlow | mean | mean(x, axis = 1)
        reduce_max | TensorFlow | max | max(x, axis = 1)
        reduce_min | TensorFlow | min | min(x, axis = 1)
        reduce_prod | TensorFlow | prod | prod(x, axis = 1)
        reduce_std | TensorFlow | std | std(x, axis = 1)
        reduce_variance | TensorFlow | var | var(x, axis = 1)
        reduce_all | TensorFlow | all | all(x, axis = 1)
        reduce_any | TensorFlow | any | any(x, axis = 1)
        reduce_logsumexp | TensorFlow | logsumexp | logsumexp(x, axis = 1)
        AdamOptimizer | TensorFlow 1 | adam | adam(0.001)
        GradientDescentOptimizer | TensorFlow 1 | sgd | sgd(0.1)
        MomentumOptimizer | TensorFlow 1 | - | sgd with momentum:  sgd(0.1, momentum = 0.9)
        RMSPropOptimizer | TensorFlow 1 | rmsprop | rmsprop(0.001)
        AdagradOptimizer | TensorFlow 1 | adagrad | adagrad(0.01)
        apply_gradients | TensorFlow | - | for one step:  update(opt, net, grad(l, net))
        compute_gradients GradientTape gradient gradients | TensorFlow | - | gradients are  g = grad(l, net)
        stop_gradient | TensorFlow | detach* | detach(x)
        expand_dims | TensorFlow, NumPy | expand* | expand(x, 0)
        clip_by_value | TensorFlow | clamp* | clamp(x, 0, 1)
        clip_by_norm clip_by_global_norm clip_grad_norm_ clip_grad_norm clip_grad_value_ | TensorFlow, PyTorch | - | an optimizer clips:  adam(0.001, clip = 1)
        l2_normalize | TensorFlow | l2norm | l2norm(x)
        matrix_transpose | TensorFlow | transpose | x.transpose()
        softmax_cross_entropy_with_logits sparse_softmax_cross_entropy_with_logits softmax_cross_entropy softmax_categorical_crossentropy | TensorFlow, tflearn | cross_entropy | cross_entropy(net(x), y)
        sigmoid_cross_entropy_with_logits | TensorFlow | bce_with_logits | bce_with_logits(net(x), same)
        truncated_normal_initializer | TensorFlow | truncated_normal | dense(8, init = truncated_normal(0.1))
        random_normal random_normal_initializer | TensorFlow | - | drawn numbers are  randn(3, 4),  weights  dense(8, init = normal(0.1))
        random_uniform random_uniform_initializer | TensorFlow | - | drawn numbers are  rand(3, 4),  weights  dense(8, init = uniform(-0.1, 0.1))
        xavier xavier_initializer xavier_uniform xavier_uniform_ glorot_uniform glorot_normal GlorotUniform variance_scaling | TensorFlow, PyTorch, Keras | glorot | dense(8, init = glorot)
        kaiming kaiming_normal kaiming_normal_ kaiming_uniform_ he_normal he_uniform HeNormal | PyTorch, Keras | he | dense(8, init = he)
        zeros_initializer | TensorFlow | zeros | dense(8, init = zeros)
        set_random_seed | TensorFlow | seed* | seed(7)
        Saver | TensorFlow 1 | - | save weights with  save(net, "net.npz")  and read them with  load("net.npz", net)
        restore load_model load_weights load_state_dict | TensorFlow, Keras, PyTorch | - | weights come back by  load("net.npz", net)
        save_weights save_model dump savez savetxt | Keras, NumPy | save | save(net, "net.npz")
        mnist MNIST load_mnist | Keras, PyTorch | - | a set of the folder that SIAM_DATA names:  idx(data("mnist"))
        fashion_mnist FashionMNIST omniglot Omniglot cifar10 CIFAR10 | Keras, PyTorch | - | sets of the folder that SIAM_DATA names are read by  idx(data("mnist"))  and  image_folder(data("faces"))
        read_data_sets load_digits | TensorFlow 1, scikit-learn | - | digits that are shipped are  digits();  MNIST's files  idx("folder")
        TensorBoard SummaryWriter summary_writer | TensorFlow | - | a run keeps its curves:  plot(run.loss),  report(run)
        squared_difference | TensorFlow | - | element by element it is  (a - b)^2,  summed over the last axis  squared(a, b)
        contrastive_loss_layer | tflearn | contrastive | contrastive(net(a), net(b), same)
        """

    private static let keras = """
        Dense layer_dense | Keras | dense | dense(128)
        layer_conv_2d | Keras for R | conv | conv(32, 3)
        keras_model_sequential | Keras for R | - | join stages with >>:  dense(64) >> relu >> dense(8)
        layer_dropout | Keras for R | dropout | dropout(0.5)
        layer_flatten | Keras for R | flatten | flatten >> dense(128)
        nrow ncol | R | - | the lengths of the axes are  x.shape,  of the first alone  len(x)
        library require | R | - | layers, losses, data and plots need no import; leave this line out
        MLPClassifier | scikit-learn | - | a net is a pipeline of stages, with one output for each class:  net = flatten >> dense(100) >> relu >> dense(len(d.names))
        MLPRegressor | scikit-learn | - | a net for one number ends in one output, and is trained with mse:  net = dense(100) >> relu >> dense(1)
        SVC RandomForestClassifier DecisionTreeClassifier GradientBoostingClassifier XGBClassifier GaussianNB | scikit-learn | - | classifiers of siam are nets:  net = flatten >> dense(64) >> relu >> dense(len(d.names))
        SVR RandomForestRegressor DecisionTreeRegressor GradientBoostingRegressor XGBRegressor | scikit-learn | - | siam predicts numbers by nets:  net = dense(64) >> relu >> dense(1)
        LinearRegression Ridge Lasso | scikit-learn | - | a linear model of one number is one layer, trained with mse:  net = dense(1)
        SeparableConv2D | Keras | - | a convolution of each channel, then one over the channels:  depthwise(3) >> conv(32, 1)
        Conv2D Convolution2D Conv1D | Keras | conv | conv(32, 3)
        MaxPooling2D MaxPool2D | Keras | maxpool | maxpool(2)
        AveragePooling2D | Keras | avgpool | avgpool(2)
        GlobalAveragePooling2D | Keras | globalpool | conv(32, 3) >> globalpool
        GlobalMaxPooling2D GlobalMaxPool2D | Keras | - | the maximum of each channel is a stage:  conv(32, 3) >> (x -> max(x, axis = [1, 2]))
        Flatten | Keras, PyTorch | flatten | flatten >> dense(128)
        Dropout | Keras, PyTorch | dropout | dropout(0.5)
        BatchNormalization | Keras | batchnorm | batchnorm()
        LayerNormalization | Keras | layernorm | layernorm()
        GaussianNoise | Keras | noise | noise(0.1)
        Activation | Keras | - | an activation is a stage:  dense(128) >> relu
        LeakyReLU | Keras, PyTorch | leaky_relu | dense(128) >> leaky_relu
        Lambda | Keras | - | a function is a stage as it stands:  dense(8) >> (x -> x * 2)
        Input | Keras | - | a net finds the shape of its input at the first use; leave this line out
        Sequential sequential | Keras, PyTorch | - | join stages with >>:  dense(64) >> relu >> dense(8)
        Model | Keras | - | a net is a pipeline of stages:  net = flatten >> dense(64) >> relu >> dense(8)
        add_layer | Keras | - | join stages with >>:  net = net >> dense(8)
        fit fit_generator train_on_batch compile | Keras, scikit-learn | - | training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }
        evaluate test_on_batch score | Keras, scikit-learn | - | a measure is a call:  accuracy(net, unseen)  of a classifier,  pair_accuracy(net, unseen)  of embeddings
        groupby | pandas | - | of one class after another:  for k in 0..len(d.names) { part = d.where(y -> y == k) }
        dropna fillna isna isnull interpolate | pandas | - | csv handles missing values:  csv("table.csv", missing = "drop"),  or "mean", or a number
        drop | pandas | - | leave columns out when reading:  csv("table.csv", drop = "id")
        get_dummies OrdinalEncoder | pandas, scikit-learn | - | encode columns of texts when reading:  csv("table.csv", texts = "one_hot")
        sort_values sort_index | pandas | - | rows in the order of a column are  d[argsort(d["column"])]
        value_counts | pandas | - | how many of each class there are says  show d
        drop_duplicates | pandas | - | describe(d)  says which rows repeat others
        perf_counter monotonic | Python | - | a time is taken by  time { net(x) };  seconds since a moment are  clock()
        time now | Python, JavaScript | - | seconds since a moment are  clock();  a time is taken by  time { net(x) }
        datetime date strftime | Python | - | siam has no dates; seconds since a moment are  clock()
        sleep | Python | - | nothing has to wait in siam; leave it out
        iloc loc | pandas | - | rows are  d[0..5],  of a column  d["name"]
        forward __call__ | PyTorch, Keras | - | a net is called with its input:  net(x)
        predict predict_proba transform predict_on_batch | Keras, scikit-learn | - | a net is called with its input:  net(x),  all of a data set by  embed(net, d)
        predict_classes | Keras | - | the class with the highest score is  argmax(net(x), axis = 1)
        to_categorical | Keras | one_hot | one_hot(y, len(d.names))
        categorical_crossentropy sparse_categorical_crossentropy CategoricalCrossentropy SparseCategoricalCrossentropy | Keras | cross_entropy | cross_entropy(net(x), y)
        binary_crossentropy BinaryCrossentropy | Keras | bce | bce(sigmoid(score), same)
        mean_squared_error MeanSquaredError | Keras, scikit-learn | mse | mse(net(x), y)
        MeanAbsoluteError | Keras, scikit-learn | mae | mae(net(x), y)
        LSTM lstm RNN rnn SimpleRNN GRU GRUCell LSTMCell | Keras, PyTorch | gru | gru(64)
        Embedding | Keras, PyTorch | embedding | embedding(1000, 16)
        MultiHeadAttention MultiheadAttention | Keras, PyTorch | attention | attention(64)
        Huber huber_loss HuberLoss SmoothL1Loss smooth_l1_loss | Keras, PyTorch | huber | huber(net(x), y)
        euclidean_distance PairwiseDistance | Keras, PyTorch | euclidean | euclidean(a, b)
        cosine_similarity CosineSimilarity cosine_proximity | Keras, PyTorch | - | the similarity is  1 - cosine(a, b)
        cosine_distance | Keras | cosine | cosine(a, b)
        EarlyStopping early_stopping | Keras | - | a run ends by break, or inside every epoch by  stop when stalled(run.loss, patience = 8)
        ModelCheckpoint | Keras | - | inside train:  every epoch { save(net, "net.npz") }
        ReduceLROnPlateau reduce_lr_on_plateau | Keras, PyTorch | plateau | adam(plateau(1e-3, patience = 3))
        LearningRateScheduler lr_scheduler CosineDecay ExponentialDecay PiecewiseConstantDecay | Keras | - | the learning rate can be a schedule:  adam(cosine(1e-3, 500))
        callbacks Callback | Keras | - | what is done now and then stands in the body:  every epoch { stop when stalled(run.loss, patience = 8) }
        ImageDataGenerator RandomRotation RandomFlip | Keras | - | pictures are varied by  pairs(d, 32, augment = shift(2) >> rotate(10))
        flow_from_directory image_dataset_from_directory ImageFolder DatasetFolder | Keras, PyTorch | image_folder | image_folder("faces", size = [28, 28])
        trainable trainable_variables trainable_weights | Keras | - | layers are left alone by  freeze(net[0..3])
        train_test_split | scikit-learn | split | seen, unseen = split(d, 0.8)
        l2_regularizer kernel_regularizer regularizers L2 | Keras | - | weight decay is set in the optimizer:  adamw(0.001, decay = 0.01)
        K backend | Keras | - | names stand by themselves:  sum(x, axis = 1)
        Concatenate Add Subtract Multiply Dot | Keras | - | tensors are joined and reckoned with as they are:  concatenate(a, b, axis = -1),  a + b,  a * b
        """

    private static let torch = """
        Linear LazyLinear | PyTorch | dense | dense(128)
        Conv2d LazyConv2d Conv1d Conv3d | PyTorch | conv | conv(32, 3)
        ConvTranspose2d Upsample interpolate | PyTorch | - | siam has no layer that enlarges; a layer of your own is  layer up(k) { forward x = ... }
        MaxPool2d | PyTorch | maxpool | maxpool(2)
        AvgPool2d | PyTorch | avgpool | avgpool(2)
        AdaptiveAvgPool2d adaptive_avg_pool2d | PyTorch | globalpool | conv(32, 3) >> globalpool
        BatchNorm1d BatchNorm2d BatchNorm | PyTorch | batchnorm | batchnorm()
        LayerNorm | PyTorch | layernorm | layernorm()
        ReLU | PyTorch | relu | dense(128) >> relu
        Sigmoid | PyTorch | sigmoid | dense(1) >> sigmoid
        Tanh | PyTorch | tanh | dense(128) >> tanh
        GELU | PyTorch | gelu | dense(128) >> gelu
        ELU | PyTorch | elu | dense(128) >> elu
        Softmax | PyTorch | softmax | dense(10) >> softmax
        Softplus | PyTorch | softplus | dense(8) >> softplus
        LogSoftmax | PyTorch | log_softmax | dense(10) >> log_softmax
        Identity | PyTorch | identity | identity
        Module ModuleList nn_Module | PyTorch | - | a layer is  layer gated(units) { param w : [in, units] = glorot; forward x = x @ w }
        Parameter | PyTorch | - | a parameter is declared in a layer:  param w : [in, units] = glorot
        register_buffer | PyTorch | - | what a layer remembers untrained is  state m : [in] = zeros
        params parameters named_parameters state_dict | PyTorch | - | a net's parameters are  net.params
        zero_grad | PyTorch | - | grad gives new gradients each time, and nothing is to be set to zero:  g = grad(l, net)
        backward | PyTorch | - | gradients are  g = grad(l, net)
        requires_grad requires_grad_ | PyTorch | - | a tensor with a gradient is  x = track(x)
        no_grad inference_mode | PyTorch | - | outside of grad and train nothing is recorded:  net(x)
        eval | PyTorch | - | nets are in evaluation mode outside of train; training(net)(x) is the other
        DataLoader TensorDataset Dataset | PyTorch | - | batches come from a source:  batches(dataset(x, y), 32)
        random_split | PyTorch | split | seen, unseen = split(d, 0.8)
        Adam | PyTorch, Keras | adam | adam(0.001)
        AdamW | PyTorch | adamw | adamw(0.001)
        SGD | PyTorch, Keras | sgd | sgd(0.1, momentum = 0.9)
        RMSprop RMSProp | PyTorch, Keras | rmsprop | rmsprop(0.001)
        Adagrad | PyTorch | adagrad | adagrad(0.01)
        CosineAnnealingLR cosine_decay cosine_annealing | PyTorch | cosine | adam(cosine(1e-3, 500))
        StepLR MultiStepLR step_lr step_decay StepDecay | PyTorch | stairs | adam(stairs(1e-3, 100))
        ExponentialLR exponential_decay | PyTorch | exponential | adam(exponential(1e-3, 0.99))
        LinearLR linear_warmup | PyTorch | warmup | adam(warmup(1e-3, 100))
        logitcrossentropy crossentropy | Flux | cross_entropy | cross_entropy(net(x), y)
        logitbinarycrossentropy | Flux | bce_with_logits | bce_with_logits(score, same)
        CrossEntropyLoss NLLLoss nll_loss nll | PyTorch | cross_entropy | cross_entropy(net(x), y)
        BCELoss binary_cross_entropy | PyTorch | bce | bce(sigmoid(score), same)
        BCEWithLogitsLoss binary_cross_entropy_with_logits | PyTorch | bce_with_logits | bce_with_logits(score, same)
        MSELoss mse_loss | PyTorch | mse | mse(net(x), y)
        L1Loss l1_loss | PyTorch | mae | mae(net(x), y)
        CosineEmbeddingLoss | PyTorch | cosine_contrastive | cosine_contrastive(net(a), net(b), same)
        TripletSemiHardLoss triplet_semihard_loss | TensorFlow | semi_hard | semi_hard(net(x), y)
        TripletMarginLoss triplet_loss triplet_margin_loss TripletLoss | PyTorch, TensorFlow | triplet | triplet(net(a), net(p), net(n))
        MarginRankingLoss margin_ranking_loss | PyTorch | - | the first of two scores is pushed above the second by  mean(relu(0.1 - (s - t)))
        HingeEmbeddingLoss hinge_embedding_loss | PyTorch | - | of distances d it is  mean(same * d + (1 - same) * relu(1 - d))
        cosine_embedding_loss | PyTorch | cosine_contrastive | cosine_contrastive(net(a), net(b), same)
        Dropout2d SpatialDropout2D | PyTorch, Keras | dropout | dropout(0.5)
        manual_seed | PyTorch | seed* | seed(7)
        from_numpy as_tensor FloatTensor LongTensor | PyTorch | tensor | tensor([1, 2, 3])
        unsqueeze | PyTorch | expand | expand(x, 0)
        view | PyTorch | - | another shape is  reshape(x, -1, 2)
        permute | PyTorch | transpose | transpose(x, [0, 2, 1])
        masked_fill | PyTorch | - | a choice element by element is  where(mask, 0, x)
        index_select take take_along_axis | PyTorch, NumPy | gather | gather(x, [2, 0], axis = 0)
        randperm | PyTorch | permutation | permutation(10)
        multinomial | PyTorch | choice | choice(0..10, 3)
        norm_layer | PyTorch | batchnorm | batchnorm()
        cuda cpu to to_device device | PyTorch | - | nets and tensors are where they are computed with; leave it out
        item | PyTorch | - | the one element is  number(x)
        numpy | PyTorch | - | a tensor is an array as it stands; leave it out
        pairwise_distance | PyTorch | euclidean | euclidean(a, b)
        cdist pairwise_distances | PyTorch, scikit-learn | pairwise | pairwise(euclidean, a, b)
        mm bmm | PyTorch, NumPy | - | the matrix product is  a @ b
        """

    private static let metricLearning = """
        ContrastiveLoss contrastive_loss | pytorch-metric-learning | contrastive | contrastive(net(a), net(b), same)
        MultiSimilarityLoss | pytorch-metric-learning | multi_similarity | multi_similarity(net(x), y)
        CircleLoss | pytorch-metric-learning | circle | circle(net(x), y)
        NTXentLoss infonce info_nce InfoNCE ntxent SimCLRLoss | pytorch-metric-learning | nt_xent | nt_xent(net(x), y)
        SupConLoss supcon_loss | pytorch-metric-learning | supcon | supcon(net(x), y)
        NCALoss | pytorch-metric-learning | nca | nca(net(x), y)
        NPairsLoss npair npairs multiple_negatives_ranking | pytorch-metric-learning | n_pair | n_pair(net(a), net(p))
        LiftedStructureLoss GeneralizedLiftedStructureLoss lifted | pytorch-metric-learning | lifted_structure | lifted_structure(net(x), y)
        AngularLoss | pytorch-metric-learning | angular | angular(net(x), y)
        MarginLoss | pytorch-metric-learning | margin_loss | loss = margin_loss(); train net, loss on ... { minimize loss(net(x), y) }
        ProxyNCALoss proxynca | pytorch-metric-learning | proxy_nca | loss = proxy_nca(len(d.names)); train net, loss on ... { minimize loss(net(x), y) }
        ProxyAnchorLoss | pytorch-metric-learning | proxy_anchor | loss = proxy_anchor(len(d.names)); train net, loss on ... { minimize loss(net(x), y) }
        ArcFaceLoss ArcFace SubCenterArcFaceLoss | pytorch-metric-learning | arcface | loss = arcface(len(d.names)); train net, loss on ... { minimize loss(net(x), y) }
        CosFaceLoss CosFace LargeMarginSoftmaxLoss | pytorch-metric-learning | cosface | loss = cosface(len(d.names)); train net, loss on ... { minimize loss(net(x), y) }
        SphereFaceLoss | pytorch-metric-learning | sphereface | loss = sphereface(len(d.names)); train net, loss on ... { minimize loss(net(x), y) }
        CenterLoss | pytorch-metric-learning | center_loss | centers = center_loss(len(d.names)); train net, centers on ... { minimize cross_entropy(net(x), y) + 0.01 * centers(net(x), y) }
        BarlowTwinsLoss VICRegLoss | pytorch-metric-learning | - | two views of one batch:  vicreg(net(a), net(b)),  barlow_twins(net(a), net(b))
        CrossBatchMemory memory_bank xbm | pytorch-metric-learning | cross_batch | memory = cross_batch(512); train net, memory on ... { zs, ys = memory(net(x), y); minimize supcon(zs, ys) }
        TripletMarginMiner | pytorch-metric-learning | - | places of triplets are  a, p, n = semi_hard_triplets(pairwise(euclidean, z, z), y)
        BatchHardMiner BatchEasyHardMiner hardest | pytorch-metric-learning | - | the loss that mines is  batch_hard(net(x), y)
        MultiSimilarityMiner | pytorch-metric-learning | multi_similarity_pairs | multi_similarity_pairs(pairwise(euclidean, z, z), y)
        DistanceWeightedMiner | pytorch-metric-learning | distance_weighted_triplets | distance_weighted_triplets(d, y, width)
        HDCMiner PairMarginMiner AngularMiner UniformHistogramMiner | pytorch-metric-learning | - | miners give places of triplets:  hard_triplets(d, y),  semi_hard_triplets(d, y),  angular_triplets(d, y)
        MPerClassSampler | pytorch-metric-learning | balanced | balanced(d, classes = 8, each = 4)
        semihard SemiHard | pytorch-metric-learning | semi_hard | semi_hard(net(x), y)
        LpDistance CosineSimilarityDistance SNRDistance | pytorch-metric-learning | - | distances are functions:  euclidean(a, b),  cosine(a, b),  snr(a, b)
        AccuracyCalculator | pytorch-metric-learning | - | measures are calls:  recall_at(1, net, unseen),  map_at_r(net, unseen),  nmi(net, unseen)
        precision_at_1 recall_at_k recall_at_1 | pytorch-metric-learning | recall_at | recall_at(1, net, unseen)
        precision_at_k | pytorch-metric-learning | precision_at | precision_at(5, net, unseen)
        mean_average_precision_at_r MAP_at_R MAP mean_ap | pytorch-metric-learning | map_at_r | map_at_r(net, unseen)
        KNeighborsClassifier | scikit-learn | - | siam has no classifier by nearest neighbours; the share of rows whose nearest neighbour has their class is  recall_at(1, z, y)
        FaissKNN NearestNeighbors knn kneighbors | scikit-learn | nearest | nearest(x, z, k = 5)
        Siamese SiameseNetwork | elsewhere | siamese | siamese(dense(64) >> relu)
        """

    private static let scikit = """
        accuracy_score | scikit-learn | accuracy | accuracy(net, d)
        roc_auc roc_auc_score AUC | scikit-learn, Keras | - | of scores and classes it is  roc(s, y).area,  of pairs  auc(net, unseen)
        roc_curve RocCurveDisplay | scikit-learn | roc | roc(net, unseen)
        average_precision_score | scikit-learn | - | the area is not measured; the curve is  pr(net, unseen)
        precision_recall_curve | scikit-learn | pr | pr(net, unseen)
        calibration_curve | scikit-learn | calibration | calibration(net, unseen)
        f1_score | scikit-learn | f1 | f1(net, unseen)
        precision_score | scikit-learn | precision | precision(net, unseen)
        recall_score | scikit-learn | recall | recall(net, unseen)
        classification_report | scikit-learn | - | class by class it is  confusion(net, unseen),  in one number  f1(net, unseen)
        confusion_matrix ConfusionMatrixDisplay confusionmat | scikit-learn, MATLAB | confusion | confusion(net, unseen)
        silhouette_score | scikit-learn | silhouette | silhouette(net, unseen)
        normalized_mutual_info_score NMI | scikit-learn | nmi | nmi(net, unseen)
        adjusted_mutual_info_score | scikit-learn | ami | ami(net, unseen)
        adjusted_rand_score rand_score | scikit-learn | - | siam has no Rand index; clusters are compared with classes by  ami(net, unseen)  and  nmi(net, unseen)
        PCA TruncatedSVD | scikit-learn | pca | pca(z)
        TSNE | scikit-learn | tsne | tsne(z)
        umap UMAP MDS Isomap | scikit-learn | - | pictures of embeddings are  tsne(z)  and  pca(z)
        KMeans | scikit-learn | kmeans | kmeans(z, 10)
        StandardScaler zscore | scikit-learn | standardize | standardize(seen) >> dense(8)
        MinMaxScaler minmax_scale | scikit-learn | normalize | normalize(seen) >> dense(8)
        LabelEncoder | scikit-learn | - | class numbers come with the data:  d.y,  their names  d.names
        OneHotEncoder label_binarize onehot | scikit-learn | one_hot | one_hot(y, len(d.names))
        make_blobs | scikit-learn | blobs | blobs(300, classes = 3)
        make_moons | scikit-learn | moons | moons(300)
        make_circles | scikit-learn | rings | rings(300)
        make_classification | scikit-learn | blobs | blobs(300, classes = 2, dim = 8)
        load_iris read_csv read_table load_csv readtable readmatrix csvread fread | scikit-learn, pandas | csv | csv("iris.csv", label = "species")
        StratifiedKFold KFold GroupKFold kfold cross_val_score cross_validate cross_validation | scikit-learn | - | each row is held back once by  for pair in fold(d, 5) { seen, held = pair }
        GridSearchCV RandomizedSearchCV grid_search | scikit-learn | - | many settings are tried by  table = sweep lr in [0.1, 0.01] { ... }
        normalise | elsewhere | l2norm | l2norm(x)
        compute_class_weight class_weight | scikit-learn, Keras | class_weights | class_weights(seen)
        RandomOverSampler resample | scikit-learn | balance | balance(seen)
        LogisticRegression SGDClassifier LinearSVC | scikit-learn | - | a classifier of one layer has one output for each class:  net = flatten >> dense(len(d.names))
        """

    private static let numpy = """
        arange | NumPy | range | range(0, 10, 2)
        clone deepcopy clone_model | PyTorch, Keras | copy* | copy(net)
        array asarray ndarray | NumPy | tensor* | tensor([1, 2, 3])
        hstack hcat column_stack | NumPy, Julia | - | columns are joined by  concatenate(a, b, axis = 1)
        concat cat | NumPy, PyTorch | concatenate | concatenate(a, b, axis = 0)
        vstack vcat row_stack | NumPy, Julia | - | rows are joined by  concatenate(a, b, axis = 0)
        dstack | NumPy | stack | stack(a, b, axis = -1)
        zeros_like | NumPy | - | zeros of the same shape are  zeros(x.shape)
        ones_like full_like empty_like | NumPy | - | ones of the same shape are  ones(x.shape)
        empty | NumPy | zeros | zeros(3, 4)
        identity_matrix | NumPy | eye | eye(3, 3)
        clip | NumPy | clamp* | clamp(x, 0, 1)
        pow | NumPy | power* | power(x, 2)
        sqr | elsewhere | - | a square is  x ^ 2
        absolute fabs | NumPy | abs* | abs(x)
        average avg | NumPy | mean | mean(x, axis = 0)
        stddev sd nanstd | NumPy, R | std | std(x, axis = 0)
        variance | NumPy | var | var(x, axis = 0)
        percentile prctile | NumPy, MATLAB | - | below it lie nine of ten:  quantile(x, 0.9)
        amax nanmax | NumPy | max | max(x, axis = 0)
        amin nanmin | NumPy | min | min(x, axis = 0)
        linalg_norm | NumPy | norm | norm(x, axis = -1)
        inv pinv lstsq | NumPy, MATLAB | - | an equation is solved without an inverse:  solve(a, b)
        det | NumPy, MATLAB | - | siam has no determinant; singular values are  svd(a)
        eig eigvals | NumPy, MATLAB | eigh | w, v = eigh(a)
        trace_matrix | NumPy | - | the sum of the diagonal is  sum(diag(a))
        tensordot inner vdot | NumPy | - | products that are summed are  a @ b,  of vectors  dot(a, b)
        swapaxes moveaxis | NumPy | transpose | transpose(x, [0, 2, 1])
        ravel flatten_array | NumPy | - | all in one row is  reshape(x, [-1])
        repmat | MATLAB | tile | tile(x, 2)
        meshgrid | NumPy | - | a plane of points is  [[x, y] for x in xs for y in ys]
        logspace geomspace | NumPy | - | steps of equal factor are  10 ^ linspace(-3, 0, 10)
        mod rem fmod | NumPy, MATLAB | - | what is left of a division is  7 % 2
        div idiv floordiv floor_divide quotient | NumPy, Julia | - | a whole quotient is  floor(7 / 2)
        log10 | NumPy | - | to another base:  log(x) / log(10)
        log2 | NumPy | - | to another base:  log(x) / log(2)
        diff | NumPy | - | differences of neighbours are  x[1..] - x[0..len(x) - 1]
        bincount histc | NumPy | - | how many there are of each class:  sum(one_hot(y, len(d.names)), axis = 0)
        transformer Transformer TransformerEncoder multihead_attention | PyTorch, Keras | - | one head of attention over places is  attention(64),  called with a mask
        distance dissimilarity | scikit-learn | - | distances are  euclidean(a, b),  cosine(a, b)  and  manhattan(a, b)
        include source_file | Julia | - | a file is read by  import "layers.siam"
        knn_accuracy knn_score nearest_neighbor_accuracy | elsewhere | recall_at | recall_at(1, net, unseen)
        next next_batch get_batch iter | PyTorch | - | a source gives its next batch by  p.next()
        info memory_usage | pandas | - | what a data set holds is said by  describe(d)
        random_sample | NumPy | rand | rand(5)
        randint rand_int random_integers randi | NumPy, MATLAB | - | whole numbers at random are  choice(0..10, 5)
        default_rng RandomState | NumPy | seed* | seed(7)
        loadtxt genfromtxt | NumPy | csv | csv("table.csv", label = "species")
        argwhere nonzero flatnonzero | NumPy | - | the places where a mask m holds are  range(0, len(m))[m]
        where_index | NumPy | - | the places where a mask m holds are  range(0, len(m))[m]
        allclose isclose isapprox | NumPy, Julia | close | close(a, b)
        findmax findmin | Julia | - | the largest element is  max(x),  its place  argmax(x)
        isempty | Julia, MATLAB | - | a list without elements has  len(xs) == 0
        dim | R | - | the lengths of the axes are  x.shape
        isnan | NumPy, PyTorch | is_nan | is_nan(x)
        isfinite | NumPy, PyTorch | is_finite | is_finite(x)
        isinf | NumPy, PyTorch | - | infinite numbers are  abs(x) == inf
        histogram hist2d | NumPy | hist | hist(x, bins = 20)
        imshow matshow | matplotlib | image | image(x)
        contourf pcolor heatmap | matplotlib | heat | heat(m)
        savefig | matplotlib | save | f = plot(xs); save(f, "f.svg")
        subplot subplots figure | matplotlib | beside | beside(plot(a), plot(b))
        barplot bar barh | matplotlib | bars | bars([3, 1, 2], names = ["a", "b", "c"])
        """

    private static let elsewhere = """
        tower towers encoder create_subnetwork base_network embedding_net | the article | - | a tower is defined first:  layer tower(dim = 64) = flatten >> dense(128) >> relu >> dense(dim)
        net model network | elsewhere | - | a net is made first:  net = flatten >> dense(128) >> relu >> dense(64)
        run | Keras | - | a run is what train gives:  run = train net on pairs(d, 32) as a, b, same for 5 epochs using adam(0.001) { minimize ... }
        history losses train_loss loss_history | Keras, elsewhere | - | a run's losses are  run.loss,  drawn by  plot(run.loss)
        loss | elsewhere | - | a run's losses are  run.loss,  in a body a name is given first:  l = contrastive(net(a), net(b), same)
        optimizer opt | elsewhere | - | an optimizer is made first:  opt = adam(0.001)
        None null nil undefined nothing NULL | elsewhere | none | none
        True TRUE | Python, R | true | true
        False FALSE | Python, R | false | false
        matrix | R | - | a matrix is  zeros(3, 4),  or a list of its rows  [[1, 2], [3, 4]]
        paste paste0 sprintf | R, C | - | a text can hold values:  "loss {l:.3}"
        ifelse | R | where | where(x > 0, x, 0)
        rnorm | R | randn | randn(10)
        runif | R | rand | rand(10)
        push_back | C++ | push | xs = xs.push(3)
        length | elsewhere | len* | len(x)
        numel nelement | MATLAB, PyTorch | count | count(x)
        ndims ndim ndimension | Julia, NumPy | - | the number of axes is  x.rank
        str string String num2str repr | elsewhere | text | text(x)
        float32 float64 float16 Float32 Float64 int64 int32 Int64 Int32 long dtype astype | NumPy, PyTorch | - | numbers are 32 bits wide as they are; leave it out
        float double parseFloat str2num | elsewhere | number | number("3.5")
        Tensor | PyTorch | tensor* | tensor([1, 2, 3])
        println echo puts printf disp fprintf cout | elsewhere | print | print("loss {l}")
        foldl inject | elsewhere | reduce | reduce(xs, (a, b) -> a + b)
        toupper toUpperCase | elsewhere | upper | upper(t)
        tolower toLowerCase | elsewhere | lower | lower(t)
        strip rstrip lstrip | Python | trim | trim(t)
        strsplit | MATLAB | split | split("a-b", "-")
        strjoin | MATLAB | join | join(["a", "b"], "-")
        sorted | Python | sort | sort(xs)
        fliplr | MATLAB | - | columns are reversed by  flip(x, axis = 1)
        reversed flipud | Python, MATLAB | reverse | reverse(xs)
        typeof class_of isa | elsewhere | type* | type(x)
        ln | elsewhere | log* | log(x)
        l1 cityblock | elsewhere | manhattan | manhattan(a, b)
        pdist pdist2 | elsewhere | - | the distances of all rows are  pairwise(euclidean, x, z)
        l2 dist | elsewhere | euclidean | euclidean(a, b)
        assert | elsewhere | expect | expect x > 0
        linear | elsewhere | dense | dense(128)
        tic toc timeit | MATLAB, Python | - | a time is taken by  time { net(x) }
        size | MATLAB, PyTorch, NumPy | - | the lengths of the axes are  x.shape,  the number of all elements is  x.count
        cell | MATLAB | - | a list is  [],  and one more element  xs.push(x)
        cellfun arrayfun sapply lapply | MATLAB, R | map | map(xs, x -> x ^ 2)
        mapreduce | Julia | reduce | reduce(map(xs, f), (a, b) -> a + b)
        Chain chain Seq pipeline stack_layers | Julia, elsewhere | - | join stages with >>:  dense(64) >> relu >> dense(8)
        seq | R | - | steps from one number to another, both included:  linspace(0, 1, 11)
        Flux | Julia | - | layers, losses, data and plots need no import; leave this line out
        train! | Julia | - | training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }
        withgradient pullback | Julia | - | gradients are  g = grad(l, net)
        broadcast | Julia | - | operators and functions take tensors as they are:  relu(x + 1)
        collect | Julia | list | list(0..3)
        eachindex axes | Julia | - | a loop over places is  for i in 0..len(x) { ... }
        rng MersenneTwister | MATLAB, Julia | seed* | seed(7)
        fullyConnectedLayer | MATLAB | dense | dense(128)
        convolution2dLayer | MATLAB | conv | conv(32, 3)
        reluLayer | MATLAB | relu | dense(128) >> relu
        maxPooling2dLayer | MATLAB | maxpool | maxpool(2)
        trainNetwork trainnet | MATLAB | - | training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize ... }
        imread imageDatastore | MATLAB | image_folder | image_folder("faces", size = [28, 28])
        """
}
