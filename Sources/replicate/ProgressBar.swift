// A line that says how far a run has come and how long it may still take, for whoever looks at a terminal.

import Foundation
import Replications
import Synchronization

/// A progress bar on the standard error.
final class ProgressBar: Sendable {
  private let start = ContinuousClock.now
  private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

  /// Creates a bar; nil where the standard error is not a terminal.
  init?() {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
  }

  /// Shows how far the run has come, at most ten times a second.
  func show(_ progress: RunProgress) {
    guard progress.expected > 0 else { return }
    let now = ContinuousClock.now
    lastShown.withLock { last in
      if let shown = last, shown.duration(to: now) < .milliseconds(100) { return }
      last = now
      let fraction = min(progress.completed / Double(progress.expected), 1)
      let elapsed = start.duration(to: now) / .seconds(1)
      let bar = Self.line(fraction: fraction, elapsed: elapsed, seeds: progress.expected)
      try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(bar)".utf8))
    }
  }

  /// Takes the bar away.
  func clear() {
    lastShown.withLock { last in
      guard last != nil else { return }
      last = nil
      try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K".utf8))
    }
  }

  /// The line: the bar, the part done, and the time left once there is something to judge it by.
  private static func line(fraction: Double, elapsed: Double, seeds: Int) -> String {
    let width = 30
    let full = Int(fraction * Double(width))
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    let percent = String(Int(fraction * 100))
    let left = fraction < 0.02 || elapsed < 1 ? "" : ", about \(duration(elapsed * (1 - fraction) / fraction)) left"
    return "\(bar) \(percent) % of \(seeds) seeds\(left)"
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds)
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
