// How every autoencoder here is trained: on contiguous batches of one pool, always in the same order, so that two
// autoencoders of one seed differ in nothing but their settings.

import Tensors
import ToyModels

/// How one autoencoder is trained.
struct DictionaryPlan: Sendable {
  /// What makes latents sparse, and with it how the error counts.
  enum Sparsity: Sendable {
    /// Mean square error plus α times the sum of the latents over their number (Sharkey et al. 2022).
    case perLatent(Float)
    /// Squared error plus a coefficient times the sum of the latents (Bricken et al. 2023, but for a scale).
    case sum(Float)
    /// The k largest latents and nothing else (Gao et al. 2024).
    case topK(Int)
  }

  var latents: Int
  var sparsity: Sparsity
  var isTied = false
  var decoderBias = SparseAutoencoder.DecoderBias.none
  /// Whether the decoder's bias starts at the geometric median of the pool, or else at zero.
  var startsAtMedian = false
  /// Whether the encoder's bias starts where it takes the median from pre-activations, as subtracting it would.
  var encoderStartsAtMedian = false
  var learningRate: Float = 1e-2
  var schedule: Schedule?
  var steps = 1_000
  var batch = 256
  var resampling: SparseAutoencoderTraining.Resampling?
  /// Whether as many latents as resampling finds dead are drawn from all of them and restart in their place.
  var resamplesAnyLatents = false

  /// The autoencoder before training.
  func untrained(on pool: Tensor, using random: RandomStream) -> SparseAutoencoder {
    var activation = SparseAutoencoder.Activation.relu
    if case .topK(let k) = sparsity { activation = .topK(k) }
    var autoencoder = SparseAutoencoder(
      .init(
        inputs: pool.shape[1], latents: latents, activation: activation, isTied: isTied, decoderBias: decoderBias),
      using: random.derived("weights"))
    let sample = pool.slice(axis: 0, 0..<min(4_096, pool.shape[0]))
    if startsAtMedian { autoencoder.centerDecoderBias(on: sample) }
    if encoderStartsAtMedian {
      let median = geometricMedian(of: sample).reshaped([1, sample.shape[1]])
      autoencoder.encoderBias = -median.matmul(autoencoder.encoderWeight).reshaped([latents])
    }
    return autoencoder
  }

  /// How it is trained, in the library's terms.
  private var settings: SparseAutoencoderTraining {
    var training = SparseAutoencoderTraining(
      learningRate: learningRate, schedule: schedule ?? .quarterCosine(over: steps), penalty: .none,
      resampling: resamplesAnyLatents ? nil : resampling)
    switch sparsity {
    case .perLatent(let alpha):
      training.reconstruction = .meanSquare
      training.penalty = .l1Mean(alpha)
    case .sum(let coefficient): training.penalty = .l1Sum(coefficient)
    case .topK: break
    }
    return training
  }

  /// Trains it; `watch` sees the trainer after every step.
  func train(
    on data: Activations, using random: RandomStream, progress: TrainingProgress,
    watch: (Int, SparseAutoencoderTrainer) -> Void = { _, _ in }
  ) throws -> TrainedDictionary {
    var trainer = SparseAutoencoderTrainer(
      untrained(on: data.pool, using: random), settings: settings, using: random)
    let batches = data.pool.shape[0] / batch
    var draws = random.derived("latents to resample")
    for step in 0..<steps {
      let first = step % batches * batch
      let samples = data.pool.slice(axis: 0, first..<first + batch)
      trainer.step(on: samples)
      if resamplesAnyLatents, let rule = resampling, (step + 1) % rule.every == 0, step < rule.last {
        let count = trainer.deadLatents(window: rule.window).count
        trainer.resample(Array(draws.permutation(latents).prefix(count)), by: rule.scheme, from: samples)
      }
      watch(step, trainer)
      if step % 50 == 49 { try progress.report(Double(step + 1) / Double(steps)) }
    }
    return TrainedDictionary(trainer.autoencoder, plan: self, heldOut: data.heldOut)
  }
}

/// An autoencoder after training, and what it does with samples that it never saw.
struct TrainedDictionary: Sendable {
  let autoencoder: SparseAutoencoder
  /// On the held-out samples, all of them.
  let metrics: SparseAutoencoderMetrics
  /// What training minimised, on the held-out samples, with the squared error as a sum over inputs.
  let loss: Double

  init(_ autoencoder: SparseAutoencoder, plan: DictionaryPlan, heldOut: Tensor) {
    self.autoencoder = autoencoder
    metrics = SparseAutoencoderMetrics(of: autoencoder, on: heldOut)
    let (inputs, latents) = (Double(autoencoder.configuration.inputs), Double(autoencoder.configuration.latents))
    let error = metrics.mse
    switch plan.sparsity {
    case .perLatent(let alpha): loss = error + Double(alpha) * inputs / latents * metrics.l1
    case .sum(let coefficient): loss = error + Double(coefficient) * metrics.l1
    case .topK: loss = error
    }
  }

  /// The dictionary's vectors, `[latents, inputs]`.
  var vectors: Tensor { autoencoder.decoderWeight }

  /// The vectors of the latents that are active in any held-out sample.
  var livingVectors: Tensor {
    let density = metrics.featureDensity
    return vectors.gathered(at: density.indices.filter { density[$0] > 0 })
  }
}

/// For each known direction its largest cosine with a vector of a dictionary.
func largestCosines(of truth: Tensor, in dictionary: Tensor) -> [Double] {
  meanMaxCosine(of: truth, in: dictionary).perFeature.map(Double.init)
}

/// Progress through the trainings of one seed.
struct TrainingProgress: Sendable {
  let run: SeedRun
  /// The share of the seed's work that lies before this training, and its own share.
  var start = 0.0
  var share = 1.0

  /// Says how much of this training is done; throws once the run has been cancelled.
  func report(_ fraction: Double) throws {
    try run.checkCancellation()
    run.report(start + share * fraction)
  }

  /// The part that belongs to one of several trainings of equal weight.
  func part(_ index: Int, of count: Int) -> TrainingProgress {
    TrainingProgress(run: run, start: start + share * Double(index) / Double(count), share: share / Double(count))
  }
}
