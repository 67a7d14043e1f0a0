// A claim in a record: flat, with the names that `claims.yaml` uses, so that a record can be read beside its claim.

/// A claim as it was when it was judged.
public struct StatedClaim: Sendable, Hashable, Codable {
  public let id: String
  public let version: Int
  public let paper: String
  public let finding: String
  public let statement: String
  public let source: String
  public let choices: String?
  public let metric: String
  public let unit: String
  public let kind: Criterion.Kind
  public let comparison: Comparison
  public let published: Double?
  public let margin: Double?
  public let atLeast: Double?
  public let atMost: Double?
  public let chance: Double?
  public let rationale: String
  public let control: String
  public let expectation: Expectation
  public let note: String?
  public let needs: [String]
  public let tier: Tier

  /// Flattens a claim.
  public init(_ claim: Claim) {
    id = claim.id
    version = claim.version
    paper = claim.paper
    finding = claim.finding
    statement = claim.statement
    source = claim.source
    choices = claim.choices
    metric = claim.metric
    unit = claim.unit
    kind = claim.criterion.kind
    comparison = claim.comparison
    published = claim.criterion.published
    margin = claim.criterion.margin
    atLeast = if case .atLeast(let bound) = claim.criterion { bound } else { nil }
    atMost = if case .atMost(let bound) = claim.criterion { bound } else { nil }
    chance = if case .ordering(let chance) = claim.criterion { chance } else { nil }
    rationale = claim.rationale
    control = claim.control
    expectation = claim.expectation
    note = claim.note
    needs = claim.needs
    tier = claim.tier
  }
}
