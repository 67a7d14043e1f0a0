import Foundation
import Replications
import Testing

@testable import replicate

@Suite("The command: models") struct ModelsCommandTests {
  private let catalogue = """
    assets:
      - id: small
        file: a/small.bin
        url: https://example.org/small.bin
        sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
        bytes: 3
        licence: MIT
      - id: other
        file: other.bin
        url: https://example.org/other.bin
        sha256: cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34
        bytes: 3
        licence: Apache-2.0
        derivation: a shift by three

    """

  /// Runs the command in a package with the catalogue, and gives its output.
  private func run(
    _ arguments: String, in folder: URL, expecting code: Int32 = 0
  ) async throws -> (output: String, errors: String) {
    let result = await #expect(
      processExitsWith: .exitCode(code), observing: [\.standardOutputContent, \.standardErrorContent]
    ) { [arguments = arguments as String, path = folder.path as String] in
      setenv("REPLICATIONS_MODELS", path + "/models", 1)
      await runCommand(arguments.split(separator: " ").map(String.init) + ["--root", path])
    }
    return (output(of: result), errors(of: result))
  }

  @Test("what is fetched from a folder is listed, verified, and left alone the next time")
  func fetches() async throws {
    try await withPackage { folder in
      try folder.write(catalogue, to: "fixtures/assets.yaml")
      try folder.write(
        demoClaimsFile.replacing("needs: []", with: "needs: [small]"), to: "papers/doe2020demo/claims.yaml")
      try folder.write("abc", to: "stick/a/small.bin")
      let file = folder.path + "/models/a/small.bin"
      let listed = try await run("models list", in: folder).output
      #expect(listed.contains("small  3 B   no    MIT         1 claim of Demo\n"))
      #expect(
        try await run("models fetch --from \(folder.path)/stick", in: folder).output == "small: 3 B, \(file)\n")
      #expect(try await run("models fetch small", in: folder).output == "small: is there, \(file)\n")
      #expect(try await run("models verify", in: folder).output == "small: as stated, \(file)\n")
      #expect(try await run("models list --json", in: folder).output.contains("\"place\" : \"\(file)\""))
    }
  }

  @Test("a wrong or missing file exits with 3 when it is fetched and 1 when it is verified; an unknown id with 2")
  func codes() async throws {
    try await withPackage { folder in
      try folder.write(catalogue, to: "fixtures/assets.yaml")
      try folder.write("abd", to: "stick/a/small.bin")
      let fetch = try await run("models fetch small other --from \(folder.path)/stick", in: folder, expecting: 3)
      #expect(fetch.errors.contains("is another file and was not kept: its SHA-256 is a52d159f"))
      #expect(fetch.errors.contains("other: \(folder.path)/stick/other.bin could not be read: there is no such file"))
      #expect(folder.appending(path: "models").files == [])
      #expect(try await !run("models verify", in: folder).output.contains("small"))
      let missing = try await run("models verify other", in: folder, expecting: 1)
      #expect(missing.output.hasPrefix("other: other.bin is not under REPLICATIONS_MODELS"))
      try folder.write("abd", to: "models/a/small.bin")
      #expect(try await run("models verify", in: folder, expecting: 1).output.contains("is another file: its SHA-256"))
      #expect(try await run("models fetch nonsense", in: folder, expecting: 2).errors.contains("no asset \"nonsense\""))
    }
  }
}
