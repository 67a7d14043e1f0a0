// Small language models that others have trained, and what they published about them. The files lie in the folder that
// REPLICATIONS_MODELS names or in `shared/data` beside the package; without them these tests are skipped.

import Foundation
import Tensors
import Testing

@testable import Transformer

/// Where a test looks for models and data that are no part of the project.
enum OutsideFiles {
  private static let folders: [String] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["REPLICATIONS_MODELS"]
    return [named, root.deletingLastPathComponent().appending(path: "shared/data").path].compactMap(\.self)
  }()

  /// The path of a file or folder, if it is there.
  static func find(_ name: String) -> String? {
    folders.map { $0 + "/" + name }.first { FileManager.default.fileExists(atPath: $0) }
  }
}

@Suite("Trained models")
struct TrainedModelsTests {
  private static let stories = OutsideFiles.find("tinyllamas/stories260K.bin")
  private static let babyLlama = OutsideFiles.find("babyllama/tok105_model5000.bin")
  private static let text = OutsideFiles.find("tinystories-sample/tinystories_sample_2MiB.txt")

  @Test(
    .enabled(
      if: stories != nil,
      "tinyllamas/stories260K.bin (huggingface.co/karpathy/tinyllamas) is not under REPLICATIONS_MODELS"))
  func `stories260K tells the story that llama2.c publishes, byte for byte`() throws {
    let model = try HookedTransformer(contentsOf: try #require(Self.stories))
    let pieces = try Self.pieces(try #require(OutsideFiles.find("tinyllamas/tok512.bin")))
    #expect(model.configuration.nKeyValueHeads == 4 && model.configuration.tiesEmbeddings)
    // Greedy: 200 tokens after the beginning of text, as `run -t 0.0 -n 200`.
    var tokens = [1]
    var options = RunOptions()
    options.logits = .last
    for _ in 0..<200 {
      tokens.append(try #require(try model.run(TokenBatch(tokens), options).logits).value.argmax())
    }
    var bytes = tokens.dropFirst().flatMap { pieces[$0] }
    if bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
    // The text of llama2.c's own test (test_all.py).
    let expected = """
      Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a \
      big, red ball. She wanted to play with it, but it was too high.
      Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, "I want to play \
      with your ball, but I can't find it."
      Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
      Lily didn't want to help her mom, so she
      """
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  @Test(
    .enabled(
      if: babyLlama != nil && text != nil,
      """
      babyllama/tok105_model5000.bin (github.com/EN10/BabyLlama) or tinystories-sample is not under REPLICATIONS_MODELS
      """))
  func `a character-level Llama reaches its published loss`() throws {
    let model = try HookedTransformer(contentsOf: try #require(Self.babyLlama))
    let folder = try #require(OutsideFiles.find("babyllama"))
    let lines = try String(contentsOfFile: folder + "/tok105.vocab", encoding: .utf8).split(separator: "\n")
    var ids: [Character: Int] = [:]
    for (id, line) in lines.enumerated() {
      let piece = line.prefix { $0 != "\t" }
      if piece.count == 1, let character = piece.first { ids[character == "▁" ? " " : character] = id }
    }
    let text = try String(contentsOfFile: try #require(Self.text), encoding: .utf8)
    // As in training: stories one after the other, each after a beginning of text and, as SentencePiece has it, a
    // space; a line break is unknown. What follows is cut into windows of the context.
    let stories = text.components(separatedBy: "<|endoftext|>")
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { $0.count > 300 }.prefix(40)
    let stream = stories.flatMap { story in [1] + " \(story)".map { ids[$0] ?? 0 } }
    let context = model.configuration.nContext
    let windows = stride(from: 0, to: stream.count - context, by: context).map { stream[$0..<$0 + context] }
    #expect(windows.count > 100)
    let losses = windows.map { model.loss(TokenBatch(Array($0))) }
    // Published: 0.7366 nats a character on the validation set; a hundred windows scatter by 0.014 about their mean.
    #expect(abs(losses.reduce(0, +) / Float(losses.count) - 0.7366) < 0.05)
  }

  /// The bytes of each token of a llama2.c tokenizer: its longest piece's length, then score, length and bytes of each.
  private static func pieces(_ path: String) throws -> [[UInt8]] {
    let data = try Data(contentsOf: URL(filePath: path))
    var place = 4
    var pieces: [[UInt8]] = []
    while place + 8 <= data.count {
      let length = (0..<4).reduce(0) { $0 | Int(data[place + 4 + $1]) << (8 * $1) }
      var piece = Array(data[place + 8..<place + 8 + length])
      // A raw byte is written as <0x0A>.
      if piece.count == 6, piece.starts(with: Array("<0x".utf8)),
        let byte = UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
      {
        piece = [byte]
      }
      pieces.append(piece)
      place += 8 + length
    }
    return pieces
  }
}
