import Testing

@testable import Plotting

@Suite("Edge labels")
struct EdgeLabelPlanTests {
  @Test("Labels with room stay where their values are")
  func untouched() {
    #expect(EdgeLabelPlan.spread([(10, 12), (50, 12), (30, 12)], within: 0...100) == [10, 50, 30])
  }

  @Test("Colliding labels move apart evenly around their mean")
  func pushedApart() {
    #expect(EdgeLabelPlan.spread([(50, 10), (50, 10)], within: 0...100) == [45, 55])
  }

  @Test("Labels never leave the edge while they fit, and never overlap")
  func bounded() {
    let wanted = (0..<9).map { (middle: 95.0 + Double($0), length: 11.0) }
    let middles = EdgeLabelPlan.spread(wanted, within: 0...100)
    #expect(middles.allSatisfy { $0 >= 5.5 - 1e-9 && $0 <= 94.5 + 1e-9 })
    #expect(zip(middles.dropFirst(), middles).allSatisfy { $0 - $1 >= 11 - 1e-9 })
  }

  @Test("Labels beyond the axis are left out, as their lines are")
  func outside() {
    let scale = Scale(isLog: false, low: 0, high: 1, length: 100, isFlipped: true)
    let labels = [0.5, 2].map { EdgeLabel(side: .right, range: $0...$0, text: "v", ink: .muted) }
    #expect(EdgeLabelPlan.right(labels, scale: scale).items.map(\.target) == [50])
  }

  @Test("Labels above a frame use as many rows as they need")
  func rows() {
    let scale = Scale(isLog: false, low: 0, high: 1, length: 100, isFlipped: false)
    let labels = (0..<5).map { EdgeLabel(side: .top, range: 0.5...0.5, text: "a label \($0)", ink: .muted) }
    #expect(EdgeLabelPlan.top(labels, scale: scale).rowHeights.count == 5)
    #expect(EdgeLabelPlan.top([labels[0]], scale: scale).rowHeights.count == 1)
  }
}
