// How good a sparse autoencoder is, by the names that SAELens gives the numbers. Batches are added one after the other, so
// that activations need not fit in memory.

import Tensors

/// What a sparse autoencoder makes of activations, over all that were added.
public struct SparseAutoencoderMetrics: Sendable, Equatable {
  /// The activations added.
  public private(set) var samples = 0

  private let inputs: Int
  private var activity: [Int]
  private var (sums, squares): ([Double], Double)
  private var (residuals, cosines, ratios) = (0.0, 0.0, 0.0)
  private var (l1Sum, normSquares, products) = (0.0, 0.0, 0.0)

  /// Creates metrics without samples.
  public init(inputs: Int, latents: Int) {
    precondition(inputs > 0 && latents > 0, "metrics of \(inputs) inputs and \(latents) latents")
    self.inputs = inputs
    activity = Array(repeating: 0, count: latents)
    (sums, squares) = (Array(repeating: 0, count: inputs), 0)
  }

  /// Measures an autoencoder on activations `[samples, inputs]`.
  public init(of autoencoder: SparseAutoencoder, on activations: Tensor) {
    self.init(inputs: autoencoder.configuration.inputs, latents: autoencoder.configuration.latents)
    add(activations, through: autoencoder)
  }

  /// Adds what an autoencoder makes of activations `[samples, inputs]`.
  public mutating func add(_ activations: Tensor, through autoencoder: SparseAutoencoder) {
    let latents = autoencoder.encode(activations)
    add(activations: activations, latents: latents, reconstructions: autoencoder.decode(latents))
  }

  /// Adds activations `[samples, inputs]`, their latents `[samples, latents]` and reconstructions `[samples, inputs]`.
  public mutating func add(activations: Tensor, latents: Tensor, reconstructions: Tensor) {
    let count = activations.shape[0]
    precondition(
      activations.shape == [count, inputs] && reconstructions.shape == [count, inputs]
        && latents.shape == [count, activity.count],
      "activations \(activations.shape), latents \(latents.shape) and reconstructions \(reconstructions.shape)")
    samples += count
    activations.withUnsafeElements { activations in
      reconstructions.withUnsafeElements { reconstructions in
        for sample in 0..<count {
          var (xx, yy, xy, residual) = (0.0, 0.0, 0.0, 0.0)
          for index in 0..<inputs {
            let x = Double(activations[sample * inputs + index])
            let y = Double(reconstructions[sample * inputs + index])
            sums[index] += x
            xx += x * x
            yy += y * y
            xy += x * y
            residual += (x - y) * (x - y)
          }
          squares += xx
          residuals += residual
          normSquares += yy
          products += xy
          if xx > 0 && yy > 0 { cosines += xy / (xx * yy).squareRoot() }
          ratios += (yy / (xx > 1e-8 ? xx : 1)).squareRoot()
        }
      }
    }
    let width = activity.count
    latents.withUnsafeElements { latents in
      activity.withUnsafeMutableBufferPointer { activity in
        for sample in 0..<count {
          for latent in 0..<width {
            let value = latents[sample * width + latent]
            l1Sum += Double(value)
            activity[latent] += value > 0 ? 1 : 0
          }
        }
      }
    }
  }

  private func mean(_ total: Double) -> Double { samples > 0 ? total / Double(samples) : .nan }

  /// 1 − Σ‖x − x̂‖²/Σ‖x − x̄‖², over all samples; at most 1, and 0 for the mean.
  public var explainedVariance: Double {
    let variance = squares - sums.reduce(0) { $0 + mean($1 * $1) }
    return 1 - residuals / variance
  }

  /// Σ‖x − x̂‖²/Σ‖x − x̄‖², the fraction of variance unexplained.
  public var fvu: Double { 1 - explainedVariance }

  /// ‖x − x̂‖², the sum over inputs, averaged over samples: what SAELens reports as `mse`.
  ///
  /// Its first releases divided by the number of inputs too, which is `meanSquaredError`.
  public var mse: Double { mean(residuals) }

  /// The squared error of one input of one sample, on average: what PyTorch's `mse_loss` returns.
  public var meanSquaredError: Double { mean(residuals) / Double(inputs) }

  /// The mean cosine of x and x̂; a reconstruction of zeros has cosine zero.
  public var cossim: Double { mean(cosines) }

  /// The mean of ‖x̂‖/‖x‖.
  public var l2Ratio: Double { mean(ratios) }

  /// E‖x̂‖²/E(x·x̂): below 1 where reconstructions are shrunk (Rajamanoharan et al. 2024a, equation 10).
  public var relativeReconstructionBias: Double { normSquares / products }

  /// The mean number of active latents of a sample.
  public var l0: Double { mean(activity.reduce(0) { $0 + Double($1) }) }

  /// The mean sum of a sample's latents.
  public var l1: Double { mean(l1Sum) }

  /// For each latent the share of samples in which it is active.
  public var featureDensity: [Double] { activity.map { mean(Double($0)) } }

  /// The share of latents that were active in no sample.
  public var deadFraction: Double { Double(activity.count { $0 == 0 }) / Double(activity.count) }
}

/// What of a model's loss remains when reconstructions stand in for activations: 1 for all, 0 as if they were ablated.
///
/// - Parameters:
///   - clean: The model's cross-entropy.
///   - spliced: With reconstructions in place of activations.
///   - ablated: With zeros, or means, in their place.
public func ceLossScore(clean: Double, spliced: Double, ablated: Double) -> Double {
  (ablated - spliced) / (ablated - clean)
}

/// The same of the Kullback–Leibler divergence from the model's predictions: 1 for none, 0 as if it were ablated.
public func klDivScore(spliced: Double, ablated: Double) -> Double { (ablated - spliced) / ablated }
