import Foundation
import Testing

@testable import Replications

@Suite("The folder of a site") struct SiteFolderTests {
  private func site() throws -> Site {
    try Site(
      library: .demo([.demo()]), evidence: Evidence(folder: URL(filePath: "/nowhere")),
      papers: URL(filePath: "/nowhere"))
  }

  @Test("a site is written whole, and an earlier one goes with all its files")
  func replace() async throws {
    try await withTemporaryFolder { folder in
      let place = folder.appending(path: "deep/site")
      let site = try site()
      try site.write(to: place)
      #expect(place.files == (site.files.keys + ["site.json"]).sorted())
      // As if the earlier site had had a page more.
      try place.write("old", to: "papers/old/index.html")
      let manifest = try String(contentsOf: place.appending(path: "site.json"), encoding: .utf8)
      try place.write(
        manifest.replacing("\"index.html\"", with: "\"index.html\", \"papers/old/index.html\""), to: "site.json")
      try site.write(to: place)
      #expect(place.files == (site.files.keys + ["site.json"]).sorted())
      #expect(folder.appending(path: "deep").files.allSatisfy { $0.hasPrefix("site/") })
    }
  }

  @Test("an empty folder is taken")
  func emptyFolder() async throws {
    try await withTemporaryFolder { folder in
      try site().write(to: folder)
      #expect(folder.files.contains("index.html"))
    }
  }

  @Test("a file, a folder of other things and a site with a guest in it are refused and left alone")
  func refused() async throws {
    try await withTemporaryFolder { folder in
      let place = folder.appending(path: "site")
      func refusal() throws -> String? {
        let refusal = #expect(throws: RefusedOutput.self) { try site().write(to: place) }
        return refusal?.reason
      }
      try folder.write("mine", to: "site")
      #expect(try refusal() == "it is a file, and a folder is needed")
      #expect(folder.files == ["site"])
      try FileManager.default.removeItem(at: place)

      try place.write("mine", to: "thesis/draft.txt")
      #expect(try refusal() == "it holds thesis/draft.txt and is no site of replicate report")
      try place.write("{\"generator\": \"another\", \"files\": []}", to: "site.json")
      #expect(try refusal() == "it holds site.json and is no site of replicate report")
      #expect(folder.files == ["site/site.json", "site/thesis/draft.txt"])
      try FileManager.default.removeItem(at: place)

      try site().write(to: place)
      try place.write("example.org", to: "CNAME")
      #expect(try refusal() == "it holds CNAME, which replicate report did not write")
      #expect(place.files.contains("CNAME") && place.files.contains("index.html"))
    }
  }

  @Test("where the system refuses nothing is left behind")
  func noRoom() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("a file", to: "parent")
      #expect(throws: EvidenceError.self) { try site().write(to: folder.appending(path: "parent/site")) }
      #expect(folder.files == ["parent"])
    }
  }
}
