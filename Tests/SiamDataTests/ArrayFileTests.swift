import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct ArrayFileTests {
    /// What the fixtures hold: value i is (i - 3) / 2.
    static let base = (0..<24).map { Float($0 - 3) / 2 }

    @Test func readsNumPysArrays() throws {
        let a = try npy(fixture("float32.npy"))
        #expect(a.shape.dims == [2, 3, 4] && a.values == Self.base)
        let fortran = try npy(fixture("float64-fortran.npy"))
        #expect(fortran.shape.dims == [2, 3, 4] && fortran.values == Self.base)
        #expect(try npy(fixture("big-int16.npy")).values == (0..<24).map { Float($0 - 3) })
        #expect(try npy(fixture("half.npy")).values == Self.base)
        #expect(try npy(fixture("bool.npy")).values == [1, 0, 1, 0, 1, 0])
        #expect(try npy(fixture("uint64.npy")).values == [0, 1, 0x1p40])
        let scalar = try npy(fixture("scalar.npy"))
        #expect(scalar.rank == 0 && scalar.values == [2.5])
        #expect(try npy(fixture("empty.npy")).shape.dims == [0, 3])
        #expect(try npy(fixture("digits.npy"), wide: true).precision == .double)
        #expect(refusal { _ = try npy(fixture("record.npy")) }?.code == "npy.header")
        #expect(refusal { _ = try npy(fixture("text.npy")) }?.code == "npy.type")
    }

    @Test func writesWhatNumPyWrites() throws {
        for name in ["float32.npy", "scalar.npy", "empty.npy"] {
            #expect(try NPY.encode(npy(fixture(name))) == FileBytes.read(fixture(name)), "\(name)")
        }
        #expect(try NPY.encode(npy(fixture("digits.npy"), wide: true)) == FileBytes.read(fixture("digits.npy")))
    }

    @Test func readsNumPysArchives() throws {
        let stored = try npz(fixture("stored.npz"))
        #expect(stored.names == ["w", "b"])
        #expect(stored["w"]?.values == Self.base && stored["w"]?.shape.dims == [4, 6])
        #expect(stored["b"]?.values == [0, 1, 2])
        let deflated = try npz(fixture("deflated.npz"))
        #expect(deflated["w"]?.values == Self.base)
        #expect(deflated["zeros"]?.values == [Float](repeating: 0, count: 2500))
    }

    @Test func readsNumPysTexts() throws {
        let named = try Dataset(npz(fixture("texts.npz")), name: "texts")
        #expect(named.names == ["ab", "çλ"] && named.y == [1, 0, 1] && named.x.shape.dims == [3, 2])
        let kinds = try npz(fixture("text-kinds.npz"))
        #expect(kinds.names.isEmpty && kinds.notes == ["one": "a line", "wide": "\né", "bytes": "cat\ndo"])
    }

    @Test func readsSafetensors() throws {
        let file = try safetensors(fixture("several.safetensors"))
        #expect(Set(file.names) == ["tower.dense1.w", "b", "d", "h", "e"])
        #expect(file["tower.dense1.w"]?.shape.dims == [3, 4])
        #expect(file["tower.dense1.w"]?.values == Array(Self.base.prefix(12)))
        #expect(file["b"]?.values == [0, 1, 2, 3, 4])
        #expect(file["d"]?.values == Self.base && file["d"]?.precision == .single)
        #expect(file["h"]?.values == Array(Self.base.prefix(4)))
        #expect(file["e"]?.shape.dims == [0, 2])
        #expect(file.notes == ["made": "by \"safetensors\"", "λ": "0.1"])
        #expect(try safetensors(fixture("several.safetensors"), wide: true)["d"]?.precision == .double)
    }

    @Test func writesWhatSafetensorsWrites() throws {
        try withFolder { folder in
            try writeSafetensors(safetensors(fixture("one.safetensors")), "\(folder)/a")
            #expect(try FileBytes.read("\(folder)/a") == FileBytes.read(fixture("one.safetensors")))
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        try withFolder { folder in
            var tensors = NamedTensors(
                [
                    ("tower.dense1.w", try Tensor.of([2, 3], [1, -2.5, .infinity, 0, .leastNonzeroMagnitude, 6])),
                    ("schön \"b\"\n", try Tensor.of([0, 4], [])), ("number", try Tensor.of([], [7])),
                    ("wide", try npy(fixture("digits.npy"), wide: true)),
                ], notes: ["a": "1\u{1}\"", "b": "λ", "c": "two\r\n\nlines\n"])
            try writeNPZ(tensors, "\(folder)/t.npz")
            try writeSafetensors(tensors, "\(folder)/t.safetensors")
            for (read, what) in [
                (try npz("\(folder)/t.npz", wide: true), "npz"),
                (try safetensors("\(folder)/t.safetensors", wide: true), "safetensors"),
            ] {
                #expect(read.names == tensors.names, "\(what)")
                for (name, tensor) in tensors.entries {
                    #expect(read[name]?.shape == tensor.shape && read[name]?.precision == tensor.precision, "\(what)")
                    #expect(read[name]?.fileBytes == tensor.fileBytes, "\(what)")
                }
            }
            #expect(try safetensors("\(folder)/t.safetensors").notes == tensors.notes)
            #expect(try npz("\(folder)/t.npz").notes == tensors.notes)
            tensors.notes["number"] = "a tensor's name"
            #expect(refusal { try writeNPZ(tensors, "\(folder)/t.npz") }?.code == "npz.twice")
            tensors["wide"] = nil
            #expect(tensors.names.count == 3)
            #expect(try FileBytes.list(folder) == ["t.npz", "t.safetensors"], "nothing is left beside them")
        }
    }

    @Test func filesThatCannotBeWrittenAreRefused() throws {
        let tensor = try Tensor.of([1], [1])
        let error = refusal { try writeNPY(tensor, "/nowhere/at/all.npy") }
        #expect(error?.message == "the file was not written: there is no folder /nowhere/at")
        try withFolder { folder in
            #expect(refusal { try writeNPY(tensor, folder) }?.code == "file.write")
        }
    }

    @Test func malformedHeadersAreRefused() throws {
        func header(_ text: String, _ data: [UInt8] = []) -> [UInt8] {
            [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + data
        }
        let cases: [(String, String)] = [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "npy.length"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "npy.header"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999,)}", "array.shape"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}", "npy.length"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "npy.type"),
            ("{'descr': '<c8', 'fortran_order': False, 'shape': ()}", "npy.type"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}", "npy.header"),
            ("{'descr': '<f4', 'shape': ()}", "npy.header"), ("{", "npy.header"), ("", "npy.header"),
            ("{'descr': '<f4", "npy.header"), ("{'other': 'x'}", "npy.header"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", "array.shape"),
        ]
        for (text, code) in cases {
            let error = refusal { _ = try NPY.decode(header(text)[...], path: "a.npy", wide: false) }
            #expect(error?.code == code, "\(text)")
            #expect(error?.place != nil)
        }
    }

    @Test func malformedSafetensorsAreRefused() throws {
        func file(_ header: String, _ data: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.put(header.utf8.count, 8)
            return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
        }
        let whole = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        let cases: [([UInt8], String)] = [
            ([1, 2, 3], "safetensors.short"), ([UInt8](repeating: 255, count: 20), "safetensors.header"),
            (file(whole, 7), "safetensors.offsets"), (file(whole, 9), "safetensors.length"),
            (file("[]", 0), "safetensors.header"),
            (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12), "safetensors.gap"),
            (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 8), "safetensors.offsets"),
            (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8), "safetensors.offsets"),
            (file(#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}"#, 1), "safetensors.type"),
            (file(#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8), "safetensors.entry"),
            (file(#"{"a":{"dtype":"F32","shape":[1e14,2],"data_offsets":[0,8]}}"#, 8), "array.shape"),
            (file(#"{"a":1,"a":2}"#, 0), "json.form"), (file(#"{"__metadata__":{"a":1}}"#, 0), "safetensors.header"),
            (file(String(repeating: "[", count: 100_000), 0), "json.form"), (file(#"{"\ud800":1}"#, 0), "json.form"),
            (file(#"{"a":tru}"#, 0), "json.form"), (file("{} x", 0), "json.form"),
        ]
        try withFolder { folder in
            for (index, (bytes, code)) in cases.enumerated() {
                try WholeFile.write(bytes, "\(folder)/bad")
                #expect(refusal { _ = try safetensors("\(folder)/bad") }?.code == code, "case \(index)")
            }
        }
    }

    @Test func jsonIsReadAsItIsWritten() throws {
        var reader = JSONReader(
            Array(#"{"a": [1, -2.5e1, true, null], "b\u00e9\ud83d\ude00\n": {}}"#.utf8)[...], path: "x")
        let value = try reader.value()
        let list: JSON = .array([.number(1), .number(-25), .bool(true), .null])
        #expect(value == .object([("a", list), ("bé😀\n", .object([]))]))
        for text in ["plain", "\"\\\u{7}\n", "λ😀"] {
            var again = JSONReader(Array(JSON.quoted(text).utf8)[...], path: "x")
            #expect(try again.value() == .text(text))
        }
    }
}
