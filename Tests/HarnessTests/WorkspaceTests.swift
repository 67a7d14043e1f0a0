import Foundation
import Replications
import Testing

@Suite("Workspace") struct WorkspaceTests {
  @Test("the root is the nearest folder upward that holds papers")
  func upward() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("", to: "package/papers/x")
      try folder.write("", to: "package/Sources/deep/file")
      let workspace = try Workspace(above: folder.appending(path: "package/Sources/deep"))
      #expect(workspace.root.standardizedFileURL.path == folder.appending(path: "package").path)
      #expect(workspace.evidence.lastPathComponent == "evidence")
    }
  }

  @Test("a folder without papers is an error that says what was looked for")
  func errors() async throws {
    try await withTemporaryFolder { folder in
      let given = #expect(throws: WorkspaceError.self) { try Workspace(root: folder) }
      #expect(
        given?.description
          == "\(folder.path) does not hold a folder \"papers\"; name the root of the package with --root")
      #expect(throws: WorkspaceError.self) { try Workspace(above: folder) }
    }
  }
}
