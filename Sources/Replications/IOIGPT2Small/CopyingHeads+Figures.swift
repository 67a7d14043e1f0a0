// Copy scores and negative copy scores of all heads.

import Plotting

extension CopyingHeads {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let colors = ColorScale.sequential("share of names among the first five", 0...1)
    let figure = Figure(
      title: "Name movers copy names, negative name movers do the opposite",
      subtitle: "heads read a name behind the first block and write it alone; dots: the published heads",
      caption:
        "Left: the output as it is. Right: reversed. Published: above 0.95 for name movers, 0.98 for negative ones.",
      rows: [
        [
          .heads(
            title: "copying", seed.copying, colors: colors, marked: Set(GPT2Heads.nameMovers.map { HeadName($0) })),
          .heads(
            title: "reversed", seed.negative, colors: colors, marked: Set(GPT2Heads.negative.map { HeadName($0) })),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}
