@testable import Plotting

/// Figures that strain the layout: each is legal, none is pretty, all must be readable.
extension Gallery {
  static let stress: [Entry] = [
    Entry(name: "long-labels", figure: longLabels), Entry(name: "thirty-categories", figure: thirtyCategories),
    Entry(name: "tiny-panels", figure: tinyPanels), Entry(name: "extreme-numbers", figure: extremeNumbers),
    Entry(name: "nothing-to-draw", figure: nothingToDraw), Entry(name: "gaps", figure: gaps),
    Entry(name: "single-and-equal", figure: singleAndEqual), Entry(name: "crowded-edges", figure: crowdedEdges),
    Entry(name: "crowded-legend", figure: crowdedLegend), Entry(name: "no-panels", figure: Figure(title: "", rows: [])),
    Entry(name: "headings", figure: headings), Entry(name: "shared-ragged", figure: sharedRagged),
  ]

  private static let sentence =
    "the mean over seeds of the largest cosine between the embeddings of two features that are never active together"

  static let longLabels = Figure(
    title: sentence + ", " + sentence, subtitle: sentence, caption: sentence + ". " + sentence,
    footer: String(repeating: "elhage2022superposition", count: 12),
    panels: [
      Panel(
        title: sentence, x: .linear(sentence), y: .log(sentence), size: Size(120, 90),
        marks: [
          .line(sentence, [Point(0.0, 1.0), Point(1.0, 1000.0)], directLabel: true),
          .line("other " + sentence, [Point(0.0, 2.0), Point(1.0, 900.0)]), .rule(x: 0.5, label: sentence),
          .annotation(sentence, at: Point(0.5, 30.0)),
        ]),
      Panel(
        title: String(repeating: "W", count: 90), x: .categories([sentence, "b", sentence]),
        y: .categories([sentence, "b"]), size: Size(120, 90),
        marks: [
          .heatMap([[1, 2, 3], [4, 5, 6]], colors: .sequential(sentence, 0...6), cellText: .decimals(3))
        ]),
    ], columns: 2, columnLabels: [sentence, "short"], rowLabels: [sentence])

  static let thirtyCategories: Figure = {
    let names = (0..<30).map { "token number \($0)" }
    let values = (0..<30).map { Double($0 % 7) - 2 }
    return Figure(
      title: "Thirty categories",
      panels: [
        Panel(x: .categories(names), y: .linear("v"), marks: [.bars("a", values)]),
        Panel(x: .linear("v"), y: .categories(names), marks: [.bars("a", values, orientation: .horizontal)]),
        Panel(
          x: .linear("x", ticks: names.enumerated().map { .init(Double($0.offset), $0.element) }), y: .linear("v"),
          marks: [.bars("a", values)]),
      ], columns: 3)
  }()

  static let tinyPanels: Figure = {
    let points = (0..<6).map { Point(Double($0), Double($0 * $0)) }
    let panels = (0..<8).map { index in
      Panel(
        title: "panel \(index)", x: .linear("steps"), y: .linear("probability"), size: Size(18, 14),
        marks: [.line("a", points), .published(20, margin: 3), .rule(x: 2, label: "two")])
    }
    return Figure(title: "Tiny", panels: panels, columns: 4, sharedX: .all, sharedY: .aligned)
  }()

  static let extremeNumbers: Figure = {
    func panel(_ values: [Double], isLog: Bool = false) -> Panel {
      let points = values.enumerated().map { Point(Double($0.offset) * 1e-7, $0.element) }
      return Panel(
        x: .linear("tiny steps"), y: isLog ? .log("log") : .linear("linear"), marks: [.line(nil, points, markers: true)]
      )
    }
    return Figure(
      title: "Extremes",
      panels: [
        panel([-1e299, 1e299]), panel([1e-299, 2e-299]), panel([100_000.001, 100_000.004]),
        panel([1e-200, 1e200], isLog: true), panel([1.001, 1.002], isLog: true), panel([-123_456_789, 987_654_321]),
        panel([1e15, 1e15 + 4]), panel([3e4, 7e4], isLog: true), panel([Double.greatestFiniteMagnitude, 1]),
      ], columns: 3)
  }()

  static let nothingToDraw: Figure = {
    let scale = ColorScale.sequential("v", fitting: [])
    let panels = [
      Panel(marks: []), Panel(x: .log("x"), y: .log("y"), marks: [.line("line", [])]),
      Panel(marks: [.scatter("s", [])]),
      Panel(x: .categories([]), marks: [.bars("b", [])]), Panel(marks: [.stackedBars([])]),
      Panel(marks: [.histogram("h", [], bins: 3, in: 0...1)]), .matrix([], colors: scale),
      .matrix([[]], colors: scale, cellText: .decimals(1)), .geometry(marks: [.vectors([])]),
      .geometry(marks: [.wireframe([], edges: [])]), .forest([]), Panel(marks: [.rowBrackets([])]),
    ]
    return Figure(title: "Nothing", panels: panels, columns: 4, sharedX: .separate)
  }()

  static let gaps = Figure(
    title: "Gaps",
    panels: [
      Panel(
        x: .linear("x"), y: .log("y"),
        marks: [
          .line(
            "line", xs: [0, 1, 2, 3, 4, 5], ys: [1, 10, .nan, -5, 100, .infinity], low: [1, 2, 3, 4, 5, 6],
            high: [2, 20, .nan, 5, 200, 7], markers: true)
        ]),
      Panel(
        x: .linear("x", 0...2), y: .linear("y"),
        marks: [
          .scatter("scatter", [Point(1.0, 1.0), Point(Double.nan, 0.0), Point(5.0, 5.0)]),
          .bars("bars", [1, .nan, -.infinity]), .published(.nan),
        ]),
      .matrix([[1, .nan], [.infinity, 9]], colors: .diverging("v", center: 1, limit: 2), cellText: .decimals(1)),
      .forest([ForestRow("no number", estimate: .nan), ForestRow("nothing", estimate: nil)]),
    ], columns: 2)

  static let singleAndEqual = Figure(
    title: "One point, equal values",
    panels: [
      Panel(marks: [.line("one", [Point(3.0, 7.0)])]),
      Panel(x: .log(), y: .log(), marks: [.scatter("p", [Point(2.0, 2.0)])]),
      Panel(marks: [.line("flat", [Point(0.0, 5.0), Point(1.0, 5.0)]), .published(5, margin: 0)]),
      Panel(marks: [.bars("zeros", [0, 0, 0])]), .matrix([[4]], colors: .sequential("v", fitting: [4, 4])),
      .geometry(marks: [.vectors([Point(0.0, 0.0)], labels: ["zero"])]),
    ], columns: 3)

  static let crowdedEdges: Figure = {
    let rules = (0..<24).map { Mark.rule(y: 0.5 + 0.001 * Double($0), label: "level \($0)") }
    let uprights = (0..<12).map { Mark.rule(x: 0.5 + 0.01 * Double($0), label: "step \($0)") }
    let points = (0..<40).map { Point(0.5 + 0.002 * Double($0), 0.5) }
    return Figure(
      title: "Crowded",
      panels: [
        Panel(
          title: "rules", x: .linear("x", 0...1), y: .linear("y", 0...1), size: Size(200, 80),
          marks: rules + uprights + [
            .scatter("s", points, labels: points.indices.map { "point \($0)" }),
            .annotation("first", at: Point(0.5, 0.5)), .annotation("second", at: Point(0.5, 0.5)),
          ]),
        Panel(
          title: "brackets", x: .linear("x", 0...1), y: .linear("y", 0...1), size: Size(100, 60),
          marks: [
            .rowBrackets((0..<9).map { .init(Double($0) / 9...Double($0 + 1) / 9, "set \($0)") }),
            .columnBrackets((0..<9).map { .init(Double($0) / 9...Double($0 + 1) / 9, "set \($0)") }),
          ]),
      ], columns: 2)
  }()

  static let crowdedLegend: Figure = {
    let lines = (0..<20).map { index in
      Mark.line("a series with a long name \(index)", [Point(0.0, Double(index)), Point(1.0, 0.0)])
    }
    let scale = ColorScale.sequential("a scale with a long title that wraps over two lines", 0...1)
    let dots = Mark.scatter(nil, [Point(0.0, 0.0)], color: .values([0.5], scale))
    return Figure(
      title: "Legend", panels: [Panel(marks: lines + [dots]), Panel(marks: [dots])], columns: 1, sharedX: .all)
  }()

  static let headings: Figure = {
    let panel = Panel(
      title: "p", x: .linear("x"), y: .linear("y"), size: Size(50, 40),
      marks: [.line("a", [Point(0.0, 0.0), Point(9.0, 9.0)])])
    return Figure(
      title: "Headings", panels: Array(repeating: panel, count: 6), columns: 3, sharedX: .all, sharedY: .all,
      columnLabels: ["embedding", "attention out", "unembedding of the last layer"],
      rowLabels: ["correlated features", "independent"])
  }()

  static let sharedRagged: Figure = {
    func panel(_ high: Double) -> Panel {
      Panel(
        x: .linear("x"), y: .linear("y"), size: Size(80, 50), marks: [.line("a", [Point(0.0, 0.0), Point(high, high)])])
    }
    return Figure(
      title: "Ragged", rows: [[panel(1), panel(2), panel(3)], [panel(4), panel(5)], [panel(6)]], sharedX: .aligned,
      sharedY: .aligned)
  }()
}
