// What a training run is made of beside model and data: the optimiser's numbers and how long it goes on.

import Tensors

/// How a transformer is trained: AdamW with a schedule and, perhaps, clipped gradients.
public struct TrainingSettings: Sendable, Equatable, Codable {
  /// The parameters that weight decay shrinks.
  public enum DecayedParameters: String, Sendable, Codable {
    /// Those with two axes: embeddings and projections, not biases and the weights of normalisations.
    case matrices
    /// All.
    case all
  }

  /// The number of updates of the whole run.
  public var steps: Int
  /// The learning rate where the schedule's factor is 1.
  public var learningRate: Float
  /// The factor on the learning rate at each step.
  public var schedule: Schedule
  /// The limit on gradients; nil for none.
  public var clipping: GradientClipping?
  /// The share of each running mean that survives a step, the constant of the division, and the decay.
  public var coefficients: AdamCoefficients
  /// The parameters that weight decay shrinks.
  public var decayed: DecayedParameters

  /// Creates settings; the defaults are those of PyTorch's AdamW, except that only matrices decay.
  public init(
    steps: Int, learningRate: Float, schedule: Schedule = .constant, clipping: GradientClipping? = nil,
    coefficients: AdamCoefficients = AdamCoefficients(weightDecay: 0.01), decayed: DecayedParameters = .matrices
  ) {
    precondition(steps >= 0, "a run of \(steps) steps")
    self.steps = steps
    self.learningRate = learningRate
    self.schedule = schedule
    self.clipping = clipping
    self.coefficients = coefficients
    self.decayed = decayed
  }

  /// The optimiser before its first update.
  var optimizer: Adam {
    Adam(learningRate: learningRate, coefficients: coefficients, sparesVectors: decayed == .matrices)
  }
}

/// The numbers of updates after which a run is kept; 0 is before the first.
public struct CheckpointSteps: Sendable, Equatable {
  private var interval: Int?
  private var chosen: Set<Int>

  /// Never.
  public static let none = CheckpointSteps(interval: nil, chosen: [])

  /// At every multiple of a number, 0 included.
  public static func every(_ interval: Int) -> CheckpointSteps {
    precondition(interval > 0, "checkpoints every \(interval) steps")
    return CheckpointSteps(interval: interval, chosen: [])
  }

  /// At some steps.
  public static func at(_ steps: some Sequence<Int>) -> CheckpointSteps {
    CheckpointSteps(interval: nil, chosen: Set(steps))
  }

  /// These steps and some more.
  public func and(at steps: some Sequence<Int>) -> CheckpointSteps {
    CheckpointSteps(interval: interval, chosen: chosen.union(steps))
  }

  /// Whether the run is kept after so many updates.
  public func contains(_ step: Int) -> Bool { chosen.contains(step) || interval.map { step % $0 == 0 } ?? false }
}
