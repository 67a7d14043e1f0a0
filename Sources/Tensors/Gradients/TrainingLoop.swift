// The loop around training steps: schedule, clipping, cancellation, progress, and a stop when the loss is lost.

/// What a training loop says about where it is.
public struct TrainingProgress: Sendable, Equatable {
  /// The step just finished, counted from 0.
  public let step: Int
  /// The number of steps of the whole run.
  public let steps: Int
  /// The loss of that step.
  public let loss: Float
  /// The share of the run that is done, in 0 ... 1.
  public var fraction: Double { Double(step + 1) / Double(steps) }
}

/// Why a training loop stopped early.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss became NaN or infinite; the model is as it was before that step.
  case lossNotFinite(step: Int, loss: Float)
  /// A gradient became NaN or infinite under a finite loss; the model is as it was before that step.
  case gradientNotFinite(step: Int)

  /// A sentence that names the step.
  public var description: String {
    switch self {
    case .lossNotFinite(let step, let loss):
      "the loss became \(loss) at step \(step): lower the learning rate or clip the gradients"
    case .gradientNotFinite(let step):
      "a gradient became infinite or NaN at step \(step), though the loss did not: look at the slope of the loss"
    }
  }
}

/// A number of training steps with a schedule, run so that it can be watched and cancelled.
public struct TrainingLoop: Sendable {
  /// The number of steps.
  public var steps: Int
  /// The factor on the learning rate at each step.
  public var schedule: Schedule
  /// The limit on gradients, if any.
  public var clipping: GradientClipping?
  /// The steps between two progress reports; the last step always reports.
  public var reportInterval: Int
  /// The steps between two checks for cancellation.
  public var cancellationInterval: Int
  /// Receives the progress, on the task that trains.
  public var progress: (@Sendable (TrainingProgress) -> Void)?

  /// Creates a loop.
  public init(
    steps: Int, schedule: Schedule = .constant, clipping: GradientClipping? = nil, reportInterval: Int = 100,
    cancellationInterval: Int = 1, progress: (@Sendable (TrainingProgress) -> Void)? = nil
  ) {
    precondition(steps >= 0, "a training loop cannot run \(steps) steps")
    precondition(reportInterval > 0 && cancellationInterval > 0, "intervals of a training loop are at least one step")
    self.steps = steps
    self.schedule = schedule
    self.clipping = clipping
    self.reportInterval = reportInterval
    self.cancellationInterval = cancellationInterval
    self.progress = progress
  }

  /// Runs a step of the caller's own for each step of the schedule; it returns its loss.
  ///
  /// `factor` is the schedule's value, to be multiplied by the peak learning rate. A run that is resumed begins at
  /// `start`. Throws `CancellationError` when the task is cancelled and `TrainingError` when a loss is not finite.
  public func run(from start: Int = 0, _ body: (_ step: Int, _ factor: Double) throws -> Float) throws {
    for step in start..<max(start, steps) {
      if step % cancellationInterval == 0 { try Task.checkCancellation() }
      let loss = try body(step, schedule.factor(at: step))
      guard loss.isFinite else { throw TrainingError.lossNotFinite(step: step, loss: loss) }
      if (step + 1) % reportInterval == 0 || step + 1 == steps {
        progress?(TrainingProgress(step: step, steps: steps, loss: loss))
      }
    }
  }

  /// Trains a model: takes gradients of the loss, clips them and lets the optimiser move the parameters.
  ///
  /// The optimiser's learning rate is the peak, and is restored at the end. `observe` sees the model after each
  /// update. Returns the loss of every step, before its update.
  @discardableResult
  public func train<Model: Parameterized, Method: Optimizer>(
    _ model: inout Model, with optimizer: inout Method, from start: Int = 0,
    observe: ((_ step: Int, _ model: Model, _ loss: Float) throws -> Void)? = nil,
    loss: (_ parameters: Parameters, _ step: Int) throws -> Variable
  ) throws -> [Float] {
    let peak = optimizer.learningRate
    defer { optimizer.learningRate = peak }
    var losses: [Float] = []
    losses.reserveCapacity(max(0, steps - start))
    try run(from: start) { step, factor in
      var (value, gradients) = try model.valueAndGradients { try loss($0, step) }
      guard value.isFinite else { return value }
      if let clipping { gradients.clip(clipping) }
      optimizer.learningRate = Float(Double(peak) * factor)
      optimizer.update(&model, with: gradients)
      losses.append(value)
      try observe?(step, model, value)
      return value
    }
    return losses
  }
}
