// YAML as data from strangers, perhaps from a pull request: limited in size, and not allowed to refer to itself, since
// a few lines of anchors and aliases unfold to gigabytes.

import Foundation
import Yams

/// Reads YAML files into trees whose nodes know their lines.
enum YAMLFile {
  /// The largest file that is read, in bytes.
  static let sizeLimit = 1 << 20

  /// The text of a file, which errors call `name`.
  static func text(contentsOf url: URL, name: String) throws(FileProblem) -> String {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
    } catch {
      let exists = FileManager.default.fileExists(atPath: url.path)
      throw FileProblem(file: name, message: exists ? "cannot be read" : "does not exist")
    }
    guard data.count <= sizeLimit else {
      throw FileProblem(file: name, message: "is larger than \(sizeLimit) bytes, the most that is read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw FileProblem(file: name, message: "is not UTF-8 text")
    }
    return text
  }

  /// The tree of a text, which errors call `name`.
  static func tree(_ text: String, name: String) throws(FileProblem) -> Node {
    try refuseAliases(in: text, name: name)
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw FileProblem(file: name, error)
    } catch {
      throw FileProblem(file: name, message: "is not well-formed YAML: \(error)")
    }
    guard let root else { throw FileProblem(file: name, message: "is empty") }
    return root
  }

  /// Refuses a text in which some `*name` refers to some `&name`, before the parser unfolds it.
  private static func refuseAliases(in text: String, name: String) throws(FileProblem) {
    var anchors: Set<Substring> = []
    var aliases: [(name: Substring, line: Int)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      for word in line.split(whereSeparator: { " \t\r[]{},".contains($0) }) where word.count > 1 {
        if word.hasPrefix("&") { anchors.insert(word.dropFirst()) }
        if word.hasPrefix("*") { aliases.append((word.dropFirst(), index + 1)) }
      }
    }
    if let alias = aliases.first(where: { anchors.contains($0.name) }) {
      let message = "refers to an anchor with *\(alias.name); anchors and aliases are not read here"
      throw FileProblem(file: name, line: alias.line, message: message)
    }
  }
}

extension FileProblem {
  /// The parser's complaint in our words: it would print a piece of the file, we name its line.
  fileprivate init(file: String, _ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let context = context.map { "\($0.text), " } ?? ""
      self.init(file: file, line: mark.line, message: "is not well-formed YAML: \(context)\(problem)")
    case .reader(let problem, _, _, _):
      self.init(file: file, message: "is not well-formed YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.joined(separator: ", ")
      self.init(file: file, line: context.mark.line, message: "the same mapping has the key \(keys) twice")
    default:
      self.init(file: file, message: "is not well-formed YAML: \(error)")
    }
  }
}
