// How a finding is measured. An experiment trains or loads models and reports numbers; what counts as success is in
// the claims, which an experiment names but cannot change.

/// A measurement of one or more claims from models that it trains or loads.
public protocol Experiment: Sendable {
  /// What one seed leaves behind: just what the readings and figures need.
  associatedtype Observation: Sendable

  /// The name within its finding, written like a type, for instance `Pentagon`; its figures begin with it.
  var name: String { get }

  /// The ids of the claims that it measures; every claim is measured by exactly one experiment.
  var claims: [String] { get }

  /// What is written in every record: sizes, learning rate, steps.
  var configuration: [String: ConfigurationValue] { get }

  /// Trains and measures under one seed.
  ///
  /// All randomness comes from `run.random(_:)`. Long loops call `run.checkCancellation()` at every step or so.
  func observe(_ run: SeedRun) throws -> Observation

  /// The numbers that an observation gives to the claims: one reading for each.
  func readings(_ observation: Observation) -> [Reading]

  /// The evidence, drawn from the observations of all seeds in their order.
  func figures(_ observations: [Observation]) throws -> [Drawing]
}
