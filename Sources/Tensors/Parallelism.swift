// Several threads for one computation, where the caller asks for them.
//
// Suites and sweeps already keep every core busy with whole experiments, so one computation uses one thread unless told
// otherwise. Work is cut into ranges that write to places of their own; no sum is ever split, so results do not depend
// on which thread is faster.

import Dispatch

/// How many threads one computation may use.
///
///     Parallelism.$threads.withValue(2) { model(tokens) }
public enum Parallelism {
  /// The number of threads that products and loops of the current task are cut for; 1 unless bound.
  @TaskLocal public static var threads = 1

  /// Calls a closure for ranges that together cover `count` items, on several threads where that is worth it.
  ///
  /// `grain` is the least number of items that is worth a thread. The closure must not write what another range reads.
  static func forEachRange(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    guard count > grain else { return body(0..<count) }
    let parts = min(threads, count / max(grain, 1))
    guard parts > 1 else { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        body(count * part / parts..<count * (part + 1) / parts)
      }
    }
  }
}
