// What is drawn of one feature: when it is active, in which contexts most, and which words it makes likelier.

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
  /// How much likelier the feature makes each word where it is active, in nats, the most and the least.
  let raised, lowered: [(word: String, change: Double)]

  /// Gathers the numbers of the best feature for a variable.
  init(of variable: String, in place: PlaceFeatures, _ language: AgreementLanguage) throws {
    let index = place.labels.index(of: variable)
    let feature = place.feature(for: variable)
    let values = place.features.slice(axis: 1, at: feature).elements
    let holds = place.holds(variable)
    let active = values.indices.filter { values[$0] > 0 }
    self.place = place.run.place
    self.feature = feature
    self.variable = variable
    score = place.scores.features.detectors[index].score
    dimensionScore = place.scores.dimensions.detectors[index].score
    density = Double(active.count) / Double(values.count)
    holding = active.filter { holds[$0] }.map { Double(values[$0]) }
    notHolding = active.filter { !holds[$0] }.map { Double(values[$0]) }
    contexts = Self.contexts(values, place.run, language)
    let without = place.autoencoder.setting(
      feature, to: 0, at: values.map { $0 > 0 }, in: place.run.activations, with: place.features)
    let changes = (place.run.predictions - (try place.run.predictions(with: without))).gathered(at: active)
      .mean(axis: 0).elements
    let order = changes.indices.sorted { changes[$0] > changes[$1] }
    func list(_ tokens: some Sequence<Int>) -> [(word: String, change: Double)] {
      tokens.map { (language.words[$0].text, Double(changes[$0])) }
    }
    raised = list(order.prefix(6))
    lowered = list(order.suffix(6))
  }

  /// The stretches around the largest activations, one from each row: six words before, the word, two after.
  private static func contexts(_ values: [Float], _ run: SplicedRun, _ language: AgreementLanguage) -> [Context] {
    let length = run.tokens.positions - 1
    let (before, after) = (7, 2)
    // The word of each row with the largest activation, where a whole stretch fits around it.
    let peaks = (0..<run.tokens.batch).compactMap { row in
      (before..<length - after).max { values[row * length + $0] < values[row * length + $1] }
        .map { (row: row, word: $0) }
    }
    let most = peaks.sorted { values[$0.row * length + $0.word] > values[$1.row * length + $1.word] }.prefix(6)
    return most.map { row, word in
      let places = word - before...word + after
      return Context(
        words: places.map { language.words[run.tokens[row][$0 + 1]].text },
        activations: places.map { Double(values[row * length + $0]) })
    }
  }
}
