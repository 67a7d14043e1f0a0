// The five ways in which a published finding is decided. Each case holds just the numbers that its rule needs, so a
// bound with a margin cannot be written down.

/// The published numbers that decide a claim, with the rule they belong to.
public enum Criterion: Sendable, Hashable {
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

  /// Deterministic: every value is in this range, which may be open at one end.
  case within(ClosedRange<Double>)

  /// The name of the rule.
  public var kind: Kind {
    switch self {
    case .value: .value
    case .atLeast, .atMost: .bound
    case .ordering: .ordering
    case .exact: .exact
    case .within: .range
    }
  }

  /// The published number, where the rule has one.
  public var published: Double? {
    switch self {
    case .value(let published, _), .exact(let published, _): published
    case .atLeast, .atMost, .ordering, .within: nil
    }
  }

  /// The greatest allowed distance from the published number, where the rule has one.
  public var margin: Double? {
    switch self {
    case .value(_, let margin), .exact(_, let margin): margin
    case .atLeast, .atMost, .ordering, .within: nil
    }
  }

  /// The names of the rules.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Equivalence within a margin.
    case value

    /// One-sided.
    case bound

    /// An order, a sign or a set that holds or does not.
    case ordering

    /// Deterministic on a given model.
    case exact

    /// Deterministic on a given model, and published as a bound or a range.
    case range

    /// Whether every value is judged for itself, so that one seed is enough.
    public var isDeterministic: Bool { self == .exact || self == .range }
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
    case .within(let range): "\(range.inWords) at every seed"
    }
  }
}

extension ClosedRange<Double> {
  /// The range as a claim's reader has it, `at least 2`, `at most 0.3` or `0.1 … 0.4`.
  var inWords: String {
    switch (lowerBound.isFinite, upperBound.isFinite) {
    case (true, false): "at least \(lowerBound.brief)"
    case (false, true): "at most \(upperBound.brief)"
    default: "\(lowerBound.brief) … \(upperBound.brief)"
    }
  }
}

extension Criterion: Codable {
  private enum Key: String, CodingKey {
    case kind, published, margin, atLeast, atMost, chance
  }

  /// Writes the kind and its numbers under the names that `claims.yaml` has for them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .value(let published, let margin), .exact(let published, let margin):
      try container.encode(published, forKey: .published)
      try container.encode(margin, forKey: .margin)
    case .atLeast(let bound): try container.encode(bound, forKey: .atLeast)
    case .atMost(let bound): try container.encode(bound, forKey: .atMost)
    case .ordering(let chance): try container.encode(chance, forKey: .chance)
    case .within(let range):
      if range.lowerBound.isFinite { try container.encode(range.lowerBound, forKey: .atLeast) }
      if range.upperBound.isFinite { try container.encode(range.upperBound, forKey: .atMost) }
    }
  }

  /// Reads what `encode(to:)` writes, and holds it to the rules of `claims.yaml`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func number(_ key: Key, where isFit: (Double) -> Bool = { _ in true }) throws -> Double {
      let number = try container.decode(Double.self, forKey: key)
      guard number.isFinite, isFit(number) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(key.rawValue) cannot be \(number)")
      }
      return number
    }
    switch try container.decode(Kind.self, forKey: .kind) {
    case .value: self = .value(published: try number(.published), margin: try number(.margin) { $0 > 0 })
    case .exact: self = .exact(published: try number(.published), margin: try number(.margin) { $0 >= 0 })
    case .bound: self = container.contains(.atLeast) ? .atLeast(try number(.atLeast)) : .atMost(try number(.atMost))
    case .ordering: self = .ordering(chance: try number(.chance) { $0 > 0 && $0 < 1 })
    case .range:
      let low = try container.decodeIfPresent(Double.self, forKey: .atLeast) ?? -.infinity
      let high = try container.decodeIfPresent(Double.self, forKey: .atMost) ?? .infinity
      guard low <= high, low.isFinite || high.isFinite else {
        throw DecodingError.dataCorruptedError(
          forKey: .atLeast, in: container, debugDescription: "a range has an end, and the lower one first")
      }
      self = .within(low...high)
    }
  }
}
