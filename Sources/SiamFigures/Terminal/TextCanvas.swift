import SiamLanguage

/// A rectangle of coloured characters.
struct TextCanvas {
    struct Cell: Equatable {
        var sign: Character = " "
        var ink: RGBColor?
        var ground: RGBColor?
        /// The right half of a wide character to the left: nothing is written for it.
        var isCovered = false
    }
    private(set) var width: Int
    private(set) var height: Int
    private var cells: [Cell]

    init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        cells = Array(repeating: Cell(), count: self.width * self.height)
    }

    subscript(row: Int, column: Int) -> Cell {
        get {
            guard row >= 0, row < height, column >= 0, column < width else { return Cell() }
            return cells[row * width + column]
        }
        set {
            guard row >= 0, row < height, column >= 0, column < width else { return }
            cells[row * width + column] = newValue
        }
    }

    /// Writes a text from a column on; what does not fit is left out.
    mutating func put(_ text: String, _ row: Int, _ column: Int, ink: RGBColor? = nil, ground: RGBColor? = nil) {
        var at = column
        for sign in text {
            let wide = displayWidth(String(sign))
            guard wide > 0 else { continue }
            guard at + wide <= width else { return }
            self[row, at] = Cell(sign: sign, ink: ink, ground: ground)
            if wide == 2 { self[row, at + 1] = Cell(sign: " ", ink: ink, ground: ground, isCovered: true) }
            at += wide
        }
    }

    /// Lays another canvas on this one.
    mutating func put(_ other: TextCanvas, _ row: Int, _ column: Int) {
        for r in 0..<other.height {
            for c in 0..<other.width { self[row + r, column + c] = other[r, c] }
        }
    }

    mutating func grow(toHeight new: Int) {
        guard new > height else { return }
        cells += Array(repeating: Cell(), count: (new - height) * width)
        height = new
    }

    /// Lines without blanks at their ends, in as many colours as there are.
    func text(_ depth: ColorDepth) -> String {
        (0..<height).map { row in line(row, depth) }.joined(separator: "\n")
    }

    private func line(_ row: Int, _ depth: ColorDepth) -> String {
        var end = width
        while end > 0 {
            let cell = self[row, end - 1]
            guard cell.sign == " ", depth == .none || cell.ground == nil, !cell.isCovered else { break }
            end -= 1
        }
        var out = ""
        // Control sequences in force; empty for the terminal's own colours. Inks that look the same there change nothing.
        var (ink, ground) = ("", "")
        for column in 0..<end {
            let cell = self[row, column]
            if cell.isCovered { continue }
            if depth != .none {
                // A blank's ink is not seen, so it needs no change.
                let wanted =
                    cell.sign == " " ? ink : cell.ink.map { TextCanvas.code($0, depth, isGround: false) } ?? ""
                let below = cell.ground.map { TextCanvas.code($0, depth, isGround: true) } ?? ""
                if (wanted.isEmpty && !ink.isEmpty) || (below.isEmpty && !ground.isEmpty) {
                    out += "\u{1B}[0m"
                    (ink, ground) = ("", "")
                }
                if wanted != ink, cell.sign != " " {
                    out += wanted
                    ink = wanted
                }
                if below != ground {
                    out += below
                    ground = below
                }
            }
            out.append(cell.sign)
        }
        if !ink.isEmpty || !ground.isEmpty { out += "\u{1B}[0m" }
        return out
    }

    /// The control sequence that chooses a colour.
    static func code(_ ink: RGBColor, _ depth: ColorDepth, isGround: Bool) -> String {
        switch depth {
        case .none: return ""
        case .full: return "\u{1B}[\(isGround ? 48 : 38);2;\(ink.red);\(ink.green);\(ink.blue)m"
        case .palette: return "\u{1B}[\(isGround ? 48 : 38);5;\(paletteIndex(ink))m"
        case .sixteen:
            let k = sixteenIndex(ink)
            return "\u{1B}[\((k < 8 ? 30 + k : 82 + k) + (isGround ? 10 : 0))m"
        }
    }

    /// The nearest of the 6x6x6 cube and the 24 greys of xterm's 256 colours.
    static func paletteIndex(_ ink: RGBColor) -> Int {
        let levels = [0, 95, 135, 175, 215, 255]
        func nearest(_ v: UInt8) -> Int {
            levels.indices.min { abs(levels[$0] - Int(v)) < abs(levels[$1] - Int(v)) } ?? 0
        }
        let (r, g, b) = (nearest(ink.red), nearest(ink.green), nearest(ink.blue))
        func error(_ x: Int, _ y: Int, _ z: Int) -> Int {
            let (p, q, s) = (x - Int(ink.red), y - Int(ink.green), z - Int(ink.blue))
            return p * p + q * q + s * s
        }
        let mean = (Int(ink.red) + Int(ink.green) + Int(ink.blue)) / 3
        let grey = max(0, min(23, (mean - 3) / 10))
        let level = 8 + 10 * grey
        return error(level, level, level) < error(levels[r], levels[g], levels[b])
            ? 232 + grey : 16 + 36 * r + 6 * g + b
    }

    private static let sixteen: [RGBColor] = [
        RGBColor(0x000000), RGBColor(0xcd0000), RGBColor(0x00a000), RGBColor(0xb89000), RGBColor(0x2050d0),
        RGBColor(0xb050b0), RGBColor(0x00a0b0),
        RGBColor(0xc8c8c8), RGBColor(0x7f7f7f), RGBColor(0xff4040), RGBColor(0x40e040), RGBColor(0xf0f040),
        RGBColor(0x5090f0), RGBColor(0xf060f0),
        RGBColor(0x40e0f0), RGBColor(0xffffff),
    ]
    static func sixteenIndex(_ ink: RGBColor) -> Int {
        func error(_ k: Int) -> Int {
            let c = sixteen[k]
            let (p, q, s) = (
                Int(c.red) - Int(ink.red), Int(c.green) - Int(ink.green), Int(c.blue) - Int(ink.blue)
            )
            return 3 * p * p + 6 * q * q + 2 * s * s
        }
        return sixteen.indices.min { error($0) < error($1) } ?? 7
    }
}

/// Dots finer than characters: 2 x 4 a character in braille, 1 x 3 in ASCII, 2 x 2 in blocks.
struct DotCanvas {
    let columns: Int
    let rows: Int
    let look: TerminalStyle
    let across: Int
    let down: Int
    private var dots: [UInt8]
    private var inks: [RGBColor?]

    init(columns: Int, rows: Int, look: TerminalStyle) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        self.look = look
        (across, down) = DotCanvas.grain(look)
        dots = Array(repeating: 0, count: self.columns * self.rows)
        inks = Array(repeating: nil, count: self.columns * self.rows)
    }

    /// Dots a character has across and down.
    static func grain(_ look: TerminalStyle) -> (across: Int, down: Int) {
        switch look.graphics {
        case .ascii: (1, 3)
        case .blocks: (2, 2)
        default: (2, 4)
        }
    }

    var width: Int { columns * across }
    var height: Int { rows * down }

    mutating func dot(_ x: Int, _ y: Int, _ ink: RGBColor?) {
        guard x >= 0, x < width, y >= 0, y < height else { return }
        let k = y / down * columns + x / across
        dots[k] |= 1 << UInt8(y % down * across + x % across)
        inks[k] = ink
    }

    /// Bresenham's line between two dots.
    mutating func line(_ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, _ ink: RGBColor?) {
        func held(_ v: Int, _ most: Int) -> Int { max(-4 * most, min(5 * most, v)) }
        var (x, y) = (held(x0, width), held(y0, height))
        let (endX, endY) = (held(x1, width), held(y1, height))
        let dx = abs(endX - x)
        let dy = -abs(endY - y)
        let stepX = x < endX ? 1 : -1
        let stepY = y < endY ? 1 : -1
        var error = dx + dy
        while true {
            dot(x, y, ink)
            if x == endX && y == endY { return }
            let twice = 2 * error
            if twice >= dy {
                error += dy
                x += stepX
            }
            if twice <= dx {
                error += dx
                y += stepY
            }
        }
    }

    func isEmpty(_ row: Int, _ column: Int) -> Bool {
        guard row >= 0, row < rows, column >= 0, column < columns else { return true }
        return dots[row * columns + column] == 0
    }

    /// Writes the dots' characters; cells without a dot are left as they are.
    func draw(on canvas: inout TextCanvas, _ row: Int, _ column: Int) {
        for r in 0..<rows {
            for c in 0..<columns where dots[r * columns + c] != 0 {
                canvas[row + r, column + c] = TextCanvas.Cell(
                    sign: sign(dots[r * columns + c]), ink: inks[r * columns + c])
            }
        }
    }

    private func sign(_ bits: UInt8) -> Character {
        switch look.graphics {
        case .ascii:
            return [" ", "'", "-", "'", ".", "|", ".", "|"][Int(bits & 7)]
        case .blocks:
            return Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")[Int(bits & 15)]
        default:
            // Braille numbers its dots down the left column, then the right; the lowest two came later.
            let places: [UInt32] = [0, 3, 1, 4, 2, 5, 6, 7]
            var code: UInt32 = 0x2800
            for k in 0..<8 where bits & (1 << UInt8(k)) != 0 { code |= 1 << places[k] }
            return Unicode.Scalar(code).map(Character.init) ?? " "
        }
    }
}
