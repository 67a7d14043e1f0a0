import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("The adversarial attack")
struct AdversarialAttackTests {
  @Test("harms a feature with a dimension of its own by the square of the budget")
  func ownDimension() {
    let model = AttackedModel(withoutSuperposition: 1, hidden: 1, density: 1)
    #expect(abs(model.harm(Tensor([0.5], [1, 1]), budget: 0.1) - 0.01) < 1e-12)
  }

  @Test("takes the worse of both signs")
  func signs() {
    // The output 0.4 is short of 0.5: upwards is a help, downwards the error doubles, from 0.01 to 0.04.
    let short = AttackedModel(TrainedModels(reluOutput: [[1]], bias: [-0.1]))
    #expect(abs(short.harm(Tensor([0.5], [1, 1]), budget: 0.1) - 0.03) < 1e-7)
    let long = AttackedModel(TrainedModels(reluOutput: [[1]], bias: [0.1]))
    #expect(abs(long.harm(Tensor([0.5], [1, 1]), budget: 0.1) - 0.03) < 1e-7)
  }

  @Test("reaches a pair through the direction that it shares, and is averaged over samples")
  func pair() {
    let pair = AttackedModel(TrainedModels(reluOutput: [[1], [-1]], bias: [0, 0]))
    #expect(abs(pair.harm(Tensor([0.5, 0], [1, 2]), budget: 0.1) - 0.02) < 1e-12)
    // Where both are active the output is zero, and so it stays under a small push: the second sample is not harmed more.
    let both = pair.harm(Tensor([0.5, 0, 0.25, 0.5], [2, 2]), budget: 0.1)
    let second = pair.harm(Tensor([0.25, 0.5], [1, 2]), budget: 0.1)
    #expect(abs(both - (0.02 + second) / 2) < 1e-12)
  }

  @Test("leaves features without weights alone")
  func ignored() {
    let model = AttackedModel(withoutSuperposition: 2, hidden: 1, density: 0.5)
    #expect(abs(model.harm(Tensor([0.5, 1], [1, 2]), budget: 0.1) - 0.01) < 1e-12)
  }

  @Test("harms the model without superposition as much as itself, and a pair more")
  func relative() {
    let distribution = FeatureDistribution(features: 3, density: 0.25)
    let baseline = TrainedModels(reluOutput: [[1, 0], [0, 1], [0, 0]], bias: [0, 0, 0.125])
    let pair = TrainedModels(reluOutput: [[1, 0], [0, 1], [0, -1]], bias: [0, 0, 0])
    func vulnerability(_ models: TrainedModels) -> Double {
      relativeVulnerability(models, distribution, samples: 50, using: RandomStream(seed: 3))
    }
    #expect(abs(vulnerability(baseline) - 1) < 1e-12)
    #expect(vulnerability(pair) > 1.2)
  }
}
