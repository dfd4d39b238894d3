import Glibc
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The arrays of an HDF5 file, such as Keras's .weights.h5, through Debian's libhdf5, which is opened when it is first used.
enum HDF5 {
    /// The few calls that reading needs.
    private struct Library: @unchecked Sendable {
        typealias ID = Int64
        let open: @convention(c) (UnsafePointer<CChar>, UInt32, ID) -> ID
        let close: @convention(c) (ID) -> Int32
        let group: @convention(c) (ID, UnsafePointer<CChar>, ID) -> ID
        let closeGroup: @convention(c) (ID) -> Int32
        let count: @convention(c) (ID, UnsafeMutablePointer<UInt64>) -> Int32
        let name: @convention(c) (ID, UInt64, UnsafeMutablePointer<CChar>?, Int) -> Int
        let kind: @convention(c) (ID, UInt64) -> Int32
        let dataset: @convention(c) (ID, UnsafePointer<CChar>, ID) -> ID
        let closeDataset: @convention(c) (ID) -> Int32
        let space: @convention(c) (ID) -> ID
        let rank: @convention(c) (ID) -> Int32
        let lengths: @convention(c) (ID, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?) -> Int32
        let closeSpace: @convention(c) (ID) -> Int32
        let type: @convention(c) (ID) -> ID
        let kindOfType: @convention(c) (ID) -> Int32
        let closeType: @convention(c) (ID) -> Int32
        let read: @convention(c) (ID, ID, ID, ID, ID, UnsafeMutableRawPointer) -> Int32
        let float: ID

        static let shared: Library? = load()

        private static func load() -> Library? {
            let names = [
                "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so", "libhdf5.so.310",
                "libhdf5.so.103", "libhdf5.so",
            ]
            guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
            func call<T>(_ name: String, _ type: T.Type) -> T? {
                dlsym(handle, name).map { unsafeBitCast($0, to: type) }
            }
            typealias ID = Int64
            guard let start = call("H5open", (@convention(c) () -> Int32).self), start() >= 0,
                let quiet = call(
                    "H5Eset_auto2", (@convention(c) (ID, UnsafeRawPointer?, UnsafeRawPointer?) -> Int32).self),
                quiet(0, nil, nil) >= 0, let float = dlsym(handle, "H5T_NATIVE_FLOAT_g"),
                let open = call("H5Fopen", (@convention(c) (UnsafePointer<CChar>, UInt32, ID) -> ID).self),
                let close = call("H5Fclose", (@convention(c) (ID) -> Int32).self),
                let group = call("H5Gopen2", (@convention(c) (ID, UnsafePointer<CChar>, ID) -> ID).self),
                let closeGroup = call("H5Gclose", (@convention(c) (ID) -> Int32).self),
                let count = call("H5Gget_num_objs", (@convention(c) (ID, UnsafeMutablePointer<UInt64>) -> Int32).self),
                let name = call(
                    "H5Gget_objname_by_idx",
                    (@convention(c) (ID, UInt64, UnsafeMutablePointer<CChar>?, Int) -> Int).self),
                let kind = call("H5Gget_objtype_by_idx", (@convention(c) (ID, UInt64) -> Int32).self),
                let dataset = call("H5Dopen2", (@convention(c) (ID, UnsafePointer<CChar>, ID) -> ID).self),
                let closeDataset = call("H5Dclose", (@convention(c) (ID) -> Int32).self),
                let space = call("H5Dget_space", (@convention(c) (ID) -> ID).self),
                let rank = call("H5Sget_simple_extent_ndims", (@convention(c) (ID) -> Int32).self),
                let lengths = call(
                    "H5Sget_simple_extent_dims",
                    (@convention(c) (ID, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?) -> Int32).self),
                let closeSpace = call("H5Sclose", (@convention(c) (ID) -> Int32).self),
                let type = call("H5Dget_type", (@convention(c) (ID) -> ID).self),
                let kindOfType = call("H5Tget_class", (@convention(c) (ID) -> Int32).self),
                let closeType = call("H5Tclose", (@convention(c) (ID) -> Int32).self),
                let read = call("H5Dread", (@convention(c) (ID, ID, ID, ID, ID, UnsafeMutableRawPointer) -> Int32).self)
            else { return nil }
            return Library(
                open: open, close: close, group: group, closeGroup: closeGroup, count: count, name: name, kind: kind,
                dataset: dataset, closeDataset: closeDataset, space: space, rank: rank, lengths: lengths,
                closeSpace: closeSpace, type: type, kindOfType: kindOfType, closeType: closeType, read: read,
                float: float.load(as: ID.self))
        }
    }

    /// Every array of numbers by its path, `layers/dense/vars/0`; Keras's numbered variables get their names.
    static func tensors(_ path: String) throws -> NamedTensors {
        guard let lib = Library.shared else {
            throw Diagnostic(
                code: "load.hdf5", "an HDF5 file is read by libhdf5, which is not installed here",
                repair: "apt-get install libhdf5-103-1")
        }
        let size = try FileBytes.read(path).count
        func bad(_ what: String) -> DataError { DataError(code: "load.damaged", message: what, path: path) }
        let file = lib.open(homed(path), 0, 0)
        guard file >= 0 else { throw bad("this is not an HDF5 file, or it is damaged") }
        defer { _ = lib.close(file) }
        var found = NamedTensors()
        func visit(_ inside: Int64, _ prefix: String, _ depth: Int) throws {
            var count: UInt64 = 0
            guard depth < 32, lib.count(inside, &count) >= 0, count < 1 << 20 else {
                throw bad("a group of it cannot be read")
            }
            for k in 0..<count {
                var buffer = [CChar](repeating: 0, count: 1024)
                guard lib.name(inside, k, &buffer, 1023) >= 0 else { throw bad("a name in it cannot be read") }
                let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                switch lib.kind(inside, k) {
                case 0:
                    let group = lib.group(inside, name, 0)
                    guard group >= 0 else { throw bad("the group \(prefix)\(name) cannot be read") }
                    defer { _ = lib.closeGroup(group) }
                    try visit(group, prefix + name + "/", depth + 1)
                case 1:
                    let data = lib.dataset(inside, name, 0)
                    guard data >= 0 else { throw bad("the array \(prefix)\(name) cannot be read") }
                    defer { _ = lib.closeDataset(data) }
                    let type = lib.type(data)
                    let isNumber = [0, 1].contains(lib.kindOfType(type))
                    _ = lib.closeType(type)
                    guard isNumber else { continue }
                    let space = lib.space(data)
                    defer { _ = lib.closeSpace(space) }
                    let rank = Int(lib.rank(space))
                    guard rank >= 0, rank <= Shape.maximumRank else {
                        throw bad("the array \(prefix)\(name) has \(rank) axes")
                    }
                    var lengths = [UInt64](repeating: 0, count: max(rank, 1))
                    _ = lib.lengths(space, &lengths, nil)
                    let dims = try lengths.prefix(rank).map { d -> Int in
                        guard d < 1 << 31 else { throw bad("the array \(prefix)\(name) is larger than any memory") }
                        return Int(d)
                    }
                    let shape = try Shape(dims)
                    // Packed arrays are larger than the file, but not without end.
                    guard shape.count <= size * 1100 else {
                        throw bad("the array \(prefix)\(name) is larger than the file can hold")
                    }
                    let t = try Tensor.zeros(shape)
                    if shape.count > 0, lib.read(data, lib.float, 0, 0, 0, t.address) < 0 {
                        throw bad("the array \(prefix)\(name) cannot be read")
                    }
                    found[prefix + name] = t
                default: continue
                }
            }
        }
        let root = lib.group(file, "/", 0)
        guard root >= 0 else { throw bad("its first group cannot be read") }
        defer { _ = lib.closeGroup(root) }
        try visit(root, "", 0)
        return named(found)
    }

    /// Keras 3 numbers a layer's variables: the first is the kernel, and so on, as their shapes tell.
    private static func named(_ all: NamedTensors) -> NamedTensors {
        var result = NamedTensors()
        var layers: [String: [(Int, Tensor)]] = [:]
        var order: [String] = []
        for (name, t) in all.entries {
            let parts = name.split(separator: "/").map(String.init)
            guard parts.count >= 2, parts[parts.count - 2] == "vars", let k = Int(parts[parts.count - 1]) else {
                if !parts.contains("optimizer") { result[name] = t }
                continue
            }
            let layer = parts.dropLast(2).filter { $0 != "layers" && $0 != "_layer_checkpoint_dependencies" }.joined(
                separator: "/")
            guard !parts.contains("optimizer") else { continue }
            if layers[layer] == nil { order.append(layer) }
            layers[layer, default: []].append((k, t))
        }
        for layer in order.sorted(by: naturallyBefore) {
            let vars = (layers[layer] ?? []).sorted { $0.0 < $1.0 }.map(\.1)
            let words: [String]
            switch vars.count {
            case 4 where vars.allSatisfy({ $0.rank == 1 }): words = ["gamma", "beta", "moving_mean", "moving_variance"]
            case 2 where vars.allSatisfy({ $0.rank == 1 }): words = ["gamma", "beta"]
            case 1 where vars[0].rank == 2 && layer.contains("embedding"): words = ["embeddings"]
            default: words = ["kernel", "bias"]
            }
            for (k, t) in vars.enumerated() { result["\(layer)/\(k < words.count ? words[k] : "\(k)")"] = t }
        }
        return result
    }
}
