// What one seed says about one claim.

/// The number that an observation gives to a claim.
public struct Reading: Sendable, Hashable {
  /// The claim's id.
  public let claim: String

  /// What was measured, in the claim's unit; for an ordering 1 where it held and 0 where it did not.
  public let value: Double

  /// The same metric under the claim's control; nil where it was not measured, which leaves the claim inconclusive.
  public let control: Double?

  /// Further numbers for the record, by name.
  public let detail: [String: Double]

  /// Creates a reading.
  public init(claim: String, value: Double, control: Double?, detail: [String: Double] = [:]) {
    self.claim = claim
    self.value = value
    self.control = control
    self.detail = detail
  }

  /// Creates the reading of an ordering: whether it held, and whether it held under the control.
  public init(claim: String, held: Bool, controlHeld: Bool?, detail: [String: Double] = [:]) {
    self.init(claim: claim, value: held ? 1 : 0, control: controlHeld.map { $0 ? 1 : 0 }, detail: detail)
  }
}
