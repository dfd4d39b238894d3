import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

/// Every kind of damage that a reader knows, with the byte that its message names. IDX and CSV have tables of their own.
@Suite struct DamagedFileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        let code: String
        let place: Int
        let bytes: @Sendable () throws -> [UInt8]
        var testDescription: String { what }

        init(_ what: String, _ code: String, _ place: Int, _ bytes: @escaping @Sendable () throws -> [UInt8]) {
            (self.what, self.code, self.place, self.bytes) = (what, code, place, bytes)
        }
    }

    private func refused(_ c: Case, _ read: (String) throws -> Void) throws -> DataError? {
        try withFolder { folder in
            let path = "\(folder)/damaged"
            try WholeFile.write(c.bytes(), path)
            let error = refusal { try read(path) }
            #expect(error?.code == c.code, "\(c.what): \(error?.description ?? "no refusal")")
            #expect(error?.place == .byte(c.place), "\(c.what): \(error?.description ?? "")")
            #expect(error?.path?.hasPrefix(path) == true)
            return error
        }
    }

    // MARK: NPZ

    /// An archive of one array `a` of two numbers: its header at 0, its bytes at 35, the directory at 171, the end at 222.
    private static func archive(_ change: (inout [UInt8]) -> Void = { _ in }) throws -> [UInt8] {
        let array = NPY.encode(try Tensor.of([2], [1, 2]))
        var bytes = try Zip.encode([("a.npy", array)], path: "a")
        #expect(bytes.count == 244)
        change(&bytes)
        return bytes
    }
    private static func set(_ at: Int, _ values: UInt8...) -> @Sendable () throws -> [UInt8] {
        { try archive { bytes in for (k, value) in values.enumerated() { bytes[at + k] = value } } }
    }
    /// A deflated entry `a` of `size` bytes by the directory, whose stream is `packed`, at 35.
    private static func deflated(_ packed: [UInt8], size: Int) throws -> [UInt8] {
        var bytes = try Zip.encode([("a.npy", packed)], path: "a")
        let directory = 35 + packed.count
        bytes[directory + 10] = 8
        for k in 0..<4 { bytes[directory + 24 + k] = UInt8(truncatingIfNeeded: size >> (8 * k)) }
        return bytes
    }

    static let archives: [Case] = [
        Case("nothing", "zip.short", 0) { [] },
        Case("fewer bytes than an end has", "zip.short", 21) { [UInt8](repeating: 0, count: 21) },
        Case("cut in the entry", "zip.end", 100) { try Array(archive()[..<100]) },
        Case("cut in the end", "zip.end", 243) { try Array(archive().dropLast()) },
        Case("no end", "zip.end", 244, set(222, 0)),
        Case("text in its place", "zip.end", 400) { Array(String(repeating: "text", count: 100).utf8) },
        Case("directory after the end", "zip.directory", 222, set(238, 255)),
        Case("more entries than the directory can hold", "zip.directory", 222, set(232, 2)),
        Case("directory of no bytes", "zip.directory", 222, set(234, 0)),
        Case("directory elsewhere", "zip.directory", 170, set(238, 170)),
        Case("directory's mark", "zip.directory", 171, set(171, 0)),
        Case("name beyond the directory", "zip.directory", 171, set(199, 6)),
        Case("encrypted", "zip.secret", 171, set(179, 1)),
        Case("compressed by bzip2", "zip.method", 171, set(181, 12)),
        Case("stored with another size", "zip.size", 171, set(195, 137)),
        Case("four gigabytes", "zip.size", 171, set(191, 254, 255, 255, 255, 254, 255, 255, 255)),
        Case("size of 64 bits that is missing", "zip.size", 222, set(195, 255, 255, 255, 255)),
        Case("entry elsewhere", "zip.entry", 1, set(213, 1)),
        Case("entry beyond the file", "zip.entry", 65535, set(213, 255, 255)),
        Case("entry's mark", "zip.entry", 0, set(0, 0)),
        Case("entry longer than the file", "zip.entry", 0, set(191, 255, 0, 0, 0, 255, 0, 0, 0)),
        Case("another byte than the sum says", "zip.sum", 35, set(170, 1)),
        Case("another sum", "zip.sum", 35, set(187, 0, 0, 0, 0)),
        Case("a bomb", "zip.size", 0) { try deflated(Deflate.deflate([1, 2, 3]), size: 100_000) },
        Case("deflated, longer than it says", "zip.data", 40) {
            try deflated(Deflate.deflate([UInt8](repeating: 7, count: 50)), size: 3)
        },
        Case("deflated, shorter than it says", "zip.data", 40) { try deflated(Deflate.deflate([1, 2, 3]), size: 4) },
        Case("deflated, no such block", "zip.data", 36) { try deflated([7, 7, 7], size: 3) },
        Case("deflated, cut", "zip.data", 36) { try deflated([99], size: 3) },
        Case("one name twice", "npz.twice", 171) {
            let array = NPY.encode(try Tensor.of([2], [1, 2]))
            return try Zip.encode([("a.npy", array), ("a.npy", array)], path: "a")
        },
        Case("an entry that is no array", "npy.magic", 0) { try Zip.encode([("a.npy", [1, 2, 3])], path: "a") },
        Case("texts in two axes", "npy.type", 10) {
            try Zip.encode([("a.npy", NPY.head("<U1", "1, 1") + [97, 0, 0, 0])], path: "a")
        },
        Case("a text beyond Unicode", "npy.text", 132) {
            try Zip.encode([("a.npy", NPY.head("<U2", "") + [97, 0, 0, 0, 0, 0, 0x11, 0])], path: "a")
        },
        Case("a text that is not UTF-8", "npy.text", 130) {
            try Zip.encode([("a.npy", NPY.head("|S2", "2,") + [97, 98, 255, 0])], path: "a")
        },
        Case("texts of no width, without end", "npy.length", 128) {
            try Zip.encode([("a.npy", NPY.head("<U0", "1000000000,"))], path: "a")
        },
    ]

    @Test(arguments: archives) func archivesAreRefused(_ c: Case) throws {
        let error = try refused(c) { _ = try npz($0) }
        if c.code.hasPrefix("npy") { #expect(error?.path?.hasSuffix("/damaged/a.npy") == true) }
    }

    // MARK: NPY

    private static func array(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
        [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
    }

    static let arrays: [Case] = [
        Case("nothing", "npy.magic", 0) { [] }, Case("another mark", "npy.magic", 0) { Array("\u{1}NUMPY\u{1}".utf8) },
        Case("version 4", "npy.version", 6) { [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 4, 0, 0, 0] },
        Case("header cut", "npy.short", 12) { Array(array("{'descr': '<f4'}").prefix(12)) },
        Case("a header of four gigabytes", "npy.short", 12) {
            [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 2, 0, 255, 255, 255, 255]
        },
        Case("no dictionary", "npy.header", 10) { array("") },
        Case("a text without an end", "npy.header", 24) { array("{'descr': '<f4") },
        Case("an unknown key", "npy.header", 19) { array("{'other': 'x'}") },
        Case("a key that is missing", "npy.header", 39) { array("{'descr': '<f4', 'shape': ()}") },
        Case("1 for True", "npy.header", 44) { array("{'descr': '<f4', 'fortran_order': 1, 'shape': ()}") },
        Case("a negative axis", "npy.header", 61) {
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}")
        },
        Case("records", "npy.header", 20) { array("{'descr': [('a', '<f4')], 'shape': ()}") },
        Case("complex numbers", "npy.type", 10) { array("{'descr': '<c8', 'fortran_order': False, 'shape': ()}") },
        Case("too many axes", "array.shape", 10) {
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", [0, 0, 0, 0])
        },
        Case("a size without bound", "array.shape", 10) {
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999, 9)}")
        },
        Case("too few elements", "npy.length", 65) {
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", [0, 0, 0, 0])
        },
        Case("too many elements", "npy.length", 65) {
            array("{'descr': '<i2', 'fortran_order': False, 'shape': (2,)}", [0, 0, 0, 0, 0])
        },
        Case("terabytes", "npy.length", 79) {
            array("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}")
        },
    ]

    @Test(arguments: arrays) func arraysAreRefused(_ c: Case) throws { _ = try refused(c) { _ = try npy($0) } }

    @Test func textsWhereNumbersAreWantedAreRefused() {
        let error = refusal { _ = try npy(fixture("text.npy")) }
        #expect(error?.code == "npy.type" && error?.place == .byte(10))
    }

    // MARK: safetensors

    private static func safe(_ header: String, _ data: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.put(header.utf8.count, 8)
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }
    /// A first tensor that is whole, and a second.
    private static func second(_ member: String, _ data: Int = 16) -> [UInt8] {
        safe(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":"# + member + "}", data)
    }

    static let tensors: [Case] = [
        Case("three bytes", "safetensors.short", 3) { [1, 2, 3] },
        Case("a header of 16 exabytes", "safetensors.header", 0) { [UInt8](repeating: 255, count: 20) },
        Case("a header beyond the file", "safetensors.header", 0) { Array(safe("{}", 0).dropLast()) },
        Case("a list", "safetensors.header", 8) { safe("[]", 0) },
        Case("no JSON", "json.form", 8) { safe("tensor", 0) }, Case("cut JSON", "json.form", 12) { safe(#"{"a""#, 0) },
        Case("more after the header", "json.form", 11) { safe("{} x", 0) },
        Case("a name twice", "json.form", 18) { safe(#"{"a":1,"a":2}"#, 0) },
        Case("nested without end", "json.form", 40) { safe(String(repeating: "[", count: 100_000), 0) },
        Case("half a character", "json.form", 16) { safe(#"{"\ud800":1}"#, 0) },
        Case("metadata that is no object", "safetensors.header", 9) { safe(#"{"__metadata__":1}"#, 0) },
        Case("metadata that is no text", "safetensors.header", 9) { safe(#"{"__metadata__":{"a":1}}"#, 0) },
        Case("no shape", "safetensors.entry", 62) { second(#"{"dtype":"F32","data_offsets":[8,16]}"#) },
        Case("a negative axis", "safetensors.entry", 62) {
            second(#"{"dtype":"F32","shape":[-2],"data_offsets":[8,16]}"#)
        },
        Case("an unknown type", "safetensors.type", 62) {
            second(#"{"dtype":"F4","shape":[2],"data_offsets":[8,16]}"#)
        },
        Case("a size without bound", "array.shape", 62) {
            second(#"{"dtype":"F32","shape":[1e14,1e14],"data_offsets":[8,16]}"#)
        },
        Case("more than can be", "array.shape", 62) {
            second(#"{"dtype":"F32","shape":[1e12],"data_offsets":[8,16]}"#)
        },
        Case("gigabytes", "safetensors.offsets", 62) {
            second(#"{"dtype":"F32","shape":[1000000000],"data_offsets":[8,16]}"#)
        },
        Case("offsets turned round", "safetensors.offsets", 62) {
            second(#"{"dtype":"F32","shape":[2],"data_offsets":[16,8]}"#)
        },
        Case("offsets beyond the file", "safetensors.offsets", 62) {
            second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#, 15)
        },
        Case("a gap", "safetensors.gap", 125) { second(#"{"dtype":"F32","shape":[2],"data_offsets":[12,20]}"#, 20) },
        Case("two in one place", "safetensors.gap", 123) {
            second(#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8)
        },
        Case("bytes of no tensor", "safetensors.length", 132) {
            second(#"{"dtype":"F32","shape":[2],"data_offsets":[8,16]}"#, 17)
        },
    ]

    @Test(arguments: tensors) func tensorsAreRefused(_ c: Case) throws {
        _ = try refused(c) { _ = try safetensors($0) }
    }

    // MARK: Pictures

    /// A picture of the fixtures with some bytes changed, then cut.
    private static func picture(
        _ name: String, _ at: Int = 0, _ values: [UInt8] = [], cut: Int = .max, sum: Bool = false
    ) throws -> [UInt8] {
        var bytes = try FileBytes.read(fixture(name))
        for (k, value) in values.enumerated() { bytes[at + k] = value }
        if sum { bytes.replaceSubrange(29..<33, with: sumOf(bytes[12..<29])) }
        return Array(bytes.prefix(cut))
    }
    private static func sumOf(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let sum = Deflate.sum(bytes)
        return (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }
    }

    /// grey.png has its header chunk at 8, its pixels at 33, its end at 164, and 176 bytes. smooth.jpg has its tables from
    /// 20, its frame at 89, its scan at 318, and 396 bytes.
    static let pictures: [Case] = [
        Case("nothing", "picture.form", 0) { [] }, Case("a GIF", "picture.form", 0) { Array("GIF89a".utf8) },
        Case("PNG: the mark's end", "picture.png", 4) { try picture("grey.png", 4, [0]) },
        Case("PNG: only the mark", "picture.png", 8) { try picture("grey.png", cut: 8) },
        Case("PNG: cut in the header", "picture.png", 8) { try picture("grey.png", cut: 20) },
        Case("PNG: the header's sum", "picture.png", 8) { try picture("grey.png", 20, [9]) },
        Case("PNG: 3 bits a pixel", "picture.png", 8) { try picture("grey.png", 24, [3], sum: true) },
        Case("PNG: no width", "picture.png", 8) { try picture("grey.png", 16, [0, 0, 0, 0], sum: true) },
        Case("PNG: 30000 x 30000", "picture.size", 0) {
            try picture("grey.png", 16, [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30], sum: true)
        },
        Case("PNG: 2000000 wide", "picture.png", 8) { try picture("grey.png", 16, [0, 30, 132, 128], sum: true) },
        Case("PNG: twice as high", "picture.png", 33) { try picture("grey.png", 20, [0, 0, 0, 24], sum: true) },
        Case("PNG: a pixel's byte", "picture.png", 33) { try picture("grey.png", 100, [1, 2, 3]) },
        Case("PNG: no such filter", "picture.png", 33) {
            var bytes = try picture("grey.png", cut: 33)
            var pixels = Array("IDAT".utf8) + [0x78, 0x01] + Deflate.deflate([UInt8](repeating: 9, count: 108))
            // Adler's sum of 108 nines.
            pixels += [0xD0, 0x56, 0x03, 0xCD]
            bytes += [0, 0, 0, UInt8(pixels.count - 4)] + pixels + sumOf(pixels[...])
            return try bytes + picture("grey.png").suffix(12)
        },
        Case("PNG: a chunk beyond the file", "picture.png", 33) { try picture("grey.png", 33, [0, 1]) },
        Case("PNG: cut between the chunks", "picture.png", 33) { try picture("grey.png", cut: 33) },
        Case("PNG: cut in the pixels", "picture.png", 33) { try picture("grey.png", cut: 100) },
        Case("PNG: no pixels", "picture.png", 33) {
            try picture("grey.png", cut: 33) + picture("grey.png").suffix(12)
        },
        Case("JPEG: only the mark", "picture.jpeg", 2) { try picture("smooth.jpg", cut: 2) },
        Case("JPEG: cut in the header", "picture.jpeg", 22) { try picture("smooth.jpg", cut: 60) },
        Case("JPEG: cut in the scan", "picture.jpeg", 352) { try picture("smooth.jpg", cut: 360) },
        Case("JPEG: 65000 x 65000", "picture.size", 0) {
            try picture("smooth.jpg", 94, [253, 232, 253, 232])
        },
        Case("JPEG: no height", "picture.jpeg", 91) { try picture("smooth.jpg", 94, [0, 0]) },
        Case("JPEG: a table of no such number", "picture.jpeg", 22) { try picture("smooth.jpg", 24, [9]) },
        Case("JPEG: arithmetic of no form", "picture.jpeg", 91) { try picture("smooth.jpg", 90, [0xC3]) },
        Case("PGM: only the mark", "pgm.magic", 0) { Array("P5".utf8) },
        Case("PGM: another form", "pgm.magic", 0) { Array("P7 1 1 255\n".utf8) },
        Case("PGM: no width", "pgm.number", 3) { Array("P5 x".utf8) },
        Case("PGM: no end", "pgm.number", 6) { Array("P5 2 2".utf8) },
        Case("PGM: a negative height", "pgm.number", 5) { Array("P5 2 -2 255\n".utf8) },
        Case("PGM: a width without bound", "pgm.number", 3) { Array("P5 99999999999999999999 2 255\n".utf8) },
        Case("PGM: a largest value without bound", "pgm.number", 7) { Array("P5 2 2 65536\n".utf8) },
        Case("PGM: sides of 0", "pgm.size", 10) { Array("P5 0 2 255\n".utf8) },
        Case("PGM: a million square", "pgm.short", 23) { Array("P5 1000000 1000000 255\n".utf8) },
        Case("PGM: a byte too few", "pgm.short", 14) { Array("P5 2 2 255\nabc".utf8) },
        Case("PGM: a text too few", "pgm.number", 15) { Array("P2 2 1 255\n12  ".utf8) },
        Case("PGM: no number", "pgm.number", 13) { Array("P2 2 1 255\n1 x".utf8) },
        Case("PGM: a number above the largest", "pgm.number", 11) { Array("P2 2 1 255\n256 1".utf8) },
        Case("PPM: a colour too few", "pgm.short", 13) { Array("P6 1 1 255\nab".utf8) },
    ]

    @Test(arguments: pictures) func picturesAreRefused(_ c: Case) throws {
        _ = try refused(c) { _ = try Picture(path: $0) }
    }

    // MARK: Labels

    @Test func labelsAndAnswersAreRefusedWhereTheyLie() throws {
        func idx(_ kind: UInt8, _ dims: [Int], _ bytes: [UInt8]) -> [UInt8] {
            var file: [UInt8] = [0, 0, kind, UInt8(dims.count)]
            for n in dims { file += [0, 0, UInt8(n >> 8 & 255), UInt8(n & 255)] }
            return file + bytes
        }
        try withFolder { folder in
            try WholeFile.write(idx(8, [2, 1, 1], [1, 2]), "\(folder)/images-idx3-ubyte")
            // Labels of 4 bytes each: the second is -1.
            try WholeFile.write(idx(12, [2], [0, 0, 0, 0, 255, 255, 255, 255]), "\(folder)/labels-idx1-ubyte")
            var error = refusal { _ = try SiamFormats.idx(folder: folder) }
            #expect(error?.code == "idx.label" && error?.place == .byte(12))
            try WholeFile.write(idx(8, [2], [0, 3]), "\(folder)/labels-idx1-ubyte")
            try WholeFile.write(Array("a\nb\n".utf8), "\(folder)/names.txt")
            error = refusal { _ = try SiamFormats.idx(folder: folder) }
            #expect(error?.code == "idx.names" && error?.place == .byte(9))
            try WholeFile.write(idx(8, [1, 2, 1, 1], [1, 2]), "\(folder)/support-idx4-ubyte")
            try WholeFile.write(idx(8, [1, 1, 1, 1], [1]), "\(folder)/query-idx4-ubyte")
            try WholeFile.write(idx(11, [1, 1], [0, 2]), "\(folder)/answer-idx2-ubyte")
            error = refusal { _ = try oneShotRuns(folder) }
            #expect(error?.code == "one_shot.answer" && error?.place == .byte(12))
            try WholeFile.write(idx(8, [1, 2], [0, 1]), "\(folder)/answer-idx2-ubyte")
            error = refusal { _ = try oneShotRuns(folder) }
            #expect(error?.code == "one_shot.agree" && error?.place == .byte(4))
        }
    }
}
