// The bytes of a pickle, taken one after the other through a small window, so that the tensors which may follow it in
// the same file are never loaded with it.

/// A place in a region of bytes that moves forward.
struct PickleInput {
  private let region: ByteRegion
  private let file: String
  /// Where the pickle must have ended.
  private let end: Int
  private var window: [UInt8] = []
  private var windowStart: Int
  private var index = 0

  /// The most bytes that a pickle may have; the tensors are not among them.
  static let limit = 1 << 26

  private static let windowBytes = 1 << 14

  init(_ region: ByteRegion, from start: Int, file: String) {
    self.region = region
    self.file = file
    windowStart = start
    end = min(region.count, start + Self.limit)
  }

  /// The number of bytes of the region before the next byte.
  var place: Int { windowStart + index }

  /// The next byte.
  mutating func byte() throws(CheckpointError) -> UInt8 {
    if index == window.count { try refill(1) }
    defer { index += 1 }
    return window[index]
  }

  /// The next bytes; their number is checked against what is there before it is believed.
  mutating func bytes(_ count: Int) throws(CheckpointError) -> ArraySlice<UInt8> {
    if window.count - index < count { try refill(count) }
    defer { index += count }
    return window[index..<index + count]
  }

  /// The next bytes as an unsigned integer, little-endian.
  mutating func unsigned(_ width: Int) throws(CheckpointError) -> Int {
    try bytes(width).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A number of bytes that follow, in 64 bits; no more than are there.
  mutating func length() throws(CheckpointError) -> Int {
    let length = try bytes(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(end - place) else { throw fail("it says that \(length) bytes follow; \(end - place) do") }
    return Int(length)
  }

  /// The bytes up to a line's end, which is passed over.
  mutating func line() throws(CheckpointError) -> ArraySlice<UInt8> {
    var text: [UInt8] = []
    while true {
      let next = try byte()
      if next == UInt8(ascii: "\n") { return text[...] }
      text.append(next)
      guard text.count <= 1000 else { throw fail("has a line of more than 1000 bytes") }
    }
  }

  /// An error about the pickle at this place.
  func fail(_ reason: String) -> CheckpointError {
    CheckpointError(file: file, reason: "byte \(place) of the pickle: \(reason)")
  }

  private mutating func refill(_ count: Int) throws(CheckpointError) {
    let start = place
    guard count <= end - start else {
      throw end < region.count ? fail("it has more than \(Self.limit) bytes") : fail("it ends within an instruction")
    }
    // What is left of the window is kept: an archive's entry can only be read forward.
    let known = windowStart + window.count
    window = window[index...] + (try region.bytes(known..<min(end, max(start + count, known + Self.windowBytes))))
    windowStart = start
    index = 0
  }
}
