import CCodecs
import SiamData
import SiamTensor

/// A picture: 8 bits a channel, 1 (grey) or 3 (red, green, blue) channels, row by row.
public struct Picture: Sendable {
    public let height: Int
    public let width: Int
    public let channels: Int
    public let pixels: [UInt8]

    /// Throws where the number of pixels does not agree with the sides.
    public init(height: Int, width: Int, channels: Int, pixels: [UInt8]) throws {
        let count = try Shape([height, width, channels]).count
        guard channels == 1 || channels == 3, pixels.count == count else {
            throw DataError(
                code: "picture.pixels",
                message:
                    "a picture of \(height)x\(width)x\(channels) cannot have \(pixels.count) values"
            )
        }
        self.height = height
        self.width = width
        self.channels = channels
        self.pixels = pixels
    }

    /// Reads a PNG, JPEG, PGM or PPM file, whichever its first bytes say.
    public init(path: String) throws { self = try PictureFile(path: path).decoded() }

    /// The picture as a PNG file's bytes.
    public func png() throws -> [UInt8] {
        let room = pixels.isEmpty ? 0 : siam_png_room(Int32(width), Int32(height), Int32(channels))
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            guard room > 0, let out = buffer.baseAddress else { return }
            count = siam_png_encode(pixels, Int32(width), Int32(height), Int32(channels), out, room) {
                Interrupt.isDue ? 1 : 0
            }
        }
        try Interrupt.poll()
        guard !bytes.isEmpty else {
            throw DataError(code: "picture.png", message: "a picture of \(height)x\(width) cannot be written as PNG")
        }
        return bytes
    }
}

/// A picture file whose header has been read and whose pixels have not.
struct PictureFile {
    enum Form {
        case png, jpeg
        case netpbm(Netpbm)
    }

    let bytes: [UInt8]
    let path: String
    let form: Form
    let height: Int
    let width: Int
    let channels: Int

    /// Larger pictures are refused before memory is taken.
    static let maximumPixels = 100_000_000

    init(path: String) throws { try self.init(bytes: FileBytes.read(path), path: path) }

    init(bytes: [UInt8], path: String) throws {
        self.bytes = bytes
        self.path = path
        var about = siam_picture()
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            guard siam_png_header(bytes, bytes.count, &about) == 0 else {
                throw PictureFile.bad(about, "PNG", path, PNGChunks(bytes).beforePixels)
            }
            form = .png
        } else if bytes.starts(with: [0xFF, 0xD8]) {
            guard siam_jpeg_header(bytes, bytes.count, &about) == 0 else {
                throw PictureFile.bad(about, "JPEG", path, about.place)
            }
            form = .jpeg
        } else if bytes.first == 80 {
            let header = try Netpbm(bytes: bytes, path: path)
            about.width = Int32(clamping: header.width)
            about.height = Int32(clamping: header.height)
            about.channels = Int32(clamping: header.channels)
            form = .netpbm(header)
        } else {
            throw DataError(
                code: "picture.form", message: "this is neither a PNG nor a JPEG, PGM or PPM picture", path: path,
                place: .byte(0))
        }
        height = Int(about.height)
        width = Int(about.width)
        channels = Int(about.channels)
        let (pixels, overflow) = height.multipliedReportingOverflow(by: width)
        guard !overflow, pixels > 0, pixels <= PictureFile.maximumPixels,
            Deflate.justifies(bytes.count, pixels / 8)
        else {
            throw DataError(
                code: "picture.size",
                message: "the header says \(height)x\(width), more than \(bytes.count) bytes can hold",
                path: path, place: .byte(0))
        }
    }

    private static func bad(_ about: siam_picture, _ form: String, _ path: String, _ place: Int) -> DataError {
        var about = about
        let why = withUnsafeBytes(of: &about.message) { field in
            String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        }
        return DataError(
            code: "picture.\(form.lowercased())", message: "the \(form) picture cannot be read: \(why)", path: path,
            place: .byte(place))
    }

    /// The pixels, in the file's own channels or in `wanted`, 1 or 3.
    func decoded(channels wanted: Int? = nil) throws -> Picture {
        let channels = wanted == 3 ? 3 : wanted == 1 ? 1 : self.channels
        let size = height * width * channels
        switch form {
        case .netpbm(let header):
            return try header.picture(bytes, channels, path)
        case .png, .jpeg:
            let isPNG = if case .png = form { true } else { false }
            var about = siam_picture()
            var failed: Int32 = 1
            let pixels = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                buffer.initialize(repeating: 0)
                let decode = isPNG ? siam_png_decode : siam_jpeg_decode
                failed = decode(bytes, bytes.count, Int32(channels), buffer.baseAddress, size, &about)
                count = size
            }
            guard failed == 0 else {
                let chunks = PNGChunks(bytes)
                throw PictureFile.bad(
                    about, isPNG ? "PNG" : "JPEG", path, isPNG ? chunks.damage ?? chunks.pixels : about.place)
            }
            return try Picture(height: height, width: width, channels: channels, pixels: pixels)
        }
    }
}
