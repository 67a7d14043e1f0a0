// The fields of `fixtures/assets.yaml`.

import Foundation
import Yams

/// The problems found in `fixtures/assets.yaml`.
public struct AssetsFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The problems in the order of their lines.
  public let problems: [FileProblem]

  /// One problem a line.
  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

extension Assets {
  /// Reads the list of assets from a package's `fixtures/assets.yaml`; without that file there are none.
  static func stated(under root: URL) throws(AssetsFileError) -> [Asset] {
    let name = "fixtures/assets.yaml"
    let url = root.appending(path: name)
    guard FileManager.default.fileExists(atPath: url.path) else { return [] }
    let tree: Node
    do throws(FileProblem) {
      tree = try YAMLFile.tree(YAMLFile.text(contentsOf: url, name: name), name: name)
    } catch {
      throw AssetsFileError(problems: [error])
    }

    var root = FieldReader(tree, file: name, path: "")
    var problems: [FileProblem] = []
    var assets: [Asset] = []
    if let items = root.node("assets")?.sequence {
      for (index, item) in items.enumerated() {
        var fields = FieldReader(item, file: name, path: "assets[\(index)]")
        if let asset = Asset(reading: &fields) {
          if assets.contains(where: { $0.id == asset.id }) { fields.report("is stated twice: \(asset.id)", at: "id") }
          assets.append(asset)
        }
        problems += fields.problems
      }
    } else {
      root.report("must be a list of assets", at: "assets")
    }
    root.finish()
    problems += root.problems
    guard problems.isEmpty else { throw AssetsFileError(problems: problems) }
    return assets
  }
}

extension Asset {
  /// Reads an asset; problems are left in the reader.
  fileprivate init?(reading fields: inout FieldReader) {
    let id = fields.text("id")
    let file = fields.text("file")
    let url = fields.text("url")
    let sha256 = fields.text("sha256")
    let bytes = fields.integer("bytes", in: 0...(1 << 40))
    let licence = fields.text("licence")
    let derivation = fields.optionalText("derivation")
    fields.finish()

    if let url, !["https://", "http://"].contains(where: url.hasPrefix) || url.contains(where: \.isWhitespace) {
      fields.report("must be an http or https address, found \(url)", at: "url")
    }

    if let file, file.hasPrefix("/") || file.hasPrefix(".") || file.split(separator: "/").contains("..") {
      fields.report("must be a path inside the folder of models, found \(file)", at: "file")
    }
    if let sha256, sha256.utf8.count != 64 || !sha256.allSatisfy({ "0123456789abcdef".contains($0) }) {
      fields.report("must be 64 lower-case hexadecimal digits, found \(sha256)", at: "sha256")
    }
    guard fields.problems.isEmpty, let id, let file, let url, let sha256, let bytes, let licence else { return nil }
    self.init(id: id, file: file, url: url, sha256: sha256, bytes: bytes, licence: licence, derivation: derivation)
  }
}
