// How autoencoders are trained: the two ways to count the penalty, the start of the bias, and determinism.

import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("A plan of training") struct DictionaryPlanTests {
  private let data = Activations(
    Recovery.known(using: RandomStream(seed: 2)), pool: 4_096, heldOut: 1_024, using: RandomStream(seed: 3))

  private func trained(_ sparsity: DictionaryPlan.Sparsity, steps: Int = 60) throws -> TrainedDictionary {
    var plan = DictionaryPlan(latents: 64, sparsity: sparsity)
    plan.steps = steps
    let run = SeedRun(finding: "SparseAutoencoders", experiment: "Test")
    return try plan.train(on: data, using: RandomStream(seed: 4), progress: TrainingProgress(run: run))
  }

  @Test("α per latent with the mean square error is α · inputs / latents on the sum with the squared error")
  func penalties() throws {
    // A few steps: what Adam adds to small gradients is not the same for both, and grows.
    let (perLatent, sum) = (try trained(.perLatent(0.8), steps: 10), try trained(.sum(0.4), steps: 10))
    #expect(perLatent.vectors.maximumDifference(from: sum.vectors) < 5e-3)
    #expect(abs(perLatent.loss - sum.loss) < 1e-3)
    #expect(abs(perLatent.loss - perLatent.metrics.mse - 0.4 * perLatent.metrics.l1) < 1e-6)
  }

  @Test("The same stream gives the same autoencoder, and training lowers the error")
  func determinism() throws {
    let (first, second) = (try trained(.topK(4)), try trained(.topK(4)))
    #expect(first.autoencoder == second.autoencoder)
    #expect(first.metrics.l0 <= 4)
    let plan = DictionaryPlan(latents: 64, sparsity: .topK(4))
    let untrained = plan.untrained(on: data.pool, using: RandomStream(seed: 4))
    #expect(first.loss < 0.8 * TrainedDictionary(untrained, plan: plan, heldOut: data.heldOut).loss)
  }

  @Test("The bias before the encoder starts where the data are")
  func median() {
    var plan = DictionaryPlan(latents: 64, sparsity: .sum(0.2))
    (plan.decoderBias, plan.startsAtMedian) = (.preEncoder, true)
    let moved = data.shifted(by: Tensor(repeating: 3, [32]))
    let bias = plan.untrained(on: moved.pool, using: RandomStream(seed: 4)).decoderBias
    #expect(bias.elements.allSatisfy { abs($0 - 3) < 0.2 })
  }

  @Test("With the median in the encoder's bias an added bias starts as the function of a subtracted one")
  func sameFunction() {
    let moved = data.shifted(by: Tensor(repeating: 3, [32]))
    func reconstructions(_ arm: EncoderBias.Arm) -> Tensor {
      arm.plan.untrained(on: moved.pool, using: RandomStream(seed: 4)).reconstruct(moved.heldOut)
    }
    let subtracted = reconstructions(.subtractedFromMedian)
    #expect(subtracted.maximumDifference(from: reconstructions(.addedFromSameFunction)) < 1e-4)
    #expect(subtracted.maximumDifference(from: reconstructions(.addedFromMedian)) > 0.1)
  }

  @Test("Latents drawn from all are as many as are dead, and not the same")
  func anyLatents() throws {
    func resampled(_ any: Bool, every: Int) throws -> SparseAutoencoderTrainer? {
      var plan = DictionaryPlan(latents: 64, sparsity: .sum(3))
      (plan.steps, plan.resamplesAnyLatents) = (every, any)
      plan.resampling = .init(every: every, window: 5)
      var last: SparseAutoencoderTrainer?
      let run = SeedRun(finding: "SparseAutoencoders", experiment: "Test")
      _ = try plan.train(
        on: data, using: RandomStream(seed: 4), progress: TrainingProgress(run: run)
      ) { last = $1 }
      return last
    }
    let (dead, any) = (try #require(try resampled(false, every: 60)), try #require(try resampled(true, every: 60)))
    #expect(dead.resampledLatents > 10 && dead.resampledLatents < 64)
    #expect(any.resampledLatents == dead.resampledLatents)
    #expect(any.autoencoder.decoderWeight != dead.autoencoder.decoderWeight)
    #expect(!any.deadLatents(window: 5).isEmpty)
    #expect(dead.deadLatents(window: 5).isEmpty)
  }

  @Test("Whether a latent is dead is decided by all held-out samples")
  func dead() {
    // The first latent reads the first input, the second needs more of it than occurs but once, the third has nothing.
    let autoencoder = SparseAutoencoder(
      .init(inputs: 2, latents: 3, decoderBias: .none), encoderWeight: Tensor([1, 1, 0, 0, 0, 0], [2, 3]),
      encoderBias: Tensor([0, -2.5, 0], [3]), decoderWeight: Tensor([1, 0, 1, 0, 0, 1], [3, 2]))
    let samples = Tensor((0..<1_000).flatMap { [$0 < 999 ? 1 : 3, 0] as [Float] }, [1_000, 2])
    let dictionary = TrainedDictionary(
      autoencoder, plan: DictionaryPlan(latents: 3, sparsity: .sum(1)), heldOut: samples)
    #expect(abs(dictionary.metrics.deadFraction - 1 / 3.0) < 1e-12)
    #expect(dictionary.livingVectors == Tensor([1, 0, 1, 0], [2, 2]))
  }
}
