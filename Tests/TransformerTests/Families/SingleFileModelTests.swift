// Models in the files of llm.c, llama2.c and NumPy against Hugging Face's with the same weights, in float64.

import Foundation
import Tensors
import Testing
import Transformer

@Suite("Models in files of llm.c, llama2.c and NumPy")
struct SingleFileModelTests {
  /// What `fixtures/scripts/checkpoints.py` wrote.
  private struct Reference: Decodable {
    /// Two rows of five.
    let tokens: [[Int]]
    /// Of each file, the logits of each row, position by position.
    let logits: [String: [[Float]]]
  }

  private static func reference() throws -> Reference {
    try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: URL(filePath: CheckpointFixtures.folder + "/logits.json")))
  }

  static let files = [
    "llmc-float32.bin", "llmc-bfloat16.bin", "npz-model", "llama2c-tied.bin", "llama2c-untied.bin",
  ]

  @Test("compute Hugging Face's logits", arguments: files)
  func logits(_ file: String) throws {
    let reference = try Self.reference()
    let expected = try #require(reference.logits[file])
    let model = try HookedTransformer(contentsOf: "\(CheckpointFixtures.folder)/\(file)")
    let found = model(TokenBatch(reference.tokens))
    let whole = Tensor(expected.flatMap(\.self), found.shape)
    #expect(found.maximumDifference(from: whole) <= 2e-5)
    // Other tokens have other logits.
    #expect(model(TokenBatch(reference.tokens.reversed())).maximumDifference(from: whole) > 0.1)
  }

  @Test("every reference is compared")
  func names() throws {
    #expect(try Self.reference().logits.keys.sorted() == Self.files.sorted())
  }
}
