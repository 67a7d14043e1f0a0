// Every claim is asserted by a test of the suite that bears its finding's name. The tests are read as text, since a run
// may be filtered to a few of them.

import Foundation
import Replications
import Testing

@Suite("Every claim has a test") struct ClaimCoverageTests {
  @Test("the suites of the findings ask for each claim of their finding just once")
  func pairing() throws {
    let library = try Workspace(above: URL(filePath: #filePath)).library()
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    for finding in Set(library.claims.map(\.finding)).sorted() {
      let asserted = try claimsAsserted(in: tests.appending(path: finding))
      let stated = library.claims(of: finding).map(\.id).sorted()
      #expect(asserted.sorted() == stated, "tests of \(finding) against its claims")
    }
  }

  @Test("claims and experiments fit together")
  func registry() throws {
    try Registry.standard.validate(Workspace(above: URL(filePath: #filePath)).library())
  }

  @Test("the claims asserted by a text are the literals inside expectReproduced")
  func literals() {
    let text = """
      try await expectReproduced("a.b", "a.c")
      // "a.d"
      try await expectReproduced(
        "a.e")
      """
    #expect(claimsAsserted(by: text) == ["a.b", "a.c", "a.e"])
  }

  private func claimsAsserted(in folder: URL) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == "swift" }
      .flatMap { claimsAsserted(by: try String(contentsOf: $0, encoding: .utf8)) }
  }

  private func claimsAsserted(by text: String) -> [String] {
    text.matches(of: /expectReproduced\(([^)]*)\)/).flatMap { call in
      call.output.1.matches(of: /"([^"]*)"/).map { String($0.output.1) }
    }
  }
}
