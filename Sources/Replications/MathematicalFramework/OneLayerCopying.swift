// Most heads of a one-layer model copy (Elhage et al. 2021, "Detecting Copying").
//
// A head copies when attending to a token raises that token's logit: then its OV circuit W_E·W_V·W_O·W_U has positive
// eigenvalues. Eight heads are trained on Markov text with copied spans. The same heads before training, and trained
// ones whose outputs have been given other names, have eigenvalues all round zero.

import Tensors
import Transformer

struct OneLayerCopying: Experiment {
  let name = "OneLayerCopying"
  let claims = ["framework.copying.heads", "framework.copying.trace", "framework.path-expansion.one-layer"]
  let configuration: [String: ConfigurationValue] = [
    "layers": 1, "heads": .int(Self.model.heads), "width": .int(Self.model.width),
    "vocabulary": .int(Self.model.vocabulary), "length": .int(Self.model.length), "data": "copied spans",
    "copyRate": 0.2, "background": "Markov chain, 32 Zipfian successors", "steps": .int(Self.steps),
    "learningRate": 5e-3, "batchSize": .int(Self.rows), "shuffles": .int(Self.shuffles),
  ]

  static let model = AttentionOnlyModel(layers: 1, heads: 8, width: 64, vocabulary: 64, length: 64)
  private static let steps = 200
  private static let rows = 32
  private static let shuffles = 8
  /// Heads above this copying score count as copying.
  static let threshold = 0.5

  /// The OV circuits of the heads of one model.
  struct Circuits: Sendable {
    /// Σ Re λ / Σ|λ|, by head.
    var scores: [Double]
    /// The eigenvalues that are not zero, `[head][eigenvalue]`.
    var eigenvalues: [[Complex]]
    /// The largest difference of a head's Σλ from the trace of its circuit, relative to Σ|λ|.
    var traceError: Double

    /// The share of heads that copy.
    var copyingShare: Double { Double(scores.count { $0 > threshold }) / Double(scores.count) }
  }

  struct Observation: Sendable {
    var trained: Circuits
    var initial: Circuits
    /// The trained heads after each shuffle of the outputs' names.
    var shuffled: [Circuits]
    /// The largest relative difference of Σλ from a diagonal that is not the circuit's own.
    var wrongTraceError: Double
    var expansionError: Double
    var incompleteExpansionError: Double
    var loss: Double
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let data = CopiedSpans(
      vocabulary: Self.model.vocabulary, length: Self.model.length, rate: 0.2,
      background: .markov(
        .zipfian(states: Self.model.vocabulary, successors: 32, using: run.random("chain"))))
    var training = Self.model.training(steps: Self.steps, learningRate: 5e-3, stream: run.random("training"))
    let initial = training.model
    let losses = try training.train { step, stream in
      try run.checkCancellation()
      run.report(Double(step) / Double(Self.steps))
      return data.batch(Self.rows, using: &stream)
    }
    let model = training.model
    let shuffled = (0..<Self.shuffles).map { index in
      var stream = run.random("shuffle").derived("order", index)
      return model.permutingOutputs(stream.permutation(Self.model.vocabulary))
    }
    var held = run.random("held out")
    let tokens = data.batch(8, using: &held)
    let (logits, cache) = try model.runWithCache(tokens, names: .each(.pattern))
    let expansion = PathExpansion(of: model, tokens, patterns: cache)
    let least = expansion.leastPath
    return Observation(
      trained: try Self.circuits(of: model), initial: try Self.circuits(of: initial),
      shuffled: try shuffled.map { try Self.circuits(of: $0) },
      wrongTraceError: try Self.circuits(of: model, diagonalsOf: shuffled[0]).traceError,
      expansionError: PathExpansion.error(of: expansion.sum(), from: logits),
      incompleteExpansionError: PathExpansion.error(of: expansion.sum { $0 != least }, from: logits),
      loss: mean(losses.suffix(50).map(Double.init)))
  }

  func readings(_ seed: Observation) -> [Reading] {
    [
      Reading(
        claim: "framework.copying.heads", value: seed.trained.copyingShare,
        control: max(seed.initial.copyingShare, mean(seed.shuffled.map(\.copyingShare))),
        detail: [
          "least score": seed.trained.scores.min() ?? .nan, "mean score": mean(seed.trained.scores),
          "mean score before training": mean(seed.initial.scores),
          "mean score after shuffles": mean(seed.shuffled.flatMap(\.scores)), "loss": seed.loss,
        ]),
      Reading(claim: "framework.copying.trace", value: seed.trained.traceError, control: seed.wrongTraceError),
      Reading(
        claim: "framework.path-expansion.one-layer", value: seed.expansionError,
        control: seed.incompleteExpansionError),
    ]
  }

  /// The OV circuits of a one-layer model; the diagonals that Σλ is compared with may be another model's.
  static func circuits(of model: HookedTransformer, diagonalsOf other: HookedTransformer? = nil) throws -> Circuits {
    let words = model.ofWords
    let eigenvalues = try words.copyingEigenvalues()
    let sizes = eigenvalues.magnitudes.sum(axis: 2).slice(axis: 0, at: 0).elements.map(Double.init)
    let sums = eigenvalues.sum.slice(axis: 0, at: 0).elements.map(Double.init)
    let traces = (other?.ofWords ?? words).copyingDiagonals[0].map { $0.reduce(0, +) }
    return Circuits(
      scores: eigenvalues.positivity.slice(axis: 0, at: 0).elements.map(Double.init),
      eigenvalues: eigenvalues.complex(layer: 0),
      traceError: zip(zip(sums, traces), sizes).map { abs($0.0 - $0.1) / $1 }.max() ?? .nan)
  }
}

/// A complex number to draw.
struct Complex: Sendable, Hashable {
  var real: Double
  var imaginary: Double
}

extension Eigenvalues {
  /// The eigenvalues of the heads of one layer, `[head][eigenvalue]`.
  func complex(layer: Int) -> [[Complex]] {
    let (real, imaginary) = (real.slice(axis: 0, at: layer).doubles, imaginary.slice(axis: 0, at: layer).doubles)
    return zip(real, imaginary).map { zip($0, $1).map { Complex(real: $0, imaginary: $1) } }
  }
}
