import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Drawing figures: what sessions, the prompt and other front ends call.
public enum Figures {
    /// All built-ins that draw and project.
    public static let builtins: [Builtin] = drawing + projecting

    /// Lets a session draw figures where it shows values.
    /// - Parameter display: what the terminal can show; its owner may change it at any time.
    @discardableResult
    public static func attach(to session: Session, _ display: FigureDisplay = FigureDisplay()) -> Session {
        session.renderFigure = { thing, page in
            // A long drawing is abandoned when it is interrupted; the caller checks for that.
            let drawn = try? InterruptibleWork.run(size: weight(of: thing)) { () -> String in
                if let figure = (thing as? FigureThing)?.figure { return text(figure, page, display) }
                if let data = (thing as? DatasetThing)?.dataset { return thumbnails(data, thing, page, display) }
                guard let figure = thing.illustration else { return "" }
                var room = page
                room.rows = min(page.rows, 20)
                return visibleText(thing.display(page)) + "\n\n" + text(figure, room, display)
            }
            return drawn ?? ""
        }
        session.pictureOf = { value, net, interpreter in try shownPairs(value, net, interpreter) }
        return session
    }

    /// About how many numbers a drawing goes through.
    private static func weight(of thing: Thing) -> Int {
        if let data = (thing as? DatasetThing)?.dataset { return data.x.count }
        guard let figure = (thing as? FigureThing)?.figure ?? thing.illustration else { return 0 }
        return figure.panels.reduce(0) { $0 + $1.marks.reduce(0) { $0 + $1.weight } }
    }

    /// A data set's words with a few of its images below, both in sight; empty where its examples are no images.
    private static func thumbnails(_ data: Dataset, _ thing: Thing, _ page: Page, _ display: FigureDisplay) -> String {
        let look = TerminalStyle(display, page)
        let isHalf = look.hasColor && !look.isASCII
        guard
            let figure = ImageMarks.thumbnails(
                data, side: isHalf ? 16 : 8, columns: page.columns, scale: isHalf ? 1 : 2)
        else { return "" }
        var room = page
        room.rows = isHalf ? 14 : 15
        let drawn = text(figure, room, display)
        var rest = page
        rest.rows = page.rows - drawn.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        return visibleText(thing.display(rest)) + "\n\n" + drawn
    }

    /// A figure as lines of text, or as a picture in the terminal's own protocol where one was chosen.
    public static func text(_ figure: Figure, _ page: Page, _ display: FigureDisplay = FigureDisplay()) -> String {
        if page.color, page.unicode, let picture = TerminalPicture.sequence(figure, page, display) { return picture }
        return FigureText(figure, page, TerminalStyle(display, page)).text()
    }

    /// A figure as a value.
    static func value(_ figure: Figure, _ interpreter: Interpreter) -> Value {
        if interpreter.session.renderFigure == nil { attach(to: interpreter.session) }
        return .thing(FigureThing(figure))
    }
}

extension Mark {
    /// About how many numbers drawing it goes through.
    fileprivate var weight: Int {
        switch self {
        case .line(let curve): curve.y.count
        case .points(let points): points.x.count
        case .cells(let cells): cells.values.count
        case .image(let image): image.values.count
        case .bars, .histogram, .rule: 0
        }
    }
}
