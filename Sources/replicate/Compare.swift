// `replicate compare`: what changed from one set of records to another.

import ArgumentParser
import Foundation
import Replications

/// Compares two folders of evidence.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two folders of evidence: two commits, two machines, two kernels.",
    discussion: """
      A claim is identical (the same bits at every seed), equal (the means differ by no more than chance allows), a \
      regression or an improvement (the verdict changed at the same seeds, or the mean moved away from or towards \
      what was published by more than that), redefined, or added. A record that is gone is a regression. Records of \
      the same root seed and seeds are compared seed by seed, others as independent samples, each claim at a level of \
      1 %; the number of false alarms to be expected is printed.

      Exit codes: 0 nothing changed; 1 something got worse; 3 the folders share no claim, or one cannot be read; \
      4 something got better and nothing worse.
      """)

  @Argument(help: "The folder of evidence to compare with.")
  var before: String

  @Argument(help: "The folder of evidence to compare.")
  var after: String

  @Flag(help: "How to print the comparison: as text unless given.")
  var format: Status.Format?

  mutating func run() throws {
    func records(_ folder: String) throws -> [Record] {
      try Evidence(folder: URL(filePath: folder)).storedRecords().map(\.record)
    }
    let comparison = EvidenceComparison(from: try records(before), to: try records(after))
    switch format {
    case .json:
      let counts = Dictionary(uniqueKeysWithValues: comparison.counts.map { ($0.kind.rawValue, $0.count) })
      try writeJSON(
        Summary(
          comparison: comparison, counts: counts, tested: comparison.tested,
          expectedFalseAlarms: EvidenceComparison.significance * Double(comparison.tested),
          exitCode: comparison.exitCode))
    case .markdown: write(comparison.markdown)
    case nil: write(comparison.lines.joined(separator: "\n"))
    }
    throw ExitCode(comparison.exitCode)
  }

  /// A comparison as JSON.
  struct Summary: Encodable {
    let comparison: EvidenceComparison
    let counts: [String: Int]
    let tested: Int
    let expectedFalseAlarms: Double
    let exitCode: Int32
  }
}

extension EvidenceComparison {
  /// The comparison as lines of text; claims that are identical are only counted.
  fileprivate var lines: [String] {
    let origins = differences.map { "\($0.name): \($0.before) → \($0.after)" }
    var table = Table(header: ["change", "claim", "before", "after", "in s.d.", "why"])
    table.rows = changes.filter { $0.kind != .identical }.map { change in
      [
        change.kind.rawValue, change.id, ClaimChange.words(of: change.before), ClaimChange.words(of: change.after),
        change.deviationWords, change.reason,
      ]
    }
    let counts = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.kind.rawValue)" }.joined(separator: ", ")
    let body = table.rows.isEmpty ? [] : table.lines() + [""]
    let remarks = [falseAlarms, shared == 0 ? "the two folders share no claim: nothing was compared" : nil]
    return origins + (origins.isEmpty ? [] : [""]) + body + remarks.compactMap { $0 }
      + [counts.isEmpty ? "no claims" : counts]
  }
}
