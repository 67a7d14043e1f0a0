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
      """
      not evaluated: tinyllamas/stories260K.bin and tok512.bin (huggingface.co/karpathy/tinyllamas) are neither under \
      REPLICATIONS_MODELS nor in shared/data beside the package
      """))
  func `stories260K tells the story that llama2.c publishes, byte for byte`() throws {
    let model = try HookedTransformer(contentsOf: try #require(Self.stories))
    let file = try #require(OutsideFiles.find("tinyllamas/tok512.bin"))
    let tokenizer = try Tokenizer(contentsOf: URL(filePath: file))
    #expect(model.configuration.nKeyValueHeads == 4 && model.configuration.tiesEmbeddings)
    // Greedy: 200 tokens after the beginning of text, as `run -t 0.0 -n 200`.
    let start = try tokenizer.toTokens("", prependBOS: true, parsingSpecial: false)
    let new = try model.generate(TokenBatch(start), maxNewTokens: 200)[0]
    let story = try tokenizer.toString(start + new, skippingSpecial: true)
    // The text of llama2.c's own test (test_all.py).
    let expected = """
      Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a \
      big, red ball. She wanted to play with it, but it was too high.
      Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. She said, "I want to play \
      with your ball, but I can't find it."
      Lily was sad and didn't know what to do. She said, "I'm sorry, Lily. I didn't know what to do."
      Lily didn't want to help her mom, so she
      """
    #expect(Array(story.utf8) == Array(expected.utf8))
    #expect(try model.generate(TokenBatch(start), maxNewTokens: 40, usingCache: false)[0] == Array(new.prefix(40)))
  }

  @Test(
    .enabled(
      if: babyLlama != nil && text != nil,
      """
      not evaluated: babyllama/tok105_model5000.bin, tok361_model5000.bin (github.com/EN10/BabyLlama) and \
      tinystories-sample are neither under REPLICATIONS_MODELS nor in shared/data beside the package
      """),
    arguments: [("tok105", 0), ("tok361", 256)])
  func `a character-level Llama reaches the published loss`(_ name: String, _ bytes: Int) throws {
    let model = try HookedTransformer(contentsOf: try #require(OutsideFiles.find("babyllama/\(name)_model5000.bin")))
    let folder = try #require(OutsideFiles.find("babyllama"))
    let lines = try String(contentsOfFile: folder + "/tok105.vocab", encoding: .utf8).split(separator: "\n")
    var ids: [Character: Int] = [:]
    for (id, line) in lines.enumerated() {
      let piece = line.prefix { $0 != "\t" }
      if piece.count == 1, let character = piece.first { ids[character == "▁" ? " " : character] = id + bytes }
    }
    let text = try String(contentsOfFile: try #require(Self.text), encoding: .utf8)
    // As in training: stories one after the other, each after a beginning of text and, as SentencePiece has it, a
    // space; a line break is unknown, or a byte where there are 256 of
    // those before the same characters. What follows is cut into windows of the context.
    func tokens(of character: Character) -> [Int] {
      ids[character].map { [$0] } ?? (bytes == 0 ? [0] : character.utf8.map { 3 + Int($0) })
    }
    let stories = text.components(separatedBy: "<|endoftext|>")
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { $0.count > 300 }.prefix(40)
    let stream = stories.flatMap { story in [1] + " \(story)".flatMap { tokens(of: $0) } }
    let context = model.configuration.nContext
    let windows = stride(from: 0, to: stream.count - context, by: context).map { stream[$0..<$0 + context] }
    #expect(windows.count > 100)
    let losses = windows.map { model.loss(TokenBatch(Array($0))) }
    // Published for tok105 after 5,000 iterations: 0.7366 nats a character on the validation set; a hundred windows scatter
    // by 0.014 about their mean. tok361 has the same size, text and iterations; two trainings differ by some hundredths.
    #expect(abs(losses.reduce(0, +) / Float(losses.count) - 0.7366) < (bytes == 0 ? 0.05 : 0.1))
  }
}
