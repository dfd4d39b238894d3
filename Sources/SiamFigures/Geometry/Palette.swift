import SiamInterpreter
import SiamRuntime

/// A colour, 0 to 255 a channel.
package struct RGBColor: Hashable, Sendable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8
    init(_ rgb: UInt32) {
        red = UInt8(truncatingIfNeeded: rgb >> 16)
        green = UInt8(truncatingIfNeeded: rgb >> 8)
        blue = UInt8(truncatingIfNeeded: rgb)
    }
    init(red: Double, green: Double, blue: Double) {
        func byte(_ x: Double) -> UInt8 { x.isNaN ? 0 : UInt8(Swift.max(0, Swift.min(255, x.rounded()))) }
        self.red = byte(red)
        self.green = byte(green)
        self.blue = byte(blue)
    }
    /// `#3a86d0`.
    package var hex: String {
        let digits = Array("0123456789abcdef")
        return "#" + [red, green, blue].map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }
    /// Perceived brightness, 0 to 1.
    var luma: Double { (0.2126 * Double(red) + 0.7152 * Double(green) + 0.0722 * Double(blue)) / 255 }

    static func mix(_ a: RGBColor, _ b: RGBColor, _ t: Double) -> RGBColor {
        func between(_ p: UInt8, _ q: UInt8) -> Double { Double(p) + (Double(q) - Double(p)) * t }
        return RGBColor(
            red: between(a.red, b.red), green: between(a.green, b.green), blue: between(a.blue, b.blue))
    }
}

/// The colours of figures. Classes: hues that the colour-blind tell apart (after Okabe and Ito, 2008), of a brightness that
/// stands out from white and from black; whoever draws them adds a shape or a letter.
package enum Palette {
    /// Names of colours, as people ask for them.
    static let named: [(name: String, rgb: UInt32)] = [
        ("blue", 0x3a86d0), ("orange", 0xe08214), ("green", 0x009e73), ("pink", 0xc66ba8), ("cyan", 0x4fb3e8),
        ("red", 0xd5492f), ("yellow", 0xb8980a), ("purple", 0x8067c9), ("brown", 0x9c6b45), ("grey", 0x8a8a8a),
        ("gray", 0x8a8a8a), ("black", 0x000000), ("white", 0xffffff),
    ]

    package static let classes: [RGBColor] = [
        RGBColor(0x3a86d0), RGBColor(0xe08214), RGBColor(0x009e73), RGBColor(0xc66ba8), RGBColor(0x4fb3e8),
        RGBColor(0xd5492f), RGBColor(0xb8980a),
        RGBColor(0x8067c9), RGBColor(0x9c6b45), RGBColor(0x8a8a8a),
    ]
    static func ofClass(_ k: Int) -> RGBColor { classes[((k % classes.count) + classes.count) % classes.count] }

    /// From little to much, dark to bright: viridis (Smith and van der Walt, 2015) at nine places.
    private static let sequential: [RGBColor] = [
        RGBColor(0x440154), RGBColor(0x472d7b), RGBColor(0x3b528b), RGBColor(0x2c728e), RGBColor(0x21918c),
        RGBColor(0x28ae80), RGBColor(0x5ec962),
        RGBColor(0xaddc30), RGBColor(0xfde725),
    ]
    /// Blue below zero, near white at zero, orange-brown above: safe for the colour-blind, after ColorBrewer's PuOr and
    /// RdBu.
    private static let diverging: [RGBColor] = [
        RGBColor(0x14508c), RGBColor(0x3f8ac0), RGBColor(0x9ac8e0), RGBColor(0xf2f0ec), RGBColor(0xf5b97f),
        RGBColor(0xd9762b), RGBColor(0x8f3d08),
    ]

    /// The colour at a share 0 to 1 of a scale. Grey where there is no number.
    static func scale(_ share: Double, isDiverging: Bool) -> RGBColor {
        guard share.isFinite else { return RGBColor(0x808080) }
        let stops = isDiverging ? diverging : sequential
        let at = Swift.max(0, Swift.min(1, share)) * Double(stops.count - 1)
        let k = Swift.min(Int(at), stops.count - 2)
        return RGBColor.mix(stops[k], stops[k + 1], at - Double(k))
    }

    /// Grey of a given brightness.
    static func grey(_ x: Double) -> RGBColor { RGBColor(red: x * 255, green: x * 255, blue: x * 255) }
}

/// What a matrix's numbers mean in colour: their limits, and each number's share.
struct ColorScale {
    var low: Double
    var high: Double
    var isDiverging: Bool

    init(_ cells: Mark.Cells) {
        isDiverging = cells.isDiverging
        (low, high) = (.infinity, -.infinity)
        for x in cells.values where x.isFinite {
            low = Swift.min(low, x)
            high = Swift.max(high, x)
        }
        if low > high { (low, high) = (0, 0) }
        if isDiverging {
            let limit = Swift.max(abs(low), abs(high))
            (low, high) = (-limit, limit)
        }
    }
    func share(_ x: Double) -> Double {
        guard x.isFinite else { return .nan }
        guard high > low else { return 0.5 }
        return (x / 2 - low / 2) / (high / 2 - low / 2)
    }
    func ink(_ x: Double) -> RGBColor { Palette.scale(share(x), isDiverging: isDiverging) }
}

extension Panel {
    /// The colour of its curve or class of this number.
    func ink(_ k: Int) -> RGBColor {
        colors.isEmpty ? Palette.ofClass(k) : RGBColor(colors[((k % colors.count) + colors.count) % colors.count])
    }
}
