// Features of a transformer against the variables of its language (Bricken et al. 2023; Templeton et al. 2024).
//
// A transformer of one layer learns the language of nested clauses. Autoencoders are trained on the neurons of its MLP
// and on the residual stream before it. Their features are scored as detectors of the known variables,
// spliced into the model, ablated and clamped, always on rows that neither model has seen.

import Tensors
import Transformer

struct KnownVariables: Experiment {
  let name = "KnownVariables"
  let claims = [
    "features.mlp.variables", "features.mlp.names", "features.mlp.context", "features.mlp.loss",
    "features.mlp.sparsity",
    "features.mlp.logits", "features.mlp.ablation", "features.residual.variance", "features.residual.variables",
    "features.residual.ablation", "features.steering.flips", "features.steering.specific",
  ]
  var configuration: [String: ConfigurationValue] {
    [
      "layers": 1, "width": 32, "heads": 4, "neurons": 64, "activation": "ReLU",
      "vocabulary": .int(Self.transformer.language.words.count), "length": .int(Self.transformer.length),
      "steps": .int(Self.transformer.steps), "batchSize": .int(Self.transformer.rows),
      "learningRate": .double(Double(Self.transformer.learningRate)), "features": .int(Self.recipe.features),
      "penalty": .double(Double(Self.recipe.penalty)), "autoencoderSteps": .int(Self.recipe.steps),
      "autoencoderBatch": .int(Self.recipe.batch), "autoencoderBuffer": .int(Self.recipe.buffer),
      "autoencoderWords": .int(Self.trainingRows * Self.transformer.length),
      "heldOutWords": .int(Self.heldOutRows * Self.transformer.length), "clampedTo": .double(Double(Self.clamp)),
    ]
  }

  static let transformer = LanguageTransformer()
  static let recipe = LanguageAutoencoder.Recipe()
  static let trainingRows = 500
  static let heldOutRows = 100
  /// The multiple of its largest activation that a feature is clamped to.
  static let clamp: Float = 10

  struct Observation: Sendable {
    /// The entropy of the language, and what the model loses beyond it, in nats per word.
    var entropy, excess: Double
    var neurons: PlaceScores
    var residual: PlaceScores
    var raisedWords: (own: Double, others: Double)
    /// In the neurons, and in the residual stream.
    var neuronAblation, residualAblation: (own: NumberChange, others: NumberChange)
    var clamping: (own: NumberChange, others: [NumberChange])
    var divergenceElsewhere: Double
    var dashboards: [FeatureDashboard]
    /// The best feature of every variable, by place.
    var galleries: [FeatureGallery]

    /// The other features that flip nine in ten words, as the feature of a plural is asked to.
    var othersThatFlip: [NumberChange] { clamping.others.filter { $0.flips >= 0.9 } }
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (transformer, language) = (Self.transformer, Self.transformer.language)
    var training = transformer.training(stream: run.random("transformer"))
    let initial = training.model
    try training.train { step, stream in
      try run.checkCancellation()
      run.report(0.3 * Double(step) / Double(transformer.steps))
      return transformer.batch(using: &stream)
    }
    let model = training.model
    var rows = run.random("rows")
    let tokens = language.batch(Self.trainingRows, length: transformer.length, using: &rows)
    var others = run.random("held-out rows")
    let heldOut = language.batch(Self.heldOutRows, length: transformer.length, using: &others)
    func features(of place: SplicedPlace) throws -> PlaceFeatures {
      try PlaceFeatures(
        of: model, before: initial, at: place, tokens: tokens, heldOut: heldOut, language: language,
        recipe: Self.recipe, stream: run.random(place.rawValue), check: run.checkCancellation)
    }
    let neurons = try features(of: .neurons)
    run.report(0.6)
    let residual = try features(of: .residual)
    run.report(0.9)
    let (entropy, excess) = transformer.losses(of: model, on: heldOut)
    return Observation(
      entropy: entropy, excess: excess, neurons: neurons.scores, residual: residual.scores,
      raisedWords: neurons.raisedWordShares(language), neuronAblation: try neurons.ablations(language),
      residualAblation: try residual.ablations(language),
      clamping: try residual.clampings(times: Self.clamp, language),
      divergenceElsewhere: try residual.divergenceElsewhere(times: Self.clamp),
      dashboards: run.index == 0 ? try Self.dashboards(neurons, residual) : [],
      galleries: run.index == 0 ? [FeatureGallery(neurons, language), FeatureGallery(residual, language)] : [])
  }

  /// The features that are drawn: of the neurons one for each kind of variable of context, of the residual stream the one
  /// that is clamped.
  private static func dashboards(_ neurons: PlaceFeatures, _ residual: PlaceFeatures) throws -> [FeatureDashboard] {
    let language = transformer.language
    let plural = LanguageVariable.verbDue(.plural).name
    return [
      try FeatureDashboard(of: plural, in: neurons, language),
      try FeatureDashboard(of: "depth 1", in: neurons, language),
      try FeatureDashboard(
        of: "\(language.words[language.tokens { $0.wordClass == .name }[0]].text) likely", in: neurons, language),
      try FeatureDashboard(of: plural, in: residual, language),
    ]
  }

  // MARK: - Readings

  func readings(_ seed: Observation) -> [Reading] {
    let (neurons, residual) = (seed.neurons, seed.residual)
    func scores(_ scores: PlaceScores) -> [String: Double] {
      [
        "F1 of features": scores.features.overall, "F1 of dimensions": scores.dimensions.overall,
        "F1 of principal components": scores.components.overall, "F1 before training": scores.untrained.overall,
        "F1 of shuffled activations": scores.shuffled.overall,
      ]
    }
    func splicing(_ scores: PlaceScores) -> [String: Double] {
      [
        "loss": scores.splice.loss, "loss spliced": scores.splice.splicedLoss,
        "loss with zeros": scores.splice.zeroLoss,
        "loss score": scores.splice.lossScore, "KL score": scores.splice.divergenceScore,
        "loss score, shuffled": scores.shuffledSplice.lossScore,
        "loss score, principal components": scores.componentSplice.lossScore,
        "entropy of the language": seed.entropy, "excess of the model": seed.excess,
      ]
    }
    func sparsity(_ scores: PlaceScores) -> [String: Double] {
      [
        "L0": scores.metrics.l0, "explained variance": scores.metrics.explainedVariance,
        "dead share": scores.metrics.deadFraction, "cosine": scores.metrics.cossim,
      ]
    }
    func ablation(_ claim: String, _ changes: (own: NumberChange, others: NumberChange)) -> Reading {
      Reading(
        claim: claim, value: changes.own.shareInNumber ?? .nan, control: changes.others.shareInNumber,
        detail: ["divergence": changes.own.divergence / Double(changes.own.count)])
    }
    let others = seed.clamping.others
    return [
      Reading(
        claim: "features.mlp.variables", value: neurons.features.overall - neurons.dimensions.overall,
        control: neurons.shuffled.overall - neurons.dimensions.overall, detail: scores(neurons)),
      Reading(
        claim: "features.mlp.names", value: neurons.features.mean(of: .name),
        control: neurons.untrained.mean(of: .name),
        detail: [
          "neurons": neurons.dimensions.mean(of: .name), "shuffled": neurons.shuffled.mean(of: .name),
          "principal components": neurons.components.mean(of: .name),
        ]),
      Reading(
        claim: "features.mlp.context", value: neurons.features.ofContext, control: neurons.untrained.ofContext,
        detail: [
          "neurons": neurons.dimensions.ofContext, "principal components": neurons.components.ofContext,
          "number": neurons.features.mean(of: .number), "clause depth": neurons.features.mean(of: .depth),
          "likely name": neurons.features.mean(of: .name),
        ]),
      Reading(
        claim: "features.mlp.loss", value: neurons.splice.lossScore(over: neurons.shuffledSplice),
        control: neurons.componentSplice.lossScore(over: neurons.shuffledSplice),
        detail: splicing(neurons)),
      Reading(
        claim: "features.mlp.sparsity", value: neurons.metrics.l0, control: neurons.unpenalizedMetrics?.l0,
        detail: sparsity(neurons)),
      Reading(claim: "features.mlp.logits", value: seed.raisedWords.own, control: seed.raisedWords.others),
      ablation("features.mlp.ablation", seed.neuronAblation),
      ablation("features.residual.ablation", seed.residualAblation),
      Reading(
        claim: "features.residual.variance", value: residual.metrics.explainedVariance,
        control: residual.componentMetrics.explainedVariance,
        detail: sparsity(residual).merging(splicing(residual)) { first, _ in first }
          .merging(["explained variance, shuffled": residual.shuffledMetrics.explainedVariance]) { first, _ in first }),
      Reading(
        claim: "features.residual.variables", value: residual.features.overall - residual.components.overall,
        control: residual.shuffled.overall - residual.components.overall, detail: scores(residual)),
      Reading(
        claim: "features.steering.flips", value: seed.clamping.own.flips, control: mean(others.map(\.flips)),
        detail: [
          "largest share of another feature": others.map(\.flips).max() ?? .nan,
          "other features": Double(others.count), "other features that flip": Double(seed.othersThatFlip.count),
          "of them mostly in number": Double(seed.othersThatFlip.count { $0.shareInNumber ?? 0 >= 0.5 }),
        ]),
      Reading(
        claim: "features.steering.specific", value: seed.clamping.own.shareInNumber ?? .nan,
        control: others.reduce(into: NumberChange()) { $0 += $1 }.shareInNumber,
        detail: [
          "divergence where clamped": seed.clamping.own.divergence / Double(seed.clamping.own.count),
          "divergence elsewhere": seed.divergenceElsewhere,
        ]),
    ]
  }
}
