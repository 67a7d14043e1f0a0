// Ctrl-C: the first asks the run to stop, a second stops the process where it stands.

import Dispatch
import Foundation
import Synchronization

/// Watches for the interrupt signal.
final class Interrupt {
  private let source: any DispatchSourceSignal
  private let state = State()

  /// Whether the signal came, and what is to be done about it.
  private final class State: Sendable {
    let value = Mutex<(came: Bool, stop: (@Sendable () -> Void)?)>((false, nil))
  }

  /// Starts to watch.
  init() {
    signal(SIGINT, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "interrupt"))
    let registered = DispatchSemaphore(value: 0)
    source.setRegistrationHandler { registered.signal() }
    source.setEventHandler { [state] in
      signal(SIGINT, SIG_DFL)
      let stop = state.value.withLock { value in
        value.came = true
        return value.stop
      }
      stop?()
    }
    source.activate()
    registered.wait()
  }

  /// Says what to do at the first interrupt; it is done at once if that came already.
  func onFirst(_ stop: @escaping @Sendable () -> Void) {
    let came = state.value.withLock { value in
      value.stop = stop
      return value.came
    }
    if came { stop() }
  }

  /// Gives the signal back its usual effect.
  func end() {
    source.cancel()
    signal(SIGINT, SIG_DFL)
  }
}
