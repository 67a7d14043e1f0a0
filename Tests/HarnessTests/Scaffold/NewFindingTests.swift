import Foundation
import Testing

@testable import Replications

@Suite("Beginning a finding") struct NewFindingTests {
  private static let registry = """
    extension Registry {
      public static let standard = Registry(findings: [
        .superposition
      ])
    }

    """

  private func withPackage(_ body: (Workspace) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try folder.write(demoClaimsFile, to: "papers/doe2020demo/claims.yaml")
      try folder.write(Self.registry, to: "Sources/Replications/Findings.swift")
      try body(try Workspace(root: folder))
    }
  }

  @Test("its files are written, its claims can be read, its note is understood, and the registry knows it")
  func writing() async throws {
    try await withPackage { workspace in
      let finding = try NewFinding(name: "NearlyOrthogonal", paper: "roe2021random")
      let written = try finding.write(under: workspace)
      #expect(
        written == [
          "papers/roe2021random/claims.yaml", "papers/roe2021random/README.md",
          "Sources/Replications/NearlyOrthogonal/NearlyOrthogonal.swift",
          "Sources/Replications/NearlyOrthogonal/NearlyOrthogonalRandomDirections.swift",
          "Tests/ReplicationTests/NearlyOrthogonal/NearlyOrthogonal.swift", "Sources/Replications/Findings.swift",
        ])
      let claims = try workspace.library().claims(of: "NearlyOrthogonal")
      #expect(claims.map(\.id) == ["nearlyorthogonal.random-directions"])
      for file in finding.files {
        if file.path.hasSuffix(".swift") {
          let longLines = file.text.split(separator: "\n").filter { $0.count > 120 }
          #expect(longLines.isEmpty, "\(file.path)")
        }
        #expect(!["FINDING", "CONSTANT", "PAPER", "WORD"].contains { file.text.contains($0) }, "\(file.path)")
      }
      let note = try Note(try #require(finding.files.first { $0.path.hasSuffix("README.md") }).text, name: "README.md")
      #expect(note.places.count == 3 && note.figures == ["RandomDirections"] && note.formProblems() == [])
      let registry = try String(
        contentsOf: workspace.root.appending(path: "Sources/Replications/Findings.swift"), encoding: .utf8)
      #expect(registry.contains("    .superposition,\n    .nearlyOrthogonal,\n  ])\n"))
    }
  }

  @Test("nothing is overwritten")
  func refused() async throws {
    try await withPackage { workspace in
      let finding = try NewFinding(name: "Demo", paper: "doe2020demo")
      let error = #expect(throws: NewFinding.Refusal.self) { try finding.write(under: workspace) }
      #expect(error?.description == "papers/doe2020demo/claims.yaml is already there; nothing was written")
      try workspace.root.write("// Nothing.\n", to: "Sources/Replications/Findings.swift")
      let other = try NewFinding(name: "Other", paper: "roe2021random")
      let missing = #expect(throws: NewFinding.Refusal.self) { try other.write(under: workspace) }
      #expect(missing?.description.hasPrefix("Sources/Replications/Findings.swift has no list") == true)
      #expect(!workspace.root.files.contains("papers/roe2021random/claims.yaml"))
    }
  }

  @Test(
    "names are written as findings and papers are",
    arguments: [
      ("lower", "roe2021random"), ("With Space", "roe2021random"), ("Fine", "Roe2021"), ("Fine", "../roe2021x"),
    ])
  func names(name: String, paper: String) {
    #expect(throws: NewFinding.Refusal.self) { try NewFinding(name: name, paper: paper) }
  }
}
