/// Files that other tools write: nets, weights, embeddings, logs.
extension Why {
    static let exchange: [Why] =
        family(
            """
            onnx reads a net as siam stages. The file lists its nodes in order, each an operator with inputs; an operator that
            siam does not have is named with its node. output = "NODE" reads only the part of a net up to that node.
            """,
            [
                Case("onnx.none", told: "the file is not an ONNX model, whatever its name"),
                Case("onnx.opset", told: "export the net again with operator set 9 or later"),
                Case("onnx.inputs", told: "an input is a tensor of numbers; export with fixed axes after the first"),
                Case("onnx.outputs", told: "an output must come from a node; output = \"NODE\" ends the net there"),
                Case("onnx.output", told: "output names an output or a node of the graph: the message lists them"),
                Case(
                    "onnx.operator", told: "end the net before that node with output = \"NODE\", or export without it"),
                Case(
                    "onnx.tensor",
                    told: "the numbers of a constant do not fit its shape: the file is damaged or cut off"),
                Case("onnx.unmade", told: "please report it to the authors of siam, with the file"),
                Case("wire.damaged", told: "the file is damaged or cut off at the byte that is named"),
            ])
        + family(
            """
            save(net, "net.onnx") applies the net to random examples and writes the recorded operators. A net whose steps depend
            on values, or with an operator that ONNX does not have, cannot be written; its weights can.
            """,
            [
                Case("onnx.write", told: "save(net, \"net.safetensors\") writes the weights of any net"),
                Case(
                    "onnx.shapes", "save(dense(2), \"/tmp/siam-why.onnx\")",
                    "3"),
            ])
        + family(
            """
            Weights of another tool are matched with the stages of the net: by name, else by order, else by shape, and their
            layout is converted. Where two matches are possible, siam asks instead of guessing.
            """,
            [
                Case(
                    "load.match",
                    told: "the file's layers and the net's stages differ in number or shape, or fit in two ways"),
                Case("load.pickle", "load(\"/tmp/tower.pt\")", "3"),
                Case("load.hdf5", told: "Debian's package libhdf5-103-1 reads HDF5"),
                Case("load.damaged", told: "the file is not HDF5, or it is damaged"),
                Case(
                    "embeddings.labels",
                    told:
                        "embeddings are evaluated with the classes of their rows; --labels names a file with one per row"
                ),
                Case("embeddings.form", told: "embeddings come as .npz, .npy, .safetensors, .csv or .tsv"),
                Case(
                    "embeddings.names",
                    told: "numpy.savez(\"z.npz\", z=embeddings, y=labels) writes the arrays that siam expects"),
                Case("embeddings.shape", told: "embeddings are n x width, with n classes"),
                Case("record.form", told: "siam.record of the Python package writes such files"),
                Case("record.net", told: "a recorded training has measurements and no net: onnx reads nets"),
                Case("events.none", told: "TensorBoard's files are called events.out.tfevents and so on"),
                Case(
                    "events.damaged",
                    told: "a record's checksum does not fit: the file is damaged, or not a file of TensorBoard"),
                Case("train.log", told: "log = \"logs/\" after using names a folder for TensorBoard"),
                Case(
                    "save.layout", told: "layout is \"torch\", or left out for siam's own layout, which Keras uses too"),
            ])
}
