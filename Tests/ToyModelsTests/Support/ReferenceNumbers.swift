// Numbers that PyTorch computed, as the scripts in fixtures/scripts wrote them.

import Foundation

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
