// `replicate run`: train, measure, judge, record.

import ArgumentParser
import Foundation
import Replications

/// Runs experiments and judges their claims.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run experiments, judge their claims and write the evidence.")

  @Argument(help: "Part of a claim's id or of its finding, paper or experiment, or a glob; all claims unless given.")
  var pattern: String?

  @Option(help: "The greatest tier to evaluate: quick, standard or long.")
  var tier: Tier = .standard

  @Option(help: "The number of seeds of every claim; each claim's own unless given.")
  var seeds: Int?

  @Option(help: "The seed from which all randomness derives.")
  var rootSeed: UInt64 = 0

  @Option(help: "How many seeds to observe at once (default: the number of processors).")
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Run one of n shares of the work, which `merge` joins; claims of one experiment stay together.",
      valueName: "i/n"))
  var shard: Shard?

  @Option(
    help: ArgumentHelp(
      "A folder of evidence whose times balance the shards, the same for all of them (default: published runs).",
      valueName: "folder"))
  var costs: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func validate() throws {
    if let seeds, !(1...10_000).contains(seeds) { throw ValidationError("--seeds must be from 1 to 10000.") }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
    if costs != nil, shard == nil { throw ValidationError("--costs balances shards and needs --shard.") }
  }

  mutating func run() async throws {
    let workspace = try workspace.workspace()
    let library = try workspace.library()
    let registry = try Registry.checked(against: library)
    let selected = try Selection(pattern, library: library, registry: registry).claims
    let plan = try shard.map { shard in
      let costs =
        try costs.map { ShardCosts(try Evidence(folder: URL(filePath: $0)).storedRecords().map(\.record)) }
        ?? ShardCosts(publishedIn: workspace, papers: library.papers)
      return ShardPlan(selected, among: shard.count, registry: registry, costs: costs)
    }
    let own = shard.flatMap { shard in plan.map { Set($0.claims(of: shard)) } }
    let claims = selected.filter { own?.contains($0.id) ?? true }
    let settings = RunSettings(
      tier: tier, seeds: seeds, rootSeed: rootSeed, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      evidence: evidence.folder(in: workspace))
    let bar = ProgressBar()
    let session = Session(
      library: library, registry: registry, assets: try workspace.assets(), settings: settings, root: workspace.root,
      onProgress: { bar?.show($0) })

    if let shard { try session.evidence.forget(shard) }
    let interrupt = Interrupt()
    let work = Task { await Runner(session: session).run(claims) }
    interrupt.onFirst { work.cancel() }
    let report = await work.value
    interrupt.end()
    bar?.clear()

    if let shard, let plan, report.isComplete {
      try session.evidence.write(ShardManifest(shard, of: plan, outcomes: report.outcomes, session: session))
    }

    let board = Board(report.outcomes)
    let code = exitCode(of: report)
    if json {
      try writeJSON(Summary(rows: board.rows, isComplete: report.isComplete, exitCode: code))
    } else if !report.outcomes.isEmpty {
      write(board.lines(papers: library.papers, style: .standardOutput).joined(separator: "\n"))
    }
    if !report.isComplete {
      write("interrupted; \(report.outcomes.count) of \(claims.count) claims were evaluated", to: .standardError)
      throw ExitCode(130)
    }
    throw ExitCode(code)
  }

  /// A share in which nothing was evaluated is none to complain of: it may be empty, or wait for assets or a longer run.
  private func exitCode(of report: RunReport) -> Int32 {
    let isIdle = report.outcomes.allSatisfy { $0.verdict.outcome == .notEvaluated }
    return shard != nil && isIdle ? 0 : report.exitCode
  }

  /// A run as JSON.
  struct Summary: Encodable {
    let rows: [Board.Row]
    let isComplete: Bool
    let exitCode: Int32
  }
}

extension Shard: ExpressibleByArgument {
  /// Reads `i/n`.
  public init?(argument: String) { self.init(argument) }
}
