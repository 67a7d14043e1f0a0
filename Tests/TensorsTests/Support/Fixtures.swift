// Where the tests find the numbers that other tools made.

import Foundation

/// Files under `fixtures`, found from this file's place in the package.
enum Fixture {
  static func url(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures/\(path)").standardized
  }

  static func json<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(contentsOf: url(path)))
  }
}
