import SiamData
import SiamTensor

/// NumPy's arrays of text: elements of one width, in code points of 4 bytes (`<U5`) or in bytes (`|S5`), filled up
/// with zeros.
enum NPYText {
    /// The width of an element in characters, the bytes of a character and their order; nil where `descr` names no text.
    static func form(_ descr: String) -> (width: Int, bytes: Int, big: Bool)? {
        guard let order = descr.first, "<>|=".contains(order), let kind = descr.dropFirst().first,
            kind == "U" || kind == "S", let width = Int(descr.dropFirst(2)), 0...(1 << 24) ~= width
        else { return nil }
        return (width, kind == "U" ? 4 : 1, order == ">")
    }

    /// The texts that `bytes` hold, which is `count` elements exactly; `offset` is where they begin in the array.
    static func decode(
        _ bytes: ArraySlice<UInt8>, _ count: Int, _ form: (width: Int, bytes: Int, big: Bool), path: String, offset: Int
    ) throws -> [String] {
        let size = form.width * form.bytes
        return try (0..<count).map { place in
            let start = bytes.startIndex + place * size
            func bad(_ at: Int) -> DataError {
                DataError(
                    code: "npy.text", message: "text \(place) contains an invalid character", path: path,
                    place: .byte(offset + at - bytes.startIndex))
            }
            if form.bytes == 1 {
                let used = bytes[start..<start + size].reversed().drop { $0 == 0 }.reversed()
                guard let text = String(validating: used, as: UTF8.self) else { throw bad(start) }
                return text
            }
            var text = String.UnicodeScalarView()
            var zeros = 0
            for at in stride(from: start, to: start + size, by: 4) {
                let four = form.big ? Array(bytes[at..<at + 4]) : bytes[at..<at + 4].reversed()
                let code = four.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                if code == 0 {
                    zeros += 1
                    continue
                }
                guard let scalar = UnicodeScalar(code) else { throw bad(at) }
                text.append(contentsOf: repeatElement(UnicodeScalar(UInt8(0)), count: zeros))
                zeros = 0
                text.append(scalar)
            }
            return String(text)
        }
    }

    /// The bytes of an array of `texts`: one text alone, several as a vector.
    static func encode(_ texts: [String], name: String, path: String) throws -> [UInt8] {
        let width = texts.reduce(1) { max($0, $1.unicodeScalars.count) }
        // Every text takes the room of the longest.
        guard width <= 1 << 24, texts.count * width <= 1 << 28 else {
            throw DataError(
                code: "npz.text", message: "the texts \(name) are too long for an NPZ file",
                notes: [
                    "a safetensors file holds them"
                ], path: path)
        }
        let shape = texts.count == 1 ? "" : "\(texts.count),"
        var bytes = NPY.head("<U\(width)", shape)
        bytes.reserveCapacity(bytes.count + texts.count * width * 4)
        for text in texts {
            let scalars = text.unicodeScalars
            for scalar in scalars { bytes.put(Int(scalar.value), 4) }
            bytes += [UInt8](repeating: 0, count: 4 * (width - scalars.count))
        }
        return bytes
    }
}
