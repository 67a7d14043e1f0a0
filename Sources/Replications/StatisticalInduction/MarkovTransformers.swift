// Attention-only transformers that learn Markov chains in context (Edelman et al. 2024, figure 1).
//
// Width 16, one head a layer, LayerNorm. With two layers they go from the uniform over the unigram to the bigram strategy;
// with one they stay at unigrams.

import Tensors
import ToyModels

struct MarkovTransformers: Experiment {
  let name = "MarkovTransformers"
  let claims = [
    "statistical.transformer.unigrams-first", "statistical.transformer.bigrams-at-last",
    "statistical.transformer.one-layer-never", "statistical.transformer.induction-attention",
  ]
  let configuration: [String: ConfigurationValue] = [
    "symbols": .int(MarkovTransformers.symbols), "length": .int(MarkovTransformers.length), "width": 16, "heads": 1,
    "positions": "a vector for each distance, added to keys", "normalization": "LayerNorm", "initialDeviation": 0.2,
    "steps": .int(MarkovTransformers.steps), "chainsPerStep": .int(MarkovTransformers.batch),
    "optimizer": "AdamW, betas 0.9 and 0.95, weight decay 0.1 on matrices", "learningRate": 3e-3,
    "testChains": .int(MarkovTransformers.heldOut), "evaluatedEvery": .int(MarkovTransformers.interval),
    "control": "one layer; the end of training",
  ]

  static let symbols = 3
  static let length = 65
  static let steps = 800
  static let batch = 32
  static let heldOut = 128
  static let interval = 25

  /// One training: its way, and what the last layer attends to at its end.
  struct Run: Sendable {
    var stages: LearningStages
    /// The share of the last layer's attention on symbols that follow an earlier occurrence of the present one.
    var inductionShare: Double
    /// The mean weight of the symbol before in the first layer.
    var previousWeight: Double
  }

  struct Observation: Sendable {
    var two: Run
    var one: Run
  }

  func observe(_ run: SeedRun) throws -> Observation {
    // Two layers cost twice what one does.
    Observation(
      two: try train(layers: 2, run) { run.report($0 * 2 / 3) },
      one: try train(layers: 1, run) { run.report((2 + $0) / 3) })
  }

  private func train(layers: Int, _ run: SeedRun, progress: (Double) -> Void) throws -> Run {
    var held = run.random("held out")
    let chains = MarkovPrior.dirichlet.chains(
      Self.heldOut, length: Self.length, symbols: Self.symbols, using: &held)
    let strategies = ContextStrategies(chains)
    let random = run.random("\(layers) layers")
    var stream = random.derived("chains")
    var model = RelativeTransformer(
      layers: layers, width: 16, symbols: Self.symbols, context: Self.length, standardDeviation: 0.2,
      using: random.derived("weights"))
    var optimizer = Adam(
      learningRate: 3e-3, coefficients: AdamCoefficients(beta1: 0.9, beta2: 0.95, weightDecay: 0.1),
      sparesVectors: true)
    var stages = LearningStages()
    for step in 0...Self.steps {
      if step % Self.interval == 0 {
        stages.append(step, strategies.divergences(to: model.run(chains).logProbabilities))
        progress(Double(step) / Double(Self.steps))
      }
      guard step < Self.steps else { break }
      try run.checkCancellation()
      let batch = MarkovPrior.dirichlet.chains(
        Self.batch, length: Self.length, symbols: Self.symbols, using: &stream)
      let gradients = model.valueAndGradients { model.loss(batch, parameters: $0) }.gradients
      optimizer.update(&model, with: gradients)
    }
    let patterns = model.run(chains).patterns
    guard let first = patterns.first, let last = patterns.last else {
      preconditionFailure("a transformer has at least one layer")
    }
    return Run(
      stages: stages, inductionShare: Self.inductionShare(last, chains), previousWeight: Self.previousWeight(first))
  }

  /// The share of attention on symbols that follow an earlier occurrence of the present one, of a pattern
  /// `[chain, query, key]`, averaged over queries that have such symbols.
  static func inductionShare(_ pattern: Tensor, _ chains: MarkovChains) -> Double {
    let (length, positions) = (chains.length, chains.length - 1)
    return pattern.withUnsafeElements { pattern in
      var (total, queries) = (0.0, 0)
      for chain in 0..<chains.count {
        for query in 1..<positions {
          let row = (chain * positions + query) * positions
          let present = chains.tokens[chain * length + query]
          var (share, isPossible) = (0.0, false)
          for key in 1...query where chains.tokens[chain * length + key - 1] == present {
            share += Double(pattern[row + key])
            isPossible = true
          }
          if isPossible {
            total += share
            queries += 1
          }
        }
      }
      return total / Double(queries)
    }
  }

  /// The mean weight of the symbol before, of a pattern `[chain, query, key]`, over queries from the second on.
  static func previousWeight(_ pattern: Tensor) -> Double {
    let (chains, length) = (pattern.shape[0], pattern.shape[2])
    return pattern.withUnsafeElements { pattern in
      var total = 0.0
      for chain in 0..<chains {
        for query in 1..<length { total += Double(pattern[(chain * length + query) * length + query - 1]) }
      }
      return total / Double(chains * (length - 1))
    }
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (two, one) = (seed.two.stages, seed.one.stages)
    func ends(_ stages: LearningStages) -> Double {
      (stages.curve(.unigram).last ?? .nan) / (stages.curve(.bigram).last ?? .nan)
    }
    return [
      Reading(
        claim: "statistical.transformer.unigrams-first", value: two.relative(.unigram).min() ?? .nan,
        control: two.relative(.unigram).last ?? .nan,
        detail: [
          "step closest to unigrams": Double(two.steps[two.closestToUnigrams]),
          "KL(unigram) there": two.curve(.unigram)[two.closestToUnigrams],
          "KL(bigram) there": two.curve(.bigram)[two.closestToUnigrams],
          "takeover": two.takeover.map(Double.init) ?? .nan, "start of the bigram stage": two.bigramStart,
        ]),
      Reading(
        claim: "statistical.transformer.bigrams-at-last", value: two.relative(.bigram).last ?? .nan,
        control: one.relative(.bigram).last ?? .nan,
        detail: [
          "KL(unigram) at the end": two.curve(.unigram).last ?? .nan,
          "KL(bigram) at the end": two.curve(.bigram).last ?? .nan,
        ]),
      Reading(
        claim: "statistical.transformer.one-layer-never", value: ends(one), control: ends(two),
        detail: [
          "KL(unigram) at the end": one.curve(.unigram).last ?? .nan,
          "KL(bigram) at the end": one.curve(.bigram).last ?? .nan,
        ]),
      Reading(
        claim: "statistical.transformer.induction-attention", value: seed.two.inductionShare,
        control: seed.one.inductionShare, detail: ["previous-token weight of layer 0": seed.two.previousWeight]),
    ]
  }
}
