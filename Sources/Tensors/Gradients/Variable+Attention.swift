// Attention as one operation, or as its two products; the way forward is in Kernels/Attention.swift.
//
// Only the pattern is kept for the way back.

/// What attention computes on its way and can keep.
public struct AttentionParts: OptionSet, Sendable {
  /// The bits, one for each part.
  public let rawValue: Int

  /// Creates a set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The pattern, after the softmax.
  public static let pattern = AttentionParts(rawValue: 1)
  /// The scores, scaled and with −∞ where a query does not see a key.
  public static let scores = AttentionParts(rawValue: 2)
}

/// What attention computed.
public struct AttentionResult {
  /// The mixture of values, in the shape of the queries.
  public let output: Variable
  /// The pattern, `[batch, head, query, key]`, where it was kept; it takes no gradient of its own.
  public let pattern: Tensor?
  /// The scores, `[batch, head, query, key]`, where they were kept; they take no gradient of their own.
  public let scores: Tensor?
}

extension Variable {
  /// Scaled dot-product attention: each query's mixture of the values.
  ///
  /// `queries` are `[batch, position, head, dHead]`; `keys` and `values` may have more positions (a cache: the queries
  /// are the last ones) and fewer heads (grouped queries). The scale is 1/√dHead unless given. Returns the mixture in
  /// the shape of the queries, and of what lies between what is to be kept. `keyCount` is the number of leading
  /// positions that count when keys and values are buffers with room for more, which takes no gradient.
  public static func attention(
    queries: Variable, keys: Variable, values: Variable, scale: Float? = nil, isCausal: Bool = true,
    keyCount: Int? = nil, keeping kept: AttentionParts = []
  ) -> AttentionResult {
    let layout = AttentionLayout(queries.shape, keys.shape, values.shape, keyCount: keyCount)
    precondition(
      !isCausal || layout.keys >= layout.queries,
      "causal attention needs a key for each query, got queries \(queries.shape) and keys \(keys.shape)")
    let scale = scale ?? 1 / Float(layout.width).squareRoot()
    let tape = Variable.tape(of: [queries, keys, values])
    if tape != nil { layout.requireNoSpareKeys() }
    let (q, k, v) = (queries.value, keys.value, values.value)
    let parts = attend(layout, q, k, v, scale, isCausal, keeping: kept, forGradients: tape != nil)
    let keptPattern = kept.contains(.pattern) ? parts.pattern : nil
    guard let tape, let pattern = parts.pattern else {
      return AttentionResult(output: Variable(parts.mixture), pattern: keptPattern, scores: parts.scores)
    }
    let (qIndex, kIndex, vIndex) = (queries.index, keys.index, values.index)
    let output = tape.record(.causalAttention, parts.mixture) { gradient, sweep in
      let gradients = attentionGradients(
        layout, pattern, gradient, q, k, v, scale, isCausal,
        wanted: (sweep.wants(qIndex), sweep.wants(kIndex), sweep.wants(vIndex)))
      for (index, gradient) in [(qIndex, gradients.q), (kIndex, gradients.k), (vIndex, gradients.v)] {
        if let gradient { sweep.add(gradient, to: index) }
      }
    }
    return AttentionResult(output: output, pattern: keptPattern, scores: parts.scores)
  }
}

extension Variable {
  /// The scores of attention before any mask: scale · q·kᵀ for each head, `[batch, head, query, key]`.
  ///
  /// `queries` are `[batch, position, head, dHead]`; `keys` may have fewer heads (grouped queries). `keyCount` is the
  /// number of leading keys that count when they are a buffer with room for more, which takes no gradient.
  public static func attentionScores(
    queries: Variable, keys: Variable, scale: Float, keyCount: Int? = nil
  ) -> Variable {
    let layout = AttentionLayout(queries.shape, keys.shape, keys.shape, keyCount: keyCount)
    let (q, k) = (queries.value, keys.value)
    var result = Tensor(uninitialized: [layout.batch, layout.heads, layout.queries, layout.keys])
    result.withUnsafeMutableElements { scores in
      guard !layout.isEmpty, let scores = scores.baseAddress else { return }
      withPointers(q, k) { q, k in
        layout.forEachHead { query, key, offset, _ in
          BLAS.gemm(
            transposeB: true, rows: layout.queries, columns: layout.keys, inner: layout.width, alpha: scale,
            q + query, leadingA: layout.queryStride, k + key, leadingB: layout.keyStride, scores + offset,
            leadingC: layout.keys)
        }
      }
    }
    guard let tape = Variable.tape(of: queries, keys) else { return Variable(result) }
    layout.requireNoSpareKeys()
    let (qIndex, kIndex) = (queries.index, keys.index)
    return tape.record(.attentionScores, result) { gradient, sweep in
      let scores = gradient
      sweep.write(to: qIndex, shape: q.shape) { dq, beta in addQueryGradient(layout, scores, k, scale, dq, beta) }
      sweep.write(to: kIndex, shape: k.shape) { dk, beta in addKeyGradient(layout, scores, q, scale, dk, beta) }
    }
  }

  /// The mixture of values that a pattern asks for, `[batch, position, head, dHead]`.
  ///
  /// `pattern` is `[batch, head, query, key]`; `values` are `[batch, key, head, dHead]` and may have fewer heads.
  /// `keyCount` is the number of leading values that count when they are a buffer with room for more, which takes no
  /// gradient.
  public static func attentionMixture(pattern: Variable, values: Variable, keyCount: Int? = nil) -> Variable {
    precondition(
      pattern.rank == 4 && values.rank == 4, "a mixture of \(values.shape) by a pattern of shape \(pattern.shape)")
    let (p, v) = (pattern.value, values.value)
    let layout = AttentionLayout(
      [p.shape[0], p.shape[2], p.shape[1], v.shape[3]], v.shape, v.shape, keyCount: keyCount)
    precondition(p.shape[3] == layout.keys, "a pattern of shape \(p.shape) for values of shape \(v.shape)")
    let result = mixture(layout, p, v)
    guard let tape = Variable.tape(of: pattern, values) else { return Variable(result) }
    layout.requireNoSpareKeys()
    let (pIndex, vIndex) = (pattern.index, values.index)
    return tape.record(.attentionMixture, result) { gradient, sweep in
      sweep.write(to: vIndex, shape: v.shape) { dv, beta in addValueGradient(layout, p, gradient, dv, beta) }
      sweep.write(to: pIndex, shape: p.shape) { dp, beta in addPatternGradient(layout, gradient, v, dp, beta) }
    }
  }
}

/// dv = patternᵀ · dz
private func addValueGradient(
  _ layout: AttentionLayout, _ pattern: Tensor, _ gradient: Tensor, _ dv: UnsafeMutableBufferPointer<Float>,
  _ beta: Float
) {
  guard !layout.isEmpty, let dv = dv.baseAddress else { return clear(dv, beta) }
  withPointers(pattern, gradient) { pattern, dz in
    layout.forEachHead { query, key, offset, isFirst in
      BLAS.gemm(
        transposeA: true, rows: layout.keys, columns: layout.width, inner: layout.queries,
        pattern + offset, leadingA: layout.keys, dz + query, leadingB: layout.queryStride, beta: isFirst ? beta : 1,
        dv + key, leadingC: layout.keyStride)
    }
  }
}

/// dpattern = dz · vᵀ
private func addPatternGradient(
  _ layout: AttentionLayout, _ gradient: Tensor, _ v: Tensor, _ dp: UnsafeMutableBufferPointer<Float>, _ beta: Float
) {
  guard !layout.isEmpty, let dp = dp.baseAddress else { return clear(dp, beta) }
  withPointers(gradient, v) { dz, v in
    layout.forEachHead { query, key, offset, _ in
      BLAS.gemm(
        transposeB: true, rows: layout.queries, columns: layout.keys, inner: layout.width, dz + query,
        leadingA: layout.queryStride, v + key, leadingB: layout.keyStride, beta: beta, dp + offset,
        leadingC: layout.keys)
    }
  }
}

/// dq = scale · ds · k
private func addQueryGradient(
  _ layout: AttentionLayout, _ scores: Tensor, _ k: Tensor, _ scale: Float, _ dq: UnsafeMutableBufferPointer<Float>,
  _ beta: Float
) {
  guard !layout.isEmpty, let dq = dq.baseAddress else { return clear(dq, beta) }
  withPointers(scores, k) { ds, k in
    layout.forEachHead { query, key, offset, _ in
      BLAS.gemm(
        rows: layout.queries, columns: layout.width, inner: layout.keys, alpha: scale, ds + offset,
        leadingA: layout.keys, k + key, leadingB: layout.keyStride, beta: beta, dq + query,
        leadingC: layout.queryStride)
    }
  }
}

/// dk = scale · dsᵀ · q
private func addKeyGradient(
  _ layout: AttentionLayout, _ scores: Tensor, _ q: Tensor, _ scale: Float, _ dk: UnsafeMutableBufferPointer<Float>,
  _ beta: Float
) {
  guard !layout.isEmpty, let dk = dk.baseAddress else { return clear(dk, beta) }
  withPointers(scores, q) { ds, q in
    layout.forEachHead { query, key, offset, isFirst in
      BLAS.gemm(
        transposeA: true, rows: layout.keys, columns: layout.width, inner: layout.queries, alpha: scale,
        ds + offset, leadingA: layout.keys, q + query, leadingB: layout.queryStride, beta: isFirst ? beta : 1,
        dk + key, leadingC: layout.keyStride)
    }
  }
}
