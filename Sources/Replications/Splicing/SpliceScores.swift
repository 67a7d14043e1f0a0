// How much of what activations do for a model a replacement of them still does, by SAELens's scores.

import Tensors
import ToyModels

/// Cross-entropy and divergence of a model with a replacement in place of activations, beside zeros in their place.
public struct SpliceScores: Sendable, Hashable {
  /// The loss without intervention, in nats.
  public var loss: Double
  /// The loss with the replacement.
  public var splicedLoss: Double
  /// The loss with zeros.
  public var zeroLoss: Double
  /// The mean KL(model ‖ model with the replacement), in nats.
  public var divergence: Double
  /// The mean KL(model ‖ model with zeros), in nats.
  public var zeroDivergence: Double

  /// Puts activations `[word, width]` into a run, exactly as they are, and compares with zeros.
  public init(_ run: SplicedRun, replacing activations: Tensor) throws {
    let spliced = try run.predictions(with: activations)
    let zero = try run.predictions(with: Tensor(zeros: run.activations.shape))
    loss = run.loss(of: run.predictions)
    splicedLoss = run.loss(of: spliced)
    zeroLoss = run.loss(of: zero)
    divergence = run.divergence(to: spliced)
    zeroDivergence = run.divergence(to: zero)
  }

  /// The share of the loss that zeros cost and the replacement does not: 1 if it costs nothing, 0 if it is worth nothing.
  public var lossScore: Double { ceLossScore(clean: loss, spliced: splicedLoss, ablated: zeroLoss) }

  /// The same of the divergence.
  public var divergenceScore: Double { klDivScore(spliced: divergence, ablated: zeroDivergence) }

  /// The share of the loss that another replacement costs and this one does not: 0 if it is no better than the other.
  public func lossScore(over other: SpliceScores) -> Double {
    ceLossScore(clean: loss, spliced: splicedLoss, ablated: other.splicedLoss)
  }
}
