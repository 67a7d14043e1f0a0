// The pentagon and the two digons as one feature grows sparser: how they look, and which has the lower loss.

import Plotting
import ToyModels

extension PerturbedFeature {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let sparser = Self.ratios.map { 1 / $0 }
    let x = Axis.log("times sparser than the others, 1/r", 1...10, ticks: [1, 2, 3, 5, 10].map { .init($0, $0.brief) })
    let crossings = seeds.map { Self.threshold($0.single) }
    func losses(_ points: KeyPath<Observation, [Point]>, _ loss: (Point) -> Double) -> [[Double]] {
      seeds.map { $0[keyPath: points].map { loss($0) / Self.density } }
    }
    func curves(_ points: KeyPath<Observation, [Point]>) -> [Mark] {
      [
        .seeds("pentagon", xs: sparser, losses(points, \.pentagonLoss)),
        .seeds("two digons", xs: sparser, losses(points, \.digonLoss), style: .dashed),
      ]
    }
    func gaps(_ points: KeyPath<Observation, [Point]>) -> [[Double]] {
      seeds.map { $0[keyPath: points].map { $0.pentagon.map(Self.gapToNeighbours) ?? .nan } }
    }
    let crossing = mean(crossings)
    let subtitle =
      "5 features in 2 dimensions, 1−S = \(Self.density), less by the factor r for one; "
      + "best of \(Self.restarts) (control: \(Self.controlRestarts)), \(seedsInWords(seeds.count))"
    let losing = Figure(
      title: "As one feature grows sparser the pentagon loses to two digons, but later than published",
      subtitle: subtitle,
      caption: "Above: the solution of lower loss, first seed, by how many times the feature is sparser; it leaves the "
        + "plane once the digons win. Below: the loss of the best pentagon and of the best model without the feature, "
        + "on the same samples. The curves cross at \(rounded(crossing)); the paper says about 2.5.",
      rows: [
        zip(first.single, sparser).map { strip($0, $1) },
        [
          Panel(
            x: x, y: .linear("loss / 0.05"), size: Size(800, 210),
            marks: [
              .published(x: 2.5, margin: 0.25, label: "published 2.5"),
              .rule(x: crossing, label: "measured \(rounded(crossing))", color: .foreground),
            ] + curves(\.single))
        ],
      ])
    let deforming = Figure(
      title: "Before it snaps, the pentagon deforms; made sparser as a whole it stays regular", subtitle: subtitle,
      caption:
        "Left: the mean gap between the feature and its two neighbours, 72° in a regular pentagon. Right: with all "
        + "five features sparser the pentagon keeps the lower loss.",
      panels: [
        Panel(
          title: "gap to the neighbours", x: x, y: .linear("degrees", 55...75), size: Size(320, 200),
          marks: [
            .published(72, label: "72°"),
            .seeds("all five sparser (control)", xs: sparser, gaps(\.together), color: .ink(.control), style: .dashed),
            .seeds("pentagon", xs: sparser, gaps(\.single)),
          ]),
        Panel(
          title: "all five sparser (control)", x: .log("times sparser, 1/r", 1...10, ticks: x.ticks),
          y: .linear("loss / 0.05"), size: Size(320, 200), marks: curves(\.together)),
      ], columns: 2)
    return [try Drawing(name, losing), try Drawing("\(name)-deformation", deforming)]
  }

  private func rounded(_ value: Double) -> String { ((value * 10).rounded() / 10).brief }

  /// The solution of lower loss at one ratio.
  private func strip(_ point: Point, _ sparser: Double) -> Panel {
    let isPentagon = point.advantage > 0
    let geometry = isPentagon ? point.pentagon ?? point.digons : point.digons
    let turned = geometry.plane(up: 0)
    // The perturbed feature comes last, on top of the others.
    let tips = isPentagon ? Array(turned.dropFirst() + turned.prefix(1)) : turned + [Plotting.Point(0, 0)]
    let roles = ColorScale.categories([.init("perturbed feature", .series(2)), .init("the other four", .muted)])
    return .geometry(
      title: "\(rounded(sparser))×", reach: 1.5, side: 78,
      marks: [.vectors(tips, color: .values(tips.indices.map { $0 == 4 ? 0 : 1 }, roles))])
  }
}
