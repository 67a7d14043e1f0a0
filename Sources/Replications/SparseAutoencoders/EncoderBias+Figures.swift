// What an offset does to autoencoders with and without a bias before the encoder.

import Plotting

extension EncoderBias {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    let xs = Self.offsets.map { Double($0) }
    let arms: [(name: String, arm: Arm, style: LineStyle)] = [
      ("subtracted, from the median", .subtractedFromMedian, .solid),
      ("subtracted, from zero", .subtractedFromZero, .dashed),
      ("only added, same function at the start", .addedFromSameFunction, .solid),
      ("only added, from the median", .addedFromMedian, .dashed), ("only added, from zero", .addedFromZero, .dotted),
      ("no decoder bias", .none, .thin),
    ]
    func panel(_ title: String, _ y: Axis, _ value: (Outcome) -> Double) -> Panel {
      Panel(
        title: title, x: .linear("length of the offset"), y: y, size: Size(190, 190),
        marks: arms.map { name, arm, style in
          .seeds(name, xs: xs, seeds.map { $0.outcomes[arm.rawValue].map(value) }, style: style)
        })
    }
    let norm = (mean(seeds.map(\.meanNorm)) * 100).rounded() / 100
    let figure = Figure(
      title: "Subtracted before the encoder, and from the median on, a bias makes up for any offset",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features in \(Recovery.inputs) dimensions, α = 0.3; "
        + seedsInWords(seeds.count),
      caption:
        "The same activations plus a constant vector; without it they have a mean length of \(norm.brief). The decoder's bias "
        + "is subtracted before the encoder or not, and starts at the geometric median or at zero. Two of the six start as "
        + "the same function: the one that subtracts the median and the one whose encoder bias takes it away.",
      panels: [
        panel("recovery", .linear("mean max cosine", 0.4...1.02), \.recovery),
        panel("reconstruction", .linear("unexplained variance", 0...0.6), \.unexplained),
        panel("dead latents", .linear("share of latents", 0...0.8), \.deadShare),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
