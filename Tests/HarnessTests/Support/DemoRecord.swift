// Records of the demonstration, judged by the harness itself, with whatever environment a test wants them to be from.

import Foundation

@testable import Replications

/// The record of a claim whose seeds give these values, with controls of 90, written under a folder.
@discardableResult
func demoRecord(
  _ claim: Claim = .demo(), values: [Double] = [71.9, 72, 72.1, 72, 72], control: Double? = 90, rootSeed: UInt64 = 0,
  tier: Tier = .standard, in folder: URL, environment change: (inout RunEnvironment) -> Void = { _ in }
) async throws -> Record {
  var experiment = FakeExperiment(claims: [claim.id]) { run in
    [Reading(claim: claim.id, value: values[run.index], control: control)]
  }
  experiment.name = claim.id.split(separator: ".").dropFirst().map(\.capitalized).joined()
  experiment.draw = { [name = experiment.name] observations in
    let csv = observations.joined().map { "\($0.value)\n" }.joined()
    return [Drawing(name: name, svg: "<svg/>", csv: csv)]
  }
  let session = Session(
    library: .demo([claim]), registry: .demo(experiment),
    settings: RunSettings(tier: tier, seeds: values.count, rootSeed: rootSeed, jobs: 1, evidence: folder), root: folder)
  guard let record = try await session.outcome(of: claim).record else { throw CocoaError(.fileNoSuchFile) }
  var environment = record.environment
  environment.date = "2026-01-02T03:04:05Z"
  environment.seconds = 2
  environment.host = "somewhere"
  change(&environment)
  let changed = Record(
    schemaVersion: record.schemaVersion, claim: record.claim, verdict: record.verdict, experiment: record.experiment,
    measurement: record.measurement, assets: record.assets, figures: record.figures, environment: environment)
  try Evidence(folder: folder).write(changed)
  return changed
}
