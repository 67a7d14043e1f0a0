// The curves of single features in the wider space, beside what must fail.

import Plotting

extension WiderSpace {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    let ranks = (1...Self.features).map(Double.init)
    func curve(
      _ name: String, _ cosines: (Observation) -> [Double], _ color: Coloring = .automatic,
      _ style: LineStyle = .solid
    ) -> Mark {
      .seeds(name, xs: ranks, seeds.map { cosines($0).sorted(by: >) }, color: color, style: style, markers: false)
    }
    let figure = Figure(
      title: "Where chance helps less the features are found no worse",
      subtitle:
        "\(Self.features) features in \(Self.inputs) dimensions, 3 active on average; \(seedsInWords(seeds.count))",
      caption:
        "The largest cosine of each feature with a dictionary vector, sorted, mean and range over seeds. Grey: the same "
        + "autoencoders on Gaussian data of the same mean and covariance, principal components with both signs, and as many "
        + "random vectors as there are features.",
      panels: [
        Panel(
          x: .linear("features, the best recovered first"), y: .linear("largest cosine", 0...1.02),
          size: Size(600, 220),
          marks: [
            .rule(y: 0.95, label: "0.95"), curve("\(2 * Self.features) latents, α = 0.6", \.double),
            curve("\(Self.features) latents, α = 0.2", \.equal),
            curve("Gaussian data, \(2 * Self.features) (control)", \.doubleGaussian, .ink(.control)),
            curve("Gaussian data, \(Self.features) (control)", \.equalGaussian, .ink(.control), .dashed),
            curve("principal components (control)", \.components, .ink(.control), .dotted),
            curve("random vectors (control)", \.random, .ink(.control), .thin),
          ])
      ])
    return [try Drawing(name, figure)]
  }
}
