// One seed's view of a run: its randomness, its assets, and its ties to whoever waits for it.

import Foundation
import Tensors

/// What an experiment is given to observe under one seed.
public struct SeedRun: Sendable {
  /// The seed of the whole run.
  public let rootSeed: UInt64

  /// The number of this seed, counted from 0.
  public let index: Int

  /// How long the run may take.
  public let tier: Tier

  private let stream: RandomStream
  private let assets: Assets
  private let papers: URL?
  private let progress: @Sendable (Double) -> Void

  /// Creates the run of one seed; `progress` receives fractions from 0 to 1.
  public init(
    finding: String, experiment: String, rootSeed: UInt64 = 0, index: Int = 0, tier: Tier = .standard,
    assets: Assets = .none, papers: URL? = nil, progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) {
    self.rootSeed = rootSeed
    self.index = index
    self.tier = tier
    self.assets = assets
    self.papers = papers
    self.progress = progress
    stream = RandomStream(seed: rootSeed).derived(finding).derived(experiment).derived("seed", index)
  }

  /// The random stream of one use, which depends on the root seed, the finding, the experiment, the seed and the label
  /// only: neither other experiments nor other uses move it.
  public func random(_ label: String) -> RandomStream {
    stream.derived(label)
  }

  /// The file of an asset that a claim of this experiment needs, asked for as the claim does.
  public func asset(_ need: String) throws(AssetError) -> URL {
    try assets.first(of: need).file
  }

  /// The published numbers that lie beside a paper's claims as `published.json`, where they are too many for a claim.
  public func published<Numbers: Decodable>(in paper: String, as type: Numbers.Type) throws -> Numbers {
    guard let papers else { throw PublishedNumbersError(paper: paper, reason: "the run has no folder of papers") }
    let file = papers.appending(components: paper, "published.json")
    do {
      return try JSONDecoder().decode(type, from: Data(contentsOf: file))
    } catch {
      throw PublishedNumbersError(paper: paper, reason: "\(error)")
    }
  }

  /// Throws `CancellationError` once the run has been cancelled.
  public func checkCancellation() throws {
    try Task.checkCancellation()
  }

  /// Says how much of this seed's work is done, from 0 to 1.
  public func report(_ fraction: Double) {
    progress(fraction)
  }
}

/// Why the published numbers of a paper cannot be read.
public struct PublishedNumbersError: Error, Sendable, CustomStringConvertible {
  /// The paper's key.
  public let paper: String

  /// What is wrong.
  public let reason: String

  /// The sentence that a person reads.
  public var description: String { "papers/\(paper)/published.json cannot be read: \(reason)" }
}
