import Glibc
import SiamData
import SiamExchange
import SiamFigures
import SiamFormats
import SiamGradient
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// A run as a folder that TensorBoard shows: scalars, histograms, pictures, the graph of a step, embeddings to turn.
enum TensorBoardLog {
    /// Embeddings in the projector at most.
    private static let most = 1000

    static func write(_ run: SiamRuntime.Run, _ folder: String, _ i: Interpreter) throws {
        try RunLog.makeFolder(folder)
        let now = Double(time(nil))
        let begin = now - run.seconds
        func moment(_ step: Int) -> Double { begin + run.seconds * Double(step) / Double(max(run.steps, 1)) }
        var events = EventWriter(time: begin)
        // What was written while it ran is there already.
        for (name, series) in run.log?.folder == folder ? [] : run.allSeries {
            for (step, value) in zip(series.steps, series.values) {
                events.scalar(name, value, step: step, time: moment(step))
            }
        }
        events.text("program", "```\n\(run.programText)\n```", step: 0, time: begin)
        try run.openNets(i)
        for (path, p) in run.parameterPaths {
            events.histogram("weights/\(path)", p.value.floats, step: run.steps, time: now)
        }
        if run.isWhole, let graph = try? Laboratory.graph(of: run, i) { events.graph(graph, time: now) }
        if let net = run.nets.first, let data = (run.source as? SourceThing)?.dataset {
            try embedding(net, data.dataset, run, folder, &events, now, i)
        }
        try WholeFile.write(events.bytes, "\(folder)/events.out.tfevents.\(Int(now)).siam")
    }

    /// What the net makes of a sample: histograms of its stages, distances, points.
    private static func embedding(
        _ net: Layer, _ whole: Dataset, _ run: SiamRuntime.Run, _ folder: String, _ events: inout EventWriter,
        _ now: Double,
        _ i: Interpreter
    ) throws {
        var stream = RandomStream(seed: 11)
        let data = whole.count > most ? try whole.sample(most, &stream) : whole
        var outputs: [(String, [Float])] = []
        for (name, t) in try Laboratory.stageOutputs(net, data.x.rows(0..<min(data.count, 256)), i) {
            outputs.append((name, t.floats))
        }
        for (name, values) in outputs { events.histogram("stages/\(name)", values, step: run.steps, time: now) }
        guard let z = try? Builtins.embeddings(i, .layer(net), .thing(DatasetThing(data))).detached(), z.rank == 2
        else { return }
        if let inspect = Laboratory.builtins.first(where: { $0.name == "inspect" }),
            case .thing(let health)? = try? i.call(.builtin(inspect), [.layer(net), .thing(DatasetThing(data))]),
            let figure = health.illustration
        {
            try image("distances", figure, &events, run.steps, now)
        }
        if z.shape[1] >= 2, let p = try? Projection.principal(z, dim: 2) {
            let points = Mark.Points(
                x: (0..<data.count).map { p.scores[$0 * p.dim] }, y: (0..<data.count).map { p.scores[$0 * p.dim + 1] },
                classes: data.y, names: data.names)
            try image(
                "embeddings",
                Figure(panels: [
                    Panel(x: Axis("first direction"), y: Axis("second direction"), marks: [.points(points)])
                ]),
                &events, run.steps, now)
        }
        try projector(z, data, folder)
    }

    private static func image(_ tag: String, _ figure: Figure, _ events: inout EventWriter, _ step: Int, _ now: Double)
        throws
    {
        let picture = try Raster(Plan.drawing(figure), isDark: false).picture()
        events.image(tag, png: try picture.png(), width: picture.width, height: picture.height, step: step, time: now)
    }

    /// The files of the embedding projector: points, labels, and a sheet of the pictures.
    private static func projector(_ z: Tensor, _ data: Dataset, _ folder: String) throws {
        let (n, width) = (z.shape[0], z.shape[1])
        let values = z.floats
        var rows = ""
        for r in 0..<n {
            rows += (0..<width).map { formatNumber(Double(values[r * width + $0])) }.joined(separator: "\t") + "\n"
        }
        try WholeFile.write(Array(rows.utf8), "\(folder)/embeddings.tsv")
        let labels = data.y.map { data.names[$0].replacing("\t", with: " ").replacing("\n", with: " ") + "\n" }.joined()
        try WholeFile.write(Array(labels.utf8), "\(folder)/labels.tsv")
        var config = """
            embeddings {
              tensor_name: "embeddings"
              tensor_path: "embeddings.tsv"
              metadata_path: "labels.tsv"

            """
        let d = data.itemDims
        if d.count == 3, d[2] == 1 || d[2] == 3, d[0] > 0, d[1] > 0, d[0] <= 128, d[1] <= 128 {
            let side = Int(Double(n).squareRoot().rounded(.up))
            let x = data.x.floats
            let high = x.reduce(Float(1e-6)) { $1.isFinite ? max($0, $1) : $0 }
            let (h, w, c) = (d[0], d[1], d[2])
            var pixels = [UInt8](repeating: 0, count: side * h * side * w * c)
            for k in 0..<n {
                for row in 0..<h {
                    for column in 0..<w * c {
                        let value = x[(k * h + row) * w * c + column] / high
                        let at = ((k / side * h + row) * side * w + k % side * w) * c + column
                        pixels[at] = UInt8(max(0, min(255, value.isFinite ? value * 255 : 0)))
                    }
                }
            }
            let sheet = try Picture(height: side * h, width: side * w, channels: c, pixels: pixels)
            try WholeFile.write(try sheet.png(), "\(folder)/sprite.png")
            config += """
                  sprite {
                    image_path: "sprite.png"
                    single_image_dim: \(w)
                    single_image_dim: \(h)
                  }

                """
        }
        try WholeFile.write(Array((config + "}\n").utf8), "\(folder)/projector_config.pbtxt")
    }
}
