// Attention as one operation: scores, causal mask, softmax and weighted values, head by head, without transposing.
//
// Heads lie side by side within a position, so one head is a matrix whose rows are `heads · dHead` apart: BLAS reads
// and writes it in place. Only the pattern is kept for the way back.

/// The extents of one attention call and the matrices of its heads.
private struct AttentionLayout {
  let batch, queries, keys, heads, keyHeads, width: Int
  /// The positions between two rows of keys: more than `keys` where a buffer is not full yet.
  let keyCapacity: Int

  init(_ q: [Int], _ k: [Int], _ v: [Int], keyCount: Int? = nil) {
    precondition(
      q.count == 4 && k.count == 4 && k == v && q[0] == k[0] && q[3] == k[3],
      "attention needs [batch, position, head, dHead], got queries \(q), keys \(k) and values \(v)")
    (batch, queries, heads, keyHeads, width) = (q[0], q[1], q[2], k[2], q[3])
    (keys, keyCapacity) = (keyCount ?? k[1], k[1])
    precondition(keys >= 0 && keys <= keyCapacity, "\(keys) keys in a buffer of shape \(k)")
    precondition(width > 0, "attention heads need a width, got queries \(q)")
    precondition(
      keyHeads > 0 ? heads % keyHeads == 0 : heads == 0,
      "\(heads) query heads cannot share \(keyHeads) key and value heads: queries \(q), keys \(k)")
  }

  var queryStride: Int { heads * width }
  var keyStride: Int { keyHeads * width }
  var isEmpty: Bool { batch * queries * keys * heads == 0 }

  /// Stops where a gradient would have to be written to positions that do not count.
  func requireNoSpareKeys() {
    precondition(keys == keyCapacity, "a gradient was recorded for \(keys) keys of a buffer of \(keyCapacity)")
  }

  /// Calls a closure for each head of each batch row with the offsets of its matrices.
  ///
  /// `isFirst` says that the head is the first of those that share its keys and values.
  func forEachHead(_ body: (_ query: Int, _ key: Int, _ pattern: Int, _ isFirst: Bool) -> Void) {
    let group = heads / max(keyHeads, 1)
    for row in 0..<batch {
      for head in 0..<heads {
        body(
          row * queries * queryStride + head * width, row * keyCapacity * keyStride + head / group * width,
          (row * heads + head) * queries * keys, head % group == 0)
      }
    }
  }
}

extension Variable {
  /// Scaled dot-product attention: each query's mixture of the values.
  ///
  /// `queries` are `[batch, position, head, dHead]`; `keys` and `values` may have more positions (a cache: the queries
  /// are the last ones) and fewer heads (grouped queries). The scale is 1/√dHead unless given. Returns the mixture in
  /// the shape of the queries and the pattern `[batch, head, query, key]`, which takes no gradient of its own.
  /// `keyCount` is the number of leading positions that count when keys and values are buffers with room for more,
  /// which takes no gradient.
  public static func attention(
    queries: Variable, keys: Variable, values: Variable, scale: Float? = nil, isCausal: Bool = true,
    keyCount: Int? = nil
  ) -> (output: Variable, pattern: Tensor) {
    let layout = AttentionLayout(queries.shape, keys.shape, values.shape, keyCount: keyCount)
    precondition(
      !isCausal || layout.keys >= layout.queries,
      "causal attention needs a key for each query, got queries \(queries.shape) and keys \(keys.shape)")
    let scale = scale ?? 1 / Float(layout.width).squareRoot()
    let pattern = attentionPattern(layout, queries.value, keys.value, scale, isCausal)
    let result = mixture(layout, pattern, values.value)
    guard let tape = Variable.tape(of: [queries, keys, values]) else { return (Variable(result), pattern) }
    layout.requireNoSpareKeys()
    let (q, k, v) = (queries.value, keys.value, values.value)
    let (qIndex, kIndex, vIndex) = (queries.index, keys.index, values.index)
    let output = tape.record(.causalAttention, result) { gradient, sweep in
      sweep.write(to: vIndex, shape: v.shape) { dv, beta in
        addValueGradient(layout, pattern, gradient, dv, beta)
      }
      guard sweep.wants(qIndex) || sweep.wants(kIndex) else { return }
      let scores = scoreGradient(layout, pattern, gradient, v)
      sweep.write(to: qIndex, shape: q.shape) { dq, beta in
        addQueryGradient(layout, scores, k, scale, dq, beta)
      }
      sweep.write(to: kIndex, shape: k.shape) { dk, beta in
        addKeyGradient(layout, scores, q, scale, dk, beta)
      }
    }
    return (output, pattern)
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
      with(q, k) { q, k in
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

private func attentionPattern(
  _ layout: AttentionLayout, _ q: Tensor, _ k: Tensor, _ scale: Float, _ isCausal: Bool
) -> Tensor {
  let (queries, keys) = (layout.queries, layout.keys)
  var pattern = Tensor(uninitialized: [layout.batch, layout.heads, queries, keys])
  pattern.withUnsafeMutableElements { pattern in
    guard !layout.isEmpty, let p = pattern.baseAddress else { return }
    with(q, k) { q, k in
      layout.forEachHead { query, key, offset, _ in
        BLAS.gemm(
          transposeB: true, rows: queries, columns: keys, inner: layout.width, alpha: scale,
          q + query, leadingA: layout.queryStride, k + key, leadingB: layout.keyStride, p + offset, leadingC: keys)
        guard isCausal else {
          let block = UnsafeMutableBufferPointer(start: p + offset, count: queries * keys)
          return Kernels.softmax(UnsafeBufferPointer(block), columns: keys, into: block)
        }
        for row in 0..<queries {
          let visible = keys - queries + row + 1
          let start = p + offset + row * keys
          let part = UnsafeMutableBufferPointer(start: start, count: visible)
          Kernels.softmax(UnsafeBufferPointer(part), columns: visible, into: part)
          (start + visible).update(repeating: 0, count: keys - visible)
        }
      }
    }
  }
  return pattern
}

/// z = pattern · v
private func mixture(_ layout: AttentionLayout, _ pattern: Tensor, _ v: Tensor) -> Tensor {
  var result = Tensor(uninitialized: [layout.batch, layout.queries, layout.heads, layout.width])
  result.withUnsafeMutableElements { z in
    guard !layout.isEmpty, let z = z.baseAddress else { return clear(z, 0) }
    with(pattern, v) { pattern, v in
      layout.forEachHead { query, key, offset, _ in
        BLAS.gemm(
          rows: layout.queries, columns: layout.width, inner: layout.keys, pattern + offset, leadingA: layout.keys,
          v + key, leadingB: layout.keyStride, z + query, leadingC: layout.queryStride)
      }
    }
  }
  return result
}

/// dv = patternᵀ · dz
private func addValueGradient(
  _ layout: AttentionLayout, _ pattern: Tensor, _ gradient: Tensor, _ dv: UnsafeMutableBufferPointer<Float>,
  _ beta: Float
) {
  guard !layout.isEmpty, let dv = dv.baseAddress else { return clear(dv, beta) }
  with(pattern, gradient) { pattern, dz in
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
  with(gradient, v) { dz, v in
    layout.forEachHead { query, key, offset, _ in
      BLAS.gemm(
        transposeB: true, rows: layout.queries, columns: layout.keys, inner: layout.width, dz + query,
        leadingA: layout.queryStride, v + key, leadingB: layout.keyStride, beta: beta, dp + offset,
        leadingC: layout.keys)
    }
  }
}

/// The gradient of the scaled scores: pattern ∘ (dz·vᵀ − rowsum(pattern ∘ dz·vᵀ)), which is 0 where masked.
private func scoreGradient(_ layout: AttentionLayout, _ pattern: Tensor, _ gradient: Tensor, _ v: Tensor) -> Tensor {
  let (queries, keys) = (layout.queries, layout.keys)
  var scores = Tensor(uninitialized: pattern.shape)
  scores.withUnsafeMutableElements { scores in
    addPatternGradient(layout, gradient, v, scores, 0)
    guard !layout.isEmpty, let ds = scores.baseAddress else { return }
    pattern.withUnsafeElements { pattern in
      guard let pattern = pattern.baseAddress else { return }
      for row in 0..<layout.batch * layout.heads * queries {
        let (p, d) = (pattern + row * keys, ds + row * keys)
        var lanes = SIMD8<Float>()
        var column = 0
        while column + 8 <= keys {
          lanes +=
            UnsafeRawPointer(p + column).loadUnaligned(as: SIMD8<Float>.self)
            * UnsafeRawPointer(d + column).loadUnaligned(as: SIMD8<Float>.self)
          column += 8
        }
        var mean = lanes.sum()
        while column < keys {
          mean += p[column] * d[column]
          column += 1
        }
        for column in 0..<keys { d[column] = p[column] * (d[column] - mean) }
      }
    }
  }
  return scores
}

/// dq = scale · ds · k
private func addQueryGradient(
  _ layout: AttentionLayout, _ scores: Tensor, _ k: Tensor, _ scale: Float, _ dq: UnsafeMutableBufferPointer<Float>,
  _ beta: Float
) {
  guard !layout.isEmpty, let dq = dq.baseAddress else { return clear(dq, beta) }
  with(scores, k) { ds, k in
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
  with(scores, q) { ds, q in
    layout.forEachHead { query, key, offset, isFirst in
      BLAS.gemm(
        transposeA: true, rows: layout.keys, columns: layout.width, inner: layout.queries, alpha: scale,
        ds + offset, leadingA: layout.keys, q + query, leadingB: layout.queryStride, beta: isFirst ? beta : 1,
        dk + key, leadingC: layout.keyStride)
    }
  }
}

/// What an empty product leaves: zeros where nothing was before.
private func clear(_ buffer: UnsafeMutableBufferPointer<Float>, _ beta: Float) {
  if beta == 0 { buffer.update(repeating: 0) }
}

/// Calls a closure with the memory of tensors, none of which is empty.
private func with(_ a: Tensor, _ b: Tensor, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
  a.withUnsafeElements { a in
    b.withUnsafeElements { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      body(a, b)
    }
  }
}

private func with(
  _ a: Tensor, _ b: Tensor, _ c: Tensor,
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
  with(a, b) { a, b in
    c.withUnsafeElements { c in
      guard let c = c.baseAddress else { return }
      body(a, b, c)
    }
  }
}
