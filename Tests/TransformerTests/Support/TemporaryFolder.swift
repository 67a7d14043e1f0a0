// Folders for tests that write files.

import Foundation

/// A folder for one test's files, removed with it.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "transformer-tests-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
    return path + "/" + name
  }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

  /// Calls a closure with a folder that is removed afterwards.
  static func with(_ body: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try body(URL(filePath: folder.path))
    withExtendedLifetime(folder) {}
  }
}
