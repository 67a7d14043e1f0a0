// Which features dictionaries have by frequency, the same over frequency times living latents, and how much is dead.

import Plotting

extension Completeness {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    // Groups of features of neighbouring frequency, over all seeds.
    let width = 8
    let groups = (0..<Recovery.features / width).map { $0 * width..<($0 + 1) * width }
    func frequency(_ group: Range<Int>) -> Double { mean(seeds.map { mean($0.frequencies[group].map { $0 }) }) }
    func share(_ group: Range<Int>, _ size: Int) -> Double {
      mean(seeds.map { seed in Double(group.count { seed.outcomes[size].has[$0] }) / Double(width) })
    }
    func lines(_ scale: (Int) -> Double) -> [Mark] {
      Self.sizes.prefix(3).indices.map { size in
        .line(
          "\(Self.sizes[size]) latents", groups.map { Point(frequency($0) * scale(size), share($0, size)) },
          markers: true)
      }
    }
    let dead = seeds.map { $0.outcomes.map(\.deadShare) }
    let ratios = Self.sizes.map { Double($0) / Double(Recovery.features) }
    let figure = Figure(
      title: "Dictionaries have the features that are frequent enough for their size",
      subtitle: "\(Recovery.features) features in \(Recovery.inputs) dimensions, frequencies from 0.1 to 0.004; "
        + seedsInWords(seeds.count),
      caption:
        "Left: the share of features that have a dictionary vector (cosine above 0.9), in groups of \(width) by frequency, over "
        + "all seeds. Middle: the same with frequency times the number of living latents; published: curves of different "
        + "size come to lie on each other and rise slightly below 1, the inverse of that number. With as many latents as "
        + "features the curve must leave the others, since there is nothing left to find. Right: the "
        + "share of dead latents in rough training and, as everywhere else here, in gentle; published for three dictionaries of "
        + "1M, 4M and 34M features: 2, 35 and 65 %.",
      panels: [
        Panel(
          title: "by frequency", x: .log("frequency"), y: .linear("share of features found", -0.02...1.02),
          size: Size(190, 190), marks: lines { _ in 1 }),
        Panel(
          title: "rescaled", x: .log("frequency × living latents"), y: .linear("", -0.02...1.02), size: Size(190, 190),
          marks: [.published(x: 1, label: "inverse")]
            + lines { size in mean(seeds.map { $0.outcomes[size].living }) }),
        Panel(
          title: "dead latents", x: .log("latents / features", ticks: ratios.map { Axis.Tick($0, $0.brief) }),
          y: .linear("share", -0.02...0.8), size: Size(190, 190),
          marks: [
            .seeds("rate 0.01 (control)", xs: ratios, dead, color: .ink(.control), style: .dashed),
            .seeds("rate 0.06", xs: Self.rough.map { ratios[$0] }, seeds.map(\.roughDead)),
          ]),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
