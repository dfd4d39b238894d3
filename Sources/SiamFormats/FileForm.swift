import Glibc
import SiamData

/// What a file is by how it begins, for messages of readers that were given another.
public enum FileForm {
    /// What it is and how it is read, `NumPy's .npy` and `npy`; nil where its beginning says nothing.
    public static func of(_ path: String) -> (what: String, reader: String?)? {
        let descriptor = open(homed(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &head, 16)
        guard count >= 4 else { return nil }
        func begins(_ bytes: [UInt8]) -> Bool { head.prefix(min(count, bytes.count)).elementsEqual(bytes) }
        if begins([0x93, 0x4E, 0x55, 0x4D]) { return ("NumPy's .npy", "npy") }
        if begins([0x50, 0x4B, 3, 4]) { return ("an archive like NumPy's .npz", "npz") }
        if begins([0x89, 0x50, 0x4E, 0x47]) { return ("a PNG picture", "image_folder, of its folder,") }
        if begins([0xFF, 0xD8, 0xFF]) { return ("a JPEG picture", "image_folder, of its folder,") }
        if begins([0x89, 0x48, 0x44, 0x46]) { return ("an HDF5 file", nil) }
        if begins([0x25, 0x50, 0x44, 0x46]) { return ("a PDF", nil) }
        if begins([0x80, 2]) || begins([0x80, 3]) || begins([0x80, 4]) { return ("Python's pickle", nil) }
        if head[0] == 0, head[1] == 0, head[2] >= 8, head[2] <= 14, head[3] >= 1, head[3] <= 8 {
            return ("MNIST's idx", "idx")
        }
        if head[0] == UInt8(ascii: "{")
            || (head[0] == UInt8(ascii: "[") && head.prefix(count).contains(UInt8(ascii: "\"")))
        {
            return ("JSON", nil)
        }
        let isText = head.prefix(count).allSatisfy { ($0 >= 32 && $0 < 127) || $0 == 10 || $0 == 13 || $0 == 9 }
        return isText ? ("a text", "csv") : nil
    }
}
