// The stages of transformers of two layers and of one.

import Plotting

extension MarkovTransformers {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard !seeds.isEmpty else { return [] }
    return [
      try Drawing(
        name,
        Figure(
          title: "Two layers find bigrams, one layer stays at frequencies",
          subtitle:
            "attention-only transformers of width 16, one head a layer; \(Self.symbols) symbols, "
            + seedsInWords(seeds.count),
          caption:
            "Divergence from each strategy to the model on \(Self.heldOut) chains that were never trained on, every "
            + "\(Self.interval) steps. Shading: the strategy that the model is closest to. Bands: lowest to highest "
            + "seed.",
          panels: [
            LearningStages.panel("two layers", seeds.map(\.two.stages)),
            LearningStages.panel("one layer (control)", seeds.map(\.one.stages)),
          ], columns: 2, sharedY: .aligned))
    ]
  }
}
