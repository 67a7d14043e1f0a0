import Foundation
import Testing

@testable import Replications

@Suite("Run environment") struct RunEnvironmentTests {
  let hash = "c69fc16aa0c2c0d0f3b3a1d2a4b5c6d7e8f90123"

  @Test("the commit is read from HEAD, through a branch, packed branches and worktrees")
  func commit() async throws {
    try await withTemporaryFolder { folder in
      #expect(RunEnvironment.commit(root: folder) == "unknown")
      try folder.write("\(hash)\n", to: "detached/.git/HEAD")
      try folder.write("ref: refs/heads/main\n", to: "branch/.git/HEAD")
      try folder.write("\(hash)\n", to: "branch/.git/refs/heads/main")
      try folder.write("ref: refs/heads/main\n", to: "packed/.git/HEAD")
      try folder.write("# pack-refs\n\(hash) refs/heads/main\n", to: "packed/.git/packed-refs")
      try folder.write("gitdir: ../branch/.git/worktrees/tree\n", to: "tree/.git")
      try folder.write("ref: refs/heads/side\n", to: "branch/.git/worktrees/tree/HEAD")
      try folder.write("../..\n", to: "branch/.git/worktrees/tree/commondir")
      try folder.write("\(hash)\n", to: "branch/.git/refs/heads/side")
      try folder.write("ref: refs/heads/unborn\n", to: "empty/.git/HEAD")
      for name in ["detached", "branch", "packed", "tree"] {
        #expect(RunEnvironment.commit(root: folder.appending(path: name)) == hash, "\(name)")
      }
      #expect(RunEnvironment.commit(root: folder.appending(path: "empty")) == "unknown")
    }
  }

  @Test("this machine is described, and one product has one thread")
  func current() {
    let environment = RunEnvironment.current(root: projectRoot, jobs: 2)
    #expect(!environment.cpu.isEmpty && !environment.host.isEmpty && !environment.blas.kernel.isEmpty)
    #expect(environment.blas.threads == 1)
    #expect(environment.date.hasSuffix("Z"))
  }
}
