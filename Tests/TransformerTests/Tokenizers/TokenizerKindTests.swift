import Foundation
import Testing
import Transformer

@Suite("Tokenizers agree with Hugging Face on every text")
struct TokenizerKindTests {
  @Test(
    "that read tokenizer.json",
    arguments: [
      "gpt2", "neox", "llama3", "qwen2", "llama2", "llama2-metaspace", "prefix-space", "o200k", "metaspace", "gemma",
      "characters",
    ])
  func kind(_ name: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixtures.folder.appending(path: name))
    let differences = try TokenizerCases("\(name)/cases.json").differences(from: tokenizer)
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4).joined(separator: "\n"))")
  }

  @Test("that read vocab.json and merges.txt")
  func twoFiles() throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixtures.folder.appending(path: "gpt2-files"))
    let differences = try TokenizerCases("gpt2/cases.json").differences(from: tokenizer)
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4).joined(separator: "\n"))")
  }
}
