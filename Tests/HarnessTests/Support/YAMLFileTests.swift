import Foundation
import Testing

@testable import Replications

@Suite("YAML files") struct YAMLFileTests {
  @Test("a bomb of anchors and aliases is refused before it unfolds")
  func bomb() {
    let levels = (1...30).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
    }
    let text = "a0: &a0 [x]\n" + levels.joined(separator: "\n")
    let error = #expect(throws: FileProblem.self) { try YAMLFile.tree(text, name: "bomb.yaml") }
    #expect(error?.description == "bomb.yaml:2: refers to an anchor with *a0; anchors and aliases are not read here")
  }

  @Test("text with & and * is no alias")
  func text() throws {
    let tree = try YAMLFile.tree("a: D* & W are *not* names\nb: \"*x &y\"", name: "x.yaml")
    #expect(tree["a"]?.string == "D* & W are *not* names")
  }

  @Test("deep nesting is an error, not a crash")
  func depth() {
    let text = String(repeating: "[", count: 200_000)
    #expect(throws: FileProblem.self) { try YAMLFile.tree(text, name: "deep.yaml") }
    let blocks = String(repeating: "- ", count: 200_000)
    #expect(throws: FileProblem.self) { try YAMLFile.tree(blocks, name: "deep.yaml") }
  }

  @Test("an alias without its anchor is an error")
  func undefined() {
    let error = #expect(throws: FileProblem.self) { try YAMLFile.tree("a: *nobody", name: "x.yaml") }
    #expect(error?.description.hasPrefix("x.yaml:1: is not well-formed YAML") == true)
  }

  @Test("a file over 1 MiB, a file that is not text and a file that is not there are errors")
  func files() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(String(repeating: "x", count: YAMLFile.sizeLimit + 1), to: "large")
      try Data([0x61, 0xff, 0xfe]).write(to: folder.appending(path: "binary"))
      func message(_ name: String) -> String? {
        #expect(throws: FileProblem.self) { try YAMLFile.text(contentsOf: folder.appending(path: name), name: name) }?
          .description
      }
      #expect(message("large") == "large: is larger than 1048576 bytes, the most that is read")
      #expect(message("binary") == "binary: is not UTF-8 text")
      #expect(message("absent") == "absent: does not exist")
      #expect(message(".") == ".: cannot be read")
    }
  }
}
