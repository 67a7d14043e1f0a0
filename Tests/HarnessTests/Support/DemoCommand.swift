// The command, run with the demonstration's claims: each test runs it in a process of its own, so that its exit code and
// its output are the real ones.

import Foundation
import Replications
import Testing

@testable import replicate

/// Calls a function with the root of a package that holds the demonstration's claims.
func withPackage(_ body: (URL) async throws -> Void) async throws {
  try await withTemporaryFolder { folder in
    try folder.write(demoClaimsFile, to: "papers/doe2020demo/claims.yaml")
    try await body(folder)
  }
}

/// What a command wrote to its standard output.
func output(of result: ExitTest.Result?) -> String {
  String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
}

/// What a command wrote to its standard error.
func errors(of result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}

/// Runs the command with experiments for the demonstration's claims, and exits with its code.
func runCommand(_ arguments: [String], registry: Registry = .demonstration) async {
  exit(await demoExitCode(arguments, registry: registry))
}

/// Runs the command with experiments for the demonstration's claims and gives its exit code.
func demoExitCode(_ arguments: [String], registry: Registry = .demonstration) async -> Int32 {
  await Replicate.$registry.withValue(registry) { await Replicate.run(arguments) }
}

extension Registry {
  /// A theorem that holds, a pentagon that does not, an order that is expected not to, and a bound that fails.
  static var demonstration: Registry {
    struct OutOfMemory: Error, CustomStringConvertible {
      let description = "out of memory"
    }
    return .demo(
      named("Pentagon", .constant(60)), named("Order", .constant(0, control: 0, claim: "demo.order")),
      named("Bound", FakeExperiment(claims: ["demo.bound"]) { _ in throw OutOfMemory() }),
      named("Theorem", .constant(2, control: 5, claim: "demo.theorem")))
  }

  /// The same, with an order whose first seed interrupts the process and then waits to be stopped.
  static var interrupting: Registry {
    let order = FakeExperiment(claims: ["demo.order"]) { run in
      kill(getpid(), SIGINT)
      for _ in 0..<10_000 {
        try run.checkCancellation()
        usleep(1000)
      }
      return [Reading(claim: "demo.order", value: 1, control: 0)]
    }
    return .demo(
      named("Pentagon", .constant(60)), named("Order", order),
      named("Bound", .constant(0, control: 1, claim: "demo.bound")),
      named("Theorem", .constant(2, control: 5, claim: "demo.theorem")))
  }

  private static func named(_ name: String, _ experiment: FakeExperiment) -> FakeExperiment {
    var experiment = experiment
    experiment.name = name
    experiment.draw = { _ in [Drawing(name: name, svg: "<svg/>", csv: "value\n")] }
    return experiment
  }
}
