// Ctrl-C: the first asks the run to stop, a second stops the process where it stands.

import Dispatch
import Foundation

/// Watches for the interrupt signal.
final class Interrupt {
  private let source: any DispatchSourceSignal

  /// Calls `stop` at the first interrupt.
  init(_ stop: @escaping @Sendable () -> Void) {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
    source.setEventHandler {
      signal(SIGINT, SIG_DFL)
      stop()
    }
    source.activate()
  }

  /// Gives the signal back its usual effect.
  func stop() {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }
}
