// Two sets of records side by side: two commits, two machines, two matrix kernels.
//
// Each claim is tested at one per cent and no correction is made for their number: with few seeds it would hide shifts of
// many standard deviations. What the number of tests costs is said instead: how many false alarms are to be expected.

import Foundation

/// What changed between two sets of records.
public struct EvidenceComparison: Sendable, Hashable, Codable {
  /// The probability that a claim shows a change between sets that differ by nothing but chance.
  public static let significance = 0.01

  /// What the first set was made with.
  public let before: Origin

  /// What the second set was made with.
  public let after: Origin

  /// The claims of either set: what changed first, then by id.
  public let changes: [ClaimChange]

  /// What a set of records was made with; a set of one run has one of each.
  public struct Origin: Sendable, Hashable, Codable {
    /// The commits of the package.
    public let commits: [String]
    /// The processors.
    public let processors: [String]
    /// The versions and kernels of OpenBLAS.
    public let kernels: [String]
    /// The versions of the compiler.
    public let compilers: [String]
    /// The root seeds.
    public let rootSeeds: [UInt64]
    /// The tiers.
    public let tiers: [Tier]

    init(_ records: [Record]) {
      commits = Set(records.map(\.environment.commit)).sorted()
      processors = Set(records.map(\.environment.cpu)).sorted()
      kernels = Set(records.map { "\($0.environment.blas.version) \($0.environment.blas.kernel)" }).sorted()
      compilers = Set(records.map(\.environment.swift)).sorted()
      rootSeeds = Set(records.map(\.experiment.rootSeed)).sorted()
      tiers = Set(records.map(\.experiment.tier)).sorted()
    }
  }

  /// Compares records, at most one of each set for a claim.
  public init(from before: [Record], to after: [Record]) {
    self.before = Origin(before)
    self.after = Origin(after)
    let first = Dictionary(before.map { ($0.claim.id, $0) }, uniquingKeysWith: { first, _ in first })
    let second = Dictionary(after.map { ($0.claim.id, $0) }, uniquingKeysWith: { first, _ in first })
    changes = Set(first.keys).union(second.keys).compactMap { id -> ClaimChange? in
      switch (first[id], second[id]) {
      case (let old?, let new?): ClaimChange(from: old, to: new, significance: Self.significance)
      case (let old?, nil): ClaimChange(id, .regression, "there is no record of it now", before: .init(old))
      case (nil, let new?): ClaimChange(id, .added, "there was no record of it before", after: .init(new))
      case (nil, nil): nil
      }
    }.sorted { ($0.kind.place, $0.id) < ($1.kind.place, $1.id) }
  }

  /// How many claims there are of each kind.
  public var counts: [(kind: ClaimChange.Kind, count: Int)] {
    ClaimChange.Kind.allCases.map { kind in (kind, changes.count { $0.kind == kind }) }
  }

  /// The number of claims of which both sets have a record.
  public var shared: Int { changes.count { $0.before != nil && $0.after != nil } }

  /// The number of claims that were held against the variation of seeds.
  public var tested: Int { changes.count(where: \.isTested) }

  /// How many changes the tests are expected to show where nothing changed, in a sentence; nil where none was made.
  public var falseAlarms: String? {
    guard tested > 0 else { return nil }
    let expected = (Self.significance * Double(tested) * 100).rounded() / 100
    let claims = tested == 1 ? "1 claim was" : "\(tested) claims were"
    return "\(claims) tested against chance at 1 %: "
      + "\(expected.brief) false alarms are to be expected if nothing changed"
  }

  /// 3 where the sets share no claim, 1 where anything got worse, 4 where something got better and nothing worse, else 0.
  public var exitCode: Int32 {
    if shared == 0 { return 3 }
    if changes.contains(where: { $0.kind == .regression }) { return 1 }
    return changes.contains { $0.kind == .improvement } ? 4 : 0
  }

  /// The properties of the origins in which the two sets differ, with the values of each.
  public var differences: [(name: String, before: String, after: String)] {
    let all: [(String, [String], [String])] = [
      ("commit", before.commits, after.commits), ("processor", before.processors, after.processors),
      ("OpenBLAS", before.kernels, after.kernels), ("Swift", before.compilers, after.compilers),
      ("root seed", before.rootSeeds.map { "\($0)" }, after.rootSeeds.map { "\($0)" }),
      ("tier", before.tiers.map(\.rawValue), after.tiers.map(\.rawValue)),
    ]
    return all.filter { $0.1 != $0.2 }.map { ($0.0, $0.1.joined(separator: ", "), $0.2.joined(separator: ", ")) }
  }
}

extension ClaimChange {
  fileprivate init(_ id: String, _ kind: Kind, _ reason: String, before: Side? = nil, after: Side? = nil) {
    self.init(
      id: id, kind: kind, reason: reason, before: before, after: after, difference: nil, deviation: nil,
      isTested: false)
  }

  /// The mean of a side, for a table; a dash where there is none.
  public static func words(of side: Side?) -> String { side?.mean.map(\.brief) ?? "–" }

  /// The difference in units of the deviation over seeds, for a table; a dash where seeds do not vary.
  public var deviationWords: String {
    guard let units = differenceInDeviations else { return difference == 0 ? "0" : "–" }
    let rounded = (units * 100).rounded() / 100
    return (rounded > 0 ? "+" : "") + rounded.brief
  }
}

extension ClaimChange.Kind {
  /// The order in which kinds are listed.
  fileprivate var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
