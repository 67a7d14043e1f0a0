// The minimal model of statistical induction heads (Edelman et al. 2024; the authors' mingpt/new_min.py and min_model.py).
//
// Two parameters for two layers: how far the first looks back, and what the second matches. Gradient descent first finds
// that frequencies of symbols help (the second layer learns), then, suddenly, that the symbol before is what to look at
// (the first layer learns). On doubly stochastic chains, where frequencies say nothing, bigrams are found sooner.

import ToyModels

struct MinimalModel: Experiment {
  let name = "MinimalModel"
  let claims = [
    "statistical.minimal.unigrams-first", "statistical.minimal.bigrams-at-last", "statistical.minimal.sudden",
    "statistical.minimal.simplicity-bias", "statistical.minimal.previous-token",
  ]
  let configuration: [String: ConfigurationValue] = [
    "symbols": .int(MinimalModel.symbols), "length": .int(MinimalModel.length), "steps": .int(MinimalModel.steps),
    "chainsPerStep": .int(MinimalModel.batch), "rateOfDistances": 1, "rateOfWeights": 0.01, "initialWeights": 0.01,
    "testChains": .int(MinimalModel.heldOut), "evaluatedEvery": .int(MinimalModel.interval),
    "evaluatedAtEachStepTo": .int(MinimalModel.early),
    "control": "distances not trained; doubly stochastic chains; a second training on Dirichlet chains, 400 steps",
  ]

  static let symbols = 3
  static let length = 101
  static let steps = 600
  static let batch = 128
  static let heldOut = 256
  static let interval = 10
  /// The unigram stage is over after some twenty steps, so that every one of the first counts.
  static let early = 60

  /// One training: its way and its end.
  struct Run: Sendable {
    var stages: LearningStages
    var model: MinimalInductionModel
  }

  struct Observation: Sendable {
    var dirichlet: Run
    /// The same with other chains, until bigrams have taken over.
    var again: Run
    var doublyStochastic: Run
    /// With distances that are not trained.
    var frozen: Run
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var done = 0
    func train(
      _ label: String, _ prior: MarkovPrior = .dirichlet, distanceRate: Float = 1, steps: Int = Self.steps
    ) throws -> Run {
      var held = run.random("\(label) held out")
      let chains = prior.chains(Self.heldOut, length: Self.length, symbols: Self.symbols, using: &held)
      let strategies = ContextStrategies(chains)
      var stream = run.random("\(label) chains")
      var trainer = MinimalInductionTrainer(
        MinimalInductionModel(context: Self.length - 1, symbols: Self.symbols), distanceRate: distanceRate)
      var stages = LearningStages()
      for step in 0...steps {
        if step <= Self.early || step % Self.interval == 0 {
          stages.append(step, strategies.divergences(to: trainer.model.logProbabilities(chains)))
          try run.checkCancellation()
          run.report((Double(done) + Double(step) / Double(steps)) / 4)
        }
        guard step < steps else { break }
        trainer.step(prior.chains(Self.batch, length: Self.length, symbols: Self.symbols, using: &stream))
      }
      done += 1
      return Run(stages: stages, model: trainer.model)
    }
    return Observation(
      dirichlet: try train("dirichlet"), again: try train("again", steps: 400),
      doublyStochastic: try train("doubly stochastic", .doublyStochastic),
      frozen: try train("frozen", distanceRate: 0))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (run, flat) = (seed.dirichlet.stages, seed.doublyStochastic.stages)
    let takeover = run.takeover.map(Double.init) ?? .nan
    return [
      Reading(
        claim: "statistical.minimal.unigrams-first", value: run.relative(.unigram).min() ?? .nan,
        control: flat.relative(.unigram).min() ?? .nan,
        detail: [
          "step closest to unigrams": Double(run.steps[run.closestToUnigrams]),
          "KL(unigram) there": run.curve(.unigram)[run.closestToUnigrams],
          "KL(bigram) there": run.curve(.bigram)[run.closestToUnigrams],
        ]),
      Reading(
        claim: "statistical.minimal.bigrams-at-last", value: run.relative(.bigram).last ?? .nan,
        control: seed.frozen.stages.relative(.bigram).last ?? .nan,
        detail: [
          "KL(unigram) at the end": run.curve(.unigram).last ?? .nan,
          "KL(bigram) at the end": run.curve(.bigram).last ?? .nan,
        ]),
      Reading(
        claim: "statistical.minimal.sudden", value: run.firstTenth(of: .bigram), control: run.firstTenth(of: .unigram),
        detail: ["steps of the unigram stage": Double(run.steps[run.closestToUnigrams])]),
      Reading(
        claim: "statistical.minimal.simplicity-bias", value: (flat.takeover.map(Double.init) ?? .nan) / takeover,
        control: (seed.again.stages.takeover.map(Double.init) ?? .nan) / takeover,
        detail: [
          "takeover, Dirichlet": takeover, "takeover, doubly stochastic": flat.takeover.map(Double.init) ?? .nan,
        ]),
      Reading(
        claim: "statistical.minimal.previous-token", value: seed.dirichlet.model.previousTokenWeight,
        control: MinimalInductionModel(context: Self.length - 1, symbols: Self.symbols).previousTokenWeight),
    ]
  }
}
