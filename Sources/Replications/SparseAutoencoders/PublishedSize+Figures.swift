// Recovery at the published size, feature by feature over frequency.

import Plotting

extension PublishedSize {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    func points(_ cosines: KeyPath<Observation, [Double]>) -> [Point] {
      seeds.flatMap { seed in zip(seed.frequencies, seed[keyPath: cosines]).map { Point($0, $1) } }
    }
    let figure = Figure(
      title: "At the published size all but the rarest features are recovered",
      subtitle: "512 features in 256 dimensions, 1,024 latents, α = 1; \(seedsInWords(seeds.count))",
      caption:
        "Each point is a feature of one seed: how often it is active, and its largest cosine with a dictionary vector. The "
        + "claim is about features to the right of the dashed line.",
      panels: [
        Panel(
          x: .log("frequency"), y: .linear("largest cosine", 0...1.02), size: Size(460, 260),
          marks: [
            .rule(x: 0.001, label: "one of a thousand samples"),
            .control(points(\.gaussian), name: "Gaussian data (control)"),
            .scatter("features", points(\.cosines), radius: 2, opacity: 0.6),
          ])
      ])
    return [try Drawing(name, figure)]
  }
}
