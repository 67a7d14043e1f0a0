// What a trained autoencoder does with samples that training never saw, under the names of the field.

import Tensors
import ToyModels

/// Reconstruction, sparsity and dead latents on held-out samples.
struct DictionaryMeasures: Sendable {
  /// Σ‖x − x̂‖² over Σ‖x − x̄‖²: one less explained variance.
  let unexplained: Double
  /// The mean number of active latents of a sample.
  let l0: Double
  /// The mean sum of a sample's latents.
  let l1: Double
  /// Whether each latent is active in any of the samples.
  let isAlive: [Bool]
  /// The mean of ‖x − x̂‖² over samples.
  let squaredError: Double
  /// 1 − Σ‖x̂ − b‖²/Σ(x̂ − b)·(x − b), with b the decoder's bias: how much too short reconstructions are.
  let shrinkage: Double

  /// The share of latents that are active in none of the samples.
  var deadShare: Double { Double(isAlive.count { !$0 }) / Double(isAlive.count) }

  /// Measures an autoencoder on samples `[sample, input]`.
  init(_ autoencoder: SparseAutoencoder, on samples: Tensor) {
    let count = Double(samples.shape[0])
    let latents = autoencoder.encode(samples)
    let reconstructions = autoencoder.decode(latents)
    let (bias, error) = (autoencoder.decoderBias, reconstructions - samples)
    func sum(_ tensor: Tensor) -> Double { Double(tensor.sum()) }
    squaredError = sum(error.squared()) / count
    unexplained = squaredError * count / sum((samples - samples.mean(axis: 0)).squared())
    l0 = sum(latents.mask(where: { $0 > 0 })) / count
    l1 = sum(latents) / count
    isAlive = latents.maximum(axis: 0).elements.map { $0 > 0 }
    let moved = reconstructions - bias
    shrinkage = 1 - sum(moved.squared()) / sum(moved * (samples - bias))
  }
}
