// NumPy's arrays as checkpoints: a single .npy file, or an .npz archive of several.
//
// An array is named by its file in the archive without the extension, and that of an .npy by the file's own name.
// Arrays in Fortran order are read like any other.

import Tensors

/// Reads the table of contents of .npy and .npz files.
enum NumPyCheckpoint {
  /// How every .npy file begins.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  static func contents(of file: RegularFile) throws(CheckpointError) -> CheckpointContents {
    var contents = CheckpointContents(format: .numpy)
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let region = ByteRegion(source: .file(file), start: 0, count: file.size)
    contents.records = [try record(withoutExtension(name), region, file: file.path)]
    return contents
  }

  static func contents(of archive: ZipArchive) throws(CheckpointError) -> CheckpointContents {
    var contents = CheckpointContents(format: .numpy)
    for (place, entry) in archive.entries.enumerated() where entry.name.hasSuffix(".npy") {
      let region = ByteRegion(source: .entry(archive, place), start: 0, count: entry.size)
      contents.records.append(try record(withoutExtension(entry.name), region, file: archive.file.path))
    }
    guard !contents.records.isEmpty else {
      throw CheckpointError(
        file: archive.file.path, reason: "is a zip archive, but holds neither PyTorch's data.pkl nor NumPy's arrays")
    }
    return contents
  }

  private static func withoutExtension(_ name: String) -> String {
    name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
  }

  private static func record(_ name: String, _ region: ByteRegion, file: String) throws(CheckpointError) -> TensorRecord
  {
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file, reason: "array '\(name)' \(reason)") }
    let start = try region.bytes(0..<min(region.count, NPYHeader.longestStart))
    let header: NPYHeader
    do throws(NPYError) { header = try NPYHeader(start, name) } catch { throw fail(error.reason) }
    guard ElementType.count(of: header.shape) != nil else {
      throw fail("has too many elements to count: \(header.shape)")
    }
    let layout = StridedLayout(dense: header.shape, isFortranOrder: header.isFortranOrder)
    let content = ByteRegion(
      source: region.source, start: region.start + header.end, count: region.count - header.end)
    guard let type = types[header.descriptor] else {
      return TensorRecord(
        name: name, type: .other, layout: layout, region: content, file: file,
        refusal: "holds elements of NumPy's type '\(header.descriptor)', which are not read")
    }
    guard let size = type.byteCount(of: header.shape), size == content.count else {
      throw fail(
        "has \(content.count) bytes of elements; the shape \(header.shape) of type '\(header.descriptor)' needs others")
    }
    return TensorRecord(name: name, type: type, layout: layout, region: content, file: file)
  }

  private static let types: [String: ElementType] = [
    "|b1": .bool, "|i1": .i8, "|u1": .u8, "<i2": .i16, "<u2": .u16, "<f2": .f16, "<i4": .i32, "<u4": .u32, "<f4": .f32,
    "<i8": .i64, "<u8": .u64, "<f8": .f64, "<c8": .c64,
  ]
}
