import Testing

@testable import Plotting

@Suite("Point labels")
struct PointLabelsTests {
  private let frame = Rect(x: 0, y: 0, width: 100, height: 60)

  private func label(_ text: String, _ x: Double, _ y: Double, _ priority: PointLabel.Priority) -> PointLabel {
    PointLabel(text: text, anchor: Point(x, y), clearance: 3, priority: priority)
  }

  @Test("Labels of the same point take different places inside the frame")
  func distinctPlaces() {
    var placement = PointLabelPlacement(frame: frame, obstacles: [], taken: [])
    let (texts, unplaced) = placement.place((0..<4).map { label("L\($0)", 50, 30, .ordinary) })
    #expect(texts.count == 4 && unplaced == 0)
    for (index, text) in texts.enumerated() {
      #expect(frame.contains(text.box, tolerance: 0.01))
      #expect(texts.dropFirst(index + 1).allSatisfy { !$0.box.overlaps(text.box) })
    }
  }

  @Test("Ordinary labels without room are left out and counted; annotations look further")
  func noRoom() {
    let wall = Rect(x: 20, y: 0, width: 80, height: 60)
    var placement = PointLabelPlacement(frame: frame, obstacles: [], taken: [wall])
    let (texts, unplaced) = placement.place([label("ab", 90, 30, .ordinary), label("ab", 90, 30, .annotation)])
    #expect(texts.count == 1 && unplaced == 1)
    #expect(texts.allSatisfy { $0.box.maxX <= 20 })
  }

  @Test("A label prefers a place that covers no mark")
  func avoidsMarks() {
    let mark = Rect(x: 53, y: 10, width: 30, height: 18)
    var placement = PointLabelPlacement(frame: frame, obstacles: [mark], taken: [])
    let (texts, _) = placement.place([label("ab", 50, 30, .ordinary)])
    #expect(texts.count == 1 && texts.allSatisfy { !$0.box.overlaps(mark) })
  }
}
