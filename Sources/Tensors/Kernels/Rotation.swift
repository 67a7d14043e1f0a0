// Turning pairs of elements of queries and keys: the loop of rotary position embedding (Su et al. 2021, equation 34).

extension Kernels {
  /// Turns the first `2 · half` elements of each head of one token by the angles of its position, in place.
  ///
  /// The heads are `[head, width]`; `cosines` are `half` cosines and as many sines behind them, whose sign is `sign`.
  /// Pairs are neighbours, or an element of the first half with one of the second.
  package static func rotate(
    _ token: UnsafeMutablePointer<Float>, heads: Int, width: Int, half: Int, cosines: UnsafePointer<Float>, sign: Float,
    isAdjacent: Bool
  ) {
    let sines = cosines + half
    for head in 0..<heads {
      let row = token + head * width
      if isAdjacent {
        for pair in 0..<half {
          let (a, b, c, s) = (row[2 * pair], row[2 * pair + 1], cosines[pair], sign * sines[pair])
          row[2 * pair] = a * c - b * s
          row[2 * pair + 1] = b * c + a * s
        }
      } else {
        for pair in 0..<half {
          let (a, b, c, s) = (row[pair], row[pair + half], cosines[pair], sign * sines[pair])
          row[pair] = a * c - b * s
          row[pair + half] = b * c + a * s
        }
      }
    }
  }
}
