// Keeping the largest latents: k of each sample (Gao et al. 2024), k·batch of a batch (Bussmann et al. 2024), or those
// above a threshold. All take latents after the ReLU, so what is kept is positive; of equal ones the first are kept.
//
// Counts are multiples of eight. Most latents are far from the boundary, so whole vectors are compared with it first.

/// What selects latents by their size.
enum LargestLatents {
  typealias Elements = UnsafeMutablePointer<Float>
  private typealias Lanes = SIMD8<Float>

  /// Keeps the k largest of each row.
  static func keep(_ k: Int, ofEachOf rows: Int, _ latents: Elements, width: Int) -> LatentKernels.Activity {
    var activity = LatentKernels.Activity()
    withUnsafeTemporaryAllocation(of: Float.self, capacity: k) { heap in
      guard let heap = heap.baseAddress else { return }
      for row in 0..<rows {
        let line = latents + row * width
        heap.initialize(repeating: 0, count: k)
        for first in stride(from: 0, to: width, by: 8) where any(load(line + first) .> heap[0]) {
          for index in first..<first + 8 where line[index] > heap[0] {
            replaceLeast(of: heap, count: k, by: line[index])
          }
        }
        activity += keep(from: heap[0], atMost: k, line, count: width)
      }
    }
    return activity
  }

  /// Keeps the k largest of all, and returns the smallest of them too: infinity for none.
  static func keep(
    _ k: Int, of latents: Elements, count: Int
  ) -> (activity: LatentKernels.Activity, smallest: Float) {
    let least = value(ofRank: k, in: latents, count: count)
    let activity = keep(from: least, atMost: k, latents, count: count)
    guard least == 0 else { return (activity, least) }
    var smallest = Float.infinity
    for index in 0..<count where latents[index] > 0 { smallest = min(smallest, latents[index]) }
    return (activity, smallest)
  }

  /// Keeps what exceeds a threshold.
  static func keep(above threshold: Float, _ latents: Elements, count: Int) -> LatentKernels.Activity {
    keep(latents, count: count) { $0 .> threshold }
  }

  /// Keeps what is positive and not below `least`; if that is more than `limit`, not the last of those that equal it.
  private static func keep(from least: Float, atMost limit: Int, _ latents: Elements, count: Int)
    -> LatentKernels.Activity
  {
    var activity = keep(latents, count: count) { ($0 .>= least) .& ($0 .> 0) }
    guard least > 0 else { return activity }
    var index = count
    while Int(activity.active) > limit {
      index -= 1
      guard latents[index] == least else { continue }
      latents[index] = 0
      activity.active -= 1
      activity.sum -= Double(least)
    }
    return activity
  }

  @inline(__always)
  private static func keep(
    _ latents: Elements, count: Int, where isKept: (SIMD8<Float>) -> SIMDMask<SIMD8<Int32>>
  ) -> LatentKernels.Activity {
    var activity = LatentKernels.Activity()
    // Sums in single precision of no more than so many at a time.
    for start in stride(from: 0, to: count, by: 4096) {
      var (sum, active) = (Lanes.zero, Lanes.zero)
      for first in stride(from: start, to: min(start + 4096, count), by: 8) {
        let value = load(latents + first)
        let mask = isKept(value)
        let kept = Lanes.zero.replacing(with: value, where: mask)
        sum += kept
        active += Lanes.zero.replacing(with: 1, where: mask)
        UnsafeMutableRawPointer(latents + first).storeBytes(of: kept, as: Lanes.self)
      }
      activity += LatentKernels.Activity(sum: Double(sum.sum()), active: Double(active.sum()))
    }
    return activity
  }

  /// Puts a value in the place of a heap's least, which lies first.
  @inline(__always)
  private static func replaceLeast(of heap: Elements, count: Int, by value: Float) {
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < count else { break }
      if child + 1 < count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < value else { break }
      heap[hole] = heap[child]
      hole = child
    }
    heap[hole] = value
  }

  /// The k-th largest value; zero if no more than k are positive.
  ///
  /// Positive floats are ordered as their bits are. The first eleven are settled by counting all values, the others by
  /// counting those that agree so far.
  private static func value(ofRank k: Int, in values: UnsafePointer<Float>, count: Int) -> Float {
    let bins = 1 << 11
    var counts = [Int](repeating: 0, count: bins)
    for index in 0..<count { counts[Int(values[index].bitPattern >> 21)] += 1 }
    var missing = k
    /// The bin of the value that is sought, of which those above are more than it needs.
    func settle(_ bins: Int) -> Int? {
      for bin in stride(from: bins - 1, through: 0, by: -1) {
        if missing <= counts[bin] { return bin }
        missing -= counts[bin]
      }
      return nil
    }
    guard let first = settle(bins), first > 0 else { return 0 }
    var bits = UInt32(first) << 21
    return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: counts[first]) { candidates in
      var found = 0
      let (low, high) = (Float(bitPattern: bits), Float(bitPattern: bits | 0x1f_ffff))
      for start in stride(from: 0, to: count, by: 8) {
        let lanes = load(values + start)
        guard any((lanes .>= low) .& (lanes .<= high)) else { continue }
        for index in start..<start + 8 where values[index] >= low && values[index] <= high {
          candidates[found] = values[index].bitPattern
          found += 1
        }
      }
      for (shift, width) in [(UInt32(10), 11), (0, 10)] {
        counts.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        let agreed = shift + UInt32(width)
        for candidate in candidates[..<found] where candidate >> agreed == bits >> agreed {
          counts[Int(candidate >> shift) & (1 << width - 1)] += 1
        }
        bits |= UInt32(settle(1 << width) ?? 0) << shift
      }
      return Float(bitPattern: bits)
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }
}
