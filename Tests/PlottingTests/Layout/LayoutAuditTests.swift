import Testing

@testable import Plotting

@Suite("Layout audit")
struct LayoutAuditTests {
  private func scene(_ texts: [Scene.Text]) -> Scene {
    var scene = Scene()
    for text in texts { scene.add(text) }
    return scene
  }

  private func text(_ content: String, _ x: Double, _ y: Double, isVertical: Bool = false) -> Scene.Text {
    Scene.Text(content: content, origin: Point(x, y), size: 10, isVertical: isVertical)
  }

  @Test("Texts that touch are reported")
  func overlap() {
    let issues = LayoutAudit.issues(scene([text("first", 10, 50), text("second", 25, 52)]), size: Size(200, 100))
    #expect(issues == ["“first” overlaps “second”."])
  }

  @Test("A long text is found to touch one that begins well inside it, whatever lies between")
  func longOverlap() {
    let texts = [text("a long text over the whole width", 0, 50), text("x", 20, 20), text("end", 120, 50)]
    #expect(LayoutAudit.issues(scene(texts), size: Size(300, 100)).count == 1)
  }

  @Test("Texts beyond any edge are reported", arguments: [(-3.0, 50.0), (90, 50), (10, 5), (10, 99)])
  func leaving(x: Double, y: Double) {
    #expect(LayoutAudit.issues(scene([text("wide", x, y)]), size: Size(100, 100)).count == 1)
  }

  @Test("A vertical text takes room upward, not rightward")
  func vertical() {
    let beside = [text("vertical", 20, 90, isVertical: true), text("right", 30, 90)]
    #expect(LayoutAudit.issues(scene(beside), size: Size(100, 100)) == [])
    let crossing = [text("vertical", 20, 90, isVertical: true), text("right", 10, 70)]
    #expect(LayoutAudit.issues(scene(crossing), size: Size(100, 100)).count == 1)
  }

  @Test("Neighbours without contact are fine")
  func clear() {
    let texts = [text("first", 10, 20), text("second", 10, 40), text("third", 80, 20)]
    #expect(LayoutAudit.issues(scene(texts), size: Size(200, 100)) == [])
  }
}
