import SiamInterpreter
import SiamRuntime

/// How many colours a terminal shows.
public enum ColorDepth: String, Sendable, CaseIterable { case none, sixteen, palette, full }

/// What figures are drawn with.
public enum Graphics: String, Sendable, CaseIterable {
    /// Pictures, in a terminal's own protocol.
    case kitty, iterm, sixel
    /// Characters: half blocks and braille, blocks alone, or nothing beyond ASCII.
    case braille, blocks, ascii

    /// Whether a terminal's own protocol is used.
    public var isPicture: Bool { [.kitty, .iterm, .sixel].contains(self) }
}

/// What the terminal can show. The prompt keeps one and changes it on `:set graphics`.
public final class FigureDisplay: @unchecked Sendable {
    public var graphics: Graphics
    public var depth: ColorDepth
    /// The size of a character in pixels, for pictures.
    public var cellWidth = 9
    public var cellHeight = 18
    /// Whether the terminal's ground is dark, for pictures.
    public var isDark = true

    public init(graphics: Graphics = .braille, depth: ColorDepth = .full) {
        self.graphics = graphics
        self.depth = depth
    }

    /// What the environment says: colours from COLORTERM and TERM, pictures where the terminal names itself as one that
    /// shows them. Inside a multiplexer, which keeps text alone, figures are made of characters.
    public convenience init(environment: (String) -> String?) {
        let term = environment("TERM") ?? ""
        let color = environment("COLORTERM") ?? ""
        let depth: ColorDepth =
            if color.contains("truecolor") || color.contains("24bit") || term.contains("direct") {
                .full
            } else if term.contains("256color") || term.contains("kitty") {
                .palette
            } else if term.isEmpty || term == "dumb" {
                .none
            } else {
                .sixteen
            }
        self.init(graphics: FigureDisplay.graphics(term, environment), depth: depth)
        // `15;0` is white on black: the last number is the ground, and 7 and 15 are its light ones.
        if let ground = environment("COLORFGBG")?.split(separator: ";").last { isDark = !["7", "15"].contains(ground) }
    }

    private static func graphics(_ term: String, _ environment: (String) -> String?) -> Graphics {
        let isInside = environment("TMUX") != nil || environment("STY") != nil
        if isInside || term.hasPrefix("screen") || term.hasPrefix("tmux") || term.isEmpty || term == "dumb" {
            return .braille
        }
        let program = environment("TERM_PROGRAM") ?? ""
        if term.contains("kitty") || term.contains("ghostty") || program == "ghostty"
            || environment("KITTY_WINDOW_ID") != nil
        {
            return .kitty
        }
        // WezTerm speaks several protocols, this one best.
        if ["iTerm.app", "WezTerm"].contains(program) || environment("LC_TERMINAL") == "iTerm2" { return .iterm }
        return ["foot", "mlterm", "yaft"].contains(where: term.hasPrefix) || term.contains("sixel") ? .sixel : .braille
    }
}

/// The characters and colours with which one drawing is made.
struct TerminalStyle {
    var graphics: Graphics
    var depth: ColorDepth
    var all: Bool

    /// - Parameter page: without colour or Unicode the drawing has none, whatever the terminal could do.
    init(_ display: FigureDisplay, _ page: Page) {
        graphics = page.unicode ? display.graphics : .ascii
        depth = page.color ? display.depth : .none
        all = page.all
        if depth == .none, graphics == .kitty || graphics == .iterm || graphics == .sixel { graphics = .braille }
    }
    init(graphics: Graphics = .braille, depth: ColorDepth = .none, all: Bool = false) {
        self.graphics = graphics
        self.depth = depth
        self.all = all
    }
    var isASCII: Bool { graphics == .ascii }
    var hasColor: Bool { depth != .none }

    /// The symbols of the classes, one after another.
    func sign(_ k: Int, of names: [String]) -> Character {
        // Names of one sign each, as digits have, are the best signs.
        if names.count > 1, names.allSatisfy({ $0.count == 1 && $0.utf8.count == 1 && $0 != " " }) {
            return names[((k % names.count) + names.count) % names.count].first ?? "o"
        }
        let shapes = Array(isASCII ? "o+x*#@%&" : "●▲■◆○△□◇")
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let set = names.count > shapes.count ? letters : shapes
        return set[((k % set.count) + set.count) % set.count]
    }
    func letter(_ k: Int) -> Character {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        return letters[((k % letters.count) + letters.count) % letters.count]
    }
}
