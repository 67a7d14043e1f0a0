// Numbers that PyTorch computed, as the scripts in fixtures/scripts wrote them.

import Foundation
import Tensors

/// Files of numbers in `fixtures`.
enum ReferenceNumbers {
  /// Reads a file by its path in `fixtures`, without extension.
  static func read<Content: Decodable>(_ path: String, as type: Content.Type) throws -> Content {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures")
    return try JSONDecoder().decode(
      type, from: Data(contentsOf: root.appending(path: path + ".json").standardizedFileURL))
  }

  /// The largest |measured − expected|; infinite when there are not as many of both.
  static func largestError(_ measured: [Float], _ expected: [Double]) -> Double {
    guard measured.count == expected.count else { return .infinity }
    return zip(measured, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  }
}

/// Numbers of any shape, as the scripts write tensors.
struct ReferenceArray: Decodable {
  var shape: [Int]
  var values: [Double]

  var tensor: Tensor { Tensor(values.map(Float.init), shape) }

  /// One entry along the first axis.
  func member(_ index: Int) -> [Double] {
    let stride = values.count / shape[0]
    return Array(values[index * stride..<(index + 1) * stride])
  }
}
