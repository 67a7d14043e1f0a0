// The model without layers on real text: the characters of the tiny Shakespeare corpus, whose bigrams are counted.
//
// As on the Markov chain, the widest model must come to the counted bigrams and the narrowest one cannot.

import Foundation
import Tensors
import Transformer

struct TextBigrams: Experiment {
  let name = "TextBigrams"
  let claims = ["framework.text.bigram"]
  let configuration: [String: ConfigurationValue] = [
    "text": "tinyshakespeare, characters", "widths": .array(Self.widths.map { .int($0) }), "steps": .int(Self.steps),
    "learningRate": 1e-2, "schedule": "cosine", "bigramsPerStep": .int(Self.bigrams),
  ]

  /// The first one is the control.
  static let widths = [4, 64]
  static let steps = 600
  private static let bigrams = 4_096

  struct Observation: Sendable {
    /// KL(counted bigrams ‖ model) in nats, by width.
    var divergences: [Double]
    /// The same of the characters' frequencies by themselves.
    var unigram: Double
    /// The most frequent characters, and their counted and learned bigrams, `[present][next]`.
    var characters: [String]
    var counted: [[Double]]
    var learned: [[[Double]]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let corpus = try TextCorpus(contentsOf: run.asset("tinyshakespeare"), .characters)
    let vocabulary = corpus.names.count
    let counts = corpus.bigramCounts
    let tables = try Self.widths.enumerated().map { place, width in
      let model = try BigramModel(vocabulary: vocabulary, width: width).trained(
        steps: Self.steps, stream: run.random("width").derived("dimensions", width),
        progress: {
          try run.checkCancellation()
          run.report((Double(place) + $0) / Double(Self.widths.count))
        },
        walk: { stream in
          let start = stream.integer(below: corpus.training.count - Self.bigrams)
          return Array(corpus.training[start...start + Self.bigrams])
        })
      return BigramModel.predictedBigrams(model)
    }
    let totals = counts.map { $0.reduce(0, +) }
    let all = totals.reduce(0, +)
    let frequencies = Array(
      repeating: (0..<vocabulary).map { next in counts.reduce(0) { $0 + $1[next] } / all }, count: vocabulary)
    func shown(_ table: [[Double]]) -> [[Double]] { table.prefix(30).map { Array($0.prefix(30)) } }
    return Observation(
      divergences: tables.map { Self.divergence(of: counts, from: $0) },
      unigram: Self.divergence(of: counts, from: frequencies), characters: Array(corpus.names.prefix(30)),
      counted: shown(zip(counts, totals).map { row, total in row.map { $0 / max(total, 1) } }),
      learned: tables.map(shown))
  }

  /// KL(counts ‖ table) of the next token, in nats, over present tokens as often as they occur.
  static func divergence(of counts: [[Double]], from table: [[Double]]) -> Double {
    var (sum, all) = (0.0, 0.0)
    for (row, predicted) in zip(counts, table) {
      let total = row.reduce(0, +)
      all += total
      for (count, probability) in zip(row, predicted) where count > 0 {
        sum += count * (log(count / total) - log(probability))
      }
    }
    return sum / all
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "framework.text.bigram", value: seed.divergences[1], control: seed.divergences[0],
        detail: ["unigram": seed.unigram])
    ]
  }
}
