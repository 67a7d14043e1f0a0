// Attention on plain memory: scores, causal mask, softmax and weighted values, head by head, without transposing.
//
// Heads lie side by side within a position, so one head is a matrix whose rows are `heads · dHead` apart: BLAS reads and
// writes it in place. Queries are taken in blocks, each against the keys that its last one sees; a block's scores stay
// in the second-level cache until they have been used, unless somebody wants to see them.

/// The extents of one attention call and the matrices of its heads.
struct AttentionLayout {
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

  /// Where the matrices of one of the `batch · heads` heads begin.
  func offsets(ofHead index: Int) -> (query: Int, key: Int, pattern: Int) {
    let (row, head) = (index / heads, index % heads)
    return (
      row * queries * queryStride + head * width, row * keyCapacity * keyStride + head / (heads / keyHeads) * width,
      index * queries * keys
    )
  }

  /// Calls a closure for each head of each batch row with the offsets of its matrices.
  ///
  /// `isFirst` says that the head is the first of those that share its keys and values.
  func forEachHead(_ body: (_ query: Int, _ key: Int, _ pattern: Int, _ isFirst: Bool) -> Void) {
    let group = heads / max(keyHeads, 1)
    for index in 0..<batch * heads {
      let at = offsets(ofHead: index)
      body(at.query, at.key, at.pattern, index % heads % group == 0)
    }
  }
}

/// Queries that are taken together: half the scores above the diagonal are then never computed.
private let queryBlock = 128

/// softmax(scale · q·kᵀ)·v for each head, with what is to be kept of the way there.
func attend(
  _ layout: AttentionLayout, _ q: Tensor, _ k: Tensor, _ v: Tensor, _ scale: Float, _ isCausal: Bool,
  keeping kept: AttentionParts
) -> (mixture: Tensor, pattern: Tensor?, scores: Tensor?) {
  let shape = [layout.batch, layout.heads, layout.queries, layout.keys]
  var mixture = Tensor(uninitialized: [layout.batch, layout.queries, layout.heads, layout.width])
  var pattern = Tensor(uninitialized: kept.contains(.pattern) ? shape : [0])
  var scores = Tensor(uninitialized: kept.contains(.scores) ? shape : [0])
  mixture.withUnsafeMutableElements { z in
    pattern.withUnsafeMutableElements { pattern in
      scores.withUnsafeMutableElements { scores in
        guard !layout.isEmpty, let z = z.baseAddress else { return clear(z, 0) }
        withPointers(q, k, v) { q, k, v in
          let patternStart = kept.contains(.pattern) ? pattern.baseAddress : nil
          let scoresStart = kept.contains(.scores) ? scores.baseAddress : nil
          let work = layout.queries * layout.keys * layout.width
          Parallelism.forEachRange(layout.batch * layout.heads, grain: 1 + (1 << 18) / work) { heads in
            for head in heads {
              let at = layout.offsets(ofHead: head)
              attendHead(
                layout, q + at.query, k + at.key, v + at.key, scale, isCausal, patternStart.map { $0 + at.pattern },
                scoresStart.map { $0 + at.pattern }, z + at.query)
            }
          }
        }
      }
    }
  }
  return (mixture, kept.contains(.pattern) ? pattern : nil, kept.contains(.scores) ? scores : nil)
}

/// One head of one row of the batch.
private func attendHead(
  _ layout: AttentionLayout, _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
  _ scale: Float, _ isCausal: Bool, _ pattern: UnsafeMutablePointer<Float>?, _ scores: UnsafeMutablePointer<Float>?,
  _ z: UnsafeMutablePointer<Float>
) {
  let (queries, keys) = (layout.queries, layout.keys)
  let scratchCount = pattern == nil ? min(queryBlock, queries) * keys : 0
  withUnsafeTemporaryAllocation(of: Float.self, capacity: scratchCount) { scratch in
    for first in stride(from: 0, to: queries, by: queryBlock) {
      let rows = min(queryBlock, queries - first)
      let seen = isCausal ? keys - queries + first + rows : keys
      guard let block = pattern.map({ $0 + first * keys }) ?? scratch.baseAddress else { return }
      let leading = pattern == nil ? seen : keys
      let raw = scores.map { $0 + first * keys } ?? block
      let rawLeading = scores == nil ? leading : keys
      BLAS.gemm(
        transposeB: true, rows: rows, columns: seen, inner: layout.width, alpha: scale,
        q + first * layout.queryStride, leadingA: layout.queryStride, k, leadingB: layout.keyStride, raw,
        leadingC: rawLeading)
      for row in 0..<rows {
        let visible = isCausal ? keys - queries + first + row + 1 : keys
        let (from, to) = (raw + row * rawLeading, block + row * leading)
        Kernels.softmax(
          UnsafeBufferPointer(start: from, count: visible), columns: visible,
          into: UnsafeMutableBufferPointer(start: to, count: visible))
        (to + visible).update(repeating: 0, count: leading - visible)
        if scores != nil { (from + visible).update(repeating: -.infinity, count: keys - visible) }
      }
      BLAS.gemm(
        rows: rows, columns: layout.width, inner: seen, block, leadingA: leading, v, leadingB: layout.keyStride,
        z + first * layout.queryStride, leadingC: layout.queryStride)
    }
  }
}

/// z = pattern · v
func mixture(_ layout: AttentionLayout, _ pattern: Tensor, _ v: Tensor) -> Tensor {
  var result = Tensor(uninitialized: [layout.batch, layout.queries, layout.heads, layout.width])
  result.withUnsafeMutableElements { z in
    guard !layout.isEmpty, let z = z.baseAddress else { return clear(z, 0) }
    withPointers(pattern, v) { pattern, v in
      layout.forEachHead { query, key, offset, _ in
        BLAS.gemm(
          rows: layout.queries, columns: layout.width, inner: layout.keys, pattern + offset, leadingA: layout.keys,
          v + key, leadingB: layout.keyStride, z + query, leadingC: layout.queryStride)
      }
    }
  }
  return result
}
