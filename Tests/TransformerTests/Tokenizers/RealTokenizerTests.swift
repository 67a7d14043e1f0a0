import Foundation
import Testing
import Transformer

@Suite("The real tokenizers")
struct RealTokenizerTests {
  static let hasGPT2 = TokenizerFixtures.hasData("gpt2-tokenizer/encoder.json")
  static let hasNeoX = TokenizerFixtures.hasData("neox-tokenizer/20B_tokenizer.json")
  static let hasTinyLlama = TokenizerFixtures.hasData("tinyllamas/tok512.bin")

  private func differences(_ path: String, _ cases: String) throws -> [String] {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixtures.data(path))
    return try TokenizerCases(cases).differences(from: tokenizer)
  }

  @Test(
    "of GPT-2 agrees with Hugging Face",
    .enabled(if: hasGPT2, "not evaluated: gpt2-tokenizer is neither under REPLICATIONS_MODELS nor in shared/data"))
  func gpt2() throws {
    let differences = try differences("gpt2-tokenizer", "real/gpt2.json")
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4).joined(separator: "\n"))")
  }

  @Test(
    "of GPT-NeoX agrees with Hugging Face",
    .enabled(if: hasNeoX, "not evaluated: neox-tokenizer is neither under REPLICATIONS_MODELS nor in shared/data"))
  func neox() throws {
    let differences = try differences("neox-tokenizer/20B_tokenizer.json", "real/neox.json")
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4).joined(separator: "\n"))")
  }

  @Test(
    "of stories260K agrees with a BPE model of the same pieces",
    .enabled(if: hasTinyLlama, "not evaluated: tinyllamas is neither under REPLICATIONS_MODELS nor in shared/data"))
  func tinyLlama() throws {
    let differences = try differences("tinyllamas/tok512.bin", "real/tok512.json")
    #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(4).joined(separator: "\n"))")
  }

  @Test(
    "of GPT-2 gives the published ids",
    .enabled(if: hasGPT2, "not evaluated: gpt2-tokenizer is neither under REPLICATIONS_MODELS nor in shared/data"))
  func gpt2Vectors() throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixtures.data("gpt2-tokenizer"))
    #expect(tokenizer.vocabularySize == 50257)
    #expect(tokenizer.bosToken == 50256)
    #expect(tokenizer.eosToken == 50256)
    for (text, ids) in PublishedTokens.gpt2 {
      #expect(try tokenizer.toTokens(text, prependBOS: false, parsingSpecial: false) == ids, "\(text)")
    }
    #expect(try tokenizer.toTokens("<|endoftext|>", prependBOS: true, parsingSpecial: true) == [50256, 50256])
    #expect(try tokenizer.toSingleToken(" John") == 1757)
    #expect(try tokenizer.toString([50256, 1757]) == "<|endoftext|> John")
  }

  @Test(
    "of GPT-NeoX gives the published ids",
    .enabled(if: hasNeoX, "not evaluated: neox-tokenizer is neither under REPLICATIONS_MODELS nor in shared/data"))
  func neoxVectors() throws {
    let tokenizer = try Tokenizer(
      contentsOf: TokenizerFixtures.data("neox-tokenizer/20B_tokenizer.json"))
    #expect(tokenizer.vocabularySize == 50277)
    #expect(tokenizer.bosToken == 0)
    #expect(tokenizer.padToken == 1)
    for (text, ids) in PublishedTokens.neox {
      #expect(try tokenizer.toTokens(text, prependBOS: false, parsingSpecial: true) == ids, "\(text)")
    }
  }

  @Test(
    "of stories260K gives stories back",
    .enabled(if: hasTinyLlama, "not evaluated: tinyllamas is neither under REPLICATIONS_MODELS nor in shared/data"),
    arguments: [
      "Once upon a time, there was a little girl named Lily.", " two  spaces ", "", "line\n\tnext", "日本 👩‍👩‍👧 é",
      "a\0b",
    ])
  func roundTrip(_ text: String) throws {
    let tokenizer = try Tokenizer(contentsOf: TokenizerFixtures.data("tinyllamas/tok512.bin"))
    #expect(tokenizer.vocabularySize == 512)
    let tokens = try tokenizer.toTokens(text, prependBOS: true, parsingSpecial: false)
    #expect(tokens.first == 1)
    #expect(try tokenizer.toString(tokens, skippingSpecial: true).utf8.elementsEqual(text.utf8))
  }
}
