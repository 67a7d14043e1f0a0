// One claim on the page of its paper: all that a reader needs to doubt it.

import Foundation

/// A claim with its record, in words.
struct ClaimView {
  let row: RowView
  let version: String
  /// The measured values in a sentence or two.
  let reasonGiven: String
  /// Names and texts: source, metric, rule, rationale and so on.
  let facts: [Fact]
  let command: String
  let seedTable: SeedTable?
  let configuration: Listing?
  let provenance: Listing?
  let runs: RunTable?
  let files: [Download]

  /// A name with its text.
  struct Fact {
    let name: String
    let text: String
  }

  /// Facts that may be absent together.
  struct Listing {
    let entries: [Fact]
  }

  /// The values of each seed.
  struct SeedTable {
    let columns: [String]
    let seeds: [[String]]
  }

  /// The recorded runs.
  struct RunTable {
    let trendWords: String
    let recorded: [[String]]
  }

  /// A file to take away.
  struct Download {
    let address: String
    let name: String
  }

  init(_ row: Board.Row, sources: SiteSources, root: String, archives: [String]) {
    let claim = row.claim
    let record = sources.records[claim.id]
    self.row = RowView(row, history: sources.history)
    version = String(claim.version)
    reasonGiven = row.reason
    facts = Self.facts(row)
    command = Self.command(claim, record)
    seedTable = record.flatMap(Self.seedTable)
    configuration = record.map { record in
      let entries = record.experiment.configuration.sorted { $0.key < $1.key }
      return Listing(entries: entries.map { Fact(name: $0.key, text: $0.value.words) })
    }.flatMap { $0.entries.isEmpty ? nil : $0 }
    provenance = record.map { Listing(entries: Self.provenance($0)) }
    runs = sources.history.flatMap { Self.runTable($0.runs(of: claim.id)) }
    let names = (record == nil ? [] : ["\(claim.id).json"]) + archives
    files = names.map { Download(address: root + SitePath.evidence(claim.finding, $0), name: $0) }
  }

  private static func facts(_ row: Board.Row) -> [Fact] {
    let claim = row.claim
    let expectation =
      switch claim.expectation {
      case .reproduces: "reproduces"
      case .partial: "reproduces in part"
      case .doesNotReplicate: "does not replicate"
      }
    let control = row.control.map { control in
      let interval = control.interval.map { " [\($0.lower.brief), \($0.upper.brief)]" } ?? ""
      return "\(control.mean.brief)\(interval)"
    }
    let facts: [(String, String?)] = [
      ("asked", row.askedWords), ("published", row.publishedWords.isEmpty ? nil : row.publishedWords),
      ("measured", row.measuredWords), ("control gave", control),
      ("control", claim.control), ("source", claim.source), ("metric", claim.metric),
      ("rule", claim.criterion.kind.words), ("why this rule", claim.rationale), ("choices", claim.choices),
      ("expectation", claim.expectation == .reproduces ? nil : expectation), ("note", claim.note),
      ("needs", claim.needs.joined(separator: ", ")),
    ]
    return facts.compactMap { name, text in text.flatMap { $0.isEmpty ? nil : Fact(name: name, text: $0) } }
  }

  /// What gives the same numbers again, on the same kind of machine.
  private static func command(_ claim: Claim, _ record: Record?) -> String {
    let rootSeed = record?.experiment.rootSeed ?? 0
    let tier = record?.experiment.tier ?? claim.tier
    var command = "swift run replicate run \(claim.id) --root-seed \(rootSeed) --tier \(tier.rawValue)"
    if let count = record?.experiment.seeds.count, count != claim.seeds { command += " --seeds \(count)" }
    return command
  }

  private static func seedTable(_ record: Record) -> SeedTable? {
    let measured = record.measurement
    guard !measured.values.isEmpty else { return nil }
    let names = Set(measured.details.flatMap(\.keys)).sorted()
    let seeds = measured.values.indices.map { index in
      let control = measured.controls.indices.contains(index) ? measured.controls[index] : nil
      let details = measured.details.indices.contains(index) ? measured.details[index] : [:]
      let seed = record.experiment.seeds.indices.contains(index) ? String(record.experiment.seeds[index]) : "–"
      return [seed, measured.values[index].brief, control?.brief ?? "–"] + names.map { details[$0]?.brief ?? "–" }
    }
    return SeedTable(columns: ["seed", "measured", "control"] + names, seeds: seeds)
  }

  private static func provenance(_ record: Record) -> [Fact] {
    let environment = record.environment
    let blas = environment.blas
    let isTimed = environment.date != RunEnvironment.noDate
    return (isTimed ? [Fact(name: "date", text: environment.date)] : []) + [
      Fact(name: "commit", text: environment.commit),
      Fact(name: "Swift", text: environment.swift),
      Fact(name: "OpenBLAS", text: "\(blas.version), kernel \(blas.kernel), threads in a product: \(blas.threads)"),
      Fact(name: "processor", text: environment.cpu), Fact(name: "system", text: environment.system),
      Fact(name: "experiment", text: "\(record.claim.finding)/\(record.experiment.name)"),
    ] + (isTimed ? [Fact(name: "seeds at once", text: String(environment.jobs))] : [])
      + record.assets.sorted { $0.key < $1.key }.map { Fact(name: "SHA-256 of \($0.key)", text: $0.value) }
  }

  private static func runTable(_ runs: [Trends.Run]) -> RunTable? {
    guard !runs.isEmpty else { return nil }
    let lines = runs.reversed().map { run in
      [
        run.date, String(run.commit.prefix(10)), String(run.rootSeed), run.tier.rawValue, String(run.version),
        run.mean?.brief ?? "–", run.verdict.words,
      ]
    }
    return RunTable(trendWords: Sparkline.words(runs), recorded: lines)
  }
}

extension Criterion.Kind {
  /// The rule in a sentence.
  fileprivate var words: String {
    switch self {
    case .value:
      "equivalence: the 90 % interval of the mean over seeds lies within the margin around the published value"
    case .bound: "one-sided: the 90 % interval of the mean over seeds lies on the right side of the bound"
    case .ordering: "ordering: it holds in more seeds than chance would give (exact binomial test)"
    case .exact: "exact: the value of every seed is within the margin of the published value"
    case .range: "range: the value of every seed is in the published range or on the right side of the published bound"
    }
  }
}

extension ConfigurationValue {
  /// The value in words.
  fileprivate var words: String {
    switch self {
    case .int(let value): String(value)
    case .double(let value): value.brief
    case .string(let value): value
    case .bool(let value): value ? "yes" : "no"
    case .array(let values): values.map(\.words).joined(separator: ", ")
    }
  }
}
