// LAMBADA (Paperno et al. 2016) in OpenAI's wording, where a user has it: the last word of a passage, which can only be
// guessed from the whole of it. The published numbers are Pythia's after 143,000 steps, without an example, on all
// 5,153 passages.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Pretrained models: LAMBADA")
struct PretrainedModelsLambadaTests {
  private struct Passage: Decodable {
    let text: String
  }

  private static let passages = ProcessInfo.processInfo.environment["REPLICATIONS_MODELS"].flatMap { folder in
    try? String(contentsOfFile: "\(folder)/lambada_test_en.jsonl", encoding: .utf8)
  }
  static let names =
    ["70m", "160m", "410m"].flatMap { ["pythia-\($0)", "pythia-\($0)-deduped"] }
    + ["pythia-1.4b", "pythia-2.8b"]
  private static let found = names.compactMap { name in
    PretrainedFiles.folder(name, owners: ["EleutherAI"]).map { (name: name, folder: $0) }
  }

  /// Of 300 passages an accuracy has a standard error of at most 0.03: two of them are allowed, and of the mean
  /// negative logarithm of a last word's probability, the logarithm of the perplexity, three. The control reads the
  /// words before the last one in a random order, and falls short of what is allowed.
  @Test(
    .enabled(
      if: passages != nil && !found.isEmpty,
      """
      not evaluated: REPLICATIONS_MODELS/lambada_test_en.jsonl (of the data set EleutherAI/lambada_openai) and a Pythia \
      model are wanted; `hf download EleutherAI/pythia-70m` gets the smallest
      """))
  func `the last words of 300 passages, and of the same in disorder`() throws {
    let lines = try #require(Self.passages).split(separator: "\n").prefix(300)
    let texts = try lines.map { try JSONDecoder().decode(Passage.self, from: Data($0.utf8)).text }
    let published = try Published.read().pythia.lambada
    for (name, folder) in Self.found {
      let expected = try #require(published[name])
      let model = try HookedTransformer(contentsOf: folder)
      let tokenizer = try Tokenizer(contentsOf: URL(filePath: folder))
      var (right, rightInDisorder, losses) = (0, 0, [Double]())
      for (place, text) in texts.enumerated() {
        let end = try #require(text.lastIndex(of: " "))
        let word = try tokenizer.plainTokens(String(text[end...]))
        let context = String(text[..<end])
        let whole = ContinuationScore(of: word, after: try tokenizer.plainTokens(context), by: model)
        right += whole.isLikeliest ? 1 : 0
        losses.append(whole.loss)
        let words = context.split(separator: " ")
        var stream = RandomStream(seed: 0).derived("passage", place)
        let disorder = stream.permutation(words.count).map { words[$0] }.joined(separator: " ")
        let other = ContinuationScore(of: word, after: try tokenizer.plainTokens(disorder), by: model)
        rightInDisorder += other.isLikeliest ? 1 : 0
      }
      let count = Double(texts.count)
      #expect(abs(Double(right) / count - expected.accuracy) <= 0.06, "\(name)")
      #expect(Double(rightInDisorder) / count < expected.accuracy - 0.06, "\(name)")
      let mean = losses.reduce(0, +) / count
      let deviation = (losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
      #expect(abs(mean - log(expected.perplexity)) <= 3 * deviation / count.squareRoot(), "\(name)")
    }
  }
}
