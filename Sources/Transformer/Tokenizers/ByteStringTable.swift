// A hash table from byte strings to their order of arrival: the pieces of a vocabulary, and the words of a text.
//
// Swift's Dictionary of String would take canonically equivalent pieces for one, and is several times slower.

/// Distinct byte strings, numbered 0, 1, 2… as they are inserted.
struct ByteStringTable: Sendable {
  /// All strings, one behind the other.
  private var bytes: [UInt8] = []
  /// Where each string begins, and the end of the last.
  private var starts = [0]
  /// A hash of each string.
  private var hashes: [UInt32] = []
  /// Open addressing: 1 + the number of a string, or 0 where a slot is free. The count is a power of two.
  private var slots = [Int32](repeating: 0, count: 64)

  /// The number of strings.
  var count: Int { hashes.count }

  /// The number of bytes of all strings.
  var byteCount: Int { bytes.count }

  /// The string of a number.
  subscript(_ index: Int) -> ArraySlice<UInt8> { bytes[starts[index]..<starts[index + 1]] }

  /// The number of a string, or nil when it was not inserted.
  func find(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
    let slot = slots[slot(of: key, Self.hash(key))]
    return slot == 0 ? nil : Int(slot) - 1
  }

  /// The number of a string, or nil when it was not inserted.
  func find(_ key: some Sequence<UInt8>) -> Int? {
    key.withContiguousStorageIfAvailable { find($0) } ?? Array(key).withUnsafeBufferPointer { find($0) }
  }

  /// The number of a string that is inserted unless it is there.
  mutating func insert(_ key: UnsafeBufferPointer<UInt8>) -> (index: Int, isNew: Bool) {
    let hash = Self.hash(key)
    var slot = slot(of: key, hash)
    if slots[slot] != 0 { return (Int(slots[slot]) - 1, false) }
    if 2 * (count + 1) > slots.count {
      grow()
      slot = self.slot(of: key, hash)
    }
    bytes.append(contentsOf: key)
    starts.append(bytes.count)
    hashes.append(hash)
    slots[slot] = Int32(count)
    return (count - 1, true)
  }

  /// The number of a string that is inserted unless it is there.
  mutating func insert(_ key: [UInt8]) -> (index: Int, isNew: Bool) { key.withUnsafeBufferPointer { insert($0) } }

  /// The slot that holds a string, or the free one where it belongs.
  private func slot(of key: UnsafeBufferPointer<UInt8>, _ hash: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if hashes[index] == hash, equals(index, key) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func equals(_ index: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = starts[index]
    guard starts[index + 1] - start == key.count else { return false }
    for place in 0..<key.count where bytes[start + place] != key[place] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: 0, count: 2 * slots.count)
    let mask = slots.count - 1
    for index in hashes.indices {
      var slot = Int(hashes[index]) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(index + 1)
    }
  }

  /// FNV-1a of 64 bits, folded.
  private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash ^= hash >> 32
    return UInt32(truncatingIfNeeded: hash &* 0x9e37_79b9_7f4a_7c15 >> 32)
  }
}
