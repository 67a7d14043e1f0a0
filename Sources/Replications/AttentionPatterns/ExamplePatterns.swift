// GPT-2 small's previous-token heads in its own patterns on five English prompts, which the authors of Transformer Explainer
// have published: the model itself is not needed.

import Foundation

struct ExamplePatterns: Experiment {
  let name = "ExamplePatterns"
  let claims = ["patterns.examples.previous-token", "patterns.examples.second"]
  let configuration: [String: ConfigurationValue] = [
    "patterns": "GPT-2 small on five English prompts of 6 or 7 tokens", "threshold": 0.9,
  ]

  /// One prompt with the patterns of all heads.
  private struct Example: Decodable {
    let prompt: String
    let attention: [[[[Double]]]]
  }

  struct Observation: Sendable {
    var prompts: [String]
    /// Mean attention to the token before, and to the one before that: `[prompt][layer][head]`.
    var oneBack: [[[Double]]]
    var twoBack: [[[Double]]]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let file = try run.asset("gpt2-small-examples")
    let examples = try JSONDecoder().decode([Example].self, from: Data(contentsOf: file))
    func stripes(_ distance: Int) -> [[[Double]]] {
      examples.map { example in
        example.attention.map { layer in
          layer.map { pattern in mean((distance..<pattern.count).map { pattern[$0][$0 - distance] }) }
        }
      }
    }
    return Observation(prompts: examples.map(\.prompt), oneBack: stripes(1), twoBack: stripes(2))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func differing(_ scores: [[[Double]]]) -> Double {
      let every = scores.map { $0.heads(above: 0.9) }
      let found = every.dropFirst().reduce(every.first ?? []) { $0.intersection($1) }
      return Double(found.symmetricDifference([HeadName(4, 11)]).count)
    }
    func rank(_ scores: [[[Double]]]) -> Double {
      Double(Self.overall(scores).headsByScore.rank(of: HeadName(2, 2)) ?? 0)
    }
    let means = Self.overall(seed.oneBack)
    let first = means.headsByScore.prefix(4).map { ("\($0)", means[$0]) }
    return [
      Reading(
        claim: "patterns.examples.previous-token", value: differing(seed.oneBack), control: differing(seed.twoBack),
        detail: Dictionary(uniqueKeysWithValues: first)),
      Reading(claim: "patterns.examples.second", value: rank(seed.oneBack), control: rank(seed.twoBack)),
    ]
  }

  /// The mean over prompts, `[layer][head]`.
  static func overall(_ scores: [[[Double]]]) -> [[Double]] {
    guard let first = scores.first else { return [] }
    return first.indices.map { layer in
      first[layer].indices.map { head in mean(scores.map { $0[layer][head] }) }
    }
  }
}
