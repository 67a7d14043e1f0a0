// What features do: which words they raise, what is lost without them, and what clamping them makes of the next word.

import Tensors
import Transformer

extension PlaceFeatures {
  private static let numbers = AgreementLanguage.Number.allCases

  /// What one unit of each feature adds to the logits on the direct way, the final normalisation's scale left out:
  /// `[feature, word of the vocabulary]`.
  ///
  /// Features of the neurons pass through W_out; those of the residual stream go straight to the unembedding, so that what
  /// the MLP makes of them is not in it.
  func logitWeights() -> Tensor {
    let written: Tensor
    switch place {
    case .neurons:
      guard let mlp = run.model.blocks[0].mlp else { preconditionFailure("the layer has an MLP") }
      written = autoencoder.dictionary.matmul(mlp.W_out)
    case .residual: written = autoencoder.dictionary
    }
    // The final normalisation subtracts the mean and weighs dimensions before they are unembedded.
    let centred = written - written.mean(axis: 1, keepingAxis: true)
    let weighted = run.model.lnFinal.w.map { centred * $0 } ?? centred
    return weighted.matmul(run.model.W_U)
  }

  /// For a number's feature and for all other live features the share of words that may come where a verb of that number
  /// is due among the words that the feature raises most, mean over both numbers.
  ///
  /// Such words are verbs of the number, adverbs and "that". As many are looked at as there are such verbs. Only for
  /// neurons, whose way to the logits is direct.
  func raisedWordShares(_ language: AgreementLanguage) -> (own: Double, others: Double) {
    let logits = logitWeights()
    var (own, others) = (0.0, 0.0)
    for number in Self.numbers {
      let verbs = language.tokens { $0.wordClass == .verb && $0.number == number }
      let due = Set(verbs + language.tokens { $0.wordClass == .adverb || $0.wordClass == .relative })
      func share(_ feature: Int) -> Double {
        let raised = logits.slice(axis: 0, at: feature).elements
        let most = raised.indices.sorted { raised[$0] > raised[$1] }.prefix(verbs.count)
        return Double(most.count { due.contains($0) }) / Double(most.count)
      }
      let feature = feature(for: LanguageVariable.verbDue(number).name)
      own += share(feature)
      others += mean(liveFeatures.filter { $0 != feature }.map(share))
    }
    return (own / Double(Self.numbers.count), others / Double(Self.numbers.count))
  }

  /// How predictions change when a number's feature is set to zero where a verb of the number is due, and when any other
  /// feature that is active there is; sums over both numbers.
  func ablations(_ language: AgreementLanguage) throws -> (own: NumberChange, others: NumberChange) {
    var (own, others) = (NumberChange(), NumberChange())
    for number in Self.numbers {
      let variable = LanguageVariable.verbDue(number).name
      let (chosen, due) = (feature(for: variable), holds(variable))
      for feature in liveFeatures {
        let values = features.slice(axis: 1, at: feature).elements
        let words = due.indices.map { due[$0] && values[$0] > 0 }
        guard words.contains(true) else { continue }
        let change = try change(setting: feature, to: 0, at: words, language)
        if feature == chosen { own += change } else { others += change }
      }
    }
    return (own, others)
  }

  /// How predictions change where a singular verb is due when a feature is clamped there to a multiple of its largest
  /// activation: the feature of a plural verb due, and each other one.
  func clampings(times factor: Float, _ language: AgreementLanguage) throws
    -> (own: NumberChange, others: [NumberChange])
  {
    let chosen = feature(for: LanguageVariable.verbDue(.plural).name)
    let due = holds(LanguageVariable.verbDue(.singular).name)
    let largest = largestActivations
    func change(_ feature: Int) throws -> NumberChange {
      try self.change(setting: feature, to: factor * largest[feature], at: due, language)
    }
    return (try change(chosen), try liveFeatures.filter { $0 != chosen }.map(change))
  }

  /// How predictions change at the words where a feature is set to a value.
  private func change(setting feature: Int, to value: Float, at words: [Bool], _ language: AgreementLanguage) throws
    -> NumberChange
  {
    let changed = autoencoder.setting(feature, to: value, at: words, in: run.activations, with: features)
    let places = words.indices.filter { words[$0] }
    return NumberChange(
      from: run.predictions.gathered(at: places), to: try run.predictions(with: changed).gathered(at: places),
      of: language)
  }

  /// The mean divergence in nats per word where a feature is not clamped, from clamping it where a singular verb is due.
  func divergenceElsewhere(times factor: Float) throws -> Double {
    let feature = feature(for: LanguageVariable.verbDue(.plural).name)
    let due = holds(LanguageVariable.verbDue(.singular).name)
    let changed = autoencoder.setting(
      feature, to: factor * largestActivations[feature], at: due, in: run.activations, with: features)
    let after = try run.predictions(with: changed)
    let elsewhere = due.indices.filter { !due[$0] }
    let (p, q) = (run.predictions.gathered(at: elsewhere), after.gathered(at: elsewhere))
    return Double((p.exp() * (p - q)).sum()) / Double(elsewhere.count)
  }
}
