// Small random models of the architectures on which interventions differ, with biases and normalisations that matter.

import Tensors

@testable import Transformer

/// A small random model with a batch of clean and corrupted tokens.
struct InterventionModel: CustomStringConvertible, Sendable {
  /// An architecture.
  enum Family: String, CaseIterable, Sendable {
    case layerNorm, grouped, parallel, attentionOnly, softCapped, alibi, shortformer, solu, unnormalized, smeared
  }

  let description: String
  let model: HookedTransformer
  let clean: TokenBatch
  let corrupted: TokenBatch
  let metric: Metric

  init(_ family: Family, layers: Int = 3, batch: Int = 3, positions: Int = 5) {
    description = family.rawValue
    var c = TransformerConfiguration(nLayers: layers, dModel: 12, nHeads: 4, dHead: 4, dVocab: 11, nContext: 8)
    c.dMLP = 20
    switch family {
    case .layerNorm: break
    case .grouped:
      c.nKeyValueHeads = 2
      c.normalization = .rmsNorm
      c.positions = .rotary(Rotary(dimension: 4))
      c.normalizesQueriesAndKeys = true
      c.activation = .silu
      c.isGated = true
      c.tiesEmbeddings = true
    case .parallel:
      c.residual = .parallel
      c.positions = .rotary(Rotary(dimension: 2, pairs: .adjacent))
    case .attentionOnly: c.dMLP = 0
    case .softCapped:
      c.normalization = .rmsNorm
      c.normalizesOutputs = true
      c.scoreSoftCap = 2
      c.logitSoftCap = 3
      c.windows = (0..<layers).map { $0.isMultiple(of: 2) ? 2 : nil }
      c.positions = .rotary(Rotary(dimension: 4))
    case .alibi: c.positions = .alibi
    case .shortformer: c.positions = .shortformer
    case .solu: c.activation = .solu
    case .unnormalized:
      c.normalization = .none
    case .smeared: c.smearsKeys = true
    }
    c.initializerRange = 0.35
    var stream = RandomStream(seed: 7).derived(family.rawValue)
    var model = HookedTransformer(c, initializedFrom: stream)
    model.visitParameters { _, tensor in
      if tensor.rank == 1 { tensor += stream.normal(tensor.shape, standardDeviation: 0.3) }
    }
    self.model = model
    func tokens() -> TokenBatch {
      TokenBatch((0..<batch).map { _ in (0..<positions).map { _ in stream.integer(below: 11) } })
    }
    clean = tokens()
    corrupted = tokens()
    let correct = (0..<batch).map { $0 % 11 }
    metric = .logitDifference(correct: correct, incorrect: correct.map { ($0 + 3) % 11 })
  }

  /// The clean run with everything in it.
  var cleanCache: ActivationCache { get throws { try model.runWithCache(clean).cache } }
  /// The corrupted run with everything in it.
  var corruptedCache: ActivationCache { get throws { try model.runWithCache(corrupted).cache } }

  /// A metric of a run by the plain way: all logits, then the difference.
  func plain(_ tokens: TokenBatch, _ hooks: [Hook]) throws -> [Float] {
    guard case .logitDifference(let correct, let incorrect) = metric.reading else { return [] }
    let logits = try model.runWithHooks(tokens, hooks: hooks)
    let last = tokens.positions - 1
    return (0..<tokens.batch).map { logits[$0, last, correct[$0]] - logits[$0, last, incorrect[$0]] }
  }

  static var some: [InterventionModel] {
    [.layerNorm, .grouped, .parallel, .attentionOnly, .softCapped].map { InterventionModel($0) }
  }

  static var all: [InterventionModel] { Family.allCases.map { InterventionModel($0) } }
}

/// The largest difference of two lists of numbers.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
  precondition(a.count == b.count, "\(a.count) numbers and \(b.count)")
  return zip(a, b).reduce(0) { result, pair in
    pair.0.isNaN || pair.1.isNaN ? .infinity : max(result, (pair.0 - pair.1).magnitude)
  }
}
