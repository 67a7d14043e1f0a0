// TopK against an L1 penalty at equal sparsity (Gao et al. 2024).
//
// Both learn the known features. An L1 penalty pays for sparsity by making active latents too small: it shrinks. How much
// of its disadvantage in reconstruction is shrinkage is asked of the same autoencoders in three ways, each done to both:
// one factor on all reconstructions, a decoder fitted anew, both on other samples than are scored, and the sizes of active
// latents fitted anew to each sample, which says what the choice of latents alone would allow.

import Foundation
import Tensors
import ToyModels

struct TopKAgainstL1: Experiment {
  let name = "TopKAgainstL1"
  let claims = [
    "autoencoders.topk.reconstruction", "autoencoders.topk.factor", "autoencoders.topk.shrinkage",
    "autoencoders.topk.recovery",
  ]
  let configuration: [String: ConfigurationValue] = [
    "features": .int(Recovery.features), "inputs": .int(Recovery.inputs), "latents": .int(Self.latents),
    "penalties": .numbers(Self.penalties.map { Double("\($0)") ?? .nan }), "k": .array(Self.counts.map { .int($0) }),
    "steps": 1_000, "batchSize": 256, "learningRate": 1e-2, "schedule": "cosine", "refitted": .int(Self.refitted),
    "fittedOn": .int(Self.fittedOn),
  ]

  static let latents = 128
  static let penalties: [Float] = [0.3, 0.6, 1, 1.7, 3]
  static let counts = [2, 3, 4, 6]
  /// The k of the claims, by place in `counts`.
  static let claimed = 1
  /// Held-out samples whose latents' sizes are fitted anew.
  static let refitted = 500
  /// Samples of the pool that the factor and the decoder are fitted to.
  static let fittedOn = 8_192

  /// One autoencoder on the plane of sparsity and reconstruction.
  struct Outcome: Sendable {
    var l0: Double
    /// The unexplained share of the variance of held-out samples.
    var unexplained: Double
    /// The same with reconstructions times the factor that suits other samples best.
    var rescaled: Double
    /// The same with the decoder that suits other samples best.
    var redecoded: Double
    /// The same with the sizes of each sample's active latents as they suit that sample best.
    var refitted: Double
    var shrinkage: Double
    var recovery: Double
  }

  struct Observation: Sendable {
    /// By penalty, sparser and sparser.
    var l1: [Outcome]
    /// By k.
    var topK: [Outcome]
    /// TopK on Gaussian data of the same mean and covariance.
    var gaussian: Outcome
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let known = Recovery.known(using: run.random("features"))
    let data = Activations(known, using: run.random("samples"))
    let twin = try data.gaussianTwin(using: run.random("Gaussian twin"))
    let progress = TrainingProgress(run: run)
    func outcome(_ sparsity: DictionaryPlan.Sparsity, _ index: Int, on data: Activations) throws -> Outcome {
      let trained = try DictionaryPlan(latents: Self.latents, sparsity: sparsity).train(
        on: data, using: run.random("weights"),
        progress: progress.part(index, of: Self.penalties.count + Self.counts.count + 1))
      let others = data.pool.slice(axis: 0, 0..<Self.fittedOn)
      return Outcome(
        l0: trained.metrics.l0, unexplained: trained.metrics.fvu,
        rescaled: Self.rescaled(trained.autoencoder, others, scoring: data.heldOut),
        redecoded: try Self.redecoded(trained.autoencoder, others, scoring: data.heldOut),
        refitted: try Self.refit(trained, data.heldOut.slice(axis: 0, 0..<Self.refitted)),
        shrinkage: 1 - trained.metrics.relativeReconstructionBias,
        recovery: mean(largestCosines(of: known.directions, in: trained.vectors)))
    }
    return Observation(
      l1: try Self.penalties.enumerated().map { try outcome(.perLatent($1), $0, on: data) },
      topK: try Self.counts.enumerated().map { try outcome(.topK($1), Self.penalties.count + $0, on: data) },
      gaussian: try outcome(
        .topK(Self.counts[Self.claimed]), Self.penalties.count + Self.counts.count, on: twin))
  }

  /// The unexplained share of the variance of samples.
  private static func unexplained(_ reconstructions: Tensor, of samples: Tensor) -> Double {
    Double((samples - reconstructions).squared().sum()) / Double((samples - samples.mean(axis: 0)).squared().sum())
  }

  /// What is left when reconstructions are multiplied by the one factor that suits other samples best.
  static func rescaled(_ autoencoder: SparseAutoencoder, _ others: Tensor, scoring samples: Tensor) -> Double {
    let reconstructions = autoencoder.reconstruct(others)
    let factor = (others * reconstructions).sum() / reconstructions.squared().sum()
    return unexplained(autoencoder.reconstruct(samples) * factor, of: samples)
  }

  /// What is left with the dictionary that reconstructs other samples best from their latents, by least squares.
  static func redecoded(
    _ autoencoder: SparseAutoencoder, _ others: Tensor, scoring samples: Tensor
  ) throws -> Double {
    let dictionary = try autoencoder.encode(others).leastSquares(others).solution
    return unexplained(autoencoder.encode(samples).matmul(dictionary), of: samples)
  }

  /// The variance that the active latents of each sample leave unexplained when their sizes are the best possible.
  private static func refit(_ trained: TrainedDictionary, _ samples: Tensor) throws -> Double {
    let (count, inputs) = (samples.shape[0], samples.shape[1])
    let latents = trained.autoencoder.encode(samples)
    let bias = trained.autoencoder.decoderBias
    var error = 0.0
    for sample in 0..<count {
      let sizes = latents.slice(axis: 0, at: sample).elements
      let target = samples.slice(axis: 0, at: sample) - bias
      let active = sizes.indices.filter { sizes[$0] > 0 }
      guard !active.isEmpty else {
        error += Double(target.squared().sum())
        continue
      }
      let vectors = trained.vectors.gathered(at: active).transposed()
      let solution = try vectors.leastSquares(target).solution
      error += Double(
        (vectors.matmul(solution.reshaped([active.count, 1])).reshaped([inputs]) - target).squared().sum())
    }
    return error / Double((samples - samples.mean(axis: 0)).squared().sum())
  }

  func readings(_ seed: Observation) -> [Reading] {
    let topK = seed.topK[Self.claimed]
    func atEqualSparsity(_ value: (Outcome) -> Double) -> Double {
      Self.interpolated(seed.l1.map { ($0.l0, value($0)) }, at: topK.l0)
    }
    let unexplained = atEqualSparsity(\.unexplained)
    let excess = unexplained - topK.unexplained
    return [
      Reading(
        claim: "autoencoders.topk.reconstruction", value: unexplained / topK.unexplained,
        control: atEqualSparsity(\.rescaled) / topK.unexplained,
        detail: [
          "L0": topK.l0, "unexplained, TopK": topK.unexplained,
          "decoder fitted anew, both": atEqualSparsity(\.redecoded) / topK.redecoded,
          "sizes fitted anew, both": atEqualSparsity(\.refitted) / topK.refitted,
          "unexplained, decoder fitted anew, TopK": topK.redecoded,
          "unexplained, decoder fitted anew, L1": atEqualSparsity(\.redecoded),
          "unexplained, sizes fitted anew, TopK": topK.refitted,
          "unexplained, sizes fitted anew, L1": atEqualSparsity(\.refitted),
        ]),
      Reading(
        claim: "autoencoders.topk.factor", value: (unexplained - atEqualSparsity(\.rescaled)) / excess,
        control: (topK.unexplained - topK.rescaled) / excess),
      Reading(
        claim: "autoencoders.topk.shrinkage", value: atEqualSparsity(\.shrinkage), control: topK.shrinkage),
      Reading(
        claim: "autoencoders.topk.recovery", value: topK.recovery - atEqualSparsity(\.recovery),
        control: seed.gaussian.recovery - atEqualSparsity(\.recovery),
        detail: [
          "TopK": topK.recovery, "L1 at the same L0": atEqualSparsity(\.recovery),
          "TopK on Gaussian data": seed.gaussian.recovery,
        ]),
    ]
  }

  /// The value at a sparsity between two of the points (L0, value), linear in log L0; not a number outside of them.
  static func interpolated(_ points: [(l0: Double, value: Double)], at l0: Double) -> Double {
    let sorted = points.sorted { $0.l0 < $1.l0 }
    guard let upper = sorted.firstIndex(where: { $0.l0 >= l0 }), upper > 0 else { return .nan }
    let (low, high) = (sorted[upper - 1], sorted[upper])
    let share = log(l0 / low.l0) / log(high.l0 / low.l0)
    return low.value + share * (high.value - low.value)
  }
}
