// The way back through attention, head by head: the gradient of a block's scores is used up while it is in the cache.
//
// Queries are taken in the blocks of the way forward. The last block goes first: it sees every key, so what it writes to
// the gradients of keys and values needs no zeros there before.

/// The gradients of queries, keys and values, those that are wanted, given the pattern of the way forward.
///
/// Of the pattern only what a block of queries sees is read.
func attentionGradients(
  _ layout: AttentionLayout, _ pattern: Tensor, _ gradient: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor,
  _ scale: Float, _ isCausal: Bool, wanted: (q: Bool, k: Bool, v: Bool)
) -> (q: Tensor?, k: Tensor?, v: Tensor?) {
  var dq = Tensor(uninitialized: wanted.q ? q.shape : [0])
  var dk = Tensor(uninitialized: wanted.k ? k.shape : [0])
  var dv = Tensor(uninitialized: wanted.v ? v.shape : [0])
  dq.withUnsafeMutableElements { dq in
    dk.withUnsafeMutableElements { dk in
      dv.withUnsafeMutableElements { dv in
        guard !layout.isEmpty else {
          for empty in [dq, dk, dv] { clear(empty, 0) }
          return
        }
        withPointers(q, k, v) { q, k, v in
          withPointers(pattern, gradient) { pattern, dz in
            let way = AttentionWayBack(
              layout: layout, blocks: layout.blocks(isCausal: isCausal).reversed(), scale: scale, pattern: pattern,
              dz: dz, q: q, k: k, v: v, dq: dq.baseAddress, dk: dk.baseAddress, dv: dv.baseAddress)
            let work = layout.queries * layout.keys * layout.width * layout.heads / layout.keyHeads
            Parallelism.forEachRange(layout.batch * layout.keyHeads, grain: 1 + (1 << 17) / work) { way.run($0) }
          }
        }
      }
    }
  }
  return (wanted.q ? dq : nil, wanted.k ? dk : nil, wanted.v ? dv : nil)
}

/// What all heads of one way back read and write.
private struct AttentionWayBack: @unchecked Sendable {
  // Unchecked: heads of different key heads write to places of their own.
  let layout: AttentionLayout
  let blocks: [(queries: Range<Int>, seen: Int)]
  let scale: Float
  let pattern, dz, q, k, v: UnsafePointer<Float>
  let dq, dk, dv: UnsafeMutablePointer<Float>?

  /// The heads that share each of some of the `batch · keyHeads` keys and values.
  func run(_ keyHeads: Range<Int>) {
    let group = layout.heads / layout.keyHeads
    let turned = layout.width * layout.keys
    let blockCount = min(layout.queryBlock, layout.queries) * layout.keys
    withUnsafeTemporaryAllocation(of: Float.self, capacity: turned + blockCount) { scratch in
      guard let values = scratch.baseAddress else { return }
      for keyHead in keyHeads {
        for member in 0..<group { head(keyHead * group + member, isFirst: member == 0, values, values + turned) }
      }
    }
  }

  /// One head of one row of the batch, with room for its values as columns and for one block's scores.
  private func head(
    _ index: Int, isFirst: Bool, _ values: UnsafeMutablePointer<Float>, _ ds: UnsafeMutablePointer<Float>
  ) {
    let (keys, width, queryStride, keyStride) = (layout.keys, layout.width, layout.queryStride, layout.keyStride)
    let at = layout.offsets(ofHead: index)
    let needsScores = dq != nil || dk != nil
    if needsScores && isFirst {
      Kernels.transpose(v + at.key, stride: keyStride, rows: keys, columns: width, into: values, pitch: keys)
    }
    for (number, block) in blocks.enumerated() {
      let (rows, seen, query) = (block.queries.count, block.seen, at.query + block.queries.lowerBound * queryStride)
      let pattern = pattern + at.pattern + block.queries.lowerBound * keys
      let beta: Float = isFirst && number == 0 ? 0 : 1
      if let dv {
        BLAS.gemm(
          transposeA: true, rows: seen, columns: width, inner: rows, pattern, leadingA: keys, dz + query,
          leadingB: queryStride, beta: beta, dv + at.key, leadingC: keyStride)
      }
      guard needsScores else { continue }
      BLAS.gemm(
        rows: rows, columns: seen, inner: width, dz + query, leadingA: queryStride, values, leadingB: keys, ds,
        leadingC: seen)
      for row in 0..<rows { softmaxGradient(pattern + row * keys, ds + row * seen, seen) }
      if let dq {
        BLAS.gemm(
          rows: rows, columns: width, inner: seen, alpha: scale, ds, leadingA: seen, k + at.key, leadingB: keyStride,
          dq + query, leadingC: queryStride)
      }
      if let dk {
        BLAS.gemm(
          transposeA: true, rows: seen, columns: width, inner: rows, alpha: scale, ds, leadingA: seen, q + query,
          leadingB: queryStride, beta: beta, dk + at.key, leadingC: keyStride)
      }
    }
  }
}

/// d ← p ∘ (d − ⟨p, d⟩), which is 0 where p is, as it is above the diagonal.
private func softmaxGradient(_ p: UnsafePointer<Float>, _ d: UnsafeMutablePointer<Float>, _ count: Int) {
  var lanes = SIMD8<Float>()
  var index = 0
  while index + 8 <= count {
    lanes +=
      UnsafeRawPointer(p + index).loadUnaligned(as: SIMD8<Float>.self)
      * UnsafeRawPointer(d + index).loadUnaligned(as: SIMD8<Float>.self)
    index += 8
  }
  var mean = lanes.sum()
  while index < count {
    mean += p[index] * d[index]
    index += 1
  }
  for index in 0..<count { d[index] = p[index] * (d[index] - mean) }
}
