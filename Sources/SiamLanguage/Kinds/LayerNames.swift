/// Functions of the library whose results are layers.
enum LayerNames {
    /// Layers with parameters, or that are made of such.
    static let withWeights: Set<String> = [
        "dense", "conv", "depthwise", "embedding", "gru", "attention", "residual", "siamese",
    ]
    /// Losses with weights, which are trained beside the net.
    static let losses: Set<String> = [
        "arcface", "cosface", "sphereface", "proxy_nca", "proxy_anchor", "center_loss", "margin_loss",
    ]
    /// Functions that most often are stages of a net.
    static let functions: Set<String> = [
        "relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "softmax", "softplus", "flatten", "l2norm",
        "globalpool",
    ]
    /// Other layers that are made by a call.
    static let withoutWeights: Set<String> = ["maxpool", "avgpool", "dropout", "batchnorm"]
}
