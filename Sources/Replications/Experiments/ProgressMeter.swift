// How far a run has come, summed over the seeds that are under way.

import Synchronization

/// How far a run has come.
public struct RunProgress: Sendable, Hashable {
  /// The number of seeds done, counting those under way by their fractions.
  public let completed: Double

  /// The number of seeds that the run will observe, as far as it is known.
  public let expected: Int
}

/// Gathers the progress of seeds and passes on the sum.
final class ProgressMeter: Sendable {
  private let state = Mutex<(expected: Int, fractions: [String: Double])>((0, [:]))
  private let report: @Sendable (RunProgress) -> Void

  /// Creates a meter that calls `report` at every change, from whichever thread made it.
  init(report: @escaping @Sendable (RunProgress) -> Void) {
    self.report = report
  }

  /// Announces seeds that will be observed.
  func expect(_ seeds: Int) {
    change { $0.expected += seeds }
  }

  /// Says which fraction of a seed of an experiment is done.
  func update(_ experiment: String, seed: Int, _ fraction: Double) {
    change { $0.fractions["\(experiment)#\(seed)"] = min(max(fraction, 0), 1) }
  }

  private func change(_ body: (inout (expected: Int, fractions: [String: Double])) -> Void) {
    let progress = state.withLock { state in
      body(&state)
      return RunProgress(completed: state.fractions.values.sorted().reduce(0, +), expected: state.expected)
    }
    report(progress)
  }
}
