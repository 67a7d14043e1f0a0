// A session evaluates claims on demand. However many claims of one experiment are asked for, together or one after the
// other, the experiment runs once; claims that nobody asks for are not recorded.

import Foundation
import Synchronization

/// Runs experiments at most once each, judges their claims and writes the evidence.
public final class Session: Sendable {
  /// The claims.
  public let library: Library

  /// The experiments.
  public let registry: Registry

  /// What the run may spend.
  public let settings: RunSettings

  /// Where records and figures go.
  public var evidence: Evidence { Evidence(folder: settings.evidence) }

  /// The commit of the package, `unknown` outside a repository.
  public var commit: String { environment.commit }

  private let assets: Assets
  private let papers: URL
  private let environment: RunEnvironment
  private let gate: Gate
  private let meter: ProgressMeter
  private let running = Mutex<[String: Running]>([:])

  /// An experiment that is under way or done, and how many wait for it.
  private struct Running {
    let task: Task<Measurement, any Error>
    var waiting = 0
    var cancelled = 0
  }

  /// Creates a session of the package at `root`; `onProgress` is called from any thread.
  public init(
    library: Library, registry: Registry, assets: Assets = .none, settings: RunSettings, root: URL,
    onProgress: @escaping @Sendable (RunProgress) -> Void = { _ in }
  ) {
    self.library = library
    self.registry = registry
    self.assets = assets
    self.settings = settings
    papers = root.appending(path: "papers")
    environment = RunEnvironment.current(root: root, jobs: settings.jobs)
    gate = Gate(width: settings.jobs)
    meter = ProgressMeter(report: onProgress)
  }

  /// Evaluates a claim: runs its experiment unless that was done before, judges, and writes the record.
  ///
  /// Throws only `CancellationError`. An experiment is cancelled once everyone who waits for it is.
  public func outcome(of claim: Claim) async throws -> ClaimOutcome {
    guard let (finding, experiment) = registry.experiment(measuring: claim.id) else {
      return .init(
        claim: claim, verdict: .error("no experiment measures it"), reason: "no experiment measures it", record: nil,
        recordFile: nil, drawings: [])
    }
    if let why = reasonToSkip(claim) { return .notEvaluated(claim, why) }
    let measurement = try await measurement(of: experiment, finding)
    try Task.checkCancellation()
    return record(claim, experiment, measurement)
  }

  /// How many have asked for an experiment that is under way or done.
  func waiting(for experiment: String) -> Int {
    running.withLock { $0[experiment]?.waiting ?? 0 }
  }

  /// Announces the seeds of an experiment to the progress meter before it starts.
  func expect(_ experiment: any Experiment) {
    meter.expect(seeds(of: experiment))
  }

  /// Why a claim cannot be evaluated in this session; nil where it can.
  func reasonToSkip(_ claim: Claim) -> String? {
    if claim.tier > settings.tier {
      return "it is of tier \(claim.tier.rawValue), and the run's tier is \(settings.tier.rawValue)"
    }
    for need in claim.needs {
      do throws(AssetError) {
        _ = try assets.first(of: need)
      } catch {
        return "needs \(error)"
      }
    }
    return nil
  }

  /// The seeds of an experiment: enough for each claim that the session could evaluate, whichever are asked for, so
  /// that a figure does not depend on what else was asked.
  private func seeds(of experiment: any Experiment) -> Int {
    let claims = experiment.claims.compactMap(library.claim).filter { reasonToSkip($0) == nil }
    return settings.seeds ?? claims.map(\.seeds).max() ?? 1
  }

  private func measurement(of experiment: any Experiment, _ finding: Finding) async throws -> Measurement {
    let key = "\(finding.name)/\(experiment.name)"
    let task = running.withLock { running in
      var entry = running[key] ?? Running(task: start(experiment, finding))
      entry.waiting += 1
      running[key] = entry
      return entry.task
    }
    do {
      return try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        running.withLock { running in
          running[key]?.cancelled += 1
          if let entry = running[key], entry.cancelled == entry.waiting { entry.task.cancel() }
        }
      }
    } catch {
      // Cancelled: whoever asks again starts anew.
      running.withLock { running in
        if running[key]?.task == task { running[key] = nil }
      }
      throw error
    }
  }

  private func start(_ experiment: any Experiment, _ finding: Finding) -> Task<Measurement, any Error> {
    let seeds = seeds(of: experiment)
    return Task { [settings, assets, papers, gate, meter, evidence] in
      let measurement = try await experiment.measure(
        finding: finding.name, seeds: seeds, settings: settings, assets: assets, papers: papers, gate: gate,
        meter: meter)
      guard case .success(let drawings) = measurement.drawings else { return measurement }
      do throws(EvidenceError) {
        try evidence.write(drawings, finding: finding.name)
      } catch {
        return Measurement(seeds: measurement.seeds, drawings: .failure(.init(what: error.description)))
      }
      return measurement
    }
  }

  private func record(_ claim: Claim, _ experiment: any Experiment, _ measurement: Measurement) -> ClaimOutcome {
    let seeds = Array(measurement.seeds.prefix(settings.seeds ?? claim.seeds))
    var readings: [Reading] = []
    var judgement: Judgement
    do throws(MeasurementFailure) {
      for seed in seeds { readings.append(contentsOf: [try seed.readings.get()[claim.id]].compactMap { $0 }) }
      judgement = Judge.judge(readings.map(\.value), controls: readings.map(\.control), by: claim.criterion)
      _ = try measurement.drawings.get()
    } catch {
      judgement = Judgement(verdict: .error(error.what), reason: error.what, measured: nil, control: nil)
    }

    var environment = environment
    environment.date = RunEnvironment.now()
    environment.seconds = seeds.map(\.seconds).reduce(0, +)
    let drawings = (try? measurement.drawings.get()) ?? []
    let record = Record(
      schemaVersion: Record.currentSchemaVersion, claim: claim,
      verdict: .init(
        outcome: judgement.verdict.outcome, reason: judgement.reason,
        isExpected: claim.expectation.isMet(by: judgement.verdict.outcome)),
      experiment: .init(
        name: experiment.name, configuration: experiment.configuration, tier: settings.tier,
        rootSeed: settings.rootSeed, seeds: Array(seeds.indices)),
      measurement: .init(
        values: readings.map(\.value), controls: readings.map(\.control), details: readings.map(\.detail),
        summary: judgement.measured, controlSummary: judgement.control),
      assets: Dictionary(
        claim.needs.compactMap { need in
          (try? assets.first(of: need)).flatMap { found in assets.sha256(found.id).map { (found.id, $0) } }
        }, uniquingKeysWith: { first, _ in first }),
      figures: drawings.map(\.name), environment: environment)
    do throws(EvidenceError) {
      try evidence.write(record)
    } catch {
      return ClaimOutcome(
        claim: claim, verdict: .error(error.description), reason: error.description, record: record, recordFile: nil,
        drawings: drawings)
    }
    return ClaimOutcome(
      claim: claim, verdict: judgement.verdict, reason: judgement.reason, record: record,
      recordFile: evidence.recordFile(finding: claim.finding, claim: claim.id), drawings: drawings)
  }
}
