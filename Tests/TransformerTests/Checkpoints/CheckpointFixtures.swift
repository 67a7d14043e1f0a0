// The checkpoints of fixtures/checkpoints, what the public tools that wrote them say they hold, and a place for files
// that a test makes.

import Foundation
import Tensors

@testable import Transformer

/// Files that fixtures/scripts/checkpoints.py wrote.
enum CheckpointFixtures {
  /// What a file holds according to the tool that wrote it.
  struct Expected {
    struct Entry {
      let name: String
      let type: String
      let shape: [Int]
      let values: [Float]
    }

    let tensors: [Entry]
    let metadata: [String: String]
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "fixtures/checkpoints").path

  static func path(_ name: String) -> String { folder + "/" + name }

  static func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path(name)))) }

  static func expected() throws -> [(file: String, expected: Expected)] {
    let json = try JSONValue(contentsOf: path("expected.json"))
    return try (json.object?.members ?? []).map { member in
      let tensors = try (member.value["tensors"]?.object?.members ?? []).map { tensor in
        guard let type = tensor.value["type"]?.string, let shape = tensor.value["shape"]?.array,
          let values = tensor.value["values"]?.array
        else { throw CheckpointError(file: "expected.json", reason: "lacks a part of \(tensor.key)") }
        return Expected.Entry(
          name: tensor.key, type: type, shape: shape.compactMap(\.integer),
          values: values.compactMap { $0.double.map { Float($0) } })
      }
      let metadata = (member.value["metadata"]?.object?.members ?? []).compactMap { item in
        item.value.string.map { (item.key, $0) }
      }
      return (member.key, Expected(tensors: tensors, metadata: Dictionary(uniqueKeysWithValues: metadata)))
    }
  }
}

/// The bytes of a safetensors file.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  integer(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// An integer's bytes, little-endian.
func integer(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

/// The sentence that opening a file fails with, or nil when it opens.
func reason(_ path: String) -> String? {
  do throws(CheckpointError) {
    _ = try Checkpoint(at: path)
    return nil
  } catch { return error.reason }
}
