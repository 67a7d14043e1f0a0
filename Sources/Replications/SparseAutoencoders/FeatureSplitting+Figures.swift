// One family of features and the dictionary vectors near it, and what dictionaries of growing size hold.

import Plotting

extension FeatureSplitting {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let xs = Self.sizes.map(Double.init)
    let x = Axis.log("latents", ticks: Self.sizes.map { Axis.Tick(Double($0), "\($0)") })
    func lines(_ name: String, _ value: (Outcome) -> Double) -> Mark {
      .seeds(name, xs: xs, seeds.map { $0.related.map(value) })
    }
    func points(_ places: [[Double]]) -> [Point] { places.map { Point($0[0], $0[1]) } }
    let portrait = first.portrait
    let figure = Figure(
      title: "As dictionaries grow, the feature of a family splits into features of its members",
      subtitle: "\(Self.families) families of \(Self.members) features in \(Recovery.inputs) dimensions; "
        + seedsInWords(seeds.count),
      caption:
        "Left: one family of seed 0, seen from its centre in the plane in which its members differ most, with all dictionary "
        + "vectors near it (cosine with the centre above 0.7). Middle: how well centres and members are found, mean and range over "
        + "seeds; a member's own cosine with the centre is 0.86. Right: how many living latents resemble one latent of the "
        + "dictionary of \(Self.sizes[0]) (cosine above 0.7), which needs no truth; unrelated features do not split.",
      rows: [
        [
          Panel(
            title: "one family", x: .hidden(-0.8...0.8), y: .hidden(-0.8...0.8), aspect: .equal, size: Size(190, 190),
            marks: [
              .scatter("members", points(portrait.members), color: .ink(.published), symbol: .ring, radius: 7),
              .scatter("\(Self.sizes[0]) latents", points(portrait.small), symbol: .diamond, radius: 4),
              .scatter("\(Self.sizes[2]) latents", points(portrait.large), radius: 3),
            ]),
          Panel(
            title: "what is found", x: x, y: .linear("mean largest cosine", 0.78...1.01), size: Size(190, 190),
            marks: [
              lines("centres of families") { mean($0.centres) }, lines("members") { mean($0.members) },
            ]),
          Panel(
            title: "splitting", x: x, y: .linear("latents for each of the first \(Self.sizes[0])", 0...8),
            size: Size(190, 190),
            marks: [
              .rule(y: Double(Self.members), label: "members"),
              .seeds(
                "unrelated (control)", xs: xs, seeds.map(\.unrelated), color: .ink(.control), style: .dashed),
              lines("families", \.resembling),
            ]),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}
