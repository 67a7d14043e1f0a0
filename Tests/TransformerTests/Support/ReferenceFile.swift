// The fixtures' safetensors files, read in the plainest way: not by the code under test.

import Foundation
import Tensors
import Transformer

/// The tensors of one safetensors file under `fixtures/transformer`.
struct ReferenceFile {
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private let entries: [String: Entry]
  private let data: Data

  init(_ path: String) throws {
    let bytes = try Data(contentsOf: ReferenceFile.url(path))
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: bytes.dropFirst(8).prefix(length)) as? [String: Any] ?? [:]
    let tensors = header.filter { $0.key != "__metadata__" }
    entries = try JSONDecoder().decode(
      [String: Entry].self, from: JSONSerialization.data(withJSONObject: tensors))
    data = Data(bytes.dropFirst(8 + length))
  }

  /// A file or folder under `fixtures/transformer`.
  static func url(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures/transformer/\(path)")
      .standardized
  }

  /// The names of the tensors, sorted.
  var names: [String] { entries.keys.sorted() }

  /// A tensor of floats.
  subscript(_ name: String) -> Tensor {
    guard let entry = entries[name], entry.dtype == "F32" else { preconditionFailure("no floats \(name)") }
    return Tensor(elements(entry, as: Float.self), entry.shape)
  }

  /// A tensor of integers, in row-major order.
  func integers(_ name: String) -> [Int] {
    guard let entry = entries[name], entry.dtype == "I64" else { preconditionFailure("no integers \(name)") }
    return elements(entry, as: Int64.self).map(Int.init)
  }

  /// The rows of a matrix of integers as tokens.
  func tokens(_ name: String) -> TokenBatch {
    let shape = entries[name]?.shape ?? []
    return TokenBatch(tokens: integers(name), batch: shape[0], positions: shape[1])
  }

  private func elements<Element>(_ entry: Entry, as type: Element.Type) -> [Element] {
    let bytes = data.subdata(in: entry.data_offsets[0]..<entry.data_offsets[1])
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Element>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: type)
      }
    }
  }
}
