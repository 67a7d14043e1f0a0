// Everything that one place in the transformer is compared with: its features, its own dimensions, principal components,
// and autoencoders of a transformer before training and of activations whose dimensions are shuffled.

import Tensors
import ToyModels
import Transformer

/// The scores of one place.
struct PlaceScores: Sendable {
  /// F1 of the features.
  var features: DetectorScores
  /// F1 of the dimensions: neurons, or coordinates of the residual stream.
  var dimensions: DetectorScores
  /// F1 of the principal components.
  var components: DetectorScores
  /// F1 of features of the model before training.
  var untrained: DetectorScores
  /// F1 of features of shuffled activations.
  var shuffled: DetectorScores
  /// Splicing the features into the run.
  var splice: SpliceScores
  /// Splicing in features of shuffled activations, as many of them a word as of the former.
  var shuffledSplice: SpliceScores
  /// Splicing in principal components, as many.
  var componentSplice: SpliceScores
  /// On held-out words: the features, as many of shuffled activations, as many principal components.
  var metrics: SparseAutoencoderMetrics
  var shuffledMetrics: SparseAutoencoderMetrics
  var componentMetrics: SparseAutoencoderMetrics
  /// On held-out words: features that were trained without a penalty; nil where they were not.
  var unpenalizedMetrics: SparseAutoencoderMetrics?
}

/// The features of one place, with the run that they are examined on.
struct PlaceFeatures: Sendable {
  let place: SplicedPlace
  /// The run over held-out rows.
  let run: SplicedRun
  /// The variables at its words.
  let labels: VariableLabels
  let autoencoder: LanguageAutoencoder
  /// The features of its words, `[word, feature]`.
  let features: Tensor
  let scores: PlaceScores

  /// The rows that the model reads at a time while autoencoders are trained.
  private static let rowsOfChunk = 50

  /// Trains the autoencoders of a place and scores them.
  ///
  /// - Parameters:
  ///   - model: The transformer.
  ///   - initial: The transformer before training.
  ///   - tokens: Rows to train autoencoders on.
  ///   - heldOut: Rows to score them on.
  init(
    of model: HookedTransformer, before initial: HookedTransformer, at place: SplicedPlace, tokens: TokenBatch,
    heldOut: TokenBatch, language: AgreementLanguage, recipe: LanguageAutoencoder.Recipe, stream: RandomStream,
    check: () throws -> Void
  ) throws {
    let words = tokens.batch * (tokens.positions - 1)
    // The buffer may be full when the last step is taken.
    let rounds = (recipe.steps * recipe.batch + recipe.buffer + words - 1) / words
    func trained(
      on source: some ActivationSource, _ recipe: LanguageAutoencoder.Recipe, like sample: Tensor, _ label: String
    ) throws -> LanguageAutoencoder {
      let stream = stream.derived(label)
      var autoencoder = LanguageAutoencoder(for: sample, recipe, stream: stream)
      try autoencoder.train(on: source, recipe, stream: stream, check: check)
      return autoencoder
    }
    func trained(
      on model: HookedTransformer, _ recipe: LanguageAutoencoder.Recipe, _ label: String
    ) throws -> LanguageAutoencoder {
      let source = ModelActivations(
        of: model, on: tokens, at: place.point, rows: Self.rowsOfChunk, rounds: rounds)
      var first = source
      return try trained(on: source, recipe, like: try first.nextActivations() ?? Tensor(zeros: [0, 0]), label)
    }
    let autoencoder = try trained(on: model, recipe, "features")
    let untrained = try trained(on: initial, recipe, "features before training")
    let activations = try SplicedRun(model, tokens, at: place.point).activations
    let mixed = activations.shufflingColumns(using: stream.derived("shuffle"))
    let shuffled = try trained(
      on: GeneratedActivations(mixed, words: Self.rowsOfChunk * (tokens.positions - 1), rounds: rounds), recipe,
      like: mixed, "features of shuffled activations")

    let run = try SplicedRun(model, heldOut, at: place.point)
    let labels = VariableLabels(heldOut, of: language)
    let features = autoencoder.encode(run.activations)
    let shuffledFeatures = shuffled.encode(run.activations)
    let untrainedActivations = try SplicedRun(initial, heldOut, at: place.point).activations
    let metrics = autoencoder.metrics(on: run.activations, with: features)
    let count = max(1, Int(metrics.l0.rounded()))
    let asMany = shuffledFeatures.keepingLargest(count)
    let projected = try run.activations.projected(onto: count, principalComponentsOf: activations)
    var componentMetrics = SparseAutoencoderMetrics(inputs: projected.shape[1], latents: 1)
    componentMetrics.add(
      activations: run.activations, latents: Tensor(zeros: [projected.shape[0], 1]), reconstructions: projected)
    var scores = PlaceScores(
      features: DetectorScores(features, labels, sides: .active),
      dimensions: DetectorScores(run.activations, labels, sides: .both),
      components: DetectorScores(try run.activations.alongPrincipalComponents(), labels, sides: .both),
      untrained: DetectorScores(untrained.encode(untrainedActivations), labels, sides: .active),
      shuffled: DetectorScores(shuffledFeatures, labels, sides: .active),
      splice: try SpliceScores(run, replacing: autoencoder.splice.reconstruction(of: run.activations)),
      shuffledSplice: try SpliceScores(run, replacing: shuffled.decode(asMany)),
      componentSplice: try SpliceScores(run, replacing: projected),
      metrics: metrics, shuffledMetrics: shuffled.metrics(on: run.activations, with: asMany),
      componentMetrics: componentMetrics)
    if place == .neurons {
      var without = recipe
      without.penalty = 0
      scores.unpenalizedMetrics = try trained(on: model, without, "features").metrics(on: run.activations)
    }
    self.place = place
    self.run = run
    self.labels = labels
    self.autoencoder = autoencoder
    self.features = features
    self.scores = scores
  }

  /// The feature with the best F1 for a variable.
  func feature(for variable: String) -> Int { scores.features.detectors[labels.index(of: variable)].unit }

  /// Whether a variable holds at each word.
  func holds(_ variable: String) -> [Bool] {
    let index = labels.index(of: variable)
    return labels.masks.indices.map { labels[index, $0] }
  }

  /// The features that are active at some word.
  var liveFeatures: [Int] {
    let largest = features.maximum(axis: 0).elements
    return largest.indices.filter { largest[$0] > 0 }
  }

  /// The largest activation of each feature.
  var largestActivations: [Float] { features.maximum(axis: 0).elements }
}
