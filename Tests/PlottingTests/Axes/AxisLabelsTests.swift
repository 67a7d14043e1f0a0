import Testing

@testable import Plotting

@Suite("Axis labels")
struct AxisLabelsTests {
  private func scale(_ low: Double, _ high: Double, _ length: Double, isLog: Bool = false) -> Scale {
    Scale(isLog: isLog, low: low, high: high, length: length, isFlipped: false)
  }

  private func texts(_ labels: AxisLabels) -> [String] { labels.items.flatMap(\.lines) }

  @Test("Names that do not fit side by side are turned; those that still do not fit are thinned evenly")
  func categories() {
    let names = (0..<10).map { "category \($0)" }
    let wide = AxisLabels.fitted(.categories(names), scale: scale(-0.5, 9.5, 1000), isVertical: false)
    #expect(!wide.isRotated && texts(wide) == names)
    let medium = AxisLabels.fitted(.categories(names), scale: scale(-0.5, 9.5, 200), isVertical: false)
    #expect(medium.isRotated && texts(medium) == names)
    let narrow = AxisLabels.fitted(.categories(names), scale: scale(-0.5, 9.5, 80), isVertical: false)
    #expect(texts(narrow) == ["category 0", "category 2", "category 4", "category 6", "category 8"])
  }

  @Test("A linear axis has at least two labels when they fit")
  func atLeastTwo() {
    for high in [1.7, 1.85, 3.7, 9.9, 0.13] {
      let labels = AxisLabels.fitted(.linear(), scale: scale(-high, high, 60), isVertical: true)
      #expect(texts(labels).count >= 2)
    }
  }

  @Test("Labels chosen by the caller that would collide are left out")
  func customTicks() {
    let axis = Axis.linear(
      "", ticks: [.init(0.0, "start"), .init(0.01, "collides"), .init(1.0, "end"), .init(7.0, "out")])
    let labels = AxisLabels.fitted(axis, scale: scale(0, 1, 200), isVertical: false)
    #expect(texts(labels) == ["start", "end"])
  }

  @Test("A log axis within one decade falls back to even steps")
  func narrowLog() {
    let labels = AxisLabels.fitted(.log(), scale: scale(3.1, 4.4, 200, isLog: true), isVertical: false)
    #expect(texts(labels).count >= 3)
  }

  @Test("A hidden axis has no ticks")
  func hidden() {
    #expect(AxisLabels.fitted(.hidden(), scale: scale(0, 1, 100), isVertical: false).items.isEmpty)
  }
}
