import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct CSVTests {
    private func read(_ text: String, label: String? = nil, header: Bool? = nil) throws -> Dataset {
        try withFolder { folder in
            try WholeFile.write(Array(text.utf8), "\(folder)/flowers.csv")
            return try csv("\(folder)/flowers.csv", label: label, header: header)
        }
    }

    @Test func readsNumbersAndNamedClasses() throws {
        let d = try read("a,b,kind\n1,2.5,rose\n-3e1, 4 ,lily\n.5,nan,rose\n")
        #expect(d.x.shape.dims == [3, 2])
        #expect(Array(d.x.values.prefix(5)) == [1, 2.5, -30, 4, 0.5] && d.x.values[5].isNaN)
        #expect(d.names == ["lily", "rose"])
        #expect(d.y == [1, 0, 1])
        #expect(d.name == "flowers")
    }

    @Test func findsHeaderAndLabel() throws {
        #expect(try read("1,2,a\n3,4,b\n").count == 2, "no header")
        #expect(try read("x,y,c\n3,4,7\n").y == [7], "whole numbers keep their number")
        #expect(try read("c;u;v\nq;1;2\n", label: "c").x.values == [1, 2])
        #expect(try read("q,1,2\np,3,4\n", label: "0").y == [1, 0])
        #expect(try read("1,2,3\n4,5,6\n", header: true).x.values == [4, 5])
        let d = try read("1,10\n2,s10\n3,s2\n4,10\n")
        #expect(d.names == ["10", "s2", "s10"])
        let error = refusal { _ = try read("a,b,kind\n1,2,q\n", label: "species") }
        #expect(error?.message == "there is no column species")
        #expect(error?.candidates == ["a", "b", "kind"])
    }

    @Test func readsQuotesAsPythonDoes() throws {
        let table = try CSVTable(path: fixture("awkward.csv"))
        #expect(
            (0..<table.count).map { table.row($0).map(\.text) } == [
                ["name", "value, scaled", "class"], ["x", "1,5", "say \"yes\""], ["two\nlines", "-2", "b"],
            ])
        #expect(table.row(2)[1].line == 5 && table.row(2)[1].column == 8)
    }

    static let malformed: [(text: String, code: String, line: Int, column: Int)] = [
        ("", "csv.empty", 1, 1), ("a,b\n", "csv.empty", 2, 1), ("1,2,a\n3,x,b\n", "csv.number", 2, 3),
        ("1,2,a\n3,,b\n", "csv.number", 2, 3), ("1,2,a\n3,0x10,b\n", "csv.number", 2, 3),
        ("1,2,a\n3,1 2,b\n", "csv.number", 2, 3), ("1,2,a\n3,1e,b\n", "csv.number", 2, 3),
        ("1,2,a\n3,4\n", "csv.columns", 2, 1), ("1,\"2,a\n", "csv.quote", 1, 3), ("1,\"2\"3,a\n", "csv.quote", 1, 6),
        ("1\n2\n", "csv.width", 1, 1), ("1,a\u{0}b\n", "csv.text", 1, 3),
    ]

    @Test(arguments: malformed.indices) func malformedTablesAreRefused(index: Int) throws {
        let (text, code, line, column) = Self.malformed[index]
        let error = refusal { _ = try read(text) }
        #expect(error?.code == code, "\(text)")
        #expect(error?.place == .line(line, column: column), "\(text)")
    }

    @Test func naturalOrder() {
        #expect(["s10", "s2", "a", "s02", "s1b"].sorted(by: naturallyBefore) == ["a", "s1b", "s02", "s2", "s10"])
    }
}
