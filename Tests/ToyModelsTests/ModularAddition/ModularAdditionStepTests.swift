// The fused step of the modular-addition model against PyTorch, and against the transformer that has hooks.

import Tensors
import Testing
import Transformer

@testable import ToyModels

@Suite("The fused step of the modular-addition model")
struct ModularAdditionStepTests {
  let fixture: ModularAdditionFixture

  init() throws { fixture = try ModularAdditionFixture() }

  @Test("has PyTorch's neurons and logits")
  func forward() {
    let (neurons, logits) = fixture.model.activations(on: fixture.pairs)
    #expect(largestErrorOfScale(neurons.elements, fixture.neurons.values) < 2e-6)
    #expect(largestErrorOfScale(logits.elements, fixture.logits.values) < 2e-6)
  }

  @Test("has PyTorch's loss and accuracy")
  func quality() {
    let quality = fixture.model.quality(on: fixture.pairs)
    #expect(abs(quality.loss - fixture.loss.values[0]) < 2e-6 * fixture.loss.values[0])
    #expect(abs(quality.accuracy - fixture.accuracy.values[0]) < 1e-9)
    #expect(quality.accuracy > 0 && quality.accuracy < 1)
  }

  @Test("keeps the digits of losses near zero")
  func smallLosses() {
    let smallest = fixture.losses.values.indices.min { fixture.losses.values[$0] < fixture.losses.values[$1] } ?? 0
    let pair = ModularAdditionPairs(prime: fixture.prime, codes: [fixture.codes[smallest]])
    let expected = fixture.losses.values[smallest]
    #expect(expected < 1e-6)
    #expect(abs(fixture.model.quality(on: pair).loss - expected) < 2e-5 * expected)
  }

  @Test("has PyTorch's gradient", arguments: ModularAdditionShape.Weight.allCases)
  func gradient(of weight: ModularAdditionShape.Weight) {
    var trainer = fixture.trainer
    trainer.advance()
    let range = trainer.model.shape.range(of: weight)
    let expected = Array(fixture.gradient.values[range])
    #expect(expected.contains { abs($0) > 1e-3 })
    #expect(largestErrorOfScale(trainer.lastGradient.elements[range], expected) < 2e-5)
  }

  @Test("moves parameters as PyTorch's AdamW does")
  func trajectory() {
    var trainer = fixture.trainer
    for step in 0..<fixture.trajectory.shape[0] {
      trainer.advance()
      let expected = fixture.trajectory.member(step)
      #expect(largestError(trainer.model.parameters.elements, expected) < 2e-5, "step \(step)")
    }
    #expect(trainer.model != fixture.model)
  }

  @Test("gives the same however many blocks the pairs fill")
  func blocks() {
    let shape = ModularAdditionShape(prime: 37, dModel: 16, nHeads: 2, dHead: 8, dMLP: 24)
    let model = ModularAdditionModel(shape, initializedFrom: RandomStream(seed: 1))
    let all = ModularAdditionPairs.all(prime: 37)
    let logits = model.activations(on: all).logits
    var total = 0.0
    for index in stride(from: 0, to: all.count, by: 37) {
      let few = ModularAdditionPairs(prime: 37, codes: index..<index + 37)
      let expected = logits.elements[index * 38..<(index + 37) * 38].map(Double.init)
      #expect(largestErrorOfScale(model.activations(on: few).logits.elements, expected) < 1e-5)
      total += model.quality(on: few).loss
    }
    #expect(abs(model.quality(on: all).loss - total / 37) < 1e-6)
  }

  @Test("gives the logits of the transformer with the same weights")
  func transformer() {
    let shape = ModularAdditionShape(prime: 11, dModel: 24, nHeads: 3, dHead: 8, dMLP: 40)
    var model = ModularAdditionModel(shape, initializedFrom: RandomStream(seed: 2))
    // Biases and positions that matter.
    model.parameters = RandomStream(seed: 3).normals([shape.parameterCount], 0.3)
    let pairs = ModularAdditionPairs.all(prime: 11)
    let tokens = TokenBatch(
      tokens: (0..<pairs.count).flatMap { [pairs.a[$0], pairs.b[$0], 11] }, batch: pairs.count, positions: 3)
    let all = hooked(model)(tokens).elements
    let atEquals = (0..<pairs.count).flatMap { pair -> [Double] in
      let start = (pair * 3 + 2) * shape.dVocab
      return all[start..<start + shape.dVocab].map(Double.init)
    }
    #expect(largestErrorOfScale(model.activations(on: pairs).logits.elements, atEquals) < 5e-6)
  }

  /// The same model as a general transformer.
  private func hooked(_ model: ModularAdditionModel) -> HookedTransformer {
    let shape = model.shape
    var configuration = TransformerConfiguration(
      nLayers: 1, dModel: shape.dModel, nHeads: shape.nHeads, dHead: shape.dHead, dMLP: shape.dMLP,
      dVocab: shape.dVocab, nContext: 3)
    configuration.normalization = .none
    configuration.activation = .relu
    var mlp = MLPWeights(W_in: model[.W_in], W_out: model[.W_out])
    (mlp.b_in, mlp.b_out) = (model[.b_in], model[.b_out])
    // There the heads of a layer are one product.
    func joined(_ weight: ModularAdditionShape.Weight) -> Tensor {
      model[weight].transposed([1, 0, 2]).reshaped([shape.dModel, -1])
    }
    let attn = AttentionWeights(
      W_Q: joined(.W_Q), W_K: joined(.W_K), W_V: joined(.W_V), W_O: model[.W_O].reshaped([-1, shape.dModel]))
    return HookedTransformer(
      configuration, W_E: model[.W_E], W_pos: model[.W_pos], blocks: [BlockWeights(attn: attn, mlp: mlp)],
      untiedUnembedding: model[.W_U])
  }
}

extension RandomStream {
  fileprivate func normals(_ shape: [Int], _ deviation: Float) -> Tensor {
    var stream = self
    return stream.normal(shape, standardDeviation: deviation)
  }
}
