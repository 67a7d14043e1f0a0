// What an offset does to autoencoders with and without a bias before the encoder.

import Plotting

extension EncoderBias {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    let xs = Self.offsets.map { Double($0) }
    let names = ["subtracted before the encoder", "only added to reconstructions", "no decoder bias"]
    func panel(_ title: String, _ y: Axis, _ value: (Outcome) -> Double) -> Panel {
      Panel(
        title: title, x: .linear("length of the offset"), y: y, size: Size(190, 190),
        marks: names.enumerated().map { arm, name in
          .seeds(name, xs: xs, seeds.map { $0.outcomes[arm].map(value) })
        })
    }
    let norm = (mean(seeds.map(\.meanNorm)) * 100).rounded() / 100
    let figure = Figure(
      title: "A bias before the encoder makes an autoencoder blind to an offset",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features in \(Recovery.inputs) dimensions, α = 0.3; "
        + seedsInWords(seeds.count),
      caption:
        "The same activations plus a constant vector; without it they have a mean length of \(norm.brief). The bias before "
        + "the encoder starts at the geometric median, the others at zero. The encoder's own bias could undo any offset, but "
        + "training does not find that: latents that point against the offset never become active.",
      panels: [
        panel("recovery", .linear("mean max cosine", 0.4...1.02), \.recovery),
        panel("reconstruction", .linear("unexplained variance", 0...0.6), \.unexplained),
        panel("dead latents", .linear("share of latents", 0...0.8), \.deadShare),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
