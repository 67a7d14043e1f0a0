// What a run may spend and where it leaves its evidence.

import Foundation
import Tensors  // preconditions that say their sentence

/// The settings of a run.
public struct RunSettings: Sendable, Hashable {
  /// The greatest tier of the claims that are evaluated.
  public var tier: Tier

  /// The number of seeds of every claim; nil leaves it to the claims.
  public var seeds: Int?

  /// The seed from which all randomness of the run derives.
  public var rootSeed: UInt64

  /// How many seeds are observed at once.
  public var jobs: Int

  /// The folder under which records and figures are written.
  public var evidence: URL

  /// Creates settings; `jobs` is the number of processors unless given.
  public init(
    tier: Tier = .standard, seeds: Int? = nil, rootSeed: UInt64 = 0,
    jobs: Int = ProcessInfo.processInfo.activeProcessorCount, evidence: URL
  ) {
    precondition(jobs > 0, "a run needs at least one job, got \(jobs)")
    precondition(seeds.map { $0 > 0 } ?? true, "a run needs at least one seed")
    self.tier = tier
    self.seeds = seeds
    self.rootSeed = rootSeed
    self.jobs = jobs
    self.evidence = evidence
  }
}
