// What is drawn of one feature: when it is active, in which contexts most, which logits it writes, and which words become
// likelier by it.

import Tensors

/// The numbers of one feature's dashboard.
struct FeatureDashboard: Sendable {
  /// A stretch of words with the feature's activation on each.
  struct Context: Sendable {
    var words: [String]
    var activations: [Double]
  }

  let place: SplicedPlace
  let feature: Int
  let variable: String
  /// F1 of the feature, and of the best of the place's own dimensions.
  let score, dimensionScore: Double
  /// The share of words on which the feature is active.
  let density: Double
  /// Activations where it is active, where the variable holds and where it does not.
  let holding, notHolding: [Double]
  let contexts: [Context]
  /// What one unit of the feature adds to the logits on the direct way, the largest and the smallest.
  let promoted, suppressed: [(word: String, change: Double)]
  /// How much likelier the feature makes each word where it is active, in nats, the most and the least.
  let raised, lowered: [(word: String, change: Double)]

  /// Gathers the numbers of the best feature for a variable.
  init(of variable: String, in place: PlaceFeatures, _ language: AgreementLanguage) throws {
    let index = place.labels.index(of: variable)
    let feature = place.feature(for: variable)
    let values = place.features.slice(axis: 1, at: feature).elements
    let holds = place.holds(variable)
    let active = values.indices.filter { values[$0] > 0 }
    self.place = place.place
    self.feature = feature
    self.variable = variable
    score = place.scores.features.detectors[index].score
    dimensionScore = place.scores.dimensions.detectors[index].score
    density = Double(active.count) / Double(values.count)
    holding = active.filter { holds[$0] }.map { Double(values[$0]) }
    notHolding = active.filter { !holds[$0] }.map { Double(values[$0]) }
    contexts = Context.largest(values, place.run, language, count: 6)
    let weights = place.logitWeights().slice(axis: 0, at: feature).elements
    promoted = Self.extremes(of: weights, language).largest
    suppressed = Self.extremes(of: weights, language).smallest
    let without = place.autoencoder.setting(
      feature, to: 0, at: values.map { $0 > 0 }, in: place.run.activations, with: place.features)
    let changes = (place.run.predictions - (try place.run.predictions(with: without))).gathered(at: active)
      .mean(axis: 0).elements
    raised = Self.extremes(of: changes, language).largest
    lowered = Self.extremes(of: changes, language).smallest
  }

  /// The six words with the largest and the six with the smallest numbers, in falling order.
  private static func extremes(
    of values: [Float], _ language: AgreementLanguage
  ) -> (largest: [(word: String, change: Double)], smallest: [(word: String, change: Double)]) {
    let order = values.indices.sorted { values[$0] > values[$1] }
      .map { (word: language.words[$0].text, change: Double(values[$0])) }
    return (Array(order.prefix(6)), Array(order.suffix(6)))
  }
}

extension FeatureDashboard.Context {
  /// The stretches around the largest activations, one from each row: seven words before, the word, two after.
  static func largest(
    _ values: [Float], _ run: SplicedRun, _ language: AgreementLanguage, count: Int
  ) -> [FeatureDashboard.Context] {
    let length = run.tokens.positions - 1
    let (before, after) = (7, 2)
    // The word of each row with the largest activation, where a whole stretch fits around it.
    let peaks = (0..<run.tokens.batch).compactMap { row in
      (before..<length - after).max { values[row * length + $0] < values[row * length + $1] }
        .map { (row: row, word: $0) }
    }
    let most = peaks.sorted { values[$0.row * length + $0.word] > values[$1.row * length + $1.word] }.prefix(count)
    return most.map { row, word in
      let places = word - before...word + after
      return FeatureDashboard.Context(
        words: places.map { language.words[run.tokens[row][$0 + 1]].text },
        activations: places.map { Double(values[row * length + $0]) })
    }
  }
}
