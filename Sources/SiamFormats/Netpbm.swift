import SiamData

/// The header of a PGM or PPM picture: P2, P3 (text), P5, P6 (bytes), a width, a height, the largest value.
struct Netpbm {
    let width: Int
    let height: Int
    let channels: Int
    let largest: Int
    let isText: Bool
    let start: Int

    init(bytes: [UInt8], path: String) throws {
        guard bytes.count > 2, [50, 51, 53, 54].contains(bytes[1]) else {
            throw DataError(
                code: "pgm.magic", message: "a PGM or PPM picture begins with P2, P3, P5 or P6", path: path,
                place: .byte(0))
        }
        isText = bytes[1] < 53
        channels = bytes[1] == 50 || bytes[1] == 53 ? 1 : 3
        var at = 2
        width = try Netpbm.number(bytes, &at, path, "width", 1 << 20)
        height = try Netpbm.number(bytes, &at, path, "height", 1 << 20)
        largest = try Netpbm.number(bytes, &at, path, "largest value", 65535)
        guard width > 0, height > 0, largest > 0 else {
            throw DataError(
                code: "pgm.size", message: "width, height and largest value must be above 0", path: path,
                place: .byte(at))
        }
        start = min(at + 1, bytes.count)
        let values = width * height * channels
        let needed = isText ? values * 2 - 1 : values * (largest > 255 ? 2 : 1)
        guard bytes.count - start >= needed else {
            throw DataError(
                code: "pgm.short",
                message: "\(height)x\(width) needs \(needed) bytes after the header, and there are "
                    + "\(bytes.count - start)", path: path, place: .byte(bytes.count))
        }
    }

    /// The next whole number, past blanks and comments.
    private static func number(_ bytes: [UInt8], _ at: inout Int, _ path: String, _ what: String, _ limit: Int) throws
        -> Int
    {
        while at < bytes.count {
            if bytes[at] == 35 {
                while at < bytes.count, bytes[at] != 10 { at += 1 }
            } else if [32, 9, 10, 13].contains(bytes[at]) {
                at += 1
            } else {
                break
            }
        }
        let from = at
        var value = 0
        while at < bytes.count, 48...57 ~= bytes[at], value <= limit {
            value = value * 10 + Int(bytes[at] - 48)
            at += 1
        }
        guard at > from, value <= limit else {
            throw DataError(
                code: "pgm.number", message: "the \(what) should be a whole number of at most \(limit)", path: path,
                place: .byte(from))
        }
        return value
    }

    /// The picture in 8 bits; grey from colour by the weights of ITU-R BT.601.
    func picture(_ bytes: [UInt8], _ wanted: Int, _ path: String) throws -> Picture {
        var values: [UInt8] = []
        let count = width * height * channels
        values.reserveCapacity(count)
        var at = start
        for _ in 0..<count {
            var value: Int
            if isText {
                value = try Netpbm.number(bytes, &at, path, "value", largest)
            } else if largest > 255 {
                value = Int(bytes[at]) << 8 | Int(bytes[at + 1])
                at += 2
            } else {
                value = Int(bytes[at])
                at += 1
            }
            value = min(value, largest)
            values.append(UInt8(largest == 255 ? value : (value * 255 + largest / 2) / largest))
        }
        if channels == 1 && wanted == 3 { values = values.flatMap { [$0, $0, $0] } }
        if channels == 3 && wanted == 1 {
            values = (0..<width * height).map { pixel in
                let red = Int(values[pixel * 3]) * 299
                let green = Int(values[pixel * 3 + 1]) * 587
                let blue = Int(values[pixel * 3 + 2]) * 114
                return UInt8((red + green + blue + 500) / 1000)
            }
        }
        return try Picture(height: height, width: width, channels: wanted, pixels: values)
    }
}
