/// Functions of the library whose results are layers.
enum LayerNames {
    /// Layers with parameters, or that are made of such.
    static let withWeights: Set<String> = [
        "dense", "conv", "depthwise", "embedding", "gru", "attention", "residual", "siamese",
    ]
    /// Other layers that are made by a call.
    static let withoutWeights: Set<String> = ["maxpool", "avgpool", "dropout", "batchnorm"]
}
