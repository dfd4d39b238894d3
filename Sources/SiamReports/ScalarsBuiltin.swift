import SiamExchange
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// The built-in that reads the logs of other programs.
extension Reports {
    static let logs: [Builtin] = [
        Builtin(
            "scalars", "path : text", family: "files",
            "The scalars of TensorBoard's event files, of one or of all below a folder: a record of series with their steps, so that plot(scalars(\"logs\").loss) draws one.",
            seeAlso: ["save", "plot"]
        ) { _, a in
            .record(
                Record(
                    try EventFile.scalars(try a.text(0)).map { tag, steps, values in
                        let t = try Tensor(Shape.vector(values.count), values)
                        t.label = SeriesLabel(text: tag, steps: steps)
                        return (tag, .tensor(t))
                    }))
        }
    ]
}
