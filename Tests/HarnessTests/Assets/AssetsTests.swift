import Foundation
import Testing

@testable import Replications

@Suite("Assets") struct AssetsTests {
  private func file(sha256: String, path: String = "gpt2/model.bin", id: String = "gpt2-small") -> String {
    """
    assets:
      - id: \(id)
        file: \(path)
        url: https://example.org/model.bin
        sha256: \(sha256)
        bytes: 3
        licence: MIT

    """
  }
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test("a file with the stated hash is found where REPLICATIONS_MODELS says")
  func found() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(file(sha256: abc), to: "fixtures/assets.yaml")
      try folder.write("abc", to: "models/gpt2/model.bin")
      let assets = try Assets(
        root: folder, environment: ["REPLICATIONS_MODELS": folder.appending(path: "models").path])
      #expect(try assets.file("gpt2-small").path == "\(folder.path)/models/gpt2/model.bin")
      #expect(assets.assets["gpt2-small"]?.licence == "MIT")
    }
  }

  @Test("a file beside the package is found too")
  func beside() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(file(sha256: abc), to: "package/fixtures/assets.yaml")
      try folder.write("abc", to: "shared/data/gpt2/model.bin")
      let assets = try Assets(root: folder.appending(path: "package"), environment: [:])
      #expect(try assets.file("gpt2-small").lastPathComponent == "model.bin")
    }
  }

  @Test("a file in Hugging Face's cache is found by its address, with the owner's name or without")
  func huggingFace() async throws {
    let commit = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
    let address = "https://huggingface.co/openai-community/gpt2/resolve/\(commit)/model.bin"
    for repository in ["models--openai-community--gpt2", "models--gpt2"] {
      try await withTemporaryFolder { folder in
        let catalogue = file(sha256: abc).replacing("https://example.org/model.bin", with: address)
        try folder.write(catalogue, to: "package/fixtures/assets.yaml")
        let environment = ["HF_HUB_CACHE": folder.appending(path: "hub").path]
        let root = folder.appending(path: "package")
        #expect(throws: AssetError.missing(id: "gpt2-small", file: "gpt2/model.bin", url: address)) {
          try Assets(root: root, environment: environment).file("gpt2-small")
        }
        try folder.write("abc", to: "hub/\(repository)/snapshots/\(commit)/model.bin")
        let found = try Assets(root: root, environment: environment).file("gpt2-small")
        #expect(found.path.hasSuffix("hub/\(repository)/snapshots/\(commit)/model.bin"))
      }
    }
    #expect(HuggingFaceCache.folder(in: ["HF_HOME": "/h", "HF_HUB_CACHE": ""]).path == "/h/hub")
    #expect(HuggingFaceCache.folder(in: ["HOME": "/u"]).path == "/u/.cache/huggingface/hub")
    #expect(HuggingFaceCache.places(of: "https://example.org/a/b/resolve/c/d", in: URL(filePath: "/")).isEmpty)
  }

  @Test("where either of two files will do, the first that is there is taken")
  func alternatives() async throws {
    try await withTemporaryFolder { folder in
      let second = file(sha256: abc, path: "part/model.bin", id: "part").replacing("assets:\n", with: "")
      try folder.write(file(sha256: abc) + second, to: "fixtures/assets.yaml")
      let environment = ["REPLICATIONS_MODELS": folder.appending(path: "models").path, "HOME": folder.path]
      func assets() throws -> Assets { try Assets(root: folder, environment: environment) }
      let why = #expect(throws: AssetError.self) { try assets().first(of: "gpt2-small or part") }?.description ?? ""
      #expect(why.contains("gpt2/model.bin is not under") && why.contains("; or part: part/model.bin is not under"))
      try folder.write("abc", to: "models/part/model.bin")
      #expect(try assets().first(of: "gpt2-small or part").id == "part")
      #expect(try assets().first(of: "part").id == "part")
      try folder.write("abc", to: "models/gpt2/model.bin")
      #expect(try assets().first(of: "gpt2-small or part").id == "gpt2-small")
      #expect(try assets().first(of: "gpt2-small or part").file.lastPathComponent == "model.bin")
    }
  }

  @Test("unknown, missing and altered files are told apart")
  func errors() async throws {
    try await withTemporaryFolder { folder in
      try folder.write(file(sha256: abc), to: "fixtures/assets.yaml")
      let environment = ["REPLICATIONS_MODELS": folder.appending(path: "models").path]
      let missing = try Assets(root: folder, environment: environment)
      func message(_ assets: Assets, _ id: String) -> String? {
        #expect(throws: AssetError.self) { try assets.file(id) }?.description
      }
      #expect(message(missing, "other") == "other: fixtures/assets.yaml states no such asset")
      #expect(
        message(missing, "gpt2-small")
          == "gpt2-small: gpt2/model.bin is not under REPLICATIONS_MODELS; `replicate models fetch gpt2-small` gets it from https://example.org/model.bin"
      )
      try folder.write("abd", to: "models/gpt2/model.bin")
      let altered = try Assets(root: folder, environment: environment)
      #expect(message(altered, "gpt2-small")?.contains("is another file: its SHA-256 is a52d159f") == true)
    }
  }

  @Test("mistakes in the file are named with line and key")
  func mistakes() async throws {
    try await withTemporaryFolder { folder in
      func message(_ text: String) -> String? {
        #expect(throws: Never.self) { try folder.write(text, to: "fixtures/assets.yaml") }
        return #expect(throws: AssetsFileError.self) { try Assets(root: folder, environment: [:]) }?.description
      }
      #expect(message("assets: 1") == "fixtures/assets.yaml:1: assets: must be a list of assets")
      #expect(
        message(file(sha256: abc, path: "../../etc/passwd"))
          == "fixtures/assets.yaml:3: assets[0].file: must be a path inside the folder of models, found ../../etc/passwd"
      )
      #expect(
        message(file(sha256: "abc"))
          == "fixtures/assets.yaml:5: assets[0].sha256: must be 64 lower-case hexadecimal digits, found abc")
      let twice = file(sha256: abc) + file(sha256: abc).split(separator: "\n").dropFirst().joined(separator: "\n")
      #expect(message(twice) == "fixtures/assets.yaml:8: assets[1].id: is stated twice: gpt2-small")
    }
  }
}
