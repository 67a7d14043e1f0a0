// The phase diagrams: which phase was measured, which theory predicts, and how sure the measurement is.

import Foundation
import Plotting
import ToyModels

extension PhaseDiagram {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    let antipodal = PhaseFigure.curve(from: -1, to: 1) { PhaseTheory.boundary(importance: $0) }
    let figure = PhaseFigure(seeds: seeds, boundaries: [antipodal, PhaseFigure.vertical(from: 4 / 7, to: 1)])
    guard let figure else { return [] }
    return [
      try Drawing(
        name,
        figure.drawn(
          title: "Two features in one dimension: superposition is a phase with a border in closed form",
          sizes: "n = 2, m = 1", candidates: "W = [1, 0], [0, 1] and [1, −1]",
          losses: "at most 1.01 at 98 % of the points if the claim holds, below 1 where a trained model beats the "
            + "candidates"))
    ]
  }
}

extension PhaseDiagramOfThree {
  func figures(_ seeds: [PhaseDiagram.Observation]) throws -> [Drawing] {
    // To the right of I = 1 the extra feature has a dimension of its own at any density; the other two share theirs
    // below 4/7 and above it one of them is ignored.
    let antipodal = PhaseFigure.curve(from: -1, to: 0) { PhaseTheory.boundary(importance: $0) }
    let figure = PhaseFigure(seeds: seeds, boundaries: [antipodal, PhaseFigure.vertical(from: 0.01, to: 1)])
    guard let figure else { return [] }
    return [
      try Drawing(
        name,
        figure.drawn(
          title: "Three features in two dimensions: the less important one shares while it is sparse",
          sizes: "n = 3, m = 2", candidates: "W ⊥ [0,0,1], [1,0,0], [0,1,1] and [1,1,0]",
          losses: "above 1 in superposition because quadrature with five nodes overstates the loss of a pair by 2.7 %, "
            + "below 1 where trained weights beat the candidates, most where phases meet"))
    ]
  }
}

/// The maps of one phase diagram over all seeds.
private struct PhaseFigure {
  let relu: [PhaseGrid]
  let linear: [PhaseGrid]
  /// Where theory's phases meet, over relative importance and density.
  let boundaries: [[Point]]
  let side: Int

  init?(seeds: [PhaseDiagram.Observation], boundaries: [[Point]]) {
    guard let first = seeds.first else { return nil }
    relu = seeds.map(\.relu)
    linear = seeds.map(\.linear)
    side = first.relu.side
    self.boundaries = boundaries
  }

  /// A boundary as a function of importance, between two powers of ten.
  static func curve(from low: Double, to high: Double, _ density: (Double) -> Double) -> [Point] {
    (0...60).map { step in
      let importance = pow(10, low + (high - low) * Double(step) / 60)
      return Point(importance, density(importance))
    }
  }

  /// A boundary at equal importance.
  static func vertical(from low: Double, to high: Double) -> [Point] { [Point(1.0, low), Point(1.0, high)] }

  /// Draws the maps.
  ///
  /// - Parameters:
  ///   - title: The finding.
  ///   - sizes: The numbers of features and dimensions.
  ///   - candidates: The weights that theory compares.
  ///   - losses: How measured losses compare with theory's, as the end of a sentence.
  func drawn(title: String, sizes: String, candidates: String, losses: String) -> Figure {
    Figure(
      title: title,
      subtitle: "\(sizes); \(side) × \(side) points, 10 models each; "
        + "\(seedsInWords(relu.count)); in the predicted phase: \(percent(relu)) of decided points, linear "
        + "\(percent(linear))",
      caption:
        "Above: what becomes of the extra feature in the best of ten models by loss; in theory, the lowest loss of "
        + "\(candidates); and without the ReLU, in the best of three, when the more important feature wins at every "
        + "density and neither at I = 1. Pale cells are too close to call: in theory the best two phases differ by less than 15 % of the loss "
        + "and are left out of the claim; in the measured maps seeds differ. Below: the paper's own average, over the "
        + "ten models but the worst; the best loss relative to theory, \(losses); and how many of the ten come within "
        + "1 % of the best loss, the reason for ten.",
      rows: [
        [
          panel("measured, best of 10", phases(relu), Self.phases),
          panel("theory", theory, Self.phases),
          panel("control: linear model", phases(linear), Self.phases),
        ],
        [
          panel(
            "extra ‖W‖, mean of 9 of 10", average(relu, extraNorm),
            .sequential("‖W‖", 0...1.2, map: .viridis)),
          panel("best loss / theory", average(relu) { $0.best.loss / $0.theory.minimum }, Self.ratio),
          panel("models within 1 % of best", average(relu, \.hitRate), .sequential("fraction", 0...1, map: .viridis)),
        ],
      ], sharedX: .all, sharedY: .all)
  }

  private func panel(_ title: String, _ values: [[Double]], _ colors: ColorScale) -> Panel {
    let first = relu[0].points
    return Panel(
      title: title, x: .log("relative importance of extra feature"), y: .log("density 1−S"), size: Size(204, 204),
      marks: [
        .heatMap(
          values, colors: colors, xs: (0..<side).map { first[$0].importance },
          ys: (0..<side).map { first[$0 * side].density })
      ] + boundaries.map { .publishedCurve($0, name: "border in theory") })
  }

  // MARK: Colours

  /// The three phases, then the same, pale, for points that are too close to call.
  private static let phases = ColorScale.categories([
    .init("ignored", .fixed(RGB(0xA3ABB5))), .init("in superposition", .fixed(RGB(0xD6604D))),
    .init("dedicated dimension", .fixed(RGB(0x2F6DB2))), .init("", .fixed(RGB(0xD4D8DD))),
    .init("", .fixed(RGB(0xF0BDB2))), .init("paler: too close to call", .fixed(RGB(0xAEC8E4))),
  ])

  private static let ratio = ColorScale.diverging("loss / theory", center: 1, limit: 0.16)

  // MARK: Values, row by row as in the grid

  private func map(_ value: (Int) -> Double) -> [[Double]] {
    (0..<side).map { row in (0..<side).map { value(row * side + $0) } }
  }

  private func average(_ grids: [PhaseGrid], _ value: (PhaseGrid.Point) -> Double) -> [[Double]] {
    map { index in mean(grids.map { value($0.points[index]) }) }
  }

  /// The phase of most seeds; pale where seeds differ.
  private func phases(_ grids: [PhaseGrid]) -> [[Double]] {
    map { index in
      let found = grids.map { $0.points[index].phase }
      let counts = Phase.allCases.map { phase in found.count { $0 == phase } }
      let most = counts.max() ?? 0
      let phase = counts.firstIndex(of: most) ?? 0
      return Double(most == found.count ? phase : phase + 3)
    }
  }

  /// The predicted phase; pale where the best two are close.
  private var theory: [[Double]] {
    map { index in
      let theory = relu[0].points[index].theory
      return Double(theory.margin > 0.15 ? theory.best.rawValue : theory.best.rawValue + 3)
    }
  }

  /// The norm of the extra feature, averaged over the restarts but the one of highest loss.
  private func extraNorm(_ point: PhaseGrid.Point) -> Double {
    let kept = point.models.sorted { $0.loss < $1.loss }.dropLast()
    return mean(
      kept.map { model in
        (model.directions.last ?? []).reduce(0) { $0 + $1 * $1 }.squareRoot()
      })
  }

  private func percent(_ grids: [PhaseGrid]) -> String {
    "\(((mean(grids.map(\.agreement)) * 1000).rounded() / 10).brief) %"
  }
}
