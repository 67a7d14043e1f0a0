// TopK and L1 autoencoders over their sparsity: reconstruction, shrinkage and recovery.

import Plotting

extension TopKAgainstL1 {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    /// A line through the means over seeds, at the mean sparsity of each setting, and the seeds as points.
    func marks(
      _ name: String, _ outcomes: KeyPath<Observation, [Outcome]>, _ color: Coloring,
      _ style: LineStyle = .solid, _ value: (Outcome) -> Double
    ) -> [Mark] {
      let settings = seeds[0][keyPath: outcomes].indices
      let means = settings.map { setting in
        Point(
          mean(seeds.map { $0[keyPath: outcomes][setting].l0 }),
          mean(seeds.map { value($0[keyPath: outcomes][setting]) }))
      }
      let points = seeds.flatMap { $0[keyPath: outcomes].map { Point($0.l0, value($0)) } }
      return [.line(name, means, color: color, style: style), .scatter(nil, points, color: color, radius: 2)]
    }
    func panel(_ title: String, _ y: Axis, _ marks: [Mark]) -> Panel {
      Panel(title: title, x: .log("L0"), y: y, size: Size(190, 200), marks: marks)
    }
    let figure = Figure(
      title:
        "At equal sparsity TopK reconstructs better than an L1 penalty, which shrinks, and finds the same features",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features in \(Recovery.inputs) dimensions; "
        + seedsInWords(seeds.count),
      caption:
        "Lines through the means over seeds, points for seeds; L0 is the mean number of active latents of a sample, where two "
        + "features are active in truth. Left: explained variance; dashed, the L1 autoencoders times one factor, fitted to "
        + "other samples; dotted, both with the sizes of active latents fitted anew to each sample, which is what their choice "
        + "of latents would allow. Middle: how much too short reconstructions are. Right: recovery.",
      panels: [
        panel(
          "reconstruction", .linear("explained variance", 0.6...1.01),
          marks("L1 times one factor (control)", \.l1, .ink(.control), .dashed) { 1 - $0.rescaled }
            + marks("L1, sizes fitted anew", \.l1, .ink(.series(0)), .dotted) { 1 - $0.refitted }
            + marks("TopK, sizes fitted anew", \.topK, .ink(.series(1)), .dotted) { 1 - $0.refitted }
            + marks("L1 penalty", \.l1, .ink(.series(0))) { 1 - $0.unexplained }
            + marks("TopK", \.topK, .ink(.series(1))) { 1 - $0.unexplained }),
        panel(
          "shrinkage", .linear("shrinkage", -0.05...0.6),
          marks("L1 penalty", \.l1, .ink(.series(0))) { $0.shrinkage }
            + marks("TopK", \.topK, .ink(.series(1))) { $0.shrinkage }),
        panel(
          "recovery", .linear("mean max cosine", 0.4...1.02),
          [.control(seeds.map { Point($0.gaussian.l0, $0.gaussian.recovery) }, name: "TopK on Gaussian data (control)")]
            + marks("L1 penalty", \.l1, .ink(.series(0))) { $0.recovery }
            + marks("TopK", \.topK, .ink(.series(1))) { $0.recovery }),
      ], columns: 3)
    return [try Drawing(name, figure)]
  }
}
