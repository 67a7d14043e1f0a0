// How much memory a process has held at most.

import Foundation

/// The most memory that this process has held, in bytes.
///
/// On Linux from `/proc`: what `getrusage` says there of a new process includes what its parent held.
func peakMemory() throws -> Int {
  #if os(Linux)
    struct NoPeak: Error {}
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = Int(line.filter(\.isNumber))
    else { throw NoPeak() }
    return kilobytes * 1024
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return Int(usage.ru_maxrss)
  #endif
}
