// Attention against projection, a point a name and prompt, for the name movers and the heads that work against them.

import Plotting

extension NameMoverAttention {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let panels = seed.projections.map { head in
      head.panel(
        "\(HeadName(head.head)), ρ = \(((100 * head.correlation).rounded() / 100).brief)", size: Size(180, 150))
    }
    let figure = Figure(
      title: "The more a name mover attends to a name, the more it writes in its direction",
      subtitle: "from END; attention to S is that to S1 and S2 together; seed 0",
      caption: "Above: name movers, published ρ above 0.81. Below: negative name movers, which write the other way.",
      rows: [Array(panels.prefix(3)), Array(panels.dropFirst(3))])
    return [try Drawing(name, figure)]
  }
}
