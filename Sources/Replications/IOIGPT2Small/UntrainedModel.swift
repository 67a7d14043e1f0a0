// A model of GPT-2 small's shape that has learned nothing, on the paper's prompts: the logit difference is what training
// has made, not what the prompts have (Wang et al. 2022, §2, the baseline of any number there).

import Tensors
import Transformer

struct UntrainedModel: Experiment {
  let name = "UntrainedModel"
  let claims = ["ioi.gpt2.untrained"]
  let configuration = GPT2Prompts.configuration(count: Self.count).merging(
    [
      "weights": "as GPT-2's before training: normal, standard deviation 0.02",
      "promptsForTheControl": .int(GPT2Prompts.forms),
    ],
    uniquingKeysWith: { $1 })

  private static let count = 20 * GPT2Prompts.forms

  struct Observation: Sendable {
    var untrained: Estimate
    /// The mean logit difference of the trained model.
    var trained: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    var configuration = study.model.configuration
    configuration.initializerRange = 0.02
    let untrained = try IndirectObjectProtocol(
      model: HookedTransformer(configuration, initializedFrom: run.random("weights")), prompts: study.prompts,
      abc: study.abc)
    return Observation(
      untrained: try untrained.behaviour().logitDifference,
      trained: try study.first(GPT2Prompts.forms).behaviour().logitDifference.mean)
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "ioi.gpt2.untrained", value: seed.untrained.mean, control: seed.trained,
        detail: ["standard error": seed.untrained.standardError])
    ]
  }

  func figures(_ seeds: [Observation]) -> [Drawing] { [] }
}
