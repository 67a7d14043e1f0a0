import Testing

@testable import Plotting

@Suite("Figure layout")
struct FigureLayoutTests {
  private func panel(_ high: Double, width: Double = 100) -> Panel {
    Panel(
      x: .linear("x"), y: .linear("y"), size: Size(width, 50),
      marks: [.line("a", [Point(0.0, 0.0), Point(high, high)])])
  }

  private func plans(_ figure: Figure) -> [PanelPlan] { FigureLayout(figure).panels.map(\.plan) }

  @Test("Panels that share an axis show the same range, others their own")
  func sharing() {
    let rows = [[panel(1), panel(2)], [panel(3), panel(4)]]
    #expect(plans(Figure(title: "t", rows: rows)).map { $0.x.high.rounded(.down) } == [1, 2, 3, 4])
    #expect(
      plans(Figure(title: "t", rows: rows, sharedX: .aligned)).map { $0.x.high.rounded(.down) } == [3, 4, 3, 4])
    #expect(
      plans(Figure(title: "t", rows: rows, sharedY: .aligned)).map { $0.y.high.rounded(.down) } == [2, 2, 4, 4])
    #expect(plans(Figure(title: "t", rows: rows, sharedX: .all)).map { $0.x.high.rounded(.down) } == [4, 4, 4, 4])
  }

  @Test("A shared axis is labelled once, at the edge")
  func sharedLabels() {
    let figure = Figure(title: "t", rows: [[panel(1), panel(2)], [panel(3), panel(4)]], sharedX: .all, sharedY: .all)
    #expect(plans(figure).map { !$0.xTitle.isEmpty } == [false, false, true, true])
    #expect(plans(figure).map { !$0.yTitle.isEmpty } == [true, false, true, false])
  }

  @Test("Plots of one column start at the same x, plots of one row at the same y")
  func alignment() {
    let origins = FigureLayout(Figure(title: "t", rows: [[panel(1), panel(1e6)], [panel(1e-7), panel(4)]])).panels
      .map(\.origin)
    #expect(origins[0].x == origins[2].x && origins[1].x == origins[3].x)
    #expect(origins[0].y == origins[1].y && origins[2].y == origins[3].y)
  }

  @Test("Rows of different lengths form separate blocks; a short last row stays with its grid")
  func blocks() {
    #expect(GridLayout.blocks([5, 5, 1]) == [0, 0, 1])
    #expect(GridLayout.blocks([3, 3, 2]) == [0, 0, 0])
    #expect(GridLayout.blocks([1, 3]) == [0, 1])
    #expect(GridLayout.blocks([]) == [])
  }

  @Test("A series has one colour throughout a figure, in order of appearance")
  func seriesColours() {
    let first = Panel(marks: [.line("a", []), .line("b", [])])
    let second = Panel(marks: [.line("b", []), .line("c", [])])
    let inks = FigureLayout(Figure(title: "t", panels: [first, second])).inks
    #expect(["a", "b", "c"].map { inks.ink($0, .automatic) } == [.series(0), .series(1), .series(2)])
  }

  @Test("The published value is in the legend once, however many panels show it")
  func legend() {
    let figure = Figure(title: "t", panels: [Panel(marks: [.published(1)]), Panel(marks: [.published(2)])])
    let names = FigureLayout(figure).legend.placed.map { $0.lines.joined() }
    #expect(names == ["published"])
  }

  @Test("A colour scale of one panel is explained beside it, one of several in the legend")
  func colorBars() {
    let one = Panel.matrix([[1]], colors: .sequential("one", 0...1))
    let two = Panel.matrix([[1]], colors: .sequential("two", 0...1))
    let layout = FigureLayout(Figure(title: "t", panels: [one, two, two]))
    #expect(layout.panels.map(\.plan.colorBars.count) == [1, 0, 0])
    #expect(layout.legend.placed.count == 1)
  }

  @Test("Equal aspect gives a unit the same length on both axes")
  func aspect() throws {
    let panel = Panel(
      x: .linear("x", 0...1), y: .linear("y", 0...3), aspect: .equal, size: Size(200, 100), marks: [])
    let plan = try #require(plans(Figure(title: "t", panels: [panel])).first)
    let units = [plan.x, plan.y].map { $0.length / ($0.high - $0.low) }
    #expect(abs(units[0] - units[1]) < 1e-9)
    #expect(plan.x.shows(0) && plan.x.shows(1) && plan.y.shows(0) && plan.y.shows(3))
  }
}
