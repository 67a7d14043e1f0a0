// A share of a run. Several machines, or several jobs of one, each take a share; together they do everything once.
//
// What is shared out is experiments, since all claims of one experiment are measured on the same trained models. The
// heaviest experiment goes first, each to the share that has least to do so far, which ends at most a third later than the
// best division would (Graham 1969, "Bounds on multiprocessing timing anomalies").

import Foundation

/// One of so many shares of a run, written `2/4`.
public struct Shard: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Which share it is, from 1.
  public let index: Int

  /// How many shares there are.
  public let count: Int

  /// The most shares that a run is divided into.
  static let largestCount = 10_000

  /// The share of a number, or nil where there is no such share.
  public init?(index: Int, count: Int) {
    guard (1...Self.largestCount).contains(count), (1...count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// The share that a text such as `2/4` names, or nil.
  public init?(_ text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false)
    guard numbers.count == 2, numbers.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) }), let index = Int(numbers[0]),
      let count = Int(numbers[1])
    else { return nil }
    self.init(index: index, count: count)
  }

  /// The share as it is written.
  public var description: String { "\(index)/\(count)" }
}

/// Who does what when a run is divided: the ids of claims, share by share.
public struct ShardPlan: Sendable, Hashable, Codable {
  /// The claims of each share in the order of the library; a share may be empty.
  public let shares: [[String]]

  /// Divides claims among so many shares, by experiment.
  ///
  /// The same claims, costs and count give the same plan on every machine.
  public init(_ claims: [Claim], among count: Int, registry: Registry, costs: ShardCosts = ShardCosts([])) {
    var experiments: [(key: String, claims: [Claim])] = []
    var places: [String: Int] = [:]
    for claim in claims {
      // A claim that no experiment measures is an experiment of its own, whose error belongs to one share too.
      let key = registry.experiment(measuring: claim.id).map { "\($0.finding.name)/\($0.experiment.name)" } ?? claim.id
      if let place = places[key] {
        experiments[place].claims.append(claim)
      } else {
        places[key] = experiments.count
        experiments.append((key, [claim]))
      }
    }
    let weighed = experiments.map { (key: $0.key, claims: $0.claims, cost: costs.seconds(of: $0.claims)) }
      .sorted { ($1.cost, $0.key) < ($0.cost, $1.key) }
    var shares = [Set<String>](repeating: [], count: count)
    var loads = [Double](repeating: 0, count: count)
    for experiment in weighed {
      guard let least = loads.indices.min(by: { (loads[$0], $0) < (loads[$1], $1) }) else { break }
      loads[least] += experiment.cost
      shares[least].formUnion(experiment.claims.map(\.id))
    }
    self.shares = shares.map { share in claims.map(\.id).filter(share.contains) }
  }

  /// The claims of a share.
  public func claims(of shard: Shard) -> [String] {
    shares.indices.contains(shard.index - 1) ? shares[shard.index - 1] : []
  }
}

/// How long claims take, as an earlier run recorded it, or else by their seeds.
public struct ShardCosts: Sendable, Hashable {
  private let seconds: [String: Double]
  private let secondsPerSeed: Double

  /// The costs that records tell; none leave it to the numbers of seeds.
  public init(_ records: [Record]) {
    seconds = Dictionary(
      records.map { ($0.claim.id, max($0.environment.seconds, 0)) }, uniquingKeysWith: { max($0, $1) })
    let seeds = records.reduce(0) { $0 + $1.experiment.seeds.count }
    let total = records.map { max($0.environment.seconds, 0) }.sorted().reduce(0, +)
    secondsPerSeed = seeds > 0 && total > 0 ? total / Double(seeds) : 1
  }

  /// The costs that the published reference runs of papers tell, which every checkout of a commit has.
  public init(publishedIn workspace: Workspace, papers: [Paper]) throws {
    let folder = workspace.root.appending(path: "papers")
    self.init(
      try papers.flatMap { paper in try ReferenceRun.stored(in: folder.appending(path: paper.key))?.records ?? [] })
  }

  /// How long an experiment takes that measures these claims: as long as the one that needs most, for they share it.
  func seconds(of claims: [Claim]) -> Double {
    claims.map { seconds[$0.id] ?? secondsPerSeed * Double($0.seeds) }.max() ?? 0
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
