import Glibc
import SiamTensor

/// A point of the sheet, right and down, the sheet being 0..1 both ways.
struct SheetPoint {
    var x: Double
    var y: Double
}

/// A character as the movements that write it, after the motor programs of Lake, Salakhutdinov and Tenenbaum (2015):
/// strokes of a few arcs each, a stroke after the first beginning where the sheet allows or on an earlier stroke.
/// Drawers repeat the movements with their own slips, so that examples differ as handwriting does, not as noise does.
struct Glyph: Sendable {
    /// A piece of a stroke of even curvature.
    struct Arc: Sendable {
        /// The change of heading before it: a corner where it is large.
        var corner: Double
        var length: Double
        /// The change of heading along it; 2 pi closes a circle.
        var bend: Double
    }

    enum Start: Sendable {
        case free(x: Double, y: Double)
        /// On an earlier stroke, `along` 0..1 of its points.
        case on(stroke: Int, along: Double)
    }

    struct Stroke: Sendable {
        var start: Start
        var heading: Double
        var arcs: [Arc]
    }

    var strokes: [Stroke]

    /// A random character: one to four strokes that fill the canvas well enough to be distinguishable.
    init(_ stream: inout RandomStream) {
        let choice = stream.uniform()
        let count = choice < 0.22 ? 1 : choice < 0.6 ? 2 : choice < 0.86 ? 3 : 4
        strokes = []
        var pieces = 0
        for index in 0..<count {
            var best: Stroke?
            for _ in 0..<16 {
                let stroke = Glyph.stroke(index, of: count, pieces, &stream)
                let points = Glyph.trace(stroke, after: strokes)
                best = best ?? stroke
                if points.allSatisfy({ -0.05...1.05 ~= $0.x && -0.05...1.05 ~= $0.y }) {
                    best = stroke
                    break
                }
            }
            if let best {
                strokes.append(best)
                pieces += best.arcs.count
            }
        }
    }

    /// The next stroke; a character that has many pieces already gets plain ones, a lone stroke is never a mere line.
    private static func stroke(_ index: Int, of count: Int, _ before: Int, _ stream: inout RandomStream) -> Stroke {
        // Pens move down and to the right more than up and to the left.
        let eighths = [0.0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 7, 7]
        let heading = eighths[stream.below(eighths.count)] * Double.pi / 4 + 0.15 * stream.normal()
        let plain = stream.uniform() < 0.5
        let more = stream.uniform() < 0.6 ? 2 : 3
        let pieces = count == 1 ? more : plain || before >= 4 ? 1 : more
        var arcs: [Arc] = []
        for piece in 0..<pieces {
            let turns = [-0.75, -0.5, -0.5, -0.25, 0.25, 0.5, 0.5, 0.75]
            let corner =
                piece == 0 || stream.uniform() < (count == 1 && piece == 1 ? 0.2 : 0.4)
                ? 0 : turns[stream.below(turns.count)] * Double.pi + 0.12 * stream.normal()
            let kind = stream.uniform()
            let side = stream.below(2) == 0 ? 1.0 : -1
            let bend =
                kind < 0.5
                ? 0.12 * stream.normal()
                : kind < 0.68
                    ? side * stream.uniform(0.5, 1.4)
                    : kind < 0.9 ? side * stream.uniform(2, 3.9) : side * stream.uniform(5.4, 6.4)
            // A bent arc of the same reach is longer.
            let reach = stream.uniform(0.25, count == 1 ? 0.75 : 0.6) * (index == 0 ? 1.15 : 0.95)
            arcs.append(Arc(corner: corner, length: reach * (1 + abs(bend) / 4), bend: bend))
        }
        let attached = index > 0 && stream.uniform() < 0.66
        let places = [0.0, 0.5, 1, stream.uniform(), stream.uniform()]
        let start: Start =
            attached
            ? .on(stroke: stream.below(index), along: places[stream.below(places.count)])
            : .free(x: stream.uniform(0.1, 0.75), y: stream.uniform(0.08, 0.6))
        return Stroke(start: start, heading: heading, arcs: arcs)
    }

    /// Points along a stroke, given the strokes before it.
    static func trace(_ stroke: Stroke, after earlier: [Stroke]) -> [SheetPoint] {
        var at: SheetPoint
        switch stroke.start {
        case .free(let x, let y): at = SheetPoint(x: x, y: y)
        case .on(let index, let along):
            let parent = earlier.indices.contains(index) ? trace(earlier[index], after: Array(earlier[..<index])) : []
            let place = Int((along * Double(parent.count - 1)).rounded())
            at = parent.indices.contains(place) ? parent[place] : SheetPoint(x: 0.5, y: 0.5)
        }
        var heading = stroke.heading
        var points = [at]
        for arc in stroke.arcs {
            heading += arc.corner
            let steps = max(4, Int((arc.length * 14 + abs(arc.bend) * 3).rounded()))
            for _ in 0..<steps {
                heading += arc.bend / Double(steps) / 2
                at.x += cos(heading) * arc.length / Double(steps)
                at.y += sin(heading) * arc.length / Double(steps)
                heading += arc.bend / Double(steps) / 2
                points.append(at)
            }
        }
        return points
    }

    /// All strokes' points.
    var paths: [[SheetPoint]] { strokes.indices.map { Glyph.trace(strokes[$0], after: Array(strokes[..<$0])) } }

    /// The same character by another hand: each movement a little different.
    func redrawn(_ stream: inout RandomStream) -> Glyph {
        var copy = self
        // A drawer's habits: rounder or straighter, sloppier or neater.
        let sloppiness = stream.uniform(0.5, 1.3)
        let roundness = exp(0.12 * stream.normal())
        for index in copy.strokes.indices {
            let reach = exp(0.08 * sloppiness * stream.normal())
            copy.strokes[index].heading += 0.09 * sloppiness * stream.normal()
            for place in copy.strokes[index].arcs.indices {
                var arc = copy.strokes[index].arcs[place]
                arc.length *= reach * exp(0.09 * sloppiness * stream.normal())
                arc.bend =
                    arc.bend * roundness * exp(0.06 * sloppiness * stream.normal()) + 0.1 * sloppiness * stream.normal()
                if arc.corner != 0 { arc.corner += 0.1 * sloppiness * stream.normal() }
                copy.strokes[index].arcs[place] = arc
            }
            switch copy.strokes[index].start {
            case .free(let x, let y):
                let slip = 0.022 * sloppiness
                copy.strokes[index].start = .free(x: x + slip * stream.normal(), y: y + slip * stream.normal())
            case .on(let stroke, let along):
                let moved = along + (along > 0 && along < 1 ? 0.05 * sloppiness * stream.normal() : 0)
                copy.strokes[index].start = .on(stroke: stroke, along: min(max(moved, 0), 1))
            }
        }
        return copy
    }
}
