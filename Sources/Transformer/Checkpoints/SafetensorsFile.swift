// Hugging Face's safetensors format: the length of a header, the header in JSON, the elements.
//
// Format: github.com/huggingface/safetensors, README and tensor.rs. All of its rules are checked when a file is opened:
// the header's bounds, names that stand once, and elements that fill the rest of the file without hole and overlap.

/// Reads and writes safetensors files.
public enum SafetensorsFile {
  /// The longest header that the format allows.
  private static let longestHeader = 100_000_000

  /// The most axes that are read; more than any tool makes.
  private static let mostAxes = 64

  /// Reads a file's header.
  static func contents(of file: RegularFile) throws(CheckpointError) -> CheckpointContents {
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file.path, reason: reason) }
    guard file.size >= 8 else { throw fail("ends within the 8 bytes of its header's length") }
    let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= longestHeader else {
      throw fail("has a header of \(length) bytes; the format allows \(longestHeader)")
    }
    let start = 8 + Int(length)
    guard start <= file.size else {
      throw fail("ends at byte \(file.size), within its header of \(length) bytes")
    }
    let text = try file.bytes(8..<start)
    guard text.first == UInt8(ascii: "{") else { throw fail("has a header that does not begin with '{'") }
    let header: JSONValue
    do throws(JSONError) { header = try JSONValue(bytes: text) } catch {
      throw fail("has a header that is not JSON: byte \(8 + error.offset): \(error.reason)")
    }
    guard let object = header.object else { throw fail("has a header that is not an object") }

    var contents = CheckpointContents(format: .safetensors)
    var ranges: [(begin: Int, end: Int, name: String)] = []
    for member in object.members {
      if member.key == "__metadata__" {
        contents.metadata = try metadata(member.value, fail)
        continue
      }
      let (type, shape, begin, end) = try entry(member.value) { fail("tensor '\(member.key)' \($0)") }
      ranges.append((begin, end, member.key))
      // Where the elements begin is counted from their own region, so that places are whole numbers of elements.
      guard end <= file.size - start else {
        throw fail("tensor '\(member.key)' ends at byte \(end) of \(file.size - start) bytes of elements")
      }
      contents.records.append(
        TensorRecord(
          name: member.key, type: type, layout: StridedLayout(dense: shape),
          region: ByteRegion(source: .file(file), start: start + begin, count: end - begin), file: file.path))
    }
    try checkTiling(ranges, bytes: file.size - start, fail)
    return contents
  }

  private static func metadata(
    _ value: JSONValue, _ fail: (String) -> CheckpointError
  ) throws(CheckpointError) -> [String: String] {
    guard let object = value.object else { throw fail("has metadata that is not an object") }
    var metadata: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.string else { throw fail("has metadata '\(member.key)' that is not a text") }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(
    _ value: JSONValue, _ fail: (String) -> CheckpointError
  ) throws(CheckpointError) -> (type: ElementType, shape: [Int], begin: Int, end: Int) {
    guard let name = value["dtype"]?.string, let extents = value["shape"]?.array,
      let offsets = value["data_offsets"]?.array
    else { throw fail("lacks one of dtype, shape and data_offsets") }
    guard let type = ElementType(rawValue: name), type != .other else { throw fail("has the unknown dtype '\(name)'") }
    let shape = extents.compactMap(\.integer)
    guard shape.count == extents.count, shape.allSatisfy({ $0 >= 0 }), shape.count <= mostAxes else {
      throw fail("has a shape that is not a list of at most \(mostAxes) sizes")
    }
    guard offsets.count == 2, let begin = offsets[0].integer, let end = offsets[1].integer, begin >= 0, begin <= end
    else { throw fail("has data_offsets that are not a beginning and an end") }
    guard let size = type.byteCount(of: shape) else {
      throw fail("has a shape \(shape) whose size in bytes is not a countable whole number")
    }
    guard size == end - begin else {
      throw fail("has \(end - begin) bytes; \(shape) elements of type \(name) need \(size)")
    }
    return (type, shape, begin, end)
  }

  /// Tensors must follow each other without hole and overlap, from the first byte to the last.
  private static func checkTiling(
    _ ranges: [(begin: Int, end: Int, name: String)], bytes: Int, _ fail: (String) -> CheckpointError
  ) throws(CheckpointError) {
    var place = 0
    for range in ranges.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard range.begin == place else {
        let fault = range.begin < place ? "overlaps the tensor before it" : "leaves a hole before it"
        throw fail("tensor '\(range.name)' begins at byte \(range.begin) and \(fault), which ends at \(place)")
      }
      place = range.end
    }
    guard place == bytes else { throw fail("has \(bytes) bytes of elements; its tensors fill \(place)") }
  }
}
