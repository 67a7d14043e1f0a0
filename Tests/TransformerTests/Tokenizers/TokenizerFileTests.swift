import Foundation
import Testing
import Transformer

@Suite("Tokenizer files")
struct TokenizerFileTests {
  /// What is said about a file of this content.
  private func error(_ content: some Collection<UInt8>, name: String = "tokenizer.json") throws -> String {
    var description = "no error"
    try TemporaryFolder.with { folder in
      let file = folder.appending(path: name)
      try Data(content).write(to: file)
      do throws(TokenizerError) {
        _ = try Tokenizer(contentsOf: file)
      } catch {
        #expect(error.file == file.path)
        description = "\(error.key): \(error.reason)"
      }
    }
    return description
  }

  /// What is said about the smallest file after a replacement in it.
  private func error(replacing part: String, with replacement: String) throws -> String {
    let whole = """
      {"added_tokens": [{"id": 3, "content": "<s>", "special": true}],
       "normalizer": {"type": "NFC"},
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "unk_token": null, "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
      """
    try #require(whole.contains(part))
    return try error(whole.replacingOccurrences(of: part, with: replacement).utf8)
  }

  @Test("are read when nothing is wrong")
  func sound() throws { #expect(try error(replacing: "NFC", with: "NFC") == "no error") }

  @Test(
    "of the JSON kind say what is wrong and where",
    arguments: [
      ("\"NFC\"", "\"NFC", "byte"),
      (
        "\"NFC\"", "\"Lowercase\"",
        "normalizer: expected the normalizer Sequence, NFC, Prepend or Replace, found Lowercase"
      ),
      ("\"NFC\"", "1", "normalizer.type: expected a text, found an integer"),
      ("{\"type\": \"NFC\"}", "{}", "normalizer: expected a member \"type\""),
      (
        "{\"type\": \"NFC\"}", #"{"type": "Replace", "pattern": {"Regex": "a"}, "content": ""}"#,
        "normalizer.pattern: expected a pattern of the kind String"
      ),
      ("\"ByteLevel\", ", "\"Whitespace\", ", "found Whitespace"),
      (
        "\"type\": \"ByteLevel\", ", #""type": "Split", "behavior": "Isolated", "pattern": {"Regex": "\\d"}, "#,
        #"pre_tokenizer.pattern.Regex: expected the pattern of GPT-2, cl100k (Llama 3), Qwen 2 or o200k, found \d"#
      ),
      (
        "\"type\": \"ByteLevel\", ", #""type": "Split", "behavior": "Contiguous", "pattern": {"String": "a"}, "#,
        "pre_tokenizer.behavior: expected Isolated, MergedWithPrevious or MergedWithNext, without invert"
      ),
      ("{\"type\": \"ByteLevel\"}", "{\"type\": \"WordPiece\"}", "found WordPiece"),
      ("\"BPE\"", "\"Unigram\"", "model.type: expected the model BPE, found Unigram"),
      (
        "\"unk_token\": null", "\"unk_token\": \"u\"",
        "model.unk_token: expected a piece of the vocabulary, found \"u\""
      ),
      ("\"unk_token\": null", "\"dropout\": 0.1", "model.dropout: expected no dropout"),
      ("\"unk_token\": null", "\"end_of_word_suffix\": \"</w>\"", "model.end_of_word_suffix: expected no affix, found"),
      ("\"b\": 1", "\"b\": 0", "model.vocab.b: expected an id of its own, found 0 a second time"),
      ("\"b\": 1", "\"a\": 1", "byte"),
      ("\"b\": 1", "\"b\": -1", "model.vocab.b: expected an id from 0 to 16777215, found -1"),
      ("\"b\": 1", "\"b\": 99999999999", "model.vocab.b: expected an id from 0 to 16777215"),
      ("\"b\": 1", "\"b\": 1.5", "model.vocab.b: expected an integer, found a number"),
      ("\"a b\"", "\"a c\"", "model.merges[0]: expected pieces of the vocabulary, found \"c\""),
      ("\"a b\"", "\"b a\"", "model.merges[0]: expected pieces of the vocabulary, found \"ba\""),
      ("\"a b\"", "\"a b a\"", "model.merges[0]: expected two pieces with one space between them"),
      ("\"a b\"", "[\"a\"]", "model.merges[0]: expected two pieces"),
      ("\"a b\"", "7", "model.merges[0]: expected two pieces"),
      ("\"id\": 3", "\"id\": 2", "added_tokens[0]: expected an id of its own, found 2 a second time"),
      ("\"<s>\"", "\"ab\"", "added_tokens[0]: expected the id 2 that the vocabulary has for this piece, found 3"),
      ("\"id\": 3", "\"id\": -3", "added_tokens[0]: expected an id from 0"),
      ("\"special\": true", "\"special\": 1", "added_tokens[0].special: expected a truth value, found an integer"),
      ("\"model\"", "\"modell\"", "expected a member \"model\""),
    ])
  func faults(_ part: String, _ replacement: String, _ reason: String) throws {
    let found = try error(replacing: part, with: replacement)
    #expect(found.contains(reason))
  }

  @Test("that are absent are named")
  func absent() throws {
    #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: URL(filePath: "/no/such/folder")) }
    try TemporaryFolder.with { folder in
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: folder) }
      #expect(error?.reason.contains("expected tokenizer.json, vocab.json with merges.txt") == true)
    }
    #expect(try error([], name: "tokenizer.txt").contains("expected the extension json or bin"))
  }

  @Test("of GPT-2's kind name the line of a bad merge, and the class that is unknown")
  func twoFiles() throws {
    try TemporaryFolder.with { folder in
      try Data(#"{"a": 0, "b": 1, "ab": 2}"#.utf8).write(to: folder.appending(path: "encoder.json"))
      try Data("#version: 0.2\na b\nb c\n".utf8).write(to: folder.appending(path: "vocab.bpe"))
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: folder) }
      #expect(error?.description.hasSuffix("vocab.bpe: line 3: expected pieces of the vocabulary, found \"c\"") == true)

      try Data("#version: 0.2\na b\n".utf8).write(to: folder.appending(path: "vocab.bpe"))
      let tokenizer = try Tokenizer(contentsOf: folder)
      #expect(try tokenizer.toTokens("abba", prependBOS: false, parsingSpecial: true) == [2, 1, 0])
      #expect(tokenizer.bosToken == nil)

      try Data(#"{"tokenizer_class": "BertTokenizer"}"#.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
      let other = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: folder) }
      #expect(other?.key == "tokenizer_class")
    }
  }

  @Test("of GPT-2's kind take special tokens from the files beside them, as OPT does")
  func specialTokensOfTwoFiles() throws {
    try TemporaryFolder.with { folder in
      try Data(#"{"a": 0, "b": 1, "</s>": 2, "<pad>": 3}"#.utf8).write(to: folder.appending(path: "vocab.json"))
      try Data("#version: 0.2\n".utf8).write(to: folder.appending(path: "merges.txt"))
      let settings = #"{"tokenizer_class": "GPT2Tokenizer", "bos_token": {"content": "</s>"}, "pad_token": "<pad>"}"#
      try Data(settings.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
      let tokenizer = try Tokenizer(contentsOf: folder)
      #expect([tokenizer.bosToken, tokenizer.eosToken, tokenizer.padToken] == [2, 2, 3])
      #expect(try tokenizer.toTokens("a</s>b", prependBOS: true, parsingSpecial: true) == [2, 0, 2, 1])
    }
  }

  /// A llama2.c file of pieces with scores.
  private func binary(_ pieces: [(String, Float)]) -> [UInt8] {
    func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    return word(8)
      + pieces.flatMap { word($1.bitPattern) + word(UInt32($0.utf8.count)) + Array($0.utf8) }
  }

  @Test("of llama2.c merge the highest score first, from left to right")
  func scores() throws {
    let special: [(String, Float)] = [("<unk>", 0), ("\n<s>\n", 0), ("\n</s>\n", 0)]
    let letters: [(String, Float)] = [(" ", -9), ("a", -9), ("b", -9), ("c", -9)]
    let pairs: [(String, Float)] = [("ab", -2), ("bc", -1), ("abc", -3), (" a", -4), ("aa", -5)]
    try TemporaryFolder.with { folder in
      try Data(binary(special + letters + pairs)).write(to: folder.appending(path: "tokenizer.bin"))
      let tokenizer = try Tokenizer(contentsOf: folder)
      func texts(_ text: String) throws -> [String] {
        try tokenizer.toStrTokens(text, prependBOS: false, parsingSpecial: false)
      }
      #expect(try texts("abc") == [" ", "abc"])
      #expect(try texts("ab") == [" ", "ab"])
      #expect(try texts("aaa") == [" a", "aa"])
      #expect(try texts("a?b") == [" a", "<unk>", "b"])
      #expect(try tokenizer.toString([1, 3, 9], skippingSpecial: true) == "abc")
      #expect([tokenizer.bosToken, tokenizer.eosToken, tokenizer.unknownToken] == [1, 2, 0])
    }
  }

  @Test("of llama2.c say what is wrong and where")
  func brokenBinary() throws {
    let sound = binary([("<unk>", 0), ("<s>", 0), ("</s>", 0), ("a", -1)])
    #expect(try error(sound, name: "tokenizer.bin") == "no error")
    #expect(
      try error(sound.dropLast(), name: "t.bin").contains("piece 3 at byte 40: expected a length from 0 to 0, found 1"))
    #expect(try error(sound.dropLast(3), name: "t.bin").contains("byte 44: expected four bytes of a length"))
    #expect(try error(sound.prefix(2), name: "t.bin").contains("byte 0: expected four bytes of the longest piece"))
    #expect(try error(sound.prefix(4), name: "t.bin").contains("at least the pieces of unknown, BOS and EOS"))
    let repeated = binary([("<unk>", 0), ("<s>", 0), ("</s>", 0), ("a", -1), ("a", -2)])
    #expect(try error(repeated, name: "t.bin").contains("found \"a\" a second time"))
    #expect(try error(binary([("a", .nan)]), name: "t.bin").contains("expected a finite score"))
    #expect(try error(sound.dropLast() + [0xff], name: "t.bin").contains("expected UTF-8"))
  }
}
