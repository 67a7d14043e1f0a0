// The pentagon and the two digons as one feature grows sparser: how they look, and which has the lower loss.

import Plotting
import ToyModels

extension PerturbedFeature {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let sparser = Self.ratios.map { 1 / $0 }
    let x = Axis.log("times sparser than the others, 1/r", 1...10, ticks: [1, 2, 3, 5, 10].map { .init($0, "\($0)") })
    let crossings = seeds.map { Self.threshold($0.single) }
    let size = Size(250, 200)
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
    let threshold = Mark.published(x: 2.5, margin: 0.25, label: "2.5")
    let measured = Mark.rule(x: mean(crossings), label: "measured \(mean(crossings).brief)", color: .series(2))
    return [
      try Drawing(
        name,
        Figure(
          title: "Make one feature sparser and the pentagon deforms, then two digons win",
          subtitle: "5 features in 2 dimensions, 1−S = \(Self.density) and r times that for one of them; best of 24, "
            + seedCount(seeds),
          caption: "Above: the solution of lower loss, first seed; the perturbed feature is coloured, and leaves the plane "
            + "once the digons win. Below: loss of the best pentagon and of the best model without the feature; the same "
            + "with all five sparser, where the curves must not cross; and the gap between the feature and its "
            + "neighbours, 72° in a regular pentagon.",
          rows: [
            zip(first.single, sparser).map { strip($0, $1) },
            [
              Panel(
                title: "one feature sparser", x: x, y: .linear("loss / 0.05"), size: size,
                marks: [threshold, measured] + curves(\.single)),
              Panel(
                title: "all five sparser (control)", x: x, y: .linear("loss / 0.05"), size: size, marks: curves(\.together)),
              Panel(
                title: "gap to the neighbours", x: x, y: .linear("degrees"), size: size,
                marks: [
                  .published(72, label: "72°"),
                  .seeds("all five sparser (control)", xs: sparser, gaps(\.together), color: .ink(.control), style: .dashed),
                  .seeds("pentagon", xs: sparser, gaps(\.single)),
                ]),
            ],
          ]))
    ]
  }

  /// The solution of lower loss at one ratio.
  private func strip(_ point: Point, _ sparser: Double) -> Panel {
    let isPentagon = point.advantage > 0
    let geometry = isPentagon ? point.pentagon ?? point.digons : point.digons
    let tips = turnedToFirst(geometry)
    return .geometry(
      title: "1/r = \(sparser.brief)", reach: 1.5, side: 78,
      marks: [
        .vectors(Array(tips.dropFirst(geometry.features - 4)), color: .ink(.muted)),
        .vectors(isPentagon ? [tips[0]] : [Plotting.Point(0, 0)], name: "perturbed feature", color: .ink(.series(1))),
      ])
  }
}
