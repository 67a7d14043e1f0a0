// What GPT-2 small answers: logit difference, accuracy and probability on the paper's prompts (Wang et al. 2022, §2), and
// on adversarial ones that name one of the two people once more (appendix L).

import Tensors
import Transformer

struct PromptedBehaviour: Experiment {
  let name = "PromptedBehaviour"
  let claims = [
    "ioi.gpt2.logit-difference", "ioi.gpt2.accuracy", "ioi.gpt2.probability", "ioi.gpt2.adversarial.difference",
    "ioi.gpt2.adversarial.probability", "ioi.gpt2.adversarial.errors", "ioi.gpt2.adversarial.subject.difference",
    "ioi.gpt2.adversarial.subject.probability", "ioi.gpt2.adversarial.subject.errors",
  ]
  let configuration = GPT2Prompts.configuration(count: Self.count)

  private static let count = 300

  struct Observation: Sendable {
    var plain: IndirectObjectBehaviour
    var unrelated: IndirectObjectBehaviour
    var aboutIO: IndirectObjectBehaviour
    var aboutS: IndirectObjectBehaviour
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let study = try GPT2Prompts.study(run, count: Self.count)
    let (plain, unrelated) = (try study.behaviour(), try study.behaviour(on: study.abc))
    run.report(0.4)
    try run.checkCancellation()
    let twoSentences = try GPT2Prompts.study(
      run, count: Self.count, templates: IndirectObjectTemplate.all.filter(\.hasTwoSentences), model: study.model,
      label: "prompts of two sentences")
    func remarked(_ role: IndirectObjectRole) throws -> IndirectObjectBehaviour {
      try twoSentences.behaviour(
        on: twoSentences.prompts.remarking(about: role, random: run.random("remarks about \(role.rawValue)")))
    }
    return Observation(plain: plain, unrelated: unrelated, aboutIO: try remarked(.io), aboutS: try remarked(.s1))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (plain, unrelated, io, s) = (seed.plain, seed.unrelated, seed.aboutIO, seed.aboutS)
    return [
      Reading(
        claim: "ioi.gpt2.logit-difference", value: plain.logitDifference.mean,
        control: unrelated.logitDifference.mean, detail: ["standard error": plain.logitDifference.standardError]),
      Reading(claim: "ioi.gpt2.accuracy", value: plain.accuracy.mean, control: plain.errorRate.mean),
      Reading(
        claim: "ioi.gpt2.probability", value: plain.ioProbability.mean, control: unrelated.ioProbability.mean,
        detail: ["standard error": plain.ioProbability.standardError]),
      Reading(
        claim: "ioi.gpt2.adversarial.difference", value: io.logitDifference.mean, control: s.logitDifference.mean),
      Reading(
        claim: "ioi.gpt2.adversarial.probability", value: io.ioProbability.mean, control: s.ioProbability.mean),
      Reading(claim: "ioi.gpt2.adversarial.errors", value: io.errorRate.mean, control: s.errorRate.mean),
      Reading(
        claim: "ioi.gpt2.adversarial.subject.difference", value: s.logitDifference.mean,
        control: io.logitDifference.mean),
      Reading(
        claim: "ioi.gpt2.adversarial.subject.probability", value: s.ioProbability.mean, control: io.ioProbability.mean),
      Reading(claim: "ioi.gpt2.adversarial.subject.errors", value: s.errorRate.mean, control: io.errorRate.mean),
    ]
  }
}
