import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// What a panel with axes holds: the range of its data, its legend, and what must be said of data that makes no picture.
struct Extent {
    var x: ClosedRange<Double>?
    var y: ClosedRange<Double>?
    /// The legend's lines: a curve or a class.
    var entries: [Entry] = []
    var remarks: [String] = []
    /// Curves and histograms, which letters tell apart where there are several.
    var curveCount = 0
    var hasBars = false
    var hasPoints = false

    struct Entry {
        enum Kind { case curve(Int), points(Int, of: [String]) }
        var kind: Kind
        var name: String
    }

    init(_ panel: Panel) {
        var xs = Span()
        var ys = Span()
        var points = 0
        var lost = 0
        var classesSeen: Set<String> = []
        func take(_ x: [Double], _ y: [Double], _ whole: Mark.Curve.Whole? = nil) {
            let before = (points, lost)
            defer { if let whole { (points, lost) = (before.0 + whole.count, before.1 + whole.lost) } }
            for (k, (p, q)) in zip(x, y).enumerated() {
                if k & 0xFFFF == 0xFFFF, Interrupt.isDue { break }
                points += 1
                let fits =
                    p.isFinite && q.isFinite && (!panel.x.isLogarithmic || p > 0) && (!panel.y.isLogarithmic || q > 0)
                if fits {
                    xs.add(p)
                    ys.add(q)
                } else {
                    lost += 1
                }
            }
        }
        for mark in panel.marks {
            switch mark {
            case .line(let curve):
                take(curve.x, curve.y, curve.whole)
                entries.append(Entry(kind: .curve(curveCount), name: curve.name))
                curveCount += 1
            case .histogram(let h):
                for e in h.edges { xs.add(e) }
                for v in h.heights { ys.add(v) }
                points += h.heights.count
                ys.add(0)
                entries.append(Entry(kind: .curve(curveCount), name: h.name))
                curveCount += 1
                hasBars = true
            case .points(let p):
                take(p.x, p.y)
                hasPoints = true
                for k in p.names.indices where p.names.count > 1 && classesSeen.insert(p.names[k]).inserted {
                    entries.append(Entry(kind: .points(k, of: p.names), name: p.names[k]))
                }
            case .rule(let rule):
                if rule.direction == .vertical { xs.add(rule.at) } else { ys.add(rule.at) }
            case .bars, .cells, .image: break
            }
        }
        if entries.count == 1, entries[0].name.isEmpty || entries[0].name == panel.y.label { entries = [] }
        if entries.allSatisfy({ $0.name.isEmpty }) { entries = [] }
        if points > 0 && lost == points {
            x = nil
            y = nil
            let what = points == 1 ? "the one value is" : "all \(points) values are"
            let isLogarithmic = panel.x.isLogarithmic || panel.y.isLogarithmic
            remarks.append(
                "nothing to draw: \(what) \(isLogarithmic ? "NaN, infinite or not above 0" : "NaN or infinite")")
        } else if points == 0 {
            remarks.append("nothing to draw: there are no values")
        } else {
            x = xs.range
            y = ys.range
            if lost > 0 {
                let why = panel.y.isLogarithmic || panel.x.isLogarithmic ? "not finite or not above 0" : "not finite"
                remarks.append(lost == 1 ? "1 value is \(why) and left out" : "\(lost) values are \(why) and left out")
            }
            remarks += Extent.flatness(panel, points - lost, xs, ys, isHistogram: hasBars)
        }
        x = Extent.held(x, panel.x)
        y = Extent.held(y, panel.y)
        if !panel.note.isEmpty { remarks.append(panel.note) }
    }

    private static func held(_ range: ClosedRange<Double>?, _ axis: Axis) -> ClosedRange<Double>? {
        guard let range else { return nil }
        let low = axis.low ?? range.lowerBound
        let high = axis.high ?? range.upperBound
        return low.isFinite && high.isFinite && low <= high ? low...high : range
    }

    private static func flatness(_ panel: Panel, _ count: Int, _ xs: Span, _ ys: Span, isHistogram: Bool) -> [String] {
        guard let x = xs.range, let y = ys.range, !isHistogram else { return [] }
        if count == 1 {
            return ["one point: \(Ticks.short(x.lowerBound)), \(Ticks.short(y.lowerBound))"]
        }
        let isOnePlace = x.lowerBound == x.upperBound && y.lowerBound == y.upperBound
        if isOnePlace {
            return ["all \(count) points are at \(Ticks.short(x.lowerBound)), \(Ticks.short(y.lowerBound))"]
        }
        if y.lowerBound == y.upperBound, !panel.marks.contains(where: { if case .rule = $0 { true } else { false } }) {
            return ["constant: all \(count) values are \(Ticks.short(y.lowerBound))"]
        }
        return []
    }

    struct Span {
        var range: ClosedRange<Double>?
        mutating func add(_ v: Double) {
            guard v.isFinite else { return }
            guard let r = range else {
                range = v...v
                return
            }
            if v < r.lowerBound { range = v...r.upperBound } else if v > r.upperBound { range = r.lowerBound...v }
        }
    }

    /// The ticks of the axes, with a margin around points so that none is drawn on the frame.
    func ticks(_ panel: Panel, xMost: Int, yMost: Int) -> (x: Ticks, y: Ticks) {
        let xs = x ?? 0...1
        let ys = y ?? 0...1
        let room = hasPoints && !panel.x.isLogarithmic ? (xs.upperBound / 50 - xs.lowerBound / 50) : 0
        return (
            Ticks(
                low: xs.lowerBound - room, high: xs.upperBound + room, most: xMost,
                isLogarithmic: panel.x.isLogarithmic),
            Ticks(
                low: ys.lowerBound, high: ys.upperBound, most: yMost, isLogarithmic: panel.y.isLogarithmic,
                isLoose: panel.y.low == nil && panel.y.high == nil)
        )
    }

    /// The same ticks with the axis stretched so that units are square, `ratio` being the height over the width.
    func square(_ panel: Panel, xMost: Int, yMost: Int, ratio: Double) -> (x: Ticks, y: Ticks) {
        guard panel.isSquare, !panel.x.isLogarithmic, !panel.y.isLogarithmic, let x, let y else {
            return ticks(panel, xMost: xMost, yMost: yMost)
        }
        var width = max((x.upperBound / 2 - x.lowerBound / 2) * 2.08, 1e-300)
        var height = max((y.upperBound / 2 - y.lowerBound / 2) * 2.08, 1e-300)
        guard width.isFinite, height.isFinite, max(width, height) > 1e-12 else {
            return ticks(panel, xMost: xMost, yMost: yMost)
        }
        if height / width > ratio { width = height / ratio } else { height = width * ratio }
        let middleX = x.lowerBound / 2 + x.upperBound / 2
        let middleY = y.lowerBound / 2 + y.upperBound / 2
        return (
            Ticks(low: middleX - width / 2, high: middleX + width / 2, most: xMost),
            Ticks(low: middleY - height / 2, high: middleY + height / 2, most: yMost)
        )
    }
}
