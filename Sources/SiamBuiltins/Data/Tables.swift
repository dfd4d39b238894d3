import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Tables of people's own.
extension Builtins {
    static let tables: [Builtin] = [
        Builtin(
            "csv",
            "path : text, label = none, sep : text = none, header : bool = none, columns = none, drop = none, missing = none, texts : \"one_hot\" or \"keep\" = none, decimal : text = none, regression : bool = none",
            family: "files",
            "A data set from a table, gzipped or not. The class is the column `label` (its title, or its number from 0), else a column titled label, class, target or species, else the last; fractions, many different numbers or several columns are targets of a regression and not classes: `regression` overrides this guess. The separator, a row of titles and decimal commas are detected, or given by `sep`, `header` and `decimal`. `columns` chooses the input columns, `drop` leaves columns out. An empty cell (or NA, ?, null) is an error unless `missing` is \"drop\" (drop the row), \"mean\" (of the column) or a number; a column of texts is an error unless `texts` is \"one_hot\" or \"keep\" (kept beside the inputs, for split by it and for tokens).",
            seeAlso: ["describe", "split", "standardize"]
        ) { i, a in
            var options = TableOptions()
            options.label = a.isNone(1) ? nil : try names(a, 1, i)
            options.separator = a.isNone(2) ? nil : try sign(a, 2)
            options.header = a.isNone(3) ? nil : try a.flag(3)
            options.columns = a.isNone(4) ? nil : try names(a, 4, i)
            options.drop = a.isNone(5) ? [] : try names(a, 5, i)
            options.missing = a.isNone(6) ? .refuse : try missing(a, 6)
            options.texts = a.isNone(7) ? .refuse : TableOptions.Texts(rawValue: try a.text(7)) ?? .refuse
            options.decimal = a.isNone(8) ? nil : try sign(a, 8)
            options.isRegression = a.isNone(9) ? nil : try a.flag(9)
            let (d, notes) = try SiamFormats.csv(try a.text(0), options)
            for note in notes {
                i.session.warn(
                    Diagnostic(
                        ["csv.class", "csv.identifier", "csv.header"].contains(note.code) ? .warning : .note,
                        code: note.code,
                        note.message, at: i.userPlace().map { [.init($0)] } ?? [], notes: note.notes,
                        repair: note.repair))
            }
            return .thing(DatasetThing(d))
        }
    ]

    /// Columns as people name them: one or several, by title or number.
    static func names(_ a: Arguments, _ k: Int, _ i: Interpreter) throws -> [String] {
        func name(_ v: Value) throws -> String {
            switch v {
            case .text(let t): return t.string
            case .number(let x) where x == x.rounded() && abs(x) < 1e9: return "\(Int(x))"
            case .tensor(let t) where t.count == 1 && t.item == t.item.rounded() && abs(t.item) < 1e9:
                return "\(Int(t.item))"
            default: throw a.wrong(k, "columns by their titles or numbers")
            }
        }
        switch a[k] {
        case .text, .number: return [try name(a[k])]
        case .list, .tensor, .range: return try i.items(a[k]).map(name)
        default: throw a.wrong(k, "columns by their titles or numbers")
        }
    }

    private static func sign(_ a: Arguments, _ k: Int) throws -> UInt8 {
        let text = try a.text(k)
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 34, byte != 10, byte != 13 else {
            throw a.wrong(k, "one character, such as \";\" or \"\\t\",")
        }
        return byte
    }

    private static func missing(_ a: Arguments, _ k: Int) throws -> TableOptions.Missing {
        switch a[k] {
        case .text(let t) where t.string == "drop": return .drop
        case .text(let t) where t.string == "mean": return .mean
        case .number(let x): return .value(x)
        default: throw a.wrong(k, "\"drop\", \"mean\" or a number")
        }
    }
}
