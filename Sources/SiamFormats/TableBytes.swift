import CCodecs
import Glibc
import SiamData
import SiamTensor

/// The kernels of tables on memory that is known to be whole: all offsets come from them and go back to them.
enum TableBytes {
    /// Where a text stops being UTF-8.
    static func invalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let at = siam_text_invalid(base, bytes.count)
        return at < 0 ? nil : Int(at)
    }

    /// The first position of a byte.
    static func first(_ sign: UInt8, in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress, let found = memchr(base, Int32(sign), all.count) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    struct Fault {
        let isOpen: Bool
        let at: Int
    }

    /// Where the rows begin that are not blank.
    static func rows(_ bytes: [UInt8], separator: UInt8, isQuoted: Bool) throws -> (starts: [Int], Fault?) {
        try bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return ([], nil) }
            let lines = siam_table_lines(base, all.count) + 1
            try Memory.ask(lines, of: 8, for: "the rows of a table")
            var fault = siam_table_fault()
            let starts = [Int](unsafeUninitializedCapacity: lines) { room, count in
                let found = siam_table_rows(
                    base, all.count, 0, separator, isQuoted ? 1 : 0, room.baseAddress, lines, &fault)
                count = min(Int(found), lines)
            }
            let kind = UInt32(bitPattern: Int32(fault.kind))
            guard kind != SIAM_TABLE_WHOLE.rawValue else { return (starts, nil) }
            return (starts, Fault(isOpen: kind == SIAM_TABLE_OPEN.rawValue, at: Int(fault.at)))
        }
    }

    /// The cells of the row that begins at `start`.
    static func cells(_ bytes: [UInt8], _ start: Int, separator: UInt8) -> [siam_table_cell] {
        bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress, start >= 0, start < all.count else { return [] }
            var room = 64
            while true {
                var count = 0
                let cells = [siam_table_cell](unsafeUninitializedCapacity: room) { places, used in
                    count = Int(
                        siam_table_cells(
                            base, all.count, start, separator, places.baseAddress, Int64(room)))
                    used = min(count, room)
                }
                if count <= room { return cells }
                room = count
            }
        }
    }

    /// A number as people write it; nil for all else.
    static func number(_ bytes: [UInt8], _ range: Range<Int>, decimal: UInt8) -> Double? {
        bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress, range.lowerBound >= 0, range.upperBound <= all.count else { return nil }
            var value = 0.0
            return siam_table_number(base + range.lowerBound, range.count, decimal, &value) != 0 ? value : nil
        }
    }

    /// What the columns hold besides numbers.
    struct Column {
        var empties = 0
        var texts = 0
        var firstEmpty: Int?
        var firstText: Int?
    }
    struct Numbers {
        /// Row by row; empty cells and texts are marked.
        var values: [Float]
        var columns: [Column]
        /// The first row with another number of cells.
        var uneven: Int?
    }
    /// Whether a number encodes an empty cell, or a text.
    static func isEmpty(_ x: Float) -> Bool { x.bitPattern == SIAM_TABLE_EMPTY }
    static func isText(_ x: Float) -> Bool { x.bitPattern == SIAM_TABLE_TEXT }

    private struct Block: @unchecked Sendable {
        let bytes: UnsafePointer<UInt8>
        let length: Int
        let starts: UnsafePointer<Int>
        let out: UnsafeMutablePointer<Float>
        let about: UnsafeMutablePointer<siam_table_column>
        let uneven: UnsafeMutablePointer<Int64>
    }

    /// The numbers of all rows, blocks of them side by side.
    static func numbers(
        _ bytes: [UInt8], rows starts: ArraySlice<Int>, columns: Int, separator: UInt8, decimal: UInt8
    ) throws -> Numbers {
        let rows = starts.count
        let (cells, overflow) = rows.multipliedReportingOverflow(by: columns)
        try Memory.ask(overflow ? Int.max : cells, of: 4, for: "the numbers of a table")
        let tiles = max(1, min(256, rows / 512))
        var about = [siam_table_column](repeating: siam_table_column(), count: tiles * columns)
        var uneven = [Int64](repeating: -1, count: tiles)
        let values = bytes.withUnsafeBufferPointer { all in
            starts.withUnsafeBufferPointer { places in
                about.withUnsafeMutableBufferPointer { about in
                    uneven.withUnsafeMutableBufferPointer { uneven in
                        [Float](unsafeUninitializedCapacity: cells) { out, count in
                            count = cells
                            guard let base = all.baseAddress, let first = places.baseAddress, let to = out.baseAddress,
                                let a = about.baseAddress, let u = uneven.baseAddress
                            else { return out.initialize(repeating: 0) }
                            let block = Block(
                                bytes: base, length: all.count, starts: first, out: to, about: a, uneven: u)
                            Threads.run(tiles: tiles) { tile in
                                let (low, high) = (tile * rows / tiles, (tile + 1) * rows / tiles)
                                block.uneven[tile] = siam_table_parse(
                                    block.bytes, block.length, block.starts, Int64(low), Int64(high), separator,
                                    decimal, Int64(columns), block.out + low * columns, block.about + tile * columns)
                            }
                        }
                    }
                }
            }
        }
        try Interrupt.poll()
        let all = (0..<columns).map { c in
            var one = Column()
            for tile in 0..<tiles {
                let part = about[tile * columns + c]
                if part.empties > 0, one.firstEmpty == nil { one.firstEmpty = Int(part.first_empty) }
                if part.texts > 0, one.firstText == nil { one.firstText = Int(part.first_text) }
                one.empties += Int(part.empties)
                one.texts += Int(part.texts)
            }
            return one
        }
        return Numbers(values: values, columns: all, uneven: uneven.first { $0 >= 0 }.map { Int($0) })
    }
}
