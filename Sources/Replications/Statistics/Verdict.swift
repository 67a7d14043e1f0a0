// What may be said of a claim after a run. "Could not measure" is neither a pass nor a failure to replicate, and the
// type keeps them apart.

/// What a run says of a claim.
public enum Verdict: Sendable, Hashable {
  /// The measurement agrees with what was published, and the control failed as it must.
  case reproduced

  /// The measurement disagrees with what was published.
  case notReproduced

  /// The measurement cannot tell, or the control did not fail.
  case inconclusive(why: String)

  /// Nothing was measured: the run's tier is too low, or an asset is missing.
  case notEvaluated(why: String)

  /// The measurement failed: it threw, or gave no finite number.
  case error(String)

  /// The verdict without its explanation.
  public var outcome: Outcome {
    switch self {
    case .reproduced: .reproduced
    case .notReproduced: .notReproduced
    case .inconclusive: .inconclusive
    case .notEvaluated: .notEvaluated
    case .error: .error
    }
  }

  /// The explanation that belongs to the verdict itself.
  public var why: String? {
    switch self {
    case .reproduced, .notReproduced: nil
    case .inconclusive(let why), .notEvaluated(let why), .error(let why): why
    }
  }

  /// The five things that a verdict can be.
  public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
    /// The measurement agrees with what was published.
    case reproduced
    /// The measurement disagrees with what was published.
    case notReproduced
    /// The measurement cannot tell.
    case inconclusive
    /// Nothing was measured.
    case notEvaluated
    /// The measurement failed.
    case error

    /// The outcome in the words of the board.
    public var words: String {
      switch self {
      case .reproduced: "reproduced"
      case .notReproduced: "not reproduced"
      case .inconclusive: "inconclusive"
      case .notEvaluated: "not evaluated"
      case .error: "error"
      }
    }
  }
}

extension Expectation {
  /// Whether an outcome is what a reader was led to expect; an error never is, and what was not evaluated cannot be.
  public func isMet(by outcome: Verdict.Outcome) -> Bool {
    switch outcome {
    case .reproduced: self == .reproduces
    case .notReproduced, .inconclusive: self != .reproduces
    case .notEvaluated, .error: false
    }
  }
}
