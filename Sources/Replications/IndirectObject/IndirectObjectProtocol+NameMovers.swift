// What makes a head a name mover: it attends from END to a name in proportion to how much it writes in that name's
// direction, and it copies names (Wang et al. 2022, section 3.1).

import Tensors
import Transformer

/// How much one head attends to names, and writes them.
public struct AttentionProjection: Sendable {
  /// The attention from END to one name and the projection of what the head writes there onto its unembedding.
  public struct Point: Sendable {
    /// The probability with which END attends to the name, wherever it stands.
    public let attention: Float
    /// ⟨what the head writes at END, W_U[name]⟩, without the final normalisation.
    public let projection: Float
  }

  /// The head.
  public let head: Writer
  /// The indirect object in each sentence.
  public let io: [Point]
  /// The subject in each sentence: the attention is that to S1 and S2 together.
  public let subject: [Point]

  /// Pearson's correlation of attention and projection over all points.
  public var correlation: Double {
    pearson((io + subject).map { Double($0.attention) }, (io + subject).map { Double($0.projection) })
  }
}

/// How often each head, reading a name alone, makes it one of the likeliest tokens.
public struct CopyScores: Sendable {
  /// With what the head writes, `[layer, head]`.
  public let copying: Tensor
  /// With the opposite of what the head writes, `[layer, head]`.
  public let negative: Tensor

  /// What heads read of a name.
  public enum Reading: Sendable {
    /// The stream behind the first block, after the first MLP, as in the paper; heads of the first block read what goes
    /// into it, the embedding with its position.
    case afterFirstBlock
    /// The token's embedding alone.
    case embedding
  }
}

extension IndirectObjectProtocol {
  /// The attention of all heads from one role to others: `[role, layer, head, sentence]`.
  ///
  /// With `variant`, in other sentences.
  public func attention(
    from query: IndirectObjectRole = .end, to keys: [IndirectObjectRole], on variant: IndirectObjectPrompts? = nil
  ) throws -> Tensor {
    let c = model.configuration
    let parts = try chunks(of: variant).map { chunk in
      let cache = try model.runWithCache(chunk.tokens, names: .each(.pattern), stopAtLayer: c.nLayers).cache
      let rows = chunk.range.count
      let queries = chunk.positions(of: query)
      var part = Tensor(zeros: [keys.count, c.nLayers, c.nHeads, rows])
      for (place, key) in keys.map({ chunk.positions(of: $0) }).enumerated() {
        for layer in 0..<c.nLayers {
          copyAttention(
            cache[.pattern, layer: layer], from: queries, to: key, into: &part,
            at: (place * c.nLayers + layer) * c.nHeads * rows)
        }
      }
      return part
    }
    return Tensor.concatenated(parts, axis: 3)
  }

  /// Attention against projection for some heads.
  public func attentionProjections(of heads: [Writer]) throws -> [AttentionProjection] {
    let attention = try attention(to: [.io, .s1, .s2])
    let layers = heads.byLayer.map(\.layer)
    var (io, subject) = (heads.map { _ in [Float]() }, heads.map { _ in [Float]() })
    for chunk in chunks() {
      let cache = try model.runWithCache(
        chunk.tokens, names: .each(.z, layers: layers), stopAtLayer: (layers.last ?? 0) + 1
      ).cache
      let ends = chunk.positions(of: .end).enumerated().map { $0.offset * chunk.tokens.positions + $0.element }
      let directions = (
        io: model.residualDirections(of: chunk.prompts.ioTokens), s: model.residualDirections(of: chunk.prompts.sTokens)
      )
      for (index, (layer, head)) in heads.map(\.place).enumerated() {
        let z = cache[.z, layer: layer].slice(axis: 2, at: head)
        let written = z.reshaped([-1, z.shape[2]]).gathered(at: ends).matmul(model.W_O(layer: layer, head: head))
        io[index] += (written * directions.io).sum(axis: 1).elements
        subject[index] += (written * directions.s).sum(axis: 1).elements
      }
    }
    return heads.indices.map { index in
      let (layer, head) = heads[index].place
      let own = attention.slice(axis: 1, at: layer).slice(axis: 1, at: head)
      return AttentionProjection(
        head: heads[index],
        io: zip(own.slice(axis: 0, at: 0).elements, io[index]).map { .init(attention: $0, projection: $1) },
        subject: zip((own.slice(axis: 0, at: 1) + own.slice(axis: 0, at: 2)).elements, subject[index])
          .map { .init(attention: $0, projection: $1) })
    }
  }

  /// How often each head copies the names of the sentences, and how often its opposite does.
  ///
  /// The state of each name (IO, S1, S2) passes the normalisation before the head's layer, its values and outputs, and
  /// the final normalisation and unembedding; it counts where the name is among the `top` likeliest tokens. The biases
  /// of values are part of what a head writes, that of attention is not; the opposite is taken before the final
  /// normalisation, whose bias keeps its sign.
  public func copyScores(reading: CopyScores.Reading = .afterFirstBlock, top: Int = 5) throws -> CopyScores {
    let c = model.configuration
    var (copying, negative) = (Tensor(zeros: [c.nLayers, c.nHeads]), Tensor(zeros: [c.nLayers, c.nHeads]))
    let constant = try unembed(Tensor(zeros: [1, c.dModel]))
    for chunk in chunks() {
      // The stream behind the first block is nothing that its own heads could read.
      let points =
        reading == .embedding
        ? [HookPoint(.embed)] : [HookPoint(.residPre, layer: 0), HookPoint(.residPost, layer: 0)]
      let cache = try model.runWithCache(chunk.tokens, names: HookFilter(points), stopAtLayer: 1).cache
      let places = [IndirectObjectRole.io, .s1, .s2].flatMap { role in
        chunk.positions(of: role).enumerated().map { $0.offset * chunk.tokens.positions + $0.element }
      }
      let names = places.map { chunk.tokens.tokens[$0] }
      let states = points.map { cache[$0].reshaped([-1, c.dModel]).gathered(at: places) }
      for layer in 0..<c.nLayers {
        let read = normalized(states[min(layer, states.count - 1)], beforeLayer: layer)
        for head in 0..<c.nHeads {
          let logits = try unembed(written(read, layer: layer, head: head))
          copying[layer, head] += hits(names, in: logits, top: top)
          negative[layer, head] += hits(names, in: constant * 2 - logits, top: top)
        }
      }
    }
    let count = Float(3 * prompts.count)
    return CopyScores(copying: copying / count, negative: negative / count)
  }

  /// States as the heads of a layer read them.
  private func normalized(_ states: Tensor, beforeLayer layer: Int) -> Tensor {
    let (c, norm) = (model.configuration, model.blocks[layer].ln1)
    guard c.normalization != .none else { return states }
    return c.normalization.centers
      ? states.layerNorm(weight: norm.w, bias: norm.b, epsilon: c.epsilon)
      : states.rmsNorm(weight: norm.w, epsilon: c.epsilon)
  }

  /// What a head writes that attends to one state alone.
  private func written(_ read: Tensor, layer: Int, head: Int) -> Tensor {
    var values = read.matmul(model.W_V(layer: layer, head: head))
    if let bias = model.blocks[layer].attn.b_V {
      values += bias.reshaped([-1, model.configuration.dHead])
        .slice(axis: 0, at: model.keyValueHead(of: head))
    }
    return values.matmul(model.W_O(layer: layer, head: head))
  }

  /// The logits of streams at the end of the model, `[row, dVocabOut]`.
  private func unembed(_ streams: Tensor) throws -> Tensor {
    let (c, rows) = (model.configuration, streams.shape[0])
    var options = RunOptions()
    options.start = RunStart(streams.reshaped([rows, 1, c.dModel]), layer: c.nLayers)
    let tokens = TokenBatch(tokens: Array(repeating: 0, count: rows), batch: rows, positions: 1)
    guard let logits = try model.run(tokens, options).logits else {
      preconditionFailure("a run to the end has logits")
    }
    return logits.value.reshaped([rows, c.dVocabOut])
  }
}

/// The number of rows of logits in which fewer than `top` tokens are likelier than the row's own.
private func hits(_ tokens: [Int], in logits: Tensor, top: Int) -> Float {
  let width = logits.shape[1]
  var count = 0
  logits.withUnsafeElements { logits in
    for row in tokens.indices {
      let line = UnsafeBufferPointer(rebasing: logits[row * width..<(row + 1) * width])
      let own = line[tokens[row]]
      var above = 0
      for index in 0..<width where line[index] > own { above += 1 }
      if above < top { count += 1 }
    }
  }
  return Float(count)
}

/// Copies the attention of one layer, `[row, head, query, key]`, between one pair of positions of each row.
private func copyAttention(
  _ pattern: Tensor, from queries: [Int], to keys: [Int], into target: inout Tensor, at start: Int
) {
  let (rows, heads, length, width) = (pattern.shape[0], pattern.shape[1], pattern.shape[2], pattern.shape[3])
  pattern.withUnsafeElements { pattern in
    target.withUnsafeMutableElements { target in
      for row in 0..<rows {
        for head in 0..<heads {
          target[start + head * rows + row] =
            pattern[((row * heads + head) * length + queries[row]) * width + keys[row]]
        }
      }
    }
  }
}
