// What the weights of a small model say about its heads, and what the heads do on probes: the two sides that Elhage et
// al. 2021 compare in "Checking the Mechanistic Theory".

import Tensors
import Transformer

/// The heads of a model, read off weights and measured on probes.
struct CircuitReading: Sendable {
  /// What every model is measured with.
  struct Probe: Sendable {
    /// Random tokens that repeat.
    var repeated: RepeatedTokens
    /// Rows like those of training.
    var text: TokenBatch
    /// What the random matrices of the baseline are drawn from.
    var random: RandomStream
  }

  /// One head.
  struct Head: Sendable {
    /// Positivity of the eigenvalues of W_E·W_OV·W_U.
    var copying: Double
    /// Positivity of the eigenvalues of the QK circuit whose keys an earlier head wrote, the best of those heads; 0 where
    /// there is none.
    var matching: Double
    /// Attention to what followed the present token in earlier copies.
    var prefixMatching: Double

    /// The lesser of both eigenvalue scores.
    var leastScore: Double { min(copying, matching) }

    /// How far two ways of telling induction heads agree on some heads: those that both choose, as a share of those that
    /// either chooses; nan where neither chooses any.
    static func agreement(on heads: [Head], _ first: (Head) -> Bool, _ second: (Head) -> Bool) -> Double {
      let (both, either) = (heads.count { first($0) && second($0) }, heads.count { first($0) || second($0) })
      return Double(both) / Double(either)
    }
  }

  /// A head of the last layer with one of the first, and how they compose.
  struct Pair: Sendable {
    /// By kind of composition.
    var scores: [Composition: Double]
    var baseline: Baseline

    /// The composition score.
    func score(_ kind: Composition) -> Double { scores[kind] ?? .nan }

    /// The score in deviations above random matrices of the same shape.
    func deviations(_ kind: Composition) -> Double { (score(kind) - baseline.mean) / baseline.standardDeviation }

    /// The larger of Q-composition and V-composition, in deviations above random matrices.
    var largestOfQAndV: Double { max(deviations(.q), deviations(.v)) }
  }

  /// The composition scores of random matrices of the same shape.
  struct Baseline: Sendable {
    var mean: Double
    var standardDeviation: Double
  }

  /// The heads of the last layer.
  let heads: [Head]
  /// The heads of the first of two layers; none in a model of one layer.
  let firstHeads: [Head]
  /// Attention of each head of the first layer to the token before.
  let previousTokenScores: [Double]
  /// Composition of heads of the first layer with those of the last, `[first][last]`; none in a model of one layer.
  let compositions: [Composition: [[Double]]]
  let baseline: Baseline
  /// The eigenvalues of the OV circuits of the last layer's heads, `[head][eigenvalue]`.
  let eigenvalues: [[Complex]]

  /// Reads a model of one or two layers.
  init(of model: HookedTransformer, _ probe: Probe) throws {
    let (words, last) = (model.ofWords, model.configuration.nLayers - 1)
    let heads = model.configuration.nHeads
    func doubles(_ scores: Tensor, _ layer: Int) -> [Double] {
      scores.slice(axis: 0, at: layer).elements.map(Double.init)
    }
    let copying = try words.copyingEigenvalues()
    eigenvalues = copying.complex(layer: last)
    // Heads of the last layer by those of the first.
    let matching =
      last == 0 ? [] : try (0..<heads).map { doubles(try words.matchingScores(throughLayer: 0, head: $0), last) }
    let onRepeats = try model.runWithCache(probe.repeated.tokens, names: .each(.pattern)).cache
    let prefixMatching = try onRepeats.prefixMatchingScores(probe.repeated)
    func read(_ layer: Int) -> [Head] {
      let (positivity, scores) = (doubles(copying.positivity, layer), doubles(prefixMatching, layer))
      return (0..<heads).map { head in
        Head(
          copying: positivity[head], matching: layer == 0 ? 0 : matching.map { $0[head] }.max() ?? 0,
          prefixMatching: scores[head])
      }
    }
    self.heads = read(last)
    firstHeads = last == 0 ? [] : read(0)
    let onText = try model.runWithCache(probe.text, names: .each(.pattern)).cache
    previousTokenScores = doubles(try onText.attentionStripe(probe.text, distance: 1), 0)
    compositions =
      last == 0
      ? [:]
      : try Dictionary(
        uniqueKeysWithValues: Composition.allCases.map { kind in
          let scores = try model.allCompositionScores(kind).slice(axis: 0, at: 0).slice(axis: 1, at: last)
          return (kind, scores.doubles)
        })
    let random = model.compositionBaseline(pairs: 256, from: probe.random)
    baseline = Baseline(mean: Double(random.mean), standardDeviation: Double(random.standardDeviation))
  }

  // MARK: - By weights

  /// The head of the last layer whose eigenvalues point most to induction; of one layer, most to copying.
  var bestHeadByWeights: Int {
    let scores = heads.map { compositions.isEmpty ? $0.copying : max($0.copying, 0) * max($0.matching, 0) }
    return scores.indices.max { scores[$0] < scores[$1] } ?? 0
  }

  /// The heads of the last layer whose eigenvalue scores are both above a bound.
  func inductionHeadsByWeights(above bound: Double) -> [Int] {
    heads.indices.filter { heads[$0].leastScore > bound }
  }

  /// All heads, those of the first layer first.
  var allHeads: [Head] { firstHeads + heads }

  // MARK: - By what they do

  /// By how much heads of the last layer compose through their keys more with one head of the first than with any other
  /// there, in deviations of random matrices; the least of the last layer's heads.
  func lead(of source: Int) -> Double {
    guard let scores = compositions[.k] else { return .nan }
    let leads = heads.indices.map { reader in
      let others = scores.indices.filter { $0 != source }.map { scores[$0][reader] }
      return scores[source][reader] - (others.max() ?? .nan)
    }
    return (leads.min() ?? .nan) / baseline.standardDeviation
  }

  /// The head of the first layer that attends most to the token before.
  var previousTokenHead: Int {
    previousTokenScores.indices.max { previousTokenScores[$0] < previousTokenScores[$1] } ?? 0
  }

  /// The head of the last layer that matches prefixes best.
  var inductionHead: Int { heads.indices.max { heads[$0].prefixMatching < heads[$1].prefixMatching } ?? 0 }

  /// The previous-token head and the induction head.
  var pair: Pair { pair(like: self) }

  /// The two heads that are the pair of another reading, of the same model at another time.
  func pair(like other: CircuitReading) -> Pair {
    Pair(
      scores: compositions.mapValues { $0[other.previousTokenHead][other.inductionHead] }, baseline: baseline)
  }
}
