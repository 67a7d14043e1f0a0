import Testing

@testable import Plotting

@Suite("Ticks")
struct TicksTests {
  @Test(
    "Linear ticks are multiples of 1, 2 or 5 with just the digits they need",
    arguments: [
      (0.0...1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (0...100, 5, ["0", "20", "40", "60", "80", "100"]),
      (-1.5...1.5, 3, ["−1", "0", "1"]),
      (0.0...0.003, 3, ["0.000", "0.001", "0.002", "0.003"]),
      (0...400_000, 4, ["0", "10⁵", "2×10⁵", "3×10⁵", "4×10⁵"]),
      (0...2e-6, 2, ["0", "10⁻⁶", "2×10⁻⁶"]),
      (71...73, 4, ["71.0", "71.5", "72.0", "72.5", "73.0"]),
    ] as [(ClosedRange<Double>, Int, [String])])
  func linearTicks(domain: ClosedRange<Double>, count: Int, labels: [String]) {
    #expect(Ticks.linear(domain, count: count).map(\.label) == labels)
  }

  @Test("Linear ticks stay inside the range and are evenly spaced")
  func linearTicksStayInside() {
    for low in [-7.3, 0, 0.00012, 1e6] {
      for span in [0.001, 1, 37, 1e5] {
        let ticks = Ticks.linear(low...(low + span), count: 6).map(\.value)
        #expect((3...8).contains(ticks.count))
        #expect(ticks.allSatisfy { $0 >= low - span * 1e-5 && $0 <= low + span * (1 + 1e-5) })
        let steps = zip(ticks.dropFirst(), ticks).map { $0 - $1 }
        #expect((steps.max() ?? 0) - (steps.min() ?? 0) < span * 1e-6)
      }
    }
  }

  @Test("Log ticks are decades with the multiples between them as minor ticks")
  func decades() {
    let ticks = Ticks.decades(0.01...10, stride: 1)
    #expect(ticks.compactMap(\.label) == ["0.01", "0.1", "1", "10"])
    #expect(ticks.count { $0.label == nil } == 24)
  }

  @Test("Decades far from one are written as powers of ten")
  func longDecades() {
    #expect(Ticks.decades(1e-5...1e-3, stride: 1).compactMap(\.label) == ["10⁻⁵", "10⁻⁴", "10⁻³"])
    #expect(Ticks.decades(1e-6...1, stride: 2).compactMap(\.label) == ["10⁻⁶", "10⁻⁴", "10⁻²", "10⁰"])
  }

  @Test("An axis of few decades is labelled at 1, 2 and 5")
  func oneTwoFive() {
    #expect(Ticks.oneTwoFive(1...20).compactMap(\.label) == ["1", "2", "5", "10", "20"])
  }

  @Test("A range without extent has no ticks")
  func emptyRange() {
    #expect(Ticks.linear(1...1, count: 5) == [])
  }
}
