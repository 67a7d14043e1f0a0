// In what two statements of a claim differ, under the names of `claims.yaml`.

extension Claim {
  /// The fields in which another statement differs, in the order of the file; empty for the same statement.
  func differences(from other: Claim) -> [String] {
    let fields: [(name: String, isSame: Bool)] = [
      ("id", id == other.id), ("version", version == other.version), ("paper", paper == other.paper),
      ("finding", finding == other.finding), ("statement", statement == other.statement),
      ("source", source == other.source), ("choices", choices == other.choices), ("metric", metric == other.metric),
      ("unit", unit == other.unit), ("criterion", criterion == other.criterion),
      ("comparison", comparison == other.comparison), ("rationale", rationale == other.rationale),
      ("control", control == other.control), ("expectation", expectation == other.expectation),
      ("note", note == other.note), ("needs", needs == other.needs), ("tier", tier == other.tier),
      ("seeds", seeds == other.seeds),
    ]
    let names = fields.filter { !$0.isSame }.map(\.name)
    // A field that this list does not know must not pass for none.
    return names.isEmpty && self != other ? ["another field"] : names
  }
}
