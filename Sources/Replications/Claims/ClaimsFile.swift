// One `claims.yaml`: a paper and its claims.

import Foundation
import Yams

/// A paper and its claims as one file states them.
struct ClaimsFile {
  let paper: Paper
  let claims: [Claim]

  /// Where each claim begins, counted from 1, in the order of `claims`.
  let lines: [Int?]

  /// Reads a file, which errors call `name`, of the paper with this key.
  init(contentsOf url: URL, name: String, key: String) throws(ClaimsFileError) {
    let text: String
    do throws(FileProblem) {
      text = try YAMLFile.text(contentsOf: url, name: name)
    } catch {
      throw ClaimsFileError(problems: [error])
    }
    try self.init(text: text, name: name, key: key)
  }

  /// Reads the text of a file, which errors call `name`, of the paper with this key.
  init(text: String, name: String, key: String) throws(ClaimsFileError) {
    let tree: Node
    do throws(FileProblem) {
      tree = try YAMLFile.tree(text, name: name)
    } catch {
      throw ClaimsFileError(problems: [error])
    }

    var root = FieldReader(tree, file: name, path: "")
    var problems: [FileProblem] = []
    var paper: Paper?
    if let node = root.node("paper") {
      var fields = FieldReader(node, file: name, path: "paper")
      paper = Paper(reading: &fields, folder: key)
      problems += fields.problems
    } else {
      root.report("is missing", at: "paper")
    }

    var claims: [Claim] = []
    var lines: [Int?] = []
    if let items = root.node("claims")?.sequence {
      for (index, item) in items.enumerated() {
        var fields = FieldReader(item, file: name, path: "claims[\(index)]")
        if let claim = Claim(reading: &fields, paper: key) {
          claims.append(claim)
          lines.append(item.mark?.line)
        }
        problems += fields.problems
      }
      if items.isEmpty { root.report("must hold at least one claim", at: "claims") }
    } else {
      root.report(root.has("claims") ? "must be a list of claims" : "is missing", at: "claims")
    }
    root.finish()
    problems += root.problems

    guard problems.isEmpty, let paper else {
      throw ClaimsFileError(problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    self.paper = paper
    self.claims = claims
    self.lines = lines
  }
}
