import CCodecs
import SiamData

/// gzip and deflate, bounded: nothing is inflated beyond what the caller's header says.
enum Deflate {
    /// A byte of a deflate stream gives at most 1,032 bytes; a file that claims more is lying.
    static let largestRatio = 1032

    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b }

    /// Whether `length` compressed bytes can hold `size` bytes.
    static func justifies(_ length: Int, _ size: Int) -> Bool { size / largestRatio <= length + 1 }

    enum Outcome { case done, full, truncated, corrupt }

    /// At most `room` bytes of the stream, and how it went; `consumed` counts the compressed bytes read.
    static func inflate(_ bytes: ArraySlice<UInt8>, gzip: Bool, room: Int) -> (bytes: [UInt8], Outcome, consumed: Int) {
        var consumed = 0
        var result = Int32(0)
        let out = bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: max(room, 1)) { buffer, count in
                result = siam_inflate(
                    source.baseAddress, source.count, gzip ? 1 : 0, buffer.baseAddress, room, &count, &consumed)
            }
        }
        let outcome: Outcome =
            switch UInt32(result) {
            case SIAM_DONE.rawValue: .done
            case SIAM_FULL.rawValue: .full
            case SIAM_TRUNCATED.rawValue: .truncated
            default: .corrupt
            }
        return (out, outcome, consumed)
    }

    /// The raw deflate stream of `bytes`.
    static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        let room = siam_deflate_room(bytes.count)
        return bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                count = siam_deflate(source.baseAddress, source.count, buffer.baseAddress, room)
            }
        }
    }

    static func sum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer { siam_crc32($0.baseAddress, $0.count) }
    }
}
