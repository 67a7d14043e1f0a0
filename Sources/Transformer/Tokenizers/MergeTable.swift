// Merging byte pairs: of all neighbours in a word, the pair of the lowest rank becomes one piece, until none is left.
//
// A heap of candidates over a linked list of pieces merges a word of n pieces in O(n log n), so a line of a megabyte without
// a space is no trap. Equal ranks are merged from left to right. Source: Sennrich et al. 2016, arXiv:1508.07909.

/// The pairs of pieces that merge: for each the rank and the piece that they become.
struct MergeTable: Sendable {
  /// Open addressing: left id << 32 | right id, or `free`. The count is a power of two.
  private var keys: [UInt64]
  /// Rank << 32 | id of the merged piece.
  private var values: [UInt64]
  private var count = 0

  private static let free = UInt64.max
  private static let absent = UInt64.max
  private static let rankBits: UInt64 = 0xffff_ffff_0000_0000

  init(minimumCapacity: Int) {
    var capacity = 16
    while capacity < 2 * minimumCapacity { capacity *= 2 }
    keys = [UInt64](repeating: Self.free, count: capacity)
    values = [UInt64](repeating: Self.absent, count: capacity)
  }

  /// Sets what a pair becomes. A later rank replaces an earlier one, as in Hugging Face's reader.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int, merged: Int32) {
    if 2 * (count + 1) > keys.count { grow() }
    let key = Self.key(left, right)
    let slot = slot(of: key)
    if keys[slot] == Self.free { count += 1 }
    keys[slot] = key
    values[slot] = UInt64(rank) << 32 | UInt64(merged)
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
    while keys[slot] != key, keys[slot] != Self.free { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, values)
    keys = [UInt64](repeating: Self.free, count: 2 * old.0.count)
    values = [UInt64](repeating: Self.absent, count: 2 * old.0.count)
    for (key, value) in zip(old.0, old.1) where key != Self.free {
      let slot = slot(of: key)
      keys[slot] = key
      values[slot] = value
    }
  }

  /// Rank and merged piece of a pair, or `absent`.
  private func value(_ left: Int32, _ right: Int32) -> UInt64 { values[slot(of: Self.key(left, right))] }

  /// The buffers of merges, kept from word to word.
  struct Workspace {
    /// The pieces of the word: what is to be merged, and the result.
    var pieces: [Int32] = []
    /// The places of the next and the previous piece; -1 behind the last and before the first.
    fileprivate var next: [Int32] = []
    fileprivate var previous: [Int32] = []
    /// Candidates, rank << 32 | place of the left piece, as a binary heap with the lowest first.
    fileprivate var heap: [UInt64] = []
  }

  /// Merges the pieces of a word in place.
  func merge(_ work: inout Workspace) {
    let count = work.pieces.count
    guard count > 1 else { return }
    work.heap.removeAll(keepingCapacity: true)
    for place in 0..<count - 1 {
      let value = value(work.pieces[place], work.pieces[place + 1])
      if value != Self.absent { work.heap.append(value & Self.rankBits | UInt64(place)) }
    }
    guard !work.heap.isEmpty else { return }
    work.next.removeAll(keepingCapacity: true)
    work.previous.removeAll(keepingCapacity: true)
    for place in 0..<Int32(count) {
      work.next.append(place + 1 < count ? place + 1 : -1)
      work.previous.append(place - 1)
    }
    for place in stride(from: work.heap.count / 2 - 1, through: 0, by: -1) { work.heap.siftDown(place) }

    while let candidate = work.heap.popLowest() {
      let place = Int(candidate & 0xffff_ffff)
      let right = Int(work.next[place])
      guard work.pieces[place] >= 0, right >= 0 else { continue }
      // A candidate is out of date when its pieces have been merged with others since.
      let merge = value(work.pieces[place], work.pieces[right])
      guard merge != Self.absent, merge >> 32 == candidate >> 32 else { continue }
      let merged = Int32(truncatingIfNeeded: merge)
      work.pieces[place] = merged
      work.pieces[right] = -1
      let (left, beyond) = (Int(work.previous[place]), Int(work.next[right]))
      work.next[place] = Int32(beyond)
      if beyond >= 0 {
        work.previous[beyond] = Int32(place)
        let value = value(merged, work.pieces[beyond])
        if value != Self.absent { work.heap.push(value & Self.rankBits | UInt64(place)) }
      }
      if left >= 0 {
        let value = value(work.pieces[left], merged)
        if value != Self.absent { work.heap.push(value & Self.rankBits | UInt64(left)) }
      }
    }
    work.pieces.removeAll { $0 < 0 }
  }
}

extension [UInt64] {
  fileprivate mutating func push(_ value: UInt64) {
    append(value)
    var child = count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if self[parent] <= value { break }
      self[child] = self[parent]
      child = parent
    }
    self[child] = value
  }

  fileprivate mutating func popLowest() -> UInt64? {
    guard let lowest = first, let last = popLast() else { return nil }
    if !isEmpty {
      self[0] = last
      siftDown(0)
    }
    return lowest
  }

  fileprivate mutating func siftDown(_ start: Int) {
    let value = self[start]
    var parent = start
    while true {
      var child = 2 * parent + 1
      if child >= count { break }
      if child + 1 < count, self[child + 1] < self[child] { child += 1 }
      if self[child] >= value { break }
      self[parent] = self[child]
      parent = child
    }
    self[parent] = value
  }
}
