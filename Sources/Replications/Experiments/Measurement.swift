// One experiment, observed under all its seeds. This is the only place that knows an experiment's observation type.

import Foundation

/// What an experiment gave under each seed, and the figures drawn from all of them.
struct Measurement: Sendable {
  /// The seeds in their order.
  let seeds: [Seed]

  /// The figures, or why there are none.
  let drawings: Result<[Drawing], MeasurementFailure>

  /// What one seed gave.
  struct Seed: Sendable {
    /// The readings by claim, or why there are none.
    let readings: Result<[String: Reading], MeasurementFailure>

    /// How long the observation took.
    let seconds: Double
  }
}

/// Why an experiment gave no readings or figures, in a sentence.
struct MeasurementFailure: Error, Sendable, Hashable {
  let what: String
}

extension Experiment {
  /// Observes so many seeds, as many at once as the gate lets through, and draws the figures.
  ///
  /// A seed that throws does not stop the others. Throws only `CancellationError`.
  func measure(
    finding: String, seeds: Int, settings: RunSettings, assets: Assets, papers: URL?, gate: Gate, meter: ProgressMeter
  ) async throws -> Measurement {
    typealias Observed = (index: Int, observation: Result<Observation, any Error>, seconds: Double)
    let path = "\(finding)/\(name)"
    let observed = await withTaskGroup(of: Observed.self) { group in
      for index in 0..<seeds {
        group.addTask {
          await gate.perform {
            let run = SeedRun(
              finding: finding, experiment: name, rootSeed: settings.rootSeed, index: index, tier: settings.tier,
              assets: assets, papers: papers, progress: { meter.update(path, seed: index, $0) })
            let start = ContinuousClock.now
            let observation = Result {
              try run.checkCancellation()
              return try observe(run)
            }
            meter.update(path, seed: index, 1)
            return (index, observation, start.duration(to: .now) / .seconds(1))
          }
        }
      }
      return await group.reduce(into: [Observed]()) { $0.append($1) }.sorted { $0.index < $1.index }
    }
    try Task.checkCancellation()
    return Measurement(
      seeds: observed.map { seed in
        .init(readings: checkedReadings(seed.observation, seed.index), seconds: seed.seconds)
      },
      drawings: checkedFigures(observed.map(\.observation)))
  }

  /// The readings of a seed by claim, provided that there is just one for each claim.
  private func checkedReadings(_ observation: Result<Observation, any Error>, _ index: Int)
    -> Result<[String: Reading], MeasurementFailure>
  {
    switch observation {
    case .failure(let error):
      return .failure(MeasurementFailure(what: "seed \(index): \(error)"))
    case .success(let observation):
      let readings = readings(observation)
      let found = readings.map(\.claim).sorted()
      guard found == claims.sorted() else {
        let what = "the experiment \(name) gave readings for \(found), expected one for each of \(claims.sorted())"
        return .failure(MeasurementFailure(what: what))
      }
      return .success(Dictionary(uniqueKeysWithValues: readings.map { ($0.claim, $0) }))
    }
  }

  /// The figures, provided that all seeds were observed and each figure has a name of its own.
  private func checkedFigures(_ observations: [Result<Observation, any Error>])
    -> Result<[Drawing], MeasurementFailure>
  {
    do {
      let drawings = try figures(observations.map { try $0.get() })
      for drawing in drawings where !drawing.name.isFigureName(of: name) {
        let what = "the figure \"\(drawing.name)\" must be named \(name), or \(name)- and letters, digits or hyphens"
        return .failure(MeasurementFailure(what: what))
      }
      guard Set(drawings.map(\.name)).count == drawings.count else {
        return .failure(MeasurementFailure(what: "the experiment \(name) drew two figures of the same name"))
      }
      return .success(drawings)
    } catch {
      return .failure(MeasurementFailure(what: "the evidence could not be drawn: \(error)"))
    }
  }
}

extension String {
  /// Whether a figure of this name belongs to an experiment; it keeps the files of experiments apart.
  fileprivate func isFigureName(of experiment: String) -> Bool {
    guard hasPrefix(experiment) else { return false }
    let rest = dropFirst(experiment.count)
    let letters = rest.utf8.allSatisfy {
      (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) || $0 == 45
    }
    return rest.isEmpty || (rest.hasPrefix("-") && rest.utf8.count > 1 && letters)
  }
}
