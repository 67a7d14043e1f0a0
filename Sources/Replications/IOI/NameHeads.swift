// What the heads of a model of names do at <MID>: where they attend, what they write, what their weights say.

import Tensors
import Transformer

/// One head, measured on some sequences.
struct NameHead: Sendable {
  let layer: Int
  let head: Int
  /// What it adds to the logit of the indirect object less that of the subject, for each sequence.
  let differences: [Double]
  /// What it adds to both names together less twice the mean of all names, on average.
  let boost: Double
  /// Attention from <MID>, `[sequence][position]`.
  let attention: [[Double]]
  /// What attending to each name writes to each name, rows and columns centred: `[read][written]`.
  let block: [[Double]]
  /// Σ Re λ / Σ|λ| of that circuit.
  let positivity: Double
  /// The share of its eigenvalues with a positive real part.
  let positiveShare: Double

  /// For instance `1.3`.
  var label: String { "\(layer).\(head)" }

  /// The mean of `differences`.
  var difference: Double { mean(differences) }

  /// Attention from <MID> to the indirect object, for each sequence.
  func attentionToIndirectObject(_ sequences: NameSequences) -> [Double] {
    attention.indices.map { attention[$0][sequences.isSubjectFirst[$0] ? 2 : 1] }
  }

  /// Attention from <MID> to the subject at both of its places, for each sequence.
  func attentionToSubject(_ sequences: NameSequences) -> [Double] {
    attention.indices.map { attention[$0][sequences.isSubjectFirst[$0] ? 1 : 2] + attention[$0][3] }
  }

  /// Mean attention by template: `[template][position]`, subject first and subject second.
  func attentionByTemplate(_ sequences: NameSequences) -> [[Double]] {
    [true, false].map { isFirst in
      let rows = attention.indices.filter { sequences.isSubjectFirst[$0] == isFirst }
      return (0..<NameSequences.length).map { place in mean(rows.map { attention[$0][place] }) }
    }
  }

  /// How much attention to the first name changes with which of the two recurs: the mean over ordered pairs.
  func dependenceOnRepetition(_ sequences: NameSequences) -> Double {
    var attentions: [NamePair: [Double]] = [:]
    for row in attention.indices {
      let (io, s, isFirst) = (sequences.indirectObjects[row], sequences.subjects[row], sequences.isSubjectFirst[row])
      attentions[NamePair(first: isFirst ? s : io, second: isFirst ? io : s), default: []].append(attention[row][1])
    }
    return mean(
      attentions.keys.sorted { ($0.first, $0.second) < ($1.first, $1.second) }.map { pair in
        let both = attentions[pair] ?? []
        return (both.max() ?? 0) - (both.min() ?? 0)
      })
  }

  /// The share of names whose own element is the largest of their row of the block, or with `negative` the least.
  func copyScore(negative: Bool = false) -> Double {
    let hits = block.indices.filter { name in
      block[name].allSatisfy { negative ? block[name][name] <= $0 : block[name][name] >= $0 }
    }
    return Double(hits.count) / Double(block.count)
  }
}

extension NameHead {
  /// All heads of a model, layer by layer.
  static func all(of model: HookedTransformer, on sequences: NameSequences) throws -> [NameHead] {
    let c = model.configuration
    let (rows, mid) = (sequences.count, NameSequences.mid)
    let cache = try model.runWithCache(sequences.tokens).cache
    let written = try cache.stackHeadResults(of: model, positions: mid..<mid + 1).parts
      .reshaped([c.nLayers * c.nHeads, rows, c.dModel]).matmul(model.W_U)
    return try (0..<c.nLayers).flatMap { layer in
      let pattern = cache[.pattern, layer: layer]
      return try (0..<c.nHeads).map { head in
        let index = layer * c.nHeads + head
        let attention = (0..<rows).map { row in
          (0..<NameSequences.length).map { Double(pattern[row, head, mid, $0]) }
        }
        let (io, s) = (sequences.indirectObjects, sequences.subjects)
        let differences = (0..<rows).map { Double(written[index, $0, io[$0]]) - Double(written[index, $0, s[$0]]) }
        let means = written.slice(axis: 0, at: index).mean(axis: 1)
        let boosts = (0..<rows).map {
          Double(written[index, $0, io[$0]]) + Double(written[index, $0, s[$0]]) - 2 * Double(means[$0])
        }
        let circuit = model.nameCircuit(layer: layer, head: head)
        let product = circuit.A.matmul(circuit.B)
        let eigenvalues = try circuit.eigenvalues()
        let sizes = eigenvalues.magnitudes
        // Centring leaves one eigenvalue of zero less than there are names: it has no sign.
        let signed = sizes.elements.indices.filter { sizes[$0] > 1e-5 * sizes[0] }
        return NameHead(
          layer: layer, head: head, differences: differences, boost: mean(boosts), attention: attention,
          block: (0..<c.dVocabOut).map { row in (0..<c.dVocabOut).map { Double(product[row, $0]) } },
          positivity: Double(eigenvalues.positivity.scalar),
          positiveShare: Double(signed.count { eigenvalues.real[$0] > 0 }) / Double(max(signed.count, 1)))
      }
    }
  }
}

extension HookedTransformer {
  /// W_E·W_OV·W_U over names, rows and columns centred, as a product of two factors: `[name, name]`.
  fileprivate func nameCircuit(layer: Int, head: Int) -> FactoredMatrix {
    let names = configuration.dVocabOut
    let circuit = OV(layer: layer, head: head)
    let embedded = W_E.slice(axis: 0, 0..<names)
    let read = (embedded - embedded.mean(axis: 0, keepingAxis: true)).matmul(circuit.A)
    let unembedded = W_U - W_U.mean(axis: 1, keepingAxis: true)
    return FactoredMatrix(read, circuit.B.matmul(unembedded))
  }

  /// What the last layer's queries, keys or values are when they are computed without what the first layer wrote.
  ///
  /// Exact in a model of two layers without normalisation and biases.
  func withoutComposition(_ kind: Composition, on tokens: TokenBatch) throws -> Hook {
    precondition(configuration.nLayers == 2 && configuration.normalization == .none, "only two plain layers compose so")
    let stream = try runWithCache(tokens, names: .each(.residPre, layers: [0])).cache[.residPre, layer: 0]
    let weights = blocks[1].attn
    let (name, matrix): (ActivationName, Tensor) =
      switch kind {
      case .q: (.q, weights.W_Q)
      case .k: (.k, weights.W_K)
      case .v: (.v, weights.W_V)
      }
    let value = stream.matmul(matrix)
      .reshaped([tokens.batch, tokens.positions, configuration.nHeads, configuration.dHead])
    return .replacing(HookFilter([HookPoint(name, layer: 1)]), with: value)
  }
}
