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

extension AttentionLayout {
  /// Queries that are taken together: of the scores above the diagonal most are then never computed.
  var queryBlock: Int { min(max(32, (queries / 4 + 31) / 32 * 32), 128) }

  /// The blocks of queries, and the number of leading keys that the last query of each sees.
  func blocks(isCausal: Bool) -> [(queries: Range<Int>, seen: Int)] {
    stride(from: 0, to: queries, by: queryBlock).map { first in
      let end = min(first + queryBlock, queries)
      return (first..<end, isCausal ? keys - queries + end : keys)
    }
  }

  /// Whether keys and values are worth turning into columns: products with many rows are much faster so.
  var turnsKeys: Bool { queries >= 16 }
}

/// softmax(scale · q·kᵀ)·v for each head, with what is to be kept of the way there.
///
/// With `forGradients` the pattern is kept too, but nothing is written where a whole block of queries sees no key.
func attend(
  _ layout: AttentionLayout, _ q: Tensor, _ k: Tensor, _ v: Tensor, _ scale: Float, _ isCausal: Bool,
  keeping kept: AttentionParts, forGradients: Bool = false
) -> (mixture: Tensor, pattern: Tensor?, scores: Tensor?) {
  let shape = [layout.batch, layout.heads, layout.queries, layout.keys]
  let keepsPattern = kept.contains(.pattern) || forGradients
  var mixture = Tensor(uninitialized: [layout.batch, layout.queries, layout.heads, layout.width])
  var pattern = Tensor(uninitialized: keepsPattern ? shape : [0])
  var scores = Tensor(uninitialized: kept.contains(.scores) ? shape : [0])
  let run = AttentionRun(
    layout: layout, blocks: layout.blocks(isCausal: isCausal), scale: scale, isCausal: isCausal,
    fillsPattern: kept.contains(.pattern))
  mixture.withUnsafeMutableElements { z in
    pattern.withUnsafeMutableElements { pattern in
      scores.withUnsafeMutableElements { scores in
        guard !layout.isEmpty, let z = z.baseAddress else { return clear(z, 0) }
        withPointers(q, k, v) { q, k, v in
          let work = layout.queries * layout.keys * layout.width
          Parallelism.forEachRange(layout.batch * layout.heads, grain: 1 + (1 << 18) / work) { heads in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: run.scratchCount(keepsPattern)) { scratch in
              guard let scratch = scratch.baseAddress else { return }
              for head in heads {
                let at = layout.offsets(ofHead: head)
                run.attend(
                  q + at.query, k + at.key, v + at.key, pattern.baseAddress.map { $0 + at.pattern },
                  scores.baseAddress.map { $0 + at.pattern }, z + at.query, scratch)
              }
            }
          }
        }
      }
    }
  }
  return (mixture, keepsPattern ? pattern : nil, kept.contains(.scores) ? scores : nil)
}

/// What the heads of one call have in common.
private struct AttentionRun {
  let layout: AttentionLayout
  let blocks: [(queries: Range<Int>, seen: Int)]
  let scale: Float
  let isCausal, fillsPattern: Bool

  /// Room for the keys as columns, and for the scores of one block where no pattern is kept.
  func scratchCount(_ keepsPattern: Bool) -> Int {
    (layout.turnsKeys ? layout.keys * layout.width : 0)
      + max(1, keepsPattern ? 0 : min(layout.queryBlock, layout.queries) * layout.keys)
  }

  /// One head of one row of the batch.
  func attend(
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    _ pattern: UnsafeMutablePointer<Float>?, _ scores: UnsafeMutablePointer<Float>?, _ z: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (queries, keys, turns) = (layout.queries, layout.keys, layout.turnsKeys)
    let room = turns ? scratch + keys * layout.width : scratch
    if turns {
      Kernels.transpose(k, stride: layout.keyStride, rows: keys, columns: layout.width, into: scratch, pitch: keys)
    }
    for (range, seen) in blocks {
      let (first, rows) = (range.lowerBound, range.count)
      let block = pattern.map { $0 + first * keys } ?? room
      let leading = pattern == nil ? seen : keys
      let raw = scores.map { $0 + first * keys } ?? block
      let rawLeading = scores == nil ? leading : keys
      BLAS.gemm(
        transposeB: !turns, rows: rows, columns: seen, inner: layout.width, alpha: scale,
        q + first * layout.queryStride, leadingA: layout.queryStride, turns ? UnsafePointer(scratch) : k,
        leadingB: turns ? keys : layout.keyStride, raw, leadingC: rawLeading)
      for row in 0..<rows {
        let visible = isCausal ? keys - queries + first + row + 1 : keys
        let (from, to) = (raw + row * rawLeading, block + row * leading)
        let factor = Float(1 / Kernels.exponentials(from, visible, less: Kernels.largest(from, visible), into: to))
        for key in 0..<visible { to[key] *= factor }
        (to + visible).update(repeating: 0, count: (fillsPattern ? leading : seen) - visible)
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
