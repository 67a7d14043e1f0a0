import Plotting
import Testing

@testable import Replications

@Suite("Drawings of figures")
struct DrawingTests {
  @Test("A figure becomes a drawing with its picture and its numbers")
  func figure() throws {
    let figure = Figure(
      title: "Two points", panels: [Panel(marks: [.scatter("points", [Point(1.0, 2.0), Point(3.0, 4.0)])])])
    let drawing = try Drawing("Points-two", figure)
    #expect(drawing.name == "Points-two")
    #expect(drawing.svg == figure.svg)
    #expect(drawing.csv == figure.csv)
  }

  @Test("What cannot be read is named")
  func unreadable() {
    let error = UnreadableFigure(name: "Points", issues: ["“a” overlaps “b”.", "“c” leaves the canvas."])
    #expect(error.description == "figure Points: “a” overlaps “b”. “c” leaves the canvas.")
  }
}
