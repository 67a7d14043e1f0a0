// Keeping the largest latents: k of each sample (Gao et al. 2024), k·batch of a batch (Bussmann et al. 2024), or those
// above a threshold. All take latents after the ReLU, so what is kept is positive; of equal ones the first are kept.

/// What selects latents by their size.
enum LargestLatents {
  typealias Elements = UnsafeMutablePointer<Float>

  /// Keeps the k largest of each row.
  static func keep(_ k: Int, ofEachOf rows: Int, _ latents: Elements, width: Int) -> LatentKernels.Activity {
    var activity = LatentKernels.Activity()
    var counts = [Int32](repeating: 0, count: bins)
    counts.withUnsafeMutableBufferPointer { counts in
      guard let counts = counts.baseAddress else { return }
      for row in 0..<rows {
        let line = latents + row * width
        let (least, ties) = boundary(k, of: line, count: width, counts)
        activity += keep(from: least, ties: ties, line, count: width)
      }
    }
    return activity
  }

  /// Keeps the k largest of all, and returns the smallest of them too: infinity for none.
  static func keep(
    _ k: Int, of latents: Elements, count: Int
  ) -> (activity: LatentKernels.Activity, smallest: Float) {
    var counts = [Int32](repeating: 0, count: bins)
    return counts.withUnsafeMutableBufferPointer { counts in
      guard let counts = counts.baseAddress else { return (LatentKernels.Activity(), .infinity) }
      let (least, ties) = boundary(k, of: latents, count: count, counts)
      let activity = keep(from: least, ties: ties, latents, count: count)
      var smallest = Float.infinity
      for index in 0..<count where latents[index] > 0 && latents[index] < smallest { smallest = latents[index] }
      return (activity, smallest)
    }
  }

  /// Keeps what exceeds a threshold.
  static func keep(above threshold: Float, _ latents: Elements, count: Int) -> LatentKernels.Activity {
    var (sum, active) = (0.0, 0)
    for index in 0..<count {
      let value = latents[index]
      let isKept = value > threshold
      latents[index] = isKept ? value : 0
      sum += isKept ? Double(value) : 0
      active += isKept ? 1 : 0
    }
    return LatentKernels.Activity(sum: sum, active: Double(active))
  }

  /// Keeps what exceeds `least`, and so many that equal it.
  private static func keep(from least: Float, ties: Int, _ values: Elements, count: Int) -> LatentKernels.Activity {
    var (sum, active, ties) = (0.0, 0, ties)
    for index in 0..<count {
      let value = values[index]
      guard value > 0 else { continue }
      var isKept = value > least
      if value == least && ties > 0 {
        isKept = true
        ties -= 1
      }
      values[index] = isKept ? value : 0
      sum += isKept ? Double(value) : 0
      active += isKept ? 1 : 0
    }
    return LatentKernels.Activity(sum: sum, active: Double(active))
  }

  // Positive floats are ordered as their bits are, eleven of which are settled in each of three passes.
  private static let bins = 1 << 11

  /// The k-th largest positive value and how many of its equals belong to the k; zero if there are no more than k.
  private static func boundary(
    _ k: Int, of values: Elements, count: Int, _ counts: UnsafeMutablePointer<Int32>
  ) -> (least: Float, ties: Int) {
    var (settled, mask, missing) = (UInt32(0), UInt32(0), k)
    for shift: UInt32 in [21, 10, 0] {
      let digits: UInt32 = shift == 0 ? 0x3ff : 0x7ff
      counts.update(repeating: 0, count: bins)
      for index in 0..<count {
        let bits = values[index].bitPattern
        if bits & mask == settled && bits != 0 { counts[Int(bits >> shift & digits)] += 1 }
      }
      var bin = Int(digits)
      while bin > 0, missing > Int(counts[bin]) {
        missing -= Int(counts[bin])
        bin -= 1
      }
      if mask == 0 && bin == 0 && missing > Int(counts[0]) { return (0, 0) }
      settled |= UInt32(bin) << shift
      mask |= digits << shift
    }
    return (Float(bitPattern: settled), missing)
  }
}
