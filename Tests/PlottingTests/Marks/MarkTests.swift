import Testing

@testable import Plotting

@Suite("Marks")
struct MarkTests {
  private func svg(_ marks: [Mark], x: Axis = .linear(), y: Axis = .linear()) -> String {
    Figure(title: "t", panels: [Panel(x: x, y: y, marks: marks)]).svg
  }

  private func notes(_ marks: [Mark], x: Axis = .linear(), y: Axis = .linear()) -> [String] {
    Figure(title: "t", panels: [Panel(x: x, y: y, marks: marks)]).notes
  }

  @Test("Every kind of mark says what it shows when pointed at")
  func hover() {
    let corners = [Point(0.0, 0.0), Point(1.0, 2.0)]
    let marks: [(Mark, String)] = [
      (.line("loss", corners), "<title>loss: (1, 2)</title>"),
      (.scatter(nil, corners, titles: ["first", "second"]), "<title>second</title>"),
      (.bars("norm", [0.5]), "<title>norm: (0, 0.5)</title>"),
      (.stackedBars([[1, 2]]), "<title>(0, 2)</title>"),
      (.histogram(nil, [0.1, 0.2, 0.9], bins: 2, in: 0...1), "<title>0 to 0.5: 2</title>"),
      (.heatMap([[7]], colors: .sequential("v", 0...9)), "<title>(0, 0): 7</title>"),
      (.vectors([Point(0.3, 0.4)]), "<title>(0.3, 0.4)</title>"),
      (.graph(corners, edges: [.init(0, 1, weight: 0.5)]), "<title>vertex 0 – vertex 1: 0.5</title>"),
      (.wireframe([[0, 0, 1]], edges: [], labels: ["top"]), "<title>top</title>"),
      (.intervals([Interval(at: 0, estimate: 1, range: 0.5...1.5)]), "<title>1 [0.5, 1.5]</title>"),
      (.published(0.75, margin: 0.05), "<title>published 0.75 ± 0.05</title>"),
      (.rule(y: 0.5, label: "half"), "<title>half</title>"), (.band(x: 0...1, label: "jump"), "<title>jump</title>"),
      (.control(corners), "<title>control: (1, 2)</title>"),
    ]
    for (mark, title) in marks { #expect(svg([mark]).contains(title), "\(title)") }
  }

  @Test("A line breaks at values without a place, and the figure says how many there are")
  func gaps() {
    #expect(LineMark.runs([1, 2, nil, 3, nil, nil, 4]) == [[1, 2], [3], [4]])
    #expect(LineMark.runs([Int?]()) == [])
    let line = Mark.line("a", xs: [0, 1, 2, 3], ys: [1, -1, 0, 2])
    #expect(notes([line]) == [])
    #expect(notes([line], y: .log()).first?.hasPrefix("2 data have no place") == true)
  }

  @Test("Points outside the axes are not drawn at a wrong place but counted")
  func outside() {
    let mark = Mark.scatter("s", [Point(0.5, 0.5), Point(2.0, 0.5)])
    #expect(notes([mark], x: .linear("x", 0...1)) == ["1 datum lies outside the axes."])
  }

  @Test("Colours at the end of their scale are counted")
  func clamped() {
    let mark = Mark.heatMap([[0, 5]], colors: .sequential("v", 0...1))
    #expect(notes([mark]).first?.hasPrefix("1 value lies beyond the colour scale") == true)
  }

  @Test("A histogram counts each value once, the upper end included")
  func histogram() {
    let mark = Mark.histogram(nil, [0, 0.25, 0.5, 1, 1.01, -0.01, .nan], bins: 2, in: 0...1)
    #expect(mark.content.rows.map(\.y) == [2, 2])
  }

  @Test("Cells meet halfway between their centres, by ratio on a log axis")
  func cellEdges() {
    #expect(HeatMapMark.edges([0, 1, 2], isLog: false) == [-0.5, 0.5, 1.5, 2.5])
    #expect(HeatMapMark.edges([1, 4, 16], isLog: true) == [0.5, 2, 8, 32])
    #expect(HeatMapMark.edges([3], isLog: false) == [2.5, 3.5])
    #expect(HeatMapMark.edges([], isLog: false) == [])
  }

  @Test("A matrix is drawn with row 0 at the top, and its texts fit their cells")
  func matrix() throws {
    let figure = Figure(
      title: "t", panels: [.matrix([[1, 2], [3, 4]], colors: .sequential("v", 0...4), cellText: .decimals(3))])
    let placed = try #require(FigureLayout(figure).panels.first)
    #expect(try #require(placed.plan.y.position(0)) < (try #require(placed.plan.y.position(1))))
    #expect(figure.svg.contains(">4.000</text>"))
    #expect(figure.notes == [])
  }

  @Test("Texts too large for given cells are left out and counted")
  func crampedTexts() {
    let figure = Figure(
      title: "t", panels: [.matrix([[1, 2]], colors: .sequential("v", 0...4), cell: 8, cellText: .decimals(3))])
    #expect(figure.notes.first?.hasPrefix("2 labels found no room") == true)
  }

  @Test("Published values and controls look the same in every figure")
  func conventions() {
    let published = svg([.published(1, margin: 0.1)])
    #expect(published.contains("s-published") && published.contains("f-published"))
    #expect(svg([.control([Point(0.0, 0.0)])]).contains("s-control"))
  }

  @Test("Reversed forest rows stand in reading order")
  func forest() throws {
    let panel = Panel.forest([ForestRow("a", estimate: 1), ForestRow("b", estimate: 2)])
    let plan = try #require(FigureLayout(Figure(title: "t", panels: [panel])).panels.first?.plan)
    #expect(plan.yLabels.items.sorted { $0.position < $1.position }.map(\.lines) == [["a"], ["b"]])
  }

  @Test("A mark refuses data that do not belong together")
  func mismatches() async {
    await #expect(processExitsWith: .failure) { _ = Mark.line("a", xs: [1], ys: []) }
    await #expect(processExitsWith: .failure) { _ = Mark.heatMap([[1], []], colors: .sequential("v", 0...1)) }
    await #expect(processExitsWith: .failure) { _ = Mark.graph([], edges: [.init(0, 1)]) }
  }
}
