// The engine's side of a comparison: one line per case, in the format of the peers' scripts.
//
//   name <TAB> work <TAB> median seconds <TAB> unit <TAB> rate <TAB> minimum
//
// Times are this process's CPU seconds on one thread, which other load on the machine disturbs least. With THREADS=2 in
// the environment two threads share a computation, and times are the clock's.
//
//   Bench               times the training steps of superposition models, of modular addition and of sparse autoencoders
//   Bench sae           times those of sparse autoencoders only
//   Bench stream        reads the memory in use while activations stream through an autoencoder's training
//   Bench train [CASE]  times training steps of attention-only transformers and of modular addition, or of CASE alone, a part
//                       of a name such as V512
//   Bench gpt2 [CASE]   times GPT-2 small's shape: forward, patch, paths, generate, train; all without CASE
//   Bench floors [CASE] times the matrix products of these cases and nothing else, gpt2, train or sae, and one pass over
//                       500 MB, memory; all without CASE
//   Bench steps COUNT   trains COUNT steps and prints nothing, to be watched from outside (allocations.sh)

import Foundation
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
      modularAdditionSteps()
      sparseAutoencoderSteps()
    } else if arguments.first == "sae", arguments.count == 1 {
      sparseAutoencoderSteps()
    } else if arguments.first == "stream", arguments.count == 1 {
      streamingMemory()
    } else if arguments.first == "floors", arguments.count <= 2 {
      print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(threads) threads")
      Parallelism.$threads.withValue(threads) { floors(arguments.dropFirst().first) }
    } else if arguments.first == "train", arguments.count <= 2 {
      print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(threads) threads")
      let chosen = arguments.dropFirst().first
      Parallelism.$threads.withValue(threads) { attentionOnlySteps(chosen) }
      if chosen == nil { modularAdditionSteps() }
    } else if arguments.first == "gpt2", arguments.count <= 2 {
      print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(threads) threads")
      let chosen = arguments.dropFirst().first
      let cases: [(name: String, run: () -> Void)] = [
        ("forward", forwardPasses), ("patch", patching), ("paths", pathPatching), ("generate", generation),
        ("train", trainingStep),
      ]
      Parallelism.$threads.withValue(threads) {
        for (name, run) in cases where chosen == nil || chosen == name { run() }
      }
    } else if arguments.first == "steps", arguments.count == 2, let count = arguments.last.flatMap({ Int($0) }) {
      takeSteps(count)
    } else {
      print("usage: Bench [sae | stream | train [CASE] | gpt2 [CASE] | floors [CASE] | steps COUNT]")
      exit(2)
    }
  }

  /// Times repeated calls: the median of seven samples of a fifth of a second, or of three calls, or the better of two
  /// that take longer than three seconds.
  static func measure(_ name: String, work: Double, unit: String, _ body: () -> Void) {
    func time(_ calls: Int) -> Double {
      let start = seconds()
      for _ in 0..<calls { body() }
      return (seconds() - start) / Double(calls)
    }
    let first = time(1)
    var samples = [first]
    if first < 3 {
      let calls = max(1, Int(0.2 / max(time(1), 1e-7)))
      samples = (0..<(calls > 1 ? 7 : 3)).map { _ in time(calls) }
    } else {
      samples.append(time(1))
    }
    samples.sort()
    let median = samples[(samples.count - 1) / 2]
    print("\(name)\t\(work)\t\(median)\t\(unit)\t\(work / median) \(unit)/s\tmin \(samples[0])")
    fflush(nil)
  }

  /// The threads that one computation is cut for.
  static let threads = ProcessInfo.processInfo.environment["THREADS"].flatMap { Int($0) } ?? 1

  /// CPU seconds of this process, or the clock's where several threads work.
  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
