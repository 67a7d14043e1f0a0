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
  /// Splicing the features into the run, and those of shuffled activations, as many of them a word as of the former.
  var splice: SpliceScores
  var shuffledSplice: SpliceScores
  /// Splicing in the features of the same place in the next row.
  var misplacedSplice: SpliceScores
  /// On held-out words: the features, as many of shuffled activations, the autoencoder before training.
  var metrics: SparseAutoencoderMetrics
  var shuffledMetrics: SparseAutoencoderMetrics
  var initialMetrics: SparseAutoencoderMetrics
}

/// The features of one place, with the run that they are examined on.
struct PlaceFeatures: Sendable {
  /// The run over held-out rows.
  let run: SplicedRun
  /// The variables at its words.
  let labels: VariableLabels
  let autoencoder: LanguageAutoencoder
  /// The features of its words, `[word, feature]`.
  let features: Tensor
  let scores: PlaceScores

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
    func trained(on activations: Tensor, _ label: String) throws -> LanguageAutoencoder {
      let stream = stream.derived(label)
      var autoencoder = LanguageAutoencoder(for: activations, recipe, stream: stream)
      try autoencoder.train(on: activations, recipe, stream: stream, check: check)
      return autoencoder
    }
    let activations = try SplicedRun(model, tokens, at: place).activations
    let run = try SplicedRun(model, heldOut, at: place)
    let labels = VariableLabels(heldOut, of: language)
    let autoencoder = try trained(on: activations, "features")
    let shuffled = try trained(
      on: activations.shufflingColumns(using: stream.derived("shuffle")), "features of shuffled activations")
    let untrained = try trained(
      on: try SplicedRun(initial, tokens, at: place).activations, "features before training")
    let initialAutoencoder = LanguageAutoencoder(for: activations, recipe, stream: stream.derived("features"))

    let features = autoencoder.encode(run.activations)
    let shuffledFeatures = shuffled.encode(run.activations)
    let untrainedActivations = try SplicedRun(initial, heldOut, at: place).activations
    let metrics = autoencoder.metrics(on: run.activations, with: features)
    let asMany = shuffledFeatures.keepingLargest(max(1, Int(metrics.l0.rounded())))
    scores = PlaceScores(
      features: DetectorScores(features, labels, sides: .active),
      dimensions: DetectorScores(run.activations, labels, sides: .both),
      components: DetectorScores(try run.activations.alongPrincipalComponents(), labels, sides: .both),
      untrained: DetectorScores(untrained.encode(untrainedActivations), labels, sides: .active),
      shuffled: DetectorScores(shuffledFeatures, labels, sides: .active),
      splice: try SpliceScores(run, replacing: autoencoder.decode(features)),
      shuffledSplice: try SpliceScores(run, replacing: shuffled.decode(asMany)),
      misplacedSplice: try SpliceScores(run, replacing: autoencoder.decode(features.gathered(at: run.wordsOfNextRow))),
      metrics: metrics, shuffledMetrics: shuffled.metrics(on: run.activations, with: asMany),
      initialMetrics: initialAutoencoder.metrics(on: run.activations))
    self.run = run
    self.labels = labels
    self.autoencoder = autoencoder
    self.features = features
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
