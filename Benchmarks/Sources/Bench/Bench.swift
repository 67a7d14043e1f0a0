// The engine's side of a comparison: one line per case, in the format of the peers' scripts.
//
//   name <TAB> work <TAB> median seconds <TAB> unit <TAB> rate <TAB> minimum
//
// Times are this process's CPU seconds on one thread, which other load on the machine disturbs least.
//
//   Bench               times the training steps of superposition models
//   Bench gpt2          times forward passes of GPT-2 small's shape
//   Bench steps COUNT   trains COUNT steps and prints nothing, to be watched from outside (allocations.sh)

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@main
struct Bench {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.isEmpty {
      print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(BLAS.threads) thread")
      superpositionSteps()
    } else if arguments == ["gpt2"] {
      print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(BLAS.threads) thread")
      forwardPasses()
    } else if arguments.first == "steps", arguments.count == 2, let count = arguments.last.flatMap({ Int($0) }) {
      takeSteps(count)
    } else {
      print("usage: Bench [gpt2 | steps COUNT]")
      exit(2)
    }
  }

  /// Times repeated calls: the median of seven samples of at least a fifth of a second, or of three long calls.
  static func measure(_ name: String, work: Double, unit: String, _ body: () -> Void) {
    body()
    var calls = 1
    while true {
      let start = cpuSeconds()
      for _ in 0..<calls { body() }
      if cpuSeconds() - start > 0.1 || calls > 1 << 22 { break }
      calls *= 2
    }
    if calls > 1 { calls *= 2 }
    // Long calls are few: three samples are enough where one takes most of a second.
    let samples = (0..<(calls > 1 ? 7 : 3)).map { _ in
      let start = cpuSeconds()
      for _ in 0..<calls { body() }
      return (cpuSeconds() - start) / Double(calls)
    }.sorted()
    let median = samples[samples.count / 2]
    print("\(name)\t\(work)\t\(median)\t\(unit)\t\(work / median) \(unit)/s\tmin \(samples[0])")
    fflush(nil)
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
