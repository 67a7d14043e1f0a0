// The shapes of schedules at their ends, and how they compose.

import Testing

@testable import Tensors

@Suite("Schedule")
struct ScheduleTests {
  @Test("formulas of the published notebook at the first, middle and last step")
  func published() {
    let steps = 101
    #expect(Schedule.linearDecay(over: steps).factor(at: 0) == 1)
    #expect(abs(Schedule.linearDecay(over: steps).factor(at: 100) - 1 / 101.0) < 1e-15)
    #expect(Schedule.quarterCosine(over: steps).factor(at: 0) == 1)
    #expect(abs(Schedule.quarterCosine(over: steps).factor(at: 50) - 0.5.squareRoot()) < 1e-15)
    #expect(abs(Schedule.quarterCosine(over: steps).factor(at: 100)) < 1e-15)
  }

  @Test(
    "no schedule leaves [0, 1], also beyond its end",
    arguments: [
      Schedule.constant, .warmUp(over: 5), .linearDecay(over: 5), .quarterCosine(over: 5), .halfCosine(over: 5),
      .warmUpThenCosine(warmUp: 2, steps: 5), .quarterCosine(over: 1), .linearDecay(over: 0), .warmUp(over: 0),
    ])
  func bounds(_ schedule: Schedule) {
    for step in 0..<12 { #expect((0...1).contains(schedule.factor(at: step))) }
    #expect(schedule.factor(at: 11) == schedule.factor(at: 1000))
  }

  @Test("warm-up begins at its start and stays at the peak")
  func warmUp() {
    let schedule = Schedule.warmUp(over: 4, from: 0.2)
    #expect((0..<6).map { schedule.factor(at: $0) }.elementsEqual([0.2, 0.4, 0.6, 0.8, 1, 1]) { abs($0 - $1) < 1e-12 })
  }

  @Test("a sequence counts its second part from its start, a product multiplies")
  func composition() {
    let sequence = Schedule.constant.then(.linearDecay(over: 4), at: 3)
    #expect((0..<8).map { sequence.factor(at: $0) } == [1, 1, 1, 1, 0.75, 0.5, 0.25, 0])
    let product = Schedule.warmUp(over: 2) * .linearDecay(over: 4)
    #expect((0..<5).map { product.factor(at: $0) } == [0, 0.375, 0.5, 0.25, 0])
    let both = Schedule.warmUpThenCosine(warmUp: 10, steps: 110, floor: 0.1)
    #expect(both.factor(at: 10) == 1)
    #expect(abs(both.factor(at: 60) - 0.55) < 1e-12)
    #expect(abs(both.factor(at: 110) - 0.1) < 1e-12)
  }
}
