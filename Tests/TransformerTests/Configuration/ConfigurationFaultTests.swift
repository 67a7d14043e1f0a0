// Choices that do not go together are refused when a model is made, before they are read as sizes of memory.

import Tensors
import Testing

@testable import Transformer

@Suite("Configurations that no transformer has")
struct ConfigurationFaultTests {
  private static func configuration(_ change: (inout TransformerConfiguration) -> Void) -> TransformerConfiguration {
    var c = TransformerConfiguration(nLayers: 2, dModel: 32, nHeads: 4, dHead: 16, dVocab: 7, nContext: 5)
    change(&c)
    return c
  }

  @Test("are told by a sentence")
  func sentences() {
    let faults: [(change: (inout TransformerConfiguration) -> Void, sentence: String)] = [
      (
        { $0.positions = .rotary(Rotary(dimension: 64)) },
        "64 elements of a head of 16 cannot be rotated: an even number up to the width of a head is needed"
      ),
      (
        {
          var rotary = Rotary(dimension: 4)
          rotary.dimension = 3
          $0.positions = .rotary(rotary)
        }, "3 elements of a head of 16 cannot be rotated: an even number up to the width of a head is needed"
      ),
      ({ $0.windows = [4] }, "there are 1 windows for 2 layers: give one for each, or none"),
      ({ $0.windows = [nil, 0] }, "a window of 0 keys leaves nothing to see"),
      ({ $0.nKeyValueHeads = 3 }, "4 heads cannot share 3 heads of keys and values evenly"),
      ({ $0.nKeyValueHeads = 0 }, "4 heads of width 16 with 0 for keys and values: each must be positive"),
      (
        {
          $0.tiesEmbeddings = true
          $0.dVocabOut = 6
        }, "an unembedding that is tied to 7 tokens cannot predict 6"
      ),
      ({ $0.scoreSoftCap = 0 }, "a soft cap of 0.0 is not positive"),
      ({ $0.dMLP = -1 }, "a transformer needs positive sizes"),
    ]
    for (change, sentence) in faults { #expect(Self.configuration(change).fault == sentence) }
    #expect(Self.configuration { _ in }.fault == nil)
    for zoo in ZooModel.all { #expect(zoo.configuration.fault == nil, "\(zoo)") }
  }

  @Test("stop both ways of making a model: a rotation beyond the head writes no memory")
  func rotation() async throws {
    let random = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var c = TransformerConfiguration(nLayers: 1, dModel: 32, nHeads: 2, dVocab: 7, nContext: 5)
      c.positions = .rotary(Rotary(dimension: 64))
      _ = HookedTransformer(c, initializedFrom: RandomStream(seed: 1))
    }
    let message = String(decoding: try #require(random).standardErrorContent, as: UTF8.self)
    #expect(message.contains("64 elements of a head of 16 cannot be rotated"))
    let given = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var c = TransformerConfiguration(nLayers: 1, dModel: 4, nHeads: 2, dMLP: 0, dVocab: 7, nContext: 5)
      c.windows = [2, 3]
      let weights = Tensor(zeros: [4, 4])
      let attn = AttentionWeights(W_Q: weights, W_K: weights, W_V: weights, W_O: weights)
      _ = HookedTransformer(
        c, W_E: Tensor(zeros: [7, 4]), blocks: [BlockWeights(attn: attn)], untiedUnembedding: Tensor(zeros: [4, 7]))
    }
    let other = String(decoding: try #require(given).standardErrorContent, as: UTF8.self)
    #expect(other.contains("there are 2 windows for 1 layers"))
  }

  @Test("that a file describes are an error of the file")
  func files() throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("model.safetensors", safetensors("{}"))
    let json = """
      {"n_layers": 1, "d_model": 8, "d_head": 4, "n_heads": 2, "n_ctx": 4, "d_vocab": 5, "act_fn": "relu", \
      "use_local_attn": true, "attn_types": ["local"], "window_size": 1, "gated_mlp": false, \
      "tie_word_embeddings": true, "d_vocab_out": 4}
      """
    _ = try folder.file("config.json", Array(json.utf8))
    #expect(throws: CheckpointError.self) { try HookedTransformer(contentsOf: folder.path) }
  }
}
