// The closed forms behind the theoretical phase diagrams of Elhage et al. 2022, "Superposition as a Phase Change".
//
// For density p, an ignored feature costs V = p/3 − p²/4 at its best constant b = p/2; a feature with a dimension of its
// own costs nothing; an antipodal pair, W = [1, −1], costs p²/6 for each of its two features (weighted by importance),
// when both are active. Two features in one dimension, the first of importance 1, the extra one of importance I:
//
//   extra ignored      [1, 0]    I·V             extra dedicated  [0, 1]   V            antipodal  [1, −1]   p²(1 + I)/6
//
// so the boundaries are p = 4I/(2 + 5I) for I ≤ 1 and p = 4/(2I + 5) for I ≥ 1, which meet at I = 1, p = 4/7. Three
// features in two dimensions add a case in which the other two share: p²/3.

/// How a model treats the extra feature.
public enum Phase: Int, Sendable, CaseIterable {
  /// It has no weights.
  case ignored
  /// It shares a dimension with another feature.
  case superposed
  /// It has a dimension of its own.
  case dedicated
}

/// The theoretical losses at one point of a phase diagram.
public struct PhaseTheory: Sendable {
  /// The lowest loss in each phase.
  public let losses: [Phase: Double]

  /// Two features in one dimension.
  public static func twoInOne(density p: Double, importance: Double) -> PhaseTheory {
    PhaseTheory(losses: [
      .ignored: importance * ignoredLoss(p), .dedicated: ignoredLoss(p), .superposed: p * p * (1 + importance) / 6,
    ])
  }

  /// Three features in two dimensions, the first two of importance 1.
  public static func threeInTwo(density p: Double, importance: Double) -> PhaseTheory {
    PhaseTheory(losses: [
      .ignored: importance * ignoredLoss(p), .dedicated: min(ignoredLoss(p), p * p / 3),
      .superposed: p * p * (1 + importance) / 6,
    ])
  }

  /// The loss of a feature that is ignored, at its best bias.
  public static func ignoredLoss(_ p: Double) -> Double { p / 3 - p * p / 4 }

  /// The density below which an antipodal pair is best, for a relative importance.
  public static func boundary(importance: Double) -> Double {
    importance <= 1 ? 4 * importance / (2 + 5 * importance) : 4 / (2 * importance + 5)
  }

  /// The phase of lowest loss; on a tie the first in the order of `Phase`.
  public var best: Phase { ranked[0] }

  /// The lowest loss.
  public var minimum: Double { losses[best] ?? .infinity }

  /// How much higher the second-lowest loss is than the lowest, relative to it.
  public var margin: Double { (losses[ranked[1]] ?? .infinity) / minimum - 1 }

  private var ranked: [Phase] {
    Phase.allCases.sorted { (losses[$0] ?? .infinity, $0.rawValue) < (losses[$1] ?? .infinity, $1.rawValue) }
  }

  /// The phase that a trained model is in, by what it does with its last feature.
  ///
  /// A feature counts as represented when ‖W_i‖ > 1/2, as sharing when another represented one has a dot product
  /// with it below −1/4 or above 1/4.
  public static func classify(_ model: PhaseDiagramModel) -> Phase {
    let geometry = SuperpositionGeometry(directions: model.directions, hidden: model.directions[0].count)
    let extra = geometry.features - 1
    let represented = geometry.represented()
    guard represented.contains(extra) else { return .ignored }
    let shares = represented.contains { $0 != extra && abs(geometry.gram[$0][extra]) > 0.25 }
    return shares ? .superposed : .dedicated
  }
}
