// The attention-only model: what it lacks, where positions go, and how its weights begin.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Attention-only models") struct AttentionOnlyModelTests {
  private static let plan = AttentionOnlyModel(layers: 2, width: 64, vocabulary: 40, length: 30)
  private static let tokens = TokenBatch([[40, 3, 1, 4, 1, 5], [40, 2, 7, 1, 8, 2]])

  @Test("It has no MLPs, normalisations or biases, and cannot predict the beginning of a sequence")
  func parts() {
    let model = Self.plan.initialized(from: RandomStream(seed: 1))
    let names = model.namedParameters.map(\.name)
    #expect(names.allSatisfy { !$0.contains("mlp") && !$0.contains("ln") && !$0.contains("b_") })
    #expect(model.W_E.shape == [41, 64] && model.W_U.shape == [64, 40])
    #expect(model(Self.tokens).shape == [2, 6, 40])
  }

  @Test("Positions reach queries and keys and nothing else")
  func positions() throws {
    let model = Self.plan.initialized(from: RandomStream(seed: 1))
    var moved = model
    moved.W_pos = model.W_pos.map { $0 * 2 }
    for (name, isMoved) in [
      ("blocks.0.hook_resid_pre", false), ("blocks.0.attn.hook_v", false), ("blocks.0.attn.hook_q", true),
      ("blocks.0.attn.hook_k", true),
    ] {
      let (before, after) = (
        try model.runWithCache(Self.tokens, names: HookFilter([name])).cache[name],
        try moved.runWithCache(Self.tokens, names: HookFilter([name])).cache[name]
      )
      #expect((before != after) == isMoved, "\(name)")
    }
  }

  @Test("Weights have variance 1/width, W_O a quarter of it, and models share the layers they have in common")
  func initialization() {
    let model = Self.plan.initialized(from: RandomStream(seed: 1))
    for (name, weights) in model.namedParameters {
      let variance = mean(weights.elements.map { Double($0) * Double($0) }) * 64
      #expect(abs(variance - (name.hasSuffix("W_O") ? 0.25 : 1)) < (name.hasSuffix("W_O") ? 0.04 : 0.15), "\(name)")
    }
    var one = Self.plan
    one.layers = 1
    #expect(one.initialized(from: RandomStream(seed: 1)).blocks[0].attn.W_Q == model.blocks[0].attn.W_Q)
  }

  @Test("Training is AdamW with the decay, the clipping and the warm-up of the research")
  func settings() {
    let settings = AttentionOnlyModel.settings(steps: 100, learningRate: 1e-2)
    #expect(settings.coefficients == AdamCoefficients(beta1: 0.9, beta2: 0.98, weightDecay: 0.01))
    #expect(settings.clipping == .globalNorm(1) && settings.decayed == .all)
    #expect(settings.schedule.factor(at: 25) == 0.5 && settings.schedule.factor(at: 80) == 1)
  }
}
