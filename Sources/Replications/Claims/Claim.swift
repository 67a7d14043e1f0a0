// A claim is what was published, as data: it says what counts as success and knows nothing of how it is measured.

/// One published finding, stated so that a measurement can decide it.
public struct Claim: Sendable, Hashable, Codable, Identifiable {
  /// The stable, dotted, lower-case name that history hangs on, for instance `superposition.pentagon.gaps`.
  public let id: String

  /// Counts the changes to what counts as success.
  public let version: Int

  /// The key of the paper.
  public let paper: String

  /// The finding it belongs to: the name of the suite and of the folder under `Sources/Replications`.
  public let finding: String

  /// What was found, in one sentence.
  public let statement: String

  /// Where the paper says so: section, figure or table.
  public let source: String

  /// What the paper leaves open, and what was chosen.
  public let choices: String?

  /// What is measured, in words.
  public let metric: String

  /// The metric's unit; `1` for a number without one.
  public let unit: String

  /// The rule and the published numbers that decide it.
  public let criterion: Criterion

  /// What the published number means at the scale that is measured here.
  public let comparison: Comparison

  /// Why the margin, bound or chance is honest.
  public let rationale: String

  /// The condition under which the effect must be gone.
  public let control: String

  /// What prior measurement leads a reader to expect.
  public let expectation: Expectation

  /// What there is to say about an expectation other than `reproduces`.
  public let note: String?

  /// The ids of the outside models and data that the measurement needs; `a or b` where either will do.
  public let needs: [String]

  /// The least run that evaluates it.
  public let tier: Tier

  /// How many seeds a run takes unless told otherwise.
  public let seeds: Int

  /// Creates a claim.
  public init(
    id: String, version: Int = 1, paper: String, finding: String, statement: String, source: String,
    choices: String? = nil, metric: String, unit: String = "1", criterion: Criterion, comparison: Comparison,
    rationale: String, control: String, expectation: Expectation = .reproduces, note: String? = nil,
    needs: [String] = [], tier: Tier = .quick, seeds: Int
  ) {
    self.id = id
    self.version = version
    self.paper = paper
    self.finding = finding
    self.statement = statement
    self.source = source
    self.choices = choices
    self.metric = metric
    self.unit = unit
    self.criterion = criterion
    self.comparison = comparison
    self.rationale = rationale
    self.control = control
    self.expectation = expectation
    self.note = note
    self.needs = needs
    self.tier = tier
    self.seeds = seeds
  }
}

/// What a published number means at the scale that is measured here.
public enum Comparison: String, Sendable, Hashable, Codable, CaseIterable {
  /// Equal to machine precision: a theorem, or the same weights.
  case identity

  /// The published number is comparable with the measured one.
  case number

  /// Only ordering, phase or contrast carries over; the published magnitude belongs to another scale.
  case shape
}

/// What prior measurement leads a reader to expect of a claim.
public enum Expectation: String, Sendable, Hashable, Codable, CaseIterable {
  /// It does.
  case reproduces

  /// Some of it does, and the note says what.
  case partial

  /// It does not, and the note says why.
  case doesNotReplicate
}

/// How long a run may take; a run of one tier evaluates the claims of that tier and of those below it.
public enum Tier: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// Seconds.
  case quick

  /// The default of `swift test`.
  case standard

  /// Tens of minutes.
  case long

  /// Orders the tiers from quick to long.
  public static func < (left: Tier, right: Tier) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int {
    switch self {
    case .quick: 0
    case .standard: 1
    case .long: 2
    }
  }
}
