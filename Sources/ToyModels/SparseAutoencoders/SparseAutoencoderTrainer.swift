// Trains a sparse autoencoder batch by batch: the fused gradient, the constraint on the dictionary, Adam, and the running
// facts that resampling and BatchTopK's threshold need.

import Tensors

/// A sparse autoencoder in training.
public struct SparseAutoencoderTrainer: Sendable {
  /// The autoencoder as it is now.
  public internal(set) var autoencoder: SparseAutoencoder
  /// How it is trained.
  public let settings: SparseAutoencoderTraining
  /// The number of steps taken.
  public private(set) var step = 0
  /// For each latent, the steps since it was last active.
  public internal(set) var idleSteps: [Int]
  /// For each latent, in how many samples of the last batch it was active: `[latents]`.
  public private(set) var lastCounts: Tensor
  /// How many latents have been resampled so far.
  public internal(set) var resampledLatents = 0

  var pass: SparseAutoencoderStep
  private(set) var gradient: SparseAutoencoderParameters
  var first: SparseAutoencoderParameters
  var second: SparseAutoencoderParameters
  var random: RandomStream

  /// Creates a trainer that starts from an autoencoder; the stream serves resampling.
  ///
  /// With `DecoderNorm.unit` dictionary vectors of another length are brought to length one first: the gradient without
  /// its part along them would not keep their length otherwise.
  public init(
    _ autoencoder: SparseAutoencoder, settings: SparseAutoencoderTraining,
    using random: RandomStream = RandomStream(seed: 0)
  ) {
    if case .l0 = settings.penalty, case .jumpReLU = autoencoder.configuration.activation {
    } else if case .l0 = settings.penalty {
      preconditionFailure("only a JumpReLU learns from the number of active latents")
    }
    let configuration = autoencoder.configuration
    self.autoencoder = autoencoder
    if configuration.decoderNorm == .unit { DictionaryConstraint.project(&self.autoencoder.parameters.decoder) }
    self.settings = settings
    idleSteps = Array(repeating: 0, count: configuration.latents)
    lastCounts = Tensor(zeros: [configuration.latents])
    pass = SparseAutoencoderStep(configuration)
    gradient = SparseAutoencoderParameters(zerosFor: configuration)
    first = SparseAutoencoderParameters(zerosFor: configuration)
    second = SparseAutoencoderParameters(zerosFor: configuration)
    self.random = random.derived("resampling")
  }

  /// Takes one step on activations `[batch, inputs]`; returns what they cost before it.
  @discardableResult
  public mutating func step(on batch: Tensor) -> SparseAutoencoderLosses {
    let outcome = computeGradient(on: batch)
    followGradient()
    step += 1
    lastCounts.withUnsafeElements { counts in
      for latent in idleSteps.indices { idleSteps[latent] = counts[latent] > 0 ? 0 : idleSteps[latent] + 1 }
    }
    if outcome.smallestActive < .infinity {
      let rate = step == 1 ? 1 : settings.thresholdRate
      autoencoder.batchThreshold += rate * (outcome.smallestActive - autoencoder.batchThreshold)
    }
    if let rule = settings.resampling, step % rule.every == 0, step <= rule.last {
      resample(deadLatents(window: rule.window), by: rule.scheme, from: batch)
    }
    return outcome.losses
  }

  /// Writes the gradient at the autoencoder as it is.
  mutating func computeGradient(on batch: Tensor) -> SparseAutoencoderStep.Outcome {
    let factor = Float(settings.penaltySchedule.factor(at: step))
    return pass.run(
      autoencoder, on: batch,
      objective: .init(
        reconstruction: settings.reconstruction, penalty: settings.penalty, penaltyFactor: factor),
      gradient: &gradient, counts: &lastCounts)
  }

  /// Moves the parameters by Adam, and the dictionary vectors on their sphere.
  private mutating func followGradient() {
    let (configuration, settings, step) = (autoencoder.configuration, settings, step)
    let rate = Float(settings.schedule.factor(at: step)) * settings.learningRate
    autoencoder.parameters.withPointers { parameters in
      gradient.withPointers { gradient in
        first.withPointers { first in
          second.withPointers { second in
            func update(
              _ path: (SparseAutoencoderPointers) -> UnsafeMutablePointer<Float>?, from start: Int, _ count: Int
            ) {
              func part(_ pointers: SparseAutoencoderPointers) -> UnsafeMutableBufferPointer<Float> {
                UnsafeMutableBufferPointer(start: path(pointers).map { $0 + start }, count: count)
              }
              guard path(parameters) != nil else { return }
              AdamKernel.update(
                parameters: part(parameters), gradients: UnsafeBufferPointer(part(gradient)), first: part(first),
                second: part(second), step: step + 1, learningRate: rate, coefficients: settings.adam)
            }
            let (n, m) = (configuration.inputs, configuration.latents)
            update({ $0.encoder }, from: 0, m * n)
            update({ $0.encoderBias }, from: 0, m)
            update({ $0.decoderBias }, from: 0, n)
            update({ $0.gateBias }, from: 0, m)
            update({ $0.magnitudeScale }, from: 0, m)
            update({ $0.logThreshold }, from: 0, m)
            let isUnit = configuration.decoderNorm == .unit
            // A few rows at a time, so that what the constraint and Adam share is in the cache.
            let rows = max(1, 4096 / n)
            for row in stride(from: 0, to: m, by: rows) {
              let (start, count) = (row * n, min(rows, m - row))
              if isUnit && settings.removesParallelGradient {
                DictionaryConstraint.removeParallel(
                  gradient.decoder + start, to: parameters.decoder + start, rows: count, width: n)
              }
              update({ $0.decoder }, from: start, count * n)
              if isUnit { DictionaryConstraint.normalize(parameters.decoder + start, rows: count, width: n) }
            }
          }
        }
      }
    }
  }
}
