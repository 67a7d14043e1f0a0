// The four ways in which a published finding is decided. Each case holds just the numbers that its rule needs, so a
// bound with a margin cannot be written down.

/// The published numbers that decide a claim, with the rule they belong to.
public enum Criterion: Sendable, Hashable, Codable {
  /// Equivalence: the mean over seeds is within `margin` of `published`.
  case value(published: Double, margin: Double)

  /// One-sided: the mean over seeds is at least this.
  case atLeast(Double)

  /// One-sided: the mean over seeds is at most this.
  case atMost(Double)

  /// The published order, sign or set holds in more seeds than a null with this probability gives.
  case ordering(chance: Double)

  /// Deterministic: every value is within `margin` of `published`.
  case exact(published: Double, margin: Double)

  /// The name of the rule.
  public var kind: Kind {
    switch self {
    case .value: .value
    case .atLeast, .atMost: .bound
    case .ordering: .ordering
    case .exact: .exact
    }
  }

  /// The published number, where the rule has one.
  public var published: Double? {
    switch self {
    case .value(let published, _), .exact(let published, _): published
    case .atLeast, .atMost, .ordering: nil
    }
  }

  /// The greatest allowed distance from the published number, where the rule has one.
  public var margin: Double? {
    switch self {
    case .value(_, let margin), .exact(_, let margin): margin
    case .atLeast, .atMost, .ordering: nil
    }
  }

  /// The names of the rules.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case value
    case bound
    case ordering
    case exact
  }
}

extension Criterion: CustomStringConvertible {
  /// What is asked of the measurement, for instance `72 ± 1`.
  public var description: String {
    switch self {
    case .value(let published, let margin): "\(published.brief) ± \(margin.brief)"
    case .exact(let published, let margin) where margin == 0: "exactly \(published.brief)"
    case .exact(let published, let margin): "\(published.brief) ± \(margin.brief) at every seed"
    case .atLeast(let bound): "at least \(bound.brief)"
    case .atMost(let bound): "at most \(bound.brief)"
    case .ordering(let chance): "holds more often than chance, \(chance.brief)"
    }
  }
}
