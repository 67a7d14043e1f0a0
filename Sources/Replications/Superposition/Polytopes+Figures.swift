// The polytopes that trained models make, with the dimensionality of every corner, and all seeds beside the fractions.

import Foundation
import Plotting
import ToyModels

extension Polytopes {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, Self.corners(first)),
      try Drawing("\(name)-dimensionalities", Self.dimensionalities(seeds)),
    ]
  }

  /// How many models each shape is chosen from.
  private static var restarts: String {
    "\(shapes.map(\.restarts).min() ?? 0) to \(shapes.map(\.restarts).max() ?? 0)"
  }

  // MARK: One seed: the polytopes

  private static func corners(_ seed: Observation) -> Figure {
    Figure(
      title: "Each fraction of a dimension belongs to a polytope that models make of their features",
      subtitle: "the best of \(restarts) models by held-out loss, seed 0; D of every feature at its corner",
      caption: "In one and two dimensions, the feature directions from the origin; in three, their tips on a sphere, "
        + "joined along the edges of the convex hull, nearer corners larger. Corners more than 0.02 away from "
        + "the published dimensionality are in the second colour: three features make a triangle when they are dense, "
        + "but not when they are as sparse as the paper's remark has them; then one has a dimension of its own.",
      panels: zip(shapes, seed.models).map { panel($0, $1.bestGeometry) }, columns: 5)
  }

  private static func panel(_ shape: Shape, _ geometry: SuperpositionGeometry) -> Panel {
    let published = levels(shape).map { "\($0.count) × \(fraction($0.value))" }.joined(separator: ", ")
    let title =
      "\(shape.name)\n\(shape.features) in \(shape.hidden), \(densityInWords(shape.density))\npaper: \(published)"
    let found = geometry.dimensionalities
    // Corners and published values go together by rank.
    let order = found.indices.sorted { (found[$1], $0) < (found[$0], $1) }
    var inks = found.map { _ in Ink.series(0) }
    for (corner, expected) in zip(order, shape.dimensionalities) where abs(found[corner] - expected) > 0.02 {
      inks[corner] = .series(1)
    }
    let labels = found.map { String(format: "%.2f", $0) }
    guard geometry.hidden == 3 else {
      return .geometry(
        title: title, reach: 1.9, side: 150, marks: [.vectors(geometry.plane(), color: .each(inks), labels: labels)])
    }
    let view = PolytopeView(geometry)
    return .geometry(
      title: title, reach: 1.5, side: 150,
      marks: [
        .wireframe(
          view.corners, edges: view.edges.map { Mark.Edge($0.0, $0.1) }, yaw: geometry.features > 5 ? 28 : 14,
          color: .each(inks), labels: labels)
      ])
  }

  // MARK: All seeds: the dimensionalities

  private static func dimensionalities(_ seeds: [Observation]) -> Figure {
    var rows: [ForestRow] = []
    var controls: [Point] = []
    for (index, shape) in shapes.enumerated() {
      let models = seeds.map { sorted($0.models[index]) }
      let linear = seeds.map { sorted($0.linear[index]) }
      for level in levels(shape) {
        let values = models.flatMap { $0[level.corners] }
        controls += linear.flatMap { $0[level.corners] }.map { Point($0, Double(rows.count)) }
        rows.append(
          ForestRow(
            "\(shape.name), \(shape.features) in \(shape.hidden)", estimate: median(values),
            range: (values.min() ?? 0)...(values.max() ?? 0), published: level.value, margin: 0.02, samples: values,
            note: note(level.count, level.value, values)))
      }
    }
    var panel = Panel.forest(rows, x: .linear("dimensionality Dᵢ", 0...1.05), width: 380)
    panel.marks.append(.control(controls, name: "linear model (control)"))
    return Figure(
      title: "The corners of trained polytopes have the published dimensionalities",
      subtitle:
        "best of \(restarts) models by held-out loss in each of \(seedsInWords(seeds.count)); median and range over "
        + "corners and seeds",
      caption:
        "One row for each published fraction; at the right, the number of corners, the fraction, and the smallest "
        + "and largest value found. Features are ranked by D and compared with the polytope's corners in "
        + "the same order. The linear models, one of eight a seed, divide the same sum, m, among their features in no "
        + "order. The sparse triangle is the paper's remark that does not hold.",
      panels: [panel])
  }

  private static func note(_ corners: Int, _ value: Double, _ found: [Double]) -> String {
    let ends = [found.min(), found.max()].map { String(format: "%.3f", $0 ?? .nan) }
    return "\(corners) × \(fraction(value)): \(ends[0]) to \(ends[1])"
  }

  /// The middle value, the lower of two.
  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.sorted()[(values.count - 1) / 2]
  }

  private static func sorted(_ models: TrainedModels) -> [Double] {
    models.bestGeometry.dimensionalities.sorted(by: >)
  }

  /// The distinct dimensionalities of a shape with the ranks of the corners that have them.
  private static func levels(_ shape: Shape) -> [(value: Double, count: Int, corners: Range<Int>)] {
    var levels: [(value: Double, count: Int, corners: Range<Int>)] = []
    for (rank, value) in shape.dimensionalities.enumerated() {
      if let last = levels.last, last.value == value {
        levels[levels.count - 1] = (value, last.count + 1, last.corners.lowerBound..<rank + 1)
      } else {
        levels.append((value, 1, rank..<rank + 1))
      }
    }
    return levels
  }

  /// A dimensionality as the fraction that the paper prints.
  private static func fraction(_ value: Double) -> String {
    let parts = [(1, 2), (2, 3), (3, 4), (2, 5), (3, 8)]
    let found = parts.first { abs(Double($0.0) / Double($0.1) - value) < 1e-9 }
    return found.map { "\($0.0)/\($0.1)" } ?? value.brief
  }
}
