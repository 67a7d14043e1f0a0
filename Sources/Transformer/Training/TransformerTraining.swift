// Training a transformer of any configuration, as a value: model, optimiser, and where in the run it stands.
//
// Each step draws its batch from a stream that belongs to the step, so nothing but the number of updates has to be
// remembered of the randomness, and a run that is taken up again goes on to the same bits.

import Tensors

/// A training run in progress; a copy is a checkpoint.
///
///     var training = TransformerTraining(configuration, settings: settings, stream: RandomStream(seed: 0))
///     try training.train(checkpoints: .every(500), keep: { try checkpoints.save($0) }) { step, stream in
///       TokenBatch(…)
///     }
public struct TransformerTraining: Sendable {
  /// The model after the updates made so far.
  public internal(set) var model: HookedTransformer
  /// AdamW with its moments.
  public internal(set) var optimizer: Adam
  /// The number of updates made so far.
  public internal(set) var step = 0
  /// What the run is made of.
  public let settings: TrainingSettings
  /// What each step's stream is derived from.
  public let stream: RandomStream

  /// Begins a run from given weights.
  public init(_ model: HookedTransformer, settings: TrainingSettings, stream: RandomStream) {
    self.model = model
    self.settings = settings
    self.stream = stream
    optimizer = settings.optimizer
  }

  /// Begins a run from random weights, drawn from the stream's part `weights`.
  public init(_ configuration: TransformerConfiguration, settings: TrainingSettings, stream: RandomStream) {
    self.init(
      HookedTransformer(configuration, initializedFrom: stream.derived("weights")), settings: settings, stream: stream)
  }

  /// The run after other updates, as it was kept.
  init(
    _ model: HookedTransformer, optimizer: Adam, step: Int, settings: TrainingSettings, stream: RandomStream
  ) {
    self.init(model, settings: settings, stream: stream)
    self.optimizer = optimizer
    self.step = step
  }

  /// Whether every update of the run has been made.
  public var isFinished: Bool { step >= settings.steps }

  /// Trains up to a number of updates, that of the settings unless given; returns the loss of each step before its update.
  ///
  /// `batch` makes the tokens of a step, counted from 0, with that step's own randomness. `loss` is the cross-entropy of
  /// next tokens unless given. `keep` sees the run after each of the updates in `checkpoints`, and before the first one
  /// if 0 is among them. Progress is reported every `reportInterval` steps and at the last. Throws `CancellationError`
  /// when the task is cancelled and `TrainingError` when a loss is not finite; the run then stands after the last update
  /// and can go on from there.
  @discardableResult
  public mutating func train(
    until end: Int? = nil, checkpoints: CheckpointSteps = .none,
    keep: (_ training: TransformerTraining) throws -> Void = { _ in }, reportInterval: Int = 100,
    progress: (@Sendable (TrainingProgress) -> Void)? = nil,
    loss: (_ model: HookedTransformer, _ tokens: TokenBatch, _ parameters: Parameters) throws -> Variable = {
      $0.loss($1, parameters: $2)
    },
    batch: (_ step: Int, _ stream: inout RandomStream) throws -> TokenBatch
  ) throws -> [Float] {
    let loop = TrainingLoop(
      steps: min(end ?? settings.steps, settings.steps), schedule: settings.schedule, reportInterval: reportInterval,
      progress: progress)
    var losses: [Float] = []
    if step == 0 && checkpoints.contains(0) { try keep(self) }
    try loop.run(from: step) { step, factor in
      var stream = stream.derived("batch", step)
      let tokens = try batch(step, &stream)
      var (value, gradients) = try model.valueAndGradients { try loss(model, tokens, $0) }
      guard value.isFinite else { return value }
      let norm = settings.clipping.map { gradients.clip($0) } ?? gradients.globalNorm
      guard norm.isFinite else { throw TrainingError.gradientNotFinite(step: step) }
      optimizer.learningRate = Float(Double(settings.learningRate) * factor)
      optimizer.update(&model, with: gradients)
      self.step = step + 1
      losses.append(value)
      if checkpoints.contains(self.step) { try keep(self) }
      return value
    }
    return losses
  }
}
