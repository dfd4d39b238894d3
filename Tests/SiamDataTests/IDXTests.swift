import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct IDXTests {
    @Test func readsAFolderOfMNISTsForm() throws {
        let d = try idx(folder: fixture("mnist"))
        let pixels = try npy(fixture("pixels.npy"))
        #expect(d.x.shape.dims == [5, 3, 4, 1])
        #expect(d.x.values == pixels.values.map { $0 / 255 })
        #expect(d.y == [1, 0, 3, 1, 2])
        #expect(d.names == ["0", "1", "2", "3"])
        #expect(d.name == "mnist")
        let test = try idx(folder: fixture("mnist"), part: "t10k")
        #expect(test.count == 2 && test.name == "mnist t10k")
        let letters = try idx(folder: fixture("letters"))
        #expect(letters.names == ["alpha", "beta", "gamma", "delta"])
        let error = refusal { _ = try idx(folder: fixture("mnist"), part: "dev") }
        #expect(error?.message == "there are no IDX images and labels such as dev-images-idx3-ubyte in this folder")
    }

    @Test func readsAllElementTypes() throws {
        #expect(try readIDX(fixture("i8.idx")).tensor().values == [-1, 2])
        #expect(try readIDX(fixture("i16.idx")).tensor().values == [-300, 300])
        #expect(try readIDX(fixture("i16.idx")).dims == [1, 2])
        #expect(try readIDX(fixture("i32.idx")).wholeNumbers() == [-70000])
        #expect(try readIDX(fixture("f32.idx")).tensor().values == [0.5, -1.5])
        #expect(try readIDX(fixture("f64.idx")).tensor().values == [1e-3])
        #expect(refusal { _ = try readIDX(fixture("f32.idx")).wholeNumbers() }?.place == .byte(8))
    }

    /// A file's bytes, what is said of them, and where.
    static let malformed: [(bytes: [UInt8], code: String, place: Int)] = [
        ([], "idx.short", 0), ([0, 0, 8], "idx.short", 3), ([1, 0, 8, 1, 0, 0, 0, 0], "idx.magic", 0),
        ([0, 0, 7, 1, 0, 0, 0, 0], "idx.type", 2), ([0, 0, 8, 0], "idx.axes", 3), ([0, 0, 8, 200], "idx.axes", 3),
        ([0, 0, 8, 2, 0, 0, 0, 1], "idx.short", 8), ([0, 0, 8, 1, 0, 0, 0, 3, 1, 2], "idx.length", 10),
        ([0, 0, 8, 1, 0, 0, 0, 1, 1, 2], "idx.length", 9),
        ([0, 0, 14, 3] + [UInt8](repeating: 255, count: 12), "idx.size", 4),
        ([0, 0, 8, 1, 127, 255, 255, 255], "idx.length", 8),
    ]

    @Test(arguments: malformed.indices) func malformedFilesAreRefused(index: Int) throws {
        let (bytes, code, place) = Self.malformed[index]
        try withFolder { folder in
            try WholeFile.write(bytes, "\(folder)/bad")
            let error = refusal { _ = try readIDX("\(folder)/bad") }
            #expect(error?.code == code)
            #expect(error?.place == .byte(place))
            #expect(error?.path == "\(folder)/bad")
        }
    }

    @Test func compressedFilesCannotPromiseMoreThanTheyHold() throws {
        try withFolder { folder in
            // A small gzip file whose header says 4 GB.
            var file = try FileBytes.read(fixture("mnist/train-labels-idx1-ubyte.gz"))
            try WholeFile.write(Array(file.dropLast(12)), "\(folder)/cut.gz")
            #expect(refusal { _ = try readIDX("\(folder)/cut.gz") }?.code == "gzip.short")
            file[file.count - 6] ^= 1
            try WholeFile.write(file, "\(folder)/sum.gz")
            #expect(refusal { _ = try readIDX("\(folder)/sum.gz") }?.code == "gzip.corrupt")
            let lie: [UInt8] = [0, 0, 8, 1, 255, 255, 255, 255, 1]
            try WholeFile.write(gzipped(lie), "\(folder)/lie.gz")
            let error = refusal { _ = try readIDX("\(folder)/lie.gz") }
            #expect(error?.code == "idx.size" && error?.message.contains("compressed bytes can hold") == true)
            // A bomb: a megabyte of zeros behind a header of three.
            let bomb = [0, 0, 8, 1, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 1 << 20)
            try WholeFile.write(gzipped(bomb), "\(folder)/bomb.gz")
            #expect(refusal { _ = try readIDX("\(folder)/bomb.gz") }?.place == .byte(11))
        }
    }

    private func gzipped(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + Deflate.deflate(bytes)
        out.put(Int(Deflate.sum(bytes[...])), 4)
        out.put(bytes.count, 4)
        return out
    }

    @Test func imagesAndLabelsMustAgree() throws {
        let images = fixture("mnist/train-images-idx3-ubyte.gz")
        let few = refusal { _ = try idx(images: images, labels: fixture("mnist/t10k-labels.idx1-ubyte")) }
        #expect(few?.message == "there are 5 images, and 2 labels in t10k-labels.idx1-ubyte")
        #expect(refusal { _ = try idx(images: images, labels: images) }?.code == "idx.labels")
        let missing = refusal { _ = try idx(images: fixture("mnist/no"), labels: images) }
        #expect(missing?.message == "there is no file or folder no")
        #expect(missing?.candidates.contains("train-images-idx3-ubyte.gz") == true)
    }
}
