import Foundation
import Replications
import Tensors
import Testing
import Transformer

@testable import replicate

// The model is a tiny GPT-2 of fixtures/transformer, with the numbers that Hugging Face's transformers gives for it.
@Suite("The command on models") struct ModelCommandTests {
  private static let model = projectRoot.appending(path: "fixtures/transformer/families/gpt2").path
  private static let tokenizer = projectRoot.appending(path: "fixtures/tokenizers/characters/tokenizer.json").path
  private static let five = "13,59,49,6,39"

  @Test("inspect shows family, configuration, tensors and parameters")
  func inspect() async throws {
    let text = await printed("inspect", Self.model)
    #expect(text.contains("family         gpt2\nformat         safetensors\nparameters     6496\n"))
    #expect(text.contains("  nHeads                    4\n"))
    #expect(text.contains("transformer.h.0.attn.c_attn.weight  F32   [16, 48]\n"))
    let summary = try object(await printed("inspect", Self.model, "--json"))
    #expect(summary["family"] as? String == "gpt2" && summary["parameters"] as? Int == 6496)
    #expect((summary["configuration"] as? [String: Any])?["dMLP"] as? Int == 40)
  }

  @Test("inspect says positions and windows in words, and the family of a file that has its own format")
  func inspectWords() async throws {
    let mistral = await printed("inspect", projectRoot.appending(path: "fixtures/transformer/families/mistral").path)
    #expect(mistral.contains("  positions                 rotary: 4 dimensions, base 10000.0, halves\n"))
    #expect(mistral.contains("  windows                   4, 4\n"))
    let gpt2 = await printed("inspect", projectRoot.appending(path: "fixtures/checkpoints/llmc-float32.bin").path)
    #expect(gpt2.contains("family         gpt2\nformat         llm.c\n"))
  }

  @Test("run and patch refuse a model whose numbers are none")
  func notNumbers() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.appending(path: "model").path
      var model = try HookedTransformer(contentsOf: Self.model)
      model.W_E = model.W_E.map { _ in .nan }
      try model.save(to: path)
      let prompts = ["--clean", "1,2", "--corrupted", "1,3", "--answer", "4", "--wrong", "5", "--activation", "z"]
      for arguments in [["run", path, "--tokens", "1,2"], ["patch", path] + prompts] {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          [arguments = arguments as [String]] in await runModelCommand(arguments)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("are not numbers"), "\(message)")
      }
    }
  }

  @Test("run shows the likeliest next tokens and the loss, and writes the activations for Python")
  func run() async throws {
    try await withTemporaryFolder { folder in
      let cache = folder.appending(path: "cache.safetensors").path
      let reference = try Checkpoint(at: Self.model + "/reference.safetensors")
      let summary = try object(
        await printed("run", Self.model, "--tokens", Self.five, "--top", "3", "--cache", cache, "--json"))
      let loss = try #require(summary["loss"] as? Double)
      #expect(abs(loss - Double(try reference.tensor("loss.five").scalar)) < 1e-5)
      let top = try #require(summary["top"] as? [[String: Any]])
      #expect(top.map { $0["token"] as? Int } == [3, 1, 50])
      #expect(abs(try #require(top[0]["probability"] as? Double) - 0.6707) < 1e-4)

      let file = try Checkpoint(at: cache)
      #expect(file.names.first == "hook_embed" && file.names.last == "logits")
      #expect(try file.shape(of: "blocks.1.attn.hook_pattern") == [1, 4, 5, 5])
      let expected = try reference.tensor("logits.five")
      #expect(try file.tensor("logits").isApproximatelyEqual(to: expected, absolute: 2e-5))

      _ = await printed(
        "run", Self.model, "--tokens", Self.five, "--cache", cache, "--names", "hook_resid_pre$", "--processed")
      let part = try Checkpoint(at: cache)
      #expect(part.names == ["blocks.0.hook_resid_pre", "blocks.1.hook_resid_pre", "logits"])
      let centred = expected - expected.mean(axis: 2, keepingAxis: true)
      #expect(try part.tensor("logits").isApproximatelyEqual(to: centred, absolute: 5e-5))
      #expect(folder.files == ["cache.safetensors"])
    }
  }

  @Test("run reads text with a tokenizer and an explicit choice of BOS")
  func text() async throws {
    let named = ["--tokenizer", Self.tokenizer]
    let text = await printed(["run", Self.model, "--text", "(1+2)", "--no-bos", "--top", "1"] + named)
    #expect(text.contains("next  probability  logit"))
    func tokens(_ bos: String) async throws -> [Int]? {
      try object(await printed(["run", Self.model, "--text", "H=2", bos, "--json"] + named))["tokens"] as? [Int]
    }
    let plain = try #require(try await tokens("--no-bos"))
    #expect(try await tokens("--bos") == [1] + plain)
  }

  @Test("generate writes what Hugging Face writes, and draws by seed")
  func generate() async throws {
    let greedy = await printed("generate", Self.model, "--tokens", Self.five, "--max-new-tokens", "12")
    #expect(greedy == "3,14,3,22,50,50,50,50,50,50,50,50\n")
    func drawn(_ seed: String) async -> String {
      await printed(
        "generate", Self.model, "--tokens", Self.five, "--max-new-tokens", "12", "--temperature", "2", "--top-k", "40",
        "--top-p", "0.99", "--seed", seed)
    }
    let first = await drawn("1")
    #expect(await drawn("1") == first)
    #expect(await drawn("2") != first)
  }

  @Test("tokenize shows ids and pieces")
  func tokenize() async throws {
    let text = await printed("tokenize", Self.tokenizer, "--text", "2+1", "--bos")
    let tokens = text.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: " ").first.flatMap { Int($0) }
    }
    #expect(tokens == [1, 13, 6, 12])
  }

  @Test("patch shows how far each patch goes from the corrupted run to the clean one")
  func patch() async throws {
    func rows(_ activation: String) async throws -> [[Double]] {
      let summary = try object(
        await printed(
          "patch", Self.model, "--clean", "13,59,49,6,39", "--corrupted", "13,22,49,6,39", "--answer", "3", "--wrong",
          "1", "--activation", activation, "--json"))
      return try #require(summary["moved"] as? [[Double]])
    }
    let stream = try await rows("resid_pre")
    #expect(stream.map(\.count) == [5, 5])
    // Before the first block only the position that differs carries the difference, and all of it.
    for (position, moved) in stream[0].enumerated() { #expect(abs(moved - (position == 1 ? 1 : 0)) < 1e-4) }
    #expect(try await rows("z").map(\.count) == [4, 4])
    let text = await printed(
      "patch", Self.model, "--clean", " 13, 59 ", "--corrupted", "13,22", "--answer", "3", "--wrong", "1",
      "--activation", "resid_pre")
    #expect(text.contains("layer  pos 0  pos 1\n0      0.000  1.000\n"))
  }

  @Test(
    "wrong usage exits with 2 and says what was expected",
    arguments: [
      ("run MODEL", "Give one of --tokens and --text."), ("run MODEL --text a", "--text needs --bos or --no-bos."),
      ("run MODEL --tokens 1 --bos", "--bos and --no-bos belong to --text."),
      ("run MODEL --tokens 1,x", "\"x\" in \"1,x\" is no token"),
      ("run MODEL --tokens 1,61", "the token 61 is outside the model's 61 tokens"),
      ("run MODEL --tokens 1 --names q", "--names says what --cache writes"),
      ("run MODEL --tokens 1 --cache /nowhere/c --names hook_nothing", "no hook point of this model is chosen by"),
      ("run MODEL --tokens 1 --cache /nowhere/c --names (", "is no regular expression"),
      ("generate MODEL --tokens 1 --max-new-tokens 40", "do not fit the model's context of 32"),
      ("generate MODEL --tokens 1 --temperature 0", "--temperature must be positive"),
      ("tokenize MODEL --text a", "Missing one of"),
      (
        "patch MODEL --clean 1,2 --corrupted 1 --answer 3 --wrong 4 --activation z",
        "the clean text has 2 tokens and the corrupted one 1"
      ),
    ])
  func usage(arguments: String, expected: String) async {
    let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
      [arguments = arguments.replacing("MODEL", with: Self.model) as String] in
      await runModelCommand(arguments.split(separator: " ").map(String.init))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(expected))
  }

  @Test("numbers of a list that no comma parts are not one number", arguments: ["1 2 3", "1,2 3", "1,,2", ""])
  func lists(tokens: String) async {
    let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
      [all = "run\n\(Self.model)\n--tokens\n\(tokens)" as String] in
      await runModelCommand(all.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("is no token"))
  }

  @Test(
    "a model that cannot be read, or a file that cannot be written, exits with 3",
    arguments: [
      ("inspect /nowhere/model", "/nowhere/model"), ("run /nowhere/model --tokens 1", "/nowhere/model"),
      ("run MODEL --text a --no-bos", "tokenizer.json"),
      ("run MODEL --tokens 1 --cache /nowhere/cache.safetensors", "/nowhere/cache.safetensors: cannot be written"),
    ])
  func unreadable(arguments: String, expected: String) async {
    let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
      [arguments = arguments.replacing("MODEL", with: Self.model) as String] in
      await runModelCommand(arguments.split(separator: " ").map(String.init))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.hasPrefix("error: ") && text.contains(expected))
  }

  private func printed(_ arguments: String...) async -> String { await printed(arguments) }

  private func printed(_ arguments: [String]) async -> String {
    let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
      [all = arguments.joined(separator: "\n") as String] in
      await runModelCommand(all.split(separator: "\n").map(String.init))
    }
    return String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}

/// Runs `replicate model` with arguments, and exits with its code.
private func runModelCommand(_ arguments: [String]) async {
  exit(await Replicate.run(["model"] + arguments))
}
