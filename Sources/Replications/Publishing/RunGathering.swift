// Gathering a run for publication: records that belong together, and the figures that the note shows.

import Foundation

/// Reads what is published out of the evidence of runs.
enum RunGathering {
  /// Whether a claim may lack a record: those that need an asset or a long run are not part of every run.
  static func mayBeMissing(_ claim: Claim) -> Bool { claim.tier == .long || !claim.needs.isEmpty }

  /// The records of claims in one run's evidence, which must be of one root seed and toolchain.
  ///
  /// Experiments may come of several commits, which are published with them: one that did not change, and may take hours,
  /// need not run again because another one did. The records of one experiment come of one run.
  ///
  /// - Parameter isCounted: whether verdicts alone are wanted, which hang on version and criterion and not on words; what
  ///   is counted may not have been measured: that is counted too.
  static func records(
    of claims: [Claim], in evidence: Evidence, isCounted: Bool = false
  ) throws(PublicationError) -> [Record] {
    var records: [Record] = []
    var problems: [FileProblem] = []
    func report(_ claim: Claim, _ message: String) {
      let file = evidence.recordFile(finding: claim.finding, claim: claim.id).path
      problems.append(FileProblem(file: file, message: message))
    }
    for claim in claims {
      do throws(RecordFileError) {
        guard let record = try evidence.record(finding: claim.finding, claim: claim.id) else {
          if !mayBeMissing(claim) { report(claim, "is missing: run `replicate run \(claim.id)` first") }
          continue
        }
        let differences = record.claim.differences(from: claim).filter { name in
          !isCounted || ["version", "criterion"].contains(name)
        }
        if !differences.isEmpty {
          let fields = differences.joined(separator: ", ")
          report(claim, "is of another claim than is stated (\(fields)): run `replicate run \(claim.id)` again")
        } else if record.verdict.outcome == .error, !isCounted {
          report(claim, "could not be measured: \(record.verdict.reason)")
        } else {
          records.append(record)
        }
      } catch {
        report(claim, error.reason)
      }
    }
    var firsts: [String: Record] = [:]
    for record in records {
      let name = "\(record.claim.finding)/\(record.experiment.name)"
      let first = firsts[name, default: record]
      firsts[name] = first
      let isOfFirst = isCounted || first.run == record.run
      let other = isOfFirst ? records[0] : first
      if !isOfFirst || other.machinery != record.machinery {
        report(record.claim, "comes of another run than \(other.claim.id): \(record.run), not \(other.run)")
      }
    }
    guard problems.isEmpty else { throw PublicationError(problems: problems) }
    return records
  }

  /// A figure's bytes and what is published of it.
  struct GatheredFigure {
    let published: ReferenceRun.PublishedFigure
    let svg: Data
    let csv: Data
  }

  /// The figures that a note shows, from the evidence of the records that were drawn with them.
  static func figures(
    _ names: [String], of records: [Record], in evidence: Evidence, note: String
  ) throws(PublicationError) -> [GatheredFigure] {
    var figures: [GatheredFigure] = []
    var problems: [FileProblem] = []
    for name in names {
      guard let finding = records.first(where: { $0.figures.contains(name) })?.claim.finding else {
        problems.append(FileProblem(file: note, message: "shows the figure \(name), which no record was drawn with"))
        continue
      }
      func data(_ suffix: String) -> Data? {
        let url = evidence.figureFile(finding: finding, name: name, extension: suffix)
        if let data = try? Data(contentsOf: url) { return data }
        problems.append(FileProblem(file: url.path, message: "cannot be read, and the note shows it"))
        return nil
      }
      guard let svg = data("svg"), let csv = data("csv") else { continue }
      let published = ReferenceRun.PublishedFigure(
        name: name, title: title(ofSVG: String(decoding: svg, as: UTF8.self)) ?? name,
        svg: SHA256.hexadecimal(svg), csv: SHA256.hexadecimal(csv))
      figures.append(GatheredFigure(published: published, svg: svg, csv: csv))
    }
    guard problems.isEmpty else { throw PublicationError(problems: problems) }
    return figures
  }

  /// How often each claim was reproduced in the evidence of runs under other root seeds; nil without any.
  ///
  /// A claim that some of the runs evaluated must have been evaluated by all: what is missing would be counted as not
  /// reproduced. What could not be measured is neither, and is counted apart.
  static func rootSeedCounts(
    of records: [Record], in others: [Evidence]
  ) throws(PublicationError) -> ReferenceRun.RootSeedCounts? {
    guard !others.isEmpty else { return nil }
    var seeds: [UInt64] = []
    var commits: Set<String> = []
    var reproduced: [String: Int] = [:]
    var unmeasured: [String: Int] = [:]
    var measurements: [String: [String: [Double]]] = [:]
    var evaluated: [(folder: URL, claims: Set<String>)] = []
    var problems: [FileProblem] = []
    for evidence in others {
      var seedsHere: Set<UInt64> = []
      var claims: Set<String> = []
      do throws(PublicationError) {
        for record in try self.records(of: records.map(\.claim), in: evidence, isCounted: true) {
          seedsHere.insert(record.experiment.rootSeed)
          claims.insert(record.claim.id)
          commits.insert(record.environment.commit)
          reproduced[record.claim.id, default: 0] += record.verdict.outcome == .reproduced ? 1 : 0
          if record.verdict.outcome == .error { unmeasured[record.claim.id, default: 0] += 1 }
          measurements[record.claim.id, default: [:]].merge(record.measurement.byField, uniquingKeysWith: +)
        }
      } catch {
        problems += error.problems
      }
      for seed in seedsHere where seeds.contains(seed) {
        problems.append(FileProblem(file: evidence.folder.path, message: "is a second run of root seed \(seed)"))
      }
      seeds += seedsHere
      evaluated.append((evidence.folder, claims))
    }
    for (folder, claims) in evaluated {
      for claim in reproduced.keys.sorted() where !claims.contains(claim) {
        problems.append(
          FileProblem(file: folder.path, message: "has no record of \(claim), which other root seeds have"))
      }
    }
    guard problems.isEmpty else { throw PublicationError(problems: problems) }
    return ReferenceRun.RootSeedCounts(
      rootSeeds: seeds.sorted(), commits: commits.sorted(), reproduced: reproduced,
      unmeasured: unmeasured.isEmpty ? nil : unmeasured,
      spreads: measurements.mapValues { $0.compactMapValues(ReferenceRun.Spread.init) })
  }

  /// The text of the first title element, fit for the brackets of an image in Markdown.
  private static func title(ofSVG svg: String) -> String? {
    guard let match = svg.firstMatch(of: /<title>([^<]*)<\/title>/) else { return nil }
    let readings = [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"), ("[", "("), ("]", ")"),
    ]
    return readings.reduce(String(match.output.1)) { $0.replacing($1.0, with: $1.1) }
  }
}

extension Record {
  /// What a record was measured with, in words.
  fileprivate var run: String { "commit \(environment.commit), \(machinery)" }

  /// The same but for the commit.
  fileprivate var machinery: String {
    "root seed \(experiment.rootSeed), Swift \(environment.swift), OpenBLAS \(environment.blas.version) "
      + environment.blas.kernel
  }
}
