// How far apart the two answers are, prompt by prompt, and what a misleading sentence does.

import Plotting

extension PromptedBehaviour {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    func all(_ behaviour: (Observation) -> IndirectObjectBehaviour) -> [Double] {
      seeds.flatMap { behaviour($0).logitDifferences.map(Double.init) }
    }
    let figure = Figure(
      title: "GPT-2 small prefers the indirect object",
      subtitle: "logit differences of single prompts; \(seedsInWords(seeds.count))",
      caption:
        "Left: the task, and prompts of three unrelated names judged by the names of the original. Right: with one more "
        + "sentence about the indirect object, and about the subject (published mean 3.64).",
      rows: [
        [
          .logitDifferences("the task", all(\.plain), control: all(\.unrelated)).publishing(3.56),
          .logitDifferences(
            "one more sentence", all(\.aboutIO), control: all(\.aboutS), names: ("about IO", "about S")
          ).publishing(1.23),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}

extension Panel {
  /// The panel with a published mean.
  fileprivate func publishing(_ mean: Double) -> Panel {
    var panel = self
    panel.marks.append(.published(x: mean))
    return panel
  }
}
