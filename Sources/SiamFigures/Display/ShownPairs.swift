import SiamData
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

extension Figures {
    /// Pairs of images side by side with same or different, and the distance where there is a net; triplets likewise. Of a
    /// source the batch that it would give next, without taking it. Nil where the value is no such thing.
    static func shownPairs(_ value: Value, _ net: Value, _ i: Interpreter) throws -> FigureThing? {
        var items: [Value]
        switch value {
        case .thing(let source as SourceThing):
            guard source.source.names == ["a", "b", "same"] || source.source.names == ["a", "p", "n"] else {
                return nil
            }
            let stream = i.session.stream
            let restore = source.keepState()
            defer {
                restore?()
                i.session.stream = stream
            }
            items = try source.next(i)
        case .list(let l): items = l.items
        default: return nil
        }
        guard items.count == 3, case .tensor(let a) = items[0], case .tensor(let b) = items[1],
            case .tensor(let c) = items[2], a.shape == b.shape, a.rank >= 3, a.shape[0] > 0
        else { return nil }
        let n = a.shape[0]
        let isTriplet = c.shape == a.shape
        guard isTriplet || c.count == n else { return nil }
        let shown = min(n, 24)
        func pictures(_ t: Tensor) throws -> [Mark.Image] { try ImageMarks.images(t, most: shown, "show") }
        let (left, right) = (try pictures(a), try pictures(b))
        let third = isTriplet ? try pictures(c) : []
        var near: [Double] = []
        var far: [Double] = []
        if case .none = net {
        } else {
            let z = try [a, b].map { try Builtins.embeddings(i, net, .tensor($0)) }
            near = distances(z[0], z[1])
            if isTriplet { far = distances(z[0], try Builtins.embeddings(i, net, .tensor(c))) }
        }
        let same = c.doubles
        let panels = (0..<min(shown, left.count, right.count)).map { k -> Panel in
            func told(_ d: [Double]) -> String {
                k < d.count ? " " + ((try? formatNumber(d[k], spec: ".3")) ?? formatNumber(d[k])) : ""
            }
            if isTriplet {
                let title = near.isEmpty ? "anchor, same, other" : "same\(told(near)), other\(told(far))"
                return Panel(title: title, marks: [.image(left[k]), .image(right[k]), .image(third[k])])
            }
            let word = k < same.count && same[k] > 0.5 ? "same" : "different"
            return Panel(title: word + told(near), marks: [.image(left[k]), .image(right[k])])
        }
        return FigureThing(Figure(panels: panels))
    }

    /// Euclidean distances between rows of one number.
    static func distances(_ a: Tensor, _ b: Tensor) -> [Double] {
        let rows = a.shape[0]
        let (p, q) = (a.doubles, b.doubles)
        guard rows > 0, p.count == q.count, p.count % rows == 0 else { return [] }
        let width = p.count / rows
        return (0..<rows).map { r in
            var sum = 0.0
            for k in r * width..<(r + 1) * width { sum += (p[k] - q[k]) * (p[k] - q[k]) }
            return sum.squareRoot()
        }
    }
}
