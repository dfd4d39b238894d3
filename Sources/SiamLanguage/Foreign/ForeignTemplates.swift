/// The calls of other libraries as siam writes them; `ForeignCalls` says how a line is read. Where the defaults of the two
/// differ the template writes the other's, and where they cannot be made equal the note says which number differs.
extension ForeignCalls {
    static let table = [
        layers, shapedLayers, optimizers, rates, data, tensors, reductions, random, elsewhere, losses, measures,
    ].joined(separator: "\n")

    private static let channels = "images here are batch x height x width x channels"

    private static let layers = """
        linear | dense({1#}) | 0
        Linear LazyLinear | dense({1,out_features}(?, bias = {2,bias}?)) | 0 in_features bias=true
        Linear LazyLinear Dense linear | dense({0#,out_features,units}(?, bias = {bias,use_bias}?)(?, init = {'kernel_initializer}?)) | use_bias=true bias=true
        Dense | dense({1#}) >> {2} | !0#
        Dense | dense({1#}) | !0#
        Dense | dense({0#}) >> {'1} |
        Dense | dense({0#}) >> {1} | bias=true
        Dense fullyConnectedLayer | dense({0,units}(?, bias = {use_bias}?)(?, init = {'kernel_initializer}?)) |
        layer_dense | dense({0,units}(?, bias = {use_bias}?)) |
        layer_conv_2d | conv({0,filters}, {1,kernel_size:3}(?, stride = {strides}?), padding = {pad}) | | \(channels)
        layer_max_pooling_2d | maxpool({0,pool_size:2}(?, stride = {strides}?)) |
        layer_dropout | dropout({0,rate}) |
        layer_flatten | flatten |
        layer_batch_normalization | batchnorm(momentum = {momentum:0.99}, eps = {epsilon:0.001}) |
        layer_activation | {'0} |
        keras_model_sequential | {>>} |
        layers.dense | {0>>}dense({1#,units}(?, bias = {use_bias}?)) | name inputs
        tflearn.dropout | {0>>}dropout({1-1}) | name | its number is the share that is set to 0, and the share that is kept there
        layers.dropout | {0>>}dropout({1#,rate:0.5}) | training
        layers.flatten | {0>>}flatten | name
        layers.conv2d | {0>>}conv({1,filters}, {2,kernel_size:3}(?, padding = {padding}?)) | name inputs
        layers.max_pooling2d | {0>>}maxpool({1,pool_size:2}(?, stride = {2,strides}?)) | name inputs
        fully_connected | {0>>}dense({1,n_units}) | incoming
        fully_connected | dense({0#,n_units}) |
        Flatten | flatten | 0=1 start_dim=1
        Dropout | dropout({0#,p,rate:0.5}) |
        Dropout2d SpatialDropout2D | dropout({0#,p,rate:0.5}) | | dropout drops single numbers, not whole channels
        BatchNorm1d BatchNorm2d | batchnorm() | 0 num_features momentum=0.1 eps=1e-5
        BatchNorm1d BatchNorm2d | batchnorm((?, momentum = {1-momentum}?)(?, eps = {eps}?)) | 0 num_features
        BatchNormalization | batchnorm(momentum = {momentum:0.99}, eps = {epsilon:0.001}) | axis=-1
        LayerNorm | layernorm((?, eps = {eps}?)) | 0' normalized_shape
        LayerNormalization | layernorm(eps = {epsilon:0.001}) | axis=-1
        ReLU reluLayer | relu |
        Sigmoid | sigmoid |
        Tanh | tanh |
        GELU | gelu |
        ELU | (x -> elu(x, {0#,alpha})) |
        ELU | elu |
        Softmax softmaxLayer | softmax | 0=1 0=-1 dim=1 dim=-1 axis=1 axis=-1
        Softmax | (x -> softmax(x, axis = {0,dim,axis})) |
        LogSoftmax | log_softmax | 0=1 0=-1 dim=1 dim=-1
        LogSoftmax | (x -> log_softmax(x, axis = {0,dim})) |
        Softplus | softplus |
        Identity | identity | 0
        layers.LeakyReLU | (x -> leaky_relu(x, {0#,negative_slope,alpha:0.3})) |
        LeakyReLU | (x -> leaky_relu(x, {0#,negative_slope,alpha})) |
        nn.LeakyReLU | leaky_relu |
        LeakyReLU | leaky_relu | | its slope is 0.01, as in PyTorch; in Keras it is 0.3
        tf.nn.leaky_relu | leaky_relu({0}, {1,alpha:0.2}) |
        Activation | {'0} |
        nn.Embedding | embedding({0,num_embeddings}, {1,embedding_dim}, init = normal(1)) |
        layers.Embedding | embedding({0,input_dim}, {1,output_dim}, init = uniform(-0.05, 0.05)) |
        Embedding | embedding({0,num_embeddings,input_dim}, {1,embedding_dim,output_dim}) |
        GRU | gru({1#,hidden_size}) | 0 input_size batch_first num_layers=1 | gru gives the state after the last position alone
        GRU | gru({0#,units}) | return_sequences=false
        LSTM RNN | gru({1#,hidden_size}) | 0 input_size batch_first num_layers=1 | of the recurrent layers siam has the gru alone; it gives the state after the last position
        LSTM SimpleRNN | gru({0#,units}) | return_sequences=false | of the recurrent layers siam has the gru alone
        Sequential chain Chain pipeline | {>>} |
        Model | {1,outputs} | 0' inputs'
        F.linear functional.linear | ! |
        F.dropout functional.dropout | dropout({1,p:0.5})({0}) |
        F.normalize functional.normalize | l2norm({0}) | 1=2 p=2 2=1 dim=1 dim=-1 eps=1e-12
        F.normalize functional.normalize | l2norm({0}, axis = {2,dim}) | 1=2 p=2 eps=1e-12
        """

    private static let shapedLayers = """
        Conv2d | conv({1,out_channels}, {2,kernel_size:3}(?, stride = {3,stride}?), padding = {pad}(?, dilation = {dilation}?)) | 0 in_channels bias=true groups=1 | \(channels)
        Conv2D Convolution2D | conv({0,filters}, {1,kernel_size:3}(?, stride = {2,stride,strides}?), padding = {pad}(?, dilation = {dilation_rate}?)) | use_bias=true
        conv_2d | conv({0#}, {1#:3}(?, stride = {2#,strides}?)) | padding="same"
        conv_2d | {0>>}conv({1,nb_filter}, {2,filter_size:3}(?, stride = {3,strides}?)(?, padding = {padding}?)) | incoming
        convolution2dLayer | conv({1}, {0}, padding = "same") | !2="Padding" !3="same"
        convolution2dLayer | conv({1}, {0}, padding = "valid") |
        MaxPool2d MaxPool2D MaxPooling2D | maxpool({0,kernel_size,pool_size:2}(?, stride = {1,stride,strides}?)) | padding=0 padding="valid" 2=0
        maxPooling2dLayer | maxpool({0}, stride = {2}) | !1="Stride"
        maxPooling2dLayer | maxpool({0}, stride = 1) |
        max_pool_2d | {0>>}maxpool({1,kernel_size}(?, stride = {2,strides}?)) | incoming | windows that do not fit in are left out
        max_pool_2d | maxpool({0#}) | | windows that do not fit in are left out
        AvgPool2d AveragePooling2D | avgpool({0,kernel_size,pool_size:2}(?, stride = {1,stride,strides}?)) | padding=0 padding="valid" 2=0
        F.max_pool2d functional.max_pool2d | maxpool({1,kernel_size}(?, stride = {2,stride}?))({0}) | padding=0
        F.avg_pool2d functional.avg_pool2d | avgpool({1,kernel_size}(?, stride = {2,stride}?))({0}) | padding=0
        AdaptiveAvgPool2d | globalpool | !0=1
        AdaptiveAvgPool2d | globalpool | !output_size=1
        AdaptiveAvgPool2d | globalpool | !0=[1,1]
        GlobalAveragePooling2D | globalpool | keepdims=false
        """

    private static let optimizers = """
        optim.SGD | sgd({1#,lr}(?, momentum = {momentum}?)(?, nesterov = {nesterov}?)(?, decay = {weight_decay}?)) | 0 params dampening=0
        optim.SGD | sgd(0.001(?, momentum = {momentum}?)(?, nesterov = {nesterov}?)(?, decay = {weight_decay}?)) | 0 params dampening=0
        SGD GradientDescentOptimizer | sgd({1#,lr,learning_rate}(?, momentum = {momentum}?)(?, nesterov = {nesterov}?)(?, decay = {weight_decay}?)) | 0 params dampening=0
        SGD GradientDescentOptimizer | sgd({0#}(?, momentum = {1#,momentum}?)(?, nesterov = {2,nesterov}?)(?, decay = {weight_decay}?)) |
        SGD | sgd((?, momentum = {momentum}?)(?, nesterov = {nesterov}?)) |
        SGD | sgd(0.001(?, momentum = {momentum}?)(?, nesterov = {nesterov}?)(?, decay = {weight_decay}?)) | 0 params dampening=0
        MomentumOptimizer | sgd({0,learning_rate}, momentum = {1,momentum}(?, nesterov = {use_nesterov}?)) |
        optimizers.Adam | adamw({0#,learning_rate:0.001}(?, beta1 = {beta_1}?)(?, beta2 = {beta_2}?), decay = {weight_decay}) | amsgrad=false
        Adam AdamOptimizer | adam({1#,lr,learning_rate}(?, beta1 = {betas@0,beta_1,beta1}?)(?, beta2 = {betas@1,beta_2,beta2}?)(?, eps = {eps,epsilon}?)(?, decay = {weight_decay}?)) | 0 params amsgrad=false
        Adam AdamOptimizer | adam({0#}(?, beta1 = {betas@0,beta_1,beta1}?)(?, beta2 = {betas@1,beta_2,beta2}?)(?, eps = {eps,epsilon}?)(?, decay = {weight_decay}?)) | amsgrad=false
        Adam AdamOptimizer | adam((?, beta1 = {betas@0,beta_1,beta1}?)(?, beta2 = {betas@1,beta_2,beta2}?)(?, eps = {eps,epsilon}?)(?, decay = {weight_decay}?)) | 0 params amsgrad=false
        NAdam Nadam | adam({1#,lr,learning_rate}(?, decay = {weight_decay}?)) | 0 params | adam has no Nesterov momentum
        NAdam Nadam | adam({0#}) | | adam has no Nesterov momentum
        NAdam | adam(0.002) | !0 | adam has no Nesterov momentum
        optimizers.AdamW | adamw({0#,learning_rate:0.001}, decay = {1#,weight_decay:0.004}(?, beta1 = {beta_1}?)(?, beta2 = {beta_2}?)) | amsgrad=false
        AdamW | adamw({1#,lr,learning_rate}(?, beta1 = {betas@0,beta_1}?)(?, beta2 = {betas@1,beta_2}?)(?, eps = {eps,epsilon}?)(?, decay = {weight_decay}?)) | 0 params amsgrad=false
        AdamW | adamw({0#}(?, decay = {weight_decay}?)) |
        AdamW | adamw((?, beta1 = {betas@0}?)(?, beta2 = {betas@1}?)(?, eps = {eps}?)(?, decay = {weight_decay}?)) | 0 params amsgrad=false
        optim.RMSprop | rmsprop({1#,lr:0.01}(?, rho = {2#,alpha}?)(?, eps = {3#,eps}?)(?, momentum = {momentum}?)(?, decay = {weight_decay}?)) | 0 params centered=false
        RMSprop RMSProp RMSPropOptimizer | rmsprop({0#,learning_rate}, rho = {1#,rho,decay:0.9}(?, momentum = {2#,momentum}?)(?, eps = {epsilon}?)) | centered=false
        RMSprop RMSProp | rmsprop({1#,lr}(?, rho = {2#,alpha}?)(?, eps = {3#,eps}?)(?, momentum = {momentum}?)(?, decay = {weight_decay}?)) | 0 params centered=false
        RMSprop RMSProp | rmsprop(0.001, rho = {rho:0.9}(?, momentum = {momentum}?)) | centered=false
        RMSprop RMSProp | rmsprop(0.01(?, rho = {alpha}?)(?, momentum = {momentum}?)) | 0 params centered=false
        optim.Adagrad | adagrad({1#,lr:0.01}(?, decay = {weight_decay}?)(?, eps = {eps}?)) | 0 params lr_decay=0
        optimizers.Adagrad | adagrad({0#,learning_rate:0.001}(?, eps = {epsilon:1e-7}?)) | | the sum of squares begins at 0, and at 0.1 in Keras
        Adagrad | adagrad({1#,lr}(?, decay = {weight_decay}?)) | 0 params lr_decay=0
        Adagrad AdagradOptimizer | adagrad({0#,learning_rate}(?, eps = {epsilon}?)) | | the sum of squares begins at 0, and at 0.1 in Keras and TensorFlow
        Adagrad | adagrad() | 0 params lr_decay=0
        """

    private static let counted = "a schedule counts steps, not epochs"

    private static let rates = """
        StepLR step_lr | stairs({0#,lr}, {1#,step_size}(?, {2#,gamma}?)) | | \(counted)
        ExponentialLR | exponential({0#,lr}, {1#,gamma}) | | \(counted)
        CosineAnnealingLR | cosine_schedule({0#,lr}, {1#,T_max}(?, floor = {2#,eta_min}?)) | | \(counted)
        CosineDecay | cosine_schedule({0#,initial_learning_rate}, {1#,decay_steps}) | alpha=0
        CosineDecay | cosine_schedule({0#,initial_learning_rate}, {1#,decay_steps}, floor = {0#,initial_learning_rate} * {2#,alpha}) |
        ExponentialDecay exponential_decay | stairs({0#,initial_learning_rate}, {1#,decay_steps}, {2#,decay_rate}) | !staircase=true
        ExponentialDecay exponential_decay | exponential({0#,initial_learning_rate}, {2#,decay_rate} ^ (1 / {1#,decay_steps})) | staircase=false
        ReduceLROnPlateau | plateau({0#}, patience = {patience:10}, factor = {factor:0.1}(?, floor = {min_lr}?)) | mode="min"
        """

    private static let data = """
        DataLoader | batches({0,dataset}, {1,batch_size:1}) | !shuffle=true num_workers drop_last=false pin_memory
        DataLoader | batches({0,dataset}, {1,batch_size:1}) | num_workers drop_last=false pin_memory | batches come in a new random order each epoch
        TensorDataset | dataset({0}, {1}) |
        train_test_split | split({0}, {1}, {1-2}) | !2# shuffle=true stratify
        train_test_split | split({0}, {1-1}) | !1# shuffle=true stratify
        train_test_split | split({*}, {1-test_size}) | shuffle=true stratify
        train_test_split | split({*}, {train_size:0.75}) | shuffle=true stratify
        read_csv read_table fread | csv({0}(?, sep = {sep,delimiter}?), header = false(?, label = {label,target}?)) | !header=none | \(guessed)
        read_csv load_csv read_table loadtxt genfromtxt readtable readmatrix csvread fread | csv({0}, label = {label,target}(?, sep = {sep,delimiter}?)) | header=0 header=true header="infer"
        read_csv load_csv read_table loadtxt genfromtxt readtable readmatrix csvread fread | csv({0}(?, sep = {sep,delimiter}?)) | header=0 header=true header="infer" | \(guessed)
        read.csv | csv({0}(?, sep = {sep}?)) | header=true stringsAsFactors | \(guessed)
        make_blobs | blobs({0,n_samples:100}(?, classes = {centers}?)(?, dim = {1,n_features}?)(?, spread = {cluster_std}?)) | return_X_y | it gives one data set, d, with d.x and d.y
        make_moons | moons({0,n_samples:100}, noise = {noise:0}) | | it gives one data set, d, with d.x and d.y
        make_circles | rings({0,n_samples:100}, noise = {noise:0}) | | it gives one data set, d, with d.x and d.y, and its rings have other radii
        next | {(0}.next() | !0[
        iter | {0} |
        .batch .dataloader | batches({self}, {0}) |
        head | {(0}[0..{1#:6}] |
        .head | {self}[0..{0#:5}] |
        np.save numpy.save | save({1}, {0}) |
        np.load numpy.load | load({0}) |
        compute_class_weight | class_weights({y,2}) | 0 class_weight classes 1
        KMeans | (z -> kmeans(z, {0#,n_clusters:8})) | n_init max_iter
        NearestNeighbors | nearest(x, z, k = {0#,n_neighbors:5}) | metric="euclidean" weights="uniform"
        torch.save joblib.dump pickle.dump | save({0.}, {&1}) |
        .save_weights .save_model | save({self}, {&0}) |
        .load_weights | load({&0}, {self}) |
        .load_state_dict | load({&0>0}, {self}) |
        to_categorical | one_hot({0}, {1,num_classes}) |
        F.one_hot functional.one_hot | one_hot({0}, {1,num_classes}) |
        tf.one_hot | one_hot({0}, {1,depth}) |
        np.eye numpy.eye torch.eye | eye({0}) |
        imread | image({0}) | | its numbers go from 0 to 1
        """
    private static let guessed = "the last column is taken for the class unless  label = \"name\"  says which is"

    private static let tensors = """
        argwhere nonzero flatnonzero which | range(0, len({0}))[{(0} != 0] | | places count from 0
        np.where numpy.where torch.where tf.where | where({0}, {1}, {2}) |
        np.where numpy.where torch.where tf.where | range(0, len({0}))[{(0} != 0] |
        mm bmm np.dot numpy.dot np.matmul numpy.matmul torch.matmul tf.matmul linalg.matmul | {(0} @ {(1} |
        torch.dot np.vdot np.inner | dot({0}, {1}) |
        torch.einsum np.einsum tf.einsum | einsum({1}, {0}) |
        torch.einsum np.einsum tf.einsum | einsum({1}, {2}, {0}) |
        numel nelement | {(0}.count |
        collect | {0} |
        log10 | log({0}) / log(10) |
        log2 | log({0}) / log(2) |
        np.size numpy.size | {(0}.shape[{1#}] |
        size | {(0}.shape[{1#-}] | | axes count from 0 here
        np.size numpy.size | count({0}) |
        nrow | len({0}) |
        ncol | {(0}.shape[1] |
        length | len({0}) | | of a matrix this is the number of its rows
        unsqueeze expand_dims | expand({0}, {1,dim,axis}) |
        .unsqueeze | expand({self}, {0,dim}) |
        .permute | transpose({self}, [{*~}]) |
        permute | transpose({0}, [{1~,dims}]) |
        torch.transpose | transpose({0}, [1, 0]) | !1=0 !2=1
        torch.transpose | transpose({0}, [1, 0]) | !1=1 !2=0
        torch.transpose | ! |
        torch.t | {(0}.transpose() |
        .view | reshape({self}, {*~}) |
        torch.flatten | flatten({0}) | !1=1
        torch.flatten | flatten({0}) | !start_dim=1
        torch.flatten ravel | reshape({0}, -1) |
        .ravel | reshape({self}, -1) |
        torch.split | ! |
        np.split numpy.split torch.chunk | split({0}, {1#}(?, axis = {2#,axis,dim}?)) |
        .size | {self}.shape[{0,dim}] |
        .size | {self}.shape |
        .numel .nelement | {self}.count |
        .item | number({self}) |
        .numpy .cpu .cuda .contiguous .tolist .half | {self} |
        .to | {self} | 0 1
        .astype | {self} | 0=float 0="float" 0="float32" 0=np.float32 0=np.float64
        .astype | floor({self}) | 0=int 0="int" 0=np.int32 0=np.int64 | numbers below 0 are rounded down
        .masked_fill | where({0,mask}, {1,value}, {self}) |
        .t | {self}.transpose() |
        .mm .bmm | {self} @ {(0} |
        .pow | {self} ^ {(0,(exponent} |
        .eq | {self} == {(0} |
        .predict .forward | {self}({*}) | verbose batch_size
        .predict_proba | softmax({self}({*})) | verbose batch_size | unless the net ends in softmax itself
        .parameters .trainable_variables .state_dict | {self}.params |
        .num_params .count_params .num_parameters | count({self}) |
        .append .push_back | {self} = {self}.push({0}) |
        .extend | {self} = {self} + {0} |
        .clip | maximum({self}, {0,min,a_min}) | 1=none max=none a_max=none
        .clip | clamp({self}, {0,min,a_min}, {1,max,a_max}) |
        clip clip_by_value torch.clamp torch.clip | minimum({0}, {2,max,a_max}) | !1=none
        clip clip_by_value torch.clamp torch.clip | maximum({0}, {1,min,a_min}) | 2=none max=none a_max=none
        clip clip_by_value torch.clamp torch.clip | minimum({0}, {max,a_max}) | min=none a_min=none
        clip clip_by_value torch.clamp torch.clip | clamp({0}, {1,min,a_min,clip_value_min}, {2,max,a_max,clip_value_max}) |
        gradient gradients compute_gradients | ! | !0->
        np.gradient numpy.gradient | ! |
        gradient gradients compute_gradients | grad({0}, {1}) |
        seq | range({0#w}, {1#+,to#+}, {2#w,by#w}) |
        seq | range({0#w}, {1#+}) |
        arange | range({*}(?, step = {step}?)) |
        torch.range | ! |
        torch.linspace np.linspace numpy.linspace tf.linspace jnp.linspace | linspace({0}, {1}, {2,steps,num}) |
        np.linspace numpy.linspace jnp.linspace | linspace({0}, {1}, 50) |
        np.logspace numpy.logspace | 10 ^ linspace({0}, {1}, {2,num:50}) |
        R.cat cat | print({*"}) | !"
        layers.concatenate | concatenate({0~}, axis = {1#,axis:-1}) |
        cat concat concatenate | concatenate({0~}, axis = {1#,dim,axis}) |
        vstack row_stack | stack({*~}) | !0v
        column_stack hcat | stack({*~}, axis = 1) | !0v
        hstack | concatenate({*~}) | !0v
        vstack row_stack | concatenate({*~}, axis = 0) | | of vectors, as rows, it is  stack(a, b)
        cat concat concatenate vcat | concatenate({*~}, axis = 0) |
        column_stack hcat | concatenate({*~}, axis = 1) | | of vectors, as columns, it is  stack(a, b, axis = 1)
        hstack | concatenate({*~}, axis = 1) | | of vectors it is  concatenate(a, b)
        np.append numpy.append | concatenate({0}, [{1~}]) | | of matrices it is  concatenate(a, b, axis = 0)
        torch.equal np.array_equal numpy.array_equal | all({(0} == {(1}) |
        zeros_like | zeros({(0}.shape) |
        ones_like | ones({(0}.shape) |
        full_like | full({(0}.shape, {1,fill_value}) |
        np.sort numpy.sort | sort({0}) | axis=0 axis=-1 | it sorts a vector
        torch.sort | ! | | PyTorch gives two things:  sort(x)  and  argsort(x)
        torch.gather | ! |
        torch.trace np.trace numpy.trace tf.linalg.trace | sum(diag({0})) |
        linalg.inv linalg.pinv linalg.det | ! |
        torch.svd | ! |
        np.unique numpy.unique torch.unique | unique({0}) |
        np.unique numpy.unique torch.unique | ! | | the values are  unique(x),  and how often a value v occurs is  sum(x == v)
        tensor array asarray as_tensor from_numpy FloatTensor | track({0}) | device !requires_grad=true
        tf.Variable | track({0}) |
        torch.randn | track(randn({*~})) | device !requires_grad=true
        torch.rand | track(rand({*~})) | device !requires_grad=true
        torch.zeros | track(zeros({*~})) | device !requires_grad=true
        torch.ones | track(ones({*~})) | device !requires_grad=true
        torch.randn | randn({*~}) | device requires_grad=false
        torch.rand | rand({*~}) | device requires_grad=false
        torch.zeros | zeros({*~}) | device requires_grad=false
        torch.ones | ones({*~}) | device requires_grad=false
        tensor array asarray as_tensor from_numpy FloatTensor | tensor({0}) | device requires_grad=false
        repmat | tile({0}, [{1}, {2}]) |
        np.roll torch.roll | ! |
        """

    private static let reductions = """
        reduce_sum | sum({0}(?, {1}?)(?, axis = {axis}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_mean | mean({0}(?, {1}?)(?, axis = {axis}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_max amax | max({0}(?, {1}?)(?, axis = {axis,dim}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_min amin | min({0}(?, {1}?)(?, axis = {axis,dim}?)(?, keep = {keepdims,keep_dims}?)) |
        reduce_std | std({0}(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        reduce_variance | var({0}(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        torch.std | std({0}(?, axis = {1,dim}?)(?, keep = {keepdim}?)) | !unbiased=false
        torch.std | std({0}, correction = {correction:1}(?, axis = {1,dim}?)(?, keep = {keepdim}?)) | unbiased=true
        torch.var | var({0}(?, axis = {1,dim}?)(?, keep = {keepdim}?)) | !unbiased=false
        torch.var | var({0}, correction = {correction:1}(?, axis = {1,dim}?)(?, keep = {keepdim}?)) | unbiased=true
        np.std numpy.std jnp.std nanstd | std({0}(?, correction = {ddof}?)(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        np.var numpy.var jnp.var | var({0}(?, correction = {ddof}?)(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        Statistics.std | std({0}, correction = 1) | corrected=true
        Statistics.var | var({0}, correction = 1) | corrected=true
        sd | std({0}, correction = 1) |
        np.max numpy.max np.amax | max({0}(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        np.min numpy.min np.amin | min({0}(?, axis = {1,axis}?)(?, keep = {keepdims}?)) |
        torch.max | maximum({0}, {1}) | !1[
        torch.max | max({0}) |
        torch.min | minimum({0}, {1}) | !1[
        torch.min | min({0}) |
        torch.max torch.min | ! | | along an axis PyTorch gives two things:  max(x, axis = 1)  and  argmax(x, axis = 1)
        np.median numpy.median | median({0}(?, axis = {1,axis}?)) |
        torch.median | ! | | of an even number of elements PyTorch takes the lower of the two in the middle, median their mean
        np.percentile numpy.percentile percentile | quantile({0}, {%1,%q}(?, axis = {2,axis}?)) |
        np.cumsum numpy.cumsum | cumsum({0}(?, axis = {1,axis}?)) |
        linalg.norm | norm({0}(?, axis = {axis,dim}?)(?, keep = {keepdims,keepdim}?)) | 1=2 ord=2 1="fro" ord="fro"
        torch.norm | norm({0}(?, axis = {2,dim}?)(?, keep = {keepdim}?)) | 1=2 p=2
        tf.norm | norm({0}(?, axis = {axis}?)(?, keep = {keepdims}?)) |
        linalg.norm torch.norm | sum(abs({0})(?, axis = {axis,dim}?)(?, keep = {keepdims,keepdim}?)) | !1=1
        linalg.norm torch.norm | sum(abs({0})(?, axis = {axis,dim}?)(?, keep = {keepdims,keepdim}?)) | !ord=1
        linalg.norm torch.norm | sum(abs({0})(?, axis = {axis,dim}?)(?, keep = {keepdims,keepdim}?)) | !p=1
        cdist pdist2 | pairwise(euclidean, {0}, {1}) | p=2 2=2
        cdist | pairwise(manhattan, {0}, {1}) | !p=1
        cdist pairwise_distances | pairwise({'2,'metric}, {0}, {1}) |
        pairwise_distances | pairwise({'metric}, {0}, {0}) |
        euclidean_distances pairwise_distances | pairwise(euclidean, {0}, {1}) |
        euclidean_distances pairwise_distances | pairwise(euclidean, {0}, {0}) |
        manhattan_distances | pairwise(manhattan, {0}, {1}) |
        cosine_distances | pairwise(cosine, {0}, {1}) |
        cosine_distances | pairwise(cosine, {0}, {0}) |
        pairwise_distance | euclidean({0}, {1}) | p=2 2=2 eps=1e-6
        pairwise_distance | manhattan({0}, {1}) | !p=1
        PairwiseDistance | euclidean | p=2 0=2
        PairwiseDistance | manhattan | !p=1
        PairwiseDistance | manhattan | !0=1
        PairwiseDistance | euclidean({0}, {1}) |
        l2 dist euclidean_distance | euclidean({0}, {1}) |
        l1 cityblock | manhattan({0}, {1}) |
        cosine_distance | cosine({0}, {1}) |
        losses.cosine_similarity | cosine({1,y_pred}, {0,y_true}) - 1 | axis=-1
        F.cosine_similarity functional.cosine_similarity | 1 - cosine({0}, {1}) | dim=1 dim=-1 eps=1e-8
        pairwise.cosine_similarity | 1 - pairwise(cosine, {0}, {1}) |
        pairwise.cosine_similarity | 1 - pairwise(cosine, {0}, {0}) |
        cosine_similarity | 1 - cosine({0}, {1}) | dim=1 dim=-1 | row by row; of each row with each other, as in scikit-learn, it is  1 - pairwise(cosine, a, b)
        losses.CosineSimilarity | (t, p) -> mean(cosine(p, t)) - 1 | axis=-1
        nn.CosineSimilarity CosineSimilarity | (a, b) -> 1 - cosine(a, b) | dim=1 dim=-1 eps=1e-8
        """

    private static let random = """
        np.randint numpy.randint np.random.randint numpy.random.randint torch.randint | choice({0#}..{1#}, {2~,size~}) |
        np.random.randint numpy.random.randint torch.randint | choice(0..{0#}, {1~,size~}) |
        np.random.randint numpy.random.randint | choice({0#}..{1#}) |
        np.random.randint numpy.random.randint | choice(0..{0#}) |
        random.randint random_integers | choice({0#}..{1#+}) |
        randint | choice({0#}..{1#}, {2~,size~}) |
        randint | choice(0..{0#}, {size~}) |
        randint | choice({0#}..{1#}) |
        random.normal | randn({2~,size}) | 0=0 1=1 loc=0 scale=1
        random.normal | {0#,loc:0} + {1#,scale:1} * randn({2~,size}) |
        torch.normal | {0#,mean} + {1#,std} * randn({2~,size~}) |
        tf.random.normal | randn({0~,shape~}) | mean=0 stddev=1
        tf.random.uniform | rand({0~,shape~}) | minval=0 maxval=1
        random.uniform | uniform({0#,low}, {1#,high})([{2~,size}]) |
        random.uniform | rand({size}) | low=0 high=1
        random.uniform | {0#} + ({1#} - {0#}) * rand() |
        random.rand | rand({*}) |
        random.randn | randn({*}) |
        random.random random.random_sample | rand({0~,size~}) |
        random.random | rand() |
        random.choice | choice(0..{0#}(?, {1,size}?)(?, replace = {replace}?)) |
        random.choice | choice({0}(?, {1,size,k}?)(?, replace = {replace}?)) |
        random.sample | choice({0}, {1,k}, replace = false) |
        random.shuffle | {0} = shuffle({0}) |
        random.permutation | permutation({0#}) |
        random.permutation | permutation({0}) | !0()
        random.permutation | shuffle({0}) | | of a number n it is  permutation(n)
        torch.randperm randperm | permutation({0}) |
        manual_seed set_seed set_random_seed random.seed set.seed Random.seed! default_rng RandomState | seed({0}) |
        rnorm | randn({0}) | 1=0 2=1 mean=0 sd=1
        rnorm | {1,mean:0} + {2,sd:1} * randn({0}) |
        runif | rand({0}) | 1=0 2=1 min=0 max=1
        runif | uniform({1,min:0}, {2,max:1})([{0}]) |
        """

    private static let elsewhere = """
        heatmap pcolor contourf | heat({0}) | cmap annot
        plt.bar barplot bar | bars({1}, names = {0}) |
        barplot bar | bars({0}) |
        ifelse | where({*}) |
        colMeans | mean({0}, axis = 0) |
        rowMeans | mean({0}, axis = 1) |
        colSums | sum({0}, axis = 0) |
        rowSums | sum({0}, axis = 1) |
        bincount | sum(one_hot({0}, max({0}) + 1), axis = 0) | minlength
        rep | full([{1#}], {0#}) |
        assert | expect {0} | 1
        c | [{*}] |
        collect | list({0}) |
        plt.plot | plot({1}, x = {0}) |
        plt.plot | plot({0}) |
        plt.hist | hist({0}(?, bins = {1,bins}?)) | alpha
        plt.scatter | scatter(stack({0}, {1}, axis = 1)(?, {c}?)) | s alpha cmap
        imshow matshow | image({0}) | cmap
        isnan | is_nan({0}) |
        isfinite | is_finite({0}) |
        sorted | sort({0}(?, reverse = {reverse}?)(?, by = {key}?)) |
        int float double str2num parseFloat | number({"0}) |
        int | floor({0}) | | of numbers below 0 it rounds down; a text is read by  number(t)
        float double | number({0}) |
        str string String num2str | text({0}) |
        println echo disp console.log | print({*}) |
        """
}
