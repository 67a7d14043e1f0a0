import Foundation
import Tensors
import Testing

@Suite("NumPy files")
struct NPYFileTests {
  /// A file as NumPy writes it, from a header's text and its elements' bytes.
  private func file(_ header: String, payload: [UInt8] = [], version: UInt8 = 1, magic: String = "NUMPY") -> [UInt8] {
    let length = header.utf8.count
    let size =
      version == 1
      ? [UInt8(length & 0xff), UInt8(length >> 8)]
      : [UInt8(length & 0xff), UInt8(length >> 8 & 0xff), UInt8(length >> 16 & 0xff), UInt8(length >> 24)]
    return [0x93] + Array(magic.utf8) + [version, 0] + size + Array(header.utf8) + payload
  }

  private func header(_ type: String = "<f4", order: String = "False", shape: String) -> String {
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  private func failure(_ bytes: [UInt8]) -> String? {
    do {
      _ = try NPYFile(bytes: bytes, name: "weights.npy")
      return nil
    } catch {
      return error.description
    }
  }

  @Test("every type and rank comes back as it was written")
  func roundTrip() throws {
    let files = [
      NPYFile(.float32([1.5, -0, .nan, .infinity, .leastNonzeroMagnitude, 3]), [2, 3]),
      NPYFile(.float64([.pi]), []), NPYFile(.int32([1, -2, .max]), [3]), NPYFile(.int64([.min, 7]), [1, 2, 1]),
      NPYFile(.float32([]), [0, 5]), NPYFile(.int64([]), [0]),
    ]
    for original in files {
      let copy = try NPYFile(bytes: original.bytes, name: "copy")
      #expect(copy.bytes == original.bytes && copy.shape == original.shape)
    }
  }

  @Test("bytes are what numpy.save writes")
  func numPyBytes() {
    // numpy.save(file, numpy.arange(3, dtype="<i4")): 128 bytes of header, then the elements.
    let text = "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }"
    let expected = file(
      text + String(repeating: " ", count: 117 - text.utf8.count) + "\n", payload: [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0])
    #expect(NPYFile(.int32([0, 1, 2]), [3]).bytes == expected)
  }

  @Test("versions 1 to 3, key order and quotes do not matter")
  func variants() throws {
    let payload: [UInt8] = [0, 0, 128, 63]
    for version in [UInt8(1), 2, 3] {
      let copy = try NPYFile(bytes: file(header(shape: "(1, 1)"), payload: payload, version: version), name: "v")
      #expect(copy == NPYFile(.float32([1]), [1, 1]))
    }
    let turned = "{\"shape\": (1,), \"fortran_order\": False, \"descr\": \"<f4\"}"
    #expect(try NPYFile(bytes: file(turned, payload: payload), name: "t").tensor == Tensor([1], [1]))
  }

  @Test("tensors and integers come out converted")
  func conversions() throws {
    #expect(NPYFile(.int64([1, 2]), [2]).tensor == Tensor([1, 2], [2]))
    #expect(NPYFile(.float64([0.1]), [1]).tensor[0] == 0.1)
    #expect(NPYFile(.int32([4]), [1]).integers == [4] && NPYFile(.float32([4]), [1]).integers == nil)
    #expect(NPYFile(Tensor([1, 2], [1, 2])) == NPYFile(.float32([1, 2]), [1, 2]))
  }

  @Test("every truncation is an error, never a crash")
  func truncation() {
    let whole = NPYFile(.float32([1, 2, 3]), [3]).bytes
    for length in 0..<whole.count { #expect(failure(Array(whole[..<length]))?.hasPrefix("weights.npy: ") == true) }
    #expect(failure(whole) == nil)
    #expect(failure(whole + [0])?.contains("has 13 bytes of elements; the shape [3] needs 12") == true)
  }

  @Test("every single flipped byte of the header is read or refused, never a crash")
  func corruption() {
    let whole = NPYFile(.float32([1, 2, 3]), [3]).bytes
    for place in 0..<128 {
      for change in [UInt8(0x01), 0x10, 0x80, 0xff] {
        var bytes = whole
        bytes[place] ^= change
        if let reason = failure(bytes) { #expect(reason.count > 20) }
      }
    }
    #expect(failure(file(header(shape: "(1,)"), magic: "NUMPX"))?.contains("magic number") == true)
  }

  @Test("a promise of a huge shape is refused before memory is asked for")
  func hugeShapes() {
    for shape in [
      "(1000000000000,)", "(4294967296, 4294967296)", "(9223372036854775807, 9223372036854775807)",
      "(99999999999999999999,)", "(1, 2, 3000000000)",
    ] {
      #expect(failure(file(header(shape: shape), payload: [0, 0, 0, 0])) != nil)
    }
    // Zero elements, though the other extents would overflow.
    let empty = try? NPYFile(bytes: file(header(shape: "(9223372036854775807, 4, 0)")), name: "empty")
    #expect(empty?.tensor.count == 0)
  }

  @Test("other formats are named in the error")
  func otherFormats() {
    #expect(failure(file(header(">f4", shape: "(1,)"), payload: [0, 0, 0, 0]))?.contains("'>f4'") == true)
    #expect(failure(file(header("|O", shape: "(1,)")))?.contains("'|O'") == true)
    #expect(failure(file(header(order: "True", shape: "(0,)")))?.contains("Fortran") == true)
    #expect(failure(file(header(shape: "(0,)"), version: 4))?.contains("version 4") == true)
    #expect(failure(file(String(repeating: " ", count: 20_000), version: 2))?.contains("20000 bytes") == true)
    for text in [
      "", "{}", "[1]", "{'descr': '<f4'}", header(shape: "(-1,)"), header(shape: "(1"), header(shape: "1"),
      header(shape: "(0,)") + "x", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'more': 'x'}", header(order: "false", shape: "(0,)"),
    ] {
      #expect(failure(file(text))?.contains("header") == true, "\(text)")
    }
  }

  @Test("files are written in one step and read back; missing ones and folders are named errors")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "npy-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.npy").path
    try NPYFile(.int32([1]), [1]).write(to: path)
    try NPYFile(.float32([1, 2]), [2]).write(to: path)
    #expect(try NPYFile(contentsOf: path) == NPYFile(.float32([1, 2]), [2]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.npy"])
    for bad in [folder.path, path + "x"] {
      let error = #expect(throws: NPYError.self) { try NPYFile(contentsOf: bad) }
      #expect(error?.file == bad)
    }
    let unwritable = folder.appending(path: "missing/b.npy").path
    #expect(throws: NPYError.self) { try NPYFile(.int32([1]), [1]).write(to: unwritable) }
  }
}
