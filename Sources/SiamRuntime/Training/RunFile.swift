import SiamData
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// A saved run as bytes: a first line with the file's type, the length and the checksum of the content, then the
/// content.
package enum RunFile {
    package static let ending = ".siamrun"
    /// The forms that are read: 1 ended with the names, 2 with the texts behind them, 3 with the best nets' values; 4 holds the
    /// nets themselves.
    private static let newest = 4
    private static func mark(_ format: Int) -> [UInt8] { Array("siam run, format \(format)\n".utf8) }

    // MARK: Writing

    static func bytes(_ run: SavedRun) throws -> [UInt8] {
        var w = ByteWriter()
        program(run.program, &w)
        w.put(run.steps)
        w.put(run.planned)
        w.put(run.seconds)
        w.put(optional: run.stopped) { $0.put($1.text) }
        series(run.loss, &w)
        series(run.gradientNorm, &w)
        w.put(run.reports) {
            $0.put($1.name)
            series($1.series, &$0)
        }
        w.put(run.record.samples) { sample($1, &$0) }
        w.put(run.weights) {
            $0.put($1.path)
            $0.put($1.isFrozen)
            $0.put($1.value)
            $0.put(optional: $1.moments.first) { $0.put($1) }
            $0.put(optional: $1.moments.second) { $0.put($1) }
        }
        try put(states: run.states, &w)
        w.put(run.optimizerStep)
        w.put(run.optimizerSettings) {
            $0.put($1.0)
            $0.put($1.1)
        }
        w.put(run.hasSchedule)
        for k in 0..<4 { w.put(run.stream[k]) }
        w.put(optional: run.source) {
            $0.put(optional: $1.key) { $0.put($1) }
            $0.put($1.position)
        }
        w.put(optional: run.dataMark) { $0.put($1) }
        w.put(run.variables) {
            let mark = $0
            $0.put(true)
            guard let value = $1, $0.put(plain: value) else {
                $0 = mark
                $0.put(false)
                return
            }
        }
        w.put(run.names) {
            $0.put($1.0)
            _ = $0.put(plain: $1.1)
        }
        w.put(run.stepsPerEpoch)
        w.put(run.netNames) { $0.put($1) }
        w.put(run.optimizerText)
        w.put(run.sourceText)
        w.put(run.waited)
        w.put(run.lowReports) { $0.put($1) }
        w.put(run.weights) { $0.put(optional: $1.waiting) { $0.put($1) } }
        try w.put(optional: run.best) { w, best in
            w.put(best.name)
            w.put(best.step)
            w.put(best.value)
            w.put(best.parameters) { $0.put($1.detached()) }
            try put(states: best.states, &w)
        }
        w.put(run.optimizerName)
        w.put(optional: run.graph) {
            $0.put($1.count)
            $0.put(raw: $1)
        }
        var head = ByteWriter()
        head.put(w.bytes.count)
        head.put(SavedBytes.checksum(w.bytes[...]))
        return mark(newest) + head.bytes + w.bytes
    }

    private static func put(states: [[[Value]]], _ w: inout ByteWriter) throws {
        try w.put(states) {
            try $0.put($1) {
                try $0.put($1) {
                    guard $0.put(plain: $1) else {
                        throw Diagnostic(
                            code: "run.state",
                            "a layer of the run has a state that is \($1.kindName), which a file cannot store")
                    }
                }
            }
        }
    }

    private static func program(_ p: RunProgram, _ w: inout ByteWriter) {
        w.put(p.seed)
        w.put(p.arguments) { $0.put($1) }
        w.put(p.sources) {
            if case .prompt(let n) = $1.kind { $0.put(n) } else { $0.put(-1) }
            $0.put($1.name)
            $0.put($1.text)
        }
        for places in [p.statements, p.later] {
            w.put(places) {
                $0.put($1.source)
                $0.put($1.start)
            }
        }
        w.put(p.imports.sorted { $0.key < $1.key }) {
            $0.put($1.key)
            $0.put($1.value)
        }
        w.put(p.ordinal)
    }

    private static func series(_ s: Run.Series, _ w: inout ByteWriter) {
        w.put(s.values)
        w.put(s.steps)
    }

    private static func sample(_ s: RunRecord.Sample, _ w: inout ByteWriter) {
        func number(_ x: Float?) { w.put(optional: x) { $0.put(Double($1)) } }
        w.put(s.step)
        number(s.loss)
        number(s.spread)
        w.put(optional: s.width) { $0.put($1) }
        w.put(optional: s.batch) {
            $0.put($1.rows)
            for x in [$1.mean, $1.sd, $1.unused] { $0.put(Double(x)) }
            for x in [$1.same, $1.identical] { $0.put(optional: x) { $0.put(Double($1)) } }
        }
        w.put(optional: s.pairs) {
            for x in [$1.same, $1.different] { $0.put(optional: x) { $0.put(Double($1)) } }
            $0.put(Double($1.farthest))
        }
        w.put(s.stages) {
            $0.put($1.path)
            $0.put($1.kind)
            for x in [$1.mean, $1.sd, $1.zeros, $1.dead, $1.saturated] { $0.put(Double(x)) }
            $0.put(optional: $1.spread) { $0.put(Double($1)) }
            $0.put($1.notFinite)
        }
        w.put(s.weights) {
            $0.put($1.path)
            $0.put($1.isMatrix)
            $0.put(Double($1.norm))
            $0.put(optional: $1.gradient) { $0.put(Double($1)) }
            $0.put(Double($1.update))
        }
    }

    // MARK: Reading

    package static func read(_ path: String) throws -> SavedRun {
        let bytes = try Files.bytes(path)
        func refused(_ why: String) -> Diagnostic {
            Diagnostic(code: "run.file", "\(path) is not a saved run that can be continued: \(why)")
        }
        guard let format = (1...newest).first(where: { bytes.starts(with: mark($0)) }) else {
            throw refused("its first line is not that of a run")
        }
        let start = mark(format).count
        var head = ByteReader(bytes[start...])
        guard let length = try? head.int(), let sum = try? head.bits() else { throw refused("it is cut off") }
        let content = bytes[(start + 16)...]
        guard content.count >= length else {
            throw refused("it is cut off, \(content.count) of \(length) bytes are there")
        }
        guard content.count == length else { throw refused("it is longer than it should be") }
        guard SavedBytes.checksum(content) == sum else { throw refused("its content was changed or damaged") }
        do {
            var r = ByteReader(content)
            let run = try saved(&r, format: format)
            guard r.left == 0 else { throw SavedBytes.Damage() }
            return run
        } catch is SavedBytes.Damage {
            throw refused("its content is not what siam writes")
        }
    }

    private static func saved(_ r: inout ByteReader, format: Int) throws -> SavedRun {
        var run = SavedRun(program: try program(&r))
        run.steps = try r.int()
        run.planned = try r.int()
        guard run.steps >= 0, run.planned >= 0, max(run.steps, run.planned) < 1 << 40 else { throw SavedBytes.Damage() }
        run.seconds = try r.double()
        run.stopped = try r.optional { StopReason(text: try $0.text()) }
        run.loss = try series(&r)
        run.gradientNorm = try series(&r)
        run.reports = try r.many { (name: try $0.text(), series: try series(&$0)) }
        run.record.samples = try r.many { try sample(&$0) }
        run.weights = try r.many {
            SavedRun.Weight(
                path: try $0.text(), isFrozen: try $0.flag(), value: try $0.tensor(),
                moments: (try $0.optional { try $0.tensor() }, try $0.optional { try $0.tensor() }))
        }
        for w in run.weights {
            for m in [w.moments.first, w.moments.second].compactMap({ $0 }) where m.shape != w.value.shape {
                throw SavedBytes.Damage()
            }
        }
        run.states = try r.many { try $0.many { try $0.many { try $0.value() } } }
        run.optimizerStep = try r.int()
        guard run.optimizerStep >= 0, run.optimizerStep < 1 << 40 else { throw SavedBytes.Damage() }
        run.optimizerSettings = try r.many { (try $0.text(), try $0.double()) }
        run.hasSchedule = try r.flag()
        for k in 0..<4 { run.stream[k] = try r.bits() }
        run.source = try r.optional { SourceState(key: try $0.optional { try $0.bits() }, position: try $0.int()) }
        run.dataMark = try r.optional { try $0.bits() }
        run.variables = try r.many { try $0.optional { try $0.value() } }
        run.names = try r.many { (try $0.text(), try $0.value()) }
        if format < 2 { return run }
        run.stepsPerEpoch = try r.int()
        guard run.stepsPerEpoch > 0, run.stepsPerEpoch < 1 << 40 else { throw SavedBytes.Damage() }
        run.netNames = try r.many { try $0.text() }
        run.optimizerText = try r.text()
        run.sourceText = try r.text()
        if format < 3 { return run }
        run.waited = try r.int()
        run.lowReports = try r.many { try $0.text() }
        let waiting = try r.many { try $0.optional { try $0.tensor() } }
        guard run.waited >= 0, run.waited < 1 << 40, waiting.count == run.weights.count else {
            throw SavedBytes.Damage()
        }
        for (k, one) in waiting.enumerated() {
            if let one, one.shape != run.weights[k].value.shape { throw SavedBytes.Damage() }
            run.weights[k].waiting = one
        }
        run.best = try r.optional {
            BestState(
                name: try $0.text(), step: try $0.int(), value: try $0.double(),
                parameters: try $0.many { try $0.tensor() },
                states: try $0.many { try $0.many { try $0.many { try $0.value() } } })
        }
        if format < 4 { return run }
        run.optimizerName = try r.text()
        run.graph = try r.optional { Array(try $0.raw(try $0.int())) }
        return run
    }

    private static func program(_ r: inout ByteReader) throws -> RunProgram {
        func places(_ r: inout ByteReader) throws -> [RunProgram.Place] {
            try r.many { RunProgram.Place(source: try $0.int(), start: try $0.int()) }
        }
        return RunProgram(
            seed: try r.bits(), arguments: try r.many { try $0.text() },
            sources: try r.many {
                let number = try $0.int()
                return Source(
                    name: try $0.text(), kind: number < 0 ? .file : .prompt(number), text: try $0.text())
            }, statements: try places(&r), later: try places(&r),
            imports: Dictionary(try r.many { (try $0.text(), try $0.text()) }, uniquingKeysWith: { $1 }),
            ordinal: try r.int())
    }

    private static func series(_ r: inout ByteReader) throws -> Run.Series {
        let series = Run.Series(values: try r.floats(), steps: try r.ints())
        guard series.values.count == series.steps.count else { throw SavedBytes.Damage() }
        return series
    }

    private static func sample(_ r: inout ByteReader) throws -> RunRecord.Sample {
        func number(_ r: inout ByteReader) throws -> Float { Float(try r.double()) }
        func maybe(_ r: inout ByteReader) throws -> Float? { try r.optional { Float(try $0.double()) } }
        let step = try r.int()
        let loss = try maybe(&r) ?? .nan
        let spread = try maybe(&r)
        let width = try r.optional { try $0.int() }
        let batch = try r.optional {
            RunRecord.Batch(
                rows: try $0.int(), mean: try number(&$0), sd: try number(&$0), unused: try number(&$0),
                same: try maybe(&$0), identical: try maybe(&$0))
        }
        let pairs = try r.optional {
            RunRecord.Pairs(same: try maybe(&$0), different: try maybe(&$0), farthest: try number(&$0))
        }
        let stages = try r.many {
            RunRecord.Stage(
                path: try $0.text(), kind: try $0.text(), mean: try number(&$0), sd: try number(&$0),
                zeros: try number(&$0), dead: try number(&$0), saturated: try number(&$0), spread: try maybe(&$0),
                notFinite: try $0.int())
        }
        let weights = try r.many {
            RunRecord.Weight(
                path: try $0.text(), isMatrix: try $0.flag(), norm: try number(&$0), gradient: try maybe(&$0),
                update: try number(&$0))
        }
        return RunRecord.Sample(
            step: step, loss: loss, batch: batch, stages: stages, weights: weights, spread: spread, width: width,
            pairs: pairs)
    }

    // MARK: The file

    /// The call of `save` with the ending of runs.
    private static func ended(_ i: Interpreter) -> String? {
        let texts = i.argumentTexts
        guard texts.count == 2, texts.allSatisfy({ $0.utf8.count <= 50 && !$0.contains("\n") }),
            texts[1].hasPrefix("\""),
            texts[1].hasSuffix("\"")
        else { return nil }
        var stem = String(texts[1].dropLast())
        if let dot = stem.lastIndex(of: "."), !stem[dot...].contains("/"), stem[dot...].count <= 12 {
            stem = String(stem[..<dot])
        }
        return "by its ending:  save(\(texts[0]), \(stem)\(ending)\")"
    }

    static func write(_ run: Run, _ path: String, _ interpreter: Interpreter) throws {
        guard path.hasSuffix(ending) else {
            throw Diagnostic(
                code: "save.ending", "a run is saved under a name that ends in \(ending), and got \(path)",
                repair: ended(interpreter) ?? "save(run, \"r.siamrun\"), and later  resume(load(\"r.siamrun\"))")
        }
        try WholeFile.write(try bytes(try run.saved(interpreter)), path)
    }
}
