import SiamData
import SiamTensor

/// The net of an ONNX file as a sheet, up to its outputs or to the one that is named. A file's form is read by some two
/// hundred lines of this target (`Wire.swift`), which copy nothing and promise nothing: a library for it would more than
/// double the time of a build.
public func importedNet(_ path: String, output: String? = nil) throws -> ImportedNet {
    try importedNet(try FileBytes.read(path), path, output: output)
}

/// The net of an ONNX file that is there as bytes.
public func importedNet(_ bytes: [UInt8], _ path: String, output: String? = nil) throws -> ImportedNet {
    let model = try OnnxModel(bytes, path: path)
    guard model.opset >= 7 else {
        throw DataError(
            code: "onnx.opset",
            message: "the file uses operator set \(model.opset); siam reads operator sets from 9 on",
            path: path)
    }
    let translator = Translator(model, bytes, path: path)
    var sheet = try translator.run(output: output)
    sheet.keepReadOwns()
    let last = lastPart(path)
    let base = Names.plain(last.hasSuffix(".onnx") ? String(last.dropLast(5)) : last)
    sheet.name = translator.names.free(base, or: base.isEmpty ? "imported" : "net_\(base)")
    sheet.origin = "From \(last): \(sheet.origin)"
    sheet.findTowers()
    return sheet
}
