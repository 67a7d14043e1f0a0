// The fit of a product of three vectors against PyTorch, which forms all entries.

import Testing

@testable import ToyModels

@Suite("The fit of a product of three vectors")
struct ProductFitTests {
  private struct Fixture: Decodable {
    var truth, initial: [[Double]]
    var losses: [String: [Double]]
  }

  @Test("has PyTorch's losses", arguments: [("none", []), ("c", [2]), ("bc", [1, 2])] as [(String, Set<Int>)])
  func losses(name: String, clamped: Set<Int>) throws {
    let fixture = try ReferenceNumbers.read("statistical-induction/product", as: Fixture.self)
    let expected = try #require(fixture.losses[name])
    var fit = ProductFit(truth: fixture.truth, factors: fixture.initial)
    let measured = fit.descend(steps: expected.count - 1, clamped: clamped)
    #expect(measured.count == expected.count)
    for (measured, expected) in zip(measured, expected) { #expect(abs(measured - expected) < 1e-12) }
  }

  @Test("holds clamped factors where it is told to")
  func clamps() throws {
    let fixture = try ReferenceNumbers.read("statistical-induction/product", as: Fixture.self)
    var fit = ProductFit(truth: fixture.truth, factors: fixture.initial)
    _ = fit.descend(steps: 3, clamped: [1], at: .start)
    #expect(fit.factors[1] == fixture.initial[1])
    #expect(fit.factors[0] != fixture.initial[0])
    _ = fit.descend(steps: 3, clamped: [1])
    #expect(fit.factors[1] == fixture.truth[1])
  }
}
