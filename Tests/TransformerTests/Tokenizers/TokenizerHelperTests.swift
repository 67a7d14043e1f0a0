import Foundation
import Testing
import Transformer

@Suite("A tokenizer")
struct TokenizerHelperTests {
  private func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(contentsOf: TokenizerFixtures.folder.appending(path: name))
  }

  @Test("puts BOS in front when asked to")
  func bos() throws {
    let tokenizer = try tokenizer("llama2")
    let without = try tokenizer.toTokens("the store", prependBOS: false, parsingSpecial: false)
    let with = try tokenizer.toTokens("the store", prependBOS: true, parsingSpecial: false)
    #expect(tokenizer.bosToken == 1)
    #expect(with == [1] + without)
    #expect(try tokenizer.toTokens("", prependBOS: true, parsingSpecial: false) == [1])
    #expect(try tokenizer.toTokens("", prependBOS: false, parsingSpecial: false) == [])
  }

  @Test("finds the tokens with a purpose in its own file")
  func purposes() throws {
    let (llama2, llama3, neox) = (try tokenizer("llama2"), try tokenizer("llama3"), try tokenizer("neox"))
    #expect([llama2.bosToken, llama2.eosToken, llama2.padToken, llama2.unknownToken] == [1, 2, nil, 0])
    #expect(llama3.bosToken == llama3.token(ofPiece: "<|begin_of_text|>"))
    #expect(llama3.eosToken == llama3.token(ofPiece: "<|end_of_text|>"))
    #expect(neox.bosToken == neox.token(ofPiece: "<|endoftext|>"))
    #expect(neox.padToken == neox.token(ofPiece: "<|padding|>"))
    #expect(neox.padToken.map(neox.isSpecial) == true)
    #expect(neox.token(ofPiece: "   ").map(neox.isSpecial) == false)
  }

  @Test("finds the tokens with a purpose in the files beside it")
  func settings() throws {
    try TemporaryFolder.with { folder in
      let file = TokenizerFixtures.folder.appending(path: "qwen2/tokenizer.json")
      try FileManager.default.copyItem(at: file, to: folder.appending(path: "tokenizer.json"))
      #expect(try Tokenizer(contentsOf: folder).bosToken == 700)
      let settings = #"{"bos_token": null, "eos_token": {"content": "<|im_end|>"}}"#
      try Data(settings.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
      let map = #"{"bos_token": "<|im_start|>", "pad_token": "<|endoftext|>", "unk_token": "absent"}"#
      try Data(map.utf8).write(to: folder.appending(path: "special_tokens_map.json"))
      let tokenizer = try Tokenizer(contentsOf: folder)
      #expect([tokenizer.bosToken, tokenizer.eosToken, tokenizer.padToken] == [701, 702, 700])
      #expect(tokenizer.unknownToken == nil)

      try Data("{}".utf8).write(to: folder.appending(path: "special_tokens_map.json"))
      let denied = try Tokenizer(contentsOf: folder)
      #expect(denied.bosToken == nil)
      #expect(throws: TokenizerError.self) { try denied.toTokens("a", prependBOS: true, parsingSpecial: false) }
    }
  }

  @Test("shows each token with its own space")
  func strTokens() throws {
    for name in ["gpt2", "llama2", "llama2-metaspace", "metaspace", "o200k", "gemma"] {
      let tokenizer = try tokenizer(name)
      let tokens = try tokenizer.toStrTokens(" the heads of the store", prependBOS: false, parsingSpecial: false)
      let space = ["llama2"].contains(name) ? "  " : " "
      #expect(tokens.joined() == space + "the heads of the store", "\(name)")
      #expect(tokens.contains(" the"))
    }
    let gpt2 = try tokenizer("gpt2")
    #expect(try gpt2.toStrTokens([700, 35]) == ["<|endoftext|>", "D"])
    #expect(try gpt2.toStrTokens("é", prependBOS: false, parsingSpecial: false) == ["é"])
    #expect(try gpt2.toStrTokens("\u{1f980}", prependBOS: false, parsingSpecial: false).joined().contains("\u{fffd}"))
  }

  @Test("has a text that is one token, or says which tokens it is")
  func singleToken() throws {
    let tokenizer = try tokenizer("gpt2")
    let the = try tokenizer.toSingleToken(" the")
    #expect(tokenizer.piece(the) == "Ġthe")
    #expect(tokenizer.token(ofPiece: "Ġthe") == the)
    #expect(try tokenizer.toSingleStrToken(the) == " the")
    #expect(try tokenizer.toSingleToken("<|endoftext|>") == 700)
    let error = #expect(throws: TokenizerError.self) { try tokenizer.toSingleToken("zq") }
    #expect(error?.reason == #"expected one token, found 2: ["z", "q"]"#)
    #expect(throws: TokenizerError.self) { try tokenizer.toSingleToken("") }
  }

  @Test("finds the first and the last position of a token")
  func position() throws {
    let tokenizer = try tokenizer("gpt2")
    func position(_ token: String, _ mode: Tokenizer.Occurrence, bos: Bool) throws -> Int {
      try tokenizer.getTokenPosition(
        token, in: " the the the store", mode: mode, prependBOS: bos, parsingSpecial: false)
    }
    #expect(try position(" the", .first, bos: false) == 0)
    #expect(try position(" the", .first, bos: true) == 1)
    #expect(try position(" the", .last, bos: false) == 2)
    #expect(try position("<|endoftext|>", .first, bos: true) == 0)
    #expect(throws: TokenizerError.self) { try position("q", .first, bos: true) }
    #expect(try tokenizer.getTokenPosition(5, in: [4, 5, 5], mode: .last) == 2)
  }

  @Test("refuses ids that stand for nothing")
  func outside() throws {
    let tokenizer = try tokenizer("gpt2")
    #expect(tokenizer.vocabularySize == 701)
    for id in [-1, 701, .max, .min] {
      #expect(throws: TokenizerError.self) { try tokenizer.toString([id]) }
      #expect(throws: TokenizerError.self) { try tokenizer.toSingleStrToken(id) }
      #expect(tokenizer.piece(id) == nil)
    }
  }

  @Test(
    "takes time in proportion to a line without a space",
    arguments: ["gpt2", "qwen2", "o200k", "llama2"], ["random letters", "a", " ", "E\u{301}\u{323}", "\u{323}\u{301}"])
  func longLine(_ name: String, _ unit: String) throws {
    let tokenizer = try tokenizer(name)
    func seconds(_ count: Int) throws -> Double {
      let line =
        unit == "random letters" ? randomLetters(count) : String(repeating: unit, count: count / unit.utf8.count)
      // The thread's own time, in which waiting for a processor does not count; the better of two.
      return try (0..<(count > 1 << 17 ? 1 : 2)).map { _ in
        let start = threadSeconds()
        let text = try tokenizer.toString(tokenizer.toTokens(line, prependBOS: false, parsingSpecial: false))
        // Only counted, because to compare such strings takes long; composed, each unit has as many bytes as before.
        #expect(text.utf8.count == line.utf8.count)
        return threadSeconds() - start
      }.min() ?? 0
    }
    let (short, long) = (try seconds(1 << 17), try seconds(1 << 20))
    // A megabyte against an eighth of one: eight times the time, or 64 times if it grew with the square.
    #expect(long < 14 * short)
  }

  private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func randomLetters(_ count: Int) -> String {
    var state: UInt64 = 1
    let letters = (0..<count).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 0x61 + UInt8(state >> 33 & 15)
    }
    return String(decoding: letters, as: UTF8.self)
  }
}
