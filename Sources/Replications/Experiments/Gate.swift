// Limits how many pieces of work are under way at once.

/// Lets a limited number of tasks through at a time, in the order of their arrival.
actor Gate {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Creates a gate for so many tasks at once.
  init(width: Int) {
    free = width
  }

  /// Does a piece of work once there is room for it. Cancellation is for the work itself to notice.
  nonisolated func perform<Result: Sendable>(_ work: @Sendable () throws -> Result) async rethrows -> Result {
    await enter()
    do {
      let result = try work()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
