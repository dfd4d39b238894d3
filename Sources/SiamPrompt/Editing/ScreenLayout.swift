import CEditline

/// The position of each character of prompt and text in libedit's model of the screen.
public struct ScreenLayout: Sendable {
    /// Row and column of each scalar, and of the end.
    public private(set) var rows: [Int32] = []
    public private(set) var columns: [Int32] = []
    /// Something in the text is not drawn as one plain character, so that nothing can be said about the rest.
    public private(set) var isCertain = true

    /// - Parameter start: the columns that the prompt takes.
    public init(_ scalars: [Unicode.Scalar], start: Int, width: Int) {
        let width = Int32(max(1, width))
        var row: Int32 = Int32(start) / width
        var column: Int32 = Int32(start) % width
        rows.reserveCapacity(scalars.count + 1)
        columns.reserveCapacity(scalars.count + 1)
        for scalar in scalars {
            if scalar == "\n" {
                rows.append(row)
                columns.append(column)
                row += 1
                column = 0
                continue
            }
            var size: Int32 = 1
            if scalar.value < 32 || scalar.value == 127 {
                isCertain = false
            } else if scalar.value > 126 {
                size = siam_scalar_width(scalar.value)
                if size < 0 {
                    isCertain = false
                    size = 1
                }
                // A wide character that does not fit goes to the next row.
                if column + size > width {
                    row += 1
                    column = 0
                }
            }
            rows.append(row)
            columns.append(column)
            column += size
            if column >= width {
                row += 1
                column = 0
            }
        }
        rows.append(row)
        columns.append(column)
    }

    public func row(_ place: Int) -> Int { rows.indices.contains(place) ? Int(rows[place]) : 0 }
    public func column(_ place: Int) -> Int { columns.indices.contains(place) ? Int(columns[place]) : 0 }
    public var lastRow: Int { Int(rows.last ?? 0) }
}
