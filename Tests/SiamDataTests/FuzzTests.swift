import Glibc
import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

/// Truncated and mutated files end in a value or an error that names a byte or a line, and never take more memory than
/// the file justifies. A trap would end the whole test run.
@Suite struct FuzzTests {
    static let readers: [(file: String, read: @Sendable (String) throws -> Void)] = [
        ("mnist/train-images-idx3-ubyte.gz", { _ = try readIDX($0).tensor() }),
        ("mnist/t10k-images.idx3-ubyte", { _ = try readIDX($0).tensor() }),
        ("i16.idx", { _ = try readIDX($0).wholeNumbers() }), ("awkward.csv", { _ = try csv($0) }),
        ("float32.npy", { _ = try npy($0) }), ("float64-fortran.npy", { _ = try npy($0) }),
        ("half.npy", { _ = try npy($0) }), ("stored.npz", { _ = try npz($0) }), ("text-kinds.npz", { _ = try npz($0) }),
        ("deflated.npz", { _ = try npz($0) }),
        ("several.safetensors", { _ = try safetensors($0) }), ("grey.png", { _ = try Picture(path: $0) }),
        ("palette.png", { _ = try Picture(path: $0) }), ("smooth.jpg", { _ = try Picture(path: $0) }),
        ("grey.pgm", { _ = try Picture(path: $0) }), ("text.pgm", { _ = try Picture(path: $0) }),
    ]

    @Test(arguments: readers.indices) func damagedFilesDoNoHarm(index: Int) throws {
        let (file, read) = Self.readers[index]
        let whole = try FileBytes.read(fixture(file))
        var stream = RandomStream(seed: UInt64(index))
        try withFolder { folder in
            let path = "\(folder)/damaged"
            var refused = 0
            func attempt(_ bytes: [UInt8]) throws {
                try write(bytes, path)
                do { try read(path) } catch let error as DataError {
                    refused += 1
                    #expect(error.place != nil, "\(error)")
                }
            }
            for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 120)) {
                try attempt(Array(whole[..<length]))
            }
            let truncated = refused
            for _ in 0..<400 {
                var bytes = whole
                for _ in 0...stream.below(4) {
                    let early = stream.below(2) == 0
                    let place = stream.below(early ? min(bytes.count, 128) : bytes.count)
                    switch stream.below(4) {
                    case 0: bytes[place] = UInt8(stream.below(256))
                    case 1: bytes[place] ^= 1 << UInt8(stream.below(8))
                    case 2: bytes[place] = [0, 1, 127, 128, 255][stream.below(5)]
                    default: bytes.insert(contentsOf: bytes[place..<min(place + 4, bytes.count)], at: place)
                    }
                }
                try attempt(bytes)
            }
            #expect(truncated > 0, "some truncated file is refused")
            #expect(refused > truncated, "some mutated file is refused")
        }
    }

    /// Without bringing each to the disk.
    private func write(_ bytes: [UInt8], _ path: String) throws {
        let file = fopen(path, "w")
        try #require(file != nil)
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
