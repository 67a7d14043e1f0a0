// The same claims under other root seeds: how often each was reproduced, and how its measurements scatter over all of
// their seeds.

extension ReferenceRun {
  /// What other root seeds say of the claims.
  public struct RootSeedCounts: Sendable, Hashable, Codable {
    /// The root seeds, ascending.
    public let rootSeeds: [UInt64]
    /// The commits that these runs were made from; nil where that was not written down.
    public let commits: [String]?
    /// Under how many of them a claim was reproduced, by the claim's id.
    public let reproduced: [String: Int]
    /// Under how many of them a claim could not be measured, where it could not; nil where that never happened.
    public let unmeasured: [String: Int]?
    /// How measurements scatter over all seeds of all root seeds, by the claim's id and what is measured: `mean` for its
    /// value, `control`, and `detail:NAME`; nil where that was not written down.
    public let spreads: [String: [String: Spread]]?

    /// How the value of a claim scatters.
    func spread(of claim: String) -> Spread? { spreads?[claim]?["mean"] }

    /// How often a claim was reproduced, in words; empty where nobody counted.
    func words(of claim: String) -> String {
      guard let reproduced = reproduced[claim] else { return "" }
      let unmeasured = unmeasured?[claim].map { ", \($0) not measured" } ?? ""
      return "\(reproduced) of \(rootSeeds.count)\(unmeasured)"
    }
  }

  /// The mean and the standard deviation of measurements.
  public struct Spread: Sendable, Hashable, Codable {
    /// How many there are; what could not be measured is none.
    public let count: Int
    /// Their mean.
    public let mean: Double
    /// Their standard deviation, n − 1 in the denominator; 0 of one.
    public let deviation: Double

    /// The standard deviation of the mean.
    public var standardError: Double { deviation / Double(count).squareRoot() }

    /// Summarises the finite ones of some numbers, in whatever order they come; nil where there are none.
    init?(_ numbers: [Double]) {
      let finite = numbers.filter(\.isFinite)
      guard !finite.isEmpty else { return nil }
      (count, mean) = (finite.count, finite.orderFreeMean)
      deviation = finite.count > 1 ? finite.orderFreeDeviation : 0
    }
  }
}

extension Record.Measured {
  /// The numbers of all seeds by what they are of.
  var byField: [String: [Double]] {
    var fields = ["mean": values, "control": controls.compactMap(\.self)]
    for details in details { for (name, value) in details { fields["detail:\(name)", default: []].append(value) } }
    return fields
  }
}
