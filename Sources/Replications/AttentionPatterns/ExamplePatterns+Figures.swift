// Attention of GPT-2's heads to the token before, as the map that readers know.

import Plotting

extension ExamplePatterns {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    let colors = ColorScale.sequential("mean attention", 0...1)
    let marked: Set<HeadName> = [HeadName(4, 11), HeadName(2, 2)]
    return [
      try Drawing(
        name,
        Figure(
          title: "GPT-2's head 4.11 attends to the token before, on every prompt",
          subtitle: "mean over \(seed.prompts.count) English prompts; dots: 4.11 and 2.2",
          caption:
            "Left: attention to the token before. Right: to the one before that (control). The patterns are those that "
            + "the authors of Transformer Explainer have published; the model was not run here.",
          rows: [
            [
              .heads(title: "one back", Self.overall(seed.oneBack), colors: colors, marked: marked),
              .heads(title: "two back (control)", Self.overall(seed.twoBack), colors: colors, marked: marked),
            ]
          ]))
    ]
  }
}
