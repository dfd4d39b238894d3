import SiamData

/// Recognises numbers that are not plain: with units, and with separators between thousands.
enum CellForm {
    /// The unit before or after every number of a column: `50%`, `$3.20`.
    static func sign(on cells: [String]) -> Character? {
        guard let first = cells.first(where: { !$0.trimmed.isEmpty })?.trimmed else { return nil }
        for sign in "%$€£°¥" where first.first == sign || first.last == sign {
            let isOnAll = cells.allSatisfy { cell in
                let bare = cell.trimmed.filter { $0 != sign && $0 != " " }
                return bare.isEmpty || SiamFormats.number(bare) != nil
            }
            if isOnAll { return sign }
        }
        return nil
    }

    /// 1,234 or 1,234,567: thousands parted by commas.
    static func isGrouped(_ cell: String) -> Bool {
        let parts = cell.trimmed.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, 1...3 ~= first.count,
            first.allSatisfy({ $0.isASCII && $0.isNumber })
        else {
            return false
        }
        return parts.dropFirst().allSatisfy { $0.count == 3 && $0.allSatisfy { $0.isASCII && $0.isNumber } }
    }
}
