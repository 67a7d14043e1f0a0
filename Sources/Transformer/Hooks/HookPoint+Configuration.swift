// Which hook points a transformer has, in the order in which they fire.

extension TransformerConfiguration {
  /// Every place of this transformer that can be read and changed, in the order in which it is computed.
  ///
  /// Includes those that exist only once they are named.
  public var hookPoints: [HookPoint] {
    var points = [HookPoint(.embed)]
    if hasPositionVectors { points.append(HookPoint(.posEmbed)) }
    for layer in 0..<nLayers {
      points += ActivationName.allCases.filter(isComputed).map { HookPoint($0, layer: layer) }
    }
    if unembeddingNormalization != .none {
      points += [HookPoint(.lnFinalScale), HookPoint(.lnFinalNormalized)]
    }
    return points
  }

  /// Whether positions are learned vectors.
  var hasPositionVectors: Bool {
    switch positions {
    case .learned, .shortformer: true
    case .none, .rotary, .alibi: false
    }
  }

  /// Whether each block computes an activation.
  private func isComputed(_ name: ActivationName) -> Bool {
    let normalizes = normalization != .none
    let hasMLP = !isAttentionOnly
    switch name {
    case .embed, .posEmbed, .lnFinalScale, .lnFinalNormalized: return false
    case .residPre, .attnIn, .qInput, .kInput, .vInput, .q, .k, .v, .attnScores, .pattern, .z, .result, .attnOut,
      .residPost:
      return true
    case .ln1Scale, .ln1Normalized: return normalizes
    case .rotQ, .rotK: return positions.rotary != nil
    case .ln1PostScale, .ln1PostNormalized: return normalizes && normalizesOutputs
    case .residMid: return hasMLP && residual == .sequential
    case .mlpIn, .pre, .post, .mlpOut: return hasMLP
    case .ln2Scale, .ln2Normalized: return hasMLP && normalizes
    case .preLinear: return hasMLP && isGated
    case .mid, .mlpScale, .mlpNormalized: return hasMLP && activation == .solu
    case .ln2PostScale, .ln2PostNormalized: return hasMLP && normalizes && normalizesOutputs
    }
  }

  /// The shape of an activation in a run over tokens `[batch, position]`.
  ///
  /// `keys` is the number of positions that attention sees when it is not that of the run, as with a cache.
  public func shape(of point: HookPoint, batch: Int, positions: Int, keys: Int? = nil) -> [Int] {
    switch point.activation {
    case .attnIn, .qInput, .result: [batch, positions, nHeads, dModel]
    case .kInput, .vInput: [batch, positions, nKeyValueHeads, dModel]
    case .q, .rotQ, .z: [batch, positions, nHeads, dHead]
    case .k, .v, .rotK: [batch, positions, nKeyValueHeads, dHead]
    case .attnScores, .pattern: [batch, nHeads, positions, keys ?? positions]
    case .pre, .preLinear, .mid, .mlpNormalized, .post: [batch, positions, dMLP]
    case .ln1Scale, .ln1PostScale, .ln2Scale, .ln2PostScale, .mlpScale, .lnFinalScale: [batch, positions, 1]
    case .embed, .posEmbed, .residPre, .ln1Normalized, .ln1PostNormalized, .attnOut, .residMid, .mlpIn, .ln2Normalized,
      .ln2PostNormalized, .mlpOut, .residPost, .lnFinalNormalized:
      [batch, positions, dModel]
    }
  }
}
