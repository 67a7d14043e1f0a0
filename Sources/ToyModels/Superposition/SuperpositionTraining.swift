// How superposition models are trained. The defaults are those of the companion notebook of Elhage et al. 2022; experiments
// that decay the learning rate, which the notebook defines but does not call, say so.

import Tensors

/// How superposition models are trained; the defaults are the companion notebook's.
public struct SuperpositionTraining: Sendable, Equatable {
  /// How the learning rate goes over the steps.
  public enum Schedule: String, Sendable {
    /// The same rate at every step.
    case constant
    /// 1 − s/S, the notebook's `linear_lr`.
    case linear
    /// cos(½π·s/(S − 1)), the notebook's `cosine_decay_lr`.
    case cosine
  }

  /// The number of optimiser steps.
  public var steps = 10_000
  /// Fresh samples in each step.
  public var batchSize = 1024
  /// The peak learning rate.
  public var learningRate: Float = 1e-3
  /// How the rate goes over the steps.
  public var schedule = Schedule.constant
  /// AdamW's decoupled weight decay.
  public var weightDecay: Float = 0.01
  /// The decay rates of AdamW's two averages.
  public var betas: (Float, Float) { (0.9, 0.999) }
  /// What AdamW adds to the root of its second average.
  public var epsilon: Float { 1e-8 }

  /// The schedule over this number of steps.
  var decay: Tensors.Schedule {
    switch schedule {
    case .constant: .constant
    case .linear: .linearDecay(over: steps)
    case .cosine: .quarterCosine(over: steps)
    }
  }

  /// Creates settings; what is not given is the notebook's.
  public init(
    steps: Int = 10_000, batchSize: Int = 1024, learningRate: Float = 1e-3, schedule: Schedule = .constant,
    weightDecay: Float = 0.01
  ) {
    self.steps = steps
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.schedule = schedule
    self.weightDecay = weightDecay
  }
}
