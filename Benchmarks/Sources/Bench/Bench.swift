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
//   Bench train         times training steps of attention-only transformers and of modular addition
//   Bench gpt2          times GPT-2 small's shape: forward passes, patching, paths, generation and a training step
//   Bench floors        times the matrix products of these cases and nothing else, and one pass over 500 MB
//   Bench steps COUNT   trains COUNT steps and prints no times, to be watched from outside (allocations.sh)
//
// FILTER in the environment, as in the peers' scripts, is a list of parts of names, separated by commas: only cases that
// have one of them are timed.

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
    let groups: [String: () -> Void] = [
      "sae": sparseAutoencoderSteps, "stream": streamingMemory, "floors": floors,
      "train": {
        attentionOnlySteps()
        modularAdditionSteps()
      },
      "gpt2": {
        forwardPasses()
        patching()
        pathPatching()
        generation()
        trainingStep()
      },
    ]
    print("# OpenBLAS \(BLAS.version), kernel \(BLAS.coreName), \(threads) threads")
    if arguments.isEmpty {
      superpositionSteps()
      modularAdditionSteps()
      sparseAutoencoderSteps()
    } else if arguments.count == 1, let group = arguments.first.flatMap({ groups[$0] }) {
      Parallelism.$threads.withValue(threads, operation: group)
    } else if arguments.first == "steps", arguments.count == 2, let count = arguments.last.flatMap({ Int($0) }) {
      takeSteps(count)
    } else {
      print("usage: Bench [sae | stream | train | gpt2 | floors | steps COUNT]")
      exit(2)
    }
  }

  /// Whether a case is one of those that the environment asks for.
  static func isWanted(_ name: String) -> Bool { wanted.isEmpty || wanted.contains { name.contains($0) } }

  private static let wanted = (ProcessInfo.processInfo.environment["FILTER"] ?? "").split(separator: ",")

  /// Times repeated calls: the median of seven samples of a fifth of a second, or of three calls, or the better of two
  /// that take longer than three seconds.
  static func measure(_ name: String, work: Double, unit: String, _ body: () -> Void) {
    guard isWanted(name) else { return }
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
