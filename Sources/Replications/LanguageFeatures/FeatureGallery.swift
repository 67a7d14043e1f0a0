// The best feature of every known variable at one place, a line each: how well it tells the variable, when it is active, the
// context of its largest activation, and the logits that it writes.

import Tensors

/// The numbers of a gallery.
struct FeatureGallery: Sendable {
  /// One feature.
  struct Entry: Sendable {
    let variable: String
    let feature: Int
    /// F1 of the feature, and of the best of the place's own dimensions.
    let score, dimensionScore: Double
    /// The share of words on which the feature is active.
    let density: Double
    /// Of the words on which it is active, the share in each of `bins` equal parts up to its largest activation.
    let histogram: [Double]
    /// The stretch around its largest activation, as parts of it.
    let context: FeatureDashboard.Context
    /// The words whose logits the feature raises most on the direct way, as parts of the largest.
    let promoted: [(word: String, part: Double)]
  }

  static let bins = 12

  let place: SplicedPlace
  let entries: [Entry]

  /// Gathers the numbers of the best feature for each variable.
  init(_ place: PlaceFeatures, _ language: AgreementLanguage) {
    self.place = place.place
    let logits = place.logitWeights()
    entries = place.labels.variables.indices.map { index in
      let detector = place.scores.features.detectors[index]
      let values = place.features.slice(axis: 1, at: detector.unit).elements
      let active = values.filter { $0 > 0 }
      let largest = max(values.max() ?? 0, .leastNormalMagnitude)
      var histogram = Array(repeating: 0.0, count: Self.bins)
      for value in active {
        histogram[min(Int(value / largest * Float(Self.bins)), Self.bins - 1)] += 1 / Double(active.count)
      }
      let context =
        FeatureDashboard.Context.largest(values, place.run, language, count: 1).first
        ?? FeatureDashboard.Context(words: [], activations: [])
      let weights = logits.slice(axis: 0, at: detector.unit).elements
      let order = weights.indices.sorted { weights[$0] > weights[$1] }.prefix(5)
      let most = order.first.map { weights[$0] } ?? 1
      return Entry(
        variable: place.labels.variables[index].name, feature: detector.unit, score: detector.score,
        dimensionScore: place.scores.dimensions.detectors[index].score,
        density: Double(active.count) / Double(values.count), histogram: histogram,
        context: FeatureDashboard.Context(
          words: context.words, activations: context.activations.map { $0 / Double(largest) }),
        promoted: order.map { (language.words[$0].text, Double(weights[$0] / most)) })
    }
  }
}
