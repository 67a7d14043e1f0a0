// Which keys each query sees, and by how much distance lowers a score.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the scores of a layer are masked by.
struct AttentionMask {
  /// 1 where a query sees a key, `[batch or 1, 1, query, key]`.
  let visible: Tensor

  /// Builds the mask of the layers with one window; the queries are the last of the keys.
  ///
  /// A query that would see nothing, as padding does, sees itself, so that no softmax is undefined.
  init(
    _ configuration: TransformerConfiguration, window: Int?, batch: Int, queries: Int, keys: Int, padding: [Bool]?
  ) {
    let rows = padding == nil ? 1 : batch
    let isCausal = configuration.direction == .causal
    let window = window ?? Int.max
    var visible = Tensor(zeros: [rows, 1, queries, keys])
    visible.withUnsafeMutableElements { visible in
      for row in 0..<rows {
        for query in 0..<queries {
          let place = keys - queries + query
          let line = UnsafeMutableBufferPointer(rebasing: visible[((row * queries + query) * keys)...].prefix(keys))
          let first = max(0, place - min(window, keys) + 1)
          let end = isCausal ? place + 1 : min(keys, place + min(window, keys))
          line[first..<end].update(repeating: 1)
          if let padding {
            for key in first..<end where !padding[row * keys + key] { line[key] = 0 }
            line[place] = 1
          }
        }
      }
    }
    self.visible = visible
  }

  /// Whether a layer needs more than the plain causal or full attention.
  static func isNeeded(
    _ configuration: TransformerConfiguration, layer: Int, keys: Int, padding: [Bool]?
  ) -> Bool {
    padding != nil || keys > configuration.window(ofLayer: layer) ?? keys
  }

  /// The scores with −∞ where a query does not see a key.
  func apply(_ scores: Variable) -> Variable {
    let shape = scores.shape
    return Variable.select(
      where: visible.broadcast(to: shape), scores, otherwise: Variable(Tensor(repeating: -.infinity, shape)))
  }
}

/// The linear biases of ALiBi (Press, Smith and Lewis 2021), `[1, head, query, key]`: −slope · distance.
func alibiBiases(heads: Int, queries: Int, keys: Int) -> Tensor {
  var biases = Tensor(zeros: [1, heads, queries, keys])
  biases.withUnsafeMutableElements { biases in
    for (head, slope) in alibiSlopes(heads).enumerated() {
      for query in 0..<queries {
        let (place, row) = (keys - queries + query, (head * queries + query) * keys)
        for key in 0...place { biases[row + key] = slope * Float(key - place) }
      }
    }
  }
  return biases
}

/// The slope of each head: a geometric series from 2^(−8/n) for a power of two, and every other one of the next series
/// for what is beyond it.
func alibiSlopes(_ heads: Int) -> [Float] {
  func series(_ count: Int) -> [Float] { (1...max(count, 1)).map { powf(2, -8 * Float($0) / Float(count)) } }
  var power = 1
  while power * 2 <= heads { power *= 2 }
  let beyond = series(2 * power).enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  return Array((series(power) + beyond).prefix(heads))
}
