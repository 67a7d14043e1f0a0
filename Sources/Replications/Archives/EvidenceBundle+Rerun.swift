// Running a bundle's experiment again, with its root seed, seeds and tier. On the same machine with the same tools every
// bit must come out again; elsewhere, other matrix kernels give other bits, and the claim's rule must decide the same.

import Foundation

/// What came of running a bundle again.
public struct BundleRerun: Sendable {
  /// The new record.
  public let record: Record

  /// Whether the machine, the tools and the commit are those of the bundle, so that bits are compared.
  public let isBitwise: Bool

  /// In what machine, tools or commit differ, a phrase each.
  public let differences: [String]

  /// What changed, in units of seed variation.
  public let change: ClaimChange

  /// A sentence for each thing that did not come out again; none where all did.
  public let problems: [String]
}

extension EvidenceBundle {
  /// The largest number of seeds that is run again because a bundle says so.
  private static let mostSeeds = 1_000

  /// Runs the experiment again and compares; the package must state the claim as the bundle does.
  ///
  /// - Throws: ``BundleError`` where it cannot be run, and `CancellationError`.
  public func rerun(
    library: Library, registry: Registry, assets: Assets, root: URL,
    jobs: Int = ProcessInfo.processInfo.activeProcessorCount,
    onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) async throws -> BundleRerun {
    let claim = record.claim
    guard let stated = library.claim(claim.id) else {
      throw BundleError(description: "this package states no claim \(claim.id)")
    }
    guard stated.version == claim.version, stated.criterion == claim.criterion else {
      throw BundleError(
        description: "\(claim.id) is of version \(claim.version) (\(claim.criterion)) in the bundle, and of version "
          + "\(stated.version) (\(stated.criterion)) in this package; check out commit \(record.environment.commit)")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "replicate-verify-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    // The claims of an experiment share its figures, which are drawn from as many seeds as the largest of them takes.
    let seeds = record.experiment.seeds.count
    guard 1...Self.mostSeeds ~= seeds else {
      throw BundleError(
        description: "\(claim.id) has \(seeds) seeds in the bundle; 1 to \(Self.mostSeeds) are run again")
    }
    let settings = RunSettings(
      tier: record.experiment.tier, seeds: seeds == stated.seeds ? nil : seeds, rootSeed: record.experiment.rootSeed,
      jobs: jobs, evidence: folder)
    let session = Session(
      library: library, registry: registry, assets: assets, settings: settings, root: root, onProgress: onProgress)
    if let (_, experiment) = registry.experiment(measuring: claim.id) { session.expect(experiment) }
    let outcome = try await session.outcome(of: stated)
    guard let again = outcome.record else {
      throw BundleError(description: "\(claim.id) could not be run again: \(outcome.reason)")
    }
    let differences = Self.differences(record.environment, again.environment)
    return BundleRerun(
      record: again, isBitwise: differences.isEmpty, differences: differences,
      change: ClaimChange(from: record, to: again, significance: EvidenceComparison.significance),
      problems: differences.isEmpty ? bitProblems(again, outcome.drawings) : ruleProblems(again, outcome.reason))
  }

  private func bitProblems(_ again: Record, _ drawings: [Drawing]) -> [String] {
    var problems: [String] = []
    if !record.measurement.isIdentical(to: again.measurement) {
      let seed = zip(record.measurement.values, again.measurement.values).enumerated().first { _, pair in
        pair.0.bitPattern != pair.1.bitPattern
      }
      let place = seed.map { "seed \($0.offset) gave \($0.element.0), now \($0.element.1)" } ?? "a control changed"
      problems.append("on the same machine the values are not the same bits: \(place)")
    }
    if record.verdict.outcome != again.verdict.outcome {
      problems.append("the verdict was \(record.verdict.outcome.words), now \(again.verdict.outcome.words)")
    }
    for drawing in drawings {
      for (path, text) in [("figures/\(drawing.name).svg", drawing.svg), ("data/\(drawing.name).csv", drawing.csv)]
      where files[path] != Data(text.utf8) {
        problems.append("\(path) was drawn differently")
      }
    }
    return problems
  }

  private func ruleProblems(_ again: Record, _ reason: String) -> [String] {
    guard record.verdict.outcome != again.verdict.outcome else { return [] }
    return ["the verdict was \(record.verdict.outcome.words), now \(again.verdict.outcome.words): \(reason)"]
  }

  /// All that bits depend on, where it differs.
  private static func differences(_ old: RunEnvironment, _ new: RunEnvironment) -> [String] {
    let properties = [
      ("commit", old.commit, new.commit), ("processor", old.cpu, new.cpu), ("system", old.system, new.system),
      ("Swift", old.swift, new.swift),
      ("OpenBLAS", "\(old.blas.version) \(old.blas.kernel)", "\(new.blas.version) \(new.blas.kernel)"),
    ]
    return properties.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1), here \($0.2)" }
  }
}
