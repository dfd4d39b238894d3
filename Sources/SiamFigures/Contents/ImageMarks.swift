import SiamData
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// Images out of tensors and data sets, for figures.
package enum ImageMarks {
    /// The images of a tensor or a data set, with what they are called.
    static func images(_ v: Value, most: Int, who: String, _ i: Interpreter) throws -> ([Mark.Image], [String]) {
        switch v {
        case .thing(let d as DatasetThing):
            let n = min(most, d.dataset.count)
            let names = d.dataset.y.prefix(n).map { y in
                y >= 0 && y < d.dataset.names.count ? d.dataset.names[y] : "\(y)"
            }
            return (try images(d.dataset.x.rows(0..<n), most: most, who), names)
        case .tensor(let t): return (try images(t, most: most, who, word: Series.word(i)), [])
        case .list(let l):
            var all: [Mark.Image] = []
            for item in l.items.prefix(most) {
                guard case .tensor(let t) = item else {
                    throw Diagnostic(code: "image.kind", "\(who) draws tensors, and got \(item.kindName)")
                }
                all += try images(t, most: 1, who)
            }
            guard !all.isEmpty else { throw Diagnostic(code: "image.none", "\(who) expects images, and got none") }
            return (all, [])
        default:
            var repair: String?
            if case .record(let r) = v, r.names.contains("x"), let text = i.argumentTexts.first, text.utf8.count <= 40 {
                repair = "its picture:  \(who)(\(text).x)"
            }
            throw Diagnostic(
                code: "image.kind", "\(who) draws tensors and data sets of images, and got \(v.kindName)",
                repair: repair)
        }
    }

    /// The first example of each of the first classes, under their names, shrunk to a side of so many pixels: as many as
    /// stand side by side. Nil where the examples are no images.
    static func thumbnails(_ data: Dataset, side: Int, columns: Int, scale: Int) -> Figure? {
        guard (2...3).contains(data.itemDims.count) else { return nil }
        var firsts: [Int: Int] = [:]
        for (at, y) in data.y.enumerated() where firsts[y] == nil { firsts[y] = at }
        let classes = Array(firsts.keys.sorted().prefix(10))
        guard let part = try? data.subset(classes.compactMap { firsts[$0] }),
            let images = try? images(part.x, most: classes.count, "show")
        else { return nil }
        let panels = zip(images, classes).map { image, c in
            Panel(
                title: c >= 0 && c < data.names.count ? data.names[c] : "\(c)", marks: [.image(shrunk(image, side))])
        }
        let widths = panels.map { panel in
            guard case .image(let image)? = panel.marks.first else { return 4 }
            return max(image.width * scale, min(24, displayWidth(panel.title)), 4)
        }
        let fitting = (min(columns, 120) + 3) / ((widths.max() ?? 4) + 3)
        return fitting > 0 ? Figure(panels: Array(panels.prefix(fitting))) : nil
    }

    /// The image scaled so that no side is longer than `side`; each pixel is the mean of those it replaces.
    private static func shrunk(_ image: Mark.Image, _ side: Int) -> Mark.Image {
        let longest = max(image.width, image.height)
        guard longest > side else { return image }
        let across = max(1, image.width * side / longest)
        let down = max(1, image.height * side / longest)
        let planes = (0..<image.channels).map { channel in
            Mark.resampled(
                stride(from: channel, to: image.values.count, by: image.channels).map { Double(image.values[$0]) },
                image.height, image.width, down, across)
        }
        return Mark.Image(
            height: down, width: across, channels: image.channels,
            values: (0..<down * across).flatMap { at in planes.map { at < $0.count ? Float($0[at]) : 0 } })
    }

    package static func images(_ t: Tensor, most: Int, _ who: String, word: String = "x") throws -> [Mark.Image] {
        let dims = t.shape.dims
        func wrong() -> Diagnostic {
            var repair: String?
            if let last = dims.last, dims.count <= 2 {
                let side = Int(Double(last).squareRoot())
                if side > 1, side * side == last {
                    repair =
                        "\(who)(\(word).reshape([" + (dims.count == 2 ? "\(dims[0]), " : "") + "\(side), \(side)]))"
                }
            }
            return Diagnostic(
                code: "image.shape",
                "\(who) expects height x width, with 1 or 3 channels after and images before, and got a tensor of \(t.shape)",
                repair: repair)
        }
        let (count, height, width, channels): (Int, Int, Int, Int)
        switch dims.count {
        case 2: (count, height, width, channels) = (1, dims[0], dims[1], 1)
        case 3 where dims[2] == 1 || dims[2] == 3: (count, height, width, channels) = (1, dims[0], dims[1], dims[2])
        case 3: (count, height, width, channels) = (dims[0], dims[1], dims[2], 1)
        case 4 where dims[3] == 1 || dims[3] == 3:
            (count, height, width, channels) = (dims[0], dims[1], dims[2], dims[3])
        default: throw wrong()
        }
        guard count > 0, height > 0, width > 0 else { throw wrong() }
        let size = height * width * channels
        let shown = min(count, most)
        let part = (count == shown ? t : t.rows(0..<shown)).detached()
        guard part.count >= shown * size else { throw wrong() }
        return try InterruptibleWork.run(size: part.count) { scaled(part, shown, height, width, channels) }
    }

    private static func scaled(_ part: Tensor, _ shown: Int, _ height: Int, _ width: Int, _ channels: Int)
        -> [Mark.Image]
    {
        let values = part.floats
        let size = height * width * channels
        // One scale for all, so that they can be compared.
        let finite = values.filter(\.isFinite)
        let low = finite.min() ?? 0
        let high = finite.max() ?? 1
        let isInk = low >= 0 && high <= 1
        let scaled =
            isInk ? values : values.map { v in high > low ? (v - low) / (high - low) : 0.5 }
        return (0..<shown).map { k in
            Mark.Image(
                height: height, width: width, channels: channels, values: Array(scaled[k * size..<(k + 1) * size]))
        }
    }
}
