import Foundation
import Testing

@testable import Replications

@Suite("Library") struct LibraryTests {
  @Test("papers come sorted by key, and files beside the folders are left alone")
  func order() async throws {
    try await withTemporaryFolder { folder in
      for (key, prefix) in [("b2020", "b"), ("a2020", "a")] {
        let text = demoClaimsFile.replacing("doe2020demo", with: key).replacing("demo.", with: "\(prefix).")
        try folder.write(text, to: "papers/\(key)/claims.yaml")
      }
      try folder.write("{}", to: "papers/record.schema.json")
      let library = try Library.load(papers: folder.appending(path: "papers"))
      #expect(library.papers.map(\.key) == ["a2020", "b2020"])
      #expect(library.claims(of: "Demo").map(\.id).prefix(5).last == "b.pentagon.gaps")
      #expect(library.claim("a.bound")?.paper == "a2020")
      #expect(library.paper("b2020")?.year == 2020)
    }
  }

  @Test("an id may be stated once over all papers, and the error names both places")
  func duplicates() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(demoClaimsFile, to: "papers/doe2020demo/claims.yaml")
      let other = demoClaimsFile.replacing("doe2020demo", with: "roe2021").replacing("demo.order", with: "roe.order")
      try folder.write(other, to: "papers/roe2021/claims.yaml")
      let error = #expect(throws: ClaimsFileError.self) { try Library.load(papers: folder.appending(path: "papers")) }
      #expect(
        error?.problems.first?.description
          == "papers/roe2021/claims.yaml:8: id: the claim demo.pentagon.gaps is already stated at papers/doe2020demo/claims.yaml:8"
      )
      #expect(error?.problems.count == 3)
    }
  }

  @Test("the problems of all files are gathered")
  func allFiles() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("", to: "papers/a/claims.yaml")
      try folder.write("notes", to: "papers/b/README.md")
      let error = #expect(throws: ClaimsFileError.self) { try Library.load(papers: folder.appending(path: "papers")) }
      #expect(error?.description == "papers/a/claims.yaml: is empty\npapers/b/claims.yaml: does not exist")
    }
  }

  @Test("a folder of papers that is not there is an error that names it")
  func noFolder() async throws {
    try await withTemporaryFolder { folder in
      let papers = folder.appending(path: "papers")
      let error = #expect(throws: ClaimsFileError.self) { try Library.load(papers: papers) }
      #expect(error?.description.hasPrefix("\(papers.path): is not a folder of papers that can be read") == true)
    }
  }
}
