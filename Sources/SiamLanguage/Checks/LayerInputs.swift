/// A layer that is applied to another number of inputs than its `forward` names: said by `check`, and when it is applied.
public enum LayerInputs {
    /// - Parameters:
    ///   - dims: the lengths of the first input's axes, as text, where they are known.
    public static func wrong(_ layer: String, names: [String], got: Int, dims: [String]?) -> Diagnostic {
        let count = names.count == 1 ? "1 input" : "\(names.count) inputs"
        var d = Diagnostic(
            code: "layer.inputs", "\(layer) takes \(count) (\(names.joined(separator: ", "))), and got \(got)")
        if got == names.count - 1, got >= 1, names.last == "mask" {
            var whole = "ones(n, length)"
            if let dims, dims.count == 3 { whole = "ones(\(dims[0]), \(dims[1]))" }
            d.notes = [
                "mask is 1 for words and 0 for padding:  codes > 0",
                "if every position counts, use  \(whole)",
            ]
            d.repair = "a layer of your own can pass the mask on:  forward codes = g(e(codes), codes > 0)"
        }
        return d
    }
}
