// `replicate verify`: whether a bundle is what it says, and whether it comes out again.

import ArgumentParser
import Foundation
import Replications

/// Checks a bundle.
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a bundle's hashes and verdict, and run it again if told so.",
    discussion: """
      With --rerun the experiment runs with the bundle's root seed, seeds and tier. With the same commit, machine and \
      tools every bit must come out again, figures included; elsewhere the claim's rule must give the same verdict.

      Exit codes: 0 all is as the bundle says; 1 something is not; 3 the archive cannot be read or run.
      """)

  @Argument(help: "The archive that `replicate bundle` made.")
  var bundle: String

  @Flag(help: "Run the experiment again and compare.")
  var rerun = false

  @Option(help: "How many seeds to observe at once (default: the number of processors).")
  var jobs: Int?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var workspace: WorkspaceOptions

  mutating func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
  }

  mutating func run() async throws {
    let bundle = try EvidenceBundle(contentsOf: URL(filePath: bundle))
    var problems = bundle.problems()
    var result: BundleRerun?
    if rerun, problems.isEmpty {
      result = try await again(bundle)
      problems += result?.problems ?? []
    }
    let record = bundle.record
    if json {
      let summary = Summary(
        claim: record.claim.id, version: record.claim.version, outcome: record.verdict.outcome, problems: problems,
        isBitwise: result?.isBitwise, differences: result?.differences, change: result?.change)
      try writeJSON(summary)
    } else {
      write("\(record.claim.id), version \(record.claim.version): \(record.verdict.outcome.words)")
      if let result {
        let how = result.isBitwise ? "every bit is compared" : "compared by the claim's rule: "
        write("run again, \(how)\(result.differences.joined(separator: "; "))\n\(result.change.reason)")
      }
      write(problems.isEmpty ? "verified" : problems.joined(separator: "\n"))
    }
    throw ExitCode(problems.isEmpty ? 0 : 1)
  }

  private func again(_ bundle: EvidenceBundle) async throws -> BundleRerun {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    let registry = try Registry.checked(against: library)
    let assets = try workspace.assets()
    let bar = ProgressBar()
    defer { bar?.clear() }
    return try await bundle.rerun(
      library: library, registry: registry, assets: assets, root: workspace.root,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, onProgress: { bar?.show($0) })
  }

  /// What was found, as JSON.
  struct Summary: Encodable {
    let claim: String
    let version: Int
    let outcome: Verdict.Outcome
    let problems: [String]
    let isBitwise: Bool?
    let differences: [String]?
    let change: ClaimChange?
  }
}
