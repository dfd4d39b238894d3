import SiamData

/// The chunks of a PNG file, to find the position of a faulty one, which libpng does not report.
struct PNGChunks {
    private static let header = 8

    /// The first byte that cannot be: of the signature, of a chunk that goes beyond the file, whose sum does not agree,
    /// or at the end where no end chunk came. Nil where every chunk is whole.
    private(set) var damage: Int?
    /// Where the first chunk of pixels begins, or the end chunk where there is none.
    private(set) var pixels: Int
    private(set) var hasPixels = false

    /// Where what libpng refused before it came to the pixels may lie: in the header, unless there are no pixels to come to.
    var beforePixels: Int { damage ?? (hasPixels ? PNGChunks.header : pixels) }

    init(_ bytes: [UInt8]) {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        pixels = bytes.count
        for (place, byte) in signature.enumerated() where place >= bytes.count || bytes[place] != byte {
            damage = place
            return
        }
        func word(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        var at = PNGChunks.header
        while at + 12 <= bytes.count {
            let length = word(at)
            guard length <= bytes.count - at - 12,
                Int(Deflate.sum(bytes[at + 4..<at + 8 + length])) == word(at + 8 + length)
            else {
                damage = at
                return
            }
            let kind = Array(bytes[at + 4..<at + 8])
            let isEnd = kind == Array("IEND".utf8)
            if !hasPixels, isEnd || kind == Array("IDAT".utf8) {
                pixels = at
                hasPixels = !isEnd
            }
            if isEnd { return }
            at += 12 + length
        }
        damage = bytes.count
    }
}
